"""Did a list move on between two looks, and what time does a list show as a whole?

Hides the two kinds of evidence that make up for each other: of a list that holds no row of the look before, nobody knows what
came and went between; and a list whose dated rows reach back beyond a time shows all that was there to be seen of it since.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import groupby, pairwise
from operator import attrgetter
from zoneinfo import ZoneInfo

from scraper.model import Origin

LISTS = frozenset({Origin.LISTING, Origin.FEED, Origin.INDEX, Origin.SITEMAP})
"""The kinds of evidence that the rows of a list are; a related block is none."""

_DAY = timedelta(days=1)
_JUMP = 31 * _DAY
_ONE_RUN = timedelta(minutes=10)
"""The lists that one run reads are seen at so nearly the same time."""
_DATE = len("2026-08-22")
_FIGURES = re.compile(r"[0-9]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One page of a list, from the look that first saw it (`at`) to the last in a row that saw the same (`until`).

    It says which rows it held, and the dates between which it holds every row (`span`). `walked` is whether a backfill asked for it, page by page; `record` is the capture, `rows` are marks of the articles' identities.
    """

    key: str
    url: str
    at: datetime
    until: datetime
    record: str
    origin: Origin
    walked: bool
    rows: frozenset[str]
    earliest: str | None = None
    latest: str | None = None

    @property
    def of_one_day(self) -> bool:
        """Whether all its rows are of one day."""
        return self.earliest is not None and self.earliest[:_DATE] == (self.latest or "")[:_DATE]


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedOn:
    """A list had no row in common any more with the look before: at least so many `rows` came between, and perhaps more."""

    key: str
    url: str
    since: datetime
    until: datetime
    rows: int
    record: str


Time = tuple[datetime, datetime]


def span(published: Sequence[str]) -> tuple[str, str] | None:
    """The earliest and the latest of the dates of a list's rows, in their order from the newest; None where none is dated.

    A row that stands above newer ones is pinned there, and says nothing of how far the list reaches; nor does one at its
    end that is much older than the one above (1970 is what a broken date often is).
    """
    kept: list[str] = []
    for stated in reversed(published):
        if not kept or stated[:_DATE] >= kept[-1][:_DATE]:
            kept.append(stated)
    days = [date.fromisoformat(stated[:_DATE]) for stated in kept]
    first = max((place for place in range(1, len(days)) if days[place] - days[place - 1] > _JUMP), default=0)
    return (kept[first], kept[-1]) if kept else None


def moving(looks: Iterable[Look], moves: list[MovedOn]) -> Iterator[Look]:
    """The looks, as they come, in the order of their lists and times; every time that a list moved on is added to `moves`.

    A list that never showed rows of two days is the day's edition: that a new one takes its place is no move.
    """
    for _, seen in groupby(looks, key=attrgetter("key")):
        found: list[tuple[MovedOn, bool]] = []
        editions = True
        before: Look | None = None
        for look in seen:
            editions = editions and look.of_one_day
            if before is not None and before.rows.isdisjoint(look.rows):
                turned = (before.latest or "")[:_DATE] < (look.earliest or "")[:_DATE]
                found.append((_move(before, look), turned))
            before = look
            yield look
        moves.extend(move for move, turned in found if not (turned and editions))


def _move(before: Look, after: Look) -> MovedOn:
    return MovedOn(
        key=after.key, url=after.url, since=before.until, until=after.at, rows=len(after.rows), record=after.record
    )


def seen_elsewhere(moved: MovedOn, looks: Iterable[Look]) -> bool:
    """Whether another list that did not move on showed all that this one showed in the end; of looks by list and time."""
    by_list = [(key, list(seen)) for key, seen in groupby(looks, key=attrgetter("key"))]
    moved_to = (look for key, seen in by_list if key == moved.key for look in seen if look.record == moved.record)
    last = next(moved_to, None)
    return last is not None and any(_has_it_all(moved, last.rows, seen) for key, seen in by_list if key != moved.key)


def _has_it_all(moved: MovedOn, rows: frozenset[str], seen: list[Look]) -> bool:
    if seen[0].at > moved.since + _ONE_RUN or any(one.rows.isdisjoint(two.rows) for one, two in pairwise(seen)):
        return False
    return rows <= frozenset().union(*(look.rows for look in seen))


