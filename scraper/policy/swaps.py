"""Two articles that stand at each other's address: told from two rewritings, and never from one side alone.

Hides how the two sides are found among all changes of a source (docs/sources.md, "Identity").
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from scraper.model import Change, ChangeKind
from scraper.policy.compare import Observation

_TEXTS = (ChangeKind.RETITLED, ChangeKind.EDITED, ChangeKind.REDATED, ChangeKind.SECTION_DROPPED)
_WITHIN = timedelta(days=8)
"""Between the two sides: an outlet's silent changes come within eight days (docs/sources.md, "Edits")."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One text that took another's place at an address: its change of title, and the digests of both texts."""

    change: Change
    was: str
    became: str


def with_swaps(changes: Iterable[Change], turned: Iterable[Turn]) -> tuple[Change, ...]:
    """The changes of one source, where each pair of `turned` that undo each other is one swap instead of its changes of text.

    Both sides must be seen: each address showed what the other showed before, and the times between their captures are no more
    than eight days apart. Of three articles that change places in a ring no two have swapped.
    """
    kept = list(changes)
    for one, other in _pairs(turned):
        swapped = {(turn.change.key, turn.change.before, turn.change.after) for turn in (one, other)}
        kept = [item for item in kept if item.kind not in _TEXTS or (item.key, item.before, item.after) not in swapped]
        kept.append(_swap(one.change, other.change))
    return tuple(kept)


def turns(history: Iterable[Observation], changes: Iterable[Change]) -> Iterator[Turn]:
    """The changes of one address that put another title's text in the place of what it showed.

    Pages that hold several articles are left out: an item of theirs has no address of its own to swap.
    """
    texts = {seen.record: seen.article.text_sha256 for seen in history if seen.article is not None and not seen.further}
    for change in changes:
        if change.kind is ChangeKind.RETITLED and change.before in texts and change.after in texts:
            yield Turn(change=replace(change, operations=()), was=texts[change.before], became=texts[change.after])


def _pairs(turned: Iterable[Turn]) -> Iterator[tuple[Turn, Turn]]:
    """Turns that undo each other, each in one pair, the nearest in time first; in a pair, the one seen first is first."""
    by_texts: dict[tuple[str, str], list[Turn]] = defaultdict(list)
    for turn in sorted(turned, key=_seen):
        by_texts[turn.was, turn.became].append(turn)
    candidates = [
        (one, other)
        for (was, became), ones in by_texts.items()
        for one in ones
        for other in by_texts.get((became, was), ())
        if _seen(one) < _seen(other)
        and one.change.key != other.change.key
        and _apart(one.change, other.change) <= _WITHIN
    ]
    used: set[tuple[str, str]] = set()
    for one, other in sorted(candidates, key=lambda pair: (_apart(pair[0].change, pair[1].change), *map(_seen, pair))):
        sides = {(turn.change.key, turn.change.after) for turn in (one, other)}
        if not sides & used:
            used |= sides
            yield one, other


def _seen(turn: Turn) -> tuple[datetime, str, str]:
    return turn.change.after_at, turn.change.key, turn.change.after


def _apart(one: Change, other: Change) -> timedelta:
    """The time between the two stretches in which the addresses changed; none where they overlap."""
    return max(one.before_at - other.after_at, other.before_at - one.after_at, timedelta())


def _swap(one: Change, other: Change) -> Change:
    return replace(
        one,
        kind=ChangeKind.SWAPPED,
        words_removed=0,
        words_added=0,
        fields=(),
        other=other.url,
        other_before=other.before,
        other_after=other.after,
    )
