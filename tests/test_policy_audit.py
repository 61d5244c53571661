"""What is complete: the five sets, the reasons of gaps, and the hours in which nobody was looking."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.model import Cause, Origin, Severity
from scraper.policy.audit import Expected, audit, one_of_each, with_inferred
from scraper.policy.gaps import not_held
from scraper.policy.serials import Serials
from scraper.policy.unobserved import Watch

DAY = date(2026, 8, 22)
KOREA = "Asia/Pyongyang"
RESTORE = "scraper repair"
MISSING = ("missing", Severity.MISSING)
FETCH = "scraper fetch 'http://outlet.example/k'"
FURTHEST = ("known", "held", "intact", "readable")


def item(key: str = "k", reach: int = 4, **changes: Any) -> Expected:
    """An expected article that we have as far as `reach` says: 1 known, 2 held, 3 intact, 4 readable."""
    fields: dict[str, Any] = {
        "source": "outlet",
        "key": key,
        "url": f"http://outlet.example/{key}",
        "title": "",
        "day": DAY,
        "evidence": "captures/outlet/1",
    }
    fields |= {name: reach > place for place, name in enumerate(FURTHEST)}
    return Expected(**(fields | changes))


_items = st.builds(
    item,
    key=st.sampled_from("abcde"),
    reach=st.integers(0, 4),
    url=st.sampled_from(["http://outlet.example/1", "http://outlet.example/2", "http://outlet.example/3"]),
    source=st.sampled_from(["kcna", "rodong"]),
    day=st.dates(DAY, DAY + timedelta(days=3)),
    reason=st.sampled_from(["timeout-read (tried 3 times)", "robots-denied", "gone before it could be captured", ""]),
)
_looks = st.lists(st.datetimes(datetime(2026, 8, 20), datetime(2026, 8, 28), timezones=st.just(UTC)), max_size=8)  # noqa: DTZ001 - hypothesis adds the zone
_watches = st.builds(
    Watch,
    source=st.sampled_from(["kcna", "rodong"]),
    timezone=st.sampled_from([KOREA, "UTC", "America/St_Johns", "Asia/Shanghai"]),
    since=st.dates(DAY, DAY + timedelta(days=3)),
    until=st.dates(DAY, DAY + timedelta(days=5)),
    now=st.datetimes(datetime(2026, 8, 22), datetime(2026, 9, 2), timezones=st.just(UTC)),  # noqa: DTZ001 - as above
    looked_at=_looks.map(sorted),
    covered=st.frozensets(st.dates(DAY, DAY + timedelta(days=3)), max_size=3),
    patience=st.integers(1, 48).map(lambda hours: timedelta(hours=hours)),
)


@given(st.lists(_items, max_size=20), st.lists(_watches, max_size=2, unique_by=lambda each: each.source))
def test_the_five_sets_are_nested_whatever_comes_in(items: list[Expected], watches: list[Watch]) -> None:
    """Expected holds known holds held holds intact holds readable, on every day; equal inputs give equal reports."""
    counts, findings = audit(one_of_each(items), watches)
    assert all(day.expected >= day.known >= day.held >= day.intact >= day.readable >= 0 for day in counts)
    assert [(day.source, day.day) for day in counts] == sorted({(day.source, day.day) for day in counts})
    assert sum(day.expected for day in counts) == len({(each.source, each.key) for each in items})
    gaps = [finding for finding in findings if finding.kind != "unobserved"]
    assert len(gaps) == sum(day.expected - day.readable for day in counts)
    assert (counts, findings) == audit(one_of_each(list(items)), watches[::-1])


@given(st.lists(_items, max_size=12, unique_by=lambda each: (each.source, each.key, each.url)), st.randoms())
def test_the_report_does_not_depend_on_the_order_of_its_input(items: list[Expected], chance: Any) -> None:
    """A catalogue may hand its rows over in any order."""
    shuffled = list(items)
    chance.shuffle(shuffled)
    assert audit(one_of_each(items), ()) == audit(one_of_each(shuffled), ())


@pytest.mark.parametrize("held", list(combinations(range(4), 2)))
def test_contradictions_are_refused(held: tuple[int, int]) -> None:
    """What is readable but not intact cannot be: such an item is a mistake of the caller's."""
    wrong: dict[str, Any] = {name: place in held for place, name in enumerate(FURTHEST)}
    if held == (0, 1):
        assert item(**wrong).held
    else:
        with pytest.raises(ValueError, match="must each imply the one before"):
            item(**wrong)


def test_all_readable_and_watched_is_no_finding() -> None:
    """A complete archive gives counts and nothing else."""
    looks = tuple(datetime(2026, 8, 21, tzinfo=UTC) + timedelta(hours=4 * n) for n in range(12))
    watched = Watch(
        source="outlet",
        timezone=KOREA,
        since=DAY,
        until=DAY,
        now=looks[-1],
        looked_at=looks,
        covered=frozenset(),
        patience=timedelta(hours=6),
    )
    counts, findings = audit([item(str(n)) for n in range(3)], [watched])
    assert findings == ()
    (day,) = counts
    assert (day.expected, day.known, day.held, day.intact, day.readable, day.unobserved) == (3, 3, 3, 3, 3, "")


