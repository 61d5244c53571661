"""Why nobody saw the lists: blocks, outages and our own absence, each told once and with what came."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from scraper.model import Severity
from scraper.policy.interruptions import Asked, Interruption, interruptions

BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
PATIENCE = timedelta(hours=6)
WORDS = ("listing", "blocked-legal", "server-error", "reset", "empty")


def look(hours: float, said: str = "listing") -> Asked:
    """A question for a list so many hours after the beginning."""
    return Asked(at=BEGIN + timedelta(hours=hours), record=f"r{hours}", said=said, good=said == "listing")


def told(*looks: Asked, now: float) -> list[Interruption]:
    """The interruptions of some looks."""
    return list(interruptions(looks, PATIENCE, BEGIN + timedelta(hours=now)))


def test_a_block_is_told_with_what_came_and_until_when() -> None:
    """From its first answer to the next list; the first answer is the evidence."""
    blocked = [look(hours, "blocked-legal") for hours in (2, 4, 6, 8)]
    (found,) = told(look(0), *blocked, look(10), now=10)
    finding = found.finding("paper", ZoneInfo("Asia/Pyongyang"))
    assert finding.reason == "no list came from 2026-03-01 02:00Z to 2026-03-01 10:00Z, but: blocked-legal (4)"
    assert (finding.kind, finding.severity, finding.evidence) == ("no-list", Severity.NOTE, "r2")
    assert finding.day is not None
    assert finding.day.isoformat() == "2026-03-01"


def test_a_short_block_is_told_and_a_short_outage_is_not() -> None:
    """What others put in the outlet's place is always worth a line; a burst of errors within the patience is none."""
    assert len(told(look(0), look(2, "blocked-captcha"), look(4), now=4)) == 1
    assert told(look(0), look(2, "server-error"), look(4), now=4) == []
    (outage,) = told(look(0), look(2, "server-error"), look(4, "reset"), look(7), now=7)
    assert outage.reason.endswith("but: reset (1), server-error (1)")


def test_our_own_absence_is_told_as_such() -> None:
    """Nobody asked: from the last question to the next, whatever came of either, and up to now."""
    (away,) = told(look(0), look(9), now=9)
    assert (away.since, away.until, away.record) == (look(0).at, look(9).at, None)
    assert away.reason.startswith("no list was asked for")
    goes_on = told(look(0), look(2, "blocked-geo"), look(11), now=20)
    assert [(each.record, each.until) for each in goes_on] == [("r2", look(2).at), (None, look(11).at), (None, None)]
    assert goes_on[-1].finding("paper", ZoneInfo("UTC")).reason == "no list was asked for since 2026-03-01 11:00Z"


@given(
    looks=st.lists(st.tuples(st.integers(0, 300), st.sampled_from(WORDS)), max_size=40, unique_by=lambda each: each[0])
)
def test_every_unseen_stretch_has_its_reason(looks: list[tuple[int, str]]) -> None:
    """Between two good looks further apart than the patience lies a reason; reasons are in order and never overlap."""
    given_looks = [look(hours, said) for hours, said in sorted(looks)]
    found = told(*given_looks, now=300)
    assert all(one.until is not None and one.until <= other.since for one, other in pairwise(found))
    good = [each.at for each in given_looks if each.good]
    for since, until in pairwise(good):
        if until - since > PATIENCE:
            assert any(each.until and since <= each.since and each.until <= until for each in found)
    for each in found:
        assert not any(each.since < at and (each.until is None or at < each.until) for at in good)
