"""What another outlet's pages show is expected at the outlet it is of: from the aggregator's page to the original, by commands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from scraper import app
from scraper.config import load
from scraper.demo.clock import SteppedClock
from scraper.demo.replica import Replica
from scraper.demo.script import START
from scraper.demo.sources import write_config
from scraper.jobs.crawl import crawl
from tests.commands import scraper

DAYS = ("--since", "2026-08-31", "--until", "2026-09-03")


@dataclass(frozen=True)
class Case:
    """The replica outlets on their third day, and an archive that only the aggregator was crawled into."""

    config: Path
    clock: SteppedClock

    def check(self, *arguments: str) -> dict[str, Any]:
        """The report of the command on the original's outlet."""
        return scraper("check", "replica-kcna", *DAYS, *arguments, "--config", self.config, "--json").report

    def crawl(self, source: str, limit: int | None = None) -> dict[str, int]:
        """Crawl an outlet, at the time of the replica; what was counted."""
        with app.services(load(self.config, {}), clock=self.clock, processes=0) as services:
            return dict(crawl(services, services.config.source(source), limit=limit).counts)


@pytest.fixture
def case(tmp_path: Path) -> Iterator[Case]:
    """The aggregator's page of an original was archived; the outlet itself was never asked for anything."""
    clock = SteppedClock(START + timedelta(days=2))
    with Replica(clock) as replica:
        write_config(tmp_path / "config", replica.address, archive=tmp_path / "archive")
        made = Case(config=tmp_path / "config", clock=clock)
        made.crawl("replica-watch")
        yield made


def missing(report: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What is missing, by address."""
    return {each["subject"]: each for each in report.get("findings", ()) if each["kind"] == "missing"}


def test_a_mirrored_article_is_expected_at_its_outlet(case: Case) -> None:
    """Named by the capture that shows it, counted apart, queued by `--repair`, and whole once the outlet was asked."""
    report = case.check("--repair")
    found, counts = missing(report), report["counts"]
    assert found
    assert {each["evidence"].split("/")[1] for each in found.values()} == {"replica-watch"}
    assert {each["cause"] for each in found.values()} == {"not-fetched"}
    apart = counts["expected"], counts["mirrored"], counts["listed"], counts["related"], counts["queued"]
    assert apart == (len(found), len(found), 0, 0, len(found))
    assert sum(day["mirrored"] for day in report["days"]) == len(found)
    assert case.crawl("replica-kcna", len(found))["queued articles"] == len(found)
    assert not set(found) & set(missing(case.check()))
