"""What came of reading one page: a value, so that a page which cannot be read stops nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from scraper.model import Parsed
from scraper.policy.resolve import as_first_seen

ARTICLES = "articles"
LISTING = "listing"
NOT_AN_ARTICLE = "not-an-article"
LAYOUT_CHANGED = "layout-changed"
CRASHED = "crashed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The outcome of reading one snapshot; `detail` says in one line why there is no article."""

    outcome: str
    parsed: Parsed
    detail: str | None = None

    @property
    def dated(self) -> bool:
        """True unless an article's date rests on its dateline alone or is missing: a later list row may settle it."""
        return all(article.published_evidence not in (None, "dateline") for article in self.parsed.articles)

    def as_first_seen(self, first_seen_at: datetime | None) -> Reading:
        """The same with the years that datelines had when the address was first seen, as the catalogue keeps them."""
        if first_seen_at is None:
            return self
        dated = tuple(as_first_seen(article, first_seen_at) for article in self.parsed.articles)
        return replace(self, parsed=replace(self.parsed, articles=dated))
