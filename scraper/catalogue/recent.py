"""What was written lately, as the catalogue knows it: to ask the store whether it still has it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import select

from scraper.catalogue import rows
from scraper.catalogue.tables import captures

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scraper.catalogue.database import Database


def written_since(database: Database, since: datetime) -> Iterator[tuple[str, str | None]]:
    """Record key and snapshot digest of every capture recorded since then, in the order of the keys."""
    table = captures.c
    query = select(table.record, table.sha256).where(table.recorded_at >= rows.moment(since)).order_by(table.record)
    with database.read() as connection:
        for row in connection.execute(query):
            yield row.record, row.sha256
