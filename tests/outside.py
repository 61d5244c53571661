"""An archive as seen from outside the program that fills it: its objects, its records, its catalogue's rows."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete

from scraper import app
from scraper.archive import open_archive, open_store
from scraper.catalogue.database import open_database
from scraper.catalogue.tables import DERIVED, host_clocks
from scraper.config import load
from scraper.jobs.rebuild import rebuild
from scraper.model import Capture, Verdict
from tests.examined_archive import ORPHAN, wrong_in


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """The store and catalogue that a configuration directory names."""

    config: Path

    @property
    def store(self) -> str:
        """The store's URL."""
        return load(self.config, {}).settings.store

    def captures(self) -> list[Capture]:
        """All records, each of them readable."""
        archive = open_archive(open_store(self.store), writable=False)
        return list(archive.captures(on_damage=lambda key, error: pytest.fail(f"{key}: {error}")))

    def held(self) -> set[str]:
        """The addresses of which a good page is on record."""
        return {capture.url for capture in self.captures() if capture.verdict is Verdict.ARTICLE}

    def objects(self) -> dict[str, int]:
        """Every object of the store, with its size."""
        store = open_store(self.store)
        return {key: store.size(key) or 0 for key in store.list()}

    def damage(self) -> list[tuple[str, str]]:
        """What is wrong with the stored objects themselves; everything is read."""
        return [found for found in wrong_in(open_store(self.store)) if found[0] != ORPHAN]

    def derived(self) -> dict[str, list[tuple[Any, ...]]]:
        """The rows of every derived table."""
        database = open_database(load(self.config, {}).settings.catalogue)
        try:
            return {table.name: database.dump(table) for table in DERIVED}
        finally:
            database.close()

    def assert_rebuilds(self) -> None:
        """The catalogue is, row for row, what a rebuild makes of the store."""
        live = self.derived()
        with app.services(load(self.config, {}), processes=0) as services:
            assert rebuild(services).findings == ()
        rebuilt = self.derived()
        for name, rows in live.items():
            assert rebuilt[name] == rows, f"table {name}"

    def forget_leases(self) -> None:
        """Lose the operational table of leases: the next worker need not wait until a dead one's has ended."""
        database = open_database(load(self.config, {}).settings.catalogue)
        with database.write() as connection:
            connection.execute(delete(host_clocks))
        database.close()
