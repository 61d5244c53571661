"""A page that kills, hangs or breaks the parser's child costs that page's reading and nothing else."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from scraper import app
from scraper.catalogue.reading import ARTICLES, CRASHED
from scraper.config import Config, load
from scraper.jobs.check import check
from scraper.jobs.crawl import crawl, recheck
from scraper.jobs.reader import Reader, ReadPage, read_page
from scraper.jobs.reparse import reparse
from scraper.jobs.services import Services
from scraper.jobs.verified import Share
from scraper.model import Page, Report, Source
from scraper.policy.audit import SETS
from tests.deadly import ABORTS, BREAKS, FAULTS, HANGS, KILLS, begun, deadly
from tests.fetch_support import START, StepClock
from tests.web_server import WebServer, page

SITES = Path(__file__).parent / "sites/kcna"
LIST = "/en/article/list/aa00000000000000000000000000aa01"
ARTICLE = "/en/article/detail/3300000000000000000000000000330"
GOOD = (SITES / "detail/page.html").read_bytes()

SOURCE = """
schema = 1
id = "outlet"
name = "Outlet"
parser = "kcna"
language = "en"
timezone = "Asia/Pyongyang"
hosts = ["127.0.0.1"]
articles = ['^/en/article/detail/']
listings = ['^/en/article/list/']
discover = [{{ url = "{list}" }}]
[politeness]
gap = "0s"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """A served list of three articles, the second of which kills the parser, and an archive of it."""

    web: WebServer
    config: Config
    clock: StepClock
    log: Path

    @property
    def deadly_url(self) -> str:
        """The page that kills."""
        return self.web.url(f"{ARTICLE}2")

    @contextmanager
    def worker(self, reads: ReadPage) -> Iterator[tuple[Services, Source]]:
        """The services of a program that has just started, with this parser in its children."""
        with app.services(self.config, clock=self.clock, processes=0) as services, closing(Reader(reads=reads)) as own:
            yield replace(services, reader=own), self.config.source("outlet")

    def crawled(self) -> Report:
        """What a worker's first crawl reports."""
        with self.worker(deadly(self.log)) as (services, source):
            return crawl(services, source)


@pytest.fixture
def outlet(tmp_path: Path) -> Iterator[Outlet]:
    """An outlet on loopback and an empty archive."""
    routes = {LIST: page((SITES / "list/page.html").read_bytes())}
    routes |= {f"{ARTICLE}{number}": page(GOOD + b"<!-- %d -->" % number) for number in (1, 3)}
    with WebServer({**routes, f"{ARTICLE}2": page(GOOD + KILLS)}) as web:
        place = tmp_path / "config"
        (place / "sources").mkdir(parents=True)
        settings = (
            f'schema = 1\nstore = "{(tmp_path / "store").as_uri()}"\ncatalogue = "sqlite:///{tmp_path}/catalogue"\n'
        )
        (place / "scraper.toml").write_text(settings, encoding="utf-8")
        (place / "sources/outlet.toml").write_text(SOURCE.format(list=web.url(LIST)), encoding="utf-8")
        yield Outlet(web=web, config=load(place, {}), clock=StepClock(), log=tmp_path / "read.log")


def page_of(body: bytes, number: int = 1) -> Page:
    """An article's page with something added to it."""
    url = f"http://www.kcna.kp{ARTICLE}{number}"
    return Page(method="GET", url=url, status=200, headers=(), fetched_at=START, body=GOOD + body)


def kcna() -> Source:
    """A source as the reader looks at it."""
    return Source(id="kcna", name="", parser="kcna", language="en", timezone="Asia/Pyongyang", hosts=(), articles=())


def test_a_deadly_page_does_not_stop_the_crawl(outlet: Outlet) -> None:
    """Its bytes are archived, its reading is `crashed`, the pages after it are fetched and read."""
    report = outlet.crawled()
    counts = dict(report.counts)
    assert (counts["articles"], counts["crashed"], counts["article"]) == (2, 1, 3)
    (finding,) = report.findings
    assert (finding.kind, finding.subject) == ("crashed", outlet.deadly_url)
    assert "scraper reparse" in finding.reason
    assert begun(outlet.log).count(outlet.deadly_url) == 2


