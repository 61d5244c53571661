"""When may a host group be asked? One turn at a time, in turn, a gap after it, stops, budgets, a breaker, quiet hours.

Hides the arithmetic of politeness (docs/fetching.md, "Pace"). Every rule is a function of a `HostClock`, the `Limits` of
the source that asks, and now; `fetch.pace` and the catalogue keep the clocks and obey.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from enum import Enum
from zoneinfo import ZoneInfo

from scraper.model import Source

RESPONSE_FACTOR = 5.0
"""The gap after an answer is at least so many times as long as the answer took (Heritrix's delay factor)."""

SLOWING = 2.0
"""A failure makes the next gap at least so many times as long; each success after it takes one such step back."""

FIRST_BREAK = timedelta(minutes=5)
LONGEST_BREAK = timedelta(hours=6)

POLL = timedelta(milliseconds=100)
"""When to ask again for a turn that somebody else has, or is to have next: it may be free at any moment."""

PATIENCE = timedelta(seconds=5)
"""Who waits for a turn and has not asked for so long is not waited for: that process may have been killed."""

NEVER = datetime(1970, 1, 1, tzinfo=UTC)


class Outcome(Enum):
    """How a request ended, as far as the host's health goes."""

    ANSWERED = "answered"
    FAILED = "failed"
    """No whole answer, or one that says the server is in trouble (429, 5xx)."""
    REFUSED_BY_US = "refused-by-us"
    """Nothing that says anything of the host: not sent, abandoned, or cut off at a limit of our own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What holds for one request: what its source declares of its pace, and what robots.txt asks for its URL.

    Seconds, counts (0: no limit), and quiet hours in the source's time zone.
    """

    gap: float = 0.0
    max_gap: float = 120.0
    crawl_delay: float = 0.0
    daily_requests: int = 0
    daily_bytes: int = 0
    breaker_failures: int = 0
    quiet: tuple[str, ...] = ()
    timezone: str = "UTC"

    @property
    def least(self) -> float:
        """The least gap, whatever the host does."""
        return max(self.gap, self.crawl_delay)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiter:
    """Somebody who waits for the turn: since when, and when they last asked."""

    owner: str
    since: datetime
    asked_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class HostClock:
    """What is known of one host group's pace; every process that may ask it shares one such clock.

    `day` is the UTC day (ISO) that `requests` and `wire_bytes` count. `gap` is the last one kept and `slowed` the least
    one that failures demand, in seconds. `failures` counts those in a row, `openings` how often they opened the circuit.
    `waiting` are those who want the turn, whoever came first standing first.
    """

    owner: str | None = None
    lease_until: datetime = NEVER
    next_allowed_at: datetime = NEVER
    stopped_until: datetime = NEVER
    stopped_why: str | None = None
    day: str = ""
    requests: int = 0
    wire_bytes: int = 0
    gap: float = 0.0
    slowed: float = 0.0
    failures: int = 0
    openings: int = 0
    open_until: datetime = NEVER
    waiting: tuple[Waiter, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Not now: the earliest time to ask again. `kind` is empty where only one's turn has to be waited for.

    Else it names what stops the host (`throttled`, `budget-spent`, `circuit-open`, `quiet-hours`), and `why` says it in
    words that follow the group's name.
    """

    until: datetime
    kind: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What one request came to: seconds from its start to its end, bytes on the wire, and its outcome."""

    seconds: float = 0.0
    wire_bytes: int = 0
    outcome: Outcome = Outcome.REFUSED_BY_US


def limits_of(source: Source, crawl_delay: float | None = None) -> Limits:
    """The limits a source declares, with the crawl-delay that robots.txt asks for."""
    politeness = source.politeness
    return Limits(
        gap=politeness.gap,
        max_gap=politeness.max_gap,
        crawl_delay=crawl_delay or 0.0,
        daily_requests=politeness.daily_requests,
        daily_bytes=politeness.daily_bytes,
        breaker_failures=politeness.breaker_failures,
        quiet=source.quiet,
        timezone=source.timezone,
    )


def may_ask(clock: HostClock, limits: Limits, now: datetime, owner: str = "") -> Wait | None:
    """Whether `owner` may take the turn now: None, or what stands in the way. A stop goes before a turn to wait for.

    Whoever has waited longest is next. Without that, who has just had the turn knows best when the next is free, and a
    backfill of months would keep the daemon from its host. A configured gap of nothing switches the line off as well.
    """
    stop = _stop(clock, limits, now)
    if stop is not None:
        return stop
    if clock.owner is not None and now < clock.lease_until:
        return Wait(until=min(clock.lease_until, now + POLL))
    free_at = _free_at(clock, limits)
    if now < free_at:
        return Wait(until=free_at)
    line = _line(clock, now)
    first = not line or line[0].owner == owner
    return None if first or limits.gap <= 0 else Wait(until=now + POLL)


def in_line(clock: HostClock, owner: str, now: datetime) -> HostClock:
    """The clock while `owner` waits for the turn: where they stood already, or behind everybody who is still there."""
    line = _line(clock, now)
    since = next((one.since for one in line if one.owner == owner), now)
    others = (one for one in line if one.owner != owner)
    line = sorted([*others, Waiter(owner=owner, since=since, asked_at=now)], key=lambda one: one.since)
    return replace(clock, waiting=tuple(line))


def asked(
    clock: HostClock, limits: Limits, owner: str, now: datetime, lease_until: datetime
) -> tuple[Wait | None, HostClock]:
    """What comes of asking for the turn: None or the wait, and the clock after it (taken, in line, or stopped as it was)."""
    wait = may_ask(clock, limits, now, owner)
    if wait is None:
        return None, taken(clock, owner, now, lease_until)
    return wait, clock if wait.kind else in_line(clock, owner, now)


def taken(clock: HostClock, owner: str, now: datetime, lease_until: datetime) -> HostClock:
    """The clock while `owner` asks. The request counts from here, so that a killed process's counts too."""
    day = now.astimezone(UTC).date().isoformat()
    if day != clock.day:
        clock = replace(clock, day=day, requests=0, wire_bytes=0)
    line = tuple(one for one in _line(clock, now) if one.owner != owner)
    return replace(clock, owner=owner, lease_until=lease_until, requests=clock.requests + 1, waiting=line)


def given_back(clock: HostClock, limits: Limits, spent: Spent, now: datetime) -> HostClock:
    """The clock after a request: the gap from now on, the bytes, and what its outcome says of the host."""
    gap, slowed = gap_after(clock, limits, spent)
    failures, openings, open_until = _circuit(clock, limits, spent.outcome, now)
    return replace(
        clock,
        owner=None,
        lease_until=NEVER,
        next_allowed_at=max(clock.next_allowed_at, now + timedelta(seconds=gap)),
        wire_bytes=clock.wire_bytes + spent.wire_bytes,
        gap=gap,
        slowed=slowed,
        failures=failures,
        openings=openings,
        open_until=open_until,
    )


def stopped(clock: HostClock, until: datetime, why: str) -> HostClock:
    """The clock of a host that asked to be left alone; a stop is never shortened."""
    return clock if until <= clock.stopped_until else replace(clock, stopped_until=until, stopped_why=why)


def gap_after(clock: HostClock, limits: Limits, spent: Spent) -> tuple[float, float]:
    """The gap to keep after a request, and the least one that earlier failures demand of the next, in seconds.

    The largest of the configured gap, the crawl-delay and five times the response, within the configured bounds. A
    failure doubles the last gap and never shortens it; successes halve what failures added. A configured gap of nothing
    switches this off, but for the crawl-delay: it is for a server of one's own.
    """
    asked = limits.least
    if limits.gap <= 0:
        return asked, 0.0
    longest = max(limits.max_gap, asked)
    wanted = min(longest, max(asked, RESPONSE_FACTOR * spent.seconds))
    if spent.outcome is Outcome.FAILED:
        slower = min(longest, max(wanted, SLOWING * max(clock.gap, limits.gap)))
        return slower, slower
    if spent.outcome is Outcome.REFUSED_BY_US:
        return min(longest, max(wanted, clock.slowed)), clock.slowed
    slowed = clock.slowed / SLOWING
    slowed = slowed if slowed > asked else 0.0
    return min(longest, max(wanted, slowed)), slowed


def quiet_until(quiet: tuple[str, ...], timezone: str, now: datetime) -> tuple[datetime, str] | None:
    """The end of the quiet hours that `now` lies in, and those hours as declared; None outside of them.

    Hours are `HH:MM-HH:MM` on the zone's clock, the end not included; they may go over midnight.
    """
    if not quiet:
        return None
    zone = ZoneInfo(timezone)
    local = now.astimezone(zone)
    for hours in quiet:
        begin, end = (time.fromisoformat(part) for part in hours.split("-"))
        at = local.time()
        inside = begin <= at < end if begin < end else at >= begin or at < end
        if inside:
            day = local.date() + timedelta(days=1) if begin >= end and at >= begin else local.date()
            # Where clocks are put back, an hour comes twice: the end is in the same one as now.
            return datetime.combine(day, end, zone).replace(fold=local.fold).astimezone(UTC), hours
    return None


def _free_at(clock: HostClock, limits: Limits) -> datetime:
    """When the gap since the last request has passed.

    Its own answer may have been what asks for a longer one than was kept after it (robots.txt, with a crawl-delay). Of a
    turn that was never given back nobody knows when the request ended: it may have lasted as long as the turn.
    """
    if clock.owner is not None:
        return clock.lease_until + timedelta(seconds=max(limits.least, clock.gap))
    return clock.next_allowed_at + timedelta(seconds=max(0.0, limits.least - clock.gap))


def _line(clock: HostClock, now: datetime) -> list[Waiter]:
    """Those who wait and are still there; who came first, first."""
    return [one for one in clock.waiting if now - one.asked_at <= PATIENCE]


def _stop(clock: HostClock, limits: Limits, now: datetime) -> Wait | None:
    if now < clock.stopped_until:
        return Wait(until=clock.stopped_until, kind="throttled", why="asked to be left alone")
    if limits.breaker_failures and now < clock.open_until:
        why = f"failed {clock.failures} times in a row (breaker_failures)"
        return Wait(until=clock.open_until, kind="circuit-open", why=why)
    quiet = quiet_until(limits.quiet, limits.timezone, now)
    if quiet is not None:
        return Wait(until=quiet[0], kind="quiet-hours", why=f"has quiet hours ({quiet[1]} {limits.timezone})")
    return _budget(clock, limits, now)


def _budget(clock: HostClock, limits: Limits, now: datetime) -> Wait | None:
    if not limits.daily_requests and not limits.daily_bytes:
        return None
    today = now.astimezone(UTC).date()
    if clock.day != today.isoformat():
        return None
    why = ""
    if limits.daily_requests and clock.requests >= limits.daily_requests:
        why = f"has had its {limits.daily_requests} requests of the day (daily_requests)"
    elif limits.daily_bytes and clock.wire_bytes >= limits.daily_bytes:
        why = f"has sent its {limits.daily_bytes} bytes of the day (daily_bytes)"
    tomorrow = datetime.combine(today + timedelta(days=1), time.min, UTC)
    return Wait(until=tomorrow, kind="budget-spent", why=why) if why else None


def _circuit(clock: HostClock, limits: Limits, outcome: Outcome, now: datetime) -> tuple[int, int, datetime]:
    """Failures in a row, how often the circuit has opened since it was last closed, and until when it is open."""
    if outcome is Outcome.ANSWERED:
        return 0, 0, NEVER
    if outcome is Outcome.REFUSED_BY_US:
        return clock.failures, clock.openings, clock.open_until
    failures = clock.failures + 1
    if not limits.breaker_failures or failures < limits.breaker_failures:
        return failures, clock.openings, clock.open_until
    # Half-open: the one request that was let through after the break has failed as well.
    length = min(LONGEST_BREAK, FIRST_BREAK * 2 ** min(clock.openings, 16))
    return failures, clock.openings + 1, now + length
