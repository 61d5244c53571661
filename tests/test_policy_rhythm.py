"""How many items a day a source should bring: which days are judged, what fails and what is only noted, and when it is silent."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.model import DayCount, Finding, Severity, Source
from scraper.policy.rhythm import SILENT_DAYS, Looks, silent, unusual

MONDAY = date(2026, 8, 17)
DAY = timedelta(days=1)


def source(least: int = 2, most: int = 9, *, titles: str | None = None, days_off: tuple[str, ...] = ()) -> Source:
    """An outlet nine hours ahead of UTC, with so many items a day."""
    return Source(
        id="outlet",
        name="Outlet",
        parser="kcna",
        language="en",
        timezone="Asia/Pyongyang",
        hosts=("outlet.example",),
        articles=(".",),
        per_day=(least, most),
        titles=titles,
        days_off=days_off,
    )


def days(*numbers: int, unobserved: Iterable[int] = ()) -> tuple[DayCount, ...]:
    """Days from Monday on with so many items each; those at `unobserved` were not watched as a whole."""
    return tuple(
        DayCount(
            source="outlet",
            day=MONDAY + at * DAY,
            expected=number,
            known=number,
            held=number,
            intact=number,
            readable=number,
            unobserved="04:00-09:00" if at in unobserved else "",
        )
        for at, number in enumerate(numbers)
    )


def at(day: int, hour: int = 12) -> datetime:
    """A moment of a day, counted from Monday, on the outlet's clock."""
    return datetime(2026, 8, 17, tzinfo=UTC) + day * DAY + timedelta(hours=hour - 9)


def looks(first: int = -1, last: int = 30) -> Looks:
    """Looks from noon of one day to noon of another."""
    return Looks(first=at(first), last=at(last))


def told(findings: Iterable[Finding]) -> list[tuple[str, int]]:
    """(kind, day counted from Monday)."""
    return [(finding.kind, ((finding.day or MONDAY) - MONDAY).days) for finding in findings]


def test_fewer_than_the_least_fail_and_more_than_the_most_are_noted() -> None:
    """Bounds included; the reason names both numbers."""
    found = unusual(source(2, 9), days(1, 2, 9, 10, 0), looks())
    assert told(found) == [("too-few", 0), ("too-many", 3), ("too-few", 4)]
    assert [finding.severity for finding in found] == [Severity.MISSING, Severity.NOTE, Severity.MISSING]
    assert found[0].reason == "1 items, per_day says at least 2"


def test_a_day_that_is_not_over_is_not_judged() -> None:
    """Nor one that ended less than six hours before the last look: the evening's items are listed in the night."""
    for last, judged in ((at(1, 5), 0), (at(1, 6), 1), (at(0, 23), 0)):
        assert len(unusual(source(), days(0), Looks(first=at(-1), last=last))) == judged


def test_days_up_to_the_first_look_are_not_judged() -> None:
    """What a first list showed of the days before is not all there was; nor is the first day seen as a whole."""
    assert told(unusual(source(), days(0, 0, 0), looks(first=1))) == [("too-few", 2)]
    assert unusual(source(), days(0, 0, 0), None) == ()


def test_days_that_nobody_watched_as_a_whole_are_not_judged() -> None:
    """They are findings of their own."""
    assert told(unusual(source(), days(0, 0, 0), looks())) == [("too-few", 0), ("too-few", 1), ("too-few", 2)]
    assert told(unusual(source(), days(0, 0, 0, unobserved=(1,)), looks())) == [("too-few", 0), ("too-few", 2)]


def test_nothing_is_asked_of_days_off() -> None:
    """Sundays and holidays have no least number; the most holds on them too."""
    declared = source(days_off=("sunday", "08-18"))
    assert told(unusual(declared, days(2, 0, 2, 2, 2, 2, 0), looks())) == []
    assert told(unusual(declared, days(2, 20, 2, 2, 2, 0, 0), looks())) == [("too-many", 1), ("too-few", 5)]


def test_a_day_of_which_a_filter_may_have_left_nothing_is_not_judged() -> None:
    """Where titles are filtered, a day without any item may have had many; one with too few fails as ever."""
    assert told(unusual(source(titles="DPRK"), days(0, 1, 2), looks())) == [("too-few", 1)]


@given(st.lists(st.integers(0, 50), max_size=20), st.integers(0, 10), st.integers(10, 40))
def test_every_judged_day_within_its_bounds_is_silent(numbers: list[int], least: int, most: int) -> None:
    """A day is told of exactly where its number is out of bounds, once."""
    found = unusual(source(least, most), days(*numbers), looks(last=60))
    assert sorted({day for _, day in told(found)}) == [at for at, n in enumerate(numbers) if not least <= n <= most]
    assert len(found) == len(set(told(found)))


def test_a_source_without_numbers_is_never_told_of() -> None:
    """Nothing was declared, so nothing is expected."""
    bare = Source(id="outlet", name="", parser="", language="", timezone="UTC", hosts=(), articles=())
    assert unusual(bare, days(0, 0), looks()) == ()
    assert silent(bare, None, looks()) is None


@pytest.mark.parametrize(("last", "is_silent"), [(SILENT_DAYS, False), (SILENT_DAYS + 1, True), (400, True)])
def test_a_source_that_brings_nothing_although_somebody_looks(last: int, *, is_silent: bool) -> None:
    """Whole days without a new article, since the last one or since the first look; never where the least is none."""
    found = silent(source(), at(0), looks(last=last))
    assert (found is not None) is is_silent
    assert silent(source(0), at(0), looks(last=last)) is None
    assert (silent(source(), None, looks(first=0, last=last)) is not None) is is_silent


def test_days_off_are_no_silence() -> None:
    """From Friday to Tuesday there are three days, of which Sunday does not count."""
    assert silent(source(), at(4), looks(last=8)) is not None
    assert silent(source(days_off=("sunday",)), at(4), looks(last=8)) is None
    assert silent(source(days_off=("sunday",)), at(4), looks(last=9)) is not None


def test_nobody_looking_is_no_silence() -> None:
    """A program that was off for a month and looks again has not seen the outlet be silent."""
    assert silent(source(), at(0), looks(last=1)) is None
