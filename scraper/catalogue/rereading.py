"""What was read of every archived page, a batch at a time: what a new reading is held against.

Hides the order in which readings are paged through: that of their key, so that no number of them is held at once and a
program that adds some meanwhile disturbs nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, tuple_

from scraper.catalogue import rows
from scraper.catalogue.database import Database
from scraper.catalogue.lists import columns, said
from scraper.catalogue.tables import articles, captures, lists, readings
from scraper.model import Article

_BATCH = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """One snapshot as the catalogue has it read: the capture whose record was read, the outcome, the articles in page order.

    `listed` is what its rows say of it as a list (`lists.said`).
    """

    record: str
    key: str
    sha256: str
    outcome: str
    detail: str | None
    layout: str
    dated: bool
    listed: tuple[Any, ...]
    articles: tuple[Article, ...]


def how_many(database: Database, sources: Sequence[str]) -> int:
    """The number of snapshots of some sources that were read."""
    query = select(func.count()).select_from(readings).where(readings.c.source.in_(sources))
    with database.read() as connection:
        return int(connection.execute(query).scalar() or 0)


def all_read(database: Database, source: str) -> Iterator[Read]:
    """Every reading of a source, in the order of keys; each batch is a query of its own."""
    after = ("", "")
    while batch := _batch(database, source, after):
        yield from batch
        after = (batch[-1].key, batch[-1].sha256)


def judged_otherwise(database: Database, source: str, judge: str) -> Iterator[tuple[str, ...]]:
    """Record keys of the captures of a source that another judge than the named one has judged, in batches."""
    table, after = captures.c, ""
    query = select(table.record).where(table.source == source, table.judge != judge).order_by(table.record)
    while True:
        with database.read() as connection:
            found = connection.execute(query.where(table.record > after).limit(_BATCH)).scalars()
            batch = tuple(found)
        if not batch:
            return
        yield batch
        after = batch[-1]


def _batch(database: Database, source: str, after: tuple[str, str]) -> list[Read]:
    table, place = readings.c, tuple_(readings.c.key, readings.c.sha256)
    same = (lists.c.source == table.source) & (lists.c.key == table.key) & (lists.c.sha256 == table.sha256)
    query = select(readings, *columns()).outerjoin(lists, same).where(table.source == source, place > after)
    query = query.order_by(table.key, table.sha256)
    with database.read() as connection:
        found = connection.execute(query.limit(_BATCH)).mappings().all()
        keys = [(row["key"], row["sha256"]) for row in found]
        texts = select(articles.c.key, articles.c.sha256, articles.c.article)
        texts = texts.where(articles.c.source == source, tuple_(articles.c.key, articles.c.sha256).in_(keys))
        texts = texts.order_by(articles.c.key, articles.c.sha256, articles.c.position)
        by_page: dict[tuple[str, str], list[Article]] = defaultdict(list)
        for row in connection.execute(texts) if keys else ():
            by_page[row.key, row.sha256].append(rows.article_from_json(row.article))
    return [
        Read(
            record=row["record"],
            key=row["key"],
            sha256=row["sha256"],
            outcome=row["outcome"],
            detail=row["detail"],
            layout=row["layout"] or "",
            dated=bool(row["dated"]),
            listed=said(row) if row["shown"] is not None else (),
            articles=tuple(by_page[row["key"], row["sha256"]]),
        )
        for row in found
    ]
