"""From a page to what it points at: sightings of articles, and further discovery pages.

Hides which kind of document a body is. A feed and a sitemap are told by their root element, a JSON Feed by its version, never by
the content type: outlets send feeds as text/html and HTML error pages as text/xml. All else goes to the outlet's own layouts.
Pure: reads the page it is given and nothing else.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import replace

from scraper.discover.feed import read_feed
from scraper.discover.jsonfeed import is_json_feed, read_json_feed
from scraper.discover.sitemap import read_sitemap
from scraper.errors import LayoutChanged
from scraper.model import Page, Parsed, Rules
from scraper.parse import parse

_HEAD = 4096
_GZIP = b"\x1f\x8b"
_MAX_UNPACKED = 50 * 1024 * 1024  # sitemaps.org: a sitemap is no larger than 50 MB before compression
_STEP = 64 * 1024
_UTF16 = ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_PROLOGUE = re.compile(r"\s+|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>\[]*(?:\[.*?\])?\s*>", re.DOTALL | re.IGNORECASE)
_ROOT = re.compile(r"<(?:[A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)[\s/>]")
_HTML = re.compile(r"<(?:html|head|body|!doctype\s+html)\b", re.IGNORECASE)
_BEGINS = re.compile(r"<\?xml|<(?:rss|feed|(?:\w+:)?RDF|(?:\w+:)?urlset|(?:\w+:)?sitemapindex)[\s>]")
_FEED_ROOTS = ("rss", "RDF", "feed")
_SITEMAP_ROOTS = ("urlset", "sitemapindex")


def read(page: Page, *, source: str, parser: str, rules: Rules | None = None) -> Parsed:
    """Read a discovery page: a feed (RSS, Atom, JSON Feed), a sitemap (gzip-packed ones too), or whatever the outlet's layouts know.

    `source`, `parser` and `rules` are handed to `scraper.parse.parse` where the body is neither feed nor sitemap.
    Raises LayoutChanged where a feed, a sitemap or a listing should be but nothing can be read from it, and
    NotAnArticle as `parse` does.
    """
    unpacked = replace(page, body=_gunzip(page)) if page.body.startswith(_GZIP) else page
    name = root(unpacked.body)
    if name in _FEED_ROOTS:
        return read_feed(unpacked)
    if name in _SITEMAP_ROOTS:
        return read_sitemap(unpacked)
    if is_json_feed(page.body):
        return read_json_feed(page)
    return parse(page, source=source, parser=parser, rules=rules)


def root(body: bytes) -> str:
    """The local name of a document's first element; empty where none is in its first 4 KiB.

    Junk before an XML declaration, or before the element of a feed or a sitemap, is passed over (WordPress plug-ins print
    blank lines and warnings there), unless it is already an HTML page.
    """
    head = _head(body)
    name = _first_element(head)
    if name.lower() == "html" or name in (*_FEED_ROOTS, *_SITEMAP_ROOTS):
        return name
    begins = _BEGINS.search(head)
    if begins is None or _HTML.search(head, 0, begins.start()):
        return name
    return _first_element(head[begins.start() :])


def _first_element(head: str) -> str:
    position = 0
    while match := _PROLOGUE.match(head, position):
        position = match.end()
    found = _ROOT.match(head, position)
    return found.group(1) if found else ""


def _head(body: bytes) -> str:
    for mark, encoding in _UTF16:
        if body.startswith(mark):
            return body[2 : 2 * _HEAD].decode(encoding, "replace")
    return body[:_HEAD].removeprefix(b"\xef\xbb\xbf").decode("latin-1")


def _gunzip(page: Page) -> bytes:
    unpacker = zlib.decompressobj(wbits=31)
    parts: list[bytes] = []
    size = 0
    for start in range(0, len(page.body), _STEP):
        try:
            part = unpacker.decompress(page.body[start : start + _STEP], _MAX_UNPACKED - size + 1)
        except zlib.error:
            break  # what was whole before the damage is still evidence
        parts.append(part)
        size += len(part)
        if size > _MAX_UNPACKED:
            raise LayoutChanged(f"{page.url}: unpacks to more than {_MAX_UNPACKED} bytes; split the sitemap by hand")
    return b"".join(parts)
