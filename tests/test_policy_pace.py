"""The arithmetic of politeness: gaps, stops, budgets, the circuit breaker, quiet hours."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.policy.pace import (
    FIRST_BREAK,
    LONGEST_BREAK,
    PATIENCE,
    POLL,
    HostClock,
    Limits,
    Outcome,
    Spent,
    gap_after,
    given_back,
    in_line,
    may_ask,
    quiet_until,
    stopped,
    taken,
)
from tests.policy_support import NOON

LIMITS = Limits(gap=3.0, max_gap=120.0)
LEASE = timedelta(seconds=130)
DONE = Spent(seconds=0.1, outcome=Outcome.ANSWERED)
FAILED = Spent(seconds=0.1, outcome=Outcome.FAILED)


def later(seconds: float) -> datetime:
    """A moment after noon."""
    return NOON + timedelta(seconds=seconds)


def asked(clock: HostClock, spent: Spent, at: datetime, limits: Limits = LIMITS) -> HostClock:
    """The clock after one request that began and ended at a moment."""
    return given_back(taken(clock, "a", at, at + LEASE), limits, spent, at)


@pytest.mark.parametrize(
    ("seconds", "crawl_delay", "gap"),
    [
        (0.1, 0.0, 3.0),
        (0.6, 0.0, 3.0),
        (2.0, 0.0, 10.0),
        (60.0, 0.0, 120.0),
        (0.1, 7.0, 7.0),
        (2.0, 7.0, 10.0),
        (0.1, 1.0, 3.0),
        (0.1, 120.0, 120.0),
    ],
)
def test_the_gap_is_the_largest_of_three(seconds: float, crawl_delay: float, gap: float) -> None:
    """Configured gap, crawl-delay, five times the response: the largest, and no more than the longest."""
    limits = replace(LIMITS, crawl_delay=crawl_delay)
    assert gap_after(HostClock(), limits, Spent(seconds=seconds, outcome=Outcome.ANSWERED)) == (gap, 0.0)


def test_a_failure_doubles_the_gap_and_successes_halve_it_again() -> None:
    """3, 6, 12 ... up to the longest; then back in as many steps, and no further than the configured gap."""
    clock, gaps = HostClock(), []
    for spent in [DONE, *[FAILED] * 7, *[DONE] * 7]:
        clock = asked(clock, spent, NOON)
        gaps.append(clock.gap)
    assert gaps == [3, 6, 12, 24, 48, 96, 120, 120, 60, 30, 15, 7.5, 3.75, 3, 3]


@given(
    st.lists(st.tuples(st.sampled_from(Outcome), st.floats(0, 500), st.floats(0, 120)), max_size=30),
    st.floats(0.5, 20),
    st.floats(20, 200),
)
def test_no_history_leaves_the_bounds_and_no_failure_shortens_a_gap(
    history: list[tuple[Outcome, float, float]], gap: float, longest: float
) -> None:
    """Whatever happened: from the configured gap to the longest (or the crawl-delay), and never less after a failure."""
    clock = HostClock()
    for outcome, seconds, delay in history:
        before = clock.gap
        limits = Limits(gap=gap, max_gap=longest, crawl_delay=delay)
        clock = asked(clock, Spent(seconds=seconds, outcome=outcome), NOON, limits)
        assert max(gap, delay) <= clock.gap <= max(longest, delay)
        if outcome is Outcome.FAILED:
            assert clock.gap >= min(before, longest)


def test_a_gap_of_nothing_switches_pacing_off_but_for_robots() -> None:
    """For a server of one's own neither slowness nor failures count; a crawl-delay does."""
    off = Limits(gap=0.0)
    for spent in (replace(FAILED, seconds=9.0), replace(DONE, seconds=9.0)):
        assert gap_after(HostClock(gap=50.0, slowed=50.0), off, spent) == (0.0, 0.0)
    assert gap_after(HostClock(), replace(off, crawl_delay=2.0), DONE) == (2.0, 0.0)


def test_the_gap_runs_from_the_end_of_the_last_request() -> None:
    """Nobody asks before it is over, whoever asked last."""
    clock = given_back(taken(HostClock(), "a", NOON, NOON + LEASE), LIMITS, DONE, later(10))
    wait = may_ask(clock, LIMITS, later(12.9))
    assert wait is not None
    assert (wait.until, wait.kind) == (later(13), "")
    assert may_ask(clock, LIMITS, later(13)) is None


def test_a_lease_holds_until_its_deadline() -> None:
    """A turn that was never given back is free a gap after its lease: the request may have lasted as long as that."""
    clock = taken(HostClock(gap=8.0), "killed", NOON, NOON + LEASE)
    assert may_ask(clock, LIMITS, NOON + LEASE + timedelta(seconds=7.9)) is not None
    assert may_ask(clock, LIMITS, NOON + LEASE + timedelta(seconds=8)) is None
    assert may_ask(clock, replace(LIMITS, crawl_delay=20.0), NOON + LEASE + timedelta(seconds=8)) is not None
    assert may_ask(taken(HostClock(), "killed", NOON, NOON + LEASE), Limits(), NOON + LEASE) is None


