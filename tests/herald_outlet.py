"""The Herald: an outlet the project does not ship, served on loopback under its own name, with all that such a site has.

A front page with teaser blocks and menus, sections, an RSS feed that robots.txt's own paths leave alone, a sitemap index with a
news sitemap and one of everything, a path that robots.txt forbids, and articles that state their date in JSON-LD.
"""

from __future__ import annotations

import html
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from tests.web_server import Answer, Route, page, status

HOST = "www.herald.example"
ROOT = f"http://{HOST}"
HERE = timezone(timedelta(hours=9))
ROBOTS = f"User-agent: *\nDisallow: /search\nCrawl-delay: 1\n\nSitemap: {ROOT}/sitemap_index.xml\n"
SUBJECTS = (
    "Bridge over the river is opened to traffic",
    "Harvest of early rice begins in the south",
    "School of music takes in its first pupils",
    "New ferry links the island with the port",
    "Library of the old town opens its doors again",
    "Engineers test the pumps of the northern lock",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One article of the Herald."""

    number: int
    published: datetime

    @property
    def title(self) -> str:
        """Its headline."""
        again, subject = divmod(self.number, len(SUBJECTS))
        return SUBJECTS[subject] + (f", part {again + 1}" if again else "")

    @property
    def path(self) -> str:
        """Its address on the outlet."""
        slug = "-".join(self.title.lower().replace(",", "").split())
        return f"/{('news', 'culture')[self.number % 2]}/{self.published:%Y/%m/%d}/{slug}/"

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """Its text."""
        return (
            f"The town council said that the work had taken {self.number + 3} months to complete.",
            "Several hundred people came to see it in spite of the rain, and a band of the fire brigade played for them.",
            f"“We waited {self.number + 20} years for this day,” said the oldest of the guests, who had come by train.",
        )


def stories(now: datetime) -> tuple[Story, ...]:
    """Four articles a day of the last six days, the newest first."""
    newest = now.astimezone(HERE).replace(hour=6, minute=0, second=0, microsecond=0) - timedelta(days=1)
    return tuple(Story(number=n, published=newest - timedelta(hours=6 * n)) for n in range(24))


def routes(now: datetime) -> dict[str, Route]:
    """Everything the Herald answers."""
    held = stories(now)
    fixed: dict[str, Route] = {
        "/robots.txt": _plain(ROBOTS, "text/plain"),
        "/": _html("The Herald | News", _front(held)),
        "/news/": _html("News | The Herald", _teasers(held[::2])),
        "/culture/": _html("Culture | The Herald", _teasers(held[1::2])),
        "/about/": _html("About us | The Herald", "<main><p>We have printed the news since 1920.</p></main>"),
        "/feed/": _plain(_rss(held[:20]), "application/rss+xml; charset=utf-8"),
        "/comments/feed/": status(500),
        "/sitemap_index.xml": _plain(_index(), "application/xml"),
        "/sitemap-news.xml": _plain(_news(held[:8]), "application/xml"),
        "/sitemap-pages.xml": _plain(_pages(held), "application/xml"),
    }
    return fixed | {story.path: _article(story, held) for story in held}


def _front(held: tuple[Story, ...]) -> str:
    return f"<main><h2>Latest</h2>{_teasers(held[:10])}</main>"


def _teasers(held: tuple[Story, ...]) -> str:
    blocks = (
        f'<div class="card"><a href="{each.path}"><img src="/media/{each.number}.jpg" alt=""></a>'
        f'<h3><a href="{each.path}">{html.escape(each.title)}</a></h3>'
        f'<time datetime="{each.published.isoformat()}">{each.published:%d %B %Y}</time>'
        f"<p>{each.paragraphs[0][:60]}…</p></div>"
        for each in held
    )
    return f'<section class="teasers">{"".join(blocks)}</section>'


def _article(story: Story, held: tuple[Story, ...]) -> Answer:
    stated = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": story.title,
        "datePublished": story.published.isoformat(),
        "inLanguage": "en",
        "publisher": {"@type": "Organization", "name": "The Herald"},
    }
    text = "".join(f"<p>{html.escape(each)}</p>" for each in story.paragraphs)
    others = tuple(each for each in held if each.number != story.number)[:4]
    body = (
        f'<main><article><h1>{html.escape(story.title)}</h1><div class="body">{text}</div></article>'
        f'<aside class="related"><h2>More from The Herald</h2>{_teasers(others)}</aside></main>'
        f'<script type="application/ld+json">{json.dumps(stated)}</script>'
    )
    return _html(f"{story.title} | The Herald", body)


def _html(title: str, main: str) -> Answer:
    text = f"""<!DOCTYPE html><html lang="en-KR"><head><meta charset="utf-8"><title>{html.escape(title)}</title>
<meta property="og:site_name" content="The Herald">
<link rel="alternate" type="application/rss+xml" title="The Herald" href="/feed/">
<link rel="alternate" type="application/rss+xml" title="Comments" href="/comments/feed/"></head><body>
<header><nav><a href="/">Home</a> <a href="/news/">News</a> <a href="/culture/">Culture</a> <a href="/about/">About us</a>
<a href="/search?q=">Search</a></nav></header>{main}
<footer><a href="/about/">The Herald is printed in the old town since 1920</a></footer></body></html>"""
    return page(text.encode())


def _plain(text: str, media: str) -> Answer:
    body = text.encode()
    return Answer((f"HTTP/1.1 200 OK\r\nContent-Type: {media}\r\nContent-Length: {len(body)}\r\n\r\n".encode(), body))


def _rss(held: tuple[Story, ...]) -> str:
    items = (
        f"<item><title>{html.escape(each.title)}</title><link>{ROOT}{each.path}</link>"
        f"<pubDate>{each.published:%a, %d %b %Y %H:%M:%S %z}</pubDate></item>"
        for each in held
    )
    head = f"<title>The Herald</title><link>{ROOT}/</link><description>News</description>"
    return f'<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel>{head}{"".join(items)}</channel></rss>'


def _index() -> str:
    children = "".join(f"<sitemap><loc>{ROOT}/sitemap-{name}.xml</loc></sitemap>" for name in ("pages", "news"))
    return f'<?xml version="1.0"?><sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{children}</sitemapindex>'


def _news(held: tuple[Story, ...]) -> str:
    entries = "".join(
        f"<url><loc>{ROOT}{each.path}</loc><news:news><news:publication_date>{each.published.isoformat()}"
        f"</news:publication_date><news:title>{html.escape(each.title)}</news:title></news:news></url>"
        for each in held
    )
    spaces = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'
    return f'<?xml version="1.0"?><urlset {spaces}>{entries}</urlset>'


def _pages(held: tuple[Story, ...]) -> str:
    entries = "".join(f"<url><loc>{ROOT}{path}</loc></url>" for path in ("/", "/about/", *(each.path for each in held)))
    return f'<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</urlset>'


def today() -> datetime:
    """Now: the Herald is a daily."""
    return datetime.now(UTC)
