"""A disk that is full, a file that may not grow, and a catalogue that is locked, damaged or cut off: told, and nothing is lost."""

from __future__ import annotations

import resource
import shutil
import sqlite3
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from sqlalchemy.engine import make_url

from scraper import app
from scraper.catalogue.tables import DERIVED
from scraper.config import load
from scraper.config.canaries import canaries, freeze
from scraper.errors import ConfigError
from scraper.jobs.rebuild import rebuild
from scraper.model import Canary, FrozenArticle

if TYPE_CHECKING:
    from tests.commands import Ran
    from tests.faults.world import World
    from tests.nursery import Nursery
    from tests.postgres_server import PostgresServer

pytest_plugins = ["tests.postgres_server"]
ROOMY = 50_000_000


@contextmanager
def disk(place: Path, size: int) -> Iterator[bool]:
    """A small file system in a place, with what was there; False where this user may not mount one."""
    kept = place.with_name(f"{place.name}.kept")
    shutil.copytree(place, kept)
    mounted = _mount(place, f"size={size}")
    if mounted:
        shutil.copytree(kept, place, dirs_exist_ok=True)
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run([str(shutil.which("umount")), "--lazy", str(place)], check=True)


def _mount(place: Path, options: str) -> bool:
    """Mount it, or mount it anew with other options; False where this user may not."""
    program = shutil.which("mount")
    if program is None:
        return False
    words = [program, "-t", "tmpfs", "-o", options, "tmpfs", str(place)]
    return subprocess.run(words, capture_output=True, check=False).returncode == 0


def assert_stopped(ran: Ran, said: str) -> None:
    """Exit code 3, and one line that says why."""
    assert (ran.code, ran.out, ran.err.count("\n")) == (3, b"", 1), ran
    assert said in ran.err


def assert_goes_on(world: World, nursery: Nursery, before: Mapping[str, bytes], number: int) -> None:
    """Nothing acknowledged is lost; the next crawl takes up what was left, and a rebuild agrees."""
    assert world.seen(before, world.outlet.since(number, whole=False)).lost == ()
    number = world.outlet.number()
    ran = nursery.run("crawl", "fast", "--limit", "2", "--config", world.config)
    assert ran.code == 0, ran
    assert world.seen(before, world.outlet.since(number, whole=True)).lost == ()
    world.outside.assert_rebuilds()


def test_a_full_disk_under_the_store(worlds: Mapping[str, World], nursery: Nursery, tmp_path: Path) -> None:
    """The run stops and says so; with room, the same command goes on."""
    world = worlds["loose"].copied(tmp_path / "world")
    before, number = world.objects(), world.outlet.number()
    # A page of memory for each object, and room for ten pages more.
    with disk(world.store, 4096 * (len(before) + 20)) as mounted:
        if not mounted:
            return  # tests/store fills a store by a file size limit
        ran = nursery.run("crawl", "fast", "--config", world.config)
        assert_stopped(ran, "the disk is full: free some space")
        assert _mount(world.store, f"remount,size={ROOMY}")
        assert_goes_on(world, nursery, before, number)


@pytest.mark.soak  # twice a crawl; the disk under the store is the short form
@pytest.mark.parametrize("way", ["limit", "disk"])
def test_no_room_for_the_catalogue(worlds: Mapping[str, World], nursery: Nursery, tmp_path: Path, way: str) -> None:
    """The page is archived before its row is refused: the run stops, and the next one indexes it."""
    world = worlds["loose"].copied(tmp_path / "world")
    catalogue = world.place / "catalogue.sqlite3"
    before, number = world.objects(), world.outlet.number()
    if way == "limit":
        worker = nursery.start("crawl", "fast", "--config", world.config, largest=catalogue.stat().st_size + 20_000)
        assert_stopped(worker.end(), f"catalogue sqlite:///{catalogue}")
        assert_goes_on(world, nursery, before, number)
        return
    with disk(world.place, _size(world.place) + 300_000) as mounted:
        if not mounted:
            return
        ran = nursery.run("crawl", "fast", "--config", world.config)
        assert (ran.code, ran.err.count("\n")) == (3, 1), ran
        assert _mount(world.place, f"remount,size={ROOMY}")
        assert_goes_on(world, nursery, before, number)


