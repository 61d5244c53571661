"""TLS facts and failures, and the three kinds of proxy."""

from __future__ import annotations

import ssl
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
import trustme

from scraper.errors import ConfigError, Transient
from scraper.fetch.useragent import UserAgent
from scraper.model import Channel, Exchange, Failure, Network, Source
from tests.fetch_proxy import proxying
from tests.fetch_support import QUICK, Recorder, asking, fetcher, outlet
from tests.web_server import Answer, Wait, WebServer, page, status

ONCE = replace(QUICK, attempts=1)


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


def test_the_tls_of_a_proxy_is_not_the_outlets(authority: trustme.CA, ca_file: Path) -> None:
    """A page that is fetched in the clear through an https proxy has no TLS facts."""
    front = server_tls(authority, "127.0.0.1")
    with WebServer({"/a": page(b"x")}) as web, proxying(web.port, tls=front) as proxy:
        source = outlet("kcna.kp", network=Network(ca_file=str(ca_file)))
        got = through(f"https://127.0.0.1:{proxy.port}", source, "http://kcna.kp/a", Recorder())
    assert (got.status, got.tls) == (200, None)


def test_a_socks_proxy_resolves_the_name() -> None:
    """The proxy is given the host, not an address."""
    recorder = Recorder()
    with WebServer({"/a": page(b"x")}) as web, proxying(web.port, socks=True) as proxy:
        got = through(f"socks5://127.0.0.1:{proxy.port}", outlet("kcna.kp"), "http://kcna.kp/a", recorder)
    assert proxy.asked == ["kcna.kp"]
    assert (got.status, got.channel) == (200, Channel.PROXY)


@pytest.mark.parametrize("host", ["169.254.169.254", "10.0.0.1", "[::ffff:127.0.0.1]", "localhost", "[fd00::1]"])
def test_nobody_is_led_into_the_proxys_own_network(host: str) -> None:
    """A robots.txt may be redirected to any host; one that is no public address by its spelling is not asked for."""
    away = status(302, ("Location", f"http://{host}/latest/meta-data/"))
    recorder = Recorder()
    with WebServer({"/robots.txt": away}) as web, proxying(web.port) as proxy, pytest.raises(Transient):
        through(f"http://127.0.0.1:{proxy.port}", outlet("kcna.kp"), "http://kcna.kp/a", recorder)
    assert proxy.asked == ["GET http://kcna.kp/robots.txt None"]
    assert recorder.exchanges[-1].failure is Failure.ROBOTS_UNREACHABLE


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


def test_abandoning_ends_a_tls_request_in_flight(authority: trustme.CA, ca_file: Path) -> None:
    """A thread that waits inside TLS is woken too."""
    recorder = Recorder()
    with WebServer({"/a": Answer((Wait(9),))}, tls=server_tls(authority, "kcna.kp")) as web, fetcher(recorder) as made:
        network = Network(ca_file=str(ca_file), resolve=(("kcna.kp", f"127.0.0.1:{web.port}"),))
        threading.Timer(0.3, made.abandon).start()
        began = time.monotonic()
        with pytest.raises(Transient) as caught:
            made.get(asking("https://kcna.kp/a"), outlet("kcna.kp", network=network), recorder.record)
        assert time.monotonic() - began < 4
    assert caught.value.failure is Failure.ABANDONED
