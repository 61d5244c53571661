"""What the catalogue knows of the sweep: which locators it makes due, how long ago articles were verified, and 304s.

Hides the SELECTs. Nothing here writes.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, case, func, not_, or_, select

from scraper.catalogue import rows
from scraper.catalogue.database import Database
from scraper.catalogue.tables import captures, locators
from scraper.policy.sweep import Verified


def is_due(now: datetime, sweep: int | None) -> ColumnElement[bool]:
    """The locators whose next visit has come, and those given the last time they were asked for, `sweep` days ago or more."""
    table = locators.c
    visit = table.next_visit_at <= rows.moment(now)
    if sweep is None:
        return visit
    swept = table.last_attempt_at <= rows.moment(now - timedelta(days=sweep))
    return or_(visit, and_(swept, table.failures == 0, table.gone == 0))


def held_nowhere() -> ColumnElement[bool]:
    """The locators whose article is not held, at this address or another of its identity."""
    other = locators.alias("other")
    same = (other.c.source == locators.c.source, other.c.identity == locators.c.identity, other.c.held.is_not(None))
    # Held at an address that says it is gone, and seen at this one since: it may have moved here.
    moved = and_(other.c.gone != 0, other.c.key != locators.c.key, locators.c.first_seen_at > other.c.last_good_at)
    return ~select(other.c.key).where(*same, not_(moved)).exists()


def verified(database: Database, source: str, now: datetime, sweep: int) -> Verified:
    """How long ago the held articles of a source, but for those that are gone, were last verified."""
    table = locators.c
    since, new = rows.moment(now - timedelta(days=sweep)), rows.moment(now - timedelta(days=30))
    query = select(
        func.count(),
        func.count(case((table.last_good_at >= since, 1))),
        func.count(case((table.first_good_at >= new, 1))),
        func.min(table.last_good_at),
    ).where(table.source == source, table.held.is_not(None), table.gone == 0)
    with database.read() as connection:
        held, within, fresh, oldest = connection.execute(query).one()
    return Verified(held=held, within=within, fresh=fresh, oldest_at=rows.maybe_at(oldest))


def unchanged(database: Database, source: str, key: str, record: str | None) -> int:
    """How often a capture of a locator was confirmed by a 304."""
    table = captures.c
    query = select(func.count()).where(
        table.source == source, table.key == key, table.confirms == record, table.record != record
    )
    with database.read() as connection:
        return int(connection.execute(query).scalar() or 0)
