"""When each part of the store was last read whole: operational, safe to lose (everything is then as if never read).

Hides that a part's time is a cursor.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import select

from scraper.catalogue.tables import cursors

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scraper.catalogue.database import Database

_PREFIX = "verified/"
_DAMAGED = "damaged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """When a part was read, and whether something was damaged in it then."""

    at: datetime
    damaged: bool


def verified(database: Database) -> dict[int, Verified]:
    """What is known of each part; those that never were read are left out."""
    query = select(cursors.c.name, cursors.c.position).where(cursors.c.name.startswith(_PREFIX, autoescape=True))
    with database.read() as connection:
        return {
            int(name.removeprefix(_PREFIX), 16): _verified(position) for name, position in connection.execute(query)
        }


def note_verified(database: Database, parts: Mapping[int, Verified]) -> None:
    """Keep that some parts were read to their end, all together."""
    if not parts:
        return
    statement = database.upsert(cursors)
    statement = statement.on_conflict_do_update(index_elements=["name"], set_={"position": statement.excluded.position})
    values = [{"name": f"{_PREFIX}{part:02x}", "position": _position(found)} for part, found in parts.items()]
    with database.write() as connection:
        connection.execute(statement, values)


def _position(found: Verified) -> str:
    return " ".join((found.at.isoformat(), _DAMAGED) if found.damaged else (found.at.isoformat(),))


def _verified(position: str) -> Verified:
    at, _, damaged = position.partition(" ")
    return Verified(at=datetime.fromisoformat(at), damaged=damaged == _DAMAGED)
