"""A made-up outlet that no code knows, from its declaration alone: found, fetched, read, complete, and read again the same."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.commands import Ran, scraper
from tests.web_server import Answer, WebServer, page

HOST = "valley.example"
SETTINGS = """schema = 1
contact = "mailto:desk@herald.example"
store = "file://{root}/store"
catalogue = "sqlite:///{root}/catalogue.sqlite3"
"""
SOURCE = """schema = 1
id = "valley"
name = "The Valley Paper"
parser = "generic"
language = "en"
timezone = "Europe/Oslo"
hosts = ["{host}"]
articles = ['^/story/\\d+$']
listings = ['^/$', '^/culture/$', '\\.(?:json|rss|xml)$', '[?&]page=\\d+']
listing_dates = ['\\d{{1,2}} [A-Z][a-z]+ \\d{{4}}']
discover = [
  {{ url = "http://{host}/", follow = ["section", "next-page", "feed"] }},
  {{ url = "http://{host}/feed.json" }},
  {{ url = "http://{host}/sitemap.xml", follow = ["sitemap"] }},
]
[politeness]
gap = "0s"
[network.resolve]
"{host}" = "{address}"
"""
DAYS = ("--since", "2026-03-08", "--until", "2026-03-14")
TITLES = {
    1: "A Bridge over the Reed River",
    2: "The Barley Is In",
    3: "Old Maps Go into the Salt",
    4: "A Prize for Forty Bottles",
    5: "Night Trains on the Coast",
    6: "The Lighthouse Gets Its Stripes",
    7: "Ferry Turns Back in the Storm",
}
FRONT = """<html lang="en"><head><title>The Valley Paper</title>
<link rel="alternate" type="application/rss+xml" href="/news.rss"></head><body><nav><a href="/culture/">Culture</a></nav>
<ul><li><a href="/story/1">{1}</a> <i>14 March 2026</i></li></ul><a rel="next" href="/?page=2">Older</a></body></html>"""
OLDER = """<html lang="en"><body><ul><li><a href="/story/2">{2}</a> <i>13 March 2026</i></li></ul></body></html>"""
CULTURE = """<html lang="en"><body><p><a href="/story/4">{4}</a>, 11 March 2026</p></body></html>"""
RSS = """<?xml version="1.0"?><rss version="2.0"><channel><title>Valley</title><item><title>{3}</title>
<link>http://valley.example/story/3</link><pubDate>Thu, 12 Mar 2026 09:00:00 +0100</pubDate></item></channel></rss>"""
JSON_FEED = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "Valley",
    "items": [
        {"id": "5", "url": "/story/5", "title": TITLES[5], "date_published": "2026-03-10T08:00:00+01:00"},
        {"id": "http://valley.example/story/6", "title": TITLES[6], "date_published": "2026-03-09T08:00:00+01:00"},
    ],
}
INDEX = """<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
<sitemap><loc>http://valley.example/news-sitemap.xml</loc></sitemap></sitemapindex>"""
NEWS = """<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>http://valley.example/story/7</loc><news:news>
<news:publication_date>2026-03-08T08:00:00+01:00</news:publication_date><news:title>{7}</news:title></news:news></url></urlset>"""


def story(number: int) -> str:
    """An article's page, with others in a box that has no name of its own. The dates of 5 and later are not on the page."""
    date = f"<div>{15 - number} March 2026</div>" if number < 5 else ""
    others = "".join(
        f'<div><h3><a href="/story/{each}">{title}</a></h3><p>What {title.lower()} has to do with everything else.</p></div>'
        for each, title in TITLES.items()
        if each != number
    )
    return f"""<html lang="en"><head><title>{TITLES[number]} | The Valley Paper</title></head><body><div class="q1">
<h1>{TITLES[number]}</h1>{date}<div class="q2"><p>This is what was known in the valley on the day when story {number} was printed.</p>
<p>Nobody had expected it, least of all the <b>people</b> of Tarn, who read of it in this paper.</p>
<p>More is to be said of it when the council meets again in the second week of the month.</p></div><div class="q3">{others}</div>
</div></body></html>"""


