"""When nobody was looking: windows of the outlet's day, stretches of days, and the exit code they lead to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from typing import Any, overload

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.model import Finding, Report, Severity
from scraper.policy.audit import audit
from scraper.policy.unobserved import Watch, thinned

DAY = date(2026, 8, 22)
"""In Korea, from 15:00 UTC on the 21st to 15:00 UTC on the 22nd."""

KOREA = "Asia/Pyongyang"
AFTERWARDS = datetime(2026, 9, 30, tzinfo=UTC)
WHOLE = "00:00-24:00"


def utc(text: str) -> datetime:
    """`2026-08-21 15:00` in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def watch(looks: Sequence[str | datetime], **changes: Any) -> Watch:
    """A watch over one Korean day with six hours' patience; `changes` replaces fields."""
    fields: dict[str, Any] = {
        "source": "outlet",
        "timezone": KOREA,
        "since": DAY,
        "until": DAY,
        "now": AFTERWARDS,
        "looked_at": tuple(utc(look) if isinstance(look, str) else look for look in looks),
        "covered": frozenset(),
        "patience": timedelta(hours=6),
    }
    return Watch(**(fields | changes))


def windows(seen: Watch) -> list[str]:
    """The unobserved windows of each watched day, in order."""
    counts, _ = audit((), [seen])
    return [count.unobserved for count in counts]


def stretches(*seen: Watch) -> list[tuple[str, str, str]]:
    """Subject, reason and repair of every finding."""
    _, findings = audit((), seen)
    return [(finding.subject, finding.reason, finding.repair) for finding in findings]


@pytest.mark.parametrize(
    ("looks", "unobserved"),
    [
        ([], WHOLE),
        (["2026-08-21 14:00", "2026-08-21 20:00", "2026-08-22 02:00", "2026-08-22 08:00", "2026-08-22 14:00", "2026-08-22 16:00"], ""),
        (["2026-08-21 14:00", "2026-08-21 19:00", "2026-08-22 00:00", "2026-08-22 12:00", "2026-08-22 15:00"], "09:00-21:00"),
        (["2026-08-21 10:00", "2026-08-21 20:00", "2026-08-22 02:00", "2026-08-22 08:00", "2026-08-22 14:00", "2026-08-22 15:00"], "00:00-05:00"),
        (["2026-08-21 15:00", "2026-08-21 20:00", "2026-08-22 02:00", "2026-08-22 08:00", "2026-08-22 13:00", "2026-08-23 03:00"], "22:00-24:00"),
        (["2026-08-21 10:00", "2026-08-21 17:30", "2026-08-22 12:00", "2026-08-22 19:00"], "00:00-02:30, 02:30-21:00, 21:00-24:00"),
        (["2026-08-21 14:59", "2026-08-22 15:01"], WHOLE),
        (["2026-08-21 15:00", "2026-08-22 15:00"], WHOLE),
        (["2026-08-20 00:00", "2026-08-25 00:00"], WHOLE),
        (["2026-08-20 00:00"], WHOLE),
        (["2026-08-25 00:00"], WHOLE),
    ],
)  # fmt: skip
def test_windows_of_a_day(looks: list[str], unobserved: str) -> None:
    """A gap longer than the patience is shown, cut to the outlet's day; exactly the patience is no gap."""
    assert windows(watch(looks)) == [unobserved]


def test_before_the_first_look_nobody_looked() -> None:
    """However soon the first look came, what an outlet took down before it was seen by nobody."""
    looks = [utc("2026-08-21 16:00") + timedelta(hours=5 * n) for n in range(6)]
    assert windows(watch(looks)) == ["00:00-01:00"]


@pytest.mark.parametrize(("now", "unobserved"), [("2026-08-22 01:00", ""), ("2026-08-22 02:01", "05:00-11:01")])
def test_today_is_judged_up_to_now(now: str, unobserved: str) -> None:
    """The hours to come are not unobserved yet, and a short wait since the last look is none either."""
    looks = ["2026-08-21 14:00", "2026-08-21 20:00"]
    assert windows(watch(looks, now=utc(now))) == [unobserved]
    assert windows(watch(looks, now=utc(now), since=DAY + timedelta(days=1), until=DAY + timedelta(days=1))) == [""]


