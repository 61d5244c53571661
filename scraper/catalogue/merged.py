"""Articles as a reader wants them: each once, with the sections, captures and counterparts of all its addresses.

Hides the joins. Nothing here writes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Select, select

from scraper.catalogue import rows
from scraper.catalogue.clusters import newest
from scraper.catalogue.database import Database
from scraper.catalogue.tables import articles, captures, locators, sightings
from scraper.model import Alias, Article, Counterpart, MergedArticle
from scraper.policy.clusters import Address, Cluster

_BATCH = 300

Shown = tuple[str, str, str]
"""A text as it is found again: key of the address, digest of the snapshot, digest of the text."""


@dataclass(slots=True)
class _Known:
    """What the rows say of some addresses of one source."""

    articles: dict[Shown, Article] = field(default_factory=dict)
    listed: dict[str, list[rows.Row]] = field(default_factory=lambda: defaultdict(list))
    records: dict[tuple[str, str], list[str]] = field(default_factory=lambda: defaultdict(list))
    counterparts: dict[str, list[tuple[Counterpart, str]]] = field(default_factory=lambda: defaultdict(list))


def merged(database: Database, source: str, found: Sequence[Cluster], others: Sequence[str]) -> Iterator[MergedArticle]:
    """Articles of one source, whole; those of which nothing was read are left out. `others` are the ids of all sources."""
    keys = sorted({address.key for cluster in found for address in cluster.addresses})
    known = _Known()
    for start in range(0, len(keys), _BATCH):
        _look_up(database, known, source, keys[start : start + _BATCH])
    _originals(database, known, [other for other in others if other != source])
    for cluster in found:
        article = _merged(cluster, source, known)
        if article is not None:
            yield article


def _look_up(database: Database, known: _Known, source: str, keys: list[str]) -> None:
    table, seen = articles.c, captures.c
    read = select(table.key, table.sha256, table.text_sha256, table.article).where(
        table.source == source, table.key.in_(keys)
    )
    shown = select(seen.key, seen.sha256, seen.record).where(
        seen.source == source, seen.key.in_(keys), seen.sha256.is_not(None)
    )
    listed = select(sightings).where(sightings.c.source == source, sightings.c.key.in_(keys))
    with database.read() as connection:
        for row in connection.execute(read):
            known.articles[row.key, row.sha256, row.text_sha256] = rows.article_from_json(row.article)
        for key, digest, record in connection.execute(shown.order_by(seen.observed_at, seen.record)):
            known.records[key, digest].append(record)
        for entry in connection.execute(listed.order_by(sightings.c.key, sightings.c.origin)).mappings():
            known.listed[entry["key"]].append(entry)
        for copy in connection.execute(_copies(table.original_key.in_(keys), table.source != source)):
            mirror = Counterpart(relation="mirror", source=copy.source, url=copy.url, text="")
            known.counterparts[copy.original_key].append((mirror, copy.text_sha256))


def _copies(*conditions: ColumnElement[bool]) -> Select[Any]:
    table = articles.c
    same = (locators.c.source == table.source) & (locators.c.key == table.key)
    columns = (table.source, table.key, table.original_key, table.text_sha256, locators.c.url)
    return select(*columns).join(locators, same).where(*conditions).order_by(table.source, table.key, table.sha256)


def _originals(database: Database, known: _Known, others: Sequence[str]) -> None:
    """Find what the copies among the articles are copies of."""
    copies: dict[str, set[str]] = defaultdict(set)
    for (key, _, _), article in known.articles.items():
        if (of := rows.url_key(article.original_url)) is not None:
            copies[of].add(key)
    wanted = sorted(copies)
    query = select(locators.c.source, locators.c.key, locators.c.url, articles.c.text_sha256).outerjoin(
        articles, (articles.c.source == locators.c.source) & (articles.c.key == locators.c.key)
    )
    with database.read() as connection:
        for start in range(0, len(wanted), _BATCH):
            batch = (locators.c.source.in_(others), locators.c.key.in_(wanted[start : start + _BATCH]))
            for row in connection.execute(query.where(*batch).order_by(locators.c.source, locators.c.key)):
                original = Counterpart(relation="original", source=row.source, url=row.url, text="")
                for key in copies[row.key]:
                    known.counterparts[key].append((original, row.text_sha256 or ""))


def _merged(cluster: Cluster, source: str, known: _Known) -> MergedArticle | None:
    found = newest(cluster)
    if found is None:
        return None
    shown = [
        known.articles[address.key, text.snapshot, text.text_sha256]
        for address in cluster.addresses
        for text in address.texts
    ]
    article = known.articles[found[0].key, found[1].snapshot, found[1].text_sha256]
    records = [record for address in cluster.addresses for record in _records(address, known)]
    listed = [row["section"] for address in cluster.addresses for row in known.listed[address.key]]
    sections = [*(section for each in shown for section in each.sections), *filter(None, listed)]
    return MergedArticle(
        id=cluster.id,
        source=source,
        outlet=article.outlet,
        title=article.title,
        published=article.published,
        published_evidence=article.published_evidence,
        languages=tuple(sorted({each.language for each in shown})),
        sections=tuple(dict.fromkeys(sections)),
        text_sha256=article.text_sha256,
        captures=len(records),
        aliases=tuple(_alias(address, known) for address in cluster.addresses),
        counterparts=_counterparts(cluster, known, {each.text_sha256 for each in shown}),
        records=tuple(records),
        article=article,
    )


def _records(address: Address, known: _Known) -> list[str]:
    """The captures of an address that show its article."""
    digests = dict.fromkeys(text.snapshot for text in address.texts)
    return [record for digest in digests for record in known.records[address.key, digest]]


def _alias(address: Address, known: _Known) -> Alias:
    seen = [address.first_seen_at, *(text.last_at for text in address.texts)]
    if not address.part:
        seen.extend(rows.at(row["last_seen_at"]) for row in known.listed[address.key])
    return Alias(
        url=address.url,
        key=address.key,
        first_seen_at=address.first_seen_at,
        last_seen_at=max(seen),
        captures=len(_records(address, known)),
    )


def _counterparts(cluster: Cluster, known: _Known, texts: set[str]) -> tuple[Counterpart, ...]:
    """Copies and originals, each address once: `equal` where any of its texts is one of the article's."""
    found: dict[tuple[str, str, str], str] = {}
    for address in cluster.addresses:
        for other, text in known.counterparts[address.key]:
            where = (other.relation, other.source, other.url)
            said = "equal" if text in texts else "different" if text else "not-held"
            found[where] = "equal" if found.get(where) == "equal" else said
    return tuple(
        Counterpart(relation=relation, source=source, url=url, text=text)
        for (relation, source, url), text in sorted(found.items())
    )
