"""What is frozen of a page's articles, and how a new reading differs from it. Digests and dates: never the text itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256

from scraper.model import Article, Canary, FrozenArticle


def frozen(articles: Iterable[Article]) -> tuple[FrozenArticle, ...]:
    """The facts of some articles, in page order."""
    return tuple(
        FrozenArticle(
            title_sha256=sha256(article.title.encode()).hexdigest(),
            text_sha256=article.text_sha256,
            published=article.published,
        )
        for article in articles
    )


def otherwise(canary: Canary, articles: Sequence[Article]) -> str:
    """What of a canary reads otherwise than it was frozen, in a few words; empty where nothing does."""
    found = frozen(articles)
    if len(found) != len(canary.articles):
        return f"{len(canary.articles)} articles were frozen, {len(found)} are read"
    pairs = tuple(zip(canary.articles, found, strict=True))
    names = [name for name in ("title", "text", "published") if any(_differ(name, *pair) for pair in pairs)]
    return f"reads otherwise than it was frozen: {', '.join(names)}" if names else ""


def _differ(name: str, old: FrozenArticle, new: FrozenArticle) -> bool:
    field = name if name == "published" else f"{name}_sha256"
    return bool(getattr(old, field) != getattr(new, field))
