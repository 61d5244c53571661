"""The newest pages of a source and how they were read: what tells whether it is still read as it was.

Hides the joins, and that no more than some hundreds of rows are ever looked at, however many there are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, func, select

from scraper.catalogue import rows
from scraper.catalogue.database import Database
from scraper.catalogue.reading import ARTICLES
from scraper.catalogue.tables import articles, captures, readings
from scraper.model import Article, Reason, Role, Verdict

_MOST = 1_000
"""Rows that are looked at: several layouts' worth of recent articles and those before them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewestRead:
    """One page of an article, the newest that was read at its address, with the articles read from it."""

    key: str
    url: str
    observed_at: datetime
    outcome: str
    detail: str | None
    articles: tuple[Article, ...]


def newest_read(database: Database, source: str) -> Iterator[NewestRead]:
    """The newest pages of articles that were read, newest first, each address once."""
    seen: dict[str, list[rows.Row]] = {}
    with database.read() as connection:
        for row in connection.execute(_newest(source)).mappings():
            pages = seen.setdefault(row["key"], [])
            if not pages or pages[0]["record"] == row["record"]:
                pages.append(row)
    for found in seen.values():
        yield _page(found)


def newest_article_at(database: Database, source: str) -> datetime | None:
    """When a source last gave an article at an address that was not held; None where it never did.

    Not of the newest page of each address: a recheck that brings the whole page again is newer than what made it known.
    """
    table = captures.c
    again = (Reason.RECHECK.value, Reason.SECOND.value)
    query = (
        select(table.observed_at)
        .join_from(captures, readings, _of_capture())
        .where(table.source == source, table.role == Role.ARTICLE.value, table.verdict == Verdict.ARTICLE.value)
        .where(table.reason.not_in(again), readings.c.outcome == ARTICLES)
        .order_by(table.observed_at.desc())
        .limit(1)
    )
    with database.read() as connection:
        found = connection.execute(query).scalar()
    return rows.maybe_at(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRead:
    """How the newest page of a list was read."""

    url: str
    outcome: str
    detail: str | None


def lists_read(database: Database, source: str, since: datetime) -> tuple[ListRead, ...]:
    """The lists that were looked at for discovery since then, each with how its newest page was read, in order of address.

    A list that is answered "unchanged" is read as it was when its page last came.
    """
    table = captures.c
    asked = (table.source == source, table.role == Role.LISTING.value, table.reason == Reason.DISCOVERY.value)
    keys = select(table.key).where(*asked, table.observed_at >= rows.moment(since)).distinct().order_by(table.key)
    # One short query a list: the newest page of each is found by index, however many years of it there are.
    newest = select(table.url, readings.c.outcome, readings.c.detail).join_from(captures, readings, _of_capture())
    newest = newest.where(table.source == source, table.verdict == Verdict.LISTING.value)
    newest = newest.order_by(table.observed_at.desc()).limit(1)
    with database.read() as connection:
        rows_found = [
            connection.execute(newest.where(table.key == key)).first() for key in connection.execute(keys).scalars()
        ]
    return tuple(ListRead(url=row.url, outcome=row.outcome, detail=row.detail) for row in rows_found if row)


def looked(database: Database, source: str) -> tuple[datetime, datetime] | None:
    """The first and the last time that a listing of a source was seen; None where it never was."""
    table = captures.c
    good = (Verdict.LISTING.value, Verdict.UNCHANGED.value)
    query = select(func.min(table.observed_at), func.max(table.observed_at)).where(
        table.source == source, table.role == Role.LISTING.value, table.verdict.in_(good)
    )
    with database.read() as connection:
        first, last = connection.execute(query).one()
    return (rows.at(first), rows.at(last)) if first else None


def _newest(source: str) -> Select[tuple[object, ...]]:
    table = captures.c
    return (
        select(
            table.record,
            table.key,
            table.url,
            table.observed_at,
            readings.c.outcome,
            readings.c.detail,
            articles.c.article,
        )
        .join_from(captures, readings, _of_capture())
        .outerjoin(
            articles,
            and_(articles.c.source == table.source, articles.c.key == table.key, articles.c.sha256 == table.sha256),
        )
        .where(table.source == source, table.role == Role.ARTICLE.value, table.verdict == Verdict.ARTICLE.value)
        .order_by(table.observed_at.desc(), table.record.desc(), articles.c.position)
        .limit(_MOST)
    )


def _of_capture() -> ColumnElement[bool]:
    return and_(
        readings.c.source == captures.c.source,
        readings.c.key == captures.c.key,
        readings.c.sha256 == captures.c.sha256,
    )


def _page(found: list[rows.Row]) -> NewestRead:
    first = found[0]
    return NewestRead(
        key=first["key"],
        url=first["url"],
        observed_at=rows.at(first["observed_at"]),
        outcome=first["outcome"],
        detail=first["detail"],
        articles=tuple(rows.article_from_json(row["article"]) for row in found if row["article"]),
    )
