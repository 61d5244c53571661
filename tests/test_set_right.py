"""`check --repair`: from a damaged archive with a missed article to a clean report; and what is in line, asked for once."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from scraper import app
from scraper.catalogue import queue
from scraper.catalogue.queue import Queued
from scraper.config import load
from scraper.jobs.check import check
from scraper.jobs.crawl import crawl
from scraper.jobs.services import Services
from scraper.jobs.set_right import set_right
from scraper.model import Cause, Report
from scraper.urls import key as key_of
from tests.commands import Ran, Running, scraper
from tests.fast_outlet import NEWS, article_url, configure, fast_outlet
from tests.outside import Outside
from tests.web_server import WebServer, status

DAY = ("--since", NEWS.isoformat(), "--until", NEWS.isoformat())
MISSED = article_url(f"{NEWS}-002")
LOST = article_url(f"{NEWS}-003")


def target(url: str) -> str:
    """Path and query of an address."""
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}"


@dataclass(frozen=True)
class Case:
    """An outlet of five articles, of which one fails until it is `mended`, crawled into an archive with a replica."""

    web: WebServer
    place: Path

    @property
    def env(self) -> dict[str, str]:
        """What names the replica."""
        return {"SCRAPER_REPLICA": (self.place / "copy").as_uri()}

    def run(self, *arguments: str) -> Ran:
        """A command on the archive."""
        return scraper(*arguments, "--config", self.place / "config", env=self.env)

    def check(self, *arguments: str) -> tuple[int, dict[str, Any]]:
        """Exit code and report of the command `check` over the day."""
        ran = self.run("check", *DAY, *arguments, "--json")
        return ran.code, ran.report

    def services(self, *, replica: bool = True) -> Any:
        """What the jobs are given, in this process."""
        return app.services(load(self.place / "config", self.env if replica else {}), processes=0)

    def mend(self) -> None:
        """The outlet gives the article that it failed to give."""
        del self.web.routes[target(MISSED)]

    def lose(self) -> Path:
        """Take the snapshot of one article out of the store."""
        (capture,) = [each for each in Outside(config=self.place / "config").captures() if each.url == LOST]
        assert capture.sha256 is not None
        path = self.place / "store/snapshots/sha256" / capture.sha256[:2] / f"{capture.sha256}.zst"
        path.unlink()
        return path

    def key(self, path: Path) -> str:
        """The key of an object."""
        return path.relative_to(self.place / "store").as_posix()

    def asked(self, url: str) -> int:
        """How often an address was asked for."""
        return sum(seen.target == target(url) for seen in self.web.log)


@pytest.fixture
def case(tmp_path: Path) -> Iterator[Case]:
    """Crawled once; the one article failed."""
    with fast_outlet(10, 5, routes={target(MISSED): status(503)}) as web:
        configure(tmp_path, f"127.0.0.1:{web.port}")
        made = Case(web=web, place=tmp_path)
        with made.services() as services:
            crawl(services, services.config.source("fast"))
        yield made


def righted(services: Services, *, dry_run: bool = False) -> Report:
    """What `check --repair` says of the day."""
    replica = partial(app.replica, services.config)
    return set_right(services, services.config.sources, replica, (NEWS, NEWS), dry_run=dry_run)


def kinds(report: Report) -> dict[str, str]:
    """The kind of each finding, by what it is about."""
    return {finding.subject: finding.kind for finding in report.findings}


def test_from_damage_and_a_missed_article_to_a_clean_report(case: Case) -> None:
    """Restored is what the replica has, queued what only the outlet has: the next crawl asks for it, due or not."""
    assert case.run("replicate").code == 0
    path = case.lose()
    code, would = case.check("--repair", "--dry-run")
    assert (code, would["counts"]["readable"]) == (4, 3)
    assert (would["counts"]["to restore"], would["counts"]["to queue"]) == (1, 1)
    assert not path.exists()
    code, done = case.check("--repair")
    assert (code, [done["counts"][name] for name in ("restored", "read", "queued")]) == (1, [1, 0, 1])
    assert done["counts"]["readable"] == 4
    restored, missed = done["findings"]
    assert (restored["kind"], restored["subject"]) == ("repaired", case.key(path))
    assert (missed["kind"], missed["subject"], missed["repair"]) == ("missing", MISSED, "scraper crawl fast")
    assert missed["reason"].endswith("; queued")
    case.mend()
    before = len(case.web.log)
    assert case.run("crawl", "fast").code == 0
    first = next(seen.target for seen in case.web.log[before:] if seen.target != "/robots.txt")
    assert first == target(MISSED), "what is queued goes before the lists"
    code, clean = case.check()
    assert (code, clean["counts"]["readable"], clean.get("findings", [])) == (0, 5, [])


def test_a_lost_page_without_a_copy_is_asked_for_whole(case: Case) -> None:
    """Without a replica the report says so, and the outlet is asked: where its page is as it was, the snapshot is back."""
    case.mend()
    path = case.lose()
    with case.services(replica=False) as services:
        report = righted(services)
        assert (report.exit_code(), dict(report.counts)["restored"], dict(report.counts)["queued"]) == (4, 0, 2)
        assert any(note.startswith("no replica is configured") for note in report.notes)
        assert kinds(report)[case.key(path)] == "unrepaired"
        assert dict(crawl(services, services.config.source("fast")).counts)["queued articles"] == 2
        assert path.exists()
        assert check(services, services.config.sources, since=NEWS, until=NEWS).findings == ()


def test_other_bytes_in_the_place_of_a_page_are_left_to_a_good_copy(case: Case) -> None:
    """The store keeps them as evidence, whatever the outlet answers: asking for the page would change nothing."""
    path = case.lose()
    path.write_bytes(b"rubbish")
    with case.services(replica=False) as services:
        assert dict(righted(services).counts)["queued"] == 1


def test_each_queued_article_is_asked_for_once(case: Case) -> None:
    """Queued twice it waits once; one that fails again leaves the line; `--limit` counts it."""
    with case.services() as services:
        source = services.config.source("fast")
        for _ in range(2):
            assert dict(righted(services).counts)["queued"] == 1
        before = case.asked(MISSED)
        for _ in range(2):
            crawl(services, source, limit=1)
        assert case.asked(MISSED) == before + 1
        assert dict(righted(services, dry_run=True).counts)["to queue"] == 1
        assert queue.length(services.database, "fast") == 0


def test_a_long_line_is_told(case: Case) -> None:
    """What does not fit before the lists waits for the next crawl, and is counted."""
    with case.services() as services:
        source, now = services.config.source("fast"), services.clock.now()
        entries = [Queued(source="fast", key=key_of(url), cause=Cause.DAMAGED) for url in (LOST, MISSED)]
        queue.enqueue(services.database, entries, now)
        report = crawl(services, source, limit=1)
        assert report.notes == ("fast: 1 article more is queued: the next crawl goes on with it",)
        assert queue.length(services.database, "fast") == 1


def test_what_was_recorded_since_has_left_the_line(case: Case) -> None:
    """A kill between an answer and its being struck off: the capture says that the article was asked for."""
    (capture,) = [each for each in Outside(config=case.place / "config").captures() if each.url == LOST]
    entry = Queued(source="fast", key=key_of(LOST), cause=Cause.FAILING)
    with case.services() as services:
        queue.enqueue(services.database, [entry], capture.recorded_at)
        assert queue.waiting(services.database, "fast", 9) == (entry,)
        queue.leave(services.database, entry)
        queue.enqueue(services.database, [entry], capture.started_at)
        assert queue.waiting(services.database, "fast", 9) == ()


def test_a_killed_crawl_goes_on_with_the_line(case: Case) -> None:
    """SIGKILL while the queued article is asked for: the next crawl has it, and nothing is left in line."""
    with case.services() as services:
        righted(services)
    case.mend()
    before = len(case.web.log)
    with Running("crawl", "fast", "--config", str(case.place / "config")) as worker:
        worker.wait_until(lambda: len(case.web.log) > before, 30, "the crawl asks")
        time.sleep(0.02)  # noqa: TID251 - any moment
        worker.kill()
    Outside(config=case.place / "config").forget_leases()
    with case.services() as services:
        crawl(services, services.config.source("fast"))
        assert queue.length(services.database, "fast") == 0
        assert check(services, services.config.sources, since=NEWS, until=NEWS).exit_code() == 0


def test_a_dry_run_is_of_a_repair(case: Case) -> None:
    """`check` alone writes nothing anyway."""
    ran = case.run("check", "--dry-run")
    assert (ran.code, ran.err.startswith("error: --dry-run goes with --repair")) == (2, True)
