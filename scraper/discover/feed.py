"""RSS and Atom feeds as sightings.

Hides feedparser and the ways feeds are broken: KCNA Watch's feed has been malformed XML for years (docs/sources.md),
and is read all the same.
"""

from __future__ import annotations

import html
import io
import re
from collections.abc import Iterator
from typing import Any

import feedparser

from scraper.errors import LayoutChanged
from scraper.model import Origin, Page, Parsed, Sighting
from scraper.parse.stated import stated
from scraper.urls import canonical

_OPENS = re.compile(rb"<(?:\w+:)?(item|entry)(?=[\s>])", re.IGNORECASE)
_WHOLE_LINK = re.compile(rb"</(?:\w+:)?link\s*>|<(?:\w+:)?link\s[^<>]*href[^<>]*>", re.IGNORECASE)
_MOST_ITEMS = 500
"""More than any feed shows: beyond it a broken one is read as far as it goes."""
_HEAD = 4096
"""Of what stands before the first entry: the namespaces are declared there."""
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z]{2,8});", re.IGNORECASE)
_INVISIBLE = re.compile(r"[\x00-\x08\x0e-\x1b\x7f]")


def read_feed(page: Page) -> Parsed:
    """Read a feed's entries as sightings (title, canonical link, the stated date of publication).

    A well-formed feed without entries holds no sightings: an outlet may have published nothing. A broken one is read
    entry by entry too, so that an element left open in one does not swallow the next. Atom's `updated` is no hint: it
    tells of modification (RFC 4287 §4.2.15). Raises LayoutChanged for a broken feed without entries, and
    for entries of which none has a link.
    """
    feed = _parsed(page, page.body)
    if not feed.entries and (_broken(feed) or not feed.version):
        raise LayoutChanged(f"{page.url}: a broken feed without entries; look at the page with `scraper show --raw`")
    found: dict[str, Sighting] = {}
    for entry in (*(_alone(page, len(feed.entries)) if _broken(feed) else ()), *feed.entries):
        sighting = _sighting(entry, page.url)
        if sighting is not None:
            found.setdefault(sighting.url, sighting)
    if feed.entries and not found:
        raise LayoutChanged(f"{page.url}: none of {len(feed.entries)} feed entries has a link; write a reader for it")
    return Parsed(sightings=tuple(found.values()), layout="feed@1")


def _parsed(page: Page, body: bytes) -> Any:
    # A file object always: feedparser would fetch a body that looks like a URL, and open one that looks like a path.
    return feedparser.parse(io.BytesIO(body), response_headers=_response_headers(page), sanitize_html=False)


def _alone(page: Page, known: int) -> Iterator[Any]:
    """The entries of a broken feed, each by itself, where more begin than were read; one whose link is cut off is none."""
    starts = [(match.start(), match[1]) for match in _OPENS.finditer(page.body)]
    if not known < len(starts) <= _MOST_ITEMS:
        return
    head = page.body[: min(starts[0][0], _HEAD)]
    ends = [*(start for start, _ in starts[1:]), len(page.body)]
    for (start, name), end in zip(starts, ends, strict=True):
        piece = page.body[start:end]
        if _WHOLE_LINK.search(piece):
            yield from _parsed(page, head + piece + b"</%s>" % name).entries[:1]


def _broken(feed: Any) -> bool:
    harmless = (feedparser.CharacterEncodingOverride, feedparser.NonXMLContentType)
    return bool(feed.bozo) and not isinstance(feed.get("bozo_exception"), harmless)


def _sighting(entry: Any, base: str) -> Sighting | None:
    try:
        url = canonical(entry.get("link") or "", base) if entry.get("link") else None
    except ValueError:
        url = None
    if url is None:
        return None
    return Sighting(url=url, origin=Origin.FEED, title=_title(entry) or None, published=stated(entry.get("published")))


def _title(entry: Any) -> str:
    """One line, without what cannot be printed; entities that are left after reading were written twice."""
    title = _INVISIBLE.sub("", entry.get("title") or "")
    return " ".join((html.unescape(title) if _ENTITY.search(title) else title).split())


def _response_headers(page: Page) -> dict[str, str]:
    headers = {"content-location": page.url}
    # Only the character set is of use: feedparser counts text/html as a broken feed, and feeds are sent as that.
    charset = (page.header("content-type") or "").lower().partition("charset=")[2].partition(";")[0].strip("\"' ")
    headers["content-type"] = f"application/xml; charset={charset}" if charset else "application/xml"
    return headers