def typed(text: str, kind: str) -> Answer:
    """An answer of another content type than a page's."""
    return page(text.encode(), headers=[("Content-Type", kind)])


@pytest.fixture(scope="module")
def outlet() -> Iterator[WebServer]:
    """The outlet's server."""
    titles = {str(number): title for number, title in TITLES.items()}
    filled = {"front": FRONT, "older": OLDER, "culture": CULTURE, "rss": RSS, "news": NEWS}
    for number, title in titles.items():
        filled = {name: text.replace(f"{{{number}}}", title) for name, text in filled.items()}
    routes: dict[str, Any] = {
        "/": page(filled["front"].encode()),
        "/?page=2": page(filled["older"].encode()),
        "/culture/": page(filled["culture"].encode()),
        "/news.rss": typed(filled["rss"], "text/html"),
        "/feed.json": typed(json.dumps(JSON_FEED), "application/feed+json"),
        "/sitemap.xml": typed(INDEX, "application/xml"),
        "/news-sitemap.xml": typed(filled["news"], "application/xml"),
        **{f"/story/{number}": page(story(number).encode()) for number in TITLES},
    }
    with WebServer(routes) as server:
        yield server


@pytest.fixture(scope="module")
def crawled(outlet: WebServer, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Ran]:
    """A configuration of two files, and how the first crawl under it ended."""
    root = tmp_path_factory.mktemp("valley")
    (root / "config/sources").mkdir(parents=True)
    (root / "config/scraper.toml").write_text(SETTINGS.format(root=root), encoding="utf-8")
    declaration = SOURCE.format(host=HOST, address=f"127.0.0.1:{outlet.port}")
    (root / "config/sources/valley.toml").write_text(declaration, encoding="utf-8")
    return root / "config", scraper("crawl", "valley", "--json", "--config", root / "config")


def parsed(config: Path) -> bytes:
    """Every article as `scraper parse` prints it from the archive, one a line."""
    return scraper("parse", *(f"http://{HOST}/story/{number}" for number in TITLES), "--config", config).out


def test_a_declaration_is_enough(crawled: tuple[Path, Ran]) -> None:
    """Listing, next page, section, feeds of three kinds and a news sitemap behind an index: each led to articles, all are read."""
    config, ran = crawled
    assert ran.code == 0, ran.err
    found = [json.loads(line) for line in parsed(config).splitlines()]
    assert [article["title"] for article in found] == list(TITLES.values())
    assert [len(article["paragraphs"]) for article in found] == [3] * 7
    assert [article["published"][:10] for article in found] == [f"2026-03-{15 - number:02}" for number in TITLES]
    assert [article["published_evidence"] for article in found] == ["page-mark"] * 4 + ["feed"] * 3
    assert {article["parser"] for article in found} == {"generic/article@2"}


def test_all_that_was_shown_is_held(crawled: tuple[Path, Ran]) -> None:
    """`check` finds nothing missing and nothing damaged."""
    config, _ = crawled
    checked = scraper("check", "valley", *DAYS, "--read-data", "--json", "--config", config)
    assert checked.code == 0, checked.text
    assert checked.report.get("findings", []) == []
    assert (checked.report["counts"]["expected"], checked.report["counts"]["readable"]) == (7, 7)


def test_offline_it_reads_the_same(crawled: tuple[Path, Ran]) -> None:
    """`reparse` changes nothing, and the articles are the same bytes before and after it."""
    config, _ = crawled
    before = parsed(config)
    again = scraper("reparse", "valley", "--json", "--config", config)
    assert again.code == 0
    assert not [name for name in again.report["counts"] if name.startswith("changed")]
    assert parsed(config) == before
