"""Sitemaps and sitemap indexes (sitemaps.org 0.9, Google news extension) as sightings and further listings.

Hides XML: entities and external references are never expanded. A document that is cut off or malformed is read
element by element, so that what is whole in it still counts.
"""

from __future__ import annotations

import html
import io
import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING
from xml.etree.ElementTree import ParseError

import defusedxml.ElementTree as SafeTree
from defusedxml.common import DefusedXmlException

from scraper.errors import LayoutChanged
from scraper.model import ListingLink, Origin, Page, Parsed, Sighting
from scraper.parse.stated import stated
from scraper.urls import canonical

if TYPE_CHECKING:
    from collections.abc import Iterator

_MAX_URLS = 50_000  # sitemaps.org: the most one file may hold
_ENTRIES = ("url", "sitemap")
_CLOSED = re.compile(r"</(?:[\w.-]+:)?(url|sitemap)\s*>")
# Lengths are bounded, so that a hostile document costs no more than a few passes over it.
_LEAF = re.compile(
    r"<((?:[\w.-]{1,40}:)?(?:loc|lastmod|publication_date|title))(?:\s[^<>]{0,400})?>"
    r"([^<]{0,4096}|\s{0,99}<!\[CDATA\[.{0,4096}?\]\]>\s{0,99})</\1\s*>"
)
_ENTITY = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9A-Fa-f]{1,6});)[A-Za-z]\w*;")


@dataclass(frozen=True, slots=True)
class _Entry:
    """One `url` or `sitemap` element: its texts by local name (`loc`, `lastmod`, `publication_date`, `title`)."""

    kind: str
    texts: dict[str, str]


def read_sitemap(page: Page) -> Parsed:
    """Read the first 50,000 entries: `url` as sightings, `sitemap` as listing links of kind `sitemap`.

    `lastmod` tells of modification, so it never is a sighting's date; that and the title come from the news
    extension. Raises LayoutChanged where a document that is not well-formed holds no whole entry.
    """
    try:
        entries, whole = tuple(islice(_strict(page.body), _MAX_URLS)), True
    except (ParseError, DefusedXmlException, LookupError, ValueError):
        entries, whole = tuple(islice(_tolerant(page.body), _MAX_URLS)), False
    if not entries and not whole:
        raise LayoutChanged(f"{page.url}: a broken sitemap without entries; look at it with `scraper show --raw`")
    sightings = (_sighting(entry, page.url) for entry in entries if entry.kind == "url")
    listings = (_listing(entry, page.url) for entry in entries if entry.kind == "sitemap")
    return Parsed(
        sightings=tuple({each.url: each for each in sightings if each is not None}.values()),
        listings=tuple({each.url: each for each in listings if each is not None}.values()),
        layout="sitemap@1",
    )


def _strict(body: bytes) -> Iterator[_Entry]:
    texts: dict[str, str] = {}
    # forbid_dtd stays off: a harmless DOCTYPE is not yet an entity; declared entities and externals are refused.
    for _event, element in SafeTree.iterparse(io.BytesIO(body.lstrip()), events=("end",)):
        namespace, _brace, name = element.tag.rpartition("}")
        if name in _ENTRIES:
            yield _Entry(name, texts)
            texts = {}
            element.clear()
        elif _wanted(namespace, name):
            texts.setdefault(name, (element.text or "").strip())


def _tolerant(body: bytes) -> Iterator[_Entry]:
    text = body.decode("utf-8", "replace")
    start = 0
    for closed in _CLOSED.finditer(text):
        kind = closed.group(1)
        texts: dict[str, str] = {}
        opened = _opening(text, kind, start, closed.start())
        for name, value in _LEAF.findall(text, opened, closed.start()):
            prefix, _colon, local = name.rpartition(":")
            if _wanted(prefix, local):
                texts.setdefault(local, _plain(value))
        start = closed.end()
        yield _Entry(kind, texts)


def _wanted(namespace: str, name: str) -> bool:
    """Keep an entry's own address and the news extension's facts; pictures and films have addresses and titles too."""
    if name in {"publication_date", "title"}:
        return "news" in namespace
    return name in {"loc", "lastmod"} and "image" not in namespace and "video" not in namespace


def _opening(text: str, kind: str, start: int, end: int) -> int:
    """Where the element that ends at `end` begins: the last opening, so that a broken neighbour lends it nothing."""
    return max(text.rfind(f"<{kind}>", start, end), text.rfind(f":{kind}>", start, end), start)


def _plain(value: str) -> str:
    stripped = value.strip().removeprefix("<![CDATA[").removesuffix("]]>")
    # An entity that only the document's own DTD could define stays unread: the entry is then without that text.
    return "" if _ENTITY.search(stripped) else html.unescape(stripped).strip()


def _location(entry: _Entry, base: str) -> str | None:
    try:
        return canonical(entry.texts["loc"], base) if entry.texts.get("loc") else None
    except ValueError:
        return None


def _sighting(entry: _Entry, base: str) -> Sighting | None:
    url = _location(entry, base)
    if url is None:
        return None
    published = stated(entry.texts.get("publication_date"))
    title = " ".join(entry.texts.get("title", "").split()) or None
    last_modified = entry.texts.get("lastmod") or None
    return Sighting(url=url, origin=Origin.SITEMAP, title=title, published=published, last_modified=last_modified)


def _listing(entry: _Entry, base: str) -> ListingLink | None:
    url = _location(entry, base)
    if url is None:
        return None
    return ListingLink(url=url, kind="sitemap", last_modified=entry.texts.get("lastmod") or None)
