"""Fetching fuzzed: whatever arrives as answer, robots.txt, Location or URL ends in one of our errors, in time, in scope.

200 examples each in `make test`, thousands in `make soak`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TypeVar
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scraper.errors import FetchError
from scraper.fetch.client import Fetcher
from scraper.model import Network, Politeness, Source
from scraper.policy.judge import judge
from tests.fetch_support import Recorder, StepClock, asking, fetcher, outlet
from tests.fuzz_examples import ADDRESSES, ANSWERS, EVIL, IN_SCOPE, ROBOTS
from tests.hostile_server import ALLOW, ARTICLE, FOREVER
from tests.web_server import Answer, Wait, WebServer, moved, page

T = TypeVar("T")
EXAMPLES = [pytest.param(200, id="few"), pytest.param(4000, id="many", marks=pytest.mark.soak)]
HURRY = Politeness(
    gap=0,
    connect_timeout=0.3,
    read_timeout=0.15,
    deadline=0.4,
    attempts=1,
    max_bytes=2**20,
    min_bytes_per_second=64,
    breaker_failures=0,
)
HUNG = 30.0
"""Seconds after which an example counts as hung; all its deadlines together are under 3."""


@dataclass(kw_only=True)
class Range:
    """A server, a fetcher that asks it, and a server of another name that must never be asked."""

    web: WebServer
    trap: WebServer
    made: Fetcher
    source: Source
    clock: StepClock
    recorder: Recorder = field(default_factory=Recorder)
    tried: int = 0

    def blanks(self, text: str) -> str:
        """A text with the ports put in."""
        return text.replace("{port}", str(self.web.port)).replace("{trap}", str(self.trap.port))

    def ask(self, url: str) -> None:
        """Ask for a URL as a source of its own, so that nothing is remembered; check what must hold in any case."""
        self.tried += 1
        self.recorder.exchanges.clear()
        self.recorder.captures.clear()
        self.clock.sleep(100_000)  # whatever the last answer asked for is over
        began = time.monotonic()
        try:
            self.made.get(asking(url), replace(self.source, id=f"outlet-{self.tried}"), self.recorder.record)
        except FetchError as error:
            assert "\n" not in str(error)  # noqa: PT017 - one line for the log; that there is an error is no matter
        assert time.monotonic() - began < HUNG
        assert self.recorder.exchanges
        for exchange in self.recorder.exchanges:
            judge(exchange, language="en", usual_size=10**6)
            assert not exchange.request_line or urlsplit(exchange.url).hostname == IN_SCOPE
        assert [seen.host for seen in self.trap.log if not seen.host.startswith(IN_SCOPE)] == []


@contextmanager
def shooting_range() -> Iterator[Range]:
    """Two servers and a fetcher; the address guard lets the evil name through, so that only the scope stands before it."""
    clock = StepClock()
    with WebServer({"/robots.txt": ALLOW, "/b": page(ARTICLE)}) as web, WebServer({}) as trap:
        ways = ((EVIL, f"127.0.0.1:{trap.port}"), (f"{EVIL}:{trap.port}", f"127.0.0.1:{trap.port}"))
        source = outlet(IN_SCOPE, politeness=HURRY, network=Network(resolve=ways))
        recorder = Recorder()
        with fetcher(recorder, clock=clock, lookup=lambda _host, _port: ["127.0.0.1"]) as made:
            yield Range(web=web, trap=trap, made=made, source=source, clock=clock, recorder=recorder)


def fuzz(strategy: st.SearchStrategy[T], check: Callable[[T], None], examples: int) -> None:
    """Run a check on so many examples."""

    @settings(max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(strategy)
    def run(example: T) -> None:
        check(example)

    run()


@pytest.mark.parametrize("examples", EXAMPLES)
def test_any_answer(examples: int) -> None:
    """Any bytes for an answer end in a page or one of our errors, on record, and are judged."""
    with shooting_range() as place:

        def check(answer: tuple[bytes, str | Wait]) -> None:
            place.web.routes["/a"] = Answer(answer, keep=False)
            place.ask(place.web.url("/a"))

        fuzz(ANSWERS, check, examples)


@pytest.mark.parametrize("examples", EXAMPLES)
def test_any_robots(examples: int) -> None:
    """Any bytes for a robots.txt allow the page, forbid it, or pause the source; nothing else."""
    with shooting_range() as place:
        place.web.routes["/a"] = page(ARTICLE)

        def check(body: bytes) -> None:
            place.web.routes["/robots.txt"] = page(body)
            place.ask(place.web.url("/a"))

        fuzz(ROBOTS, check, examples)


@pytest.mark.parametrize("examples", EXAMPLES)
def test_any_location(examples: int) -> None:
    """No Location leads out of the scope."""
    with shooting_range() as place:

        def check(text: str) -> None:
            clean = place.blanks(text).replace("\r", "").replace("\n", "")
            place.web.routes["/a"] = moved(clean.encode("utf-8", "replace").decode("latin-1"))
            place.ask(place.web.url("/a"))

        fuzz(ADDRESSES, check, examples)


@pytest.mark.parametrize("examples", EXAMPLES)
def test_any_robots_location(examples: int) -> None:
    """A robots.txt may be redirected anywhere (RFC 9309 §2.3.1.2), but not to an address the guard forbids."""
    with shooting_range() as place:
        place.web.routes["/a"] = page(ARTICLE)
        place.source = replace(place.source, network=Network())

        def check(text: str) -> None:
            clean = place.blanks(text).replace("\r", "").replace("\n", "")
            place.web.routes["/robots.txt"] = moved(clean.encode("utf-8", "replace").decode("latin-1"))
            place.ask(place.web.url("/a"))

        fuzz(ADDRESSES, check, examples)


@pytest.mark.parametrize("examples", EXAMPLES)
def test_any_url(examples: int) -> None:
    """Whatever we are told to ask for is in scope or refused."""
    with shooting_range() as place:
        fuzz(ADDRESSES, lambda text: place.ask(place.blanks(text)), examples)


def test_the_tripwire_rings() -> None:
    """Where the scope does hold the evil host, the same setting does ask it."""
    with shooting_range() as place:
        place.source = replace(place.source, hosts=(IN_SCOPE, EVIL))
        place.web.routes["/a"] = moved(f"http://{EVIL}:{place.trap.port}/x")
        with pytest.raises(AssertionError):
            place.ask(place.web.url("/a"))
        assert [seen.host.partition(":")[0] for seen in place.trap.log] == [EVIL, EVIL]


def test_silence_is_in_time() -> None:
    """The examples' deadlines are what ends them, not their luck."""
    with shooting_range() as place:
        place.web.routes["/a"] = lambda _asked: Answer((FOREVER,))
        place.ask(place.web.url("/a"))
        assert place.recorder.exchanges[-1].failure is not None
