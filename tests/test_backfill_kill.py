"""SIGKILL of a real backfill of every kind, at random moments: it goes on where it was, and asks for nothing twice.

What is guaranteed: of what was answered and recorded nothing is asked for again, so that each kill costs one request at
most, the one that was under way. A walk by the listing's own form begins a new session with its first page, and asks
again for the page at which it stopped. (By web archive: test_backfill_cdx.py.)
"""

from __future__ import annotations

import multiprocessing
import random
import time
from collections import Counter
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest

from tests.outside import Outside
from tests.walked_outlets import WALKED, asked
from tests.web_server import WebServer

SIGKILLED = -9


@pytest.fixture(scope="module")
def starting() -> ForkServerContext:
    """Starts processes from one that has loaded the program: it need not be loaded for each."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.walked_outlets"])
    return context


def walk_here(kind: str, config: Path) -> None:
    """What the process does that is killed."""
    WALKED[kind].walk(config)


def killed_once(starting: ForkServerContext, web: WebServer, kind: str, config: Path, requests: int) -> bool:
    """Start a walk, and kill it some requests and a random moment later; whether it still ran then."""
    enough, deadline = len(web.log) + requests, time.monotonic() + 30
    process = starting.Process(target=walk_here, args=(kind, config))
    process.start()
    while len(web.log) < enough and process.is_alive():
        assert time.monotonic() < deadline, f"{kind} asks for no pages"
        time.sleep(0.001)  # noqa: TID251 - waiting for another process
    time.sleep(random.uniform(0, 0.01))  # noqa: TID251 - any moment between two requests, or within one
    process.kill()
    process.join(10)
    return process.exitcode == SIGKILLED


def kill_walk(starting: ForkServerContext, directory: Path, kind: str, kills: int) -> None:
    """Kill a walk so often, each time after some more requests; let it end; count what was asked for twice."""
    walked, chance = WALKED[kind], random.Random(f"{kind} {kills}")
    with walked.server() as web:
        archive = Outside(config=walked.configure(directory, f"127.0.0.1:{web.port}"))
        killed = 0
        for _ in range(kills):
            ended = not killed_once(starting, web, kind, archive.config, chance.randrange(2, 16 // kills + 2))
            archive.forget_leases()
            if ended:  # before it could be killed; one more would be a walk of its own
                break
            killed += 1
        else:
            report = walked.walk(archive.config)
            assert report.findings == ()
            assert any("resumed" in note for note in report.notes)
        often = Counter(asked(web))
    assert killed
    again = sum(number - 1 for number in often.values())
    assert again <= killed * (2 if kind == "form" else 1), [name for name, number in often.items() if number > 1]
    assert len({(row[0], row[1]) for row in archive.derived()["articles"]}) == walked.held
    assert archive.damage() == []
    archive.assert_rebuilds()
    print(f"{kind}: {killed} kills, {sum(often.values())} requests, {again} asked for again")  # noqa: T201 - the real counts


@pytest.mark.parametrize("kind", WALKED)
def test_a_killed_walk_asks_for_nothing_twice(starting: ForkServerContext, tmp_path: Path, kind: str) -> None:
    """Killed once, as every kind of walk is."""
    kill_walk(starting, tmp_path, kind, 1)


@pytest.mark.soak
@pytest.mark.parametrize("kind", WALKED)
@pytest.mark.parametrize("kills", [2, 3, 5, 8])
def test_a_walk_that_is_killed_again_and_again(
    starting: ForkServerContext, tmp_path: Path, kind: str, kills: int
) -> None:
    """The same, several times over one walk."""
    kill_walk(starting, tmp_path, kind, kills)
