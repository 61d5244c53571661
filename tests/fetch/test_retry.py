"""What is tried again, and what Retry-After says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.errors import Refused, Throttled, Transient
from scraper.fetch.retry import DEFAULT_STOP, LONGEST_STOP, SHORTEST_STOP, retry_after, retrying, stop_asked
from scraper.model import Exchange, Failure, Politeness
from tests.fetch_support import START, StepClock, asking


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        (" 120 ", 120),
        ("0", 1),
        ("1", 1),
        ("0000000000000090", 90),
        ("86400", 86_400),
        ("317100", 86_400),
        ("9" * 5000, 86_400),
        ("-1", 60),
        ("1.5", 60),
        ("soon", 60),
        ("", 60),
        ("\u0661\u0662", 60),
        ("Sat, 22 Aug 2026 12:02:00 GMT", 120),
        ("Saturday, 22-Aug-26 12:02:00 GMT", 120),
        ("Sat Aug 22 12:02:00 2026", 120),
        ("Sat, 22 Aug 2026 14:02:00 +0200", 120),
        ("Sat, 22 Aug 2026 11:00:00 GMT", 60),
        ("Sat, 22 Aug 2026 12:00:00 GMT", 60),
        ("Mon, 24 Aug 2026 12:00:00 GMT", 86_400),
        ("Fri, 99 Zzz 2026 12:00:00 GMT", 60),
    ],
)
def test_retry_after_in_all_its_forms(value: str, seconds: int) -> None:
    """Seconds, the three date forms, nonsense, the past and far too long."""
    assert retry_after(value, START) == timedelta(seconds=seconds)


@given(
    st.text()
    | st.integers().map(str)
    | st.from_regex(r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{1,5} \d\d:\d\d:\d\d (GMT|[+-]\d{4})")
)
def test_no_retry_after_value_fails_or_leaves_the_bounds(value: str) -> None:
    """Whatever a server sends, the stop is between a second and a day."""
    assert SHORTEST_STOP <= retry_after(value, START) <= LONGEST_STOP


@given(
    st.datetimes(min_value=datetime(2026, 8, 22, 13), max_value=datetime(2026, 8, 23, 11)),  # noqa: DTZ001 - made aware
    st.integers(-12, 12),
)
def test_a_date_means_the_same_in_every_zone(moment: datetime, hours: int) -> None:
    """The stop ends at the moment the date names."""
    moment = moment.replace(microsecond=0, tzinfo=UTC)
    value = format_datetime(moment.astimezone(timezone(timedelta(hours=hours))))
    assert START + retry_after(value, START) == moment


def answered(status: int, *headers: tuple[str, str]) -> Exchange:
    """An exchange with that answer."""
    return Exchange(
        request=asking("http://kcna.kp/"),
        url="http://kcna.kp/",
        started_at=START,
        fetched_at=START,
        status=status,
        headers=headers,
    )


@pytest.mark.parametrize(
    ("status", "header", "stop"),
    [
        (429, "30", timedelta(seconds=30)),
        (429, None, DEFAULT_STOP),
        (503, "30", timedelta(seconds=30)),
        (503, None, None),
        (502, "30", timedelta(seconds=30)),
        (200, "30", None),
        (403, "30", None),
        (301, "30", None),
    ],
)
def test_which_answers_stop_a_host(status: int, header: str | None, stop: timedelta | None) -> None:
    """A 429 always stops; a 5xx when it says for how long; nothing else does."""
    headers = (("retry-after", header),) if header is not None else ()
    assert stop_asked(answered(status, *headers)) == stop


@pytest.mark.parametrize(("slow_by", "minutes"), [(0, 120), (60, 120), (-60, 180)])
def test_a_date_is_meant_by_the_hosts_own_clock(slow_by: int, minutes: int) -> None:
    """A host whose clock is slow asks for two hours and gets them; of one that is fast, our own clock counts."""
    theirs = START - timedelta(minutes=slow_by)
    asked_for = format_datetime(theirs + timedelta(hours=2), usegmt=True)
    answer = answered(429, ("Retry-After", asked_for), ("Date", format_datetime(theirs, usegmt=True)))
    assert stop_asked(answer) == timedelta(minutes=minutes)
    assert stop_asked(answered(429, ("Retry-After", asked_for), ("Date", "yesterday"))) is not None


def attempts_until_done(error: Exception, *, politeness: Politeness, clock: StepClock) -> int:
    """Count how often a call that always fails is made."""
    calls = []

    def fail() -> None:
        calls.append(clock.now())
        clock.sleep(10)
        raise error

    loop = retrying(politeness, clock, jitter=lambda: 0.5, pause=clock.sleep, since=clock.now())
    with pytest.raises(type(error)):
        loop(fail)
    return len(calls)


@pytest.mark.parametrize(
    ("error", "calls"),
    [
        (Transient("5xx"), 4),
        (Transient("timeout", failure=Failure.TIMEOUT_READ), 4),
        (Transient("reset", failure=Failure.RESET), 4),
        (Transient("dns", failure=Failure.DNS), 4),
        (Transient("certificate", failure=Failure.TLS), 1),
        (Transient("bomb", failure=Failure.DECODE_BOMB), 1),
        (Transient("large", failure=Failure.TOO_LARGE), 1),
        (Transient("stopping", failure=Failure.ABANDONED), 1),
        (Transient("nonsense", failure=Failure.PROTOCOL), 1),
        (Throttled("429", until=START), 1),
        (Refused("robots", failure=Failure.ROBOTS_DENIED), 1),
        (ValueError("a bug"), 1),
    ],
)
def test_only_named_troubles_are_tried_again(error: Exception, calls: int) -> None:
    """What another attempt may cure gets all attempts, anything else one."""
    assert attempts_until_done(error, politeness=Politeness(attempts=4), clock=StepClock()) == calls


def test_waits_grow_and_are_jittered() -> None:
    """The waits between attempts are half of 2, 4, 8 ... seconds at a jitter of one half, never over a minute."""
    clock = StepClock()
    attempts_until_done(Transient("5xx"), politeness=Politeness(attempts=8, retry_window=10_000), clock=clock)
    assert [nap for nap in clock.slept if nap != 10] == [1, 2, 4, 8, 16, 30, 30]


def test_the_window_ends_it_before_the_attempts_do() -> None:
    """No attempt begins after the retry window."""
    clock = StepClock()
    assert attempts_until_done(Transient("5xx"), politeness=Politeness(attempts=99, retry_window=45), clock=clock) == 4
    assert (clock.now() - START).total_seconds() < 60
