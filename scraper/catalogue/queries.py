"""What the jobs ask the catalogue, in the domain's words.

Hides the SELECTs. Nothing here writes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from itertools import groupby
from operator import attrgetter
from statistics import median
from typing import Any

from sqlalchemy import Select, case, func, select, union

from scraper.catalogue import rows
from scraper.catalogue.database import Database
from scraper.catalogue.host_health import was_well
from scraper.catalogue.sweep import held_nowhere, is_due, unchanged
from scraper.catalogue.tables import articles, captures, cursors, locators, readings, sightings
from scraper.model import Article, Channel, Failure, Origin, Reason, Role, Sighting, Verdict
from scraper.policy.compare import Observation
from scraper.policy.robots import Attempt
from scraper.policy.verdicts import ABSENT

_GONE = tuple(verdict.value for verdict in ABSENT)
_FEW, _MANY = 5, 50
"""Pages from which on, and of which at most, a usual size is told."""
_BATCH = 400
_STREAMED = {"yield_per": 1_000}
_READABLE = (Verdict.ARTICLE.value, Verdict.LISTING.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Locator:
    """A URL of a source that holds an article, and the validators of the newest capture with a snapshot."""

    source: str
    key: str
    url: str
    identity: str
    due: Reason
    confirms: str | None
    etag: str | None
    last_modified: str | None
    unchanged: int = 0
    """How often that capture was confirmed by a 304 since."""


def due(
    database: Database, source: str, now: datetime, *, held: bool, limit: int, sweep: int | None = None
) -> tuple[Locator, ...]:
    """Locators whose next visit is due: never held ones (new and retries), or held ones to recheck; new ones first.

    Held ones that were given the last time are due after `sweep` days, whatever their next visit.

    An address of an article that is held under another address is not asked for: an outlet writes section and position
    into its addresses, and one article would be fetched again wherever it is listed. It is where that one says that it is gone.
    """
    table = locators.c
    wanted = table.held.is_not(None) if held else held_nowhere()
    query = (
        select(locators)
        .where(table.source == source, is_due(now, sweep), wanted)
        # Never visited and yet held are copies that others made: those are looked at when nothing else is due.
        .order_by(case((table.attempts == 0, int(held)), else_=int(not held)), table.next_visit_at, table.key)
        .limit(limit)
    )
    with database.read() as connection:
        found = connection.execute(query).mappings().all()
    return tuple(_locator(database, row) for row in found)


def locator(database: Database, source: str, key: str) -> Locator | None:
    """One locator; None where nothing is known of it."""
    with database.read() as connection:
        row = (
            connection.execute(select(locators).where(locators.c.source == source, locators.c.key == key))
            .mappings()
            .first()
        )
    return _locator(database, row) if row else None


def first_seen_at(database: Database, source: str, key: str) -> datetime | None:
    """When a locator was first seen; None where nothing is known of it."""
    query = select(locators.c.first_seen_at).where(locators.c.source == source, locators.c.key == key)
    return rows.maybe_at(_scalar(database, query))


def new_locator(source: str, key: str, url: str, identity: str) -> Locator:
    """A locator that nothing is known of yet."""
    return Locator(
        source=source,
        key=key,
        url=url,
        identity=identity,
        due=Reason.MANUAL,
        confirms=None,
        etag=None,
        last_modified=None,
    )


def missing(database: Database, source: str, keys: Sequence[str], now: datetime) -> tuple[Locator, ...]:
    """Those of the given locators that are not held and may be asked for now, in the order given."""
    table = locators.c
    found: dict[str, Locator] = {}
    for start in range(0, len(keys), _BATCH):
        batch = list(keys[start : start + _BATCH])
        query = select(locators).where(table.source == source, table.key.in_(batch), held_nowhere())
        with database.read() as connection:
            some = connection.execute(query.where(table.next_visit_at <= rows.moment(now))).mappings().all()
        found.update((row["key"], _locator(database, row)) for row in some)
    return tuple(found[key] for key in dict.fromkeys(keys) if key in found)


def validators(database: Database, record: str) -> tuple[str | None, str | None, str | None]:
    """(record key, ETag, Last-Modified) of the capture whose snapshot a good capture stands for."""
    table = captures.c
    query = select(table.record, table.confirms, table.etag, table.last_modified, table.channel)
    with database.read() as connection:
        row = connection.execute(query.where(table.record == record)).first()
        if row is not None and row.confirms is not None:
            row = connection.execute(query.where(table.record == row.confirms)).first()
    if row is None:
        return None, None, None
    # The validators of a copy were the outlet's when others asked it: our first look is for a whole page.
    return (row.record, None, None) if Channel(row.channel).copied else (row.record, row.etag, row.last_modified)


def lead(database: Database, source: str, key: str) -> Sighting | None:
    """The best evidence for a locator: one that states a date first, then listings before related blocks."""
    rank = {
        Origin.INDEX: 0,
        Origin.LISTING: 1,
        Origin.FEED: 2,
        Origin.SITEMAP: 3,
        Origin.MIRROR: 4,
        Origin.RELATED: 5,
        Origin.SEED: 6,
    }
    with database.read() as connection:
        query = select(sightings).where(sightings.c.source == source, sightings.c.key == key)
        found = connection.execute(query).mappings().all()
    best = min(found, key=lambda row: (row["published"] is None, rank[Origin(row["origin"])]), default=None)
    return _sighting(best) if best else None


def newest(database: Database, source: str, key: str, *, verdicts: Sequence[Verdict] = ()) -> str | None:
    """The record key of the newest capture of a locator (with one of `verdicts`, where given)."""
    table = captures.c
    query = select(table.record).where(table.source == source, table.key == key)
    if verdicts:
        query = query.where(table.verdict.in_([verdict.value for verdict in verdicts]))
    return _scalar(database, query.order_by(table.observed_at.desc(), table.record.desc()).limit(1))


def robots(database: Database, source: str, since: datetime) -> tuple[Attempt, ...]:
    """Every attempt at a robots.txt of a source since then, redirect hops too, in the order of recording."""
    table = captures.c
    query = select(
        table.record, table.url, table.status, table.failure, table.observed_at, table.redirected_from
    ).where(table.source == source, table.role == Role.ROBOTS.value, table.observed_at >= rows.moment(since))
    with database.read() as connection:
        found = connection.execute(query.order_by(table.recorded_at, table.record)).all()
    return tuple(
        Attempt(
            record=row.record,
            url=row.url,
            status=row.status,
            failure=Failure(row.failure) if row.failure else None,
            observed_at=rows.at(row.observed_at),
            redirected_from=row.redirected_from,
        )
        for row in found
    )


def by_digest(database: Database, sha256: str) -> tuple[str, ...]:
    """Record keys of the captures whose snapshot digest, or whose record key, begins or ends with the given hex."""
    table = captures.c
    query = select(table.record).where(table.sha256.startswith(sha256) | table.record.endswith(f"-{sha256}.json"))
    with database.read() as connection:
        return tuple(connection.execute(query.order_by(table.observed_at)).scalars())


def of_locator(database: Database, key: str, source: str | None = None) -> tuple[str, ...]:
    """Record keys of all captures of a locator, oldest first."""
    query = select(captures.c.record).where(captures.c.key == key).order_by(captures.c.observed_at, captures.c.record)
    if source is not None:
        query = query.where(captures.c.source == source)
    with database.read() as connection:
        return tuple(connection.execute(query).scalars())


def unread(database: Database, source: str) -> tuple[str, ...]:
    """Record keys of captures that were archived but never read: what a kill between the two left."""
    table = captures.c
    read = (readings.c.source == table.source) & (readings.c.key == table.key) & (readings.c.sha256 == table.sha256)
    query = (
        select(table.record)
        .outerjoin(readings, read)
        .where(
            table.source == source, table.verdict.in_(_READABLE), table.sha256.is_not(None), readings.c.record.is_(None)
        )
        .order_by(table.observed_at, table.record)
    )
    with database.read() as connection:
        return tuple(connection.execute(query).scalars())


def newest_record(database: Database, source: str) -> str | None:
    """The last record key of a source, in the order of recording; None where the catalogue knows none."""
    return _scalar(database, select(func.max(captures.c.record)).where(captures.c.source == source))


def records_from(database: Database, source: str, folder: str) -> frozenset[str]:
    """The record keys of a source in a folder of one day (`captures/<source>/2026/08/22/`) and in those after it."""
    query = select(captures.c.record).where(captures.c.source == source, captures.c.record >= folder)
    with database.read() as connection:
        return frozenset(connection.execute(query).scalars())


def is_read(database: Database, source: str, key: str, sha256: str) -> bool | None:
    """Whether a snapshot was read and its date is settled; None where it was not read at all."""
    table = readings.c
    query = select(table.dated).where(table.source == source, table.key == key, table.sha256 == sha256)
    with database.read() as connection:
        dated = connection.execute(query).scalar()
    return None if dated is None else bool(dated)


def articles_of(database: Database, source: str, key: str, sha256: str) -> tuple[Article, ...]:
    """The articles read from one snapshot, in page order."""
    table = articles.c
    query = (
        select(table.article)
        .where(table.source == source, table.key == key, table.sha256 == sha256)
        .order_by(table.position)
    )
    with database.read() as connection:
        return tuple(rows.article_from_json(text) for text in connection.execute(query).scalars())


def looked_at(database: Database, source: str) -> Iterator[datetime]:
    """Times at which a listing of the source was successfully seen, oldest first."""
    table = captures.c
    good = (Verdict.LISTING.value, Verdict.UNCHANGED.value)
    query = select(table.observed_at).where(
        table.source == source, table.role == Role.LISTING.value, table.verdict.in_(good)
    )
    with database.read() as connection:
        found = connection.execute(query.order_by(table.observed_at), execution_options=_STREAMED)
        yield from (rows.at(text) for text in found.scalars())


def usual_size(database: Database, source: str, role: Role, before: datetime) -> int | None:
    """The median size in bytes of the newest good pages of a source and role before a time; None while there are few."""
    table = captures.c
    good = Verdict.LISTING if role is Role.LISTING else Verdict.ARTICLE
    query = select(table.size).where(
        table.source == source, table.role == role.value, table.verdict == good.value, table.status == HTTPStatus.OK
    )
    query = query.where(table.observed_at < rows.moment(before)).order_by(table.observed_at.desc()).limit(_MANY)
    with database.read() as connection:
        sizes = connection.execute(query).scalars().all()
    return int(median(sizes)) if len(sizes) >= _FEW else None


def changed_locators(
    database: Database, sources: Sequence[str], since: datetime | None = None
) -> tuple[tuple[str, str], ...]:
    """(source, key) of every locator that may have changed: anything compared that is not the same, two dates, a negative answer, or a redirect elsewhere.

    Of those alone that were asked for since then, where a time is given.
    """
    table, seen, target = articles.c, captures.c, captures.alias("target")
    texts = select(table.source, table.key).where(table.source.in_(sources)).group_by(table.source, table.key)
    texts = texts.having((func.count(table.compared.distinct()) > 1) | (func.count(table.published.distinct()) > 1))
    asked = select(seen.source, seen.key).where(seen.source.in_(sources), seen.role == Role.ARTICLE.value).distinct()
    # Of an address made by counting, that nothing is there is no news: there would be a thousand of them.
    gone = asked.where(seen.verdict.in_((*_GONE, Verdict.MOVED_HOME.value)), seen.reason != Reason.GUESS.value)
    sent = asked.join(target, (target.c.redirected_from == seen.record) & (target.c.key != seen.key))
    every = union(texts, gone, sent.where(seen.verdict == Verdict.MOVED.value)).subquery()
    query = select(every.c.source, every.c.key).order_by(every.c.source, every.c.key)
    if since is not None:
        known = (locators.c.source == every.c.source) & (locators.c.key == every.c.key)
        query = query.join(locators, known).where(locators.c.last_attempt_at >= rows.moment(since))
    with database.read() as connection:
        return tuple((row.source, row.key) for row in connection.execute(query))


def observations(database: Database, source: str, key: str) -> tuple[Observation, ...]:
    """The captures of one locator with the articles read from each, oldest first, and whether its host was well."""
    table = captures.c
    seen = (
        table.record,
        table.url,
        table.observed_at,
        table.verdict,
        table.redirected_from,
        table.channel,
        table.vantage,
    )
    query = (
        select(*seen, articles.c.article)
        .outerjoin(
            articles,
            (articles.c.source == table.source) & (articles.c.key == table.key) & (articles.c.sha256 == table.sha256),
        )
        .where(table.source == source, table.key == key, table.role == Role.ARTICLE.value)
        .order_by(table.observed_at, table.record, articles.c.position)
    )
    with database.read() as connection:
        found = connection.execute(query).all()
        ill = {
            row.record
            for row in found
            if row.verdict in _GONE
            and not was_well(connection, source, key, rows.at(row.observed_at), copied=Channel(row.channel).copied)
        }
    return tuple(
        Observation(
            record=row.record,
            url=row.url,
            key=key,
            observed_at=rows.at(row.observed_at),
            verdict=Verdict(row.verdict),
            article=rows.article_from_json(row.article) if row.article else None,
            host_well=row.record not in ill,
            redirected_from=row.redirected_from,
            vantage=row.vantage,
            further=tuple(rows.article_from_json(other.article) for other in more),
        )
        for _, (row, *more) in groupby(found, key=attrgetter("record"))
    )


def counts(database: Database, source: str) -> dict[str, int]:
    """Captures, locators, held locators and articles of a source."""
    with database.read() as connection:

        def count(query: Select[Any]) -> int:
            return int(connection.execute(query).scalar() or 0)

        return {
            "captures": count(select(func.count()).where(captures.c.source == source)),
            "locators": count(select(func.count()).where(locators.c.source == source)),
            "held": count(select(func.count()).where(locators.c.source == source, locators.c.held.is_not(None))),
            "articles": count(select(func.count()).select_from(articles).where(articles.c.source == source)),
        }


def knows_anything(database: Database) -> bool:
    """Whether any capture is indexed at all."""
    return _scalar(database, select(captures.c.record).limit(1)) is not None


def cursor(database: Database, name: str) -> str | None:
    """Where a walk stopped; None where it has not begun."""
    return _scalar(database, select(cursors.c.position).where(cursors.c.name == name))


def _locator(database: Database, row: rows.Row) -> Locator:
    visits = rows.visits(row)
    record, etag, last_modified = validators(database, row["held"]) if row["held"] else (None, None, None)
    return Locator(
        source=row["source"],
        key=row["key"],
        url=row["url"],
        identity=row["identity"],
        due=visits.due(),
        confirms=record if etag or last_modified else None,
        etag=etag,
        last_modified=last_modified,
        unchanged=unchanged(database, row["source"], row["key"], record) if etag or last_modified else 0,
    )


def _sighting(row: rows.Row) -> Sighting:
    return Sighting(
        url=row["url"],
        origin=Origin(row["origin"]),
        title=row["title"],
        published=row["published"],
        section=row["section"],
        source=row["source"],
        key=row["key"],
        capture=row["first_capture"],
    )


def _scalar(database: Database, query: Select[Any]) -> str | None:
    with database.read() as connection:
        found: str | None = connection.execute(query).scalar()
    return found
