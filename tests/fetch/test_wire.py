"""Hostile and broken wires: limits, truncation, deadlines, abandonment."""

from __future__ import annotations

import gzip
import socket
import threading
import time
from dataclasses import replace
from itertools import repeat

import pytest

from scraper.clock import SystemClock
from scraper.errors import Transient
from scraper.fetch.pace import LocalPace
from scraper.model import Exchange, Failure, Politeness
from tests.fetch_support import QUICK, Recorder, asking, fetcher, outlet, serving
from tests.web_server import CLOSE, RESET, Answer, Asked, Wait, WebServer, head, page

ONCE = replace(QUICK, attempts=1)


def attempt(answer: Answer, politeness: Politeness = ONCE) -> Exchange:
    """Ask once for a page that is answered so, and fail; what was recorded."""
    with serving({"/a": answer}, source=outlet(politeness=politeness)) as site, pytest.raises(Transient) as caught:
        site.get("/a")
    assert caught.value.failure is site.last.failure
    return site.last


LENGTH = head(200, "OK", [("Content-Length", "1000")])
CHUNKED = head(200, "OK", [("Transfer-Encoding", "chunked")])

BROKEN = [
    ("closed before the answer", Answer((CLOSE,)), Failure.RESET, None),
    ("reset before the answer", Answer((RESET,)), Failure.RESET, None),
    ("closed inside the headers", Answer((b"HTTP/1.1 200 OK\r\nConte", CLOSE)), Failure.RESET, None),
    ("fewer bytes than announced", Answer((LENGTH, b"x" * 500, CLOSE)), Failure.RESET, "disconnect"),
    ("reset inside the body", Answer((LENGTH, b"x" * 500, Wait(0.1), RESET)), Failure.RESET, "disconnect"),
    ("chunks without an end", Answer((CHUNKED, b"1f4\r\n" + b"x" * 500 + b"\r\n", CLOSE)), Failure.RESET, "disconnect"),
    (
        "a chunk that is no number",
        Answer((CHUNKED, b"1f4\r\n" + b"x" * 500 + b"\r\nzz\r\n")),
        Failure.PROTOCOL,
        "unspecified",
    ),
    ("no HTTP at all", Answer((b"SSH-2.0-OpenSSH_9.6\r\n\r\n", CLOSE)), Failure.PROTOCOL, None),
    (
        "headers without an end",
        Answer((b"HTTP/1.1 200 OK\r\n", *repeat(b"X: " + b"y" * 9000 + b"\r\n", 30))),
        Failure.PROTOCOL,
        None,
    ),
    ("silence inside the body", Answer((LENGTH, b"x" * 500, Wait(9))), Failure.TIMEOUT_READ, "time"),
]


@pytest.mark.parametrize(
    ("answer", "failure", "truncated"), [row[1:] for row in BROKEN], ids=[row[0] for row in BROKEN]
)
def test_an_answer_that_breaks_off_is_recorded_with_what_came(
    answer: Answer, failure: Failure, truncated: str | None
) -> None:
    """The failure is named, the bytes so far are kept with the reason why there are no more."""
    got = attempt(answer, replace(ONCE, read_timeout=0.4))
    assert (got.failure, got.truncated) == (failure, truncated)
    assert got.body == (b"x" * 500 if truncated else b"")
    assert (got.status is not None) is (truncated is not None)
    assert got.request_headers[0][0] == "Host"


def test_a_truncated_body_is_tried_again() -> None:
    """The second, whole answer is returned; both are on record."""
    with serving({"/a": [Answer((LENGTH, b"x", CLOSE)), page(b"whole")]}) as site:
        assert site.get("/a").exchange.body == b"whole"
    assert [exchange.truncated for exchange in site.recorder.pages()] == ["disconnect", None]


def test_silence_is_a_read_timeout() -> None:
    """No byte within the read timeout ends the attempt."""
    got = attempt(Answer((Wait(9),)), replace(ONCE, read_timeout=0.3))
    assert (got.failure, got.status) == (Failure.TIMEOUT_READ, None)


def test_one_long_silence_ends_at_the_deadline_too() -> None:
    """A read that would outlast the attempt's time gets only what is left of it."""
    began = time.monotonic()
    got = attempt(Answer((Wait(9),)), replace(ONCE, read_timeout=8, deadline=0.4))
    assert got.failure is Failure.TIMEOUT_TOTAL
    assert time.monotonic() - began < 4


SLOW_HEADER = Answer((b"HTTP/1.1 200 OK\r\n", *(step for n in range(100) for step in (Wait(0.05), b"X-%d: y\r\n" % n))))
SLOW_BODY = Answer(
    (head(200, "OK", [("Content-Length", "100")]), *(step for _ in range(100) for step in (Wait(0.05), b"x")))
)
SLOW_CHUNK_SIZE = Answer((CHUNKED, b"5;ext=", *(step for _ in range(100) for step in (Wait(0.05), b"x"))))
ENDLESS_HINTS = Answer(tuple(step for _ in range(100) for step in (Wait(0.05), b"HTTP/1.1 103 Early Hints\r\n\r\n")))


@pytest.mark.parametrize("answer", [SLOW_HEADER, SLOW_BODY, SLOW_CHUNK_SIZE, ENDLESS_HINTS])
def test_a_slow_loris_ends_at_the_deadline(answer: Answer) -> None:
    """A byte now and then keeps every read timeout happy, but not the total deadline."""
    began = time.monotonic()
    got = attempt(answer, replace(ONCE, deadline=0.5, min_bytes_per_second=0))
    assert got.failure is Failure.TIMEOUT_TOTAL
    assert time.monotonic() - began < 4


