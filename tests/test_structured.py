"""What pages state of their articles for machines, in the ways sites really write it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.model import Page
from scraper.parse import jsonld
from scraper.parse.dom import document
from scraper.parse.layout import View
from scraper.parse.structured import Stated, structured
from scraper.parse.written import written

URL = "https://www.paper.example/a/17"
ITEM = {"@type": "NewsArticle", "headline": "Bridge Opened", "datePublished": "2026-03-14T23:30:00Z"}


def stated(html: str) -> Stated:
    """What a page states, on a clock nine hours ahead."""
    page = Page(method="GET", url=URL, status=200, headers=(), fetched_at=datetime(2026, 4, 1, tzinfo=UTC), body=b"")
    view = View(page=page, source="paper", parser="x", html=html, document=document(html))
    return structured(view, timezone="Asia/Tokyo")


def script(value: Any, *, text: str | None = None, kind: str = "application/ld+json") -> str:
    """A JSON-LD script, its text as given where it is no JSON."""
    return f'<script type="{kind}">{json.dumps(value) if text is None else text}</script>'


WHOLE = json.dumps(ITEM)


@pytest.mark.parametrize(
    "html",
    [
        script(ITEM),
        script(ITEM, kind="application/ld+json; charset=utf-8"),
        script([{"@type": "Organization", "name": "Paper"}, ITEM]),
        script({"@context": "https://schema.org", "@graph": [{"@type": "WebPage"}, ITEM]}),
        script({"@type": "WebPage", "mainEntity": ITEM}),
        script({**ITEM, "@type": ["Article", "ReportageNewsArticle"]}),
        script({**ITEM, "@type": "http://schema.org/BlogPosting"}),
        script(None, text=f"<!-- {WHOLE} -->"),
        script(None, text=f"//<![CDATA[\n{WHOLE}\n//]]>"),
        script(None, text=f"{WHOLE};"),
        script(None, text=WHOLE.replace("}", ",}")),
        script(None, text=WHOLE.replace("Bridge Opened", "Bridge\nOpened")),
        script(None, text=WHOLE[:-1] + ', "author": {"name": "Unclosed'),
        script({"@type": "ItemList", "itemListElement": [{**ITEM, "headline": "Another"}]}) + script(ITEM),
        script({**ITEM, "headline": "Another", "url": "/a/18"}) + script({**ITEM, "url": "/a/17"}),
        script({**ITEM, "headline": "Another"}) + script(ITEM) + "<h1>Bridge Opened</h1>",
        '<meta property="og:title" content="Bridge Opened"><meta property="article:published_time" content="2026-03-15T08:30:00+09:00">',
        '<meta name="twitter:title" content="Bridge Opened"><meta name="parsely-pub-date" content="2026-03-14T23:30:00Z">',
        (
            '<div itemscope itemtype="https://schema.org/NewsArticle"><h1 itemprop="headline">Bridge <b>Opened</b></h1>'
            '<meta itemprop="datePublished" content="2026-03-14T23:30:00Z"></div>'
        ),
    ],
)
def test_title_and_moment_are_found_however_they_are_stated(html: str) -> None:
    """The moment is told on the outlet's clock, where it is the day after."""
    found = stated(html)
    assert (found.titles[0], found.published[0]) == ("Bridge Opened", "2026-03-15T08:30:00+09:00")


@pytest.mark.parametrize(
    "html",
    [
        script({**ITEM, "headline": "One"}) + script({**ITEM, "headline": "Two"}),
        script({"@type": "ItemList", "itemListElement": [ITEM]}),
        script({"@type": "LiveBlogPosting", "liveBlogUpdate": [ITEM]}),
        script({**ITEM, "@type": "JobPosting"}),
        script(None, text="[" * 100_000),
        script(None, text='{"@type": "WebPage", "headline": "Not an article", }'),
        "<script>var a = " + WHOLE + "</script>",
        '<div itemscope itemtype="https://schema.org/NewsArticle"><b itemprop="headline">One</b></div>' * 2,
    ],
)
def test_what_is_not_the_pages_own_article_states_nothing(html: str) -> None:
    """Others' articles, several that nothing tells apart, other things, and scripts that are no JSON-LD."""
    assert (stated(html).titles, stated(html).published) == ((), ())