def test_the_answer_that_asks_for_a_longer_gap_is_followed_by_it() -> None:
    """After robots.txt the crawl-delay that it names is kept, too; and a longer gap than that is not made longer."""
    clock = asked(HostClock(), DONE, NOON)
    slow = replace(LIMITS, crawl_delay=10.0)
    wait = may_ask(clock, slow, later(3))
    assert wait is not None
    assert wait.until == later(10)
    assert may_ask(clock, slow, later(10)) is None
    failed = asked(clock, replace(FAILED, seconds=4.0), NOON)
    assert may_ask(failed, slow, later(20)) is None


def test_a_stop_is_never_shortened() -> None:
    """The longer of two stops counts, also when it came first."""
    clock = stopped(stopped(HostClock(), later(100), "429"), later(50), "503")
    assert (clock.stopped_until, clock.stopped_why) == (later(100), "429")
    wait = may_ask(clock, LIMITS, later(99))
    assert wait is not None
    assert wait.kind == "throttled"
    assert may_ask(clock, LIMITS, later(100)) is None


def test_a_budget_of_requests_ends_with_the_utc_day() -> None:
    """The third request is not made; the next UTC day begins a new count, whoever counted before."""
    limits = replace(LIMITS, daily_requests=2)
    late = datetime(2026, 8, 22, 23, 59, tzinfo=UTC)
    clock = asked(asked(HostClock(), DONE, late, limits), DONE, late, limits)
    wait = may_ask(clock, limits, late + timedelta(seconds=30))
    assert wait is not None
    assert (wait.until, wait.kind) == (datetime(2026, 8, 23, tzinfo=UTC), "budget-spent")
    assert "daily_requests" in wait.why
    assert may_ask(clock, limits, wait.until) is None
    assert asked(clock, DONE, wait.until, limits).requests == 1


def test_a_request_that_was_killed_has_been_made() -> None:
    """The count is taken with the turn, not when it is given back."""
    limits = replace(LIMITS, daily_requests=1)
    clock = taken(HostClock(), "killed", NOON, NOON + LEASE)
    wait = may_ask(clock, limits, NOON + LEASE)
    assert wait is not None
    assert wait.kind == "budget-spent"


def test_a_budget_of_bytes_is_spent_by_the_answer_that_crosses_it() -> None:
    """Bytes count as received; once they reach the budget nothing more is asked that day."""
    limits = replace(LIMITS, daily_bytes=1000)
    clock = asked(HostClock(), replace(DONE, wire_bytes=999), NOON, limits)
    assert may_ask(clock, limits, later(60)) is None
    clock = asked(clock, replace(DONE, wire_bytes=1), NOON, limits)
    wait = may_ask(clock, limits, later(60))
    assert wait is not None
    assert (wait.kind, wait.until) == ("budget-spent", datetime(2026, 8, 23, tzinfo=UTC))


def test_the_circuit_opens_probes_and_closes() -> None:
    """Open after the third failure; each failed probe doubles the time; one success closes it and forgets."""
    limits = Limits(gap=0.0, breaker_failures=3)
    clock, now = HostClock(), NOON
    for _ in range(2):
        clock = asked(clock, FAILED, now, limits)
        assert may_ask(clock, limits, now) is None
    for length in (FIRST_BREAK, 2 * FIRST_BREAK, 4 * FIRST_BREAK):
        clock = asked(clock, FAILED, now, limits)
        wait = may_ask(clock, limits, now + length - timedelta(seconds=1))
        assert wait is not None
        assert (wait.kind, wait.until) == ("circuit-open", now + length)
        now += length
        assert may_ask(clock, limits, now) is None
        probing = taken(clock, "probe", now, now + LEASE)
        assert may_ask(probing, limits, now) is not None, "one probe at a time"
    clock = asked(clock, DONE, now, limits)
    assert (clock.failures, clock.openings) == (0, 0)
    assert may_ask(asked(clock, FAILED, now, limits), limits, now) is None


def test_a_circuit_never_stays_open_for_longer_than_hours() -> None:
    """The growing time ends at six hours."""
    limits = Limits(gap=0.0, breaker_failures=1)
    clock = asked(HostClock(openings=500), FAILED, NOON, limits)
    assert clock.open_until == NOON + LONGEST_BREAK


def test_what_says_nothing_of_the_host_leaves_the_circuit_as_it_is() -> None:
    """An abandoned or refused request neither opens nor closes anything."""
    limits = Limits(gap=3.0, breaker_failures=3)
    clock = asked(asked(HostClock(), FAILED, NOON, limits), Spent(), NOON, limits)
    assert (clock.failures, clock.slowed) == (1, 6.0)


