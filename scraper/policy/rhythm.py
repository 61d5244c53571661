"""Does a source bring as many items a day as it should? `per_day` of its declaration, and how long it may be silent.

Hides which days can be judged at all: those that are over for some hours, that somebody watched as a whole, that came after
the first look, and on which the outlet publishes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from scraper.model import DayCount, Finding, Severity, Source

GRACE = timedelta(hours=6)
"""How long after its end a day's last items may still appear in the lists: outlets post the evening's in the night."""
SILENT_DAYS = 3
"""Whole days of publication without any new article, after which a source that has a least number a day is silent."""
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks:
    """The first and the last successful look at a source's listings."""

    first: datetime
    last: datetime


def unusual(source: Source, days: Iterable[DayCount], looks: Looks | None) -> tuple[Finding, ...]:
    """A finding for every day with fewer items than the least (which fails), or more than the most (a note)."""
    if source.per_day is None or looks is None:
        return ()
    least, most = source.per_day
    judged = [day for day in days if day.source == source.id and _can_be_judged(source, day, looks)]
    few = [_few(source, day, least) for day in judged if day.expected < least and _publishes(source, day)]
    many = [_many(source, day, most) for day in judged if day.expected > most]
    return tuple(sorted((*few, *many), key=lambda finding: (finding.day or date.min, finding.kind)))


def silent(source: Source, newest: datetime | None, looks: Looks | None) -> Finding | None:
    """A finding where a source with a least number of items a day brought none for some days although somebody looked."""
    if source.per_day is None or source.per_day[0] == 0 or looks is None:
        return None
    zone = ZoneInfo(source.timezone)
    since = max(newest, looks.first) if newest else looks.first
    first, last = since.astimezone(zone).date(), looks.last.astimezone(zone).date()
    whole = [first + number * _DAY for number in range(1, (last - first).days)]
    missed = sum(not off(source, day) for day in whole)
    if missed < SILENT_DAYS:
        return None
    return Finding(
        kind="silent",
        severity=Severity.MISSING,
        source=source.id,
        subject=source.id,
        reason=f"its lists were seen, and no new article was read since {since:%Y-%m-%d %H:%M}Z: {missed} days of publication",
        repair=f"look at the outlet and at `scraper show {source.discover[0].url if source.discover else source.id}`",
    )


def off(source: Source, day: date) -> bool:
    """Whether a source declares that it publishes nothing on a day."""
    return WEEKDAYS[day.weekday()] in source.days_off or f"{day:%m-%d}" in source.days_off


def looks(looked_at: Sequence[datetime]) -> Looks | None:
    """The span of some looks in their order; None where nobody ever looked."""
    return Looks(first=looked_at[0], last=looked_at[-1]) if looked_at else None


def _can_be_judged(source: Source, day: DayCount, looks: Looks) -> bool:
    """Days up to the first look were seen in part at best; an unobserved window is a finding of its own."""
    zone = ZoneInfo(source.timezone)
    over = datetime.combine(day.day + _DAY, time.min, tzinfo=zone) + GRACE
    return day.day > looks.first.astimezone(zone).date() and over <= looks.last and not day.unobserved


def _publishes(source: Source, day: DayCount) -> bool:
    """Whether a least number can be asked of a day: none of one of which a filter of titles may have left nothing."""
    return not off(source, day.day) and not (source.titles is not None and day.expected == 0)


def _few(source: Source, day: DayCount, least: int) -> Finding:
    return Finding(
        kind="too-few",
        severity=Severity.MISSING,
        source=source.id,
        subject=source.id,
        reason=f"{day.expected} items, per_day says at least {least}",
        repair=f"scraper backfill {source.id} --since {day.day} --until {day.day}",
        day=day.day,
    )


def _many(source: Source, day: DayCount, most: int) -> Finding:
    return Finding(
        kind="too-many",
        severity=Severity.NOTE,
        source=source.id,
        subject=source.id,
        reason=f"{day.expected} items, per_day says at most {most}",
        repair="look whether lists bring what is no article, or one under several addresses; else raise per_day",
        day=day.day,
    )
