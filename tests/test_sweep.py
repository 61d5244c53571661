"""Rechecks of a real outlet on loopback: a server that is wrong with its 304 is found, and nothing is left out of the sweep."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from scraper import app
from scraper.config import load
from scraper.jobs.crawl import recheck
from scraper.jobs.vitals import measure
from scraper.model import ChangeKind, Report
from tests.fetch_support import StepClock
from tests.test_struggling_hosts import GOOD, LIST, article, crawled, listing, outlet
from tests.web_server import Answer, Asked, Route, page, status

TAG = ("ETag", '"one"')
EDITED = GOOD.replace(b"<p>", b"<p>Nobody said so. ")
LADDER = (15 * 60, 45 * 60, 5 * 3600, 18 * 3600, 48 * 3600)


def after(config: Path, clock: StepClock, seconds: float) -> Report:
    """What a recheck so many seconds later reports."""
    clock.sleep(seconds + 60)
    loaded = load(config, {})
    with app.services(loaded, clock=clock, processes=0) as services:
        return recheck(services, loaded.source("outlet"))


def test_a_server_that_lies_with_304_is_found(tmp_path: Path) -> None:
    """The page was edited at once, and every conditional request is told that it was not: the fifth recheck asks for all of it."""
    given: list[str | None] = []

    def answer(asked: Asked) -> Answer:
        condition = asked.header("If-None-Match")
        given.append(condition)
        if len(given) == 1:
            return page(GOOD, headers=[TAG])
        return status(304, TAG) if condition else page(EDITED, headers=[TAG])

    routes: dict[str, Route] = {LIST: listing(range(1)), article(0): answer}
    with outlet(routes, tmp_path) as (_, config):
        clock = StepClock()
        crawled(config, clock)
        found = [after(config, clock, wait).changes for wait in LADDER]
    assert given == [None, *['"one"'] * 4, None]
    assert [[change.kind for change in each] for each in found] == [[], [], [], [], [ChangeKind.EDITED]]


def test_the_sweep_is_kept_within_its_days_and_measured(tmp_path: Path) -> None:
    """With `sweep = 20` an article is asked for between the rungs of the ladder; `vitals` says how long ago."""
    with outlet({LIST: listing(range(1)), article(0): page(GOOD)}, tmp_path) as (web, config):
        declared = config / "sources" / "outlet.toml"
        text = declared.read_text(encoding="utf-8")
        declared.write_text(text.replace('language = "en"\n', 'language = "en"\nsweep = 20\n', 1), encoding="utf-8")
        clock = StepClock()
        crawled(config, clock)
        for day in (1, 3, 7, 30):
            after(config, clock, timedelta(days=day).total_seconds())
        before = web.targets().count(article(0))
        after(config, clock, timedelta(days=19).total_seconds())
        assert web.targets().count(article(0)) == before
        loaded = load(config, {})
        with app.services(loaded, clock=clock, processes=0) as services:
            (line,) = measure(services, loaded.sources).notes
        assert "1 articles held, 100.0 % verified within 20 days, the longest ago 19.0 days" in line
        after(config, clock, timedelta(days=2).total_seconds())
        assert web.targets().count(article(0)) == before + 1