def _size(place: Path) -> int:
    """What the files of a directory take, a page of memory each at least."""
    return sum(-(-path.stat().st_size // 4096) * 4096 for path in place.rglob("*"))


@pytest.mark.parametrize("what", ["middle", pytest.param("head", marks=pytest.mark.soak)])
def test_a_damaged_catalogue_is_told_with_its_remedy(
    worlds: Mapping[str, World], nursery: Nursery, tmp_path: Path, what: str
) -> None:
    """Rubbish in the file: exit code 3; moved away as the message says, a rebuild brings everything back."""
    world = worlds["loose"].copied(tmp_path / "world")
    derived = world.outside.derived()
    catalogue = world.place / "catalogue.sqlite3"
    with catalogue.open("r+b") as file:
        file.seek(0 if what == "head" else 4096)
        file.write(b"rubbish" * (20 if what == "head" else 20_000))
    ran = nursery.run("crawl", "fast", "--limit", "2", "--config", world.config)
    assert_stopped(ran, "a catalogue that is damaged: move it away, then run `scraper rebuild`")
    for part in world.place.glob("catalogue.sqlite3*"):
        part.unlink()
    assert nursery.run("rebuild", "--config", world.config).code == 0
    assert world.outside.derived() == derived


@pytest.mark.soak  # as long as a writer's patience
def test_a_locked_catalogue_is_waited_for_and_then_told(
    worlds: Mapping[str, World], nursery: Nursery, tmp_path: Path
) -> None:
    """Somebody holds the catalogue and does not let go: exit code 3 after half a minute, and nothing is lost."""
    world = worlds["loose"].copied(tmp_path / "world")
    before, number = world.objects(), world.outlet.number()
    worker = nursery.start("crawl", "fast", "--config", world.config)
    with closing(sqlite3.connect(world.place / "catalogue.sqlite3", isolation_level=None, timeout=60)) as other:
        while world.outlet.number() < number + 3:
            threading.Event().wait(0.01)
        other.execute("BEGIN IMMEDIATE")
        assert_stopped(worker.end(), "database is locked")
    assert_goes_on(world, nursery, before, number)


def test_a_database_server_that_ends_every_session(
    worlds: Mapping[str, World], nursery: Nursery, tmp_path: Path, postgres: PostgresServer
) -> None:
    """Cut off from PostgreSQL in the midst of a crawl: exit code 3, or, between two questions, a new connection; nothing is lost."""
    world = worlds["loose"].copied(tmp_path / "world")
    url = postgres.new_database()
    env = {"SCRAPER_CATALOGUE": url}
    assert nursery.run("rebuild", "--config", world.config, env=env).code == 0
    before, number = world.objects(), world.outlet.number()
    worker = nursery.start("crawl", "fast", "--config", world.config, env=env)
    while world.outlet.number() < number + 4:
        assert worker.ended() is None
        threading.Event().wait(0.005)
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        ends = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
        connection.execute(ends, (make_url(url).database,))
    ran = worker.end()
    if ran.code != 0:
        # The server's own word, or the driver's of a connection that is gone; the pool may complain before it.
        assert (ran.code, ran.out, ran.err.splitlines()[-1].startswith("error: catalogue postgresql")) == (3, b"", True)
    assert world.seen(before, world.outlet.since(number, whole=False)).lost == ()
    assert nursery.run("crawl", "fast", "--limit", "2", "--config", world.config, env=env).code == 0
    with app.services(load(world.config, env), processes=0, writes=False) as services:
        live = {table.name: services.database.dump(table) for table in DERIVED}
        assert rebuild(services).findings == ()
        assert {table.name: services.database.dump(table) for table in DERIVED} == live


def test_canaries_outlive_a_full_disk(tmp_path: Path) -> None:
    """One that cannot be written takes none of those before it along."""
    frozen = FrozenArticle(title_sha256="1" * 64, text_sha256="2" * 64, published="2026-01-01")
    one, other = (
        Canary(url=f"http://a.example/{name}", record=f"captures/a/{name}.json", snapshot="3" * 64, articles=(frozen,))
        for name in ("one", "other")
    )
    freeze(tmp_path, "a", one)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, before[1]))
    try:
        with pytest.raises(ConfigError, match="cannot be written: File too large"):
            freeze(tmp_path, "a", other)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert canaries(tmp_path, "a") == (one,)
    freeze(tmp_path, "a", other)
    assert canaries(tmp_path, "a") == (one, other)
