"""What is complete: the five sets, the reasons of gaps, and the hours in which nobody was looking."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.model import Severity
from scraper.policy.audit import Expected, audit, one_of_each
from scraper.policy.unobserved import Watch

DAY = date(2026, 8, 22)
KOREA = "Asia/Pyongyang"
RESTORE = "restore it from a backup of the store, then: scraper check --read-data"
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
    ("reach", "reason", "kind", "severity", "repair"),
    [
        (1, "not yet fetched", "missing", Severity.MISSING, "scraper fetch 'http://outlet.example/k'"),
        (1, "robots-denied (tried 2 times)", "missing", Severity.MISSING, "none: the outlet's robots.txt forbids it"),
        (1, "gone before it could be captured", "missing", Severity.MISSING, "none here: look for a copy elsewhere"),
        (2, "its snapshot is damaged", "damaged", Severity.DAMAGED, RESTORE),
        (3, "no known layout", "unreadable", Severity.MISSING, "scraper parse 'http://outlet.example/k'"),
    ],
)
def test_each_gap_names_its_reason_and_remedy(
    reach: int, reason: str, kind: str, severity: Severity, repair: str
) -> None:
    """A finding says what is missing, why, by which evidence it was expected, and what to do."""
    _, (found,) = audit([item(reach=reach, reason=reason)], ())
    assert (found.kind, found.severity, found.reason, found.repair) == (kind, severity, reason, repair)
    assert (found.subject, found.day, found.evidence) == ("http://outlet.example/k", DAY, "captures/outlet/1")


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
