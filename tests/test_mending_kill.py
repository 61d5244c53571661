"""SIGKILL in the midst of copying and mending: nothing is half written, nothing is lost, and the next run goes on."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from scraper.archive import sound
from scraper.archive.snapshots import digest_of
from tests.commands import ROOT
from tests.kept_twice import files, kept_twice

CHILD = ROOT / "tests" / "mending_child.py"
SIGKILLED = -9


def run(job: str, place: Path, *, fatal: int = 0, after: float | None = None) -> int:
    """Let a worker do a job, until it kills itself at object `fatal`, or is killed `after` seconds of writing."""
    command = [sys.executable, "-W", "error", str(CHILD), job, str(place), str(fatal)]
    with subprocess.Popen(
        command, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        child.stdout.read(1)
        if after is not None:
            threading.Timer(after, child.kill).start()
        child.stdout.read()
        said = child.stderr.read().decode()
    assert child.returncode in (0, SIGKILLED), said
    return child.returncode


def ruin(store: Path, whole: dict[str, bytes]) -> None:
    """Damage every object but format.json, by turns: gone, cut, other."""
    for number, (key, data) in enumerate(sorted(whole.items())):
        if key != "format.json":
            (store / key).unlink()
            if number % 3:
                (store / key).write_bytes(data[: len(data) // 2] if number % 3 == 1 else b"rubbish")


def bodies_are_there(copy: dict[str, bytes]) -> bool:
    """Whether every record of a replica has its body: it is an archive at every moment."""
    held = {digest_of(key) for key in copy}
    named = [key for key, data in copy.items() if key.startswith("captures/") and b'"sha256":"' in data]
    return all(copy[key].split(b'"sha256":"')[-1][:64].decode() in held for key in named)


def assert_nothing_half_written(found: dict[str, bytes], whole: dict[str, bytes]) -> None:
    """Every object that is there is the whole one."""
    assert {key for key, data in found.items() if whole[key] != data} == set()
    assert all(sound.proves(key, data) is not False for key, data in found.items())


@pytest.mark.parametrize("fatal", [1, 30, 80])
def test_a_killed_copying_goes_on(tmp_path: Path, fatal: int) -> None:
    """Killed between writing an object and naming it: the replica holds whole objects, and the next run the rest."""
    with kept_twice(tmp_path, copied=False) as twice:
        whole = files(twice.store)
        assert run("replicate", tmp_path, fatal=fatal) == SIGKILLED
        copied = files(twice.copy)
        assert len(copied) == fatal - 1
        assert_nothing_half_written(copied, whole)
        assert bodies_are_there(copied)
        assert run("replicate", tmp_path) == 0
        assert files(twice.copy) == whole == files(twice.store)


@pytest.mark.parametrize("fatal", [2, 41, 130])
def test_a_killed_repair_goes_on(tmp_path: Path, fatal: int) -> None:
    """Killed on the way to quarantine or back: every object is the damaged or the whole one, and the next run mends the rest."""
    with kept_twice(tmp_path) as twice:
        whole = files(twice.store)
        ruin(twice.store, whole)
        damaged = files(twice.store)
        assert run("repair", tmp_path, fatal=fatal) == SIGKILLED
        between = files(twice.store)
        assert {key for key, data in between.items() if data not in (whole[key], damaged.get(key))} == set()
        assert set(damaged) <= set(between)
        assert run("repair", tmp_path) == 0
        assert files(twice.store) == whole == files(twice.copy)
        kept = {f"quarantine/{key}": data for key, data in damaged.items() if data != whole[key]}
        assert {key: (twice.store / key).read_bytes() for key in kept} == kept


@pytest.mark.parametrize("job", ["replicate", "repair"])
def test_kills_at_random_points_lose_nothing(tmp_path: Path, job: str) -> None:
    """Killed again and again at random points, each run goes on, and the last one ends with both whole."""
    chance = random.Random(7)
    with kept_twice(tmp_path, copied=job == "repair") as twice:
        whole = files(twice.store)
        if job == "repair":
            ruin(twice.store, whole)
        for _ in range(3):
            run(job, tmp_path, after=chance.uniform(0, 0.2))
            if job == "replicate":
                assert_nothing_half_written(files(twice.copy), whole)
        assert run(job, tmp_path) == 0
        assert files(twice.copy) == whole == files(twice.store)
