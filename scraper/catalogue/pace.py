"""The shared clock of every host group: who may ask now, who is next and when, and until when nobody may.

Hides the row in the database that all threads and processes share (docs/fetching.md, "Pace"). A lease ends by itself at
its deadline, so a killed process frees its host. What is allowed when is decided in `policy.pace`.
"""

from __future__ import annotations

import json
import threading
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import bindparam, select, update

from scraper.catalogue.database import Database, Direct
from scraper.catalogue.rows import Row
from scraper.catalogue.tables import host_clocks
from scraper.policy.pace import HostClock, Limits, Spent, Wait, Waiter, asked, given_back, stopped

_FREE = Limits()
_TIMES = ("lease_until", "next_allowed_at", "stopped_until", "open_until")
_PLAIN = tuple(field.name for field in fields(HostClock) if field.name not in (*_TIMES, "waiting"))
_STOPS = ("stopped_until", "stopped_why")
_ASKED = ("owner", "lease_until", "day", "requests", "wire_bytes", "waiting")
_TURN = tuple(field.name for field in fields(HostClock) if field.name not in (*_STOPS, "waiting"))
"""What the holder of the turn writes: nobody else does meanwhile. Anybody may write a stop, and a place in the line."""

# Built once: every request reads its host's row and writes it twice.
_READ = select(host_clocks).where(host_clocks.c.host_group == bindparam("group")).with_for_update()
_ASK = (
    update(host_clocks)
    .where(host_clocks.c.host_group == bindparam("group"))
    .values({name: bindparam(name) for name in _ASKED})
)
_GIVE_BACK = (
    update(host_clocks)
    .where(host_clocks.c.host_group == bindparam("group"), host_clocks.c.owner == bindparam("holder"))
    .values({name: bindparam(name) for name in _TURN})
)
_STOP = (
    update(host_clocks)
    .where(host_clocks.c.host_group == bindparam("group"))
    .values({name: bindparam(name) for name in _STOPS})
)


class SharedPace:
    """`fetch.Pace` over the catalogue's `host_clocks`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._held: dict[tuple[str, str], HostClock] = {}
        self._lock = threading.Lock()

    def acquire(
        self, group: str, owner: str, now: datetime, lease_until: datetime, limits: Limits = _FREE
    ) -> Wait | None:
        """Take the host's only token; None when granted, else when to ask again and what stops us."""
        with self._database.direct() as direct:
            wait, after = asked(_clock(direct, group), limits, owner, now, lease_until)
            if wait is None or not wait.kind:
                direct.run(_ASK, {"group": group, **_values(after, _ASKED)})
        if wait is None:
            with self._lock:
                self._held[group, owner] = after
        return wait

    def release(self, group: str, owner: str, now: datetime, spent: Spent, limits: Limits = _FREE) -> None:
        """Give the token back; the gap to the next request is measured from `now`."""
        with self._lock:
            held = self._held.pop((group, owner), None)
        if held is None:
            return
        written = _values(given_back(held, limits, spent, now), _TURN)
        with self._database.direct() as direct:
            direct.run(_GIVE_BACK, {"group": group, "holder": owner, **written})

    def stop_until(self, group: str, until: datetime, why: str) -> None:
        """Leave the host alone until then, for every process and across restarts; never shortens an earlier stop."""
        with self._database.direct() as direct:
            clock = stopped(_clock(direct, group), until, why)
            direct.run(_STOP, {"group": group, **_values(clock, _STOPS)})


def _clock(direct: Direct, group: str) -> HostClock:
    row = direct.first(_READ, {"group": group})
    if row is None:
        direct.add(host_clocks, {"host_group": group, **_values(HostClock(), (*_PLAIN, *_TIMES, "waiting"))})
        row = direct.first(_READ, {"group": group})
        assert row is not None
    return _read(row)


def _read(row: Row) -> HostClock:
    known: dict[str, Any] = {name: row[name] for name in _PLAIN}
    known.update((name, datetime.fromtimestamp(row[name], UTC)) for name in _TIMES)
    waiting = tuple(
        Waiter(owner=owner, since=datetime.fromtimestamp(since, UTC), asked_at=datetime.fromtimestamp(asked_at, UTC))
        for owner, since, asked_at in json.loads(row["waiting"])
    )
    return HostClock(**known, waiting=waiting)


def _values(clock: HostClock, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: _value(getattr(clock, name)) for name in names}


def _value(value: datetime | tuple[Waiter, ...] | str | float | None) -> str | float | None:
    if isinstance(value, datetime):
        return value.timestamp()
    if isinstance(value, tuple):
        return json.dumps([[one.owner, one.since.timestamp(), one.asked_at.timestamp()] for one in value])
    return value
