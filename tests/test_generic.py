"""The generic parser: outlets without code, read by what a page states of itself and what their declaration says."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.errors import LayoutChanged, NotAnArticle
from scraper.model import Article, DateEvidence, Discovery, Page, Source
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
    assert (found.language, found.parser) == ("en", "generic/article@2")


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


TEXT = "".join(
    f"<p>Sentence {number} of the article says what happened in the valley on that day.</p>" for number in range(4)
)


def article(html: str, path: str = "/news/17") -> Article:
    """The article of a page of the Herald's."""
    (found,) = read(page(html, path), HERALD).articles
    return found


@pytest.mark.parametrize(
    ("canonical", "key", "original"),
    [
        ("http://www.herald.example/news/18", "example,herald)/news/18", None),
        ("/news/17?from=feed", "example,herald)/news/17", None),
        ("http://herald.example/", "example,herald)/news/17", None),
        ("https://agency.example/story/5", "example,herald)/news/17", "https://agency.example/story/5"),
        ("mailto:x", "example,herald)/news/17", None),
    ],
)
def test_the_key_is_the_pages_own_address(canonical: str, key: str, original: str | None) -> None:
    """A canonical link is followed where it leads to an article of the outlet; another site's address is the original's."""
    found = article(f'<link rel="canonical" href="{canonical}"><h1>Title of It</h1>{TEXT}', "/news/17")
    assert (found.key, found.original_url) == (key, original)
    assert found.url == "http://herald.example/news/17"


@pytest.mark.parametrize(
    "head",
    [
        '<meta property="og:title" content="Rain in the Valley | The Herald"><h1>Herald</h1><h2>Rain in the Valley</h2>',
        (
            '<meta property="og:title" content="Rain in the Va…"><meta property="og:site_name" content="X"><h1>Herald</h1>'
            "<title>Rain in the Valley - Herald</title><h1>Rain in the Valley</h1>"
        ),
        "<title>Rain in the Valley-Herald</title><h1>Herald</h1><h1>Rain in the Valley</h1>",
        '<meta property="og:title" content="Rain in the Valley - The Herald"><meta property="og:site_name" content="the herald">',
        "<title>Herald Online</title><h1>Rain in the <b>Valley</b></h1>",
        "<title>Rain in the Valley | The Herald</title>",
    ],
)
def test_the_title_is_what_readers_see(head: str) -> None:
    """The heading that says what is stated, without what sites add to it or cut from it."""
    assert article(f"<html><head>{head}{TEXT}").title == "Rain in the Valley"


@pytest.mark.parametrize(
    ("title", "read_as"),
    [
        ("Old Valley Herald", None),
        ("The Herald", None),
        ("Ferry Cancelled - The Herald", "Ferry Cancelled"),
        ("Rain in the Whole Valley", "Rain in the Whole Valley"),
        ("芦苇河大桥通车公交车率先驶过-河岸网", "芦苇河大桥通车公交车率先驶过"),
        ("河岸网", None),
    ],
)
def test_the_name_of_an_outlet_is_no_title(title: str, read_as: str | None) -> None:
    """Where `title` is all there is, it must be more than a name: some outlets write nothing else there, on every page."""
    html = f"<html><head><title>{title}</title></head><body>{TEXT}</body></html>"
    if read_as is None:
        with pytest.raises(LayoutChanged, match="states no title"):
            article(html)
    else:
        assert article(html).title == read_as


def test_what_belongs_to_the_article_is_kept_with_it() -> None:
    """Spaces are the page's own; links, pictures, dateline, end mark and other articles have their places."""
    html = f"""<html lang="ko-KP"><body><div class="top"><a href="/news/3">Another Article of Ours</a></div><article><h1>Title of It</h1>
    <figure><img src="/i/1.jpg" alt="a"><figcaption>The  bridge</figcaption></figure>
    <p>Pyongyang, July 13 (KCNA) -- The <b>14</b><sup>th</sup> congress of&nbsp;<i>bridge builders</i>, met on Monday.</p>
    {TEXT}<p>It was said by <a href="/people/kim">the builder</a> as of <a href="/news/2">an older report</a> in the end. -0-</p>
    <img src="data:image/gif;base64,AAAA" data-src="/i/2.jpg" alt="Two"></article></body></html>"""
    found = article(html)
    assert found.paragraphs[0] == "Pyongyang, July 13 (KCNA) -- The 14th congress of bridge builders, met on Monday."
    assert found.paragraphs[-1] == "It was said by the builder as of an older report in the end."
    assert (found.end_mark, found.language) == ("-0-", "ko")
    assert found.dateline is not None
    assert (found.dateline.place, found.published, found.published_evidence) == ("Pyongyang", "2025-07-13", "dateline")
    assert [link.text for link in found.links] == ["the builder", "an older report"]
    assert [(image.url[-5:], image.caption) for image in found.images] == [("1.jpg", "The bridge"), ("2.jpg", "Two")]
    assert [(row.url, row.title) for row in found.related] == [
        ("http://herald.example/news/3", "Another Article of Ours")
    ]


