"""One article over all its addresses: what is derived from readings, sightings and captures together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from scraper.model.articles import Article


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias:
    """One address of an article, when it was first and last seen there or listed, and how many captures show it there."""

    url: str
    key: str
    first_seen_at: datetime
    last_seen_at: datetime
    captures: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Counterpart:
    """The same article at another outlet: `relation` is `mirror` (a copy of this one) or `original` (this one is the copy).

    `text` is `equal` or `different` as the folded texts say, or `not-held`.
    """

    relation: str
    source: str
    url: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MergedArticle:
    """One article with all its addresses (`policy.clusters`).

    `id` is citable: it leads to this article for ever, though evidence of an earlier address may give it another one to be
    cited by. Title, date and text are those of the newest reading; `sections` and `languages` are of all readings and
    listings. `article` and `records` (the captures that show it) are filled where they are asked for.
    """

    id: str
    source: str
    outlet: str
    title: str
    published: str | None
    published_evidence: str | None
    languages: tuple[str, ...]
    sections: tuple[str, ...]
    text_sha256: str
    captures: int
    aliases: tuple[Alias, ...]
    counterparts: tuple[Counterpart, ...] = ()
    records: tuple[str, ...] = ()
    article: Article | None = None
