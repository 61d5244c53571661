"""Rates and lengths of what was read lately, against before: a collapse is told, and small samples never cry wolf."""

from __future__ import annotations

from dataclasses import replace
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.model import DateEvidence
from scraper.policy.vitals import (
    BEFORE,
    CHANCE,
    FEWEST,
    FEWEST_BEFORE,
    RECENT,
    Measured,
    alarms,
    collapsed,
    measured,
    vitals,
)
from tests.policy_support import article

LAYOUT = "outlet/article@1"

samples = st.tuples(st.integers(0, RECENT), st.integers(0, BEFORE)).flatmap(
    lambda of: st.tuples(st.integers(0, of[0]), st.just(of[0]), st.integers(0, of[1]), st.just(of[1]))
)
"""(has, of, had, had of)."""


def read(number: int, *facts: str, characters: int = 1000, layout: str = LAYOUT) -> list[Measured]:
    """So many articles with these facts."""
    one = Measured(layout=layout, facts=frozenset(facts), paragraphs=characters // 100, characters=characters)
    return [one] * number


def told(*newest_first: list[Measured]) -> list[tuple[str, str]]:
    """(layout, field) of every alarm."""
    found = alarms(vitals("outlet", (each for part in newest_first for each in part)))
    return [(finding.subject, finding.reason.partition(": ")[0]) for finding in found]


@given(samples)
def test_small_samples_never_cry_wolf(sample: tuple[int, int, int, int]) -> None:
    """With fewer articles than are needed, lately or before, nothing is ever said."""
    _has, of, _had, had_of = sample
    if of < FEWEST or had_of < FEWEST_BEFORE:
        assert not collapsed(*sample)


@given(samples)
def test_what_is_as_frequent_as_before_is_no_alarm(sample: tuple[int, int, int, int]) -> None:
    """Nor is what has become more frequent, or a little less: an alarm needs at most half of what there was."""
    has, of, had, had_of = sample
    if 2 * has * had_of > had * of:
        assert not collapsed(*sample)


@given(samples)
def test_fewer_is_never_better(sample: tuple[int, int, int, int]) -> None:
    """Where so many are an alarm, fewer are one too."""
    has, *others = sample
    if has and collapsed(*sample):
        assert collapsed(has - 1, *others)


@given(of=st.integers(FEWEST, RECENT), had_of=st.integers(FEWEST_BEFORE, BEFORE))
def test_a_field_that_every_article_had_is_missed(of: int, had_of: int) -> None:
    """Whatever the numbers: where all had it before and none has it now, that is an alarm."""
    assert collapsed(0, of, had_of, had_of)


@given(st.integers(FEWEST, RECENT), st.integers(FEWEST_BEFORE, BEFORE), st.data())
def test_chance_alone_hardly_ever_gives_an_alarm(of: int, had_of: int, data: st.DataObject) -> None:
    """Of all ways to deal a fact to the articles by chance, fewer than the level named are an alarm: counted, not sampled."""
    total = of + had_of
    have = data.draw(st.integers(0, total))
    ways = sum(
        comb(have, has) * comb(total - have, of - has)
        for has in range(max(0, of + have - total), min(of, have) + 1)
        if collapsed(has, of, have - has, had_of)
    )
    assert ways / comb(total, of) < CHANCE


@given(st.permutations([*read(10, "byline"), *read(10), *read(15, "images", characters=300)]))
def test_the_order_within_a_window_says_nothing(order: list[Measured]) -> None:
    """Rates are numbers of articles, in whatever order they came."""
    before = read(60, "byline", "images")
    assert vitals("outlet", [*order[:RECENT], *before])[0].recent == RECENT
    shuffled = [*sorted(order[:RECENT], key=repr), *before]
    few = [*order[:RECENT], *before]
    # The rest of `order` would stand in both windows: only the newest are shuffled here.
    assert vitals("outlet", shuffled) == vitals("outlet", few)


def test_a_lost_field_is_an_alarm_after_ten_articles() -> None:
    """Nine of the newest twenty without a byline are not yet told, ten are; the finding says the numbers."""
    with_, before = "byline", read(BEFORE, "byline", "title")
    assert told([*read(9, "title"), *read(11, "title", with_)], before) == []
    assert told([*read(10, "title"), *read(10, "title", with_)], before) == [("outlet/article", "byline")]
    (finding,) = alarms(vitals("outlet", [*read(20, "title"), *before]))
    assert "0 of the last 20 articles, 200 of the 200 before" in finding.reason
    assert finding.kind == "collapsed"


def test_what_few_articles_have_may_go() -> None:
    """Pictures that a third of the articles had follow the news."""
    assert told(read(20, "title"), [*read(60, "title", "images"), *read(140, "title")]) == []


@pytest.mark.parametrize(("characters", "field"), [(200, "not cut short"), (5000, "not overlong")])
def test_other_lengths_are_an_alarm(characters: int, field: str) -> None:
    """Texts that end after a paragraph, or that take in a menu, are no shorter or longer by chance."""
    before = read(100, "title")
    assert told(read(20, "title", characters=characters), before) == [("outlet/article", field)]
    assert told(read(20, "title", characters=600), before) == []
    (finding,) = alarms(vitals("outlet", [*read(20, "title", characters=characters), *before]))
    assert f"from 1000 to {characters} characters" in finding.reason


def test_layouts_are_told_apart_and_versions_are_not() -> None:
    """A new version of a layout is held against the old one; another layout's articles say nothing of it."""
    newer = read(20, layout="outlet/article@2")
    assert told(newer, read(50, "byline"), read(50, layout="outlet/gallery@1")) == [("outlet/article", "byline")]
    one, other = vitals("outlet", [*newer, *read(50, "byline"), *read(5, layout="outlet/gallery@1")])
    assert (one.versions, one.recent, one.before, other.recent, other.before) == (("2",), 20, 50, 5, 0)


def test_facts_of_an_article() -> None:
    """Fields that say something are facts, and so is each kind of evidence its date rests on."""
    dated = article(byline="Ann Example", evidence=(DateEvidence(kind="page-mark", value="2026-08-22"),), images=())
    found = measured(dated)
    assert {"byline", "title", "dated by page-mark"} <= found.facts
    assert not {"images", "end_mark", "dateline"} & found.facts
    assert found.characters == sum(map(len, dated.paragraphs))
    assert measured(replace(dated, byline=None)).facts == found.facts - {"byline"}
