"""What is guessed of an outlet nobody has declared: its id, its time zone, how many articles a day it has."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.policy.outlet import Zone, identifier, per_day, zone

ZONES = {
    "KP": ("Asia/Pyongyang",),
    "GB": ("Europe/London",),
    "US": ("America/New_York", "America/Chicago", "America/Los_Angeles"),
}
TODAY = date(2026, 8, 22)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("www.herald.example", "herald"),
        ("en.yna.co.kr", "yna"),
        ("www.mfa.gov.kp", "mfa"),
        ("herald.example", "herald"),
        ("news.herald.example", "news-herald"),
        ("127.0.0.1", "127-0-0-1"),
        ("localhost", "localhost"),
    ],
)
def test_identifiers(host: str, expected: str) -> None:
    """The name that an outlet goes by in its host."""
    assert identifier(host) == expected


@given(st.from_regex(r"[a-z0-9.-]{1,80}", fullmatch=True))
def test_an_identifier_can_always_be_used(host: str) -> None:
    """Whatever the host: it is safe in a storage key, and not the reserved one."""
    assert re.fullmatch(r"[a-z0-9-]{1,32}", identifier(host))


@pytest.mark.parametrize(
    ("host", "country", "moments", "name"),
    [
        ("www.kcna.kp", "", [], "Asia/Pyongyang"),
        ("herald.co.uk", "", [], "Europe/London"),
        ("herald.example", "GB", [], "Europe/London"),
        ("herald.example", "US", ["2026-07-01T08:00:00-05:00"], "America/Chicago"),
        ("herald.example", "US", [], "America/New_York"),
        ("herald.example", "US", ["2026-07-01T08:00:00+00:00"], "America/New_York"),
        ("herald.io", "", ["2026-07-01T08:00:00+09:00"], "UTC"),
        ("herald.example", "", [], "UTC"),
    ],
)
def test_zones(host: str, country: str, moments: list[str], name: str) -> None:
    """The domain's country, else the page's, and of several zones there the one that the dates fit; else nothing is claimed."""
    found = zone(host, country, moments, ZONES)
    assert found.name == name
    assert (found == Zone(name="UTC")) is (name == "UTC")


def days(*counts: int) -> list[str]:
    """The dates of a feed that holds so many items of each day up to yesterday."""
    first = TODAY - timedelta(days=len(counts))
    return [(first + timedelta(days=at)).isoformat() for at, count in enumerate(counts) for _ in range(count)]


def test_how_many_a_day() -> None:
    """Half the least and twice the most of the whole days: neither the day the feed begins in, nor today."""
    assert per_day([*days(1, 4, 6, 5), *[TODAY.isoformat()] * 30], "UTC", TODAY) == (2, 12)
    assert per_day(days(9, 4, 0, 5), "UTC", TODAY) == (0, 10)
    assert per_day(days(4, 6, 5), "UTC", TODAY) is None
    assert per_day([], "UTC", TODAY) is None


def test_a_day_is_the_outlets() -> None:
    """A moment belongs to the day it is at the outlet."""
    late = [datetime(2026, 8, day, 20).isoformat() + "+00:00" for day in (16, 17, 18, 19) for _ in range(2)]  # noqa: DTZ001
    assert per_day(late, "Asia/Pyongyang", TODAY) == (0, 4)  # the 18th to the 20th have two each, the 21st has none
    assert per_day(late[:2], "UTC", TODAY) == (0, 1)
