"""What a page states of its article for machines: JSON-LD, OpenGraph."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from scraper.parse.dom import collapse, every
from scraper.parse.layout import View
from scraper.parse.stated import stated

_TYPES = frozenset({"Article", "NewsArticle", "BlogPosting"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """A page's statements about its own article; None for what it does not state."""

    title: str | None
    outlet: str | None
    published: str | None


def structured(view: View) -> Stated:
    """All statements of a page, the first where several are made."""
    item = next((each for each in _items(view) if each.get("@type") in _TYPES), {})
    metas = {
        (node.attributes.get("property") or "").lower(): collapse(node.attributes.get("content") or "")
        for node in reversed(every(view.document, "meta[property]"))
    }
    return Stated(
        title=collapse(str(item.get("headline") or "")) or metas.get("og:title") or None,
        outlet=metas.get("og:site_name") or None,
        published=stated(str(item.get("datePublished") or "")) or stated(metas.get("article:published_time")),
    )


def _items(view: View) -> list[dict[str, Any]]:
    found = []
    for script in every(view.document, 'script[type="application/ld+json"]'):
        try:
            item = json.loads(script.text() or "")
        except ValueError:
            continue
        found.extend([item] if isinstance(item, dict) else [])
    return found
