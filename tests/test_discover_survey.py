"""What a page of an unknown outlet tells of it: feeds, links, name, language; and the sitemaps of a robots.txt."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.discover.survey import Anchor, sitemap_lines, survey
from scraper.model import Page

HOSTS = ("www.herald.example", "herald.example")
BASE = "http://www.herald.example/en/"


def page(html: str) -> Page:
    """The front page of an outlet."""
    seen = datetime(2026, 8, 22, tzinfo=UTC)
    return Page(method="GET", url=BASE, status=200, headers=(), fetched_at=seen, body=html.encode())


def test_feeds_are_those_that_the_page_names() -> None:
    """RSS, Atom and JSON feeds, each once; not the comments', not another form of the page, not a style sheet."""
    found = survey(
        page(
            """<link rel="alternate" type="application/rss+xml" href="/feed/">
            <link rel="ALTERNATE" type="application/atom+xml; charset=utf-8" href="atom.xml">
            <link rel="alternate" type="application/feed+json" href="//herald.example/feed.json">
            <link rel="alternate" type="application/rss+xml" href="/feed/"><link rel="alternate" href="/kp/" hreflang="ko">
            <link rel="alternate" type="application/rss+xml" href="/comments/feed/"><link rel="stylesheet" href="/a.css">"""
        ),
        HOSTS,
    )
    assert found.feeds == (
        "http://www.herald.example/feed/",
        "http://www.herald.example/en/atom.xml",
        "http://herald.example/feed.json",
    )


def test_links_with_words_enough_are_headlines() -> None:
    """Outside of menus, to an address that varies, on the outlet's hosts; a picture's link takes the words beside it."""
    found = survey(
        page(
            """<nav><a href="/2026/04/01/a-very-long-story/">A very long story in the menu of it</a></nav>
            <div class="main-menu"><a href="/news/">News</a></div>
            <p><a href="/2026/04/02/bridge/"><img></a> <a href="/2026/04/02/bridge/#top">Bridge is opened to traffic</a></p>
            <p><a href="/2026/04/03/korean/">다리가 오늘 열렸다</a></p>
            <p><a href="/about/">All that is to be known about the Herald</a> <a href="mailto:a@b">Write to the editors of it</a>
            <a href="http://other.example/2026/04/02/x/">A story of some other outlet</a></p>"""
        ),
        HOSTS,
    )
    root = "http://www.herald.example"
    assert found.headlines() == (f"{root}/2026/04/02/bridge/", f"{root}/2026/04/03/korean/")
    assert found.others() == (f"{root}/2026/04/01/a-very-long-story/", f"{root}/news/", f"{root}/about/")
    assert found.anchors[1] == Anchor(url=f"{root}/news/", words="News", menu=True)


@pytest.mark.parametrize(
    ("html", "name", "language", "country"),
    [
        ('<html lang="ko-KP"><meta property="og:site_name" content="Rodong  Sinmun">', "Rodong Sinmun", "ko", "KP"),
        ('<html lang="en"><title>The Herald | News of the day</title>', "The Herald", "en", ""),
        ('<html lang=""><title>News of the day - The Herald</title>', "The Herald", "", ""),
        ('<meta property="og:locale" content="en_GB"><title>Front - Page</title>', "Page", "en", "GB"),
        ("<p>nothing</p>", "", "", ""),
    ],
)
def test_what_a_page_calls_itself(html: str, name: str, language: str, country: str) -> None:
    """By og:site_name, else by the piece of its title that shares a word with the host; language as the page states it."""
    found = survey(page(html), HOSTS)
    assert (found.name, found.language, found.country) == (name, language, country)


def test_sitemaps_of_robots() -> None:
    """Every Sitemap line, in whatever case, wherever it stands; what is no address is passed over."""
    robots = "Sitemap: http://a.example/one.xml\nUser-agent: *\nDisallow: /\n SITEMAP:/two.xml\nSitemap: mailto:x\nSitemaps: no"
    found = sitemap_lines(robots, "http://www.herald.example/robots.txt")
    assert found == ("http://a.example/one.xml", "http://www.herald.example/two.xml")


@given(st.text(max_size=300), st.text(max_size=60))
def test_any_page_is_surveyed(html: str, title: str) -> None:
    """Whatever a server sends: a survey, with links to the outlet only."""
    found = survey(page(f"<title>{title}</title><a href='{html}'>{title}</a>{html}"), HOSTS)
    assert all(
        anchor.url.startswith(("http://www.herald.example", "http://herald.example")) for anchor in found.anchors
    )