@pytest.mark.parametrize(
    ("hours", "zone", "now", "end"),
    [
        ("01:00-05:00", "UTC", "2026-08-22T00:59:59", None),
        ("01:00-05:00", "UTC", "2026-08-22T01:00:00", "2026-08-22T05:00:00"),
        ("01:00-05:00", "UTC", "2026-08-22T04:59:59", "2026-08-22T05:00:00"),
        ("01:00-05:00", "UTC", "2026-08-22T05:00:00", None),
        ("01:00-05:00", "Asia/Pyongyang", "2026-08-21T16:30:00", "2026-08-21T20:00:00"),
        ("22:00-04:00", "UTC", "2026-08-22T23:00:00", "2026-08-23T04:00:00"),
        ("22:00-04:00", "UTC", "2026-08-22T03:00:00", "2026-08-22T04:00:00"),
        ("22:00-04:00", "UTC", "2026-08-22T12:00:00", None),
        ("22:00-04:00", "Europe/Vienna", "2026-10-24T21:00:00", "2026-10-25T03:00:00"),
        ("01:00-02:30", "Europe/Vienna", "2026-10-25T00:10:00", "2026-10-25T00:30:00"),
        ("01:00-02:30", "Europe/Vienna", "2026-10-25T00:40:00", None),
        ("01:00-02:30", "Europe/Vienna", "2026-10-25T01:10:00", "2026-10-25T01:30:00"),
    ],
)
def test_quiet_hours_are_on_the_outlets_clock(hours: str, zone: str, now: str, end: str | None) -> None:
    """Inside them, their end in UTC; over midnight and over the end of summer time too."""
    found = quiet_until((hours,), zone, datetime.fromisoformat(now).replace(tzinfo=UTC))
    assert (found[0].replace(tzinfo=None).isoformat() if found else None) == end


def test_any_of_several_quiet_hours_counts() -> None:
    """A source may declare more than one; they stop everybody with their own words."""
    limits = Limits(quiet=("01:00-02:00", "11:30-13:00"), timezone="UTC")
    wait = may_ask(HostClock(), limits, NOON)
    assert wait is not None
    assert (wait.kind, wait.until) == ("quiet-hours", later(3600))
    assert "11:30-13:00" in wait.why


def test_whoever_has_waited_longest_is_next() -> None:
    """Everybody else is told to ask again soon, also who has just had the turn and asks at the very moment it is free."""
    clock = given_back(taken(HostClock(), "backfill", NOON, NOON + LEASE), LIMITS, DONE, NOON)
    for owner, at in (("daemon", 1.0), ("backfill", 1.1), ("daemon", 2.0)):
        clock = in_line(clock, owner, later(at))
    for owner in ("backfill", "somebody new"):
        wait = may_ask(clock, LIMITS, later(3), owner)
        assert wait is not None
        assert (wait.until, wait.kind) == (later(3) + POLL, "")
    assert may_ask(clock, LIMITS, later(3), "daemon") is None
    clock = taken(clock, "daemon", later(3), later(3) + LEASE)
    assert [one.owner for one in clock.waiting] == ["backfill"]


def test_who_waits_no_more_holds_nobody_up() -> None:
    """A process that was killed while it stood in line, or is stopped there, loses its place."""
    clock = in_line(HostClock(), "killed", NOON)
    assert may_ask(clock, LIMITS, NOON + PATIENCE, "b") is not None
    assert may_ask(clock, LIMITS, NOON + PATIENCE + timedelta(milliseconds=1), "b") is None
    assert [one.owner for one in in_line(clock, "b", NOON + 2 * PATIENCE).waiting] == ["b"]


def test_a_gap_of_nothing_switches_the_line_off() -> None:
    """At a server of one's own nobody waits longer than the turn is held."""
    assert may_ask(in_line(HostClock(), "a", NOON), Limits(gap=0.0), NOON, "b") is None


@given(st.lists(st.sampled_from("abc"), min_size=3, max_size=60), st.data())
def test_nobody_is_passed_over_twice(order: list[str], data: st.DataObject) -> None:
    """Whoever asks in whatever order: between two turns of one owner everybody who waited meanwhile has had theirs."""
    clock, now, since_turn = HostClock(), NOON, {owner: set[str]() for owner in "abc"}
    for number, owner in enumerate(order):
        now += timedelta(seconds=data.draw(st.floats(0.01, 0.5)))
        if may_ask(clock, LIMITS, now, owner) is not None:
            clock = in_line(clock, owner, now)
            continue
        others = {one.owner for one in clock.waiting if now - one.asked_at <= PATIENCE} - {owner}
        assert all(owner not in since_turn[other] for other in others), f"{owner} before {others} at {number}"
        for other in "abc":
            since_turn[other] = set() if other == owner else since_turn[other] | ({owner} if other in others else set())
        clock = given_back(taken(clock, owner, now, now + LEASE), LIMITS, DONE, now)
