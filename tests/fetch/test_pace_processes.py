"""Daemon, backfill and recheck as three processes against one host, judged by the server's own log.

Never two requests at once, never one too soon, none while the host asked to be left alone, never more than the budget.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from scraper import app
from scraper.config import load
from scraper.jobs.crawl import crawl
from tests.commands import Running
from tests.fast_outlet import configure, fast_outlet
from tests.fetch_support import StepClock
from tests.outside import Outside
from tests.web_server import Answer, Asked, Seen, Wait, WebServer, status

GAP = 0.05
SINCE, UNTIL = "2026-01-01", "2026-02-27"
JOBS = (("run",), ("backfill", "fast", "--since", SINCE, "--until", UNTIL), ("recheck", "fast"))


@dataclass
class Moody:
    """Answers as the outlet does, but every so often asks for a rest, is slow, or fails; keeps when it asked for it."""

    outlet: Callable[[Asked], Answer]
    rests: list[tuple[float, float]] = field(default_factory=list)
    count: int = 0

    def __call__(self, asked: Asked) -> Answer:
        """Every 50th answer asks for a second's rest (in both ways), every 9th is slow, every 31st fails."""
        self.count += 1
        if self.count % 50 == 0:
            now = time.monotonic()
            self.rests.append((now, now + 1.0))
            return status(429 if self.count % 100 else 503, ("Retry-After", "1"))
        if self.count % 31 == 0:
            return status(500)
        plain = self.outlet(asked)
        return Answer((Wait(0.03), *plain.steps)) if self.count % 9 == 0 else plain


@contextmanager
def outlet(directory: Path, *, budget: int = 0) -> Iterator[tuple[WebServer, Moody, Path]]:
    """An outlet of which a hundred articles were archived a day ago: all of them are due to be rechecked."""
    with fast_outlet(a_day=20, newest=100) as web:
        place = configure(directory, f"127.0.0.1:{web.port}", every="1s")
        loaded = load(place, {})
        yesterday = StepClock(datetime.now(UTC) - timedelta(days=1))
        with app.services(loaded, clock=yesterday, processes=0) as services:
            assert dict(crawl(services, loaded.source("fast")).counts)["articles"] == 100
        declaration = place / "sources/fast.toml"
        text = declaration.read_text(encoding="utf-8").replace('gap = "0s"', f'gap = "{GAP * 1000:g}ms"')
        declaration.write_text(
            text.replace("attempts = 1", f"attempts = 2\ndaily_requests = {budget}"), encoding="utf-8"
        )
        plain = web.routes["/en/index.php"]
        assert callable(plain)
        moody = web.routes["/en/index.php"] = Moody(plain)
        yield web, moody, place


def keep_running(place: Path, seconds: float, *, ready: Callable[[], bool] = lambda: True) -> dict[str, set[int]]:
    """Run the three jobs until it is `ready` and for so long after, each begun anew when it ends; their exit codes."""
    codes: dict[str, set[int]] = {job[0]: set() for job in JOBS}
    over = threading.Event()

    def repeat(job: tuple[str, ...]) -> None:
        while not over.is_set():
            with Running(*job, "--config", place) as running:
                while running.alive() and not over.wait(0.1):
                    pass
                if not running.alive():
                    codes[job[0]].add(running.end().code)

    with ExitStack() as stack:
        for job in JOBS:
            thread = threading.Thread(target=repeat, args=(job,))
            thread.start()
            stack.callback(thread.join)
        patience = time.monotonic() + 60
        while not ready() and time.monotonic() < patience:
            over.wait(0.1)
        over.wait(seconds)
        over.set()
    return codes


def too_early(log: list[Seen], rests: list[tuple[float, float]]) -> list[float]:
    """Requests that began while the host had asked to be left alone, in seconds after it had."""
    # The answer that asks for it takes a moment to be sent; the client counts from when it has it.
    return [seen.started - begun for begun, ended in rests for seen in log if begun + 0.02 < seen.started < ended]


def recorded_gaps(archive: Outside, since: datetime) -> list[float]:
    """Seconds from the completion of each answer to the start of the next request, by the records of all processes.

    The server's own log is good for overlaps only: its thread may note late that it has sent the last byte.
    """
    sent = sorted(
        (each for each in archive.captures() if each.status is not None and each.started_at >= since),
        key=lambda each: each.started_at,
    )
    return [(after.started_at - first.observed_at).total_seconds() for first, after in pairwise(sent)]


def check(seconds: float, directory: Path) -> None:
    """Let all three work at once, and read the server's log and the records."""
    began = datetime.now(UTC)
    with outlet(directory) as (web, moody, place):
        before = len(web.log)
        codes = keep_running(place, seconds)
        log = sorted(web.log[before:], key=lambda seen: seen.started)
        gaps = recorded_gaps(Outside(config=place), began)
    overlaps = [after.target for first, after in pairwise(log) if after.started < first.ended]
    assert len(log) > 2 * seconds
    assert len(moody.rests) >= seconds / 30
    assert overlaps == []
    assert min(gaps) >= GAP
    assert too_early(log, moody.rests) == []
    assert codes["run"] == set()
    assert codes["backfill"] | codes["recheck"] <= {0, 1, 5}


def test_three_processes_never_hurt_a_host(tmp_path: Path) -> None:
    """Twenty seconds: no overlap, no gap too short, nothing inside a rest that was asked for."""
    check(20, tmp_path)


@pytest.mark.soak
def test_three_processes_never_hurt_a_host_for_long(tmp_path: Path) -> None:
    """The same for ten minutes."""
    check(600, tmp_path)


def test_three_processes_never_spend_more_than_the_budget(tmp_path: Path) -> None:
    """Thirty requests of the day for all of them together: exactly thirty are made, however often they are started."""
    with outlet(tmp_path, budget=30) as (web, _, place):
        before = len(web.log)
        keep_running(place, 4, ready=lambda: len(web.log) - before >= 30)
        asked = len(web.log) - before
    assert asked == 30
