"""An archive of two sources over several days, as it was when a worker began; and what must be true of it after a kill.

A world is made once (`furnished`), by the program's own jobs and a stepped clock, and copied for each series of kills.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from scraper import app
from scraper.archive import open_archive, open_store, sound
from scraper.catalogue.database import open_database
from scraper.catalogue.tables import host_clocks
from scraper.config import load
from scraper.demo.clock import SteppedClock
from scraper.jobs.check import check
from scraper.jobs.crawl import crawl, recheck
from scraper.jobs.rebuild import rebuild
from scraper.jobs.replicate import replicate
from scraper.jobs.seal import seal
from scraper.jobs.services import Services
from scraper.jobs.verified import Share
from scraper.model import Severity
from tests.fast_outlet import configure
from tests.faults.outlet import HOSTS, Given, Outlet
from tests.kept_twice import files
from tests.outside import Outside

DEADLINE = 20
"""Seconds that a request may take; a killed worker's lease ends ten seconds later (docs/fetching.md)."""
_DAYS = 4
_A_DAY = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What was found after a kill: how many captures had been acknowledged, which of them are lost, and what `check` named."""

    acknowledged: int
    lost: tuple[str, ...]
    named: Counter[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """A configured archive in a directory: its store, its replica's place, its catalogue, and the outlet it watches."""

    place: Path
    outlet: Outlet

    @property
    def config(self) -> Path:
        """The configuration's directory."""
        return self.place / "config"

    @property
    def store(self) -> Path:
        """The store's directory."""
        return self.place / "store"

    @property
    def outside(self) -> Outside:
        """The archive as seen from outside."""
        return Outside(config=self.config)

    def copied(self, place: Path) -> World:
        """The same in another place."""
        place.mkdir(parents=True)
        for name in ("store", "copy"):
            if (self.place / name).is_dir():
                shutil.copytree(self.place / name, place / name)
        for part in self.place.glob("catalogue.sqlite3*"):
            shutil.copy(part, place)
        _configured(place, self.outlet)
        return World(place=place, outlet=self.outlet)

    def within(self, work: Callable[[Services], object], **environ: str) -> None:
        """Do something with the services of this world, in this process."""
        with app.services(load(self.config, environ), processes=0, writes=False) as services:
            work(services)

    def objects(self) -> dict[str, bytes]:
        """Every object of the store that is no evidence in quarantine."""
        return files(self.store)

    def seen(
        self,
        before: Mapping[str, bytes],
        answered: Iterable[Given],
        *,
        broken: Mapping[str, bytes | None] | None = None,
        reads: bool = False,
    ) -> Seen:
        """Look at everything after a kill; AssertionError for what must never be.

        `broken` is what was damaged before. Every object is read here; with `reads` (or where something is broken) `check`
        reads them all too.
        """
        damaged = dict(broken or {})
        now = self.objects()
        lost = [key for key, data in before.items() if now.get(key) not in (data, damaged.get(key, data))]
        assert not [key for key in open_store(str(self.store)).list() if key.startswith(".") or "/." in key]
        still = {key for key in damaged if now.get(key) != before[key]}
        told = sound.told(open_store(str(self.store)))
        unsound = {key for key, data in now.items() if sound.unsound(key, data, told)}
        assert unsound == {key for key in still if key in now}, "an object is half written"
        archive = open_archive(open_store(str(self.store)), writable=False)
        captures = list(archive.captures(on_damage=lambda key, _error: lost.append(key) if key not in still else None))
        kept = {(capture.url, capture.sha256) for capture in captures}
        given = list(answered)
        lost.extend(one.url for one in given if (one.url, one.sha256) not in kept)
        rows = self._rows()
        lost.extend(row for row in rows if row not in now and row not in still)
        named = self._named(still, Share() if reads or still else None)
        return Seen(acknowledged=len(rows | {one.sha256 for one in given}), lost=tuple(lost), named=named)

    def _rows(self) -> set[str]:
        """The records of the catalogue, which is sound as a database."""
        path = self.place / "catalogue.sqlite3"
        if not path.exists():
            return set()
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        derived = self.outside.derived()["captures"]
        return {str(row[0]) for row in derived}

    def _named(self, still: set[str], share: Share | None) -> Counter[str]:
        """What `check` says, of a rebuilt catalogue where nothing is broken: nothing is damaged but what is broken `still`, and all that is."""
        named: Counter[str] = Counter()
        fresh = self.place / "fresh.sqlite3"
        for part in self.place.glob("fresh.sqlite3*"):
            part.unlink()
        where = f"sqlite:///{self.place / 'catalogue.sqlite3' if still else fresh}"

        def look(services: Services) -> None:
            if not still:
                assert rebuild(services).findings == ()
            found = check(services, services.config.sources, share=share).findings
            damage = {one.subject for one in found if one.severity is Severity.DAMAGED}
            # An article whose body is damaged is named too, by its address.
            other = sorted({key for key in damage if not key.startswith("http")} ^ still)
            assert not other, f"check does not name what is damaged and nothing else: {other[:3]}"
            named.update(one.kind for one in found if one.kind in ("snapshot-orphan", "unindexed", "capture-truncated"))
            named.update({"damaged": len(damage)} if damage else {})

        self.within(look, SCRAPER_CATALOGUE=where)
        if not still:
            self._agrees(fresh)
        return named

    def _agrees(self, fresh: Path) -> None:
        """The catalogue's captures are among those that a rebuild makes, as a rebuild makes them."""
        if not (self.place / "catalogue.sqlite3").exists():
            return
        with closing(sqlite3.connect(fresh)) as connection:
            connection.execute("ATTACH ? AS live", (str(self.place / "catalogue.sqlite3"),))
            other = "SELECT * FROM live.captures EXCEPT SELECT * FROM captures"
            assert connection.execute(other).fetchall() == [], "a row that no rebuild makes"

    def assert_leases_end(self, killed_at: datetime) -> None:
        """Every lease ends in its stated time; then it is forgotten, so that the next worker need not wait for it."""
        database = open_database(load(self.config, {}).settings.catalogue)
        with closing(database):
            leases = [row[host_clocks.c.keys().index("lease_until")] for row in database.dump(host_clocks)]
        assert all(until <= killed_at.timestamp() + DEADLINE + 10 for until in leases)
        self.outside.forget_leases()


