"""An outlet that gives lists and articles by POST only, with its language in the session: walked, fetched, rechecked, rebuilt.

What the server does is in `ajax_outlet.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest

from scraper import app, urls
from scraper.catalogue import queries
from scraper.config import load
from scraper.jobs.backfill import backfill
from scraper.jobs.crawl import crawl, recheck
from scraper.jobs.fetch import fetch
from scraper.jobs.rebuild import rebuild
from scraper.jobs.services import Services
from scraper.model import Source
from tests.ajax_outlet import ARTICLE, CODES, HOME, LIST, Ajax
from tests.fetch_support import StepClock
from tests.web_server import WebServer, status

SOURCE = """
schema = 1
id = "outlet"
name = "Outlet"
parser = "kcna"
language = "en"
timezone = "Asia/Pyongyang"
hosts = ["127.0.0.1"]
articles = ['^/kcna\\.user\\.article\\.retrieveArticleInfoFromArticleCode\\.kcmsf']
listings = ['^/kcna\\.user\\.article\\.retrieveArticleListForPage\\.kcmsf', '^/kcna\\.user\\.home\\.']
stable_form_fields = ["article_code", "page_start", "fromDate", "toDate", "lang"]
session = true
posted = [{{ path = "{article}", form = {{ kwContent = "" }} }}]
opening = {{ path = "{home}", before = '^/kcna\\.user\\.article\\.', form = {{ lang = "eng", article_code = "" }} }}
discover = [{{ url = "{list}", form = {{ page_start = "0", fromDate = "", toDate = "" }} }}]

[[backfill]]
kind = "post"
url = "{list}"
first = 0
step = 10
form = {{ page_start = "{{page}}", kwDispTitle = "", fromDate = "{{since:%Y.%m.%d}}", toDate = "{{until:%Y.%m.%d}}" }}

[politeness]
gap = "0s"
breaker_failures = 0
attempts = 1
"""


@contextmanager
def outlet(directory: Path) -> Iterator[tuple[WebServer, Ajax, Services, Source]]:
    """The server, what it saw, and the program configured for it."""
    ajax = Ajax()
    with WebServer({"/robots.txt": status(404)}, otherwise=ajax.answer) as web:
        (directory / "config/sources").mkdir(parents=True)
        settings = (
            f'schema = 1\nstore = "{(directory / "store").as_uri()}"\ncatalogue = "sqlite:///{directory}/catalogue"\n'
        )
        (directory / "config/scraper.toml").write_text(settings, encoding="utf-8")
        declared = SOURCE.format(article=ARTICLE, home=HOME, list=web.url(LIST))
        (directory / "config/sources/outlet.toml").write_text(declared, encoding="utf-8")
        config = load(directory / "config", {})
        with app.services(config, clock=StepClock(), processes=0) as services:
            yield web, ajax, services, config.source("outlet")


def test_a_walk_steps_through_the_lists_and_posts_for_each_article(tmp_path: Path) -> None:
    """Ten rows a POST until an empty one; each row's article by a POST of its code; the days asked for are in the form."""
    with outlet(tmp_path) as (_, ajax, services, source):
        report = backfill(services, source, since=date(2017, 7, 10), until=date(2017, 7, 28))
        lists = [form for target, form in ajax.forms if target == LIST]
        articles = [form for target, form in ajax.forms if target == ARTICLE]
        held = queries.counts(services.database, source.id)
    assert report.findings == ()
    assert [form["page_start"] for form in lists] == ["0", "10", "20"]
    assert {(form["fromDate"], form["toDate"]) for form in lists} == {("2017.07.10", "2017.07.28")}
    assert articles == [{"article_code": code, "kwContent": ""} for code in CODES[3:22]]
    assert (held["held"], held["locators"]) == (19, 19)


