"""The replayed history: its short form names every incident and invents nothing, and the scoring would have noticed."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from benchmarks.history.play import Played, played_in_memory
from benchmarks.history.scoring import DELETIONS, EDITS, Scored, score
from benchmarks.history.script import PURGED, scripted
from benchmarks.history.world import World
from scraper.model import Change, ChangeKind

ROOT = Path(__file__).resolve().parents[1]
DAYS, SEED = 10, 2018
NAMED_BY_THE_ISSUE = {
    "one word",
    "swap",
    "deleted",
    "deleted and back",
    "purge of 500",
    "block-page",
    "geo-block",
    "own outage",
    "redesign",
    "delisted",
    "own clock wrong",
    "zone changed",
}


@pytest.fixture(scope="module")
def world() -> World:
    """Ten days of the history."""
    return scripted(DAYS, SEED)


@pytest.fixture(scope="module")
def played(world: World) -> Played:
    """The same, lived through."""
    return played_in_memory(world)


def with_changes(played: Played, *changes: Change) -> Played:
    """What was reported, with other changes."""
    return replace(played, changed=replace(played.changed, changes=changes))


def faults(scored: Scored) -> list[str]:
    """Everything that is wrong with what was reported, for a person."""
    missed = [f"{incident.kind} {incident.about}: {gone}" for incident, gone in scored.missed if gone]
    return missed + [
        line for row in scored.rows.values() if not row.holds for line in (row.kind, *row.false, *row.late)
    ]


def test_every_incident_of_ten_days_is_named_and_none_invented(world: World, played: Played) -> None:
    """A dozen incidents and more, over HTTP and by the daemon's jobs: no false edit, no false deletion, nothing late."""
    scored = score(world, played)
    assert faults(scored) == []
    assert scored.holds
    assert scored.false((*EDITS, *DELETIONS)) == []
    assert len({incident.kind for incident in world.truth.incidents}) >= 12


def test_a_missed_an_invented_and_a_late_change_are_noticed(world: World, played: Played) -> None:
    """The scoring is no rubber stamp: whatever is taken from the report, put into it or put off costs it its grade."""
    told = played.changed.changes
    edit = next(change for change in told if change.kind is ChangeKind.EDITED)
    missed = score(world, with_changes(played, *(change for change in told if change is not edit)))
    assert missed.rows["changes", "edited"].recall < 1
    assert not missed.holds
    elsewhere = next(each for each in world.stories if each.outlet == edit.source and each.url != edit.url)
    invented = score(world, with_changes(played, *told, replace(edit, url=elsewhere.url)))
    assert len(invented.false(EDITS)) == 1
    assert invented.rows["changes", "edited"].precision < 1
    twice = score(world, with_changes(played, *told, edit))
    assert len(twice.false(EDITS)) == 1
    late = [
        replace(change, after_at=change.after_at + timedelta(days=9)) if change is edit else change for change in told
    ]
    assert not score(world, with_changes(played, *late)).holds
    gone = replace(edit, kind=ChangeKind.SUSPECT_GONE)
    assert len(score(world, with_changes(played, *told, gone)).false(DELETIONS)) == 1


def test_a_forgotten_window_or_article_is_noticed(world: World, played: Played) -> None:
    """What nobody saw must be told of the day it was of, and each day has as many articles as it had."""
    days = played.checked.days
    blank = replace(played, checked=replace(played.checked, days=tuple(replace(day, unobserved="") for day in days)))
    assert score(world, blank).rows["check", "unobserved"].recall == 0
    fewer = replace(played, checked=replace(played.checked, days=(replace(days[3], expected=1), *days[4:])))
    assert len(score(world, fewer).rows["check", "articles a day"].false) > 1


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_sixty_days_have_forty_incidents_and_more_of_every_kind(seed: int) -> None:
    """Forty incidents and more, every one of them over and told before the last day; a purge has all its members."""
    world = scripted(60, seed)
    incidents = world.truth.incidents
    assert len(incidents) >= 40
    assert {incident.kind for incident in incidents} >= NAMED_BY_THE_ISSUE
    expected = [each for incident in incidents for each in incident.expects]
    assert [each for each in expected if each.by > world.ticks[-1] + timedelta(hours=2)] == []
    assert [len(each.members) for each in expected if each.kind == "mass-deletion"] == [PURGED]


@pytest.mark.soak
def test_every_incident_of_sixty_days_is_named_and_none_invented() -> None:
    """The whole history, as a person runs it."""
    command = [sys.executable, "-m", "benchmarks.history", "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    told = json.loads(done.stdout)
    assert (told["missed"], told["false_edits"], told["false_deletions"]) == ([], [], [])
    assert done.returncode == 0
    assert told["incidents"] >= 40
