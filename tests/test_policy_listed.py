"""What lists show from look to look: laws over any paging, sorting, cut and part of a page, and the cases that are told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.policy.listed import Look, Stretch, delisted, once, stretches, vanished
from tests.policy_support import NOON

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def looks(*rows: str, name: str = "list", every: timedelta = HOUR) -> list[Look]:
    """One look every hour; a row is a letter."""
    return [
        Look(
            list=name,
            url=f"http://outlet.example/{name}",
            record=f"r{n}",
            observed_at=NOON + n * every,
            rows=tuple(each),
        )
        for n, each in enumerate(rows)
    ]


def off(*rows: str) -> list[str]:
    """The rows that were taken off, with the looks that show it."""
    return [f"{each.identity} {each.shown.record} {each.missing.record}" for each in vanished(looks(*rows))]


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (["abcde", "abde", "abde"], ["c r0 r1"]),
        (["abcde", "abdef", "abdef"], ["c r0 r1"]),  # filled up with an older one
        (["abcde", "abcde", "abde", "nabd"], ["c r1 r2"]),
        (["abcde", "abde"], []),  # seen once: a cache may have given it
        (["abcde", "abde", "abcde"], []),
        (["abcde", "bcde", "bcde"], []),  # the first row, above which nothing is newer
        (["abcde", "abcd", "abcd"], []),
        (["abcde", "naBde"], []),
        (["abcde", "adbe", "adbe"], []),  # sorted otherwise
        (["abcdef", "af", "af"], []),  # too many at once
        (["abcdef", "ghijk", "ghijk"], []),
        (["abcde", "nabde", "nabde"], []),  # as if c had been the last of a full part of the page
        (["abcde", "nabde", "mnabd"], ["c r0 r1"]),  # b moves down and stays: the part was not full
        (["abcde", "nabde", "mnade"], []),  # it was: now b is pushed out of it
        (["abcde", "nabde", "mnabe"], []),  # its neighbour is gone, so nothing can be said any more
        (["abcde", "nabde", "mnabcd"], []),
    ],
)
def test_what_is_told(rows: Sequence[str], told: list[str]) -> None:
    """A row between two that stay, twice not there."""
    assert off(*rows) == told


def test_two_looks_within_an_hour_say_nothing() -> None:
    """What is missing must be missing an hour later."""
    assert [each.identity for each in vanished(looks("abcde", "abde", "abde", every=HOUR / 4))] == []
    assert [each.identity for each in vanished(looks("abcde", *["abde"] * 5, every=HOUR / 4))] == ["c"]


@st.composite
def newest_first(draw: st.DrawFn, deleted: frozenset[int] = frozenset()) -> list[Look]:
    """A list of the newest, however long it is at each look, and however much was published in between; some articles taken away."""
    steps = draw(st.lists(st.tuples(st.integers(0, 6), st.integers(1, 12), st.booleans()), min_size=2, max_size=14))
    made, published, gone = [], 12, False
    for n, (more, length, takes) in enumerate(steps):
        published += more
        gone = gone or (takes and n > 0)
        there = [number for number in range(published, -1, -1) if not gone or number not in deleted]
        rows = tuple(str(number) for number in there[:length])
        made.append(Look(list="list", url="", record=f"r{n}", observed_at=NOON + n * HOUR, rows=rows))
    return made


@given(newest_first())
def test_paging_takes_nothing_off(history: list[Look]) -> None:
    """New rows push old ones out, pages are longer and shorter and cut off: none of that is told."""
    assert list(vanished(history)) == []


@given(st.frozensets(st.integers(0, 20), max_size=4).flatmap(lambda gone: st.tuples(st.just(gone), newest_first(gone))))
def test_only_what_was_taken_off_is_told(made: tuple[frozenset[int], list[Look]]) -> None:
    """Of a list in which some articles are deleted, no other is ever told; and each by a look with it and a later one without."""
    deleted, history = made
    for each in vanished(history):
        assert int(each.identity) in deleted
        assert each.identity in each.shown.rows
        assert each.identity not in each.missing.rows
        assert each.shown.observed_at < each.missing.observed_at


@given(
    st.lists(st.integers(1, 4), min_size=1, max_size=4),
    st.lists(st.lists(st.integers(0, 3), max_size=3), min_size=2, max_size=12),
)
def test_parts_of_a_page_push_out_their_own_rows(sizes: list[int], steps: list[list[int]]) -> None:
    """A page of several full lists, each of which takes new rows at its top and loses its last: nothing is told."""
    parts = [[f"{part}/{n}" for n in range(size, 0, -1)] for part, size in enumerate(sizes)]
    made = []
    for n, arrivals in enumerate(steps):
        for arrived, chosen in enumerate(arrivals):
            part = chosen % len(sizes)
            parts[part] = [f"{part}/new {n} {arrived}", *parts[part]][: sizes[part]]
        rows = tuple(row for part in parts for row in part)
        made.append(Look(list="list", url="", record=f"r{n}", observed_at=NOON + n * HOUR, rows=rows))
    assert list(vanished(made)) == []


@given(st.lists(st.permutations("abcdefgh"), min_size=2, max_size=8))
def test_sorting_takes_nothing_off(orders: list[list[str]]) -> None:
    """The same rows in any order at every look."""
    assert list(vanished(looks(*("".join(order) for order in orders)))) == []


def stretch(name: str, first: timedelta, last: timedelta, left: timedelta | None = None) -> Stretch:
    """When a list showed an article, counted from noon."""
    return Stretch(list=name, first_at=NOON + first, last_at=NOON + last, left_at=None if left is None else NOON + left)


@pytest.mark.parametrize(
    ("shown", "told"),
    [
        ([], True),
        ([stretch("other", -DAY, 2 * HOUR)], False),  # still on another list
        ([stretch("other", -DAY, -HOUR, HOUR / 2)], True),
        ([stretch("other", -DAY, -HOUR)], False),  # which was not looked at since
        ([stretch("other", -90 * DAY, -60 * DAY)], True),
        ([stretch("list", 2 * DAY, 3 * DAY)], False),  # on it again
        ([stretch("list", 5 * DAY, 6 * DAY)], True),  # a history of its own
    ],
)
def test_what_another_list_shows_is_not_delisted(shown: list[Stretch], told: bool) -> None:  # noqa: FBT001 - a table's column
    """Moved from list to list, or not yet known: not told."""
    (gone,) = vanished(looks("abcde", "abde", "abde"))
    assert delisted(gone, [stretch("list", -DAY, timedelta(), HOUR), *shown]) is told


def test_when_a_list_showed_an_article() -> None:
    """From the first to the last look in a row, and the first after them."""
    found = list(stretches(looks("ab", "ab", "b", "ab", "ab"), frozenset("ac")))
    assert found == [
        ("a", stretch("list", 0 * HOUR, HOUR, 2 * HOUR)),
        ("a", stretch("list", 3 * HOUR, 4 * HOUR)),
    ]


def test_several_lists_at_once_are_one_event() -> None:
    """The front page and the section drop it within three days: told once; a year later it is told again."""
    (here,) = vanished(looks("abcde", "abde", "abde"))
    (there,) = vanished(looks("abcde", "abcde", "abde", "abde", name="other"))
    (later,) = vanished(looks("abcde", "abde", "abde", every=100 * DAY))
    assert list(once([later, there, here])) == [here, later]
