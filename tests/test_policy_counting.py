"""Counting through an outlet's numbers: where it ends, and that a kept count goes on as one that was not interrupted."""

from __future__ import annotations

from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from scraper.model import Backfill, Verdict
from scraper.policy import counting
from scraper.policy.counting import Count

BEGAN = datetime(2026, 8, 22, 12, tzinfo=UTC)
FIRST, LAST = date(2026, 1, 1), date(2026, 1, 3)
RUNNING = Backfill(kind="serial", url="http://outlet.example/view/{number}", first=10, misses=3)
DAILY = Backfill(kind="serial", url="http://outlet.example/{date:%Y-%m-%d}-{number:03d}", misses=2)


def counted(way: Backfill, given_out: set[str], *, stop: int = 10_000) -> list[str]:
    """The addresses that are asked for, of an outlet with so many articles; kept and taken up again at every number."""
    here: Count | None = counting.start(way, FIRST, BEGAN)
    asked: list[str] = []
    while here is not None and len(asked) < stop:
        here = Count.from_json(here.to_json())
        asked.append(counting.address(way, here))
        here = counting.onward(way, here, LAST, miss=asked[-1] not in given_out)
    return asked


def test_numbers_run_on_until_so_many_are_missing() -> None:
    """Three misses in a row end it; two do not."""
    asked = counted(RUNNING, {f"http://outlet.example/view/{number}" for number in (10, 13, 14)})
    assert asked == [f"http://outlet.example/view/{number}" for number in range(10, 18)]


def test_each_day_has_its_own_numbers() -> None:
    """A day without articles costs as many requests as misses are allowed, and the next begins at the first number."""
    asked = counted(DAILY, {"http://outlet.example/2026-01-02-001"})
    assert [url[-14:] for url in asked] == [
        "2026-01-01-001",
        "2026-01-01-002",
        "2026-01-02-001",
        "2026-01-02-002",
        "2026-01-02-003",
        "2026-01-03-001",
        "2026-01-03-002",
    ]


def test_a_declared_last_number_is_reached_whatever_is_missing() -> None:
    """Nothing is there, and all five are asked for."""
    way = Backfill(kind="serial", url="http://outlet.example/view/{number}", first=1, last=9, step=2, misses=1)
    assert len(counted(way, set())) == 5


@given(st.sets(st.integers(10, 60)), st.integers(1, 5))
def test_everything_below_a_long_enough_gap_is_found(numbers: set[int], misses: int) -> None:
    """What a walk finds are the numbers before the first gap of so many, and a dry run that knows them counts the same."""
    way = Backfill(kind="serial", url="{number}", first=10, misses=misses)
    asked = [int(url) for url in counted(way, {str(number) for number in numbers})]
    found = [number for number in asked if number in numbers]
    assert asked == list(range(10, (found[-1] if found else 9) + misses + 1))
    count = counting.start(way, FIRST, BEGAN)
    planned = list(counting.least(way, count, LAST, lambda url: int(url) in numbers))
    assert planned == [number in numbers for number in asked]


def test_a_number_that_nobody_answered_is_neither() -> None:
    """It lengthens no row of misses and ends none."""
    here = Count(day=FIRST, number=4, misses=1, began=BEGAN)
    assert counting.onward(RUNNING, here, LAST, miss=None) == Count(day=FIRST, number=5, misses=1, began=BEGAN)


def test_what_is_a_miss() -> None:
    """An article in another language has its number; an answer that says there is none, or leads home, has not."""
    misses = {verdict for verdict in Verdict if counting.is_miss(verdict)}
    assert {Verdict.GONE, Verdict.SOFT_GONE, Verdict.EMPTY, Verdict.MOVED_HOME} <= misses
    assert not misses & {Verdict.ARTICLE, Verdict.WRONG_LANGUAGE, Verdict.NOT_HTML, Verdict.TRUNCATED}
