"""How many articles are usual on such a day? Learned per weekday from what is held, for days that no list shows as a whole.

Hides which days are learned from: those of the same weekday within half a year on either side, days off apart. What is usual is an
inference and never a fault.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from scraper.model import DayCount, Finding, Severity, Source
from scraper.policy.rhythm import WEEKDAYS, off

WEEKS = 8
"""So many days of a weekday are the least that anything is learned from."""

_AROUND = 26
"""So many weeks before and after a day tell what is usual on it: outlets change over the years."""
_LEFT_OUT = 10
"""One in so many of those days is left out at either end."""
_DAY = timedelta(days=1)

Range = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Few:
    """A day with fewer articles than usual."""

    day: date
    known: int
    usual: Range


@dataclass(slots=True)
class Usual:
    """The articles of a source, counted by day, one by one: a number a day, however many there are."""

    source: Source
    _known: Counter[date] = field(default_factory=Counter)
    _held: Counter[date] = field(default_factory=Counter)

    def add(self, day: date, *, held: bool) -> None:
        """Count one article."""
        self._known[day] += 1
        self._held[day] += held

    def on(self, day: date) -> Range | None:
        """The least and the most that are usual on a day; None where fewer than `WEEKS` days tell, or on a day off.

        A day between the first and the last article held counts with none, where none is.
        """
        if not self._held or off(self.source, day):
            return None
        first, last = min(self._held), max(self._held)
        near = (day + number * 7 * _DAY for number in range(-_AROUND, _AROUND + 1) if number)
        counts = sorted(self._held[one] for one in near if first <= one <= last and not off(self.source, one))
        out = len(counts) // _LEFT_OUT
        return (counts[out], counts[-1 - out]) if len(counts) >= WEEKS else None

    def unusual(
        self, since: date | None, until: date | None, unseen: Callable[[date], bool]
    ) -> tuple[dict[date, Range], tuple[Finding, ...]]:
        """What is usual on each day that is `unseen`, and a note for those with fewer, days in a row being one.

        Days are those from the first to the last of which anything is known. One of which nothing is known is among them only
        where something is usual.
        """
        if not self._known:
            return {}, ()
        first, last = max(min(self._known), since or date.min), min(max(self._known), until or date.max)
        days = (first + number * _DAY for number in range((last - first).days + 1))
        found = {day: usual for day in days if unseen(day) and (usual := self.on(day))}
        few = [_Few(day=day, known=self._known[day], usual=usual) for day, usual in found.items()]
        notes = tuple(self._note(run) for run in _runs(one for one in few if one.known < one.usual[0]))
        return {day: usual for day, usual in found.items() if self._known[day] or usual[0]}, notes

    def _note(self, run: list[_Few]) -> Finding:
        known, first, last = sum(one.known for one in run), run[0].day, run[-1].day
        usual = f"{sum(one.usual[0] for one in run)}-{sum(one.usual[1] for one in run)}"
        articles = "1 article" if known == 1 else f"{known} articles"
        when = f"on a {WEEKDAYS[first.weekday()].capitalize()}" if len(run) == 1 else f"on these {len(run)} days"
        return Finding(
            kind="inferred",
            severity=Severity.NOTE,
            source=self.source.id,
            subject=f"{self.source.id} {first}" if len(run) == 1 else f"{self.source.id} {first} to {last}",
            reason=f"{articles}, usually {usual} {when}; no list shows them as a whole",
            repair=f"scraper backfill {self.source.id} --since {first} --until {last}",
            day=first,
        )


def with_usual(days: Iterable[DayCount], usual: Mapping[tuple[str, date], Range]) -> tuple[DayCount, ...]:
    """The days with what is usual on each; a day of which nothing else is known is added."""
    by_place = {(day.source, day.day): day for day in days}
    for (source, day), found in usual.items():
        none = DayCount(source=source, day=day, expected=0, known=0, held=0, intact=0, readable=0)
        by_place[source, day] = replace(by_place.get((source, day), none), usual=found)
    return tuple(by_place[place] for place in sorted(by_place))


def _runs(few: Iterable[_Few]) -> Iterator[list[_Few]]:
    """The days in a row."""
    run: list[_Few] = []
    for one in few:
        if run and one.day - run[-1].day != _DAY:
            yield run
            run = []
        run.append(one)
    if run:
        yield run
