"""Which changes are given to whom asks: kinds, days, size, title; and the id that stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from scraper.model import Change, ChangeKind
from scraper.policy.selection import Selection
from tests.policy_support import NOON, URL

PYONGYANG = ZoneInfo("Asia/Pyongyang")
EDIT = Change(
    source="outlet",
    url=URL,
    key="k",
    title="Minister’s visit to Wonsan",
    kind=ChangeKind.EDITED,
    before="captures/outlet/0",
    after="captures/outlet/1",
    before_at=NOON - timedelta(hours=1),
    after_at=NOON,
    words_removed=2,
    words_added=1,
)


@pytest.mark.parametrize(
    ("wanted", "taken"),
    [
        (Selection(), True),
        (Selection(kinds=frozenset({ChangeKind.EDITED})), True),
        (Selection(kinds=frozenset({ChangeKind.RETURNED})), False),
        (Selection(since=date(2026, 8, 22), until=date(2026, 8, 22)), True),
        (Selection(since=date(2026, 8, 23)), False),
        (Selection(until=date(2026, 8, 21)), False),
        (Selection(min_words=3), True),
        (Selection(min_words=4), False),
        (Selection(title="minister's VISIT"), True),
        (Selection(title="harvest"), False),
    ],
)
def test_each_condition_alone(wanted: Selection, taken: bool) -> None:  # noqa: FBT001 - a table's column
    """Both days included, the title by its comparison form, removed and added words together."""
    assert wanted.takes(EDIT, PYONGYANG) is taken


def test_days_are_the_outlets() -> None:
    """At 20:00 UTC it is the next day in Pyongyang."""
    late = replace(EDIT, after_at=NOON + timedelta(hours=8))
    assert not Selection(until=date(2026, 8, 22)).takes(late, PYONGYANG)
    assert Selection(since=date(2026, 8, 23)).takes(late, PYONGYANG)


def test_cosmetic_changes_are_given_only_to_whom_names_them() -> None:
    """They are recorded, and are no edits."""
    cosmetic = replace(EDIT, kind=ChangeKind.COSMETIC, words_removed=0, words_added=0)
    assert not Selection().takes(cosmetic, PYONGYANG)
    assert Selection(kinds=frozenset({ChangeKind.COSMETIC})).takes(cosmetic, PYONGYANG)


def test_a_deletion_has_no_size() -> None:
    """Whoever asks for large edits is told of deletions too."""
    assert Selection(min_words=50).takes(replace(EDIT, kind=ChangeKind.CONFIRMED_GONE, words_removed=0), PYONGYANG)


def test_an_id_names_one_change() -> None:
    """It depends on what shows the change, and not on what a parser makes of the words."""
    assert EDIT.id == replace(EDIT, words_added=7, title="other").id
    others = (
        {"kind": ChangeKind.RETITLED},
        {"after": "captures/outlet/2"},
        {"before": "captures/outlet/2"},
        {"key": "l"},
        {"url": f"{URL}#2"},
    )
    assert len({EDIT.id, *(replace(EDIT, **other).id for other in others)}) == len(others) + 1
