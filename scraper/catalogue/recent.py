"""What was written lately, as the catalogue knows it: to ask the store whether it still has it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from scraper.catalogue import rows
from scraper.catalogue.tables import captures

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scraper.catalogue.database import Database

_STREAMED = {"yield_per": 1_000}


def records_since(database: Database, since: datetime) -> Iterator[str]:
    """The key of every record that was written since then, in their order."""
    table = captures.c
    query = select(table.record).where(table.recorded_at >= rows.moment(since)).order_by(table.record)
    with database.read() as connection:
        yield from connection.execute(query, execution_options=_STREAMED).scalars()


def bodies_since(database: Database, since: datetime) -> Iterator[tuple[str, str]]:
    """(snapshot digest, first record that names it) of every body that was named since then, by digest."""
    table = captures.c
    query = select(table.sha256, func.min(table.record)).where(
        table.recorded_at >= rows.moment(since), table.sha256.is_not(None)
    )
    with database.read() as connection:
        found = connection.execute(query.group_by(table.sha256).order_by(table.sha256), execution_options=_STREAMED)
        yield from ((digest, record) for digest, record in found)
