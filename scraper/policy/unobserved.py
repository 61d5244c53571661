"""When was nobody looking? The hours and days of an outlet in which an article could have come and gone unseen.

Hides how gaps between looks are cut to outlet days, and which days are told together.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from scraper.model import Finding, Severity
from scraper.policy.lists import MovedOn

WHOLE_DAY = "00:00-24:00"
_DAY = timedelta(days=1)
_BEFORE = 366 * _DAY
"""How long before anything is known of a source its days are still told one by one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """When somebody looked at a source's listings, for the days `since` to `until` (both included, outlet days).

    `looked_at` are the times of successful listing captures in order (`thinned` is enough); `covered` are the days that a
    later listing or index showed as a whole; `patience` is how long an article may come and go unseen before hours count as unobserved.
    `missed` are the times in which a list moved on and nothing else made up for it.
    """

    source: str
    timezone: str
    since: date
    until: date
    now: datetime
    looked_at: Sequence[datetime]
    covered: frozenset[date]
    patience: timedelta
    missed: Sequence[MovedOn] = ()

    def before(self, day: date) -> bool:
        """Whether a day lies before the first look's next, and no list shows it as a whole: it was seen in part at best."""
        first = self.looked_at[0].astimezone(ZoneInfo(self.timezone)).date() if self.looked_at else None
        return day not in self.covered and (first is None or day <= first)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Days in a row, both included, in which the same hours of a source were seen by nobody."""

    source: str
    first: date
    last: date
    windows: str


def windows(watch: Watch, expected: frozenset[date]) -> tuple[list[tuple[date, str]], list[Stretch]]:
    """The unobserved windows (`04:00-09:00`, or none) of every watched day, and the stretch before anything is known.

    `expected` are the days of which any article is known. Of those up to the first look nobody could look earlier: that
    they are known is the evidence. What lies more than a year before all evidence is one stretch, not a line a day.
    """
    zone = ZoneInfo(watch.timezone)
    first_look = watch.looked_at[0].astimezone(zone).date() if watch.looked_at else None
    covered = watch.covered | {day for day in expected if first_look and day <= first_look}
    floor = min((*expected, *watch.covered, first_look or watch.until)).toordinal() - _BEFORE.days
    begin = max(watch.since, date.fromordinal(max(floor, 1)))
    early = [Stretch(source=watch.source, first=watch.since, last=begin - _DAY, windows=WHOLE_DAY)]
    days = (begin + number * _DAY for number in range((watch.until - begin).days + 1))
    found = [(day, "" if day in covered else _of_day(watch, day, zone)) for day in days]
    return found, early if begin > watch.since else []


def missed_days(watch: Watch) -> dict[date, str]:
    """The unobserved windows of the days in which a list moved on unseen, with those in which nobody looked."""
    zone = ZoneInfo(watch.timezone)
    by_day: dict[date, list[MovedOn]] = defaultdict(list)
    for moved in watch.missed:
        day = moved.since.astimezone(zone).date()
        while day <= min(moved.until.astimezone(zone).date(), watch.until):
            if day >= watch.since:
                by_day[day].append(moved)
            day += _DAY
    return {day: text for day, moves in by_day.items() if (text := _of_day(watch, day, zone, moves))}


def moved_on_findings(watch: Watch) -> Iterator[Finding]:
    """One finding for every time that a list moved on, and nobody can tell what came and went meanwhile."""
    zone = ZoneInfo(watch.timezone)
    for moved in watch.missed:
        first, last = (moment.astimezone(zone) for moment in (moved.since, moved.until))
        if first.date() <= watch.until and last.date() >= watch.since:
            rows = "1 row" if moved.rows == 1 else f"{moved.rows} rows"
            yield Finding(
                kind="unobserved",
                severity=Severity.UNOBSERVED,
                source=watch.source,
                subject=moved.url,
                reason=f"the list moved on by {rows} or more between {_when(first)} and {_when(last)}",
                repair=f"scraper backfill {watch.source} --since {first:%Y-%m-%d} --until {last:%Y-%m-%d}",
                day=first.date(),
                evidence=moved.record,
            )


def thinned(looks: Iterable[datetime], patience: timedelta) -> tuple[datetime, ...]:
    """The looks, in order, without those that make no difference: its neighbours lie no further apart than the patience."""
    kept: list[datetime] = []
    for look in looks:
        if len(kept) > 1 and look - kept[-2] <= patience:
            kept[-1] = look
        else:
            kept.append(look)
    return tuple(kept)


def unobserved_findings(unobserved: Mapping[tuple[str, date], str], early: Iterable[Stretch]) -> Iterator[Finding]:
    """One finding per unobserved stretch: whole days in a row are one, a part of a day is its own."""
    singly = (
        Stretch(source=source, first=day, last=day, windows=text) for (source, day), text in unobserved.items() if text
    )
    before: Stretch | None = None
    for each in sorted((*early, *singly), key=lambda one: (one.source, one.first)):
        if before and _go_on(before, each):
            before = Stretch(source=before.source, first=before.first, last=each.last, windows=WHOLE_DAY)
            continue
        if before:
            yield _finding(before)
        before = each
    if before:
        yield _finding(before)


def _go_on(before: Stretch, after: Stretch) -> bool:
    return before.windows == after.windows == WHOLE_DAY and (before.source, before.last + _DAY) == (
        after.source,
        after.first,
    )


def _finding(stretch: Stretch) -> Finding:
    first, last = stretch.first.isoformat(), stretch.last.isoformat()
    days = (stretch.last - stretch.first).days + 1
    return Finding(
        kind="unobserved",
        severity=Severity.UNOBSERVED,
        source=stretch.source,
        subject=f"{stretch.source} {first}" if days == 1 else f"{stretch.source} {first} to {last}",
        reason=f"no listing was seen {stretch.windows}"
        if days == 1
        else f"no listing was seen on any of these {days} days",
        repair=f"scraper backfill {stretch.source} --since {first} --until {last}",
        day=stretch.first,
    )


def _when(local: datetime) -> str:
    return f"{local:%Y-%m-%d %H:%M}"


def _of_day(watch: Watch, day: date, zone: ZoneInfo, moves: Iterable[MovedOn] = ()) -> str:
    """The windows of a day, as `04:00-09:00`; with those of `moves`, what overlaps is one."""
    start = datetime.combine(day, time.min, tzinfo=zone)
    end = min(datetime.combine(day + _DAY, time.min, tzinfo=zone), watch.now)
    if end <= start:
        return ""
    found = [] if day in watch.covered else list(_windows(watch, start, end))
    found.extend((max(moved.since, start), min(moved.until, end)) for moved in moves)
    whole: list[tuple[datetime, datetime]] = []
    for first, last in sorted(found):
        if whole and first < whole[-1][1]:
            whole[-1] = whole[-1][0], max(whole[-1][1], last)
        elif first < last:
            whole.append((first, last))
    return ", ".join(f"{first.astimezone(zone):%H:%M}-{_clock(last.astimezone(zone), start)}" for first, last in whole)


def _windows(watch: Watch, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The parts of a day that lie in a gap between two looks longer than the patience."""
    looks = watch.looked_at
    first, then = bisect_right(looks, start), bisect_right(looks, end)
    before = looks[first - 1] if first else None
    after = looks[then] if then < len(looks) else None
    edges = [before, *looks[first:then], after]
    for left, right in pairwise(edges):
        if left is not None and (right or watch.now) - left <= watch.patience:
            continue
        shown_from, shown_to = max(left or start, start), min(right or end, end)
        if shown_to > shown_from:
            yield shown_from, shown_to


def _clock(moment: datetime, start: datetime) -> str:
    return "24:00" if moment.date() > start.date() else f"{moment:%H:%M}"
