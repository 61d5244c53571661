"""`Fetcher.get` from end to end: what is sent, what is recorded, and how each answer is reacted to."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta

import pytest

from scraper.errors import ConfigError, Refused, Throttled, Transient
from scraper.fetch.client import merged, pace_group
from scraper.fetch.pace import LocalPace
from scraper.fetch.useragent import UserAgent
from scraper.model import Channel, Failure, Network, Politeness
from tests.fetch_support import QUICK, START, Recorder, always, asking, fetcher, outlet, serving
from tests.web_server import RESET, Answer, Route, WebServer, head, moved, page, status


def test_an_answer_is_recorded_as_it_was() -> None:
    """Status line, header pairs in order and case, version, peer, wire size and digest, times, and the body."""
    sent = head(
        203,
        "Sort of OK",
        [("X-Zebra", "1"), ("content-TYPE", "text/plain"), ("x-zebra", "\xe9"), ("Content-Length", "5")],
    )
    with serving({"/a": Answer((sent, b"hello"))}) as site:
        fetched = site.get("/a")
        peer = f"127.0.0.1:{site.web.port}"
    got = fetched.exchange
    assert got == site.last
    assert fetched.capture == site.recorder.captures[-1]
    assert (got.status, got.reason_phrase, got.http_version) == (203, "Sort of OK", "HTTP/1.1")
    assert got.headers == (
        ("X-Zebra", "1"),
        ("content-TYPE", "text/plain"),
        ("x-zebra", "\xe9"),
        ("Content-Length", "5"),
    )
    assert (got.body, got.wire_size, got.wire_sha256) == (b"hello", 5, hashlib.sha256(b"hello").hexdigest())
    assert (got.peer, got.tls, got.channel, got.failure, got.truncated) == (peer, None, Channel.DIRECT, None, None)
    assert got.page().header("content-type") == "text/plain"


def test_the_request_headers_are_fixed_and_recorded_as_sent() -> None:
    """Order, case and values on the wire are those of the record, the source's language first; no cookie comes back."""
    cookie = page(b"x", headers=[("Set-Cookie", "session=1")])
    with serving({"/a": cookie}) as site:
        site.get("/a")
        site.get("/a?b=%E2%82%AC&c='1'")
        first, second = site.web.log[1:]
    assert second.target == "/a?b=%E2%82%AC&c='1'"
    assert second.asked.headers == site.last.request_headers
    assert first.asked.headers == (
        ("Host", f"127.0.0.1:{site.web.port}"),
        ("User-Agent", "scraper/0.1.0 (+https://archive.example/about)"),
        ("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"),
        ("Accept-Language", "ko, *;q=0.5"),
        ("Accept-Encoding", "gzip, deflate, br, zstd"),
    )


def test_validators_go_out_exactly_as_they_came() -> None:
    """A weak ETag keeps its W/, a date its spelling; the 304 is an answer without body or digest."""
    with serving({"/a": status(304, ("ETag", 'W/"x"'))}) as site:
        fetched = site.get("/a", etag='W/"a,b \xe9"', last_modified="Sat, 1 Aug 2026 00:00:00 +0000")
        asked = site.web.log[-1].asked
    assert asked.header("If-None-Match") == 'W/"a,b \xe9"'
    assert asked.header("If-Modified-Since") == "Sat, 1 Aug 2026 00:00:00 +0000"
    assert (fetched.exchange.status, fetched.exchange.body, fetched.exchange.wire_sha256) == (304, b"", None)


def test_a_form_is_posted() -> None:
    """Method, body and content type on the wire are the request's."""
    with serving({"/list": page(b"rows")}) as site:
        site.get("/list", method="POST", form=(("page", "2"), ("q", "북 a&b")))
        asked = site.web.log[-1].asked
    assert (asked.method, asked.body) == ("POST", b"page=2&q=%EB%B6%81+a%26b")
    assert asked.header("Content-Type") == "application/x-www-form-urlencoded"
    assert site.last.request_headers == asked.headers


@pytest.mark.parametrize("code", [200, 204, 400, 401, 403, 404, 410, 451])
def test_an_answer_under_500_is_returned(code: int) -> None:
    """Whatever the server says, saying it makes it an answer: one attempt, one record."""
    with serving({"/a": status(code)}) as site:
        assert site.get("/a").exchange.status == code
    assert len(site.recorder.pages()) == 1


