"""Daemon, crawl and backfill as three processes on one catalogue: together they are as polite as one."""

from __future__ import annotations

import signal
import time
from collections import Counter
from contextlib import ExitStack
from datetime import timedelta
from itertools import count, pairwise
from pathlib import Path

import pytest

from scraper.model import Role
from tests.commands import Running
from tests.fast_outlet import configure, days, fast_outlet
from tests.outside import Outside
from tests.web_server import Answer, Asked, WebServer, status

GAP, CRAWL_DELAY, RETRY_AFTER = 0.3, 0.5, 3
THROTTLED_AT = 9
SCHEDULING = 0.05
"""How late a busy server's thread may note, in seconds, that it had sent its answer."""

FAIR_SHARE = 0.2
"""Of an equal share, at least so much; a command that ends and is started anew has none meanwhile."""

ROBOTS = f"User-agent: *\nCrawl-delay: {CRAWL_DELAY}\nAllow: /\n"
WALK = ("--since", days(60)[0].isoformat(), "--until", days(60)[-1].isoformat())
COMMANDS = {
    "daemon": ("run",),
    "crawler": ("crawl", "fast"),
    "walker": ("backfill", "fast", *WALK),
}


def throttle_once(web: WebServer, at: int) -> None:
    """Answer one request with 429 and Retry-After."""
    answers, number = web.routes["/en/index.php"], count(1)
    assert callable(answers)

    def answer(asked: Asked) -> Answer:
        return status(429, ("Retry-After", str(RETRY_AFTER))) if next(number) == at else answers(asked)

    web.routes["/en/index.php"] = answer


def run_together(config: Path, seconds: float) -> list[str]:
    """Keep the three running, each started anew when it ends; what each wrote on standard error."""
    said: list[str] = []
    deadline = time.monotonic() + seconds
    with ExitStack() as stack:
        running: dict[str, Running] = {}
        while time.monotonic() < deadline:
            for name, words in COMMANDS.items():
                if name not in running or not running[name].alive():
                    said.extend([running[name].end().err] if name in running else [])
                    env = {"SCRAPER_PRODUCT": name}
                    running[name] = stack.enter_context(Running(*words, "--config", config, env=env))
            time.sleep(0.05)  # noqa: TID251 - other processes work meanwhile
        for one in running.values():
            one.signal(signal.SIGTERM)
        said.extend(one.end(20).err for one in running.values())
    return said


def assert_fair(web: WebServer) -> None:
    """Everybody had turns: whoever asks oftenest does not keep the host from the others."""
    turns = Counter((seen.asked.header("user-agent") or "").partition("/")[0] for seen in web.log)
    assert set(turns) == set(COMMANDS)
    assert min(turns.values()) >= FAIR_SHARE * len(web.log) / len(COMMANDS), turns


def gap_before(target: str) -> float:
    """Before a robots.txt nothing is known of its crawl-delay yet; after it, it holds at once."""
    return GAP if target == "/robots.txt" else CRAWL_DELAY


def assert_polite_as_served(web: WebServer) -> int:
    """By the server's clock: no two requests at once, no gap too short, nothing in the time that was asked for."""
    seen = sorted(web.log, key=lambda one: one.started)
    for before, after in pairwise(seen):
        assert after.started >= before.ended, f"{after.target} overlaps {before.target}"
        assert after.started - before.ended >= gap_before(after.target) - SCHEDULING, f"{after.target} came too soon"
    articles = [one for one in seen if one.target != "/robots.txt"]
    ended = articles[THROTTLED_AT - 1].ended
    assert not [one for one in seen if ended < one.started < ended + RETRY_AFTER - SCHEDULING]
    assert len(articles) > THROTTLED_AT, "nobody asked again after the Retry-After"
    return len(seen)


def assert_polite_as_recorded(archive: Outside) -> None:
    """By the records, to the microsecond: each request begins a whole gap after the one before it was complete."""
    sent = sorted((each for each in archive.captures() if each.status is not None), key=lambda each: each.started_at)
    for before, after in pairwise(sent):
        gap = gap_before("/robots.txt" if after.role is Role.ROBOTS else after.url)
        assert after.started_at - before.observed_at >= timedelta(seconds=gap)
        if before.status == 429:
            assert after.started_at - before.observed_at >= timedelta(seconds=RETRY_AFTER)


def be_polite(tmp_path: Path, seconds: float) -> None:
    """Let three processes work for some time, and look at every interval."""
    with fast_outlet(5, 200, robots=ROBOTS) as web:
        throttle_once(web, THROTTLED_AT)
        archive = Outside(config=configure(tmp_path, f"127.0.0.1:{web.port}", gap=f"{GAP}s", every="1s"))
        said = run_together(archive.config, seconds)
        assert not [text for text in said if "Traceback" in text]
        assert_fair(web)
        number = assert_polite_as_served(web)
    assert_polite_as_recorded(archive)
    print(f"{number} requests of three processes in {seconds:g} s, no overlap, no gap too short")  # noqa: T201 - the real count


def test_three_processes_together_keep_the_pace_of_one(tmp_path: Path) -> None:
    """Gap, crawl-delay and one Retry-After hold over daemon, crawl and backfill together."""
    be_polite(tmp_path, 18)


@pytest.mark.soak
def test_three_processes_keep_the_pace_for_long(tmp_path: Path) -> None:
    """The same, for ten minutes."""
    be_polite(tmp_path, 600)
