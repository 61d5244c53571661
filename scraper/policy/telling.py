"""Which changes a target is told of, and when one that does not take them is tried again.

Hides that what belongs to a mass deletion is told with it, and not article by article.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta, tzinfo

from scraper.model import Change, ChangeKind, Target
from scraper.policy.selection import Selection

_FIRST = timedelta(minutes=1)
_LAST = timedelta(hours=6)
_PART_OF_IT = (ChangeKind.SUSPECT_GONE, ChangeKind.CONFIRMED_GONE, ChangeKind.GONE_WHILE_LISTED)


def news(changes: Iterable[Change], target: Target, zone: tzinfo, begun_at: datetime) -> tuple[Change, ...]:
    """The changes of one source that a target is to be told of, in the order they were seen."""
    every = list(changes)
    wanted = Selection(kinds=frozenset(target.kinds), min_words=target.min_words)
    members = {member for each in every for member in each.members}
    gone = {(each.key, each.url) for each in every if each.id in members}
    found = (
        each
        for each in every
        if (not target.sources or each.source in target.sources)
        and each.after_at >= begun_at
        and wanted.takes(each, zone)
        and not (each.kind in _PART_OF_IT and (each.key, each.url) in gone)
    )
    return tuple(sorted(found, key=lambda each: (each.after_at, each.id)))


def wait(failures: int) -> timedelta:
    """After so many failures in a row: a minute, then twice as long each time, up to six hours."""
    return min(_FIRST * (1 << min(max(failures - 1, 0), 10)), _LAST)
