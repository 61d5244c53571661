"""What the catalogue knows of copies that others made: which are here already, and under which digests.

Hides the SELECTs.
"""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus

from sqlalchemy import select

from scraper.catalogue import rows
from scraper.catalogue.database import Database
from scraper.catalogue.tables import captures
from scraper.model import Verdict

_GOOD = [verdict.value for verdict in (Verdict.ARTICLE, Verdict.LISTING)]


def seen_at(database: Database, source: str, key: str, at: datetime, *, status: int | None, sha256: str | None) -> bool:
    """Whether a capture of a locator is of that very moment, with that status and snapshot."""
    table = captures.c
    query = select(table.record).where(
        table.source == source, table.key == key, table.observed_at == rows.moment(at), table.status == status
    )
    query = query.where(table.sha256.is_(None) if sha256 is None else table.sha256 == sha256)
    with database.read() as connection:
        return connection.execute(query.limit(1)).first() is not None


def memento_known(database: Database, source: str, key: str, at: datetime) -> bool:
    """Whether an answer that was copied is of that very moment, whatever it was."""
    table = captures.c
    query = select(table.record).where(
        table.source == source, table.key == key, table.observed_at == rows.moment(at), table.status.is_not(None)
    )
    with database.read() as connection:
        return connection.execute(query.limit(1)).first() is not None


def snapshots_at(database: Database, source: str, key: str, at: datetime) -> tuple[str, ...]:
    """The snapshots of a locator that were seen at that very moment."""
    table = captures.c
    query = select(table.sha256).where(
        table.source == source, table.key == key, table.observed_at == rows.moment(at), table.sha256.is_not(None)
    )
    with database.read() as connection:
        return tuple(connection.execute(query.order_by(table.record)).scalars())


def confirmed_at(database: Database, source: str, key: str, at: datetime) -> str | None:
    """The record key of the newest good page of a locator up to a time: what a 304 of that time confirms."""
    table = captures.c
    query = select(table.record).where(
        table.source == source, table.key == key, table.observed_at <= rows.moment(at), table.verdict.in_(_GOOD)
    )
    with database.read() as connection:
        found: str | None = connection.scalar(query.order_by(table.observed_at.desc(), table.record.desc()).limit(1))
    return found


def payloads(database: Database, source: str, key: str, payload_digest: str) -> tuple[str | None, tuple[str, ...]]:
    """(the snapshot of a copy of that digest, if any; the snapshots of the locator that no copy gives a digest of)."""
    table = captures.c
    query = select(table.sha256, table.payload_digest).where(
        table.source == source, table.key == key, table.sha256.is_not(None)
    )
    with database.read() as connection:
        found = connection.execute(query.order_by(table.observed_at.desc())).all()
    said = next((row.sha256 for row in found if row.payload_digest == payload_digest), None)
    told = {row.sha256 for row in found if row.payload_digest is not None}
    return said, tuple(dict.fromkeys(row.sha256 for row in found if row.sha256 not in told))


def recorded_since(database: Database, source: str, key: str, since: datetime) -> str | None:
    """The record key of an answer to an address that was recorded since a time, and would not be another if asked again."""
    table = captures.c
    query = select(table.record).where(
        table.source == source,
        table.key == key,
        table.recorded_at >= rows.moment(since),
        table.status.is_not(None),
        table.status < HTTPStatus.INTERNAL_SERVER_ERROR,
        table.status != HTTPStatus.TOO_MANY_REQUESTS,
    )
    with database.read() as connection:
        found: str | None = connection.scalar(query.order_by(table.recorded_at.desc()).limit(1))
    return found
