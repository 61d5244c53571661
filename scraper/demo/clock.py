"""A clock that moves only when somebody sleeps: the demo's ten days pass in a minute.

Hides the lock. Replica and jobs share one, so what the replica serves follows from how far the jobs have waited.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from threading import Lock


class SteppedClock:
    """A `scraper.clock.Clock` for the demo and the tests; safe to share between threads."""

    def __init__(self, start: datetime) -> None:
        self._lock = Lock()
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        """The simulated time, aware, in UTC."""
        with self._lock:
            return self._now

    def sleep(self, seconds: float) -> None:
        """Move on by `seconds` at once; a negative number moves nothing."""
        with self._lock:
            self._now += timedelta(seconds=max(0.0, seconds))

    def move_to(self, moment: datetime) -> None:
        """Move on to `moment`; an earlier one moves nothing, for time does not run backwards."""
        with self._lock:
            self._now = max(self._now, moment.astimezone(UTC))
