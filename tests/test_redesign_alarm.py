"""An outlet redesigned over night: the first crawl says so, no page is lost, nothing is taken for an edit, and it is put right."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from scraper import app
from scraper.config import load
from scraper.demo.clock import SteppedClock
from scraper.demo.script import START, local
from scraper.demo.sources import write_config
from scraper.jobs.check import check
from scraper.jobs.crawl import crawl, recheck
from scraper.jobs.look import changes
from scraper.jobs.reader import Reader
from scraper.jobs.reparse import reparse
from scraper.jobs.services import Services
from scraper.jobs.vitals import standing
from scraper.model import Report, Source
from tests.commands import Running, scraper
from tests.redesigned import Redesigned, articles_of, lists_of, mended
from tests.test_stop import free_port

SOURCES = ("replica-kcna", "replica-rodong", "replica-watch")
NIGHT = local(2, "03:00")


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """The replica on its second morning: all that was published until then is archived and read."""

    services: Services
    clock: SteppedClock
    replica: Redesigned

    def source(self, name: str) -> Source:
        """One of the replica's sources."""
        return self.services.config.source(name)

    def crawl(self, name: str, at: datetime) -> Report:
        """A crawl at a later time."""
        self.clock.move_to(at)
        return crawl(self.services, self.source(name))


@contextmanager
def a_day(directory: Path) -> Iterator[Day]:
    """The first day archived, by a crawl of every source at noon and in the night."""
    clock = SteppedClock(START)
    with Redesigned(clock) as replica:
        write_config(directory / "config", replica.address, archive=directory / "archive")
        config = load(directory / "config", {})
        with app.services(config, clock=clock, processes=0) as services:
            day = Day(services=services, clock=clock, replica=replica)
            for name in SOURCES:
                day.crawl(name, START)
            yield day


@pytest.fixture
def day(tmp_path: Path) -> Iterator[Day]:
    """A day of the replica, archived."""
    with a_day(tmp_path) as made:
        yield made


def kinds(report: Report) -> list[str]:
    """The kinds of findings, in order."""
    return [finding.kind for finding in report.findings]


@pytest.mark.parametrize("name", SOURCES)
def test_redesigned_articles_are_an_alarm_on_the_first_run(day: Day, name: str) -> None:
    """The first page that comes under the new template is a finding; the run fails; the pages are held and nothing is lost."""
    source = day.source(name)
    before = check(day.services, [source])
    day.replica.renamed = articles_of(source)
    report = day.crawl(name, local(2, "23:00"))
    assert report.exit_code() == 1
    found = [finding for finding in report.findings if finding.kind == "layout-changed"]
    assert len(found) == dict(report.counts)["layout-changed"] >= 1
    assert not dict(report.counts).get("articles")
    after = dict(check(day.services, [source]).counts)
    assert after["held"] == after["intact"] == after["readable"] + len(found)
    assert after["readable"] == dict(before.counts)["readable"]


@pytest.mark.parametrize("name", SOURCES)
def test_a_redesign_is_no_edit_and_no_deletion(day: Day, name: str) -> None:
    """Articles that were held are asked for again and come under the new template: no change is reported, then or later."""
    source = day.source(name)
    day.replica.renamed = articles_of(source)
    day.clock.move_to(NIGHT)
    again = recheck(day.services, source)
    assert dict(again.counts)["layout-changed"] >= 1
    assert again.changes == ()
    assert changes(day.services, [source]).changes == ()
    with closing(Reader(processes=0, reads=mended)) as reader:
        reparse(replace(day.services, reader=reader), [source])
    assert changes(day.services, [source]).changes == ()


@pytest.mark.parametrize("name", SOURCES)
def test_redesigned_lists_are_an_alarm_until_they_are_mended(day: Day, name: str) -> None:
    """A list of which no row is read is an alarm at every crawl, also at those that find the same bytes again."""
    source = day.source(name)
    day.replica.renamed = lists_of(source)
    for hour in ("05:00", "07:00"):
        report = day.crawl(name, local(2, hour))
        assert report.exit_code() == 1
        assert "blind" in kinds(report)
    day.replica.renamed = lambda _host, _target: False
    assert "blind" not in kinds(day.crawl(name, local(2, "09:00")))


@pytest.mark.parametrize("name", SOURCES)
def test_a_mended_parser_reads_what_was_kept(day: Day, name: str) -> None:
    """`reparse --dry-run` shows which pages would be read and writes nothing; `reparse` reads them, and the alarm ends."""
    source = day.source(name)
    day.replica.renamed = articles_of(source)
    crawled = day.crawl(name, local(3, "06:00"))
    unread = dict(crawled.counts)["layout-changed"]
    with closing(Reader(processes=0, reads=mended)) as reader:
        services = replace(day.services, reader=reader)
        tried = reparse(services, [source], dry_run=True, samples=1)
        (outcome,) = [each for each in tried.differences if each.field == "outcome"]
        assert (outcome.pages, outcome.before, len(outcome.samples)) == (unread, "", 1)
        assert outcome.after
        assert (
            dict(check(services, [source]).counts)["readable"]
            == dict(check(services, [source]).counts)["held"] - unread
        )
        done = reparse(services, [source])
        assert (dict(done.counts)["changed outcome"], done.findings) == (unread, ())
        counts = dict(check(services, [source]).counts)
        assert counts["readable"] == counts["held"]
        assert standing(services, source) == ()
        assert dict(reparse(services, [source]).counts).keys() <= {"pages", "articles", "listing"}


def test_the_daemon_is_not_well_while_a_source_cannot_be_read(tmp_path: Path) -> None:
    """With real processes: `crawl` exits 1, /healthz answers 503 and names the source, /livez 200, and the log says why."""
    port, clock = free_port(), SteppedClock(START)
    with Redesigned(clock) as replica:
        config = tmp_path / "config"
        write_config(config, replica.address, archive=tmp_path / "archive")
        for other in ("replica-kcna", "replica-watch"):
            (config / "sources" / f"{other}.toml").unlink()
        settings = config / "scraper.toml"
        settings.write_text(settings.read_text().replace('health = "off"', f'health = "127.0.0.1:{port}"'))
        declared = config / "sources/replica-rodong.toml"
        declared.write_text(declared.read_text().replace('gap = "2s"', 'gap = "0s"').replace('"1s"', '"10s"'))
        assert scraper("crawl", "--config", config).code == 0
        source = load(config, {}).source("replica-rodong")
        replica.renamed = articles_of(source)
        clock.move_to(local(2, "23:00"))
        crawled = scraper("crawl", "--config", config, "--json")
        assert crawled.code == 1
        assert {"layout-changed", "blind"} <= {each["kind"] for each in crawled.report["findings"]}
        with Running("run", "--config", config) as daemon:
            daemon.wait_until(lambda: asked(port, "/healthz")[0] == 503, 60, "the daemon says that it is not well")
            said = asked(port, "/healthz")[1]
            assert said["status"] == "alarm"
            assert "blind" in said["sources"]["replica-rodong"]["alarms"][0]
            assert asked(port, "/livez")[0] == 200
            daemon.kill()
            assert "kind=blind" in daemon.end().err
        assert scraper("health", "--config", config).code == 5
        assert scraper("changes", "--config", config, "--json").lines == []


def asked(port: int, path: str) -> tuple[int, Any]:
    """The status and the answer of the daemon; (0, nothing) where nobody answers."""
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    except ConnectionError:
        return 0, {}
    finally:
        connection.close()
