"""Time as a thing that is passed in: the real clock, and the protocol the demo's and the tests' stepped clocks follow.

Hides `time` and `datetime.now`. Only `app.py` constructs the real one; jobs are given it.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Now, and waiting. `now` is aware UTC; `sleep` takes seconds."""

    def now(self) -> datetime:
        """The current time, aware, in UTC."""
        ...

    def sleep(self, seconds: float) -> None:
        """Let `seconds` pass; a stepped clock moves itself instead of waiting."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """The current time, aware, in UTC."""
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        """Wait; a negative number is no wait."""
        time.sleep(max(0.0, seconds))  # noqa: TID251 - the one place where real time passes
