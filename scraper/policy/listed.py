"""What became of the rows of a list from look to look: which article the outlet took off it, and which it still shows.

Hides how a row that was taken off is told from one that was pushed out, sorted elsewhere or cut off (docs/verdicts.md,
"Lists").
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

_LEAST = timedelta(hours=1)
"""From the first look without a row to the one that confirms it: a cache or a broken answer lasts less."""
_AGAIN = timedelta(days=3)
"""What is on any list within so long was moved, not taken off; and what is taken off several within so long, once."""
_LATELY = timedelta(days=7)
"""A list that showed it so lately and was not looked at since may show it still."""
_KEPT_OF_LOST = 2
"""Rows that stay for each that is gone: a list that lost more than that is another list, or was not read as before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One successful look at a list: what its rows are known by, from its top, each once."""

    list: str
    url: str
    record: str
    observed_at: datetime
    rows: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Vanished:
    """A row that was on a list between older and newer ones, and then was not: the last look with it, the first without."""

    identity: str
    shown: Look
    missing: Look


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Looks in a row at one list that show an article; `left_at` is the first one after them without it, if there was one."""

    list: str
    first_at: datetime
    last_at: datetime
    left_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Suspicion:
    """A row that is gone from between `above` and `below`. `pushed`: a row came in above it in the same look.

    `place` is where `above` stood then.
    """

    vanished: Vanished
    above: str
    below: str
    pushed: bool
    place: int

    def holds(self, look: Look) -> bool | None:
        """What a later look says: it was taken off, nothing yet, or (None) that this cannot be told.

        Where a row came in above, the other may have been the last of a full part of the page. Then `above` is the last one
        now, and no further row can come in above it without pushing it out: that it moves down and stays shows otherwise.
        """
        if self.vanished.identity in look.rows:
            return None
        late = look.observed_at - self.vanished.missing.observed_at >= _LEAST
        if not self.pushed:
            return late
        if self.above not in look.rows or self.below not in look.rows:
            return None
        return late and look.rows.index(self.above) > self.place


def vanished(looks: Iterable[Look]) -> Iterator[Vanished]:
    """The rows that were taken off one list, whose looks come in order.

    Nothing is said of a row at either end (newer ones push out, a page is cut), of a list whose rows changed places, nor of
    one that lost many at once.
    """
    before: Look | None = None
    open_: list[_Suspicion] = []
    for look in looks:
        said = [(each, each.holds(look)) for each in open_]
        yield from (each.vanished for each, holds in said if holds)
        open_ = [each for each, holds in said if holds is False]
        if before is not None and look.rows != before.rows:
            open_.extend(_taken_off(before, look))
        before = look


def _taken_off(before: Look, after: Look) -> Sequence[_Suspicion]:
    old, new = set(before.rows), set(after.rows)
    kept = [row for row in before.rows if row in new]
    if not kept or kept != [row for row in after.rows if row in old]:
        return ()
    found: list[_Suspicion] = []
    above = ""
    waiting: list[str] = []
    for row in before.rows:
        if row not in new:
            waiting.append(row)
            continue
        if above:
            ahead = after.rows[: after.rows.index(row)]
            pushed = any(each not in old for each in ahead)
            place = after.rows.index(above)
            found.extend(
                _Suspicion(
                    vanished=Vanished(identity=each, shown=before, missing=after),
                    above=above,
                    below=row,
                    pushed=pushed,
                    place=place,
                )
                for each in waiting
            )
        above, waiting = row, []
    return found if len(found) * _KEPT_OF_LOST <= len(kept) else ()


def delisted(gone: Vanished, stretches: Iterable[Stretch]) -> bool:
    """Whether an article that was taken off one list is on none: `stretches` are those of all its addresses and lists."""
    at = gone.missing.observed_at
    return not any(
        (each.last_at > at and each.first_at <= at + _AGAIN)
        or (each.list != gone.missing.list and each.left_at is None and each.last_at >= at - _LATELY)
        for each in stretches
    )


def once(gone: Iterable[Vanished]) -> Iterator[Vanished]:
    """Of the lists that one article was taken off together, the first."""
    last: datetime | None = None
    for each in sorted(gone, key=lambda each: (each.missing.observed_at, each.missing.list)):
        if last is None or each.missing.observed_at > last + _AGAIN:
            yield each
            last = each.missing.observed_at


def stretches(looks: Iterable[Look], wanted: frozenset[str]) -> Iterator[tuple[str, Stretch]]:
    """When one list, whose looks come in order, showed the wanted articles."""
    shown: dict[str, tuple[datetime, datetime]] = {}
    name = ""
    for look in looks:
        name, present = look.list, wanted.intersection(look.rows)
        for identity in sorted(shown.keys() - present):
            first, last = shown.pop(identity)
            yield identity, Stretch(list=name, first_at=first, last_at=last, left_at=look.observed_at)
        for identity in present:
            shown[identity] = (shown.get(identity, (look.observed_at,))[0], look.observed_at)
    for identity, (first, last) in sorted(shown.items()):
        yield identity, Stretch(list=name, first_at=first, last_at=last, left_at=None)
