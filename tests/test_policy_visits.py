"""The fold of a locator's captures, and when it is asked for again: laws over any history, and the two ladders."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from functools import reduce
from itertools import accumulate, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.model import Capture, Failure, Reason, Verdict
from scraper.policy.visits import Visits, advance, next_visit
from tests.policy_support import NOON, capture

GOOD = (Verdict.ARTICLE, Verdict.UNCHANGED)
GONE = (Verdict.GONE, Verdict.SOFT_GONE)
SILENT = tuple(verdict for verdict in Verdict if verdict not in (*GOOD, *GONE, Verdict.MOVED))
"""Verdicts that say nothing about the article: block pages, failures, throttling, empty and cut-off answers."""

RETRIED = tuple(verdict for verdict in SILENT if verdict is not Verdict.MOVED_HOME)

REFUSED = (Failure.ROBOTS_DENIED, Failure.GUARD_REFUSED)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def seen(verdict: Verdict, at: datetime, failure: Failure | None = None) -> Capture:
    """A capture with a record key of its own."""
    return capture(verdict, at, failure=failure, record=f"captures/outlet/{at.isoformat()}")


@st.composite
def histories(draw: st.DrawFn, verdicts: tuple[Verdict, ...] = tuple(Verdict)) -> tuple[Capture, ...]:
    """Captures of one locator in the order of time."""
    steps = draw(
        st.lists(st.tuples(st.sampled_from(verdicts), st.integers(1, 10**7), st.sampled_from(Failure)), max_size=12)
    )
    elapsed = accumulate(seconds for _, seconds, _ in steps)
    return tuple(
        seen(verdict, NOON + timedelta(seconds=total), failure if verdict is Verdict.FAILED else None)
        for (verdict, _, failure), total in zip(steps, elapsed, strict=True)
    )


def fold(history: tuple[Capture, ...]) -> Visits:
    """What a history adds up to."""
    return reduce(advance, history, Visits(first_seen_at=NOON))


def test_what_was_never_asked_for_is_due_at_once() -> None:
    """A new locator is due from the moment of its first evidence."""
    visits = Visits(first_seen_at=NOON)
    assert next_visit(visits) == NOON
    assert visits.due() is Reason.NEW
    assert (visits.held, visits.reason) == (None, "not yet fetched")


@given(histories())
def test_nothing_is_asked_for_again_before_it_was_asked_for(history: tuple[Capture, ...]) -> None:
    """The next visit lies after the last attempt, by a quarter of an hour or more."""
    visits = fold(history)
    if visits.last_attempt_at is None:
        assert next_visit(visits) == NOON
    else:
        assert visits.last_attempt_at == history[-1].observed_at
        assert next_visit(visits) > visits.last_attempt_at
        assert visits.attempts == len(history)


@given(histories(), st.sampled_from([*SILENT, *GONE, Verdict.MOVED]), st.sampled_from(Failure))
def test_no_bad_answer_makes_us_lose_what_is_held(
    history: tuple[Capture, ...], verdict: Verdict, failure: Failure
) -> None:
    """Blocked, failed, empty, cut off, gone: the good capture stays held, with its times."""
    before = fold(history)
    after = advance(before, seen(verdict, NOON + timedelta(days=4000), failure if verdict is Verdict.FAILED else None))
    assert (after.held, after.first_good_at, after.last_good_at) == (
        before.held,
        before.first_good_at,
        before.last_good_at,
    )
    assert after.due() is (Reason.RECHECK if before.held else Reason.RETRY)


@given(histories())
def test_held_is_the_newest_good_capture(history: tuple[Capture, ...]) -> None:
    """Of all that came, the last article or 304 is what stands; the first is when the ladder of rechecks began."""
    visits = fold(history)
    good = [item for item in history if item.verdict in GOOD]
    assert visits.held == (good[-1].record if good else None)
    assert visits.first_good_at == (good[0].observed_at if good else None)
    assert visits.last_good_at == (good[-1].observed_at if good else None)


@given(histories((*SILENT, *GONE)))
def test_counts_are_of_the_newest_answers_in_a_row(history: tuple[Capture, ...]) -> None:
    """A deletion is counted from the first answer that counts; silence ends no count of them and starts one of its own."""
    visits = fold(history)
    tail = 0
    for item in reversed(history):
        if item.verdict in GONE:
            break
        tail += 1
    assert visits.failures == tail
    gone = [item.verdict for item in history if item.verdict in GONE]
    begins = [
        number for number, pair in enumerate(pairwise(gone), start=1) if pair == (Verdict.SOFT_GONE, Verdict.GONE)
    ]
    assert abs(visits.gone) == len(gone[begins[-1] :] if begins else gone)
    assert (visits.gone < 0) == (gone[-1:] == [Verdict.SOFT_GONE])


@given(histories(RETRIED))
def test_retries_wait_no_longer_than_a_day(history: tuple[Capture, ...]) -> None:
    """However often nothing came, somebody asks again within 24 hours: outages end."""
    visits = fold(history)
    if visits.last_attempt_at is not None:
        assert timedelta(minutes=15) <= next_visit(visits) - visits.last_attempt_at <= DAY


def test_the_retry_ladder_doubles_up_to_a_day() -> None:
    """15 minutes, then twice as long each time; a single success starts it anew."""
    visits, at, waits = Visits(first_seen_at=NOON), NOON, []
    for _ in range(10):
        visits = advance(visits, seen(Verdict.SERVER_ERROR, at))
        waits.append((next_visit(visits) - at) // timedelta(minutes=1))
        at = next_visit(visits)
    assert waits == [15, 30, 60, 120, 240, 480, 960, 1440, 1440, 1440]
    visits = advance(advance(visits, seen(Verdict.ARTICLE, at)), seen(Verdict.FAILED, at + DAY, Failure.DNS))
    assert next_visit(visits) - (at + DAY) == timedelta(minutes=15)


def test_an_address_that_leads_home_is_suspect() -> None:
    """The front page came instead of the article: asked for after 1, 2 and 4 days, then every 7."""
    visits, at, waits = Visits(first_seen_at=NOON), NOON, []
    for _ in range(5):
        visits = advance(visits, seen(Verdict.MOVED_HOME, at))
        waits.append((next_visit(visits) - at).days)
        at = next_visit(visits)
    assert waits == [1, 2, 4, 7, 7]
    assert (visits.gone, visits.held) == (0, None)


def test_a_deletion_after_a_soft_404_is_asked_through_to_its_end() -> None:
    """Six answers a day apart from the first 404 on, however many soft ones came before: 72 hours, not a month."""
    soft = [seen(Verdict.SOFT_GONE, NOON + number * DAY) for number in range(1, 4)]
    hard = [seen(Verdict.GONE, NOON + number * DAY) for number in range(4, 10)]
    begun = (seen(Verdict.ARTICLE, NOON), *soft)
    for number in range(1, 6):
        visits = fold((*begun, *hard[:number]))
        assert next_visit(visits) == hard[number - 1].observed_at + DAY
    assert next_visit(fold((*begun, *hard))) == hard[-1].observed_at + 30 * DAY


@pytest.mark.parametrize("failure", REFUSED)
def test_what_we_may_not_ask_for_is_tried_once_a_day(failure: Failure) -> None:
    """robots.txt or the address guard may change their mind; asking every quarter of an hour is no use."""
    visits = fold(tuple(seen(Verdict.FAILED, NOON + n * DAY, failure) for n in range(1, 4)))
    assert next_visit(visits) == NOON + 4 * DAY
    assert visits.reason == failure.value


def test_the_recheck_ladder_has_the_documented_steps() -> None:
    """A page fetched whenever it is due is seen eight times in the first 90 days, most of them in the first eight."""
    visits, at, steps = advance(Visits(first_seen_at=NOON), seen(Verdict.ARTICLE, NOON)), NOON, []
    for _ in range(10):
        at = next_visit(visits)
        steps.append((at - NOON) / timedelta(hours=1))
        visits = advance(visits, seen(Verdict.UNCHANGED, at))
    assert steps == [0.25, 1, 6, 24, 72, 168, 720, 2160, 4320, 6480]


@pytest.mark.parametrize(
    ("published", "steps"),
    [
        (-5.0, [1, 19, 67, 163]),  # five hours before it was held: six hours after publication are one hour from now
        (-200 * 24.0, [90 * 24, 180 * 24]),  # long ago: the sweep
        (3.0, [0.25, 1, 6, 24]),  # after it was held: the outlet's clock is wrong
    ],
)
def test_rechecks_count_from_publication_where_its_moment_is_known(published: float, steps: list[float]) -> None:
    """In hours after it was first held."""
    visits = replace(
        advance(Visits(first_seen_at=NOON), seen(Verdict.ARTICLE, NOON)), published_at=NOON + published * HOUR
    )
    found = []
    for _ in steps:
        at = next_visit(visits)
        found.append((at - NOON) / HOUR)
        visits = advance(visits, seen(Verdict.UNCHANGED, at))
    assert found == steps


@given(st.lists(st.integers(0, 10**7), min_size=1, max_size=12))
def test_rechecks_only_grow_further_apart_in_time(delays: list[int]) -> None:
    """Whenever the rechecks are really made, a later one never names an earlier next visit."""
    visits, at, named = advance(Visits(first_seen_at=NOON), seen(Verdict.ARTICLE, NOON)), NOON, [NOON]
    for delay in delays:
        at = max(next_visit(visits), at) + timedelta(seconds=delay)
        visits = advance(visits, seen(Verdict.UNCHANGED, at))
        named.append(next_visit(visits))
        assert named[-1] - at <= timedelta(days=90)
    assert all(before < after for before, after in pairwise(named))


@pytest.mark.parametrize("said", GONE)
def test_a_deletion_is_confirmed_before_it_is_believed(said: Verdict) -> None:
    """Five times more after a day each, then once a month; a return goes back to the ladder of rechecks."""
    visits = advance(Visits(first_seen_at=NOON), seen(Verdict.ARTICLE, NOON))
    waits = []
    for n in range(1, 8):
        visits = advance(visits, seen(said, NOON + n * 40 * DAY))
        waits.append((next_visit(visits) - (visits.last_attempt_at or NOON)).days)
    assert waits == [1, 1, 1, 1, 1, 30, 30]
    assert abs(visits.gone) == 7
    back = advance(visits, seen(Verdict.ARTICLE, NOON + 300 * DAY))
    assert (back.gone, next_visit(back)) == (0, NOON + 390 * DAY)


def test_a_block_between_deletions_does_not_count_as_one() -> None:
    """Gone, blocked, gone: two deletions, and the retry after the block is soon."""
    blocked = fold((seen(Verdict.GONE, NOON), seen(Verdict.BLOCKED_WAF, NOON + DAY)))
    assert (blocked.gone, blocked.failures, blocked.reason) == (1, 1, "blocked-waf")
    assert next_visit(blocked) == NOON + DAY + timedelta(minutes=15)
    assert (
        fold((seen(Verdict.GONE, NOON), seen(Verdict.BLOCKED_WAF, NOON + DAY), seen(Verdict.GONE, NOON + 2 * DAY))).gone
        == 2
    )


@given(histories())
def test_a_redirect_says_nothing_of_its_own(history: tuple[Capture, ...]) -> None:
    """The hop is counted as an attempt; failures, deletions and what is held stay as they were."""
    before = fold(history)
    after = advance(before, seen(Verdict.MOVED, NOON + timedelta(days=4000)))
    assert (after.failures, after.gone, after.held, after.attempts) == (
        before.failures,
        before.gone,
        before.held,
        before.attempts + 1,
    )
