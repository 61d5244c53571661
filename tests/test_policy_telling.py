"""Whom to tell what, and when to try again: pure rules."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, timedelta
from itertools import pairwise

from scraper.model import ChangeKind, Target
from scraper.policy.mass import with_mass_deletions
from scraper.policy.telling import news, wait
from tests.policy_support import NOON
from tests.test_policy_mass import suspected

DESK = Target(name="desk")


def test_a_mass_deletion_is_told_once_and_its_members_are_not() -> None:
    """Thirty suspicions and their confirmations are one message; a deletion beside them is one of its own."""
    members = suspected(number / 10 for number in range(30))
    confirmed = [replace(each, kind=ChangeKind.CONFIRMED_GONE, after=f"{each.after}-too") for each in members]
    (apart,) = suspected([2000.0])
    apart = replace(apart, url="http://outlet.example/apart", key="apart")
    found = news(with_mass_deletions([*members, *confirmed, apart]), DESK, UTC, NOON)
    assert [each.kind for each in found] == [ChangeKind.MASS_DELETION, ChangeKind.SUSPECT_GONE]
    assert len(found[0].members) == 30
    assert found[1] == apart
    while_it_begins = news(with_mass_deletions(members[:10]), DESK, UTC, NOON)
    assert len(while_it_begins) == 10


def test_what_was_seen_before_is_no_news() -> None:
    """Nor is what a target did not ask for: a kind, a source."""
    early, late = suspected([1.0, 5.0])
    assert news([early, late], DESK, UTC, late.after_at) == (late,)
    assert news([early], replace(DESK, kinds=(ChangeKind.EDITED,)), UTC, NOON) == ()
    assert news([early], replace(DESK, sources=("another",)), UTC, NOON) == ()
    assert news([early], replace(DESK, sources=("outlet", "another")), UTC, NOON) == (early,)
    assert news([replace(early, kind=ChangeKind.COSMETIC)], DESK, UTC, NOON) == ()


def test_waits_double_up_to_six_hours() -> None:
    """From a minute on."""
    waits = [wait(number) for number in range(1, 40)]
    assert waits[0] == timedelta(minutes=1)
    assert all(after == min(2 * before, timedelta(hours=6)) for before, after in pairwise(waits))
    assert waits[-1] == timedelta(hours=6)