@pytest.mark.parametrize(
    ("url", "hosts"),
    [
        ("http://evil.example/a", ("127.0.0.1",)),
        ("http://127.0.0.1.evil.example/a", ("127.0.0.1",)),
        ("ftp://127.0.0.1/a", ("127.0.0.1",)),
        ("http://me@127.0.0.1/a", ("127.0.0.1",)),
        ("http://127.0.0.1\\@evil.example/", ("127.0.0.1",)),
        ("http://127.0.0.1/a\r\nX: y", ("127.0.0.1",)),
    ],
)
def test_a_url_out_of_scope_is_refused_and_recorded(url: str, hosts: tuple[str, ...]) -> None:
    """Nothing is sent, not even for robots.txt; the record says why."""
    recorder = Recorder()
    with fetcher(recorder) as made, pytest.raises(Refused) as caught:
        made.get(asking(url), outlet(*hosts), recorder.record)
    assert caught.value.failure is Failure.GUARD_REFUSED
    assert [exchange.failure for exchange in recorder.exchanges] == [Failure.GUARD_REFUSED]


def test_a_host_that_resolves_into_the_private_network_is_refused() -> None:
    """In scope by name, refused by address: the record names the address and the way to mean it."""
    recorder = Recorder()
    with fetcher(recorder, lookup=always("10.0.0.7")) as made, pytest.raises(Transient) as caught:
        made.get(asking("http://kcna.kp/a"), outlet("kcna.kp"), recorder.record)
    assert caught.value.failure is Failure.ROBOTS_UNREACHABLE
    robots = recorder.exchanges[0]
    assert (robots.failure, robots.request_headers) == (Failure.GUARD_REFUSED, ())
    assert "10.0.0.7" in (robots.detail or "")


def test_an_adhoc_source_does_not_open_this_machine() -> None:
    """A source without hosts takes any URL, but loopback is not among them."""
    recorder = Recorder()
    adhoc = replace(outlet(), hosts=())
    with WebServer({"/a": page(b"x")}) as web, fetcher(recorder) as made:
        with pytest.raises(Transient):
            made.get(asking(web.url("/a")), adhoc, recorder.record)
        assert web.log == []
    assert recorder.exchanges[0].failure is Failure.GUARD_REFUSED


def test_a_name_is_resolved_once_and_the_checked_address_is_used() -> None:
    """A resolver that answers differently the second time (DNS rebinding) is not asked a second time."""
    answers = iter([["127.0.0.1"], ["10.0.0.1"]])

    def rebinding(host: str, port: int) -> list[str]:
        return next(answers)

    with WebServer({"/a": page(b"x")}) as web:
        recorder, source = Recorder(), outlet("localhost")
        with fetcher(recorder, lookup=rebinding) as made:
            made.get(asking(web.url("/a", host="localhost")), source, recorder.record)
            made.get(asking(web.url("/a", host="localhost")), source, recorder.record)
    assert [exchange.status for exchange in recorder.exchanges] == [404, 200, 200]


def test_a_placeholder_contact_stops_before_anything_is_sent() -> None:
    """Another machine is not asked, nothing is recorded, and the host's turn is given back."""
    recorder, pace = Recorder(), LocalPace()
    agent = UserAgent(product="scraper/0.1.0", contact="you@example.org")
    lookup = always("175.45.176.67")
    with (
        fetcher(recorder, agent=agent, pace=pace, lookup=lookup) as made,
        pytest.raises(ConfigError, match="contact"),
    ):
        made.get(asking("http://kcna.kp/a"), outlet("kcna.kp"), recorder.record)
    assert recorder.exchanges == []
    assert pace.acquire("kcna.kp", "next", START, START) is None


def test_a_placeholder_contact_is_enough_for_this_machine() -> None:
    """Loopback, also under a mapped name, needs no contact."""
    recorder = Recorder()
    agent = UserAgent(product="scraper/0.1.0", contact="")
    with WebServer({"/a": page(b"x")}) as web:
        source = outlet("kcna.kp", network=Network(resolve=(("kcna.kp:80", f"127.0.0.1:{web.port}"),)))
        with fetcher(recorder, agent=agent) as made:
            got = made.get(asking("http://kcna.kp/a"), source, recorder.record).exchange
        assert [seen.host for seen in web.log] == ["kcna.kp", "kcna.kp"]
    assert (got.url, got.peer) == ("http://kcna.kp/a", f"127.0.0.1:{web.port}")


def test_each_hop_of_a_redirect_is_its_own_capture() -> None:
    """Every hop is recorded with the one before it; the validators stay with the first URL."""
    routes = {"/a": moved("/b?x=1", 301), "/b": moved("/caf\xc3\xa9", 308), "/caf%C3%A9": page(b"here")}
    with serving(routes) as site:
        fetched = site.get("/a", etag='"1"', confirms="captures/outlet/old.json")
        assert site.web.targets() == ["/robots.txt", "/a", "/b?x=1", "/caf%C3%A9"]
        assert [seen.asked.header("If-None-Match") for seen in site.web.log[1:]] == ['"1"', None, None]
    hops = site.recorder.pages()
    assert [(hop.status, hop.redirected_from, hop.request.reason) for hop in hops] == [
        (301, None, "new"),
        (308, "captures/outlet/1.json", "redirect"),
        (200, "captures/outlet/2.json", "redirect"),
    ]
    assert hops[1].request.confirms is None
    assert fetched.exchange == hops[-1]