def test_a_day_shown_whole_by_a_later_index_is_covered() -> None:
    """An index that lists the day makes up for nobody having looked on it; its neighbours stay unobserved."""
    until = DAY + timedelta(days=2)
    seen = watch([], until=until, covered=frozenset({DAY + timedelta(days=1)}))
    assert windows(seen) == [WHOLE, "", WHOLE]


@pytest.mark.parametrize(
    ("day", "start", "end"),
    [
        (date(2015, 8, 13), "2015-08-12 15:00", "2015-08-13 15:00"),
        (date(2015, 8, 14), "2015-08-13 15:00", "2015-08-14 15:30"),
        (date(2016, 3, 1), "2016-02-29 15:30", "2016-03-01 15:30"),
        (date(2018, 5, 4), "2018-05-03 15:30", "2018-05-04 15:00"),
        (date(2018, 5, 5), "2018-05-04 15:00", "2018-05-05 15:00"),
    ],
)
def test_pyongyang_had_a_half_hour_of_its_own(day: date, start: str, end: str) -> None:
    """From 15 August 2015 to 4 May 2018 the outlet's day began at 15:30 UTC; two days had other lengths."""
    looks = [utc(start) + timedelta(hours=5 * n) for n in range(5)]
    inside = watch([*looks, utc(end)], since=day, until=day)
    assert windows(inside) == [""]
    short = watch([*looks, utc(end)], since=day, until=day, patience=timedelta(hours=4, minutes=59))
    assert windows(short)[0].startswith("00:00-05:00")
    hole = watch([utc(start), utc(end)], since=day, until=day)
    assert windows(hole) == [WHOLE]
    assert windows(watch([utc(start) + timedelta(minutes=30), utc(end)], since=day, until=day))[0].startswith(
        "00:00-00:30"
    )


def _minutes(unobserved: str) -> int:
    total = 0
    for window in filter(None, unobserved.split(", ")):
        first, last = (int(clock[:2]) * 60 + int(clock[3:]) for clock in window.split("-"))
        total += last - first
    return total


_looks = st.lists(st.integers(-4 * 24 * 60, 5 * 24 * 60), max_size=10).map(sorted)


@given(looks=_looks, another=st.integers(-4 * 24 * 60, 5 * 24 * 60), hours=st.integers(1, 30))
def test_looking_more_often_never_leaves_more_unobserved(looks: list[int], another: int, hours: int) -> None:
    """One look more, anywhere, takes minutes away from what nobody saw or leaves them as they are."""
    start = utc("2026-08-21 15:00")
    patience = timedelta(hours=hours)

    def unseen(minutes: list[int]) -> int:
        at = [start + timedelta(minutes=minute) for minute in minutes]
        return sum(map(_minutes, windows(watch(at, until=DAY + timedelta(days=1), patience=patience))))

    assert 0 <= unseen(sorted([*looks, another])) <= unseen(looks) <= 2 * 24 * 60


class _Counted(Sequence[datetime]):
    """Times of looks that count how often one of them is read."""

    def __init__(self, looks: Sequence[datetime]) -> None:
        self._looks = looks
        self.read = 0

    def __len__(self) -> int:
        return len(self._looks)

    @overload
    def __getitem__(self, index: int) -> datetime: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[datetime]: ...

    def __getitem__(self, index: int | slice) -> datetime | Sequence[datetime]:
        found = self._looks[index]
        self.read += 1 if isinstance(found, datetime) else len(found)
        return found


def test_years_of_looks_are_not_gone_through_anew_for_every_day() -> None:
    """A look is read a few times, not once for every day that is watched: a report over ten years takes seconds."""
    days, a_day = 100, 48
    looks = _Counted([utc("2026-08-21 15:00") + timedelta(minutes=30 * n) for n in range(days * a_day)])
    assert set(windows(watch((), looked_at=looks, until=DAY + timedelta(days=days - 1)))) <= {"", WHOLE}
    assert looks.read < 2 * days * a_day


