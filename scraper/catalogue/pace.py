"""The shared clock of every host group: who may ask now, when the next may, and until when nobody may.

Hides the row in the database that all threads and processes share (docs/fetching.md, "Pace"). A lease ends by itself at
its deadline, so a killed process frees its host.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import or_, select, update

from scraper.catalogue.database import Database
from scraper.catalogue.tables import host_clocks

_POLL = timedelta(milliseconds=200)
"""When to ask again for a turn that somebody else holds: its lease's end is only the latest moment it can be free."""


class SharedPace:
    """`fetch.Pace` over the catalogue's `host_clocks`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def acquire(self, group: str, owner: str, now: datetime, lease_until: datetime) -> datetime | None:
        """Take the host's only token; None when granted, else when to ask again."""
        moment = now.timestamp()
        clock = host_clocks.c
        free = (
            clock.host_group == group,
            or_(clock.owner.is_(None), clock.lease_until <= moment),
            clock.next_allowed_at <= moment,
            clock.stopped_until <= moment,
        )
        with self._database.write() as connection:
            connection.execute(self._database.upsert(host_clocks).values(_new(group)).on_conflict_do_nothing())
            taken = connection.execute(
                update(host_clocks).where(*free).values(owner=owner, lease_until=lease_until.timestamp())
            )
            if taken.rowcount:
                return None
            row = connection.execute(select(host_clocks).where(clock.host_group == group)).mappings().one()
        busy_until = min(row["lease_until"], (now + _POLL).timestamp()) if row["owner"] else 0.0
        return _time(max(busy_until, row["next_allowed_at"], row["stopped_until"]))

    def release(self, group: str, owner: str, next_allowed_at: datetime) -> None:
        """Give the token back; the next request may start at `next_allowed_at`, measured from completion."""
        clock = host_clocks.c
        with self._database.write() as connection:
            connection.execute(
                update(host_clocks)
                .where(clock.host_group == group, clock.owner == owner)
                .values(owner=None, lease_until=0.0, next_allowed_at=next_allowed_at.timestamp()),
            )

    def stop_until(self, group: str, until: datetime, why: str) -> None:
        """Leave the host alone until then, for every process and across restarts; never shortens an earlier stop."""
        clock = host_clocks.c
        with self._database.write() as connection:
            connection.execute(self._database.upsert(host_clocks).values(_new(group)).on_conflict_do_nothing())
            connection.execute(
                update(host_clocks)
                .where(clock.host_group == group, clock.stopped_until < until.timestamp())
                .values(stopped_until=until.timestamp(), stopped_why=why),
            )

    def stopped_until(self, group: str, now: datetime) -> datetime | None:
        """Until when the host asked to be left alone; None where it did not, or that time has passed."""
        with self._database.read() as connection:
            query = select(host_clocks.c.stopped_until).where(host_clocks.c.host_group == group)
            until = connection.execute(query).scalar()
        return _time(until) if until and until > now.timestamp() else None


def _new(group: str) -> dict[str, object]:
    return {"host_group": group, "owner": None, "lease_until": 0.0, "next_allowed_at": 0.0, "stopped_until": 0.0}


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
