"""The generic parser: outlets without code, read by what a page states of itself and what their declaration says."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from scraper.errors import LayoutChanged, NotAnArticle
from scraper.model import DateEvidence, Discovery, Page, Source
from scraper.policy.resolve import read

HERALD = Source(
    id="herald",
    name="The Herald",
    parser="generic",
    language="en",
    timezone="Asia/Pyongyang",
    hosts=("herald.example",),
    articles=(r"^/news/\d+$",),
    listings=(r"^/news/$",),
    listing_dates=(r"\d{4}\.\d\d\.\d\d",),
    discover=(Discovery(url="http://herald.example"),),
)


def page(html: str, path: str = "/news/17") -> Page:
    """A page of the Herald's."""
    return Page(
        method="GET",
        url=f"http://herald.example{path}",
        status=200,
        headers=(("Content-Type", "text/html; charset=utf-8"),),
        fetched_at=datetime(2026, 4, 1, tzinfo=UTC),
        body=html.encode(),
    )


ARTICLE = """<html><head><title>The Herald</title>
<script type="application/ld+json">{"@type": "NewsArticle", "headline": "Bridge Opened over the Reed River",
"datePublished": "2026-03-14T08:00:00+09:00"}</script>
<meta property="og:site_name" content="Herald of the Valley"></head>
<body><h1>News</h1><p>The bridge was opened on Saturday.</p><p>Buses use it from Monday.</p></body></html>"""


def test_an_article_is_what_the_page_states() -> None:
    """Title, outlet and date are the page's own statements; no code names the outlet."""
    (found,) = read(page(ARTICLE), HERALD).articles
    assert (found.title, found.outlet) == ("Bridge Opened over the Reed River", "Herald of the Valley")
    assert found.paragraphs == ("The bridge was opened on Saturday.", "Buses use it from Monday.")
    assert (found.published, found.published_evidence) == ("2026-03-14T08:00:00+09:00", "page-mark")
    assert found.evidence == (DateEvidence(kind="page-mark", value="2026-03-14T08:00:00+09:00"),)
    assert (found.language, found.parser) == ("en", "generic/article@1")


@pytest.mark.parametrize("path", ["/", "/news/"])
def test_a_listing_has_the_rows_that_are_declared(path: str) -> None:
    """Links that fit are rows, with the words of the link and the date beside it; discovery pages are listings."""
    html = """<ul><li><a href="/news/17">Bridge of 2025.01.01</a> <i>2026.03.14</i></li>
    <li><a href="/news/16"><img></a> <a href="/news/16">Harvest</a> (2026.03.13)</li></ul><a href="/about">About</a>"""
    shown = [(row.url, row.title, row.published) for row in read(page(html, path), HERALD).sightings]
    assert shown == [
        ("http://herald.example/news/17", "Bridge of 2025.01.01", "2026-03-14"),
        ("http://herald.example/news/16", "Harvest", "2026-03-13"),
    ]


def test_other_addresses_and_empty_pages_are_refused() -> None:
    """Nothing is guessed: neither what an undeclared address is, nor a title or a text that is not there."""
    with pytest.raises(NotAnArticle, match="herald"):
        read(page(ARTICLE, "/about"), HERALD)
    with pytest.raises(LayoutChanged, match="text"):
        read(page("<h1>Title</h1>"), HERALD)
    with pytest.raises(LayoutChanged, match="title"):
        read(page("<p>Text.</p>"), HERALD)
    with pytest.raises(LayoutChanged, match="no rows"):
        read(page("<a href='/about'>About</a>", "/news/"), HERALD)