def _configured(place: Path, outlet: Outlet) -> None:
    config = configure(place, outlet.address, hosts=HOSTS, deadline=f"{DEADLINE}s")
    with (config / "scraper.toml").open("a", encoding="utf-8") as file:
        file.write(f'replica = "{(place / "copy").as_uri()}"\n')


def furnished(place: Path, outlet: Outlet) -> World:
    """A world whose workers looked once a day for some days, until yesterday; nothing is sealed, nothing copied."""
    place.mkdir(parents=True)
    _configured(place, outlet)
    world = World(place=place, outlet=outlet)
    clock = SteppedClock(datetime.now(UTC) - timedelta(days=_DAYS))
    with app.services(load(world.config, {}), clock=clock, processes=0) as services:
        for _ in range(_DAYS - 1):
            for source in services.config.sources:
                crawl(services, source, limit=_A_DAY)
                recheck(services, source, limit=1)
            clock.sleep(timedelta(days=1).total_seconds())
    return world


def sealed(world: World, place: Path) -> World:
    """A copy whose days that are over are sealed."""
    copy = world.copied(place)
    copy.within(lambda services: seal(_writing(services), services.config.sources))
    return copy


def replicated(world: World, place: Path) -> World:
    """A sealed copy with a replica that has everything."""
    copy = sealed(world, place)
    copy.within(lambda services: replicate(services, app.replica(services.config)))
    return copy


def _writing(services: Services) -> Services:
    return replace(services, archive=replace(services.archive, writable=True))
