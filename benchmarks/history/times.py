"""When the history plays: spring 2018, in which the clocks of both outlets' zones were changed.

Hides the calendar. Moments of the script are UTC, days count from 1. In Berlin summer time began on day 7 (25 March), in Pyongyang
the zone went from +08:30 back to +09:00 on day 48 (5 May).
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from scraper.demo.clock import SteppedClock

FIRST_DAY = date(2018, 3, 19)
TICK = timedelta(hours=3)
"""How often the daemon looks, as the sources declare it."""
_FIRST_TICK = "07:00"


class Span(NamedTuple):
    """A stretch of time, its end not included."""

    since: datetime
    until: datetime

    def holds(self, moment: datetime) -> bool:
        """Whether a moment lies in it."""
        return self.since <= moment < self.until


FOREVER = datetime(2100, 1, 1, tzinfo=UTC)


def at(day: int, clock: str) -> datetime:
    """A moment of the script: `clock` is HH:MM in UTC."""
    hours, minutes = (int(part) for part in clock.split(":"))
    midnight = datetime(FIRST_DAY.year, FIRST_DAY.month, FIRST_DAY.day, tzinfo=UTC)
    return midnight + timedelta(days=day - 1, hours=hours, minutes=minutes)


START = at(1, _FIRST_TICK)


def ticks(days: int) -> list[datetime]:
    """The moments at which the daemon would look, from the first noon to the end of the last day."""
    return [START + number * TICK for number in range((at(days + 1, "00:00") - START) // TICK + 1)]


class Wrong:
    """Our own clock, which may be wrong: the true time and `ahead`. A `scraper.clock.Clock`."""

    def __init__(self, true: SteppedClock) -> None:
        self._true = true
        self.ahead = timedelta()

    def now(self) -> datetime:
        """The time as this machine has it."""
        return self._true.now() + self.ahead

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self._true.sleep(seconds)
