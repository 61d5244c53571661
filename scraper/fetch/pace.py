"""One request at a time per host group, with a gap after each: the protocol, an in-process clock, and the waiting.

Hides how a turn is waited for. The clock every process shares is the catalogue's; `LocalPace` serves a single
process that has no catalogue (tests, benchmarks).
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from scraper.errors import Throttled, Transient
from scraper.model import Failure

if TYPE_CHECKING:
    from collections.abc import Callable

    from scraper.clock import Clock

POLL = timedelta(milliseconds=50)
"""When to ask again for a turn that somebody else holds: its lease's end is only the latest moment it can be free."""

LOOK_AGAIN = 1.0
"""The longest wait, in seconds, before asking again: a lease may be given back long before it runs out."""

SLICE = 0.25
"""The longest sleep, in seconds, between two looks at whether the run was abandoned."""

_EPOCH = datetime.min.replace(tzinfo=UTC)


class Pace(Protocol):
    """The shared clock of host groups. Every call is atomic over all threads and processes that share it."""

    def acquire(self, group: str, owner: str, now: datetime, lease_until: datetime) -> datetime | None:
        """Take the group's turn until `lease_until`: None when granted, else the earliest time to ask again.

        Not granted while another owner's lease runs, before the group's next allowed time, or while the group is
        stopped. A turn that somebody holds may be given back early: the time returned is then a poll interval away.
        """
        ...

    def release(self, group: str, owner: str, next_allowed_at: datetime) -> None:
        """Give the turn back; nobody gets it before `next_allowed_at`. Without effect if `owner` no longer holds it."""
        ...

    def stop_until(self, group: str, until: datetime, why: str) -> None:
        """Keep everybody off the group until then, also after a restart; never shortens a longer stop."""
        ...

    def stopped_until(self, group: str, now: datetime) -> datetime | None:
        """The end of a stop that is in force at `now`, else None."""
        ...


@dataclass(slots=True)
class _Row:
    owner: str | None = None
    lease_until: datetime = _EPOCH
    next_allowed_at: datetime = _EPOCH
    stopped_until: datetime = _EPOCH


class LocalPace:
    """A `Pace` for the threads of one process; forgotten when the process ends."""

    def __init__(self) -> None:
        self._rows: dict[str, _Row] = {}
        self._lock = threading.Lock()

    def acquire(self, group: str, owner: str, now: datetime, lease_until: datetime) -> datetime | None:
        """As `Pace.acquire`."""
        with self._lock:
            row = self._rows.setdefault(group, _Row())
            allowed = max(row.next_allowed_at, row.stopped_until)
            if now < allowed:
                return allowed
            if row.owner is not None and now < row.lease_until:
                return min(row.lease_until, now + POLL)
            row.owner, row.lease_until = owner, lease_until
            return None

    def release(self, group: str, owner: str, next_allowed_at: datetime) -> None:
        """As `Pace.release`."""
        with self._lock:
            row = self._rows.get(group)
            if row is not None and row.owner == owner:
                row.owner, row.next_allowed_at = None, max(row.next_allowed_at, next_allowed_at)

    def stop_until(self, group: str, until: datetime, why: str) -> None:  # noqa: ARG002 - the catalogue keeps the reason
        """As `Pace.stop_until`."""
        with self._lock:
            row = self._rows.setdefault(group, _Row())
            row.stopped_until = max(row.stopped_until, until)

    def stopped_until(self, group: str, now: datetime) -> datetime | None:
        """As `Pace.stopped_until`."""
        with self._lock:
            row = self._rows.get(group)
            return row.stopped_until if row is not None and now < row.stopped_until else None


def take_turn(
    pace: Pace, clock: Clock, group: str, *, owner: str, lease: timedelta, abandoned: Callable[[], bool]
) -> None:
    """Wait until the group's turn is ours, for at most `lease`.

    Raises Throttled, without waiting, while the group is stopped; Transient once the run is abandoned.
    """
    while True:
        now = clock.now()
        ask_again = pace.acquire(group, owner, now, now + lease)
        if ask_again is None:
            return
        stopped = pace.stopped_until(group, now)
        if stopped is not None:
            raise Throttled(f"{group} asked to be left alone until {stopped:%Y-%m-%d %H:%M:%SZ}", until=stopped)
        pause(clock, min(max(0.01, (ask_again - now).total_seconds()), LOOK_AGAIN), abandoned)


def pause(clock: Clock, seconds: float, abandoned: Callable[[], bool]) -> None:
    """Sleep, in slices so that an abandoned run ends at once. Raises Transient then."""
    left = seconds
    while left > 0:
        if abandoned():
            raise Transient("abandoned while waiting for a turn; nothing was sent", failure=Failure.ABANDONED)
        clock.sleep(min(SLICE, left))
        left -= SLICE