def joined(moves: Iterable[MovedOn]) -> Iterator[MovedOn]:
    """The same, those of a list that follow upon each other being one."""
    before: MovedOn | None = None
    for one in moves:
        if before and (before.key, before.until) == (one.key, one.since):
            before = replace(one, since=before.since, rows=before.rows + one.rows)
            continue
        if before:
            yield before
        before = one
    if before:
        yield before


def shown_whole(looks: Iterable[Look], timezone: str) -> tuple[Time, ...]:
    """The times of which a list showed everything that was still there to be seen, in order and joined.

    Looks come in the order of their lists and times, then the walks (`walks`).
    """
    zone = ZoneInfo(timezone)
    found: list[Time] = []
    for look in looks:
        time_shown = _shown(look, zone)
        if time_shown and time_shown[0] < time_shown[1]:
            if found and found[-1][0] <= time_shown[0] <= found[-1][1]:
                found[-1] = found[-1][0], max(found[-1][1], time_shown[1])
            else:
                found.append(time_shown)
    whole: list[Time] = []
    for first, last in sorted(found):
        if whole and first <= whole[-1][1]:
            whole[-1] = whole[-1][0], max(whole[-1][1], last)
        else:
            whole.append((first, last))
    return tuple(whole)


def walks(looks: Iterable[Look]) -> Iterator[Look]:
    """The pages of walks in the order of their times: those that follow upon each other are one list, looked at in the end.

    A walk asks for its pages in order and stops at one that does not come, so nothing lies between two of them.
    """
    walk: Look | None = None
    for look in looks:
        if look.earliest is None or look.latest is None:
            continue
        if walk and walk.earliest and _goes_on(walk, look):
            walk = replace(walk, earliest=min(walk.earliest, look.earliest), until=look.until)
            continue
        if walk:
            yield walk
        walk = look
    if walk:
        yield walk


def within(times: Sequence[Time], first: datetime, last: datetime) -> bool:
    """Whether one of the times holds all from `first` to `last`."""
    return any(start <= first and last <= end for start, end in times)


def whole_days(times: Iterable[Time], timezone: str) -> frozenset[date]:
    """The days of an outlet that lie within the times as a whole."""
    zone = ZoneInfo(timezone)
    days: set[date] = set()
    for start, end in times:
        day = start.astimezone(zone).date()
        while _midnight(day + _DAY, zone) <= end:
            if _midnight(day, zone) >= start:
                days.add(day)
            day += _DAY
    return frozenset(days)


def _goes_on(walk: Look, page: Look) -> bool:
    """Whether a page is the next of a walk: of the same list by its address, and no more than a day older."""
    if walk.origin is not page.origin or _FIGURES.sub("", walk.url) != _FIGURES.sub("", page.url):
        return False
    reached, goes_on_at = (
        date.fromisoformat((walk.earliest or "")[:_DATE]),
        date.fromisoformat((page.latest or "")[:_DATE]),
    )
    return reached - _DAY <= goes_on_at <= reached


def _shown(look: Look, zone: ZoneInfo) -> Time | None:
    """The time that one list shows as a whole; of the days of its last and, in a past page, its first row only a part is."""
    if look.earliest is None or look.latest is None or (look.origin is Origin.LISTING and not look.walked):
        return None
    first, last = _local(look.earliest, zone), _local(look.latest, zone)
    if look.origin in (Origin.FEED, Origin.SITEMAP):
        return first if isinstance(first, datetime) else _midnight(first + _DAY, zone), look.until
    earliest, latest = _day(first), _day(last)
    if look.origin is Origin.INDEX and earliest == latest:
        return _midnight(earliest, zone), min(_midnight(earliest + _DAY, zone), look.until)
    return _midnight(earliest + _DAY, zone), min(_midnight(latest, zone), look.until)


def _local(stated: str, zone: ZoneInfo) -> date | datetime:
    """A date as a list states it, on the outlet's calendar; with its time where that has a zone."""
    if len(stated) == _DATE:
        return date.fromisoformat(stated)
    moment = datetime.fromisoformat(stated)
    return moment.astimezone(zone) if moment.tzinfo else moment.date()


def _day(when: date | datetime) -> date:
    return when.date() if isinstance(when, datetime) else when


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, tzinfo=zone)