@pytest.mark.parametrize(("code", "method"), [(301, "GET"), (302, "GET"), (303, "GET"), (307, "POST"), (308, "POST")])
def test_a_redirected_form_becomes_a_get_or_is_repeated(code: int, method: str) -> None:
    """301, 302 and 303 turn a POST into a GET, 307 and 308 repeat it with its form."""
    with serving({"/a": moved("/b", code), "/b": page(b"x")}) as site:
        site.get("/a", method="POST", form=(("q", "1"),))
        asked = site.web.log[-1].asked
    assert (asked.method, asked.body) == (method, b"q=1" if method == "POST" else b"")


@pytest.mark.parametrize(
    "location",
    [
        "http://evil.example/",
        "//evil.example/",
        "ftp://127.0.0.1/",
        "http://user@127.0.0.1/",
        "/a\\b",
        "http://[broken/",
        "javascript:alert(1)",
    ],
)
def test_a_redirect_out_of_scope_is_returned_as_it_came(location: str) -> None:
    """The hop's answer is the result; nobody else is asked."""
    with serving({"/a": moved(location)}) as site:
        fetched = site.get("/a")
        assert site.web.targets() == ["/robots.txt", "/a"]
    assert fetched.exchange.status == 302
    assert fetched.exchange.page().header("location") == location


def test_a_redirect_without_location_is_an_answer() -> None:
    """There is nowhere to go, so the answer is returned; so is a 300 or a 304 with a Location."""
    with serving({"/a": status(302), "/b": status(300, ("Location", "/c"))}) as site:
        assert site.get("/a").exchange.status == 302
        assert site.get("/b").exchange.status == 300


def test_robots_rules_hold_for_redirect_targets() -> None:
    """A redirect into a forbidden path is recorded up to there and refused."""
    routes = {"/robots.txt": page(b"User-agent: *\nDisallow: /private"), "/a": moved("/private/b")}
    with serving(routes) as site:
        with pytest.raises(Refused):
            site.get("/a")
        assert site.web.targets() == ["/robots.txt", "/a"]
    assert (site.last.failure, site.last.redirected_from) == (Failure.ROBOTS_DENIED, "captures/outlet/1.json")


@pytest.mark.parametrize(
    ("routes", "answered"),
    [
        ({f"/{n}": moved(f"/{n + 1}") for n in range(10)}, 6),
        ({"/0": moved("/1"), "/1": moved("/0")}, 2),
        ({"/0": moved("/0#again")}, 1),
    ],
)
def test_endless_redirects_end(routes: dict[str, Answer], answered: int) -> None:
    """A chain over the limit and a loop both end with a record that says so."""
    with serving(routes) as site, pytest.raises(Transient) as caught:
        site.get("/0")
    assert caught.value.failure is Failure.REDIRECT_LIMIT
    assert site.last.failure is Failure.REDIRECT_LIMIT
    assert len(site.recorder.pages()) == answered + 1


def test_a_server_error_is_tried_again_and_every_attempt_recorded() -> None:
    """Two 5xx and a 200: three records, the third is returned."""
    with serving({"/a": [status(500), status(503), page(b"here")]}) as site:
        assert site.get("/a").exchange.body == b"here"
    assert [exchange.status for exchange in site.recorder.pages()] == [500, 503, 200]
    assert sum(site.clock.slept) == pytest.approx(1 + 2)


def test_a_server_that_stays_broken_is_left_after_all_attempts() -> None:
    """As many records as attempts, then Transient without a failure: the server did answer."""
    with serving({"/a": status(502)}) as site, pytest.raises(Transient) as caught:
        site.get("/a")
    assert caught.value.failure is None
    assert [exchange.status for exchange in site.recorder.pages()] == [502] * QUICK.attempts


def test_a_reset_connection_is_tried_again() -> None:
    """A reset before the answer is an error record and another attempt."""
    with serving({"/a": [Answer((RESET,)), page(b"here")]}) as site:
        assert site.get("/a").exchange.body == b"here"
    assert [(exchange.status, exchange.failure) for exchange in site.recorder.pages()] == [
        (None, Failure.RESET),
        (200, None),
    ]


