"""An outlet whose pages hold several articles each, found by an index of days: crawled, walked, rechecked and rebuilt.

The pages are the fixtures of kcna.co.jp's old scheme; the day's index is asked for so many days back.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

from scraper import app, urls
from scraper.catalogue import queries
from scraper.config import load
from scraper.jobs.backfill import backfill
from scraper.jobs.crawl import crawl, recheck
from scraper.jobs.look import changes
from scraper.jobs.rebuild import rebuild
from scraper.jobs.services import Services
from scraper.model import Article, Source
from tests.fetch_support import StepClock
from tests.web_server import WebServer, page, status

SITES = Path(__file__).parent / "sites/kcnajp"
INDEX, ITEMS = "/item/2000/200012/20001231.htm", "/item/2000/200012/news12/31.htm"
INDEX_1997, ITEMS_1997 = "/item/1997/9701/970105.htm", "/item/1997/9701/news1/05.htm"
NEW_YEAR = datetime(2001, 1, 1, 3, tzinfo=UTC)

SOURCE = """
schema = 1
id = "mirror"
name = "Mirror"
parser = "kcnajp"
language = "en"
timezone = "Asia/Pyongyang"
hosts = ["127.0.0.1"]
articles = ['^/item/.*/news\\d+/']
listings = ['^/item/\\d+/\\d+/\\d+\\.htm$']
discover = [{{ url = "{root}{{date:%Y/%Y%m/%Y%m%d}}.htm", days_ago = [1, 2] }}]
backfill = [{{ kind = "dated", url = "{root}{{date:%Y/%y%m/%y%m%d}}.htm" }}]
[politeness]
gap = "0s"
breaker_failures = 0
attempts = 1
"""


def saved(name: str) -> bytes:
    """A fixture's page."""
    return (SITES / name / "page.html").read_bytes()


@contextmanager
def mirror(directory: Path) -> Iterator[tuple[WebServer, Services, Source]]:
    """The server, and the program configured for it, on New Year's Day of 2001."""
    pages = {INDEX: "day-2000", ITEMS: "items-2000", INDEX_1997: "day-1997", ITEMS_1997: "items-1997"}
    with WebServer({path: page(saved(name)) for path, name in pages.items()}, otherwise=status(404)) as web:
        (directory / "config/sources").mkdir(parents=True)
        settings = (
            f'schema = 1\nstore = "{(directory / "store").as_uri()}"\ncatalogue = "sqlite:///{directory}/catalogue"\n'
        )
        (directory / "config/scraper.toml").write_text(settings, encoding="utf-8")
        declared = SOURCE.format(root=web.url("/item/"))
        (directory / "config/sources/mirror.toml").write_text(declared, encoding="utf-8")
        config = load(directory / "config", {})
        with app.services(config, clock=StepClock(NEW_YEAR), processes=0) as services:
            yield web, services, config.source("mirror")


def held(services: Services, url: str) -> tuple[Article, ...]:
    """The articles read from the newest capture of a page."""
    record = queries.newest(services.database, "mirror", urls.key(url))
    assert record is not None
    capture = services.archive.record(record)
    return queries.articles_of(services.database, "mirror", capture.key, capture.sha256 or "")


def test_a_tick_reads_the_index_of_the_days_before(tmp_path: Path) -> None:
    """Yesterday and the day before are asked for on the outlet's calendar; one page fetched gives all its articles."""
    with mirror(tmp_path) as (web, services, source):
        report = crawl(services, source)
        found = held(services, web.url(ITEMS))
        asked = [target for target in web.targets() if target != "/robots.txt"]
    assert asked == [INDEX, "/item/2000/200012/20001230.htm", ITEMS]
    assert [(article.url, article.published, article.published_evidence) for article in found] == [
        (f"{web.url(ITEMS)}#{number}", "2000-12-31", "list-row") for number in (1, 2)
    ]
    assert dict(report.counts)["articles"] == 2


def test_a_walk_by_days_brings_every_item(tmp_path: Path) -> None:
    """A dated walk of January 1997 finds the one day that has an index, and the three items of its file."""
    with mirror(tmp_path) as (web, services, source):
        backfill(services, source, since=date(1997, 1, 4), until=date(1997, 1, 6))
        found = held(services, web.url(ITEMS_1997))
    assert [article.key.partition("#")[2] for article in found] == ["1", "2", "3"]
    assert {article.published for article in found} == {"1997-01-05"}


def test_an_edit_of_a_later_item_is_seen_and_rebuilt(tmp_path: Path) -> None:
    """The second item of the file was edited: one change, under its own address, the same after a rebuild."""
    with mirror(tmp_path) as (web, services, source):
        crawl(services, source)
        web.routes[ITEMS] = page(saved("items-2000").replace(b"visits a", b"visited the"))
        services.clock.sleep(86400.0)
        report = recheck(services, source).changes
        rebuild(services)
        again = changes(services, [source]).changes
    assert [(change.kind.value, change.url) for change in report] == [("edited", f"{web.url(ITEMS)}#2")]
    assert again == report
