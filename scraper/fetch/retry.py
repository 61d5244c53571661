"""The one HTTP retry layer: what is tried again, after how long, and what a Retry-After header says.

Hides tenacity and the two forms of Retry-After (RFC 9110 §10.2.3).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from tenacity import RetryCallState, Retrying, retry_if_exception

from scraper.errors import Transient
from scraper.model import Failure

if TYPE_CHECKING:
    from collections.abc import Callable

    from scraper.clock import Clock
    from scraper.model import Exchange, Politeness

FIRST_WAIT = 2.0
LONGEST_WAIT = 60.0
DEFAULT_STOP = timedelta(seconds=60)
SHORTEST_STOP = timedelta(seconds=1)
LONGEST_STOP = timedelta(hours=24)

RETRIED = frozenset(
    {
        None,  # an answer with a 5xx status
        Failure.TIMEOUT_CONNECT,
        Failure.TIMEOUT_READ,
        Failure.TIMEOUT_TOTAL,
        Failure.TOO_SLOW,
        Failure.DNS,
        Failure.CONNECT,
        Failure.RESET,
    }
)
"""What another attempt may cure. A certificate that does not verify, a bomb or nonsense on the wire is not among it."""


def retrying(
    politeness: Politeness,
    clock: Clock,
    *,
    jitter: Callable[[], float],
    pause: Callable[[float], None],
    since: datetime,
) -> Retrying:
    """Make the loop around one request: full jitter, bounded in attempts and in time from `since` (by the clock).

    `jitter` gives numbers from 0 to 1; `pause` waits that many seconds and may raise to end it all.
    """

    def wait(state: RetryCallState) -> float:
        return float(jitter() * min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** (state.attempt_number - 1)))

    def stop(state: RetryCallState) -> bool:
        spent = (clock.now() - since).total_seconds() + state.upcoming_sleep
        return state.attempt_number >= politeness.attempts or spent > politeness.retry_window

    return Retrying(retry=retry_if_exception(worth_another_try), wait=wait, stop=stop, sleep=pause, reraise=True)


def worth_another_try(error: BaseException) -> bool:
    """Whether an error is one that another attempt may cure."""
    return isinstance(error, Transient) and error.failure in RETRIED


def retry_after(value: str, now: datetime) -> timedelta:
    """Read a Retry-After value: seconds or an HTTP-date; how long to stay away, from 1 s to 24 h.

    A negative, past or unreadable value means 60 s: the server wanted us gone, only not for how long.
    """
    text = value.strip()
    if text.isascii() and text.isdigit():
        digits = text.lstrip("0") or "0"
        wait = timedelta(seconds=int(digits)) if len(digits) < 9 else LONGEST_STOP
        return min(max(wait, SHORTEST_STOP), LONGEST_STOP)
    moment = _date(text)
    wait = moment - now if moment is not None else timedelta()
    return min(max(wait, SHORTEST_STOP), LONGEST_STOP) if wait > timedelta() else DEFAULT_STOP


def stop_asked(exchange: Exchange) -> timedelta | None:
    """How long the host asked to be left alone: a 429, or a 5xx with Retry-After; None when it did not ask.

    A date is meant by the host's own clock, which Date tells (RFC 9110 §6.6.1): the longer time by that and ours counts.
    """
    if exchange.status is None or not (exchange.status == 429 or exchange.status >= 500):
        return None
    value = _header(exchange, "retry-after")
    if value is None:
        return DEFAULT_STOP if exchange.status == 429 else None
    theirs = _date(_header(exchange, "date") or "")
    return max(retry_after(value, now) for now in (exchange.fetched_at, theirs or exchange.fetched_at))


def _date(text: str) -> datetime | None:
    """An HTTP-date in any of its three forms, in UTC where it names no zone; None for what is none."""
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _header(exchange: Exchange, name: str) -> str | None:
    return next((value for key, value in exchange.headers if key.lower() == name), None)
