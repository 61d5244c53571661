"""The service level of the sweep: measured ages, and whether a day's requests suffice."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from scraper.model import Politeness, Severity, Source
from scraper.policy.sweep import Verified, level, per_day, shortfalls
from tests.policy_support import NOON

DAY = timedelta(days=1)
SOURCE = Source(
    id="outlet",
    name="Outlet",
    parser="outlet",
    language="en",
    timezone="Asia/Pyongyang",
    hosts=("outlet.example",),
    articles=("^/a",),
    sweep=30,
    politeness=Politeness(gap=10.0, daily_requests=500),
)
KEPT = Verified(held=3000, within=3000, fresh=30, oldest_at=NOON - 29 * DAY)


def test_what_a_day_takes_and_what_it_allows() -> None:
    """3,000 articles in 30 days, and one new article a day asked for eight times; the budget, else the gap, is the limit."""
    assert per_day(SOURCE, KEPT) == (108.0, 500)
    assert per_day(replace(SOURCE, politeness=Politeness(gap=10.0)), KEPT) == (108.0, 8640)


def test_the_level_is_told_in_numbers() -> None:
    """Share, age and requests stand in one line; where nothing is held it says so."""
    line = level(SOURCE, replace(KEPT, within=2700), NOON)
    assert "90.0 % verified within 30 days" in line
    assert "29.0 days" in line
    assert "108.0 requests a day of 500" in line
    assert "no article" in level(SOURCE, Verified(held=0, within=0, fresh=0), NOON)


def test_a_promise_that_is_kept_is_no_finding() -> None:
    """A day late is the grace of a host that rests."""
    assert shortfalls(SOURCE, KEPT, NOON) == ()
    assert shortfalls(SOURCE, replace(KEPT, oldest_at=NOON - 31 * DAY), NOON) == ()


def test_a_budget_that_cannot_suffice_is_said_before_it_is_late() -> None:
    """Notes, so that they change no exit code; each with what mends it."""
    many = replace(KEPT, held=30_000, within=29_990)
    (budget,) = shortfalls(SOURCE, many, NOON)
    assert (budget.kind, budget.severity) == ("sweep-budget", Severity.NOTE)
    assert "1008.0 requests" in budget.reason
    late = shortfalls(SOURCE, replace(many, oldest_at=NOON - 40 * DAY), NOON)
    assert [each.kind for each in late] == ["sweep-budget", "sweep-late"]
    assert late[1].reason.startswith("10 articles")
