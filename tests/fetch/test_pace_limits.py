"""Budgets, the circuit breaker, quiet hours and the adaptive gap, obeyed by `Fetcher.get` against a real server.

Each holds for the clock of one process and for the one in the catalogue, which a second fetcher shares.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from scraper.catalogue.database import open_database
from scraper.catalogue.pace import SharedPace
from scraper.clock import SystemClock
from scraper.errors import FetchError, Throttled, Transient
from scraper.fetch.pace import LocalPace, Pace
from scraper.model import Network
from tests.fetch_support import QUICK, START, Recorder, asking, fetcher, outlet, serving
from tests.web_server import CLOSE, Answer, Route, Wait, WebServer, head, page, status

ONCE = replace(QUICK, attempts=1, breaker_failures=0)


@pytest.fixture(params=["local", "shared"])
def pace(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Pace]:
    """Both implementations."""
    if request.param == "local":
        yield LocalPace()
        return
    database = open_database(f"sqlite:///{tmp_path}/catalogue.sqlite3")
    yield SharedPace(database)
    database.close()


def test_a_slow_host_is_given_five_times_its_own_time(pace: Pace) -> None:
    """After an answer of 0.2 s nobody asks for a second, although the configured gap is shorter."""
    slow = Answer((Wait(0.2), head(200, "OK", [("Content-Length", "2")]), b"ok"))
    source = outlet(politeness=replace(QUICK, gap=0.05, max_gap=5))
    recorder = Recorder()
    with WebServer({"/a": slow, "/b": page(b"x")}) as web, fetcher(recorder, clock=SystemClock(), pace=pace) as made:
        for path in ("/a", "/b", "/b"):
            made.get(asking(web.url(path)), source, recorder.record)
        _, first, second, third = web.log
    assert second.started - first.ended >= 0.99
    assert third.started - second.ended < 0.9


def test_the_longest_gap_is_the_limit_of_all_slowing(pace: Pace) -> None:
    """`max_gap` bounds what a slow or failing host adds."""
    routes: dict[str, Route] = {"/a": [*[status(500)] * 6, page(b"x")]}
    source = outlet(politeness=replace(ONCE, gap=3, max_gap=20))
    with serving(routes, source=source, pace=pace) as site:
        for _ in range(6):
            with pytest.raises(Transient):
                site.get("/a")
        site.get("/a")
        site.get("/a")
        times = [exchange.started_at for exchange in site.recorder.exchanges]
    gaps = [(after - before).total_seconds() for before, after in pairwise(times)]
    assert gaps == [3, 6, 12, 20, 20, 20, 20, 10]


def test_a_budget_of_requests_holds_for_every_fetcher(pace: Pace) -> None:
    """robots.txt and four pages are five requests; the sixth is not made by anybody until the next UTC day."""
    source = outlet(politeness=replace(ONCE, daily_requests=5))
    with serving({"/a": page(b"x")}, source=source, pace=pace) as site:
        for _ in range(4):
            site.get("/a")
        with pytest.raises(Throttled) as caught:
            site.get("/a")
        with fetcher(site.recorder, pace=pace, clock=site.clock, owner="another") as other, pytest.raises(Throttled):
            other.get(asking(site.web.url("/a")), source, site.recorder.record)
        assert len(site.web.log) == 5
        assert (caught.value.kind, caught.value.until) == ("budget-spent", datetime(2026, 8, 23, tzinfo=UTC))
        site.clock.sleep((caught.value.until - START).total_seconds())
        assert site.get("/a").exchange.status == 200
    assert [exchange.failure for exchange in site.recorder.pages()] == [None] * 5


def test_a_budget_of_bytes_holds_as_received(pace: Pace) -> None:
    """Three pages of 400 bytes reach a budget of 1,000; the third is finished, a fourth is not asked for."""
    source = outlet(politeness=replace(ONCE, daily_bytes=1000))
    with serving({"/robots.txt": page(b""), "/a": page(b"x" * 400)}, source=source, pace=pace) as site:
        for _ in range(3):
            assert len(site.get("/a").exchange.body) == 400
        with pytest.raises(Throttled, match="daily_bytes") as caught:
            site.get("/a")
        assert len(site.web.log) == 4
    assert caught.value.kind == "budget-spent"


def test_a_circuit_opens_for_all_and_closes_with_one_good_answer(pace: Pace) -> None:
    """After three failures nobody asks for five minutes; the probe fails: ten; the next one succeeds: all go on."""
    source = outlet(politeness=replace(ONCE, breaker_failures=3))
    routes: dict[str, Route] = {"/a": [Answer((CLOSE,)), status(500), Answer((CLOSE,)), status(502), page(b"x")]}
    with serving(routes, source=source, pace=pace) as site:

        def fails() -> FetchError:
            with pytest.raises((Transient, Throttled)) as caught:
                site.get("/a")
            return caught.value

        assert [type(fails()) for _ in range(4)] == [Transient, Transient, Transient, Throttled]
        before = len(site.web.log)
        with fetcher(site.recorder, pace=pace, clock=site.clock, owner="another") as other, pytest.raises(Throttled):
            other.get(asking(site.web.url("/b")), source, site.recorder.record)
        site.clock.sleep(299)
        opened = fails()
        assert isinstance(opened, Throttled)
        assert (opened.kind, opened.until) == ("circuit-open", START + timedelta(minutes=5))
        assert len(site.web.log) == before
        site.clock.sleep(1)
        assert isinstance(fails(), Transient)
        again = fails()
        assert isinstance(again, Throttled)
        assert again.until == START + timedelta(minutes=15)
        assert len(site.web.log) == before + 1
        site.clock.sleep(600)
        assert [site.get("/a").exchange.status for _ in range(2)] == [200, 200]


def test_retries_end_where_the_circuit_opens(pace: Pace) -> None:
    """Of ten attempts that are allowed two are made: the second failure stops the host, not only the page."""
    source = outlet(politeness=replace(QUICK, attempts=10, breaker_failures=2))
    with serving({"/a": status(500)}, source=source, pace=pace) as site, pytest.raises(Throttled):
        site.get("/a")
    assert [exchange.status for exchange in site.recorder.pages()] == [500, 500]


def test_a_circuit_survives_a_restart(tmp_path: Path) -> None:
    """Another program that opens the catalogue finds it open, and asks for nothing."""
    source = outlet(politeness=replace(ONCE, breaker_failures=1))
    asked = []
    for error in (Transient, Throttled):
        database = open_database(f"sqlite:///{tmp_path}/catalogue.sqlite3")
        with serving({"/a": status(500)}, source=source, pace=SharedPace(database)) as site:
            with pytest.raises(error):
                site.get("/a")
            asked.append(site.web.targets())
        database.close()
    assert asked == [["/robots.txt", "/a"], []]


def test_nothing_is_asked_in_quiet_hours(pace: Pace) -> None:
    """Not even robots.txt: Throttled names their end, after which all goes on."""
    source = replace(outlet(politeness=ONCE), quiet=("20:00-23:30",), timezone="Asia/Pyongyang")  # it is 21:00 there
    with serving({"/a": page(b"x")}, source=source, pace=pace) as site:
        with pytest.raises(Throttled) as caught:
            site.get("/a")
        assert site.web.log == []
        assert caught.value.kind == "quiet-hours"
        assert caught.value.until == START + timedelta(hours=2, minutes=30)
        site.clock.sleep(2.5 * 3600)
        assert site.get("/a").exchange.status == 200


def test_quiet_hours_that_begin_during_the_wait_for_a_turn_count(pace: Pace) -> None:
    """A gap that ends inside them ends with Throttled, not with a request."""
    source = replace(outlet(politeness=replace(ONCE, gap=60, max_gap=60)), quiet=("12:00-12:30",), timezone="UTC")
    with serving({"/a": page(b"x")}, source=source, pace=pace) as site:
        site.clock.sleep(-30)
        with pytest.raises(Throttled):
            site.get("/a")
        assert site.web.targets() == ["/robots.txt"]


def test_a_host_keeps_its_sources_pace_whoever_asks_it(pace: Pace) -> None:
    """A robots.txt that is redirected to another source's host waits for that source's group, not for one of its own."""
    pace.stop_until("b.example", START + timedelta(hours=1), "429")
    recorder = Recorder()
    with WebServer({}) as web:
        away = status(302, ("Location", f"http://www.b.example:{web.port}/robots.txt"))
        web.routes["/robots.txt"] = [away, page(b"")]
        network = Network(resolve=tuple((host, "127.0.0.1") for host in ("a.example", "www.b.example")))
        groups = {"a.example": "a.example", "b.example": "b.example", "www.b.example": "b.example"}
        with fetcher(recorder, pace=pace, groups=groups) as made, pytest.raises(Throttled, match=r"^b\.example"):
            made.get(asking(f"http://a.example:{web.port}/a"), outlet("a.example", network=network), recorder.record)
        assert [seen.host.partition(":")[0] for seen in web.log] == ["a.example"]
