"""How the days of a completeness report look: what each of them is, and the calendar of a terminal.

Hides the folding: a line a month with a mark a day; a line a year with a mark a month where that would be many; and one line for
months in a row in which nobody looked. Shows what the report holds, and decides nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from rich.table import Table

from scraper.model import DayCount
from scraper.policy.audit import SETS

WORDS = {
    "whole": "all that was expected is held and readable",
    "part": "something expected is missing",
    "none": "nothing expected is held",
    "few": "fewer are known than is usual, and no list shows them all",
    "unseen": "nobody looked for hours of this day",
    "blind": "nobody looked, and nothing is expected",
    "quiet": "looked at, and nothing is expected",
}
_MARKS = {"whole": "#", "part": "+", "none": "x", "few": "<", "unseen": "?", "blind": "-", "quiet": "."}
_MANY_MONTHS = 24
"""More months of a source than these are shown as years."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """Some days of one source, and their marks."""

    first: str
    last: str
    marks: str
    days: tuple[DayCount, ...]


def state(day: DayCount) -> str:
    """Which of `WORDS` a day is."""
    if day.readable < day.expected:
        return "part" if day.readable else "none"
    if day.usual is not None and day.expected < day.usual[0]:
        return "few"
    if day.unobserved:
        return "unseen" if day.expected else "blind"
    return "whole" if day.expected else "quiet"


def calendar(days: Iterable[DayCount]) -> Table:
    """Source by day, with the sums of the five sets."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("source", "period", "days"):
        table.add_column(name, no_wrap=True)
    for name in SETS:
        table.add_column(name, justify="right")
    table.add_column("unobserved", no_wrap=True)
    for source, found in groupby(days, key=lambda day: day.source):
        for line in _folded(_lines(list(found))):
            period = line.first if line.first == line.last else f"{line.first} to {line.last}"
            whole = _sum(line.days)
            style = "" if state(whole) in ("whole", "quiet") else "yellow"
            sums = (str(getattr(whole, name)) for name in SETS)
            table.add_row(source, period, line.marks, *sums, whole.unobserved, style=style)
    return table


def key(days: Iterable[DayCount]) -> str:
    """What the marks mean that the calendar of these days uses."""
    used = {state(day) for day in days}
    return ", ".join(f"{_MARKS[name]} {words}" for name, words in WORDS.items() if name in used)


def _lines(days: Sequence[DayCount]) -> list[_Line]:
    months = [(name, list(found)) for name, found in groupby(days, key=lambda day: f"{day.day:%Y-%m}")]
    if len(months) <= _MANY_MONTHS:
        return [_line(name, found, lambda day: day.day.day) for name, found in months]
    years = groupby(days, key=lambda day: f"{day.day:%Y}")
    return [_line(name, list(found), lambda day: day.day.month) for name, found in years]


def _line(name: str, days: Sequence[DayCount], place: Callable[[DayCount], int]) -> _Line:
    cells = {number: _MARKS[state(_sum(list(found)))] for number, found in groupby(days, key=place)}
    shown = "".join(cells.get(number, " ") for number in range(1, max(cells) + 1))
    return _Line(first=name, last=name, marks=shown, days=tuple(days))


def _folded(lines: Iterable[_Line]) -> Iterator[_Line]:
    """The lines, those in a row in which nobody looked at all being one."""
    for blind, found in groupby(lines, key=lambda line: set(line.marks.strip()) == {_MARKS["blind"]}):
        some = list(found)
        if blind and len(some) > 1:
            days = tuple(day for line in some for day in line.days)
            yield _Line(first=some[0].first, last=some[-1].last, marks=_MARKS["blind"], days=days)
        else:
            yield from some


def _sum(days: Sequence[DayCount]) -> DayCount:
    """The days as one: unobserved are the hours of a single day, or so many days."""
    if len(days) == 1:
        return days[0]
    sums = {name: sum(getattr(day, name) for day in days) for name in SETS}
    return replace(
        days[0], usual=None, unobserved=_unobserved([day.unobserved for day in days if day.unobserved]), **sums
    )


def _unobserved(hours: Sequence[str]) -> str:
    if len(hours) < 2:
        return "".join(hours)
    return f"{len(hours)} days"