def test_a_deadly_page_is_held_and_not_readable(outlet: Outlet) -> None:
    """The completeness report counts it as held and intact, and says why it cannot be read."""
    outlet.crawled()
    with outlet.worker(read_page) as (services, source):
        report = check(services, [source], share=Share())
    counts = dict(report.counts)
    assert {name: counts[name] for name in SETS} == {"expected": 3, "known": 3, "held": 3, "intact": 3, "readable": 2}
    (finding,) = (each for each in report.findings if each.kind == "unreadable")
    assert finding.subject == outlet.deadly_url
    assert "died" in finding.reason


def test_a_deadly_page_is_passed_over_after_a_restart(outlet: Outlet) -> None:
    """Neither the next tick nor a recheck that finds the same bytes reads it again."""
    outlet.crawled()
    begun(outlet.log)
    with outlet.worker(deadly(outlet.log)) as (services, source):
        assert not [note for note in crawl(services, source).notes if "left" in note or "not read" in note]
        outlet.clock.sleep(timedelta(minutes=16).total_seconds())
        rechecked = recheck(services, source)
        assert outlet.web.targets().count(f"{ARTICLE}2") == 2
    assert dict(rechecked.counts)["article"] == 3
    assert begun(outlet.log) == []


def test_reparse_tries_a_deadly_page_again(outlet: Outlet) -> None:
    """With the same parser it dies again, and only that page; with a mended one its article is there."""
    outlet.crawled()
    with outlet.worker(deadly(outlet.log)) as (services, source):
        again = reparse(services, [source])
    with outlet.worker(read_page) as (services, source):
        mended = reparse(services, [source])
        checked = check(services, [source])
    assert [(each.kind, each.subject) for each in again.findings] == [("crashed", outlet.deadly_url)]
    assert mended.findings == ()
    assert dict(mended.counts)["changed number of articles"] == 1
    assert dict(checked.counts)["readable"] == 3


@pytest.mark.parametrize(
    "body", [KILLS, FAULTS, ABORTS, HANGS, BREAKS], ids=["kills", "faults", "aborts", "hangs", "breaks"]
)
def test_the_next_page_is_read(tmp_path: Path, body: bytes) -> None:
    """A page that kills, hangs or breaks its child is `crashed`, in one line; the page after it is read as ever."""
    # A busy machine takes seconds to start a child: only the page that hangs is worth no patience.
    with closing(Reader(reads=deadly(tmp_path / "log"), patience=6 if body == HANGS else 60)) as reader:
        reading = reader.read(page_of(body), kcna())
        assert reading.outcome == CRASHED
        assert "\n" not in (reading.detail or "")
        assert reader.read(page_of(b""), kcna()) == read_page(page_of(b""), kcna(), None)


def test_only_the_guilty_page_is_blamed(tmp_path: Path) -> None:
    """Of pages read at the same time by threads that share the children, one is deadly and seven are read."""
    pages = [page_of(KILLS if number == 3 else b"", number) for number in range(8)]
    with closing(Reader(reads=deadly(tmp_path / "log"), processes=2)) as reader, ThreadPoolExecutor(4) as threads:
        outcomes = [reading.outcome for reading in threads.map(lambda each: reader.read(each, kcna()), pages)]
    assert outcomes == [ARTICLES] * 3 + [CRASHED] + [ARTICLES] * 4


SLEEPER = """
import time
from tests.test_reader import Reader, kcna, page_of
if __name__ == "__main__":
    reader = Reader()
    reader.read(page_of(b""), kcna())
    print(*(child for child in reader._pool._processes), flush=True)
    time.sleep(600)
"""


def test_a_killed_worker_leaves_no_child(tmp_path: Path) -> None:
    """The child of a worker that got SIGKILL ends by itself."""
    script = tmp_path / "worker.py"
    script.write_text(SLEEPER, encoding="utf-8")
    root = Path(__file__).parents[1]
    worker = subprocess.Popen(
        [sys.executable, script],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(root)},
    )
    assert worker.stdout is not None
    with worker.stdout:
        child = int(worker.stdout.readline())
        worker.send_signal(signal.SIGKILL)
        worker.wait()
    deadline = time.monotonic() + 20
    while _alive(child) and time.monotonic() < deadline:
        time.sleep(0.05)  # noqa: TID251 - waiting for another process to end
    assert not _alive(child)


def _alive(process: int) -> bool:
    """Whether a process runs; one that has ended but that nobody has waited for does not."""
    try:
        stat = Path(f"/proc/{process}/stat").read_text(encoding="utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"
