"""Every question for a source's lists and what came of it, oldest first: what tells why nothing was seen."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select

from scraper.catalogue import rows
from scraper.catalogue.database import Database
from scraper.catalogue.tables import captures
from scraper.model import Role, Verdict
from scraper.policy.interruptions import Asked

_GOOD = frozenset({Verdict.LISTING.value, Verdict.UNCHANGED.value})
_ON_THE_WAY = Verdict.MOVED.value
"""A redirect is no answer of its own: what it leads to comes next."""


def asked(database: Database, source: str) -> Iterator[Asked]:
    """The questions of a source; rows are read as they are asked for."""
    table = captures.c
    query = (
        select(table.observed_at, table.record, table.verdict, table.failure)
        .where(table.source == source, table.role == Role.LISTING.value, table.verdict != _ON_THE_WAY)
        .order_by(table.observed_at, table.record)
    )
    with database.read() as connection:
        for row in connection.execute(query, execution_options={"yield_per": 1_000}):
            said = row.failure if row.failure and row.verdict == Verdict.FAILED.value else row.verdict
            yield Asked(at=rows.at(row.observed_at), record=row.record, said=said, good=row.verdict in _GOOD)
