"""How many articles are usual on such a day: learned per weekday, never from too few, and only said where no list tells."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.model import DayCount, Severity
from scraper.policy.usual import WEEKS, Usual, with_usual
from tests.test_policy_rhythm import DAY, MONDAY, source


def learned(numbers: Sequence[int], *, days_off: tuple[str, ...] = (), held: bool = True) -> Usual:
    """An outlet with so many articles a day, from a Monday on."""
    found = Usual(source(days_off=days_off))
    for place, number in enumerate(numbers):
        for _ in range(number):
            found.add(MONDAY + place * DAY, held=held)
    return found


def always(_: date) -> bool:
    """No list shows any day as a whole."""
    return True


def weeks(*numbers: int) -> list[int]:
    """Weeks with so many articles on Mondays and five on every other day."""
    return [each for number in numbers for each in (number, 5, 5, 5, 5, 5, 5)]


def test_a_day_with_fewer_than_usual_is_a_note() -> None:
    """It says how many are usual on which weekday, and the command that looks for the rest."""
    found = learned(weeks(*[9] * 10, 2, *[11] * 10))
    monday = MONDAY + 70 * DAY
    ranges, (note,) = found.unusual(None, None, always)
    assert ranges[monday] == (9, 11)
    assert (note.kind, note.severity, note.day) == ("inferred", Severity.NOTE, monday)
    assert note.reason == "2 articles, usually 9-11 on a Monday; no list shows them as a whole"
    assert note.repair == f"scraper backfill outlet --since {monday} --until {monday}"


def test_a_day_that_a_list_shows_as_a_whole_is_not_judged() -> None:
    """There the list is the evidence; nor is a day outside of those asked about."""
    found = learned(weeks(*[9] * 10, 2, *[11] * 10))
    monday = MONDAY + 70 * DAY
    assert found.unusual(None, None, lambda day: day != monday)[1] == ()
    assert found.unusual(None, monday - DAY, always)[1] == ()
    assert found.unusual(monday + DAY, None, always)[1] == ()
    assert set(found.unusual(monday, monday, always)[0]) == {monday}


def test_days_in_a_row_are_one_note() -> None:
    """A hole of two weeks in a past that was imported: nothing is known of it, and much is usual."""
    numbers = [5] * 140 + [0] * 14 + [5] * 140
    ranges, (note,) = learned(numbers).unusual(None, None, always)
    first = MONDAY + 140 * DAY
    assert note.subject == f"outlet {first} to {first + 13 * DAY}"
    assert note.reason == "0 articles, usually 70-70 on these 14 days; no list shows them as a whole"
    days = with_usual((), {("outlet", day): usual for day, usual in ranges.items()})
    assert {day.usual for day in days} == {(5, 5)}


@pytest.mark.parametrize("known", [WEEKS - 1, WEEKS])
def test_a_least_number_of_weeks(known: int) -> None:
    """Of seven Mondays nothing is learned, of eight something is; what was never held teaches nothing."""
    numbers = weeks(*[9] * known, 1)
    monday = MONDAY + known * 7 * DAY
    assert learned(numbers).on(monday) == ((9, 9) if known >= WEEKS else None)
    assert learned(numbers, held=False).on(monday) in (None, (0, 0))
    assert learned([]).unusual(None, None, always) == ({}, ())


def test_days_off_are_neither_judged_nor_learned_from() -> None:
    """A holiday that falls on a Monday is none of the Mondays."""
    numbers = weeks(*[9] * 5, 0, *[9] * 10)
    holiday = MONDAY + 35 * DAY
    found = learned(numbers, days_off=(f"{holiday:%m-%d}",))
    assert found.on(holiday) is None
    assert found.unusual(None, None, always)[1] == ()
    assert found.on(MONDAY) == (9, 9)


_numbers = st.lists(st.integers(0, 12), min_size=1, max_size=200)


@given(_numbers, st.integers(0, 2**32))
def test_notes_and_ranges_agree_whatever_is_unseen(numbers: list[int], seed: int) -> None:
    """Each note is of unseen days with fewer than the least; of every ten days at the most one is below, learned and judged."""
    unseen: Callable[[date], bool] = lambda day: bool(seed >> (day.toordinal() % 32) & 1)  # noqa: E731 - a shape of days
    found = learned(numbers)
    ranges, notes = found.unusual(None, None, unseen)
    known = {MONDAY + place * DAY: number for place, number in enumerate(numbers)}
    below = {day for day, (least, _) in ranges.items() if known.get(day, 0) < least}
    assert all(unseen(day) and least <= most for day, (least, most) in ranges.items())
    assert {note.day for note in notes} <= below
    assert len(below) >= len(notes)
    assert (not below) == (not notes)
    assert all(note.severity is Severity.NOTE for note in notes)


@given(_numbers)
def test_what_is_usual_does_not_depend_on_the_order(numbers: list[int]) -> None:
    """Nor does a day's own number count for what is usual on it."""
    day = MONDAY + (len(numbers) // 2) * DAY
    usual = learned(numbers).on(day)
    backwards = Usual(source())
    for place, number in reversed(list(enumerate(numbers))):
        for _ in range(number):
            backwards.add(MONDAY + place * DAY, held=True)
    assert backwards.on(day) == usual
    if numbers[0] and numbers[-1] and 0 < len(numbers) // 2 < len(numbers) - 1:
        other = [*numbers]
        other[len(numbers) // 2] = 99
        assert learned(other).on(day) == usual


def test_days_are_told_with_what_is_usual() -> None:
    """A day of the report keeps its numbers."""
    day = DayCount(source="outlet", day=MONDAY, expected=2, known=2, held=2, intact=2, readable=2)
    (found,) = with_usual([day], {("outlet", MONDAY): (5, 11)})
    assert (found.expected, found.usual) == (2, (5, 11))
    assert with_usual([day], {}) == (day,)
