"""What is complete? Compares what should be there with what is, day by day, and gives each gap its reason.

Hides the arithmetic of the five sets: expected ⊇ known ⊇ held ⊇ intact ⊇ readable. Of a million articles that are whole it
keeps a few numbers for each day, and of one that is not its finding. Equal inputs give equal reports, in whatever order they come.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby

from scraper.model import Cause, DayCount, Finding, Origin, Severity
from scraper.policy.gaps import repair
from scraper.policy.unobserved import (
    Stretch,
    Watch,
    missed_days,
    moved_on_findings,
    unobserved_findings,
    windows,
)

SETS = ("expected", "known", "held", "intact", "readable")
"""The five sets, each within the one before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """One address of an article that evidence says exists, and how far we have it.

    `key` is the article's id (`policy.clusters`), which several addresses may share. `day` is the outlet's local day the evidence
    gives it. `evidence` is the record key of the capture that showed it. `known`, `held`, `intact` and `readable` each
    imply the one before (ValueError where they do not); `cause` and `reason` say why the first false one is false.
    `only` is the kind of evidence where it is not a list of the outlet itself: a related block, or another outlet's page.
    """

    source: str
    key: str
    url: str
    title: str
    day: date
    evidence: str | None
    known: bool = True
    held: bool = False
    intact: bool = False
    readable: bool = False
    reason: str = ""
    cause: Cause | None = None
    only: Origin | None = None

    def __post_init__(self) -> None:
        if not self.known >= self.held >= self.intact >= self.readable:
            raise ValueError(f"{self.url}: known, held, intact and readable must each imply the one before")


def audit(expected: Iterable[Expected], watches: Iterable[Watch]) -> tuple[tuple[DayCount, ...], tuple[Finding, ...]]:
    """Count the five sets per source and day, and list every missing item and unobserved window as a finding.

    `expected` has each article once (`furthest`, `one_of_each`), and is read once.
    """
    sets: dict[tuple[str, date], _Sets] = defaultdict(_Sets)
    gaps: list[Expected] = []
    for item in expected:
        sets[item.source, item.day].add(item)
        if not item.readable:
            gaps.append(item)
    unobserved: dict[tuple[str, date], str] = {}
    marks: dict[tuple[str, date], str] = {}
    stretches: list[Stretch] = []
    moved: list[Finding] = []
    for watch in watches:
        seen = frozenset(day for source, day in sets if source == watch.source)
        singly, early = windows(watch, seen)
        unobserved.update(((watch.source, day), text) for day, text in singly)
        stretches.extend(early)
        marks.update(((watch.source, day), text) for day, text in missed_days(watch).items())
        moved.extend(moved_on_findings(watch))
    windows_of = unobserved | marks
    counts = tuple(_count(where, sets.get(where), windows_of) for where in sorted(sets.keys() | windows_of.keys()))
    gaps.sort(key=lambda item: (item.source, item.day, item.key, item.url))
    return counts, (*map(_finding, gaps), *unobserved_findings(unobserved, stretches), *moved)


@dataclass(slots=True)
class _Sets:
    """How many articles of one day are in each set so far."""

    expected: int = 0
    known: int = 0
    held: int = 0
    intact: int = 0
    readable: int = 0
    related: int = 0
    mirrored: int = 0

    def add(self, item: Expected) -> None:
        """Count one more."""
        self.expected += 1
        self.known += item.known
        self.held += item.held
        self.intact += item.intact
        self.readable += item.readable
        self.related += item.only is Origin.RELATED
        self.mirrored += item.only is Origin.MIRROR


def one_of_each(expected: Iterable[Expected]) -> list[Expected]:
    """One item per article, by source and article: see `furthest`."""
    ordered = sorted(expected, key=lambda item: (item.source, item.key))
    return [furthest(items) for _, items in groupby(ordered, key=lambda item: (item.source, item.key))]


def furthest(items: Iterable[Expected]) -> Expected:
    """Of several addresses of one article, the one we have furthest, then the first by its URL."""
    return min(items, key=lambda item: (-_reach(item), item.url))


def _reach(item: Expected) -> int:
    return sum((item.known, item.held, item.intact, item.readable))


def _count(where: tuple[str, date], sets: _Sets | None, unobserved: Mapping[tuple[str, date], str]) -> DayCount:
    source, day = where
    found = sets or _Sets()
    return DayCount(
        source=source,
        day=day,
        expected=found.expected,
        known=found.known,
        held=found.held,
        intact=found.intact,
        readable=found.readable,
        unobserved=unobserved.get(where, ""),
        listed=found.expected - found.related - found.mirrored,
        related=found.related,
        mirrored=found.mirrored,
    )


def with_inferred(days: Iterable[DayCount], inferred: Mapping[tuple[str, date], int]) -> tuple[DayCount, ...]:
    """The days with how much was inferred of each; a day of which nothing else is known is added."""
    by_place = {(day.source, day.day): day for day in days}
    for place, number in inferred.items():
        day = by_place.get(place) or _count(place, None, {})
        by_place[place] = replace(day, inferred=number)
    return tuple(by_place[place] for place in sorted(by_place))


def _finding(item: Expected) -> Finding:
    kind, severity = _kind(item)
    return Finding(
        kind=kind,
        severity=severity,
        source=item.source,
        subject=item.url,
        reason=item.reason,
        repair=repair(item.cause, item.reason, item.source, item.url) if item.cause else "",
        day=item.day,
        evidence=item.evidence,
        cause=item.cause,
    )


def _kind(item: Expected) -> tuple[str, Severity]:
    if not item.held:
        return "missing", Severity.MISSING
    return ("unreadable", Severity.MISSING) if item.intact else ("damaged", Severity.DAMAGED)
