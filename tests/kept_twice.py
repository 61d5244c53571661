"""An archive with a replica, for the tests of copying and mending: everything an archive can hold, and ways to damage it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from scraper import app
from scraper.archive.store import Store
from scraper.config import load
from scraper.jobs.rebuild import rebuild
from scraper.jobs.replicate import replicate
from scraper.jobs.services import Services
from tests.commands import ROOT
from tests.sealed_archive import sealed_archive

BESIDE = ("quarantine/", ".tmp/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Twice:
    """An archive in a directory, its replica in another, and the services over both."""

    services: Services
    replica: Store
    store: Path
    copy: Path

    def keys(self, prefix: str) -> list[str]:
        """The keys of the archive."""
        return sorted(key for key in files(self.store) if key.startswith(prefix))

    def key(self, prefix: str) -> str:
        """One of those below a prefix, from the middle."""
        found = self.keys(prefix)
        return found[len(found) // 2]

    def damage(self, key: str, data: bytes | None) -> None:
        """Other bytes in the place of an object, or none."""
        path = self.store / key
        path.unlink()
        if data is not None:
            path.write_bytes(data)


@contextmanager
def kept_twice(place: Path, *, copied: bool = True) -> Iterator[Twice]:
    """Make it, indexed and (unless told otherwise) copied."""
    sealed_archive(place / "store")
    with opened(environment(place)) as services:
        rebuild(services)
        replica = app.replica(services.config)
        assert replica is not None
        if copied:
            assert replicate(services, replica).exit_code() == 0
        yield Twice(services=services, replica=replica, store=place / "store", copy=place / "copy")


def environment(place: Path) -> dict[str, str]:
    """The variables that name the archive in a directory, its replica and its catalogue."""
    return {
        "SCRAPER_STORE": (place / "store").as_uri(),
        "SCRAPER_REPLICA": (place / "copy").as_uri(),
        "SCRAPER_CATALOGUE": f"sqlite:///{place}/catalogue.sqlite3",
    }


@contextmanager
def opened(environ: Mapping[str, str], *, writes: bool = True) -> Iterator[Services]:
    """The services of the shipped configuration with these variables over it."""
    with app.services(load(ROOT / "config", environ), processes=0, check_schema=False, writes=writes) as services:
        yield services


def files(directory: Path) -> dict[str, bytes]:
    """Every object of a local archive, by key; what is in quarantine or under way is none."""
    found = {path.relative_to(directory).as_posix(): path for path in directory.rglob("*") if path.is_file()}
    return {key: path.read_bytes() for key, path in found.items() if not key.startswith(BESIDE)}