@given(looks=_looks, hours=st.integers(1, 30))
def test_looks_that_are_left_out_make_no_difference(looks: list[int], hours: int) -> None:
    """Of many looks in a row a few tell the same: no gap becomes longer than the patience that was not."""
    at = [utc("2026-08-21 15:00") + timedelta(minutes=minute) for minute in looks]
    patience = timedelta(hours=hours)
    few = thinned(at, patience)
    assert set(few) <= set(at)
    assert few[:1] + few[-1:] == tuple(at[:1] + at[-1:])
    assert all(after - before > patience for before, after in zip(few, few[2:], strict=False))
    until = DAY + timedelta(days=2)
    assert windows(watch(few, until=until, patience=patience)) == windows(watch(at, until=until, patience=patience))


def test_centuries_before_the_first_look_are_one_line() -> None:
    """Whoever asks since the year 1 is told so in one finding, and of the last year day by day."""
    looks = [utc("2026-08-21 15:00") + timedelta(hours=5 * n) for n in range(6)]
    seen = watch(looks, since=date(1, 1, 1))
    assert len(windows(seen)) == 367
    assert stretches(seen) == [
        (
            "outlet 0001-01-01 to 2026-08-21",
            "no listing was seen on any of these 739849 days",
            "scraper backfill outlet --since 0001-01-01 --until 2026-08-21",
        )
    ]
    never = watch([], since=date(1, 1, 1))
    assert (len(windows(never)), len(stretches(never))) == (367, 1)


def test_unobserved_days_in_a_row_are_one_finding() -> None:
    """A fortnight's outage is one line with one command, not fourteen."""
    (found,) = stretches(watch([], until=DAY + timedelta(days=13)))
    assert found == (
        "outlet 2026-08-22 to 2026-09-04",
        "no listing was seen on any of these 14 days",
        "scraper backfill outlet --since 2026-08-22 --until 2026-09-04",
    )


def test_what_interrupts_a_stretch() -> None:
    """A covered day, a day seen in part, and another source each begin a line of their own."""
    covered = frozenset({DAY + timedelta(days=2)})
    looks = [utc("2026-08-25 15:00") + timedelta(hours=4 * n) for n in range(4)]
    seen = watch(looks, until=DAY + timedelta(days=5), covered=covered)
    other = watch([], source="another")
    assert [(subject, reason) for subject, reason, _ in stretches(seen, other)] == [
        ("another 2026-08-22", "no listing was seen 00:00-24:00"),
        ("outlet 2026-08-22 to 2026-08-23", "no listing was seen on any of these 2 days"),
        ("outlet 2026-08-25", "no listing was seen 00:00-24:00"),
        ("outlet 2026-08-26", "no listing was seen 12:00-24:00"),
        ("outlet 2026-08-27", "no listing was seen 00:00-24:00"),
    ]


def test_neighbouring_sources_do_not_join() -> None:
    """The last day of one source and the next day of another are two outages."""
    assert (
        len(
            stretches(
                watch([], source="a"),
                watch([], source="b", since=DAY + timedelta(days=1), until=DAY + timedelta(days=1)),
            )
        )
        == 2
    )


def report(*severities: Severity) -> Report:
    """A report with one finding of each severity."""
    found = tuple(Finding(kind="k", severity=each, source="s", subject="s", reason="r") for each in severities)
    return Report(job="check", started_at=AFTERWARDS, ended_at=AFTERWARDS, findings=found)


@pytest.mark.parametrize(
    ("severities", "code"),
    [
        ((), 0),
        ((Severity.NOTE,), 0),
        ((Severity.UNOBSERVED, Severity.NOTE), 5),
        ((Severity.MISSING, Severity.UNOBSERVED), 1),
        ((Severity.DAMAGED, Severity.MISSING, Severity.UNOBSERVED), 4),
        ((Severity.UNREACHABLE, Severity.DAMAGED, Severity.MISSING), 3),
    ],
)
def test_the_worst_finding_gives_the_exit_code(severities: tuple[Severity, ...], code: int) -> None:
    """Unreachable before damaged before missing before unobserved, in whatever order they were found."""
    for order in permutations(severities):
        assert report(*order).exit_code() == code