def test_a_trickle_ends_when_it_is_too_slow() -> None:
    """With a minimum throughput the body is given up before its deadline (the grace is 5 s, by a clock that leaps)."""
    leaps = iter([0.0, 0.0, 0.0, 0.0] + [float(n) for n in range(1, 1000)])
    recorder = Recorder()
    with WebServer({"/a": SLOW_BODY}) as web, fetcher(recorder, monotonic=lambda: next(leaps)) as made:
        source = outlet(politeness=replace(ONCE, deadline=1e6, read_timeout=5))
        with pytest.raises(Transient) as caught:
            made.get(asking(web.url("/a")), source, recorder.record)
    assert caught.value.failure is Failure.TOO_SLOW
    assert recorder.exchanges[-1].truncated == "time"


def test_an_endless_body_ends_at_the_byte_limit() -> None:
    """The bytes up to the limit are kept, the connection is closed, and there is no second attempt."""
    endless = Answer((CHUNKED, *repeat(b"400\r\n" + b"x" * 1024 + b"\r\n", 5000)))
    source = outlet(politeness=replace(QUICK, max_bytes=100_000))
    with serving({"/a": endless}, source=source) as site, pytest.raises(Transient) as caught:
        site.get("/a")
    assert caught.value.failure is Failure.TOO_LARGE
    assert len(site.recorder.pages()) == 1
    assert (site.last.truncated, site.last.status) == ("length", 200)
    assert 100_000 < len(site.last.body) < 200_000


def test_a_bomb_is_recorded_as_one() -> None:
    """A gzip bomb ends early, is on record with its beginning, and is not asked for again."""
    bomb = page(gzip.compress(b"\0" * 20_000_000), headers=[("Content-Encoding", "gzip")])
    with serving({"/a": bomb}) as site, pytest.raises(Transient) as caught:
        site.get("/a")
    assert caught.value.failure is Failure.DECODE_BOMB
    assert len(site.recorder.pages()) == 1
    assert (site.last.truncated, site.last.content_encoding) == ("length", "gzip")


def test_an_encoded_body_is_recorded_decoded_with_its_wire_size() -> None:
    """Body decoded; size and digest as received; what does not decode is kept as received and marked."""
    text = b"<p>page</p>" * 500
    packed = gzip.compress(text)
    routes = {
        "/a": page(packed, headers=[("Content-Encoding", "gzip")]),
        "/b": page(text, headers=[("Content-Encoding", "gzip")]),
    }
    with serving(routes) as site:
        good = site.get("/a").exchange
        bad = site.get("/b").exchange
    assert (good.body, good.wire_size, good.content_encoding, good.undecoded) == (text, len(packed), "gzip", False)
    assert (bad.body, bad.wire_size, bad.content_encoding, bad.undecoded) == (text, len(text), "gzip", True)


def test_nobody_listens() -> None:
    """A refused connection is a connect failure, tried again, with nothing sent."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    recorder = Recorder()
    with fetcher(recorder) as made, pytest.raises(Transient):
        made.get(asking(f"http://127.0.0.1:{port}/a"), outlet(), recorder.record)
    assert [exchange.failure for exchange in recorder.exchanges] == [Failure.CONNECT] * 3 + [Failure.ROBOTS_UNREACHABLE]
    assert recorder.exchanges[0].request_headers == ()


def test_a_connection_is_kept_between_pages() -> None:
    """Ten pages and robots.txt need one connection."""
    peers = set()

    def note(asked: object) -> Answer:
        peers.add(threading.get_ident())
        return page(b"x")

    with serving({"/a": note}) as site:
        for _ in range(10):
            site.get("/a")
    assert len(peers) == 1


@pytest.mark.parametrize("answer", [Answer((Wait(9),)), Answer((LENGTH, b"x", Wait(9)))])
def test_abandoning_ends_requests_in_flight_and_records_them(answer: Answer) -> None:
    """A request that waits for headers or body ends at once, is on record as abandoned, and is not tried again."""
    with serving({}) as site:

        def asked_for(_: Asked) -> Answer:
            threading.Timer(0.2, site.fetcher.abandon).start()  # not before it is under way, however busy the machine
            return answer

        site.web.routes["/a"] = asked_for
        began = time.monotonic()
        with pytest.raises(Transient) as caught:
            site.get("/a")
        assert time.monotonic() - began < 4
        assert caught.value.failure is Failure.ABANDONED
        assert [exchange.failure for exchange in site.recorder.pages()] == [Failure.ABANDONED]
        with pytest.raises(Transient) as later:
            site.get("/a")
    assert later.value.failure is Failure.ABANDONED
    assert len(site.recorder.pages()) == 1


def test_abandoning_ends_the_wait_for_a_turn() -> None:
    """A thread that waits for the host's gap stops waiting and sends nothing."""
    recorder, pace = Recorder(), LocalPace()
    source = outlet(politeness=replace(QUICK, gap=60.0))
    with WebServer({"/a": page(b"x")}) as web, fetcher(recorder, clock=SystemClock(), pace=pace) as made:
        threading.Timer(0.3, made.abandon).start()
        began = time.monotonic()
        with pytest.raises(Transient) as caught:
            made.get(asking(web.url("/a")), source, recorder.record)
        assert time.monotonic() - began < 4
        assert web.targets() == ["/robots.txt"]
    assert caught.value.failure is Failure.ABANDONED
