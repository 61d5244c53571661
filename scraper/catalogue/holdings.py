"""How far every locator is held: the one query that completeness rests on.

Hides the joins of visits, good captures, the snapshots they stand for, and what was read from them; rows are read as they
are asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, Row, Select, case, func, select

from scraper.catalogue import rows
from scraper.catalogue.clusters import joined
from scraper.catalogue.database import Database
from scraper.catalogue.tables import articles, captures, locators, readings, sightings
from scraper.catalogue.tables import shared_addresses as _shared
from scraper.model import Reason
from scraper.policy.clusters import Cluster
from scraper.policy.verdicts import ABSENT

_CHUNK = 500

_BATCH = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """How far we have one locator: the join of its visits, its newest good snapshot and what was read from it.

    `origins` are the kinds of evidence that showed it; `evidence` is the capture of the best of them. `tried_since` is the
    time of the first attempt where nothing is held yet.
    """

    source: str
    key: str
    url: str
    identity: str
    title: str
    published: str | None
    first_seen_at: datetime
    evidence: str | None
    attempts: int
    held: str | None
    reason: str
    gone: int
    sha256: str | None
    outcome: str | None
    detail: str | None
    origins: tuple[str, ...] = ()
    tried_since: datetime | None = None


def holdings(database: Database, source: str) -> Iterator[Holding]:
    """Every locator of a source with how far we have it, in key order."""
    with database.read() as connection:
        yield from _told(connection, _holdings(source).order_by(locators.c.key))


def by_article(database: Database, source: str) -> Iterator[tuple[str, list[Holding]]]:
    """Every article of a source by its id, with how far we have each of its addresses; an article comes once.

    Memory is that of some hundred articles: which addresses share an article is written down in a table of the
    transaction's own. Nothing else may be asked of the catalogue by this thread until all have come.
    """
    with database.read() as connection:
        _shared.create(connection)
        for found in joined(connection, source):
            new = [row for cluster in found for row in _together(cluster)]
            if new:
                database.add(connection, _shared, new)
        of_one = _shared.c.address == locators.c.key
        together = _holdings(source).add_columns(_shared.c.article.label("id")).join(_shared, of_one)
        yield from _articles(connection, together.order_by(_shared.c.article, locators.c.key))
        alone = _holdings(source).add_columns(locators.c.identity.label("id"))
        alone = alone.where(~select(_shared.c.address).where(of_one).exists())
        yield from _articles(connection, alone.order_by(locators.c.identity, locators.c.key))
        _shared.drop(connection)


def _together(cluster: Cluster) -> Iterator[dict[str, str]]:
    """The rows of an article whose addresses do not have one identity in common: the others are found by that."""
    if any(address.identity != cluster.id for address in cluster.addresses):
        yield from ({"address": each.key, "article": cluster.id} for each in cluster.addresses if not each.part)


def _articles(connection: Connection, query: Select[Any]) -> Iterator[tuple[str, list[Holding]]]:
    for article, found in groupby(_rows(connection, query), key=attrgetter("id")):
        yield article, [_holding(list(shown)) for _, shown in groupby(found, key=attrgetter("key"))]


def _told(connection: Connection, query: Select[Any]) -> Iterator[Holding]:
    for _, shown in groupby(_rows(connection, query), key=attrgetter("key")):
        yield _holding(list(shown))


def _rows(connection: Connection, query: Select[Any]) -> Iterator[Row[Any]]:
    return iter(connection.execute(query, execution_options={"yield_per": _CHUNK}))


def _holdings(source: str) -> Select[Any]:
    """A row for every locator and kind of evidence: those of one locator come together where they are ordered by its key."""
    good, base, shown = captures.alias("good"), captures.alias("base"), sightings.alias("shown")
    sha = func.coalesce(good.c.sha256, base.c.sha256)
    key = func.coalesce(base.c.key, good.c.key)
    first = articles.alias("first")
    place = locators.c.source, locators.c.key, locators.c.url, locators.c.identity, locators.c.first_seen_at
    visits = locators.c.attempts, locators.c.held, locators.c.reason, locators.c.gone
    seen = (captures.c.source == locators.c.source, captures.c.key == locators.c.key)
    first_try = select(func.min(captures.c.observed_at)).where(*seen).correlate(locators).scalar_subquery()
    tried = case((locators.c.held.is_(None), first_try)).label("tried_since")
    read = sha.label("sha256"), readings.c.outcome, readings.c.detail, first.c.title, first.c.published
    evidence = (
        shown.c.origin,
        shown.c.title.label("shown_title"),
        shown.c.published.label("shown_published"),
        shown.c.first_capture,
        shown.c.first_seen_at.label("shown_at"),
    )
    same = (first.c.source == locators.c.source) & (first.c.key == key) & (first.c.sha256 == sha)
    return (
        select(*place, *visits, tried, *read, *evidence)
        .outerjoin(good, good.c.record == locators.c.held)
        .outerjoin(base, base.c.record == good.c.confirms)
        .outerjoin(
            readings, (readings.c.source == locators.c.source) & (readings.c.key == key) & (readings.c.sha256 == sha)
        )
        .outerjoin(first, same & (first.c.position == 0))
        .outerjoin(shown, (shown.c.source == locators.c.source) & (shown.c.key == locators.c.key))
        .where(locators.c.source == source)
    )


def _holding(shown: Sequence[Row[Any]]) -> Holding:
    """One locator, of its rows: the evidence that states a date stands for the others, then the earliest."""
    row = shown[0]
    origins = (row.origin,) if row.origin else ()
    if len(shown) > 1:
        origins = tuple(sorted(each.origin for each in shown))
        row = min(shown, key=lambda each: (each.shown_published is None, each.shown_at, each.origin))
    return Holding(
        source=row.source,
        key=row.key,
        url=row.url,
        identity=row.identity,
        title=row.title or row.shown_title or "",
        published=row.published or row.shown_published,
        first_seen_at=rows.at(row.first_seen_at),
        evidence=row.first_capture if row.origin else row.held,
        attempts=row.attempts,
        held=row.held,
        reason=row.reason,
        gone=row.gone,
        sha256=row.sha256,
        outcome=row.outcome,
        detail=row.detail,
        origins=origins,
        tried_since=rows.maybe_at(row.tried_since),
    )


def held_digest(database: Database, source: str, key: str) -> str | None:
    """The digest of the snapshot that stands for a locator; None where none is held."""
    good, base = captures.alias("good"), captures.alias("base")
    query = (
        select(func.coalesce(good.c.sha256, base.c.sha256))
        .select_from(locators)
        .join(good, good.c.record == locators.c.held)
        .outerjoin(base, base.c.record == good.c.confirms)
        .where(locators.c.source == source, locators.c.key == key)
    )
    with database.read() as connection:
        found: str | None = connection.execute(query).scalar()
    return found


def obstacles(database: Database) -> tuple[tuple[str, int], ...]:
    """What answers came instead of pages, and how many of each: verdicts that are neither a page nor a 304, or failures."""
    what = func.coalesce(captures.c.failure, captures.c.verdict)
    usual = ("article", "listing", "robots", "unchanged")
    # Numbers that were counted up to and are no article's are no obstacle.
    nothing = (captures.c.reason == Reason.GUESS.value) & captures.c.verdict.in_([verdict.value for verdict in ABSENT])
    query = select(what.label("what"), func.count().label("times")).group_by(what)
    query = query.where(captures.c.verdict.not_in(usual), ~nothing)
    with database.read() as connection:
        return tuple((row.what, row.times) for row in connection.execute(query.order_by("what")))


def all_held(database: Database, source: str, keys: Sequence[str]) -> bool:
    """Whether each of these locators is held, itself or under another address of its article."""
    other = locators.alias("other")
    same = (other.c.source == source, other.c.identity == locators.c.identity, other.c.held.is_not(None))
    held = select(locators.c.key).where(locators.c.source == source, select(other.c.key).where(*same).exists())
    wanted, found = list(dict.fromkeys(keys)), 0
    with database.read() as connection:
        for start in range(0, len(wanted), _BATCH):
            batch = held.where(locators.c.key.in_(wanted[start : start + _BATCH]))
            found += len(connection.execute(batch).all())
    return found == len(wanted)