@pytest.mark.parametrize(
    ("reach", "cause", "reason", "told", "repair"),
    [
        (1, Cause.NOT_FETCHED, "not yet fetched", MISSING, FETCH),
        (1, Cause.FAILING, "timeout-read (tried 2 times)", MISSING, FETCH),
        (1, Cause.BLOCKED, "blocked-geo (tried once)", MISSING, FETCH),
        (1, Cause.ROBOTS, "robots-denied (tried once)", MISSING, "none: the outlet's robots.txt forbids it"),
        (1, Cause.GONE, "gone before it could be captured", MISSING, "none here: look for a copy elsewhere"),
        (2, Cause.DAMAGED, "its snapshot is damaged", ("damaged", Severity.DAMAGED), RESTORE),
        (3, Cause.NOT_READ, "archived, but not read yet", ("unreadable", Severity.MISSING), "scraper crawl outlet"),
        (3, Cause.LAYOUT_CHANGED, "no known layout", ("unreadable", Severity.MISSING), "scraper parse 'http://outlet.example/k'"),
    ],
)  # fmt: skip
def test_each_gap_names_its_reason_and_remedy(
    reach: int, cause: Cause, reason: str, told: tuple[str, Severity], repair: str
) -> None:
    """A finding says what is missing, why, by which evidence it was expected, and what to do."""
    _, (found,) = audit([item(reach=reach, cause=cause, reason=reason)], ())
    assert ((found.kind, found.severity), found.repair) == (told, repair)
    assert (found.cause, found.reason) == (cause, reason)
    assert (found.subject, found.day, found.evidence) == ("http://outlet.example/k", DAY, "captures/outlet/1")


def test_evidence_and_inference_are_counted_apart() -> None:
    """What another outlet alone shows is expected too; what is inferred is not, even of a day of which nothing else is known."""
    counts, _ = audit([item("a"), item("b", only=Origin.MIRROR), item("c", only=Origin.RELATED)], ())
    inferred = {("outlet", DAY): 2, ("outlet", DAY + timedelta(days=1)): 1}
    assert [
        (day.expected, day.listed, day.related, day.mirrored, day.inferred) for day in with_inferred(counts, inferred)
    ] == [
        (3, 1, 1, 1, 2),
        (0, 0, 0, 0, 1),
    ]


@pytest.mark.parametrize(
    ("reason", "attempts", "cause", "told"),
    [
        ("not yet fetched", 0, Cause.NOT_FETCHED, "not yet fetched"),
        ("timeout-read", 1, Cause.FAILING, "timeout-read (tried once since 2026-08-21 15:00Z)"),
        ("server-error", 3, Cause.FAILING, "server-error (tried 3 times since 2026-08-21 15:00Z)"),
        ("robots-denied", 2, Cause.ROBOTS, "robots-denied (tried 2 times since 2026-08-21 15:00Z)"),
        ("blocked-geo", 1, Cause.BLOCKED, "blocked-geo (tried once since 2026-08-21 15:00Z)"),
        ("gone", 1, Cause.GONE, "gone before it could be captured"),
        ("soft-gone", 4, Cause.GONE, "gone before it could be captured"),
    ],
)
def test_what_was_never_held_has_a_cause(reason: str, attempts: int, cause: Cause, told: str) -> None:
    """Failing with what, and since when; robots, blocks and what was gone first are causes of their own."""
    found = not_held(reason, attempts, datetime(2026, 8, 21, 15, tzinfo=UTC), in_scope=True)
    assert (found.cause, found.reason) == (cause, told)
    assert not_held(reason, attempts, None, in_scope=False).cause is Cause.OUT_OF_SCOPE


@given(st.permutations(["001", "002", "005", "H001", "H003"]), st.integers(0, 5))
def test_numbers_that_were_skipped_are_inferred(numbers: list[str], left_out: int) -> None:
    """Of a day's numbers those below the greatest are told that nobody saw, each kind by itself, in any order."""
    serials = Serials("rodong")
    for number in numbers[left_out:]:
        serials.add(f"rodong:en:2026-02-19-{number}", f"captures/rodong/{number}")
    plain = {int(each) for each in numbers[left_out:] if each.isdigit()}
    others = {int(each[1:]) for each in numbers[left_out:] if not each.isdigit()}
    skipped = sum(max(each, default=0) - len(each) for each in (plain, others))
    days, findings = serials.inferred(None, None)
    assert days == ({date(2026, 2, 19): skipped} if skipped else {})
    assert all(finding.severity is Severity.NOTE and finding.evidence for finding in findings)
    assert serials.inferred(date(2026, 2, 20), None) == ({}, ())


def test_a_row_of_numbers_begins_where_it_was_first_seen() -> None:
    """The ministry's numbers go on over the days; addresses without a number of the outlet's infer nothing."""
    serials = Serials("mfa")
    for name in ("mfa::12340", "mfa::12343", "mfa::12344", "kcnawatch::1766000001-1", "kp,gov,mfa)/view/1"):
        serials.add(name, f"by {name}")
    days, (found,) = serials.inferred(None, None)
    assert (days, found.subject, found.evidence) == ({}, "mfa::12344", "by mfa::12344")
    assert found.reason == "2 lower numbers are known of no article: 12341-12342"


def test_one_article_under_several_addresses_counts_once() -> None:
    """Of the addresses of one identity the one we have furthest stands for it; other sources' keys are their own."""
    aliases = [
        item("a", reach=1, url="http://outlet.example/top/1", day=DAY + timedelta(days=1), reason="not yet fetched"),
        item("a", reach=4, url="http://outlet.example/home/1"),
        item("a", reach=2, url="http://outlet.example/latest/1", reason="its snapshot is damaged"),
    ]
    counts, findings = audit(one_of_each([*aliases, item("a", source="other")]), ())
    assert findings == ()
    assert [(day.source, day.expected, day.readable) for day in counts] == [("other", 1, 1), ("outlet", 1, 1)]
    assert one_of_each(aliases) == [aliases[1]]
    assert one_of_each(aliases[::-1]) == [aliases[1]]