def test_the_rest_of_what_is_stated() -> None:
    """Outlet, authors by reference, sections, body, canonical address and language, each where it is stated first."""
    item = {
        **ITEM,
        "author": [{"@id": "#lind"}, {"@type": "Person", "name": "Jo Pell"}],
        "publisher": {"@id": "#paper"},
        "articleSection": ["Roads", "Valley"],
        "articleBody": "The bridge\n was opened &amp; closed.",
    }
    people = [{"@id": "#lind", "@type": "Person", "name": "Mara Lind"}, {"@id": "#paper", "name": "The Paper"}]
    found = stated(
        '<html lang="en-GB"><link rel="canonical" href="/a/17?from=feed#top"><meta property="og:url" content="/x">'
        '<meta property="article:section" content="Valley"><meta property="og:site_name" content="Paper.example">'
        + script({"@graph": [*people, item]})
    )
    assert (found.outlet, found.authors, found.sections) == ("The Paper", ("Mara Lind", "Jo Pell"), ("Roads", "Valley"))
    assert found.body == "The bridge was opened & closed."
    assert (found.canonical, found.language) == ("https://www.paper.example/a/17?from=feed", "en")
    plain = stated('<meta property="og:locale" content="ko_KR"><meta name="author" content="By Ann Roe">')
    assert (plain.language, plain.authors, plain.outlet) == ("ko", ("Ann Roe",), None)


@pytest.mark.parametrize(
    ("html", "published"),
    [
        ('<h1>T</h1><time datetime="2026-03-14">x</time>', ()),
        (
            '<div><h1>T</h1><time datetime="2026-03-14">x</time></div><time datetime="2020-01-01">x</time>',
            ("2026-03-14",),
        ),
        ('<div><h1>T</h1><time datetime="2026-03-14">x</time><time datetime="2026-03-15">x</time></div>', ()),
        (
            '<time class="entry-date published" datetime="2026-03-14">x</time><time datetime="2026-03-15">x</time>',
            ("2026-03-14",),
        ),
        ('<meta name="date" content="tomorrow">', ()),
        ('<meta name="date" content="9999-12-31T23:59:59-12:00">', ()),
    ],
)
def test_times_that_could_be_anothers_are_not_taken(html: str, published: tuple[str, ...]) -> None:
    """A `time` is the article's where it says so, or stands alone beside the only heading."""
    assert stated(f"<html><body>{html}</body></html>").published == published


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("14 March 2026", "2026-03-14"),
        ("Published on the 3rd of March 2026, 08:15", "2026-03-03"),
        ("March 14, 2026", "2026-03-14"),
        ("2026-03-14 09:00", "2026-03-14"),
        ("2026.3.14.", "2026-03-14"),
        ("2026年3月14日", "2026-03-14"),
        ("14/03/2026", "2026-03-14"),
        ("03/14/2026", "2026-03-14"),
        ("05/05/2026", "2026-05-05"),
        ("03/04/2026", None),
        ("31/02/2026", None),
        ("14 Marchioness 2026", None),
        ("call 2026", None),
    ],
)
def test_dates_as_people_write_them(text: str, day: str | None) -> None:
    """Where a day and a month could be mixed up there is none."""
    assert written(text) == day


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    "@type",
                    "@graph",
                    "@id",
                    "headline",
                    "author",
                    "name",
                    "datePublished",
                    "url",
                    "mainEntityOfPage",
                    "publisher",
                ]
            )
            | st.text(max_size=3),
            inner | st.just("NewsArticle"),
            max_size=6,
        )
    ),
    max_leaves=30,
)


@given(JSON)
def test_any_json_is_read_or_passed_over(value: object) -> None:
    """What a site writes there never breaks the reading, and what is read is text."""
    for item in jsonld.articles([json.dumps(value)]):
        assert isinstance(jsonld.words(item.get("headline")), str)
        assert all(jsonld.names(item.get("author")) or [True])
        assert all(isinstance(each, str) for each in jsonld.address(item))
    assert stated(script(value)) is not None
