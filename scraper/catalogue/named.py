"""Which objects of the store the catalogue names: what the store's own listing is held against.

Hides the SELECTs. Rows are read as they are asked for, in their order.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import func, select

from scraper.catalogue.database import Database
from scraper.catalogue.tables import captures

_STREAMED = {"yield_per": 1_000}
_END = "~"
"""Sorts after every digest and every key of the store."""


def snapshots(database: Database, beginning: str = "") -> Iterator[tuple[str, str]]:
    """(digest, record key) of every snapshot a capture names, or of those whose digest begins so; by digest."""
    table = captures.c
    query = select(table.sha256, func.min(table.record)).where(
        table.sha256 >= beginning, table.sha256 < beginning + _END
    )
    with database.read() as connection:
        found = connection.execute(query.group_by(table.sha256).order_by(table.sha256), execution_options=_STREAMED)
        yield from ((digest, record) for digest, record in found)


def records(database: Database, folder: str = "") -> Iterator[str]:
    """All record keys the catalogue knows, or those of one folder, in their order."""
    query = select(captures.c.record).where(captures.c.record >= folder, captures.c.record < folder + _END)
    with database.read() as connection:
        yield from connection.execute(query.order_by(captures.c.record), execution_options=_STREAMED).scalars()
