"""Lists that moved on, and what a list shows as a whole: laws over outlets that publish and lists that are looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.model import Origin
from scraper.policy.audit import audit
from scraper.policy.lists import (
    Look,
    MovedOn,
    joined,
    moving,
    seen_elsewhere,
    shown_whole,
    span,
    walks,
    whole_days,
    within,
)
from scraper.policy.unobserved import Watch

ZONE = "Asia/Pyongyang"
HERE = ZoneInfo(ZONE)
START = datetime(2026, 8, 21, 15, tzinfo=UTC)
"""Midnight of the 22nd in Korea."""
FAR = timedelta(days=40)


def at(minute: int) -> datetime:
    """So many minutes after the start."""
    return START + timedelta(minutes=minute)


@dataclass(frozen=True)
class Outlet:
    """An outlet by the minutes in which it published, one article each."""

    published: tuple[int, ...]

    def newest(self, minute: int, length: int) -> list[int]:
        """What its list of the newest shows at a time, the newest first."""
        return sorted((each for each in self.published if each <= minute), reverse=True)[:length]

    def look(
        self, minute: int, length: int, *, key: str = "list", origin: Origin = Origin.FEED, timed: bool = True
    ) -> Look:
        """One look at it."""
        shown = self.newest(minute, length)
        dates = span([stated(each, timed=timed) for each in shown])
        return Look(
            key=key,
            url=f"http://outlet.example/{key}",
            at=at(minute),
            until=at(minute),
            record=f"{key}-{minute}",
            origin=origin,
            walked=False,
            rows=frozenset(map(str, shown)),
            earliest=dates[0] if dates else None,
            latest=dates[1] if dates else None,
        )


def stated(minute: int, *, timed: bool) -> str:
    """The date of an article as a list has it."""
    local = at(minute).astimezone(HERE)
    return local.isoformat() if timed else f"{local:%Y-%m-%d}"


outlets = st.sets(st.integers(0, 6 * 24 * 60), min_size=1, max_size=60).map(lambda found: Outlet(tuple(sorted(found))))
minutes = st.lists(st.integers(0, 7 * 24 * 60), min_size=1, max_size=20, unique=True).map(sorted)
lengths = st.integers(1, 12)


def moved_on(looks: Sequence[Look]) -> list[MovedOn]:
    """When the list moved on; the looks themselves are passed on as they are."""
    moves: list[MovedOn] = []
    assert list(moving(looks, moves)) == list(looks)
    return moves


def shown_by(looks: Sequence[Look]) -> set[int]:
    """The articles that any of the looks showed."""
    return {int(row) for look in looks for row in look.rows}


@given(outlets, minutes, lengths)
def test_what_nobody_saw_lies_where_the_list_moved_on(outlet: Outlet, seen: list[int], length: int) -> None:
    """Between the first look and the last, every article was shown, or came in a time in which the list moved on."""
    found = [look for minute in seen if (look := outlet.look(minute, length)).rows]
    looks = [replace(look, earliest=None, latest=None) for look in found]
    moves = moved_on(looks)
    for article in set(outlet.published) - shown_by(looks):
        if looks and looks[0].at < at(article) <= looks[-1].at:
            assert any(move.since < at(article) <= move.until for move in moves)
    assert all(move.since < move.until and move.rows <= length for move in moves)


@given(outlets, minutes, lengths, lengths)
def test_another_list_makes_up_only_where_it_showed_everything(
    outlet: Outlet, seen: list[int], short: int, more: int
) -> None:
    """Where a longer list did not move on, no article was missed in the time in which the shorter one did."""
    narrow = [look for minute in seen if (look := outlet.look(minute, short, key="narrow")).rows]
    wide = [look for minute in seen if (look := outlet.look(minute, short + more, key="wide")).rows]
    for move in moved_on(narrow):
        while_it_did = [look for look in (*narrow, *wide) if move.since <= look.at <= move.until]
        if seen_elsewhere(move, while_it_did):
            between = {each for each in outlet.published if move.since < at(each) <= move.until}
            assert between <= shown_by(wide)
        assert not seen_elsewhere(move, [look for look in while_it_did if look.key == "narrow"])


@given(outlet=outlets, seen=minutes, length=lengths, timed=st.booleans())
def test_what_a_feed_is_said_to_show_it_showed(outlet: Outlet, seen: list[int], length: int, *, timed: bool) -> None:
    """Every article of a time that lists show as a whole is on one of them."""
    looks = [look for minute in seen if (look := outlet.look(minute, length, timed=timed)).rows]
    whole = shown_whole(looks, ZONE)
    assert all(first < last for first, last in whole)
    assert all(before[1] < after[0] for before, after in pairwise(whole))
    shown = shown_by(looks)
    days = whole_days(whole, ZONE)
    for article in outlet.published:
        moment = at(article)
        if any(first <= moment <= last for first, last in whole) or moment.astimezone(HERE).date() in days:
            assert article in shown


@given(outlets, st.integers(0, 9 * 24 * 60), st.integers(1, 6), st.integers(0, 12))
def test_what_a_walk_is_said_to_show_it_showed(outlet: Outlet, now: int, size: int, pages: int) -> None:
    """The pages of a walk, from the newest on, are one list; what lies beyond the last page is not claimed."""
    rows = outlet.newest(now, 10_000)
    looks = [
        Look(
            key=f"list?page={page}",
            url=f"http://outlet.example/list?page={page}",
            at=at(now) + timedelta(seconds=page),
            until=at(now) + timedelta(seconds=page),
            record=str(page),
            origin=Origin.LISTING,
            walked=True,
            rows=frozenset(map(str, part)),
            earliest=stated(part[-1], timed=False),
            latest=stated(part[0], timed=False),
        )
        for page in range(pages)
        if (part := rows[page * size : (page + 1) * size])
    ]
    whole = shown_whole(walks(looks), ZONE)
    shown = shown_by(looks)
    assert all(article in shown for article in rows if any(first <= at(article) < last for first, last in whole))


@given(outlets, minutes, lengths)
def test_moves_in_a_row_are_one(outlet: Outlet, seen: list[int], length: int) -> None:
    """Joined, they are as long and of as many rows as before, and none follows upon another."""
    looks = [look for minute in seen if (look := outlet.look(minute, length)).rows]
    moves = moved_on(looks)
    one = list(joined(moves))
    assert sum(move.rows for move in one) == sum(move.rows for move in moves)
    assert sum((move.until - move.since for move in one), timedelta()) == sum(
        (move.until - move.since for move in moves), timedelta()
    )
    assert all(before.until < after.since for before, after in pairwise(one))


def test_a_new_edition_is_no_move() -> None:
    """A list that only ever showed one day's articles shows those of the next in their place; one that mixed them did move."""
    daily = [
        replace(index(f"2026-08-{day}", f"2026-08-{day}", START + timedelta(days=day), walked=False), key="paper", rows=frozenset({str(day)}))
        for day in (22, 23, 24)
    ]  # fmt: skip
    assert moved_on(daily) == []
    mixed = replace(
        daily[-1], at=daily[-1].at + timedelta(hours=1), until=daily[-1].at + timedelta(hours=1), earliest="2026-08-23"
    )
    assert [move.until for move in moved_on([*daily, mixed])] == [look.at for look in daily[1:]]
    again = replace(
        daily[-1],
        at=daily[-1].at + timedelta(hours=1),
        until=daily[-1].at + timedelta(hours=1),
        rows=frozenset({"other"}),
    )
    assert [move.until for move in moved_on([*daily, again])] == [again.at]


