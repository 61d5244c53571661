"""KCNA on kcna.kp from about 2019 to June 2026: the `q/` pages (docs/sources.md, "KCNA").

Hides the template's markup and the grammar of its addresses.
"""

from __future__ import annotations

import re
from datetime import date

from selectolax.lexbor import LexborNode

from scraper import urls
from scraper.errors import LayoutChanged
from scraper.model import ListingLink, Origin, Parsed, Sighting
from scraper.parse.dates import dotted, first_dateline
from scraper.parse.dom import Document, attribute, distinct, every, has, link, maybe, one, some, text
from scraper.parse.layout import Grade, Layout, View, article, dated, images, language, links, listing
from scraper.parse.sites.kcna_media import media_rows
from scraper.parse.text import split_end_mark

_TITLE = ".article-content-title > .article-main-title"
_CATEGORY = re.compile(r"/category/articles/q/([0-9a-f]+)\.kcmsf(\?.*)?$")
_ONE_BLOCK = 32
"""Hex digits of a section's own address; its further pages have a block for the page number before it."""


def read_article(view: View) -> Parsed:
    """An article of the `q/` pages: its date is the mark at its end, in Juche years until October 2024."""
    title = text(one(view.document, _TITLE))
    boxes = _in_body(view, ".content-wrapper")
    body = boxes[0] if len(boxes) == 1 else one(view.document, ".article-content-body .content-wrapper")
    mark = text(_mark(view))
    published = dotted(mark)
    if published is None:
        raise LayoutChanged(f"{view.page.url}: no date in the mark {mark[:60]!r}")
    aside = (".publish-time",) if has(body, ".publish-time") else ()
    paragraphs, sign = split_end_mark(filter(None, (text(p, without=aside) for p in some(body, "p"))))
    dateline = first_dateline(paragraphs)
    related = tuple(
        Sighting(url=link(a, view.page.url), origin=Origin.RELATED, section="gallery" if "/photo/" in href else "video")
        for a in distinct(every(view.document, ".media-icon a"))
        if "/media/" in (href := attribute(a, "href"))
    )
    found = article(
        view,
        outlet="KCNA",
        key=urls.key(view.page.url),
        title=title,
        paragraphs=paragraphs,
        evidence=dated(page_mark=published, dateline=dateline),
        language=language(view),
        dateline=dateline,
        end_mark=" ".join(filter(None, (sign, mark))),
        images=images(view, every(body, "img")),
        links=links(view, (body,)),
        related=related,
    )
    return Parsed(articles=(found,), sightings=related)


def _mark(view: View) -> LexborNode:
    """The mark below the text: inside its box or beside it (nobody says which); lists beside the article have marks too."""
    inside = _in_body(view, ".publish-time")
    return inside[0] if len(inside) == 1 else one(view.document, ".publish-time")


def _in_body(view: View, name: str) -> tuple[LexborNode, ...]:
    """The elements of a class in the box of text and mark: the page is searched for the box alone."""
    found = {node.mem_id: node for box in every(view.document, ".article-content-body") for node in every(box, name)}
    return tuple(found.values())


def read_home(view: View) -> Parsed:
    """The front page: rows of all sections, each shown several times (for phones, in two sections), counted once."""
    rows: dict[str, Sighting] = {}
    for widget in some(view.document, ".widget"):
        headings = every(widget, ".cat-title a")
        section = text(headings[0]) if headings else ""
        for a in every(widget, 'a[href*="/article/q/"]'):
            href = attribute(a, "href")
            if href not in rows:
                rows[href] = _q_row(view, a, section=section or None)
    return listing(view, (*rows.values(), *media_rows(view)), _q_links(view))


def read_category(view: View) -> Parsed:
    """A section's page, or the photo section's: rows with the date inside the link, further pages, other sections."""
    anchors = every(view.document, ".article-link li a") or some(view.document, ".photo-wrapper .title a")
    rows = [_q_row(view, a) for a in anchors]
    return listing(view, rows, _q_links(view))


def _q_row(view: View, a: LexborNode, *, section: str | None = None) -> Sighting:
    mark = maybe(a, ".publish-time")
    inside = mark is not None
    if mark is None and a.parent is not None:
        mark = maybe(a.parent, ".datemark, .publish-time")
    return Sighting(
        url=link(a, view.page.url),
        origin=Origin.LISTING,
        title=text(a, without=(".publish-time",) if inside else ()) or None,
        published=dotted(text(mark)) if mark else None,
        section=section,
    )


def _q_links(view: View) -> tuple[ListingLink, ...]:
    found: dict[str, str] = {}
    for a in distinct(every(view.document, 'a[href*="/category/"]')):
        url = link(a, view.page.url)
        match = _CATEGORY.search(urls.target(url))
        if match:
            found[url] = "section" if len(match[1]) == _ONE_BLOCK and not match[2] else "next-page"
        elif urls.target(url).endswith(("/category/photos.kcmsf", "/category/videos.kcmsf")):
            found[url] = "section"
    return tuple(ListingLink(url=url, kind=kind) for url, kind in found.items())


def _is_article(tree: Document) -> bool:
    return bool(every(tree, _TITLE))


def _is_home(tree: Document) -> bool:
    return has(tree, ".widget .datemark") and has(tree, 'a[href*="/article/q/"]')


def _is_category(tree: Document) -> bool:
    return has(tree, ".article-link li a") or has(tree, ".photo-wrapper .title a")


_SINCE = date(2019, 1, 1)
_UNTIL = date(2026, 7, 2)

LAYOUTS = (
    Layout(
        name="kcna/q-article",
        addresses="`/en/article/q/<32 to 128 hex>.kcmsf`",
        grade=Grade.SELECTORS,
        version=2,
        kind="article",
        urls=re.compile(r"/article/q/[0-9a-f]+\.kcmsf"),
        since=_SINCE,
        until=_UNTIL,
        fits=_is_article,
        read=read_article,
    ),
    Layout(
        name="kcna/q-home",
        addresses="`/en`",
        grade=Grade.REAL_PAGES,
        version=2,
        kind="listing",
        urls=re.compile(r"^/(?:(?:kp|en|cn|ru|es|jp)/?)?$"),
        since=_SINCE,
        until=_UNTIL,
        fits=_is_home,
        read=read_home,
    ),
    Layout(
        name="kcna/q-category",
        addresses="`/en/category/articles/q/<hex>.kcmsf`, `/en/category/photos.kcmsf`",
        grade=Grade.SELECTORS,
        version=2,
        kind="listing",
        urls=re.compile(r"/category/(?:articles|photos)"),
        since=_SINCE,
        until=_UNTIL,
        fits=_is_category,
        read=read_category,
    ),
)
