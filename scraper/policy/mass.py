"""Many articles deleted at once is one event: told while it goes on, with those that belong to it.

Hides what is many: against what the source deletes otherwise, and with one bound to begin and a lower one to end.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta

from scraper.model import Change, ChangeKind

_WINDOW = timedelta(days=3)
"""A weekend: in December 2013 some 35,000 articles vanished in one (docs/design.md, "Who it is for")."""
_USUAL = timedelta(days=90)
_LEAST = 20
_TIMES = 10
"""It begins with so many suspicions within the window, and so many times what the 90 days before had in three days."""
_ENDS_BELOW = 2
"""It goes on while the window holds more than half of what it takes to begin: a lull in the night does not end it."""


def with_mass_deletions(changes: Iterable[Change]) -> tuple[Change, ...]:
    """The changes of one source, and after them one for each mass deletion among its suspicions.

    Its id, `url` and captures are those of the article whose suspicion was seen first, so that they stay while it grows.
    """
    kept = tuple(changes)
    suspected = sorted(
        (change for change in kept if change.kind is ChangeKind.SUSPECT_GONE),
        key=lambda change: (change.after_at, change.key, change.url),
    )
    return (*kept, *(_event(members) for members in _joined(_masses(suspected))))


def _joined(masses: Iterable[Sequence[Change]]) -> Iterable[Sequence[Change]]:
    """The same, where waves of which most articles were last seen before the one before them ended are one with it.

    Articles are asked for by a ladder: those that vanished in one night are missed on the days on which each is due.
    """
    before: Sequence[Change] = ()
    for members in masses:
        goes_on = before and sum(change.before_at <= before[-1].after_at for change in members) * 2 > len(members)
        if before and not goes_on:
            yield before
        before = (*before, *members) if goes_on else members
    if before:
        yield before


def _masses(suspected: Sequence[Change]) -> Iterable[Sequence[Change]]:
    times = [change.after_at for change in suspected]
    begun: int | None = None
    for last in range(len(suspected)):
        first = bisect_left(times, times[last] - _WINDOW)
        within = last - first + 1
        usual = (first - bisect_left(times, times[first] - _USUAL)) * (_WINDOW / _USUAL)
        bound = max(_LEAST, _TIMES * usual)
        if begun is not None and within * _ENDS_BELOW <= bound:
            yield suspected[begun:last]
            begun = None
        if begun is None and within >= bound:
            begun = first
    if begun is not None:
        yield suspected[begun:]


def _event(members: Sequence[Change]) -> Change:
    first, last = members[0], members[-1]
    return replace(
        first,
        kind=ChangeKind.MASS_DELETION,
        title=f"{len(members)} articles from {first.after_at:%Y-%m-%d %H:%M} to {last.after_at:%Y-%m-%d %H:%M} UTC",
        members=tuple(change.id for change in members),
    )
