"""What runs, rebuilds and re-parses do with verdicts: real servers on loopback, a real store and catalogue."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from scraper import app
from scraper.archive import records
from scraper.catalogue import queries, writing
from scraper.catalogue.tables import DERIVED
from scraper.config import load
from scraper.jobs.crawl import recheck
from scraper.jobs.rebuild import rebuild
from scraper.jobs.reparse import reparse
from scraper.jobs.services import Services
from scraper.jobs.take import source_of, understand
from scraper.model import Report, Role, Verdict
from scraper.policy.judge import JUDGE
from tests.fetch_support import StepClock
from tests.test_policy_judge import CHALLENGE
from tests.test_struggling_hosts import GOOD, LIST, article, asked, crawled, listing, outlet
from tests.web_server import Route, moved, page, status

LONG = GOOD.replace(b"</main>", b"<p>Wheat and more wheat.</p>" * 400 + b"</main>")


def rows(services: Services) -> dict[str, list[Any]]:
    """Every derived row."""
    with services.database.read() as connection:
        return {table.name: sorted(map(tuple, connection.execute(table.select()))) for table in DERIVED}


def verdicts(services: Services, role: Role = Role.ARTICLE) -> list[str]:
    """The verdicts of the captures of a role, in alphabetical order."""
    found = rows(services)["captures"]
    names = [column.name for column in DERIVED[0].columns]
    return sorted(row[names.index("verdict")] for row in found if row[names.index("role")] == role.value)


@pytest.mark.parametrize("code", [200, 403, 503])
def test_a_challenge_ends_the_run_at_once(tmp_path: Path, code: int) -> None:
    """Also as a 503: no second try, no next page; what was not fetched stays due."""
    routes: dict[str, Route] = {LIST: listing(range(5)), article(0): status(code, body=CHALLENGE)}
    with outlet(routes, tmp_path) as (web, config):
        report = crawled(config, StepClock())
        assert [finding.kind for finding in report.findings] == ["blocked"]
        assert dict(report.counts)["blocked-captcha"] == 1
        assert asked(web) == {LIST: 1, article(0): 1}


def test_a_redirect_to_a_block_page_is_not_followed(tmp_path: Path) -> None:
    """The hop says enough; the page behind it is not asked for."""
    routes = {LIST: listing(range(2)), article(0): moved("/free-member-form/"), "/free-member-form/": page(GOOD)}
    with outlet(routes, tmp_path) as (web, config):
        assert dict(crawled(config, StepClock()).counts)["blocked-login"] == 1
        assert asked(web) == {LIST: 1, article(0): 1}


def test_a_listing_that_is_none_is_a_finding(tmp_path: Path) -> None:
    """A section that is gone, a file, an empty page: each hides what is new."""
    for number, answer in enumerate((status(404), page(b"%PDF-1.7"), page(b""))):
        with outlet({LIST: answer}, tmp_path / str(number)) as (_, config):
            assert [finding.kind for finding in crawled(config, StepClock()).findings] == ["empty-listing"]


def twice(config: Path, clock: StepClock) -> Report:
    """What a recheck an hour later reports."""
    clock.sleep(timedelta(hours=1).total_seconds())
    loaded = load(config, {})
    with app.services(loaded, clock=clock, processes=0) as services:
        return recheck(services, loaded.source("outlet"))


def test_the_front_page_never_takes_an_articles_place(tmp_path: Path) -> None:
    """Held, then redirected home: the version stays, nothing is an edit, and the front page is no article."""
    routes: dict[str, Route] = {LIST: listing(range(1)), article(0): [page(GOOD), moved("/en/")], "/en/": page(GOOD)}
    with outlet(routes, tmp_path) as (_, config):
        clock = StepClock()
        crawled(config, clock)
        assert twice(config, clock).changes == ()
        with app.services(load(config, {}), clock=clock, processes=0) as services:
            assert verdicts(services) == ["article", "moved-home", "moved-home"]
            (locator,) = rows(services)["locators"]
            assert locator[0] == "outlet"
            assert "moved-home" in locator
            assert len(rows(services)["articles"]) == 1


def test_a_page_far_under_the_usual_size_is_cut_off(tmp_path: Path) -> None:
    """Five whole articles make a usual size; the sixth begins like them, and does not end."""
    whole = {article(number): page(LONG) for number in range(5)}
    routes: dict[str, Route] = {
        LIST: [listing(range(5)), listing(range(6))],
        **whole,
        article(5): page(GOOD[: len(GOOD) // 2]),
    }
    with outlet(routes, tmp_path) as (_, config):
        clock = StepClock()
        crawled(config, clock)
        clock.sleep(3600)
        assert dict(crawled(config, clock).counts)["truncated"] == 1
        clock.sleep(1)
        with app.services(load(config, {}), clock=clock, processes=0) as services:
            assert queries.usual_size(services.database, "outlet", Role.ARTICLE, clock.now()) == len(LONG)
            assert queries.usual_size(services.database, "outlet", Role.LISTING, clock.now()) is None
            assert_rebuilt(services)


def assert_rebuilt(services: Services) -> None:
    """Rebuilding gives the very rows that are there."""
    before = rows(services)
    rebuild(services)
    assert rows(services) == before


def as_of_an_earlier_judge(services: Services, root: Path, changed: dict[str, Verdict]) -> None:
    """Leave archive and catalogue as an earlier version would have; `changed` maps ends of addresses to its verdicts."""
    captures = list(services.archive.captures(on_damage=lambda _key, _error: None))
    services.database.clear()
    for capture in captures:
        (root / capture.record).unlink()
        verdict = next((said for end, said in changed.items() if capture.url.endswith(end)), capture.verdict)
        old = replace(capture, judge="judge@1", verdict=verdict, record="")
        data = records.encode(old)
        old = replace(old, record=records.record_key(old, data))
        services.archive.store.put(old.record, data)
        writing.add_capture(services.database, old, "")
        if old.verdict.readable and old.sha256 is not None:
            understand(services, source_of(services, old), old, services.archive.body(old.sha256))


def test_judging_an_archive_again(tmp_path: Path) -> None:
    """Reparse reports what today's judge says otherwise and writes none of it; rebuild makes the catalogue say it too."""
    blocked = page(b"<title>Web Page Blocked</title>")
    routes: dict[str, Route] = {
        LIST: listing(range(3)),
        article(0): page(GOOD),
        article(1): page(b"%PDF-"),
        article(2): blocked,
    }
    with outlet(routes, tmp_path) as (_, config):
        clock = StepClock()
        crawled(config, clock)
        with app.services(load(config, {}), clock=clock, processes=0) as services:
            sources = services.config.sources
            assert ("changed verdict", 1) not in reparse(services, sources).counts
            changed = {article(1): Verdict.EMPTY, article(2): Verdict.ARTICLE}
            as_of_an_earlier_judge(services, tmp_path / "store", changed)
            before = rows(services)
            tried = reparse(services, sources, dry_run=True)
            assert rows(services) == before
            report = reparse(services, sources)
            assert dict(report.counts)["changed verdict"] == dict(tried.counts)["changed verdict"] == 2
            told = {finding.subject.rpartition("/")[2]: finding for finding in report.findings}
            assert told[article(1)[-32:]].reason == f"was judged empty, is not-html to {JUDGE}"
            assert told[article(2)[-32:]].repair == "scraper rebuild"
            assert verdicts(services) == ["article", "article", "empty"]
            rebuild(services)
            assert verdicts(services) == ["article", "blocked-waf", "not-html"]
            assert "changed verdict" not in dict(reparse(services, sources).counts)
            assert_rebuilt(services)


def test_an_earlier_judge_that_said_the_same(tmp_path: Path) -> None:
    """Where no verdict changes, reparse leaves the very rows that a rebuild makes."""
    routes: dict[str, Route] = {LIST: listing(range(2)), article(0): page(GOOD), article(1): status(404)}
    with outlet(routes, tmp_path) as (_, config):
        clock = StepClock()
        crawled(config, clock)
        with app.services(load(config, {}), clock=clock, processes=0) as services:
            as_of_an_earlier_judge(services, tmp_path / "store", {})
            assert reparse(services, services.config.sources).findings == ()
            after = rows(services)
            rebuild(services)
            assert rows(services)["captures"] == after["captures"]
