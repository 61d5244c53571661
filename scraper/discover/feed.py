"""RSS and Atom feeds as sightings.

Hides feedparser and the ways feeds are broken: KCNA Watch's feed has been malformed XML for years (docs/sources.md),
and is read all the same.
"""

from __future__ import annotations

import io
from typing import Any

import feedparser

from scraper.errors import LayoutChanged
from scraper.model import Origin, Page, Parsed, Sighting
from scraper.parse.stated import stated
from scraper.urls import canonical


def read_feed(page: Page) -> Parsed:
    """Read a feed's entries as sightings (title, canonical link, the stated date of publication).

    A well-formed feed without entries holds no sightings: an outlet may have published nothing. Atom's `updated` is
    no hint: it tells of modification (RFC 4287 §4.2.15). Raises LayoutChanged for a broken feed without entries, and
    for entries of which none has a link.
    """
    # A file object always: feedparser would fetch a body that looks like a URL, and open one that looks like a path.
    feed = feedparser.parse(io.BytesIO(page.body), response_headers=_response_headers(page), sanitize_html=False)
    if not feed.entries and (_broken(feed) or not feed.version):
        raise LayoutChanged(f"{page.url}: a broken feed without entries; look at the page with `scraper show --raw`")
    found: dict[str, Sighting] = {}
    for entry in feed.entries:
        sighting = _sighting(entry, page.url)
        if sighting is not None:
            found.setdefault(sighting.url, sighting)
    if feed.entries and not found:
        raise LayoutChanged(f"{page.url}: none of {len(feed.entries)} feed entries has a link; write a reader for it")
    return Parsed(sightings=tuple(found.values()), layout="feed@1")


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
    title = " ".join((entry.get("title") or "").split())
    return Sighting(url=url, origin=Origin.FEED, title=title or None, published=stated(entry.get("published")))


def _response_headers(page: Page) -> dict[str, str]:
    headers = {"content-location": page.url}
    # Only the character set is of use: feedparser counts text/html as a broken feed, and feeds are sent as that.
    charset = (page.header("content-type") or "").lower().partition("charset=")[2].partition(";")[0].strip("\"' ")
    headers["content-type"] = f"application/xml; charset={charset}" if charset else "application/xml"
    return headers
