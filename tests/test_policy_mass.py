"""A mass deletion is one event: begun by many at once, ended later than begun, with every suspicion of its time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from scraper.model import Change, ChangeKind, Verdict
from scraper.policy.compare import Observation, changes
from scraper.policy.mass import with_mass_deletions
from tests.policy_support import NOON, article

HOUR = timedelta(hours=1)


def suspected(
    hours: Iterable[float], kind: ChangeKind = ChangeKind.SUSPECT_GONE, *, seen: float | None = None
) -> list[Change]:
    """One suspicion at each of these times, each of another article; it was last seen an hour before, or at `seen`."""
    return [
        Change(
            source="outlet",
            url=f"http://outlet.example/{number}",
            key=f"{number:05d}",
            title="T",
            kind=kind,
            before=f"captures/outlet/{number}",
            after=f"captures/outlet/{number}-gone",
            before_at=NOON + (hour - 1) * HOUR if seen is None else NOON + seen * HOUR,
            after_at=NOON + hour * HOUR,
        )
        for number, hour in enumerate(hours)
    ]


def events(found: Iterable[Change]) -> list[Change]:
    """The mass deletions among these."""
    return [change for change in with_mass_deletions(found) if change.kind is ChangeKind.MASS_DELETION]


def test_a_purge_is_one_event_with_its_members() -> None:
    """Five hundred in a weekend, whatever else happened before and after."""
    before, purge, after = [-2000.0, -1500.0, -900.0], [number / 10 for number in range(500)], [900.0, 2000.0]
    found = suspected((*before, *purge, *after))
    (event,) = events(found)
    assert event.members == tuple(change.id for change in found[3:503])
    assert event.title.startswith("500 articles from 2026-08-22 12:00")


def test_it_is_told_while_it_goes_on_under_one_id() -> None:
    """From the twentieth suspicion on; more members do not make it another event."""
    found = suspected(number / 10 for number in range(100))
    assert events(found[:19]) == []
    assert {event.id for size in range(20, 101) for event in events(found[:size])} == {events(found)[0].id}


def test_waves_of_one_purge_are_one_event() -> None:
    """What vanished in a night is missed on the days on which each article is due; what lived until then is another purge."""
    first = suspected([0.1] * 100)
    later = [replace(change, key=f"later {change.key}") for change in suspected([120.0] * 400, seen=-1.0)]
    (event,) = events((*first, *later))
    assert len(event.members) == 500
    assert event.id == events(first)[0].id
    alive = [replace(change, before_at=NOON + 100 * HOUR) for change in later]
    assert [len(event.members) for event in events((*first, *alive))] == [100, 400]


def test_what_is_usual_is_no_event() -> None:
    """Eight a day for a year, then twenty in three days: as ever. Two hundred and fifty in a day are one."""
    usual = [3.0 * number for number in range(2900)]
    assert [event for event in events(suspected(usual)) if event.after_at > NOON + timedelta(days=90)] == []
    (*_, event) = events(suspected((*usual, *(8700 + number / 20 for number in range(250)))))
    assert event.after_at > NOON + timedelta(days=350)


def test_other_kinds_and_a_host_that_is_ill_make_none() -> None:
    """A redesign answers every address with 404, and no answer is a suspicion."""
    assert events(suspected([1.0] * 500, ChangeKind.RETURNED)) == []
    ill = [
        change
        for number in range(50)
        for change in changes(
            Observation(
                record=f"captures/outlet/{number}-{hour}",
                url=f"http://outlet.example/{number}",
                key=str(number),
                observed_at=NOON + hour * HOUR,
                verdict=verdict,
                article=article() if verdict is Verdict.ARTICLE else None,
                host_well=verdict is Verdict.ARTICLE,
            )
            for hour, verdict in enumerate((Verdict.ARTICLE, Verdict.GONE, Verdict.GONE, Verdict.ARTICLE))
        )
    ]
    assert events(ill) == []


@given(st.lists(st.floats(0, 5000), max_size=120))
def test_events_never_share_a_member_and_the_changes_stay(hours: list[float]) -> None:
    """Every member is one of the suspicions, in one event at most."""
    found = suspected(sorted(hours))
    told = with_mass_deletions(found)
    assert list(told[: len(found)]) == found
    members = [member for event in told[len(found) :] for member in event.members]
    assert len(members) == len(set(members))
    assert set(members) <= {change.id for change in found}