def test_the_session_is_opened_once_in_its_language(tmp_path: Path) -> None:
    """The language is chosen before the first list of a run, once; the 307 to the same path is followed."""
    with outlet(tmp_path) as (web, ajax, services, source):
        crawl(services, source, limit=3)
        statuses = [seen.target for seen in web.log if seen.target != "/robots.txt"]
    assert statuses[:3] == [HOME, HOME, LIST]
    assert [form["lang"] for target, form in ajax.forms if target == HOME] == ["eng"]
    assert len([target for target, _ in ajax.forms if target == ARTICLE]) == 3


def test_one_address_names_an_article_wherever_it_is_met(tmp_path: Path) -> None:
    """Row, request by hand, capture, article and recheck agree on key and address, and an edit is seen."""
    address_of = f"{ARTICLE}?article_code={CODES[2]}"
    with outlet(tmp_path) as (web, ajax, services, source):
        address = web.url(address_of)
        fetch(services, address)
        locator = queries.locator(services.database, source.id, urls.key(address))
        crawl(services, source)
        again = [form for target, form in ajax.forms if form.get("article_code") == CODES[2] and target == ARTICLE]
        ajax.text = "Pyongyang, July 5 (KCNA) -- The plant opened.<br>It works well.-0-"
        services.clock.sleep(86400.0)
        changes = recheck(services, source).changes
        (record, *_) = queries.of_locator(services.database, urls.key(address), source.id)
        capture = services.archive.record(record)
        (read,) = queries.articles_of(services.database, source.id, capture.key, capture.sha256 or "")
    assert locator is not None
    assert (locator.url, locator.identity) == (address, f"kcna::{CODES[2]}")
    assert (capture.method, capture.url, capture.key) == ("POST", web.url(ARTICLE), urls.key(address))
    assert (read.key, read.url) == (CODES[2], address)
    assert len(again) == 1
    assert {change.kind.value for change in changes} == {"edited"}


def test_the_catalogue_is_rebuilt_with_the_same_addresses(tmp_path: Path) -> None:
    """What is derived from the records alone is what the run wrote."""
    with outlet(tmp_path) as (web, _, services, source):
        crawl(services, source, limit=2)
        fetch(services, web.url(f"{ARTICLE}?article_code={CODES[20]}"))
        keys = [urls.key(web.url(f"{ARTICLE}?article_code={code}")) for code in (*CODES[:3], CODES[20])]
        before = [queries.locator(services.database, source.id, key) for key in keys]
        rebuild(services)
        assert [queries.locator(services.database, source.id, key) for key in keys] == before
        assert all(before)


def test_an_unknown_code_is_no_article_and_ends_nothing(tmp_path: Path) -> None:
    """The empty 200 of an unknown code is kept as what it is: nothing is held for it."""
    with outlet(tmp_path) as (web, _, services, _source):
        address = web.url(f"{ARTICLE}?article_code=AR9999999")
        report = fetch(services, address)
        assert dict(report.counts)["soft-gone"] == 1
        assert queries.counts(services.database, "outlet")["held"] == 0


def test_a_post_sent_back_for_ever_is_given_up(tmp_path: Path) -> None:
    """A server that never stops sending a POST back is asked no more often than redirects are followed."""
    with outlet(tmp_path) as (web, _, services, source):
        web.routes[HOME] = status(307, ("Location", HOME), body=b"")
        web.routes[LIST] = status(307, ("Location", LIST), body=b"")
        report = crawl(services, source)
        assert web.targets().count(LIST) == 1 + source.politeness.redirects
    assert {finding.kind for finding in report.findings} == {"unreachable"}


@pytest.mark.parametrize("since", [date(2018, 1, 1)])
def test_a_walk_of_days_without_rows_is_kept_where_it_is(tmp_path: Path, since: date) -> None:
    """An empty first list may be a lost session: the walk says so instead of ending."""
    with outlet(tmp_path) as (_, _, services, source):
        report = backfill(services, source, since=since, until=date(2018, 1, 31))
    assert [finding.kind for finding in report.findings] == ["empty-listing"]
