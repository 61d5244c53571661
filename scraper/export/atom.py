"""Changes as an Atom feed (RFC 4287): the same changes give the same bytes, and an entry's id stays what it was.

Hides XML. Every id is a `urn:uuid` made of the change's own, so that it is the same on every machine that has the archive.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from uuid import NAMESPACE_URL, uuid5
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from scraper.export.told import headline, lines
from scraper.model import Change

NEWEST = 100
"""Entries of a feed: a reader that asks once a day misses none, but in a mass deletion, which is one entry."""
_ATOM = "http://www.w3.org/2005/Atom"
_EMPTY = datetime(1970, 1, 1, tzinfo=UTC)
_NOT_XML = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF, *range(0xD800, 0xE000)), "\ufffd")


def feed(changes: Iterable[Change], *, author: str, newest: int = NEWEST) -> str:
    """The newest changes, the newest first; its time is that of the newest, so nothing new means the same file."""
    shown = sorted(changes, key=lambda change: (change.after_at, change.id), reverse=True)[:newest]
    root = Element("feed", {"xmlns": _ATOM})
    _text(root, "id", _urn("changes"))
    _text(root, "title", "What outlets changed and deleted")
    _text(root, "updated", _time(shown[0].after_at if shown else _EMPTY))
    _text(SubElement(root, "author"), "name", author)
    _text(root, "generator", "scraper")
    for change in shown:
        _entry(root, change)
    indent(root, space=" ")
    return '<?xml version="1.0" encoding="utf-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _entry(root: Element, change: Change) -> None:
    entry = SubElement(root, "entry")
    _text(entry, "id", _urn(change.id))
    _text(entry, "title", headline(change))
    _text(entry, "updated", _time(change.after_at))
    SubElement(entry, "link", {"rel": "alternate", "href": _clean(change.url)})
    if "://" in change.other:
        SubElement(entry, "link", {"rel": "related", "href": _clean(change.other)})
    SubElement(entry, "category", {"term": change.kind.value})
    SubElement(entry, "category", {"term": change.source, "scheme": "urn:scraper:source"})
    _text(entry, "content", "\n".join(lines(change)))


def _text(parent: Element, name: str, text: str) -> None:
    SubElement(parent, name).text = _clean(text)


def _clean(text: str) -> str:
    """Without what XML cannot hold."""
    return text.translate(_NOT_XML)


def _urn(name: str) -> str:
    return uuid5(NAMESPACE_URL, f"urn:scraper:{name}").urn


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
