"""What is to be told to whom: each change once for each target, until it was taken. Operational, safe to lose.

Hides the rows. A notice is kept after it was sent, without its words, so that its change is never told again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Update, func, select, update

from scraper.catalogue import rows
from scraper.catalogue.database import Database
from scraper.catalogue.tables import notices, targets


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One message that waits: of a change, by its id, for one target."""

    target: str
    change: str
    title: str
    body: str
    attempts: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How it stands with a target: since when it is told, how often it failed in a row and why, and when it is tried again."""

    target: str
    begun_at: datetime
    failures: int
    next_at: datetime
    failing: str | None


def begin(database: Database, target: str, now: datetime) -> Standing:
    """The standing of a target; it begins now where it is not known: what was seen before is not told."""
    new = {"target": target, "begun_at": rows.moment(now), "failures": 0, "next_at": rows.moment(now), "failing": None}
    known_already = standing(database, target)
    if known_already is not None:
        return known_already
    with database.write() as connection:
        database.add(connection, targets, [new])
    return standing(database, target) or Standing(target=target, begun_at=now, failures=0, next_at=now, failing=None)


def standing(database: Database, target: str) -> Standing | None:
    """The standing of a target; None where it was never begun with."""
    with database.read() as connection:
        row = connection.execute(select(targets).where(targets.c.target == target)).mappings().first()
    if row is None:
        return None
    return Standing(
        target=target,
        begun_at=rows.at(row["begun_at"]),
        failures=row["failures"],
        next_at=rows.at(row["next_at"]),
        failing=row["failing"],
    )


def add(database: Database, new: Sequence[Notice], now: datetime) -> int:
    """Put notices in that are not there, whether sent or not; how many those are."""
    at = rows.moment(now)
    values = [
        {
            "target": each.target,
            "change": each.change,
            "title": each.title,
            "body": each.body,
            "found_at": at,
            "attempts": 0,
            "next_at": at,
            "sent_at": None,
        }
        for each in new
    ]
    count = select(func.count()).select_from(notices)
    with database.write() as connection:
        before = int(connection.execute(count).scalar() or 0)
        if values:
            database.add(connection, notices, values)
        return int(connection.execute(count).scalar() or 0) - before


def known(database: Database, target: str, changes: Sequence[str]) -> frozenset[str]:
    """Those of some changes that a target was told of, or is to be."""
    query = select(notices.c.change).where(notices.c.target == target)
    with database.read() as connection:
        return frozenset(connection.execute(query).scalars()) & frozenset(changes)


def waiting(database: Database, target: str, now: datetime, limit: int) -> tuple[Notice, ...]:
    """The notices that may be sent to a target now: those that never failed first, then in the order they were found."""
    table = notices.c
    query = (
        select(notices)
        .where(table.target == target, table.sent_at.is_(None), table.next_at <= rows.moment(now))
        .order_by(table.attempts, table.found_at, table.change)
        .limit(limit)
    )
    with database.read() as connection:
        return tuple(
            Notice(
                target=row["target"],
                change=row["change"],
                title=row["title"],
                body=row["body"],
                attempts=row["attempts"],
            )
            for row in connection.execute(query).mappings()
        )


def unsent(database: Database, target: str) -> int:
    """How many notices wait for a target, due or not."""
    query = select(func.count()).select_from(notices).where(notices.c.target == target, notices.c.sent_at.is_(None))
    with database.read() as connection:
        return int(connection.execute(query).scalar() or 0)


def sent(database: Database, notice: Notice, now: datetime) -> None:
    """A target has taken a notice: it is well."""
    at = rows.moment(now)
    with database.write() as connection:
        connection.execute(_one(notice).values(sent_at=at, title="", body=""))
        connection.execute(
            update(targets).where(targets.c.target == notice.target).values(failures=0, next_at=at, failing=None)
        )


def failed(database: Database, notice: Notice, reason: str, again: datetime, target_again: datetime) -> None:
    """A target has not taken a notice: when that one, and when anything is tried again."""
    with database.write() as connection:
        connection.execute(_one(notice).values(attempts=notices.c.attempts + 1, next_at=rows.moment(again)))
        connection.execute(
            update(targets)
            .where(targets.c.target == notice.target)
            .values(failures=targets.c.failures + 1, next_at=rows.moment(target_again), failing=reason)
        )


def _one(notice: Notice) -> Update:
    return update(notices).where(notices.c.target == notice.target, notices.c.change == notice.change)
