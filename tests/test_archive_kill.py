"""SIGKILL at random points and exactly between writing and naming: what was acknowledged is there, whole."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from scraper.archive import open_archive, open_store
from tests.examined_archive import ORPHAN, wrong_in

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

ROOT = Path(__file__).resolve().parents[1]
CHILD = ROOT / "tests" / "archive_child.py"
SIGKILLED = -9


@dataclass(frozen=True, slots=True, kw_only=True)
class Death:
    """How a worker ended: the record keys it acknowledged, and the key it was about to publish, if it said so."""

    acknowledged: frozenset[str]
    unpublished: str


def _run(directory: Path, turn: int, *, fatal: int = 0, after: float | None = None) -> Death:
    """Let a worker archive until it kills itself at object `fatal`, or is killed `after` seconds of work."""
    command = [sys.executable, "-W", "error", str(CHILD), str(directory), str(turn), str(fatal)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        first = child.stdout.readline() if after is not None else b""
        if after is not None:
            killer = threading.Timer(after, child.kill)
            killer.start()
        out, err = child.stdout.read(), child.stderr.read()
    assert child.returncode == SIGKILLED, err.decode()
    # A line without its end was cut by the kill: not an acknowledgement.
    lines = (first + out).split(b"\n")[:-1]
    return Death(acknowledged=frozenset(line.decode() for line in lines), unpublished=err.decode())


def _assert_intact(directory: Path, acknowledged: AbstractSet[str]) -> None:
    """Every acknowledged record is there with its body, and nothing in the archive is half there."""
    archive = open_archive(open_store(str(directory)), writable=False)
    assert [found for found in wrong_in(archive.store) if found[0] != ORPHAN] == []
    held = {capture.record for capture in archive.captures(on_damage=lambda key, error: pytest.fail(f"{key}: {error}"))}
    assert acknowledged <= held
    visible = {path.relative_to(directory).as_posix() for path in directory.rglob("*") if path.is_file()}
    assert {name for name in visible if not name.startswith(".tmp/")} == set(archive.store.list())


def _kill_at_random(directory: Path, rounds: int) -> None:
    chance = random.Random(rounds)
    acknowledged: set[str] = set()
    for turn in range(rounds):
        death = _run(directory, turn, after=chance.uniform(0, 0.15))
        assert death.acknowledged
        acknowledged |= death.acknowledged
        _assert_intact(directory, acknowledged)


def _kill_before_publishing(directory: Path, rounds: int) -> None:
    """Each round dies one object later: at format.json first, then by turns at snapshots and records."""
    acknowledged: set[str] = set()
    for turn in range(rounds):
        before = len(list(directory.glob(".tmp/*")))
        death = _run(directory, turn, fatal=turn + 1)
        assert death.unpublished
        assert not (directory / death.unpublished).exists()
        assert len(list(directory.glob(".tmp/*"))) == before + 1
        acknowledged |= death.acknowledged
        if (directory / "format.json").exists():
            _assert_intact(directory, acknowledged)
    assert acknowledged


def test_random_kills_lose_nothing(tmp_path: Path) -> None:
    """A worker killed twenty times at random points loses nothing it acknowledged and leaves nothing half there."""
    _kill_at_random(tmp_path, 20)


def test_kills_before_publishing_lose_nothing(tmp_path: Path) -> None:
    """A worker killed ten times exactly between temporary write and name leaves no trace of that object."""
    _kill_before_publishing(tmp_path, 10)


@pytest.mark.soak
def test_many_kills_lose_nothing(tmp_path: Path) -> None:
    """The same, three hundred times at random and sixty times before publishing."""
    _kill_at_random(tmp_path / "random", 300)
    _kill_before_publishing(tmp_path / "publishing", 60)


def test_orphan_of_a_crash_is_only_noted(tmp_path: Path) -> None:
    """Killed between snapshot and record, a worker leaves an orphan body: a note, until the attempt is saved again."""
    # Object 1 is format.json, 2 the first snapshot, 3 its record.
    death = _run(tmp_path, 0, fatal=3)
    assert death.unpublished.startswith("captures/")
    archive = open_archive(open_store(str(tmp_path)), writable=True)
    assert [what for what, _ in wrong_in(archive.store)] == [ORPHAN]
    # The same attempts again: that body is found there, its record is written, and the worker gets two further on.
    again = _run(tmp_path, 0, fatal=4)
    assert death.unpublished in again.acknowledged
    assert wrong_in(archive.store) == []
