"""One request at a time per host group, with a gap after each: the protocol, an in-process clock, and the waiting.

Hides how a turn is waited for. What is allowed when is decided in `policy.pace`. The clock every process shares is the
catalogue's; `LocalPace` serves a single process that has no catalogue (tests, benchmarks).
"""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from scraper.errors import Throttled, Transient
from scraper.model import Failure
from scraper.policy.pace import HostClock, Limits, Spent, Wait, asked, given_back, stopped

if TYPE_CHECKING:
    from collections.abc import Callable

    from scraper.clock import Clock

LOOK_AGAIN = 1.0
"""The longest wait, in seconds, before asking again: a lease may be given back long before it runs out."""

SLICE = 0.25
"""The longest sleep, in seconds, between two looks at whether the run was abandoned."""

FREE = Limits()


class Pace(Protocol):
    """The shared clock of host groups. Every call is atomic over all threads and processes that share it."""

    def acquire(
        self, group: str, owner: str, now: datetime, lease_until: datetime, limits: Limits = FREE
    ) -> Wait | None:
        """Take the group's turn until `lease_until`: None when granted, else when to ask again, and what stops us.

        Decided by `policy.pace.may_ask`. Who is not granted a turn stands in line for it, and keeps that place by
        asking again within `policy.pace.PATIENCE`.
        """
        ...

    def release(self, group: str, owner: str, now: datetime, spent: Spent, limits: Limits = FREE) -> None:
        """Give the turn back with what came of it (`policy.pace.given_back`); no effect if `owner` has lost it."""
        ...

    def stop_until(self, group: str, until: datetime, why: str) -> None:
        """Keep everybody off the group until then, also after a restart; never shortens a longer stop."""
        ...


class LocalPace:
    """A `Pace` for the threads of one process; forgotten when the process ends."""

    def __init__(self) -> None:
        self._clocks: dict[str, HostClock] = {}
        self._lock = threading.Lock()

    def acquire(
        self, group: str, owner: str, now: datetime, lease_until: datetime, limits: Limits = FREE
    ) -> Wait | None:
        """As `Pace.acquire`."""
        with self._lock:
            clock = self._clocks.get(group) or HostClock()
            wait, self._clocks[group] = asked(clock, limits, owner, now, lease_until)
        return wait

    def release(self, group: str, owner: str, now: datetime, spent: Spent, limits: Limits = FREE) -> None:
        """As `Pace.release`."""
        with self._lock:
            clock = self._clocks.get(group)
            if clock is not None and clock.owner == owner:
                self._clocks[group] = given_back(clock, limits, spent, now)

    def stop_until(self, group: str, until: datetime, why: str) -> None:
        """As `Pace.stop_until`."""
        with self._lock:
            self._clocks[group] = stopped(self._clocks.get(group) or HostClock(), until, why)


def take_turn(
    pace: Pace,
    clock: Clock,
    group: str,
    *,
    owner: str,
    lease: timedelta,
    abandoned: Callable[[], bool],
    limits: Limits = FREE,
) -> None:
    """Wait until the group's turn is ours, for at most `lease`.

    Raises Throttled, without waiting, while the group is stopped (asked to be left alone, budget spent, circuit open,
    quiet hours); Transient once the run is abandoned.
    """
    while True:
        now = clock.now()
        wait = pace.acquire(group, owner, now, now + lease, limits)
        if wait is None:
            return
        if wait.kind:
            message = f"{group} {wait.why}: left alone until {wait.until:%Y-%m-%d %H:%M:%SZ}"
            raise Throttled(message, until=wait.until, kind=wait.kind)
        pause(clock, min(max(0.01, (wait.until - now).total_seconds()), LOOK_AGAIN), abandoned)


def pause(clock: Clock, seconds: float, abandoned: Callable[[], bool]) -> None:
    """Sleep, in slices so that an abandoned run ends at once. Raises Transient then."""
    left = seconds
    while left > 0:
        if abandoned():
            raise Transient("abandoned while waiting for a turn; nothing was sent", failure=Failure.ABANDONED)
        clock.sleep(min(SLICE, left))
        left -= SLICE
