"""What the tests of `fetch` share: a recorder that stands for the archive, a stepped clock, and ready-made values."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from scraper.clock import Clock
from scraper.fetch.client import Fetched, Fetcher
from scraper.fetch.dial import Lookup, system_lookup
from scraper.fetch.pace import LocalPace, Pace
from scraper.fetch.useragent import UserAgent
from scraper.model import Capture, Exchange, Network, Politeness, Reason, Request, Role, Source, Verdict
from scraper.policy.robots import Attempt
from tests.web_server import Route, WebServer

START = datetime(2026, 8, 22, 12, 0, tzinfo=UTC)
AGENT = UserAgent(product="scraper/0.1.0", contact="https://archive.example/about")
QUICK = Politeness(gap=0, connect_timeout=2, read_timeout=2, deadline=5, attempts=3, min_bytes_per_second=64)


class StepClock:
    """Time that moves only when somebody sleeps; `slept` holds the naps."""

    def __init__(self, now: datetime = START) -> None:
        self._now = now
        self._lock = threading.Lock()
        self.slept: list[float] = []

    def now(self) -> datetime:
        """The stepped time."""
        return self._now

    def sleep(self, seconds: float) -> None:
        """Move on."""
        with self._lock:
            self.slept.append(seconds)
            self._now += timedelta(seconds=seconds)


class Recorder:
    """Records exchanges as a job would, and answers as the robots cache over them."""

    def __init__(self) -> None:
        self.exchanges: list[Exchange] = []
        self.captures: list[Capture] = []

    def record(self, exchange: Exchange) -> Capture:
        """Keep it, under a made-up record key."""
        capture = capture_of(exchange, record=f"captures/outlet/{len(self.captures)}.json")
        self.exchanges.append(exchange)
        self.captures.append(capture)
        return capture

    def attempts(self, source: str, since: datetime) -> list[Attempt]:
        """As `RobotsCache.attempts`."""
        return [
            Attempt(
                record=kept.record,
                url=kept.url,
                status=kept.status,
                failure=kept.failure,
                observed_at=kept.observed_at,
                redirected_from=kept.redirected_from,
            )
            for kept in self.captures
            if (kept.source, kept.role) == (source, Role.ROBOTS) and kept.observed_at >= since
        ]

    def load(self, record: str) -> tuple[Capture, bytes] | None:
        """As `RobotsCache.load`."""
        pairs = zip(self.captures, self.exchanges, strict=True)
        return next(((kept, x.body) for kept, x in pairs if kept.record == record), None)

    def pages(self) -> list[Exchange]:
        """What was recorded for pages, without the robots.txt files."""
        return [exchange for exchange in self.exchanges if exchange.request.role is not Role.ROBOTS]


def capture_of(exchange: Exchange, *, record: str) -> Capture:
    """The capture a job would write for an exchange, as far as `fetch` looks at it."""
    return Capture(
        source=exchange.request.source,
        url=exchange.url,
        key="",
        kind="error" if exchange.status is None else "response",
        role=exchange.request.role,
        reason=exchange.request.reason,
        method=exchange.request.method,
        observed_at=exchange.fetched_at,
        recorded_at=exchange.fetched_at,
        started_at=exchange.started_at,
        channel=exchange.channel,
        verdict=Verdict.ARTICLE,
        judge="test",
        record=record,
        status=exchange.status,
        truncated=exchange.truncated,
        undecoded=exchange.undecoded,
        failure=exchange.failure,
        redirected_from=exchange.redirected_from,
        detail=exchange.detail,
    )


def outlet(*hosts: str, politeness: Politeness = QUICK, network: Network | None = None, language: str = "ko") -> Source:
    """A source of the given hosts (127.0.0.1 where none is named)."""
    return Source(
        id="outlet",
        name="Outlet",
        parser="generic",
        language=language,
        timezone="UTC",
        hosts=hosts or ("127.0.0.1",),
        articles=(),
        politeness=politeness,
        network=network or Network(),
    )


def asking(url: str, **changes: object) -> Request:
    """A request for an article."""
    request = Request(source="outlet", url=url, role=Role.ARTICLE, reason=Reason.NEW)
    return replace(request, **changes)  # type: ignore[arg-type]


@contextmanager
def fetcher(
    recorder: Recorder,
    *,
    clock: Clock | None = None,
    pace: Pace | None = None,
    agent: UserAgent = AGENT,
    network: Network | None = None,
    lookup: Lookup = system_lookup,
    owner: str = "test",
    vantage: str = "",
    groups: Mapping[str, str] | None = None,
    monotonic: Callable[[], float] = time.monotonic,
) -> Iterator[Fetcher]:
    """A fetcher with a stepped clock and no jitter, closed at the end."""
    made = Fetcher(
        user_agent=agent,
        clock=clock or StepClock(),
        pace=pace or LocalPace(),
        robots=recorder,
        jitter=lambda: 0.5,
        monotonic=monotonic,
        owner=owner,
        network=network or Network(),
        vantage=vantage,
        groups=groups or {},
        lookup=lookup,
    )
    try:
        yield made
    finally:
        made.close()


def always(*addresses: str) -> Lookup:
    """A resolver that gives the same addresses for every name."""

    def lookup(host: str, port: int) -> list[str]:
        return list(addresses)

    return lookup


def literally(host: str, port: int) -> list[str]:
    """A resolver for addresses only: each is its own."""
    return [host]


class Outlet:
    """A scripted server, a fetcher and a recorder that belong together."""

    def __init__(self, web: WebServer, made: Fetcher, recorder: Recorder, source: Source, clock: StepClock) -> None:
        self.web = web
        self.fetcher = made
        self.recorder = recorder
        self.source = source
        self.clock = clock

    def get(self, path: str, **changes: object) -> Fetched:
        """Fetch a path of the server."""
        return self.fetcher.get(asking(self.web.url(path), **changes), self.source, self.recorder.record)

    @property
    def last(self) -> Exchange:
        """What was recorded last."""
        return self.recorder.exchanges[-1]


@contextmanager
def serving(routes: Mapping[str, Route], *, source: Source | None = None, pace: Pace | None = None) -> Iterator[Outlet]:
    """Serve some routes and fetch from them with a stepped clock."""
    recorder, clock = Recorder(), StepClock()
    with WebServer(routes) as web, fetcher(recorder, clock=clock, pace=pace) as made:
        yield Outlet(web, made, recorder, source or outlet(), clock)
