"""When a run goes on and when it ends: a host that answers 5xx, a host that does not answer, a front page that stays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from scraper import app
from scraper.config import load
from scraper.jobs.crawl import crawl
from scraper.model import Report
from tests.fetch_support import StepClock
from tests.web_server import CLOSE, Answer, Route, WebServer, page, status

SITES = Path(__file__).parent / "sites/kcna"
GOOD = (SITES / "detail/page.html").read_bytes()
ROW = '<div class="article"><h5 class="block"><a href="{url}">Item {number}</a><span><nobr>[2026.9.9.]</nobr></span></h5></div>'
LIST = "/en/article/list/aa00000000000000000000000000aa01"
TRIES = 3

SOURCE = """
schema = 1
id = "outlet"
name = "Outlet"
parser = "kcna"
language = "en"
timezone = "Asia/Pyongyang"
hosts = ["127.0.0.1"]
articles = ['^/en/article/detail/']
listings = ['^/en']
discover = [{{ url = "{front}", follow = ["section"] }}]
[politeness]
gap = "0s"
breaker_failures = 0
attempts = {tries}
"""


def article(number: int) -> str:
    """The path of an article."""
    return f"/en/article/detail/{number:032x}"


def listing(numbers: range) -> Answer:
    """A list of articles."""
    rows = "".join(ROW.format(url=article(number), number=number) for number in numbers)
    return page(f"<html><main>{rows}</main></html>".encode())


@contextmanager
def outlet(routes: Mapping[str, Route], directory: Path, front: str = LIST) -> Iterator[tuple[WebServer, Path]]:
    """An outlet that answers like this, and a configuration for it."""
    with WebServer(routes) as web:
        (directory / "config/sources").mkdir(parents=True)
        settings = (
            f'schema = 1\nstore = "{(directory / "store").as_uri()}"\ncatalogue = "sqlite:///{directory}/catalogue"\n'
        )
        (directory / "config/scraper.toml").write_text(settings, encoding="utf-8")
        declared = SOURCE.format(front=web.url(front), tries=TRIES)
        (directory / "config/sources/outlet.toml").write_text(declared, encoding="utf-8")
        yield web, directory / "config"


def crawled(config: Path, clock: StepClock) -> Report:
    """What a tick of a program that has just started reports."""
    loaded = load(config, {})
    with app.services(loaded, clock=clock, processes=0) as services:
        return crawl(services, loaded.source("outlet"))


def asked(web: WebServer) -> Counter[str]:
    """How often each page was asked for, robots.txt left out."""
    return Counter(target for target in web.targets() if target != "/robots.txt")


def test_answers_of_5xx_do_not_starve_the_pages_after_them(tmp_path: Path) -> None:
    """Twenty articles that fail do not keep the twenty-first from being fetched; from the sixth on each is asked for once."""
    failing = {article(number): status(503) for number in range(20)}
    with outlet({LIST: listing(range(21)), **failing, article(20): page(GOOD)}, tmp_path) as (web, config):
        counts = dict(crawled(config, StepClock()).counts)
    assert (counts["failed"], counts["articles"]) == (20, 1)
    tries = asked(web)
    assert [tries[article(number)] for number in range(21)] == [TRIES] * 5 + [1] * 16


def test_a_host_that_only_fails_is_left_alone(tmp_path: Path) -> None:
    """After sixty pages in a row answered by a 5xx the run ends and says so; the rest waits for the next tick."""
    failing = {article(number): status(500) for number in range(80)}
    with outlet({LIST: listing(range(80)), **failing}, tmp_path) as (web, config):
        report = crawled(config, StepClock())
    assert dict(report.counts)["failed"] == 60
    assert [finding.kind for finding in report.findings] == ["unreachable-host"]
    assert len(asked(web)) == 61


def test_a_host_that_does_not_answer_is_left_alone_at_once(tmp_path: Path) -> None:
    """After five pages in a row without any answer the run ends."""
    silent = {article(number): Answer((CLOSE,)) for number in range(20)}
    with outlet({LIST: listing(range(20)), **silent}, tmp_path) as (web, config):
        report = crawled(config, StepClock())
    assert dict(report.counts)["failed"] == 5
    assert [finding.kind for finding in report.findings] == ["unreachable-host"]
    assert len(asked(web)) == 6


@pytest.mark.parametrize("validated", [False, True], ids=["same bytes", "304"])
def test_a_front_page_that_stays_still_leads_to_its_sections(tmp_path: Path, *, validated: bool) -> None:
    """A section that failed at the first tick is read at the next, although the front page has not changed."""
    front = page((SITES / "home-2026/page.html").read_bytes(), headers=[("ETag", '"1"')] if validated else [])
    answers = {"/en": [front, status(304) if validated else front], LIST: [*[status(503)] * TRIES, listing(range(3))]}
    with outlet(answers, tmp_path, front="/en") as (web, config):
        clock = StepClock()
        crawled(config, clock)
        again = dict(crawled(config, clock).counts)
    assert (again["sightings"], asked(web)[LIST]) == (3, TRIES + 1)
