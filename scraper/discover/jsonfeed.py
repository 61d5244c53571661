"""JSON Feed (https://www.jsonfeed.org/version/1.1/) as sightings, with the link to its next page.

Hides the format. Only its version tells it from other JSON, so an outlet's own data files are not taken for one.
"""

from __future__ import annotations

import json
import re
from typing import Any

from scraper.errors import LayoutChanged
from scraper.model import ListingLink, Origin, Page, Parsed, Sighting
from scraper.parse.stated import stated
from scraper.urls import canonical

_VERSION = re.compile(rb'"version"\s*:\s*"https?:(?:\\?/){2}(?:www\.)?jsonfeed\.org(?:\\?/)version')


def is_json_feed(body: bytes) -> bool:
    """Whether a body says that it is a JSON Feed, wherever in it."""
    return body[:64].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") and _VERSION.search(body) is not None


def read_json_feed(page: Page) -> Parsed:
    """The items as sightings (title, address, `date_published`), and `next_url` as the next page.

    An item without `url` stands under its `id` where that is an address. Raises LayoutChanged where the document is cut off or
    has no list of items, and where none of its items has an address.
    """
    try:
        feed = json.loads(page.body.decode("utf-8-sig", "replace"), strict=False)
    except (ValueError, RecursionError) as error:
        raise LayoutChanged(
            f"{page.url}: a broken JSON Feed ({error}); look at it with `scraper show --raw`"
        ) from error
    items = feed.get("items") if isinstance(feed, dict) else None
    if not isinstance(items, list):
        raise LayoutChanged(f"{page.url}: a JSON Feed without a list of items; look at it with `scraper show --raw`")
    found: dict[str, Sighting] = {}
    for item in items:
        sighting = _sighting(item, page.url) if isinstance(item, dict) else None
        if sighting is not None:
            found.setdefault(sighting.url, sighting)
    if items and not found:
        raise LayoutChanged(
            f"{page.url}: none of {len(items)} items of the JSON Feed has an address; write a reader for it"
        )
    further = _address(feed.get("next_url"), page.url)
    listings = (ListingLink(url=further, kind="next-page"),) if further else ()
    return Parsed(sightings=tuple(found.values()), listings=listings, layout="jsonfeed@1")


def _sighting(item: dict[str, Any], base: str) -> Sighting | None:
    # An `id` that is no address is a name: it is not put to the feed's own address.
    url = _address(item.get("url"), base) or _address(item.get("id"), None)
    if url is None:
        return None
    title = " ".join(_text(item.get("title")).split())
    published = stated(_text(item.get("date_published")))
    return Sighting(url=url, origin=Origin.FEED, title=title or None, published=published)


def _address(value: object, base: str | None) -> str | None:
    try:
        return canonical(_text(value), base) if _text(value) else None
    except ValueError:
        return None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
