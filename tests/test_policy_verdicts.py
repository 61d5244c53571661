"""The table of consequences: whole, as documented, and obeyed: nothing but a good page or a deletion changes anything."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import reduce
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.model import Failure, Verdict
from scraper.policy import verdicts
from scraper.policy.compare import Observation, changes
from scraper.policy.verdicts import FAILURES, VERDICTS, Again, Consequence, Weight
from scraper.policy.visits import Visits, advance
from tests.policy_support import NOON, URL, article, capture

PAGE = (Path(__file__).resolve().parent.parent / "docs" / "verdicts.md").read_text(encoding="utf-8")
TELLING = (Verdict.ARTICLE, Verdict.UNCHANGED, Verdict.GONE, Verdict.SOFT_GONE)
"""The only verdicts that say something about the article."""
TEXTS = (article("One", "The first text."), article("One", "The second text."), article("Two", "The second text."))


def documented(heading: str) -> dict[str, tuple[str, ...]]:
    """The rows of the table under a heading: class, asked again, deletion, held, stops."""
    section = re.split(r"\n## ", PAGE.partition(f"\n## {heading}\n")[2])[0]
    cells = (line.strip("|").split("|") for line in section.splitlines() if line.startswith("| `"))
    return {row[0].strip(" `"): tuple(cell.strip() for cell in row[1:6]) for row in cells}


def shown(then: Consequence) -> tuple[str, ...]:
    """A line of the table as the page shows it."""
    flags = (then.counts_towards_deletion, then.replaces_held, then.stops_run)
    return (then.weight.value, then.again.value, *("yes" if flag else "no" for flag in flags))


def test_the_page_shows_the_table() -> None:
    """Every verdict and failure is in the program's table and on the page, with the same consequences."""
    assert set(VERDICTS) == set(Verdict)
    assert set(FAILURES) == set(Failure)
    assert documented("Verdicts") == {word.value: shown(then) for word, then in VERDICTS.items()}
    assert documented("Failures") == {word.value: shown(then) for word, then in FAILURES.items()}


def test_only_404_and_410_count_towards_a_deletion() -> None:
    """Everything else may be an outage, a block or a move; a recognised soft 404 is a state of its own."""
    assert [verdict for verdict, then in VERDICTS.items() if then.counts_towards_deletion] == [Verdict.GONE]
    assert set(verdicts.ABSENT) == {Verdict.GONE, Verdict.SOFT_GONE}
    assert not any(then.counts_towards_deletion or then.replaces_held for then in FAILURES.values())


@pytest.mark.parametrize("verdict", Verdict)
def test_each_verdict_is_of_one_mind(verdict: Verdict) -> None:
    """Held and deletion exclude each other; what is held is nothing bad; a block stops the run, and nothing else does."""
    then = VERDICTS[verdict]
    assert not (then.replaces_held and then.counts_towards_deletion)
    assert then.replaces_held == (then.again is Again.RECHECK) == (verdict in (Verdict.ARTICLE, Verdict.UNCHANGED))
    assert then.counts_towards_deletion <= (then.again is Again.CONFIRM)
    assert then.stops_run == verdict.blocked
    assert (then.weight is Weight.NONE) or not then.replaces_held
    assert verdict.readable <= (then.weight is Weight.NONE)


def test_reasons_are_found_by_name() -> None:
    """A reason as reports write it, also with more words after the first; an unknown one is nobody's."""
    for word in (*Verdict, *Failure):
        assert verdicts.named(f"{word.value} (tried twice)") == verdicts.consequence(word)
    assert verdicts.named("not yet fetched") is None
    assert verdicts.named("") is None


def test_the_failure_says_more_than_failed() -> None:
    """Where no answer came, the failure counts; where one broke off after its status, the verdict does."""
    assert verdicts.reason(capture(Verdict.FAILED, failure=Failure.DNS)) is Failure.DNS
    assert verdicts.reason(capture(Verdict.TRUNCATED, failure=Failure.RESET)) is Verdict.TRUNCATED
    assert verdicts.reason(capture(Verdict.FAILED)) is Verdict.FAILED


observations = st.lists(st.tuples(st.sampled_from(Verdict), st.sampled_from((None, *TEXTS))), max_size=14).map(
    lambda steps: tuple(
        Observation(
            record=f"captures/outlet/{number}",
            url=URL,
            key="k",
            observed_at=NOON + timedelta(hours=number),
            verdict=verdict,
            article=text,
        )
        for number, (verdict, text) in enumerate(steps)
    )
)


@given(observations)
def test_what_says_nothing_changes_nothing(history: tuple[Observation, ...]) -> None:
    """Blocks, failures, moves, empty and cut-off pages may be left out of a history, even where they seem to hold a text."""
    assert changes(history) == changes(seen for seen in history if seen.verdict in TELLING)


@given(observations)
def test_what_says_nothing_is_never_held(history: tuple[Observation, ...]) -> None:
    """Visits hold the same version with and without the answers that say nothing."""

    def held(seen: tuple[Observation, ...]) -> tuple[object, ...]:
        captures = [capture(each.verdict, each.observed_at, record=each.record) for each in seen]
        visits = reduce(advance, captures, Visits(first_seen_at=NOON))
        return visits.held, visits.first_good_at, visits.last_good_at, visits.gone

    assert held(history) == held(tuple(seen for seen in history if seen.verdict in TELLING))


def test_the_front_page_at_the_end_of_a_redirect_counts_once() -> None:
    """The redirect home is one suspicion; the page it led to, folded in after it, is not another."""
    hop = capture(Verdict.MOVED_HOME, status=302)
    landed = capture(Verdict.MOVED_HOME, status=200, redirected_from=hop.record)
    further = capture(Verdict.MOVED_HOME, status=302, redirected_from="captures/outlet/1")
    visits = reduce(advance, (hop, landed), Visits(first_seen_at=NOON))
    assert (visits.failures, visits.gone, visits.held, visits.reason) == (1, 0, None, "moved-home")
    assert advance(visits, further).failures == 2
