"""Xinhua's listings: pages that name a data file in a script, and that file.

Hides the file's address, which stands nowhere: `ds_<32 hex>.json` in the folder of the page that names it
(docs/sources.md, "Xinhua").
"""

from __future__ import annotations

import html
import json
import re
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

from selectolax.lexbor import LexborNode

from scraper import urls
from scraper.errors import LayoutChanged
from scraper.model import ListingLink, Origin, Parsed, Sighting
from scraper.parse import dom
from scraper.parse.layout import Grade, Layout, View

_BEIJING = timezone(timedelta(hours=8))
_ARTICLE_LINK = re.compile(
    r"/(?:\d{8}/[0-9a-f]{32}/c\.html?|\d{4}-\d{2}/\d{2}/(?:c|content)_\d+\.html?)(?:[?#]|$)",
)
_SECTION_LINK = re.compile(
    r"(?:(?:https?:)?//[^/]+/|/|(?:\.\./)+)(?:(?!video|photo)[\w-]+/(?:index\.html?)?|list/[\w-]+\.html?)"
)
# The word first, then that it is one: the other way about, the search takes longer than building the tree.
_DATASOURCE = re.compile(r"datasource(?<!\w.{10})['\"]?\s*[:=]\s*['\"]?([0-9a-f]{32})\b")


def _listing(view: View) -> Parsed:
    """The data files a page names, the articles and the sections it links to; LayoutChanged where it has neither of the former.

    A link without words, of a picture, is told by its title or the picture's.
    """
    names = dict.fromkeys(match.group(1) for match in _DATASOURCE.finditer(view.html.lower()))
    files = tuple(
        ListingLink(url=urls.canonical(f"ds_{name}.json", view.page.url), kind="datasource") for name in names
    )
    found: dict[str, Sighting] = {}
    spare: dict[str, str] = {}
    sections: list[LexborNode] = []
    for anchor in dom.every(view.document, "a[href]"):
        address = (anchor.attributes.get("href") or "").strip()
        if not _ARTICLE_LINK.search(address):
            if _SECTION_LINK.fullmatch(address):
                sections.append(anchor)
            continue
        url = dom.link(anchor, view.page.url)
        if url not in found or found[url].title is None:
            found[url] = Sighting(url=url, origin=Origin.LISTING, title=dom.text(anchor) or None)
            spare.setdefault(url, _pictured(anchor))
    if not files and not found:
        raise LayoutChanged("a listing without data file or link to an article: the page's template is a new one")
    rows = (each if each.title else replace(each, title=spare[each.url] or None) for each in found.values())
    return Parsed(sightings=tuple(rows), listings=(*files, *_sections(view, sections)))


def _pictured(anchor: LexborNode) -> str:
    """What a link without words says in its own title or its picture's."""
    said = (anchor.attributes.get("title"), *(each.attributes.get("alt") for each in dom.every(anchor, "img")))
    return next((words for each in said if (words := dom.collapse(each or ""))), "")


def _sections(view: View, anchors: list[LexborNode]) -> tuple[ListingLink, ...]:
    """The listings of the same host that a page links to, but for films and photographs."""
    host = urls.host(view.page.url)
    found = dict.fromkeys(dom.link(anchor, view.page.url) for anchor in anchors)
    return tuple(
        ListingLink(url=url, kind="section") for url in found if urls.host(url) == host and url != view.page.url
    )


def _data_file(view: View) -> Parsed:
    """`datasource[]` with `publishUrl`, `title` and `publishTime`, newest first, up to a thousand."""
    try:
        rows = json.loads(view.html)["datasource"]
    except (ValueError, KeyError, TypeError) as error:
        raise LayoutChanged(f"no JSON object with a `datasource`: {view.html[:40]!r}") from error
    if not isinstance(rows, list) or not rows:
        raise LayoutChanged("a data file without rows")
    found = [each for row in rows if (each := _row(row, view.page.url)) is not None]
    if not found:
        raise LayoutChanged(f"none of {len(rows)} rows has an address in `publishUrl`: {str(rows[0])[:80]}")
    return Parsed(sightings=tuple({each.url: each for each in found}.values()))


def _row(row: Any, base: str) -> Sighting | None:
    """A row without an address (an advertisement, a heading) is evidence of nothing."""
    try:
        # An empty one would be the data file's own.
        url = urls.canonical(row["publishUrl"].strip() or "none:", base)
    except (KeyError, TypeError, AttributeError, ValueError):
        return None
    title = _title(str(row.get("title") or ""))
    published = _published(str(row.get("publishTime") or ""))
    return Sighting(url=url, origin=Origin.LISTING, title=title or None, published=published)


def _title(written: str) -> str:
    """A title as a reader sees it: they are written for a page, with entities and tags (a tree for each of them is slow)."""
    if "<" not in written:
        return dom.collapse(html.unescape(written))
    return dom.text(dom.one(dom.document(written), "body"))


def _published(text: str) -> str | None:
    """Beijing time as ISO with its offset; a bare day stays one, and anything else is no hint."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    if len(text.strip()) <= len("2026-10-01"):
        return moment.date().isoformat()
    return (moment if moment.tzinfo else moment.replace(tzinfo=_BEIJING)).isoformat(timespec="seconds")


LISTINGS = (
    Layout(
        name="xinhua/datasource",
        addresses="`…/ds_<32 hex>.json`",
        grade=Grade.DESCRIPTION,
        version=1,
        kind="listing",
        urls=re.compile(r"/ds_[0-9a-f]{32}\.json(?:\?|$)"),
        since=None,
        until=None,
        fits=lambda _document: True,
        read=_data_file,
    ),
    Layout(
        name="xinhua/listing",
        addresses="home, `/list/<name>.htm`, `…/index.htm`",
        grade=Grade.DESCRIPTION,
        version=2,
        kind="listing",
        urls=re.compile(r"^/(?:\?|$|[\w./-]*?(?:index\.html?|list/[\w-]+\.html?|/)(?:\?|$))"),
        since=None,
        until=None,
        fits=lambda _document: True,
        read=_listing,
    ),
)
"""The layouts of listings, in the order they are tried."""
