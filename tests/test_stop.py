"""Stopping real processes: SIGTERM of the daemon, ^C of a crawl, and what a killed worker's lease costs the next one."""

from __future__ import annotations

import json
import signal
import socket
import time
from collections.abc import Mapping
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from scraper.model import Failure, Verdict
from tests.commands import Running, scraper
from tests.fast_outlet import HOST, NEWS, article_url, configure, fast_outlet
from tests.outside import Outside
from tests.web_server import Answer, Asked, Wait, WebServer

SLOW, STUCK = "slow.example", "stuck.example"
FOR_EVER = 120.0


def delay_first_article(web: WebServer, seconds: Mapping[str, float]) -> list[str]:
    """Let the body of the first article wait, by host; the returned list grows by a host when it was asked for."""
    answers, begun = web.routes["/en/index.php"], list[str]()
    assert callable(answers)

    def answer(asked: Asked) -> Answer:
        first, body = answers(asked).steps
        host = asked.header("host") or ""
        begun.append(host)
        return Answer((first, Wait(seconds.get(host, 0.0)), body))

    parts = urlsplit(article_url(f"{NEWS}-001"))
    web.routes[f"{parts.path}?{parts.query}"] = answer
    return begun


def free_port() -> int:
    """A loopback port nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def healthz(port: int) -> tuple[int, str]:
    """Ask for /healthz: its HTTP status and what it says; 0 where nobody answers."""
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        answer = connection.getresponse()
        return answer.status, str(json.loads(answer.read()).get("status"))
    except ConnectionError:
        return 0, ""
    finally:
        connection.close()


def outcomes(archive: Outside, host: str) -> list[Verdict | Failure]:
    """What is on record of a host's first article: the failure, or the verdict where there was none."""
    url = article_url(f"{NEWS}-001", host)
    return [capture.failure or capture.verdict for capture in archive.captures() if capture.url == url]


def test_sigterm_finishes_what_it_can_and_records_the_rest_as_abandoned(tmp_path: Path) -> None:
    """With one answer a second away and one that never comes, the daemon ends within ten seconds, both on record."""
    port = free_port()
    with fast_outlet(1, 1) as web:
        begun = delay_first_article(web, {SLOW: 2.0, STUCK: FOR_EVER})
        address, health = f"127.0.0.1:{web.port}", f"127.0.0.1:{port}"
        hosts = {"slow": SLOW, "stuck": STUCK}
        archive = Outside(config=configure(tmp_path, address, hosts=hosts, deadline="150s", health=health))
        with Running("run", "--config", archive.config) as daemon:
            daemon.wait_until(lambda: sorted(begun) == [SLOW, STUCK], 30, "each source asks for its article")
            assert healthz(port) == (200, "ok")
            assert scraper("health", "--config", archive.config).code == 0
            began = time.monotonic()
            daemon.signal(signal.SIGTERM)
            ended = daemon.end(20)
            seconds = time.monotonic() - began
        assert (ended.code, ended.out) == (0, b"")
        assert seconds < 10
        assert "nothing is lost" in ended.err
        assert "Traceback" not in ended.err
        assert outcomes(archive, SLOW) == [Verdict.ARTICLE]
        assert outcomes(archive, STUCK) == [Failure.ABANDONED]
        assert healthz(port) == (0, "")
        assert scraper("health", "--config", archive.config).code == 5
        archive.assert_rebuilds()
    print(f"SIGTERM to end: {seconds:.1f} s")  # noqa: T201 - the real number


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_crawl_says_so_in_one_line_and_records_what_was_under_way(
    tmp_path: Path, number: signal.Signals
) -> None:
    """^C or SIGTERM while an answer does not come ends a crawl with exit code 130, one line, and the attempt on record."""
    with fast_outlet(1, 1) as web:
        begun = delay_first_article(web, {HOST: FOR_EVER})
        archive = Outside(config=configure(tmp_path, f"127.0.0.1:{web.port}", deadline="150s"))
        with Running("crawl", "--config", archive.config) as crawl:
            crawl.wait_until(lambda: bool(begun), 30, "the article is asked for")
            crawl.signal(number)
            ended = crawl.end(10)
        assert (ended.code, ended.out) == (130, b"")
        assert ended.err == "interrupted: nothing is lost, the same command goes on where it stopped\n"
        assert outcomes(archive, HOST) == [Failure.ABANDONED]
        archive.assert_rebuilds()


def test_interrupted_backfill_goes_on_where_it_stopped(tmp_path: Path) -> None:
    """^C ends a backfill with exit code 130 at once; given again, it takes up the walk, and asks at once."""
    days = ("--since", f"{NEWS}", "--until", f"{NEWS}")
    with fast_outlet(3, 1) as web:
        waits = {HOST: FOR_EVER}
        begun = delay_first_article(web, waits)
        archive = Outside(config=configure(tmp_path, f"127.0.0.1:{web.port}", deadline="150s"))
        with Running("backfill", "fast", *days, "--config", archive.config) as backfill:
            backfill.wait_until(lambda: bool(begun), 30, "the article is asked for")
            backfill.signal(signal.SIGINT)
            ended = backfill.end(10)
        assert (ended.code, ended.out, ended.err.count("\n")) == (130, b"", 1)
        waits.clear()
        again = scraper("backfill", "fast", *days, "--config", archive.config)
        assert again.code == 0
        assert len(archive.held()) == 3
        archive.assert_rebuilds()


@pytest.mark.soak  # twelve seconds of waiting; the lease itself is tested with a stepped clock
def test_killed_worker_frees_its_host_when_its_deadline_has_passed(tmp_path: Path) -> None:
    """Killed while it waits for an answer, a worker leaves a lease that ends by itself; the next one then asks."""
    with fast_outlet(1, 2) as web:
        waits = {HOST: FOR_EVER}
        begun = delay_first_article(web, waits)
        archive = Outside(config=configure(tmp_path, f"127.0.0.1:{web.port}", deadline="1s"))
        with Running("crawl", "--config", archive.config) as killed:
            killed.wait_until(lambda: bool(begun), 30, "the article is asked for")
            killed.kill()
            killed.end(10)
        waits.clear()
        asked = len(web.log)
        began = time.monotonic()
        assert scraper("crawl", "--config", archive.config).code == 0
        first = min(seen.started for seen in web.log[asked:] if seen.started > began)
        # The deadline of one second and the margin of ten, counted from when the killed request began.
        assert 8 < first - began < 13
        assert len(archive.held()) == 2
        archive.assert_rebuilds()
