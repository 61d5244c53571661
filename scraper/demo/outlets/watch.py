"""The aggregator, like KCNA Watch (docs/sources.md): newstream pages, feed, sitemaps, the listing fragment.

Hides the markup. Its pages change on every fetch: the date of the day stands first, and a block of the newest items of
the same source follows the article. Dates are day-first.
"""

from __future__ import annotations

from datetime import datetime
from email.utils import format_datetime
from html import escape
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape as escape_xml

from scraper.demo.outlets.answer import Answer, Asked, text_answer
from scraper.demo.script import KCNA, RODONG, WATCH, ZONE
from scraper.demo.stories import Story, shown

LABELS = {KCNA: "KCNA.kp (En)", RODONG: "Rodong Sinmun (En)"}
CATEGORIES = {KCNA: "189660", RODONG: "189661"}
_MORE = 8
_FEED_ITEMS = 10
_PER_SITEMAP = 6
_EXCERPT = 130
_ROBOTS = "User-agent: *\nDisallow: /wp-admin/\nAllow: /wp-admin/admin-ajax.php\n"
_SITEMAPS = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
_XML = "text/xml; charset=UTF-8"


def answer(asked: Asked, every: tuple[Story, ...]) -> Answer | None:
    """What the host answers; None for a page that never existed."""
    rows = shown(every, WATCH, asked.now)
    if asked.path == "/robots.txt":
        return text_answer(_ROBOTS)
    if asked.path == "/feed/":
        return text_answer(_feed(rows[:_FEED_ITEMS]), content_type="application/rss+xml; charset=UTF-8")
    if asked.path == "/sitemap_index.xml":
        return text_answer(_sitemap_index(rows), content_type=_XML)
    if asked.path.startswith("/newstream-sitemap"):
        return _sitemap(asked.path, rows)
    if asked.path == "/wp-admin/admin-ajax.php":
        return _fragment(asked.query, rows)
    story = next((each for each in rows if urlsplit(each.url).path == asked.path), None)
    return Answer(body=_page(story, rows, asked.now).encode()) if story is not None else None


def _feed(rows: tuple[Story, ...]) -> str:
    items = "".join(
        f"<item><title>{escape_xml(story.versions[0].title)}</title><link>{story.url}</link>"
        f"<pubDate>{format_datetime(story.published)}</pubDate><category>{_label(story)}</category>"
        f"<guid isPermaLink='false'>{story.url}</guid><description>{escape_xml(_excerpt(story))}</description></item>\n"
        for story in rows
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel><title>Replica Watch</title>'
        f"<link>http://{WATCH}/</link><description>Newest items</description>\n{items}</channel></rss>\n"
    )


def _sitemap_index(rows: tuple[Story, ...]) -> str:
    parts = _sitemap_parts(rows)
    entries = "".join(
        f"<sitemap><loc>http://{WATCH}/newstream-sitemap{number}.xml</loc>"
        f"<lastmod>{part[-1].published.isoformat()}</lastmod></sitemap>\n"
        for number, part in enumerate(parts, 1)
    )
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<sitemapindex {_SITEMAPS}>\n{entries}</sitemapindex>\n'


def _sitemap(path: str, rows: tuple[Story, ...]) -> Answer | None:
    number = path.removeprefix("/newstream-sitemap").removesuffix(".xml")
    parts = _sitemap_parts(rows)
    if not number.isdecimal() or not 1 <= int(number) <= len(parts):
        return None
    entries = "".join(
        f"<url><loc>{story.url}</loc><lastmod>{story.published.isoformat()}</lastmod></url>\n"
        for story in parts[int(number) - 1]
    )
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset {_SITEMAPS}>\n{entries}</urlset>\n'
    return text_answer(text, content_type=_XML)


def _sitemap_parts(rows: tuple[Story, ...]) -> list[tuple[Story, ...]]:
    oldest_first = rows[::-1]
    return [oldest_first[start : start + _PER_SITEMAP] for start in range(0, len(rows), _PER_SITEMAP)]


def _fragment(query: str, rows: tuple[Story, ...]) -> Answer | None:
    fields = {name: values[0] for name, values in parse_qs(query).items()}
    if fields.get("action") != "get_cat_by_source" or not fields.get("from", "").isdecimal():
        return None
    wanted = [story for story in rows if CATEGORIES[_origin(story)] == fields.get("id", CATEGORIES[_origin(story)])]
    start = int(fields["from"])
    count = int(fields["to"]) if fields.get("to", "").isdecimal() else 10
    return Answer(body="".join(_teaser(story) for story in wanted[start : start + count]).encode())


def _page(story: Story, rows: tuple[Story, ...], now: datetime) -> str:
    today = now.astimezone(ZONE)
    label = _label(story)
    original = story.mirrors.url if story.mirrors is not None else ""
    lines = [*story.printed(now), *filter(None, (story.byline,))]
    body = "\n".join(f"<p>{escape(line, quote=False)}</p>" for line in lines)
    newest = [each for each in rows if _origin(each) == _origin(story) and each.id != story.id][:_MORE]
    more = "".join(_teaser(each) for each in newest)
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="UTF-8"><title>{escape(story.versions[0].title)} | '
        'Replica Watch</title></head>\n<body class="single single-newstream">\n'
        f'<header><div class="today"><span class="long">{_long(today)}</span><span class="short">{today:%b} {today.day},'
        f" {today.year}</span></div></header>\n"
        f'<div class="article-main">\n<p class="article-source">KCNA <span>{label}</span></p>\n'
        f'<h1 class="article-title">{escape(story.versions[0].title)}</h1>\n'
        f'<p class="article-meta">Date: {story.day:%d/%m/%Y} | Source: {label} | '
        f'<a href="{original}" target="_blank">Read original version at source</a></p>\n'
        f'<div class="article-content">\n{body}\n</div>\n</div>\n'
        f'<section class="more-from"><h3>More From {label}</h3>\n<div class="archive-list">\n{more}'
        '<a href="#" class="load-more">More Articles</a>\n</div></section>\n</body></html>\n'
    )


def _teaser(story: Story) -> str:
    title = escape(story.versions[0].title)
    excerpt = escape(_excerpt(story))
    return (
        f'<article class="clearfix"><div class="article-thumb"><a href="{story.url}">{title}</a></div>'
        f'<div class="article-desc"><h4><a href="{story.url}">{title}</a></h4><p>{excerpt}</p>'
        f'<p class="articled-date"><span>{_long(story.day)}</span></p><p>{excerpt}</p></div></article>\n'
    )


def _long(day: datetime) -> str:
    return f"{day:%B} {day:%d}, {day.year}"


def _excerpt(story: Story) -> str:
    # Cut at a number of characters, in the middle of a word, as the outlet does.
    return " ".join(story.printed(story.published))[:_EXCERPT]


def _label(story: Story) -> str:
    return LABELS[_origin(story)]


def _origin(story: Story) -> str:
    return story.mirrors.host if story.mirrors is not None else story.host
