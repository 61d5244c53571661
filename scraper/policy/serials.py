"""Which numbers an outlet must have given to articles that no list ever showed? Gaps in its own numbering, one grammar each.

Hides how the outlets number (docs/sources.md, "Identity"): Rodong Sinmun from 1 anew for every day, language and kind of
article; the ministry on and on. KCNA Watch's numbers are times, and KCNA's codes and Xinhua's are shared with what is no
article: nothing follows from a gap in those. A gap is an inference and never a fault: outlets skip numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from scraper.model import Finding, Severity

_DAILY = re.compile(r"(?P<row>rodong:[a-z]*:(?P<day>\d{4}-\d{2}-\d{2})-[A-Z]?)(?P<number>\d{3,4})")
_RUNNING = re.compile(r"(?P<row>mfa::)(?P<number>\d{1,6})")
_SHOWN = 12


@dataclass(slots=True)
class _Row:
    """The numbers seen of one row, as the bits of an integer, and the greatest with the capture that showed it."""

    day: date | None
    width: int
    seen: int = 0
    least: int = 0
    greatest: int = 0
    evidence: str | None = None

    def gaps(self) -> Iterator[tuple[int, int]]:
        """First and last of the numbers in a row that were not seen; a day's begin at 1, others with the least seen."""
        first = 1 if self.day is not None else self.least
        for number in range(first, self.greatest + 1):
            if self.seen >> number & 1:
                if first < number:
                    yield first, number - 1
                first = number + 1


@dataclass(slots=True)
class Serials:
    """The numbers of a source's articles, gathered one by one: some bytes a day, however many articles there are."""

    source: str
    _rows: dict[tuple[str, int], _Row] = field(default_factory=dict)

    def add(self, identity: str, evidence: str | None) -> None:
        """Note the identity of one address (`parse.identity`), and the capture that showed it."""
        match = _DAILY.fullmatch(identity) or _RUNNING.fullmatch(identity)
        if match is None:
            return
        found = match.groupdict()
        width = len(found["number"]) if "day" in found else 1
        day = _day(found.get("day"))
        if "day" in found and day is None:
            return
        row = self._rows.setdefault((found["row"], width), _Row(day=day, width=width))
        number = int(found["number"])
        row.seen |= 1 << number
        row.least = min(row.least or number, number)
        if number > row.greatest:
            row.greatest, row.evidence = number, evidence

    def inferred(self, since: date | None, until: date | None) -> tuple[dict[date, int], tuple[Finding, ...]]:
        """How many numbers of each day are missing, and a note for every row with gaps; the order of adding is no matter."""
        days: dict[date, int] = {}
        findings: list[Finding] = []
        for (name, _), row in sorted(self._rows.items()):
            if row.day and ((since and row.day < since) or (until and row.day > until)):
                continue
            gaps = list(row.gaps())
            if gaps:
                findings.append(_finding(self.source, name, row, gaps))
                if row.day:
                    days[row.day] = days.get(row.day, 0) + sum(last - first + 1 for first, last in gaps)
        return days, tuple(findings)


def _finding(source: str, name: str, row: _Row, gaps: list[tuple[int, int]]) -> Finding:
    many = sum(last - first + 1 for first, last in gaps)
    spans = [_span(first, last, row.width) for first, last in gaps]
    more = f" and {len(spans) - _SHOWN} gaps more" if len(spans) > _SHOWN else ""
    up_to = f"{row.greatest:0{row.width}d}"
    numbers = "number is" if many == 1 else "numbers are"
    return Finding(
        kind="inferred",
        severity=Severity.NOTE,
        source=source,
        subject=f"{name}{up_to}",
        reason=f"{many} lower {numbers} known of no article: {', '.join(spans[:_SHOWN])}{more}",
        repair=f"scraper backfill {source} --since {row.day} --until {row.day}" if row.day else "",
        day=row.day,
        evidence=row.evidence,
    )


def _span(first: int, last: int, width: int) -> str:
    return f"{first:0{width}d}" if first == last else f"{first:0{width}d}-{last:0{width}d}"


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None
