"""Turns: one at a time, a gap after each, stops for all. The first tests hold for every implementation of `Pace`."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from scraper.clock import SystemClock
from scraper.errors import Throttled, Transient
from scraper.fetch.pace import FREE, LocalPace, pause, take_turn
from scraper.model import Failure, Politeness
from scraper.policy.pace import Limits, Spent
from scraper.policy.pace import Wait as NotYet
from tests.fetch_support import START, Recorder, StepClock, asking, fetcher, outlet
from tests.web_server import Answer, Wait, WebServer, head, page

LEASE = timedelta(seconds=130)


def later(seconds: float) -> datetime:
    """A moment after the start."""
    return START + timedelta(seconds=seconds)


def gap(seconds: float) -> Limits:
    """Limits that are a gap only."""
    return Limits(gap=seconds, max_gap=seconds)


def test_a_free_group_is_granted_once() -> None:
    """Whoever comes first has the turn; nobody else has it meanwhile, not even under the same owner's name."""
    pace = LocalPace()
    assert pace.acquire("kcna.kp", "a", START, START + LEASE) is None
    for owner in ("a", "b"):
        again = pace.acquire("kcna.kp", owner, later(1), later(1) + LEASE)
        assert again is not None
        assert later(1) < again.until <= START + LEASE
        assert again.kind == ""
    assert pace.acquire("rodong.rep.kp", "b", later(1), later(1) + LEASE) is None


def test_after_a_release_the_gap_is_kept() -> None:
    """The next turn begins no earlier than the release allows."""
    pace = LocalPace()
    pace.acquire("kcna.kp", "a", START, START + LEASE)
    pace.release("kcna.kp", "a", later(2), Spent(), gap(3))
    assert pace.acquire("kcna.kp", "b", later(4), later(4) + LEASE) == NotYet(until=later(5))
    assert pace.acquire("kcna.kp", "b", later(5), later(5) + LEASE) is None


def test_a_lease_that_ran_out_frees_the_group() -> None:
    """A killed process holds a group no longer than its lease, and its late release changes nothing."""
    pace = LocalPace()
    pace.acquire("kcna.kp", "killed", START, START + LEASE)
    assert pace.acquire("kcna.kp", "b", START + LEASE, START + 2 * LEASE) is None
    pace.release("kcna.kp", "killed", START, Spent())
    assert pace.acquire("kcna.kp", "c", START + LEASE, START + 2 * LEASE) is not None


def test_a_stop_holds_for_everybody_and_is_never_shortened() -> None:
    """While stopped no turn is granted; the longer of two stops counts."""
    pace = LocalPace()
    pace.stop_until("kcna.kp", later(100), "429")
    pace.stop_until("kcna.kp", later(50), "429")
    wait = pace.acquire("kcna.kp", "a", later(99), later(99) + LEASE)
    assert wait is not None
    assert (wait.until, wait.kind) == (later(100), "throttled")
    assert pace.acquire("kcna.kp", "a", later(100), later(100) + LEASE) is None


def test_waiting_for_a_turn_takes_the_rest_of_the_gap() -> None:
    """The wait is by the clock that was passed in, and exactly as long as needed."""
    pace, clock = LocalPace(), StepClock()
    pace.acquire("kcna.kp", "a", START, START + LEASE)
    pace.release("kcna.kp", "a", START, Spent(), gap(3))
    take_turn(pace, clock, "kcna.kp", owner="b", lease=LEASE, abandoned=lambda: False)
    assert clock.now() == later(3)


class FarSighted(LocalPace):
    """A pace that names the lease's end as the time to ask again, as a database without notifications does."""

    def acquire(
        self, group: str, owner: str, now: datetime, lease_until: datetime, limits: Limits = FREE
    ) -> NotYet | None:
        """As `Pace.acquire`."""
        wait = super().acquire(group, owner, now, lease_until, limits)
        return None if wait is None else NotYet(until=lease_until)


