"""The articles that are asked for before anything else: what `check --repair` puts in line, and a crawl takes out.

Operational, safe to lose: what is missing is queued again by the next `check --repair`. An entry leaves when its article was
asked for. A capture recorded since says so too, so that a kill between the two makes nobody ask twice.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from sqlalchemy import ColumnElement, Connection, delete, func, select

from scraper.catalogue import rows
from scraper.catalogue.database import Database
from scraper.catalogue.tables import captures, queue
from scraper.model import Cause

_TOGETHER = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Queued:
    """One article to be asked for, by its locator, and why it is not there to be read."""

    source: str
    key: str
    cause: Cause


def enqueue(database: Database, entries: Iterable[Queued], now: datetime) -> None:
    """Put articles in line, behind those that wait; one that waits already keeps its place."""
    waiting = iter(entries)
    while batch := list(islice(waiting, _TOGETHER)):
        new = [
            {"source": each.source, "key": each.key, "cause": each.cause.value, "queued_at": rows.moment(now)}
            for each in batch
        ]
        with database.write() as connection:
            for source in {each.source for each in batch}:
                _leave(connection, queue.c.source == source, _asked_since())
            database.add(connection, queue, new)


def waiting(database: Database, source: str, limit: int) -> tuple[Queued, ...]:
    """The first articles in a source's line."""
    with database.write() as connection:
        _leave(connection, queue.c.source == source, _asked_since())
    query = select(queue).where(queue.c.source == source).order_by(queue.c.queued_at, queue.c.key).limit(limit)
    with database.read() as connection:
        found = connection.execute(query).all()
    return tuple(Queued(source=row.source, key=row.key, cause=Cause(row.cause)) for row in found)


def length(database: Database, source: str) -> int:
    """How many articles of a source wait."""
    query = select(func.count()).select_from(queue).where(queue.c.source == source, ~_asked_since())
    with database.read() as connection:
        return int(connection.execute(query).scalar() or 0)


def leave(database: Database, entry: Queued) -> None:
    """Take an article out of the line."""
    with database.write() as connection:
        _leave(connection, queue.c.source == entry.source, queue.c.key == entry.key)


def _leave(connection: Connection, *which: ColumnElement[bool]) -> None:
    connection.execute(delete(queue).where(*which))


def _asked_since() -> ColumnElement[bool]:
    seen = captures.c
    since = seen.recorded_at > queue.c.queued_at
    return select(seen.record).where(seen.source == queue.c.source, seen.key == queue.c.key, since).exists()