@pytest.mark.parametrize(
    ("html", "days"),
    [
        (
            "<dl><dt>2026.03.14</dt><dd><a href='/news/1'>One</a></dd><dt>2026.03.13</dt><dd><a href='/news/2'>Two</a></dd></dl>",
            ["14", "13"],
        ),
        (
            (
                "<div><h3>2026.03.14</h3><p><a href='/news/1'>One</a></p><p><a href='/news/2'>Two</a></p></div>"
                "<div><h3>2026.03.12</h3><p><a href='/news/3'>Three</a></p></div>"
            ),
            ["14", "14", "12"],
        ),
        ("<a href='/news/1'><b>One</b> <i>2026.03.14</i></a><a href='/news/2'>Two 2026.03.11</a>", ["14", "11"]),
        (
            (
                "<table><tr><td>1</td><td><a href='/news/1'>One</a></td><td>2026.03.14</td></tr>"
                "<tr><td>2</td><td><a href='/news/2'>Two</a></td><td><time datetime='2026-03-10'>then</time></td></tr></table>"
            ),
            ["14", "10"],
        ),
        (
            "<p>Today is 2026.04.01</p><ul><li><a href='/news/1'>One</a> 2026.03.14</li><li><a href='/news/2'>Two</a></li></ul>",
            ["14", None],
        ),
    ],
)
def test_a_row_has_the_date_of_its_own_place(html: str, days: list[str | None]) -> None:
    """Term and definition, groups under a day, dates in links, tables; the page's own date is no row's."""
    rows = read(page(f"<html><body>{html}</body></html>", "/news/"), HERALD).sightings
    assert [row.published for row in rows] == [day and f"2026-03-{day}" for day in days]


def test_named_groups_make_a_date() -> None:
    """Where a pattern names year, month and day, these are read, also from the address."""
    source = replace(
        HERALD,
        articles=(r"^/n/",),
        listing_dates=(
            r"(?P<day>\d\d)\.(?P<month>\d\d)\.(?P<year>\d{4})",
            r"/(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)-",
        ),
    )
    html = "<ul><li><a href='/n/1'>One</a> 04.03.2026</li><li><a href='/n/20260305-2'>Two</a></li></ul>"
    assert [row.published for row in read(page(html, "/news/"), source).sightings] == ["2026-03-04", "2026-03-05"]


def test_a_listing_leads_on() -> None:
    """To its next page, the feeds it names, and what is declared as listings; nowhere else, and not to itself."""
    html = """<link rel="alternate" type="application/atom+xml" href="/atom"><link rel="alternate" hreflang="ko" href="/ko/">
    <a rel="next" href="/news/?p=2">Older</a><a href="/news/">News</a><a href="/about">About</a>
    <li><a href="/news/1">One</a> 2026.03.14</li>"""
    shown = [
        (link.url.removeprefix("http://herald.example"), link.kind) for link in read(page(html, "/"), HERALD).listings
    ]
    assert sorted(shown) == [("/atom", "feed"), ("/news/", "section"), ("/news/?p=2", "next-page")]


@pytest.mark.parametrize("path", ["/news/17", "/news/"])
@given(
    cut=st.integers(0, 3000),
    length=st.integers(0, 400),
    junk=st.sampled_from([b"", b"\0", b"<div>", b"</p>", b"<!--", b"\xff"]),
)
def test_damaged_pages_are_read_or_refused(path: str, cut: int, length: int, junk: bytes) -> None:
    """Nothing but the two refusals that are foreseen, whatever is cut out of a page."""
    body = f"<html><head>{ARTICLE}</head><body><h1>Title of It</h1>{TEXT}<a href='/news/2'>Two</a> 2026.03.14</body></html>".encode()
    damaged = replace(page("", path), body=body[:cut] + junk + body[cut + length :])
    try:
        parsed = read(damaged, HERALD)
    except (LayoutChanged, NotAnArticle):
        return
    assert parsed.articles or parsed.sightings
