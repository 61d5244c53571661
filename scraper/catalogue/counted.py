"""What is known of an address that a backfill has counted up to.

Hides the SELECTs.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import or_, select

from scraper.catalogue.copied import recorded_since
from scraper.catalogue.database import Database
from scraper.catalogue.tables import captures, locators
from scraper.model import Verdict


def known(database: Database, source: str, key: str, identity: str) -> str | None:
    """The key of a locator that stands for this article, itself or another of its addresses; None where there is none."""
    table = locators.c
    query = select(table.key).where(table.source == source, or_(table.key == key, table.identity == identity))
    with database.read() as connection:
        found: str | None = connection.scalar(query.order_by(table.held.is_(None), table.key).limit(1))
    return found


def answered_since(database: Database, source: str, key: str, since: datetime) -> Verdict | None:
    """What was answered to an address since a time; None where nothing was, or it would be another if asked again.

    A redirect alone is no answer: whoever was killed then has not followed it.
    """
    record = recorded_since(database, source, key, since)
    if record is None:
        return None
    with database.read() as connection:
        verdict = Verdict(connection.scalar(select(captures.c.verdict).where(captures.c.record == record)) or "failed")
    return None if verdict is Verdict.MOVED else verdict