def test_a_turn_given_back_early_is_taken_early() -> None:
    """Whoever waits does not sleep until the lease of the other runs out."""
    pace, clock = FarSighted(), StepClock()
    pace.acquire("kcna.kp", "a", START, START + LEASE)
    given_back: list[datetime] = []

    def abandoned() -> bool:
        if clock.now() >= later(2) and not given_back:
            pace.release("kcna.kp", "a", later(2), Spent())
            given_back.append(clock.now())
        return False

    take_turn(pace, clock, "kcna.kp", owner="b", lease=LEASE, abandoned=abandoned)
    assert later(2) <= clock.now() <= later(4)


def test_a_stopped_group_raises_instead_of_waiting() -> None:
    """Throttled names the end of the stop, and no time passes."""
    pace, clock = LocalPace(), StepClock()
    pace.stop_until("kcna.kp", later(100), "429")
    with pytest.raises(Throttled) as caught:
        take_turn(pace, clock, "kcna.kp", owner="b", lease=LEASE, abandoned=lambda: False)
    assert caught.value.until == later(100)
    assert clock.now() == START


def test_an_abandoned_wait_ends_at_once() -> None:
    """A wait of an hour ends within a slice when the run is given up."""
    clock = StepClock()
    with pytest.raises(Transient) as caught:
        pause(clock, 3600, lambda: len(clock.slept) > 2)
    assert caught.value.failure is Failure.ABANDONED
    assert clock.now() < later(1)


def test_two_fetchers_that_share_a_pace_never_overlap_and_keep_the_gap() -> None:
    """Requests of two fetchers, each with its own thread, reach the host one at a time, a gap after each other."""
    least = 0.1
    source = outlet(politeness=Politeness(gap=least, max_gap=least, connect_timeout=5, read_timeout=5, deadline=10))
    slow = Answer((Wait(0.03), head(200, "OK", [("Content-Length", "2")]), b"ok"))
    with WebServer({"/a": slow, "/b": page(b"ok")}) as web:
        pace = LocalPace()

        def crawl(owner: str, path: str) -> None:
            recorder = Recorder()
            with fetcher(recorder, clock=SystemClock(), pace=pace, owner=owner) as made:
                for number in range(5):
                    made.get(asking(web.url(f"{path}?{number}")), source, recorder.record)

        threads = [threading.Thread(target=crawl, args=pair) for pair in (("daemon", "/a"), ("backfill", "/b"))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        log = sorted(web.log, key=lambda seen: seen.started)
    assert len(log) == 12  # ten pages, and robots.txt for each fetcher
    gaps = [after.started - before.ended for before, after in pairwise(log)]
    assert min(gaps) >= least * 0.99


def test_the_gap_is_measured_from_completion() -> None:
    """A slow answer does not eat up the gap that follows it."""
    source = outlet(politeness=Politeness(gap=0.15, max_gap=0.15, connect_timeout=5, read_timeout=5, deadline=10))
    slow = Answer((head(200, "OK", [("Content-Length", "2")]), b"o", Wait(0.3), b"k"))
    recorder = Recorder()
    with WebServer({"/a": slow}) as web, fetcher(recorder, clock=SystemClock()) as made:
        for _ in range(2):
            made.get(asking(web.url("/a")), source, recorder.record)
        first, second = [seen for seen in web.log if seen.target == "/a"]
    assert second.started - first.ended >= 0.149


def test_a_lock_step_of_many_threads_grants_one_turn() -> None:
    """Of twenty threads that ask at the same moment exactly one is granted."""
    pace, granted = LocalPace(), []
    barrier = threading.Barrier(20)
    now = datetime.now(UTC)

    def ask(number: int) -> None:
        barrier.wait()
        if pace.acquire("kcna.kp", str(number), now, now + LEASE) is None:
            granted.append(number)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(granted) == 1


def test_waiting_gives_way_to_the_clock_and_not_to_a_spin() -> None:
    """While somebody else holds the turn, asking again is spaced out."""
    pace = LocalPace()
    pace.acquire("kcna.kp", "a", datetime.now(UTC), datetime.now(UTC) + LEASE)
    asked = []
    began = time.monotonic()

    def abandoned() -> bool:
        asked.append(1)
        return time.monotonic() - began > 0.3

    with pytest.raises(Transient):
        take_turn(pace, SystemClock(), "kcna.kp", owner="b", lease=LEASE, abandoned=abandoned)
    assert len(asked) < 12
