"""The calendar of `scraper check` in a terminal: a mark a day, folded where that would be many."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from scraper.cli.days_shown import calendar, key
from scraper.model import DayCount

FIRST = date(2026, 1, 30)


def counted(day: date, expected: int, readable: int, unobserved: str = "", source: str = "paper") -> DayCount:
    """A day of which some articles are readable and the rest not even held."""
    return DayCount(
        source=source,
        day=day,
        expected=expected,
        known=expected,
        held=readable,
        intact=readable,
        readable=readable,
        unobserved=unobserved,
    )


def shown(days: list[DayCount]) -> list[str]:
    """The lines of the calendar below its heads."""
    console = Console(width=200, record=True, file=None, color_system=None)
    with console.capture() as captured:
        console.print(calendar(days))
    return [" ".join(line.split()) for line in captured.get().splitlines()[1:]]


def test_every_day_of_a_month_has_its_mark() -> None:
    """Complete, partly, not at all, hours unseen, nobody looking, no news: six marks, and the key tells those in use."""
    kinds = [(3, 3, ""), (3, 1, ""), (3, 0, ""), (3, 3, "04:00-09:00"), (0, 0, "00:00-24:00"), (0, 0, "")]
    days = [counted(FIRST + timedelta(days=number), *kind) for number, kind in enumerate(kinds)]
    assert shown(days) == ["paper 2026-01 #+ 6 6 4 4 4", "paper 2026-02 x?-. 6 6 3 3 3 2 days"]
    assert key(days[:1]) == "# all that was expected is held and readable"
    assert key(days).count(", ") >= 5


def test_a_day_with_fewer_than_usual_has_a_mark() -> None:
    """Where nothing is known to be missing and no list tells; a line of several days shows it too."""
    few = replace(counted(FIRST, 2, 2, "04:00-09:00"), usual=(5, 11))
    assert shown([few]) == ["paper 2026-01 < 2 2 2 2 2 04:00-09:00"]
    assert shown([replace(few, expected=5, known=5, held=5, intact=5, readable=5)])[0].split()[2] == "?"
    assert shown([counted(FIRST - timedelta(days=1), 3, 3), few])[0].split()[2] == "#<"


def test_a_single_unobserved_day_tells_its_hours() -> None:
    """Where one day of a line has them, the hours are there; of several, how many days."""
    assert shown([counted(FIRST, 1, 1, "04:00-09:00")])[0].endswith("? 1 1 1 1 1 04:00-09:00")


def test_months_in_which_nobody_looked_are_one_line() -> None:
    """An outage of half a year between two good days is a line, not six."""
    blind = [counted(date(2025, 2, 1) + timedelta(days=number), 0, 0, "00:00-24:00") for number in range(181)]
    days = [counted(date(2025, 1, 31), 1, 1), *blind, counted(date(2025, 8, 1), 2, 2)]
    assert shown(days) == [
        "paper 2025-01 # 1 1 1 1 1",
        "paper 2025-02 to 2025-07 - 0 0 0 0 0 181 days",
        "paper 2025-08 # 2 2 2 2 2",
    ]


@settings(deadline=None)
@given(st.integers(1, 1_500), st.integers(0, 1_499))
def test_nothing_is_lost_in_folding(many: int, missing: int) -> None:
    """However many days, the lines are few, add up, and one missing article is seen in them."""
    days = [counted(FIRST + timedelta(days=number), 1, int(number != missing)) for number in range(many)]
    lines = shown(days)
    assert len(lines) <= 24
    assert sum(int(line.split()[-5]) for line in lines) == many
    assert any("x" in line.split()[2] or "+" in line.split()[2] for line in lines) == (missing < many)
