"""Hostile and broken wires: limits, truncation, deadlines, TLS, proxies, abandonment."""

from __future__ import annotations

import contextlib
import gzip
import socket
import socketserver
import ssl
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import repeat
from pathlib import Path

import pytest
import trustme

from scraper.clock import SystemClock
from scraper.errors import ConfigError, Transient
from scraper.fetch.pace import LocalPace
from scraper.fetch.useragent import UserAgent
from scraper.model import Channel, Exchange, Failure, Network, Politeness, Source
from tests.fetch_support import QUICK, Recorder, asking, fetcher, outlet, serving
from tests.web_server import CLOSE, RESET, Answer, Wait, WebServer, head, page, read_request

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
    assert time.monotonic() - began < 1.5


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


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """A certificate authority of our own."""
    return trustme.CA()


@pytest.fixture(scope="module")
def ca_file(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its certificate as a PEM file."""
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return path


def server_tls(authority: trustme.CA, *names: str) -> ssl.SSLContext:
    """A server's side of TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(context)
    return context


def over_tls(web: WebServer, network: Network, recorder: Recorder) -> Exchange:
    """Fetch /a as kcna.kp over TLS."""
    mapped = replace(network, resolve=(("kcna.kp", f"127.0.0.1:{web.port}"),))
    with fetcher(recorder) as made:
        return made.get(
            asking("https://kcna.kp/a"), outlet("kcna.kp", network=mapped, politeness=ONCE), recorder.record
        ).exchange


def test_tls_facts_are_recorded(authority: trustme.CA, ca_file: Path) -> None:
    """Version, cipher and the digest of the certificate that was shown, on a reused connection too."""
    with WebServer({"/a": page(b"x")}, tls=server_tls(authority, "kcna.kp")) as web:
        recorder = Recorder()
        got = over_tls(web, Network(ca_file=str(ca_file)), recorder)
    assert got.tls is not None
    assert got.tls.version == "TLSv1.3"
    assert got.tls.cipher
    assert len(got.tls.certificate_sha256) == 64
    assert got.tls.verified
    assert recorder.exchanges[0].tls == got.tls


def test_a_certificate_for_another_name_is_refused_once(authority: trustme.CA, ca_file: Path) -> None:
    """TLS failures are not tried again; the record says what the handshake said."""
    with WebServer({"/a": page(b"x")}, tls=server_tls(authority, "evil.example")) as web:
        recorder = Recorder()
        with pytest.raises(Transient):
            over_tls(web, Network(ca_file=str(ca_file)), recorder)
    assert [exchange.failure for exchange in recorder.exchanges] == [Failure.TLS, Failure.ROBOTS_UNREACHABLE]
    assert "certificate" in (recorder.exchanges[0].detail or "").lower()


def test_an_unverified_host_is_recorded_as_such(authority: trustme.CA) -> None:
    """With verify off any certificate is accepted, and every capture says so."""
    with WebServer({"/a": page(b"x")}, tls=server_tls(authority, "evil.example")) as web:
        got = over_tls(web, Network(verify=False), Recorder())
    assert got.tls is not None
    assert not got.tls.verified


def test_a_missing_ca_file_is_a_configuration_error() -> None:
    """The error names the file."""
    recorder = Recorder()
    with fetcher(recorder) as made, pytest.raises(ConfigError, match=r"missing\.pem"):
        made.get(asking("http://127.0.0.1/"), outlet(network=Network(ca_file="missing.pem")), recorder.record)


class Proxy(socketserver.ThreadingTCPServer):
    """A forward, CONNECT and SOCKS5 proxy that sends everything to one port; `asked` lists what it was asked for."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, port: int, *, socks: bool = False, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), Socks if socks else Forward)
        self.origin = port
        self.tls = tls
        self.asked: list[str] = []
        self.port: int = self.server_address[1]

    def get_request(self) -> tuple[socket.socket, object]:
        """Accept, over TLS where the proxy speaks it."""
        connection, address = super().get_request()
        return (self.tls.wrap_socket(connection, server_side=True) if self.tls else connection), address


class Forward(socketserver.StreamRequestHandler):
    """One connection of an HTTP proxy."""

    def handle(self) -> None:
        """Answer CONNECT with a tunnel, and absolute requests by passing them on one by one."""
        assert isinstance(self.server, Proxy)
        while asked := read_request(self.rfile):
            self.server.asked.append(f"{asked.method} {asked.target} {asked.header('proxy-authorization')}")
            with socket.create_connection(("127.0.0.1", self.server.origin)) as origin:
                if asked.method == "CONNECT":
                    self.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
                    tunnel(self.connection, origin)
                    return
                lines = [f"GET /{asked.target.split('/', 3)[3]} HTTP/1.1", f"Host: {asked.header('host')}"]
                origin.sendall("\r\n".join([*lines, "Connection: close", "", ""]).encode())
                while data := origin.recv(65536):
                    self.wfile.write(data)


class Socks(socketserver.StreamRequestHandler):
    """One connection of a SOCKS5 proxy without authentication (RFC 1928)."""

    def handle(self) -> None:
        """Shake hands, note the name that is asked for, and tunnel."""
        assert isinstance(self.server, Proxy)
        _, count = self.rfile.read(2)
        self.rfile.read(count)
        self.wfile.write(b"\x05\x00")
        _, _, _, kind, length = self.rfile.read(5)
        assert kind == 3  # a name: the proxy resolves it
        self.server.asked.append(self.rfile.read(length).decode())
        self.rfile.read(2)
        self.wfile.write(b"\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00")
        with socket.create_connection(("127.0.0.1", self.server.origin)) as origin:
            tunnel(self.connection, origin)


def tunnel(one: socket.socket, other: socket.socket) -> None:
    """Copy both ways until either side closes."""

    def copy(source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
        for side in (source, target):
            with contextlib.suppress(OSError):
                socket.socket.shutdown(side, socket.SHUT_RDWR)

    back = threading.Thread(target=copy, args=(other, one), daemon=True)
    back.start()
    copy(one, other)
    back.join()


@contextlib.contextmanager
def proxying(port: int, *, socks: bool = False, tls: ssl.SSLContext | None = None) -> Iterator[Proxy]:
    """Run a proxy in front of a port."""
    with Proxy(port, socks=socks, tls=tls) as proxy:
        thread = threading.Thread(target=proxy.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield proxy
        finally:
            proxy.shutdown()
            thread.join()


def through(proxy: str, source: Source, url: str, recorder: Recorder, agent: UserAgent | None = None) -> Exchange:
    """Fetch through a proxy."""
    network = replace(source.network, proxy=proxy)
    with fetcher(recorder, **({"agent": agent} if agent else {})) as made:  # type: ignore[arg-type]
        return made.get(asking(url), replace(source, network=network), recorder.record).exchange


def test_an_http_proxy_gets_the_absolute_url() -> None:
    """The name is the proxy's to resolve; the record says `proxy` and names no peer; the password stays out of it."""
    recorder = Recorder()
    with WebServer({"/a": page(b"x")}) as web, proxying(web.port) as proxy:
        got = through(f"http://me:secret@127.0.0.1:{proxy.port}", outlet("kcna.kp"), "http://kcna.kp/a?b=1", recorder)
        assert [seen.host for seen in web.log] == ["kcna.kp", "kcna.kp"]
    assert proxy.asked[1] == "GET http://kcna.kp/a?b=1 Basic bWU6c2VjcmV0"
    assert (got.status, got.channel, got.peer, got.tls) == (200, Channel.PROXY, None, None)
    assert not any("secret" in repr(exchange) or "bWU6" in repr(exchange) for exchange in recorder.exchanges)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_tls_goes_through_a_tunnel(scheme: str, authority: trustme.CA, ca_file: Path) -> None:
    """CONNECT, then TLS with the outlet itself: the facts are of the outlet's certificate, also over an https proxy."""
    front = server_tls(authority, "127.0.0.1") if scheme == "https" else None
    with WebServer({"/a": page(b"x")}, tls=server_tls(authority, "kcna.kp")) as web:
        with proxying(web.port, tls=front) as proxy:
            source = outlet("kcna.kp", network=Network(ca_file=str(ca_file)))
            recorder = Recorder()
            got = through(f"{scheme}://127.0.0.1:{proxy.port}", source, "https://kcna.kp/a", recorder)
        direct = over_tls(web, Network(ca_file=str(ca_file)), Recorder())
    assert proxy.asked == ["CONNECT kcna.kp:443 None"]
    assert (got.status, got.channel) == (200, Channel.PROXY)
    assert got.tls is not None
    assert direct.tls is not None
    assert got.tls.certificate_sha256 == direct.tls.certificate_sha256


def test_a_socks_proxy_resolves_the_name() -> None:
    """The proxy is given the host, not an address."""
    recorder = Recorder()
    with WebServer({"/a": page(b"x")}) as web, proxying(web.port, socks=True) as proxy:
        got = through(f"socks5://127.0.0.1:{proxy.port}", outlet("kcna.kp"), "http://kcna.kp/a", recorder)
    assert proxy.asked == ["kcna.kp"]
    assert (got.status, got.channel) == (200, Channel.PROXY)


def test_a_placeholder_contact_does_not_pass_a_proxy() -> None:
    """Through a proxy the address cannot be seen, so only a loopback name is this machine."""
    agent = UserAgent(product="scraper/0.1.0", contact="")
    with WebServer({"/a": page(b"x")}) as web, proxying(web.port) as proxy, pytest.raises(ConfigError, match="contact"):
        through(f"http://127.0.0.1:{proxy.port}", outlet("kcna.kp"), "http://kcna.kp/a", Recorder(), agent)


def test_a_proxy_that_is_not_there_is_a_connect_failure() -> None:
    """The attempt is recorded as failed, with the proxy channel."""
    recorder = Recorder()
    with pytest.raises(Transient):
        through("http://127.0.0.1:1", outlet("kcna.kp"), "http://kcna.kp/a", recorder)
    assert recorder.exchanges[0].failure is Failure.CONNECT
    assert recorder.exchanges[0].channel is Channel.PROXY


@pytest.mark.parametrize("answer", [Answer((Wait(9),)), Answer((LENGTH, b"x", Wait(9)))])
def test_abandoning_ends_requests_in_flight_and_records_them(answer: Answer) -> None:
    """A request that waits for headers or body ends at once, is on record as abandoned, and is not tried again."""
    with serving({"/a": answer}) as site:
        threading.Timer(0.2, site.fetcher.abandon).start()
        began = time.monotonic()
        with pytest.raises(Transient) as caught:
            site.get("/a")
        assert time.monotonic() - began < 1
        assert caught.value.failure is Failure.ABANDONED
        assert [exchange.failure for exchange in site.recorder.pages()] == [Failure.ABANDONED]
        with pytest.raises(Transient) as later:
            site.get("/a")
    assert later.value.failure is Failure.ABANDONED
    assert len(site.recorder.pages()) == 1


def test_abandoning_ends_a_tls_request_in_flight(authority: trustme.CA, ca_file: Path) -> None:
    """A thread that waits inside TLS is woken too."""
    recorder = Recorder()
    with WebServer({"/a": Answer((Wait(9),))}, tls=server_tls(authority, "kcna.kp")) as web, fetcher(recorder) as made:
        network = Network(ca_file=str(ca_file), resolve=(("kcna.kp", f"127.0.0.1:{web.port}"),))
        threading.Timer(0.3, made.abandon).start()
        began = time.monotonic()
        with pytest.raises(Transient) as caught:
            made.get(asking("https://kcna.kp/a"), outlet("kcna.kp", network=network), recorder.record)
        assert time.monotonic() - began < 1.5
    assert caught.value.failure is Failure.ABANDONED


def test_abandoning_ends_the_wait_for_a_turn() -> None:
    """A thread that waits for the host's gap stops waiting and sends nothing."""
    recorder, pace = Recorder(), LocalPace()
    source = outlet(politeness=replace(QUICK, gap=60.0))
    with WebServer({"/a": page(b"x")}) as web, fetcher(recorder, clock=SystemClock(), pace=pace) as made:
        threading.Timer(0.3, made.abandon).start()
        began = time.monotonic()
        with pytest.raises(Transient) as caught:
            made.get(asking(web.url("/a")), source, recorder.record)
        assert time.monotonic() - began < 1.5
        assert web.targets() == ["/robots.txt"]
    assert caught.value.failure is Failure.ABANDONED