@pytest.mark.parametrize(
    ("answer", "seconds"),
    [
        (status(429, ("Retry-After", "120")), 120),
        (status(503, ("Retry-After", "Sat, 22 Aug 2026 12:05:00 GMT")), 300),
        (status(429), 60),
        (status(429, ("Retry-After", "-5")), 60),
        (status(429, ("Retry-After", "999999")), 86_400),
    ],
)
def test_a_host_that_asks_for_rest_gets_it(answer: Answer, seconds: int) -> None:
    """One record, no retry, no waiting; nobody who shares the pace asks again before the time named."""
    pace = LocalPace()
    with serving({"/a": answer, "/b": page(b"x")}, pace=pace) as site:
        with pytest.raises(Throttled) as caught:
            site.get("/a")
        assert caught.value.until == START + timedelta(seconds=seconds)
        assert site.clock.now() == START
        before = len(site.web.log)
        with fetcher(site.recorder, pace=pace, owner="another") as other, pytest.raises(Throttled) as again:
            other.get(asking(site.web.url("/b")), site.source, site.recorder.record)
        assert again.value.until == caught.value.until
        site.clock.sleep(seconds - 1)
        with pytest.raises(Throttled):
            site.get("/b")
        assert len(site.web.log) == before
        site.clock.sleep(1)
        assert site.get("/b").exchange.status == 200
    assert len(site.recorder.pages()) == 2


def test_a_throttled_robots_file_stops_the_host() -> None:
    """A 429 on robots.txt is a request for rest, not a verdict on the page."""
    with serving({"/robots.txt": status(429, ("Retry-After", "90")), "/a": page(b"x")}) as site:
        with pytest.raises(Throttled):
            site.get("/a")
        assert site.web.targets() == ["/robots.txt"]
    assert site.recorder.pages() == []


def test_every_request_waits_for_the_gap() -> None:
    """Robots file, page, redirect hop and retry: each begins a gap after the one before it, two after a failure."""
    routes: dict[str, Route] = {"/a": moved("/b"), "/b": [status(500), page(b"x")]}
    with serving(routes, source=outlet(politeness=replace(QUICK, gap=3.0))) as site:
        site.get("/a")
        times = [(exchange.started_at - START).total_seconds() for exchange in site.recorder.exchanges]
    assert times == [0, 3, 6, 12]


def test_the_record_is_made_before_anything_else_happens() -> None:
    """When recording fails, nothing more is asked and the error comes through as it is."""

    def full(exchange: object) -> None:
        raise OSError("disk full")

    with serving({"/a": page(b"x")}) as site:
        with pytest.raises(OSError, match="disk full"):
            site.fetcher.get(asking(site.web.url("/a")), site.source, full)  # type: ignore[arg-type]
        assert site.web.targets() == ["/robots.txt"]
        assert site.get("/a").exchange.status == 200


def test_the_source_says_channel_and_the_operator_vantage() -> None:
    """A simulated source's captures are marked as such; the label of where we look from is kept."""
    recorder = Recorder()
    with WebServer({"/a": page(b"x")}) as web, fetcher(recorder, vantage="vienna") as made:
        made.get(asking(web.url("/a")), replace(outlet(), channel=Channel.SIMULATED), recorder.record)
    assert (recorder.exchanges[-1].channel, recorder.exchanges[-1].vantage) == (Channel.SIMULATED, "vienna")


def test_a_sources_network_settings_go_before_the_defaults() -> None:
    """The source's own mapping, proxy and bundle win; verification is off when either says so."""
    own = Network(resolve=(("a", "1"),), ca_file="own.pem")
    defaults = Network(resolve=(("a", "2"), ("b", "3")), proxy="http://proxy:1", ca_file="all.pem", verify=False)
    both = merged(own, defaults)
    assert dict(both.resolve) == {"a": "1", "b": "3"}
    assert (both.proxy, both.ca_file, both.verify) == ("http://proxy:1", "own.pem", False)
    assert merged(own, Network()) == own


def test_hosts_of_one_source_share_a_pace_and_strangers_have_their_own() -> None:
    """The group is the source's first host; a host outside the source is a group of its own."""
    source = outlet("kcna.kp", "www.kcna.kp")
    assert pace_group(source, "http://www.kcna.kp/x", {}) == "kcna.kp"
    assert pace_group(source, "http://cdn.example/robots.txt", {}) == "cdn.example"
    assert pace_group(replace(source, hosts=()), "http://any.example/x", {}) == "any.example"


def test_politeness_off_still_means_one_at_a_time() -> None:
    """Without a gap nothing is slept, and the turn is taken and given back for every page."""
    with serving({"/a": page(b"x")}, source=outlet(politeness=Politeness(gap=0))) as site:
        for _ in range(20):
            site.get("/a")
    assert site.clock.slept == []
