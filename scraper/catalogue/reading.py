"""What came of reading one page: a value, so that a page which cannot be read stops nothing."""

from __future__ import annotations

from dataclasses import dataclass

from scraper.model import Parsed

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
