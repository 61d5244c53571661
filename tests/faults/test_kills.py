"""SIGKILL of every job at named seams and at random moments: no acknowledged capture is lost, nothing is half written."""

from __future__ import annotations

import random
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.faults.jobs import JOBS
from tests.faults.killing import Count, Series
from tests.faults.world import World
from tests.nursery import Nursery

AT_RANDOM = {
    "seal": 20,
    "replicate": 30,
    "repair": 30,
    "rebuild": 8,
    "reparse": 8,
    "check --read-data": 14,
    "reconcile": 8,
    "verify-chain": 8,
    "articles": 6,
    "vitals": 6,
    "import warc": 5,
    "fetch": 2,
    "run": 3,
    "crawl": 4,
    "recheck": 2,
    "backfill": 3,
    "backfill --via cdx": 2,
}
"""Kills at random moments; with those at seams more than 200."""
SHORT = ("recheck", "seal", "rebuild", "repair")


def series(name: str, worlds: Mapping[str, World], nursery: Nursery, place: Path, counts: list[Count]) -> Series:
    """The kills of a job, counted."""
    count = Count(job=name)
    counts.append(count)
    return Series(job=JOBS[name], worlds=worlds, nursery=nursery, place=place, count=count, chance=random.Random(name))


@pytest.mark.parametrize("name", SHORT)
def test_killed_at_a_seam_a_job_loses_nothing(
    name: str, worlds: Mapping[str, World], nursery: Nursery, tmp_path: Path, counts: list[Count]
) -> None:
    """At its first seam: everything acknowledged is there, the same command goes on, and a rebuild agrees."""
    series(name, worlds, nursery, tmp_path, counts).kill(JOBS[name].seams[:1])


@pytest.mark.soak
@pytest.mark.parametrize("name", AT_RANDOM)
def test_killed_anywhere_a_job_loses_nothing(
    name: str, worlds: Mapping[str, World], nursery: Nursery, tmp_path: Path, counts: list[Count]
) -> None:
    """At each of its seams, and again and again at random moments."""
    kills = series(name, worlds, nursery, tmp_path, counts)
    kills.measure()
    kills.kill((*JOBS[name].seams, *[None] * AT_RANDOM[name]))