@pytest.mark.parametrize(
    ("published", "expected"),
    [
        ([], None),
        (["2026-08-22"], ("2026-08-22", "2026-08-22")),
        (["2026-08-22", "2026-08-20", "2026-08-19"], ("2026-08-19", "2026-08-22")),
        (["2019-01-01", "2026-08-22", "2026-08-20"], ("2026-08-20", "2026-08-22")),
        (["2026-08-22", "2026-08-20", "1970-01-01"], ("2026-08-20", "2026-08-22")),
        (["2026-08-19", "2026-08-20", "2026-08-22"], ("2026-08-22", "2026-08-22")),
    ],
)
def test_how_far_a_list_reaches(published: list[str], expected: tuple[str, str] | None) -> None:
    """Rows that are pinned above newer ones, or have a broken date, do not stretch it; one in another order shows little."""
    assert span(published) == expected


def index(first: str, last: str, seen: datetime, *, origin: Origin = Origin.INDEX, walked: bool = True) -> Look:
    """A dated page whose rows are of some days."""
    return Look(
        key=first, url="http://outlet.example/day", at=seen, until=seen, record=first, origin=origin, walked=walked,
        rows=frozenset(), earliest=first, latest=last,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("look", "days"),
    [
        (index("2026-08-22", "2026-08-22", START + FAR), ["2026-08-22"]),
        (index("2026-08-22", "2026-08-22", START + timedelta(hours=9)), []),
        (index("2026-08-20", "2026-08-23", START + FAR), ["2026-08-21", "2026-08-22"]),
        (index("2026-08-20", "2026-08-23", START + FAR, origin=Origin.LISTING), ["2026-08-21", "2026-08-22"]),
        (index("2026-08-20", "2026-08-23", START + FAR, origin=Origin.LISTING, walked=False), []),
        (index("2026-08-20", "2026-08-22", START + timedelta(hours=30), origin=Origin.FEED), ["2026-08-21", "2026-08-22"]),
    ],
)  # fmt: skip
def test_which_days_a_list_shows_as_a_whole(look: Look, days: list[str]) -> None:
    """A day's own index shows it once it is over; of other lists the first and the last day are there in part."""
    assert sorted(map(str, whole_days(shown_whole([look], ZONE), ZONE))) == days


def watch(*missed: MovedOn) -> Watch:
    """A day that was looked at every two hours."""
    return Watch(
        source="outlet",
        timezone=ZONE,
        since=date(2026, 8, 22),
        until=date(2026, 8, 23),
        now=START + FAR,
        looked_at=tuple(START + timedelta(hours=2 * n) for n in range(-1, 26)),
        covered=frozenset(),
        patience=timedelta(hours=6),
        missed=missed,
    )


def test_a_list_that_moved_on_is_unobserved_time() -> None:
    """It is said of the day, whatever the patience, and a finding names the list, the rows, the hours and the capture."""
    move = MovedOn(
        key="k", url="http://outlet.example/list", since=at(240), until=at(360), rows=20, record="captures/x"
    )
    counts, (found,) = audit((), [watch(move)])
    assert [(day.day.day, day.unobserved) for day in counts] == [(22, "04:00-06:00"), (23, "")]
    assert (found.kind, found.severity.value, found.evidence) == ("unobserved", "unobserved", "captures/x")
    assert found.reason == "the list moved on by 20 rows or more between 2026-08-22 04:00 and 2026-08-22 06:00"
    assert found.repair == "scraper backfill outlet --since 2026-08-22 --until 2026-08-22"
    over = replace(move, since=at(-60), until=at(30))
    counts, findings = audit((), [replace(watch(move, over), looked_at=())])
    assert [day.unobserved for day in counts] == ["00:00-24:00", "00:00-24:00"]
    assert len(findings) == 3
    assert within(((at(0), at(60)),), at(10), at(60))
    assert not within(((at(0), at(60)),), at(10), at(61))
