"""The completeness report rests on the bucket alone: another machine makes the same of it, in whatever order it lists."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from scraper import app
from scraper.archive.archive import Archive
from scraper.archive.store_local import LocalStore
from scraper.config import load
from scraper.jobs.damage import damage
from tests.small_archive import Small, small_archive

DAYS = ("--since", "2026-08-31", "--until", "2026-09-02")


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Small]:
    """Half a day of the replica outlets."""
    with small_archive(tmp_path_factory.mktemp("base") / "archive") as made:
        yield made


class Backwards(LocalStore):
    """A store that tells its folders in the opposite order, as it may."""

    def list(self, prefix: str = "") -> Iterator[str]:
        """The keys of one folder together and in order; the last folder first."""
        folders = [list(keys) for _, keys in groupby(super().list(prefix), key=lambda key: key.rpartition("/")[0])]
        yield from (key for keys in reversed(folders) for key in keys)


def test_the_order_of_a_stores_folders_makes_no_difference(base: Small, tmp_path: Path) -> None:
    """A lost snapshot, a lost record, a lost folder and a record nobody indexed are found, whichever is told first."""
    own = base.copy(tmp_path / "own")
    store = own.directory / "archive" / "store"
    next((store / "snapshots").rglob("*.zst")).unlink()
    of_kcna, of_watch = sorted((store / "captures/replica-kcna").rglob("*.json")), store / "captures/replica-watch"
    of_kcna[0].unlink()
    lost = sorted(of_watch.rglob("*.json"))
    shutil.rmtree(of_watch)
    (of_kcna[1].parent / "235959999-0123456789abcdef.json").write_bytes(b"{}")
    with app.services(load(own.directory / "config", {}), processes=0, writes=False) as built:
        backwards = replace(built, archive=Archive(store=Backwards(store), writable=False))
        ways = [list(damage(each, built.config.sources)) for each in (built, backwards)]
    assert ways[0] == ways[1]
    found = [(finding.kind, finding.subject) for finding in ways[0]]
    assert [kind for kind, _ in found] == [
        "missing-snapshot",
        *["missing-record"] * (1 + len(lost)),
        "unindexed",
    ]
    assert {subject for kind, subject in found if kind == "missing-record"} == {
        path.relative_to(store).as_posix() for path in (of_kcna[0], *lost)
    }


def test_another_machine_reports_the_same_from_the_bucket(base: Small, tmp_path: Path) -> None:
    """From a copy of the store and the configuration, `rebuild` and `check` give the report but for its own times."""
    here = base.run("check", *DAYS, "--json")
    other = base.copy(tmp_path / "other")
    for path in (other.directory / "archive").iterdir():
        if path.name != "store":
            path.unlink()
    assert other.run("rebuild").code == 0
    there = other.run("check", *DAYS, "--json")
    assert (there.code, timeless(there.report)) == (here.code, timeless(here.report))
    assert there.report["counts"]["expected"] > 0


def timeless(report: dict[str, Any]) -> dict[str, Any]:
    """A report without the times at which it was made."""
    return {name: value for name, value in report.items() if name not in ("started_at", "ended_at")}
