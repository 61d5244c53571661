"""What /healthz and /livez answer: late ticks, and what stands against a source until its next tick finds it gone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from http.client import HTTPConnection
from typing import Any

import pytest

from scraper.daemon.health import Health, ask, serving
from scraper.demo.clock import SteppedClock
from tests.policy_support import NOON
from tests.test_stop import free_port

EVERY = timedelta(minutes=30)


@pytest.fixture
def clock() -> SteppedClock:
    """A clock that is stepped."""
    return SteppedClock(NOON)


@pytest.fixture
def health(clock: SteppedClock) -> Health:
    """Two sources, just begun."""
    return Health(clock, {"one": EVERY, "two": EVERY})


@pytest.fixture
def address(health: Health) -> Iterator[str]:
    """Where it is served."""
    place = f"127.0.0.1:{free_port()}"
    with serving(place, health):
        yield place


def get(address: str, path: str) -> tuple[int, Any]:
    """Status and answer."""
    connection = HTTPConnection(address, timeout=5)
    connection.request("GET", path)
    answer = connection.getresponse()
    found = answer.status, json.loads(answer.read())
    connection.close()
    return found


def test_an_alarm_is_not_well_but_alive(address: str, health: Health) -> None:
    """503 with the reason at /healthz, 200 at /livez; the source's next tick without it ends the alarm."""
    assert get(address, "/healthz") == (200, health.state())
    health.ticked("one", ["blind: this list cannot be read"])
    health.ticked("two")
    status, said = get(address, "/healthz")
    assert (status, said["status"]) == (503, "alarm")
    assert said["sources"]["one"]["alarms"] == ["blind: this list cannot be read"]
    assert said["sources"]["two"]["alarms"] == []
    assert get(address, "/livez")[0] == 200
    assert ask(address)[0] is False
    health.ticked("one")
    assert get(address, "/healthz")[0] == 200
    assert ask(address)[0] is True


def test_who_is_late_is_neither(address: str, health: Health, clock: SteppedClock) -> None:
    """A source that did not tick for three of its intervals: 503 at both, whatever else stands against it."""
    health.ticked("one", ["silent: nothing new"])
    clock.sleep(3 * EVERY.total_seconds() + 1)
    health.ticked("two")
    assert [get(address, path)[0] for path in ("/healthz", "/livez", "/other")] == [503, 503, 404]
    assert health.state()["status"] == "late"
