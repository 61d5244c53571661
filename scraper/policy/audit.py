"""What is complete? Compares what should be there with what is, day by day, and gives each gap its reason.

Hides the arithmetic of the five sets: expected ⊇ known ⊇ held ⊇ intact ⊇ readable, and how unobserved hours are found.
Equal inputs give equal reports.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from scraper.model import DayCount, Finding, Severity
from scraper.policy import verdicts

_WHOLE_DAY = "00:00-24:00"


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """One address of an article that evidence says exists, and how far we have it.

    `key` is the article's id (`policy.clusters`), which several addresses may share. `day` is the outlet's local day the evidence
    gives it. `evidence` is the record key of the capture that showed it. `known`, `held`, `intact` and `readable` each
    imply the one before (ValueError where they do not); `reason` says why the first false one is false.
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

    def __post_init__(self) -> None:
        if not self.known >= self.held >= self.intact >= self.readable:
            raise ValueError(f"{self.url}: known, held, intact and readable must each imply the one before")


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """When somebody looked at a source's listings, for the days `since` to `until` (both included, outlet days).

    `looked_at` are the times of successful listing captures in order; `covered` are the days that a later listing or
    index showed as a whole; `patience` is how long an article may come and go unseen before hours count as unobserved.
    """

    source: str
    timezone: str
    since: date
    until: date
    now: datetime
    looked_at: Sequence[datetime]
    covered: frozenset[date]
    patience: timedelta


def audit(expected: Iterable[Expected], watches: Iterable[Watch]) -> tuple[tuple[DayCount, ...], tuple[Finding, ...]]:
    """Count the five sets per source and day, and list every missing item and unobserved window as a finding."""
    by_day: dict[tuple[str, date], list[Expected]] = defaultdict(list)
    for item in one_of_each(expected):
        by_day[item.source, item.day].append(item)
    unobserved = {(watch.source, day): text for watch in watches for day, text in _unobserved(watch)}
    days = sorted(by_day.keys() | unobserved.keys())
    counts = tuple(_count(source, day, by_day[source, day], unobserved) for source, day in days)
    gaps = (_finding(item) for where in days for item in _sorted(by_day[where]) if not item.readable)
    return counts, (*gaps, *_unobserved_findings(unobserved))


def one_of_each(expected: Iterable[Expected]) -> list[Expected]:
    """One item per article: of several addresses of one article, the one we have furthest (then the first by name)."""
    best: dict[tuple[str, str], Expected] = {}
    for item in sorted(expected, key=lambda item: (item.source, item.key, item.url)):
        before = best.get((item.source, item.key))
        if before is None or _reach(item) > _reach(before):
            best[item.source, item.key] = item
    return list(best.values())


def _reach(item: Expected) -> int:
    return sum((item.known, item.held, item.intact, item.readable))


def _sorted(items: Iterable[Expected]) -> list[Expected]:
    return sorted(items, key=lambda item: item.key)


def _count(source: str, day: date, items: Sequence[Expected], unobserved: Mapping[tuple[str, date], str]) -> DayCount:
    return DayCount(
        source=source,
        day=day,
        expected=len(items),
        known=sum(item.known for item in items),
        held=sum(item.held for item in items),
        intact=sum(item.intact for item in items),
        readable=sum(item.readable for item in items),
        unobserved=unobserved.get((source, day), ""),
    )


def _finding(item: Expected) -> Finding:
    kind, severity, repair = _gap(item)
    return Finding(
        kind=kind,
        severity=severity,
        source=item.source,
        subject=item.url,
        reason=item.reason,
        repair=repair,
        day=item.day,
        evidence=item.evidence,
    )


def _gap(item: Expected) -> tuple[str, Severity, str]:
    if not item.held:
        then = verdicts.named(item.reason)
        return "missing", Severity.MISSING, (then and then.remedy) or f"scraper fetch '{item.url}'"
    if not item.intact:
        return "damaged", Severity.DAMAGED, "restore it from a backup of the store, then: scraper check --read-data"
    return "unreadable", Severity.MISSING, f"scraper parse '{item.url}'"


def _unobserved_findings(unobserved: Mapping[tuple[str, date], str]) -> Iterable[Finding]:
    """One finding per unobserved stretch: whole days in a row are one, a part of a day is its own."""
    stretch: list[tuple[str, date]] = []
    for where in sorted(unobserved):
        whole = unobserved[where] == _WHOLE_DAY
        if stretch and not (whole and where == (stretch[-1][0], stretch[-1][1] + timedelta(days=1))):
            yield _unobserved_finding(stretch, _WHOLE_DAY)
            stretch = []
        if whole:
            stretch.append(where)
        elif unobserved[where]:
            yield _unobserved_finding([where], unobserved[where])
    if stretch:
        yield _unobserved_finding(stretch, _WHOLE_DAY)


def _unobserved_finding(days: Sequence[tuple[str, date]], windows: str) -> Finding:
    (source, first), (_, last) = days[0], days[-1]
    span = first.isoformat() if first == last else f"{first.isoformat()} to {last.isoformat()}"
    return Finding(
        kind="unobserved",
        severity=Severity.UNOBSERVED,
        source=source,
        subject=f"{source} {span}",
        reason=f"no listing was seen {windows}"
        if first == last
        else f"no listing was seen on any of these {len(days)} days",
        repair=f"scraper backfill {source} --since {first.isoformat()} --until {last.isoformat()}",
        day=first,
    )


def _unobserved(watch: Watch) -> Iterable[tuple[date, str]]:
    zone = ZoneInfo(watch.timezone)
    day = watch.since
    while day <= watch.until:
        start = datetime.combine(day, time.min, tzinfo=zone)
        end = min(datetime.combine(day + timedelta(days=1), time.min, tzinfo=zone), watch.now)
        windows = "" if day in watch.covered or end <= start else _windows(watch, start, end)
        yield day, windows
        day += timedelta(days=1)


def _windows(watch: Watch, start: datetime, end: datetime) -> str:
    """The parts of a day that lie in a gap between two looks longer than the patience, as `04:00-09:00`."""
    looks = watch.looked_at
    first, then = bisect_right(looks, start), bisect_right(looks, end)
    before = looks[first - 1] if first else None
    after = looks[then] if then < len(looks) else None
    edges = [before, *looks[first:then], after]
    found: list[str] = []
    for left, right in pairwise(edges):
        if left is not None and (right or watch.now) - left <= watch.patience:
            continue
        shown_from, shown_to = max(left or start, start), min(right or end, end)
        if shown_to > shown_from:
            found.append(
                f"{shown_from.astimezone(start.tzinfo):%H:%M}-{_clock(shown_to.astimezone(start.tzinfo), start)}"
            )
    return ", ".join(found)


def _clock(moment: datetime, start: datetime) -> str:
    return "24:00" if moment.date() > start.date() else f"{moment:%H:%M}"
