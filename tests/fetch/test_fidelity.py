"""What a record says of an exchange beyond its answer: the request as sent, the first byte, TLS, forms, no secrets."""

from __future__ import annotations

import hashlib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import trustme

from scraper import urls
from scraper.archive import open_archive, open_store
from scraper.archive.archive import REDACTED, VOLATILE, Archive, redact
from scraper.clock import SystemClock
from scraper.errors import Refused, Transient
from scraper.model import Capture, Exchange, Failure, Network, Origin, Sighting, Verdict
from tests.fetch_proxy import proxying
from tests.fetch_support import QUICK, START, Recorder, asking, fetcher, outlet, serving
from tests.web_server import CLOSE, Answer, Wait, WebServer, head, page, status

ONCE = replace(QUICK, attempts=1)


def test_the_request_line_is_kept_as_sent() -> None:
    """Method, target in the spelling asked for, version; a form is a POST."""
    with serving({"/list": page(b"rows")}) as site:
        site.get("/list?b=%E2%82%AC&c='1'&a")
        site.get("/list", method="POST", form=(("page", "2"),))
    lines = [exchange.request_line for exchange in site.recorder.exchanges]
    assert lines == ["GET /robots.txt HTTP/1.1", "GET /list?b=%E2%82%AC&c='1'&a HTTP/1.1", "POST /list HTTP/1.1"]


def test_the_request_line_of_a_proxied_page_is_absolute() -> None:
    """What the proxy was asked for, and not how it was asked to open a tunnel."""
    with WebServer({"/a": page(b"x")}) as web, proxying(web.port) as proxy:
        source = outlet("kcna.kp", network=Network(proxy=f"http://me:secret@127.0.0.1:{proxy.port}"))
        recorder = Recorder()
        with fetcher(recorder) as made:
            made.get(asking("http://kcna.kp/a"), source, recorder.record)
    assert recorder.exchanges[-1].request_line == "GET http://kcna.kp/a HTTP/1.1"


def test_what_was_never_sent_has_no_request_line() -> None:
    """A refused request leaves it empty, and no first byte."""
    recorder = Recorder()
    with fetcher(recorder) as made, pytest.raises(Refused):
        made.get(asking("http://evil.example/"), outlet(), recorder.record)
    assert (recorder.exchanges[0].request_line, recorder.exchanges[0].first_byte_at) == ("", None)


def test_the_first_byte_is_told_from_start_and_end() -> None:
    """A server that thinks for a while and then sends slowly: three times in their order, by the clock."""
    slow = Answer((Wait(0.2), head(200, "OK", [("Content-Length", "2")]), b"o", Wait(0.2), b"k"))
    recorder = Recorder()
    with WebServer({"/a": slow}) as web, fetcher(recorder, clock=SystemClock()) as made:
        got = made.get(asking(web.url("/a")), outlet(), recorder.record).exchange
    assert got.first_byte_at is not None
    assert got.first_byte_at - got.started_at >= timedelta(seconds=0.19)
    assert got.fetched_at - got.first_byte_at >= timedelta(seconds=0.19)


def test_a_first_byte_that_nothing_follows_is_on_record() -> None:
    """An answer that breaks off inside its head has begun."""
    answer = Answer((b"HTTP/1.1 200", CLOSE))
    with serving({"/a": answer}, source=outlet(politeness=ONCE)) as site, pytest.raises(Transient):
        site.get("/a")
    assert (site.last.status, site.last.first_byte_at) == (None, START)
    assert site.last.request_line == "GET /a HTTP/1.1"


@contextmanager
def over_tls(tmp_path: Path, *names: str) -> Iterator[tuple[WebServer, str]]:
    """A server with a certificate for some names, and the file of the authority that signed it."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(context)
    with WebServer({"/a": page(b"x")}, tls=context) as web:
        yield web, str(tmp_path / "ca.pem")


def test_the_chain_is_kept_where_the_interpreter_tells_it(tmp_path: Path) -> None:
    """From Python 3.13 on the digests of all certificates sent, the peer's own first; before that none."""
    with over_tls(tmp_path, "kcna.kp") as (web, ca_file):
        recorder = Recorder()
        network = Network(ca_file=ca_file, resolve=(("kcna.kp", f"127.0.0.1:{web.port}"),))
        with fetcher(recorder) as made:
            got = made.get(asking("https://kcna.kp/a"), outlet("kcna.kp", network=network), recorder.record).exchange
    assert got.tls is not None
    told = hasattr(ssl.SSLSocket, "get_unverified_chain")
    assert got.tls.chain_sha256[:1] == ((got.tls.certificate_sha256,) if told else ())


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    """An archive on disk."""
    return open_archive(open_store((tmp_path / "store").as_uri()), writable=True)


def kept(archive: Archive, exchange: Exchange) -> tuple[Capture, bytes]:
    """What the archive's own file says of an exchange, read back, and that file."""
    capture = archive.save(
        exchange, key="k", verdict=Verdict.LISTING, judge="1", config=None, recorded_at=exchange.fetched_at
    )
    return archive.record(capture.record), archive.store.get(capture.record)


def test_a_record_keeps_it_all(archive: Archive) -> None:
    """Request line, first byte and unverified TLS come back from the file."""
    with serving({"/a": page(b"x")}) as site:
        got = site.get("/a").exchange
    read, _ = kept(archive, got)
    assert (read.request_line, read.first_byte_at) == ("GET /a HTTP/1.1", START)


def test_a_switched_off_verification_is_in_the_file(archive: Archive, tmp_path: Path) -> None:
    """A page over a certificate for somebody else says `verified: false`."""
    with over_tls(tmp_path, "evil.example") as (web, _), fetcher(Recorder()) as made:
        network = Network(verify=False, resolve=(("kcna.kp", f"127.0.0.1:{web.port}"),))
        recorder = Recorder()
        got = made.get(asking("https://kcna.kp/a"), outlet("kcna.kp", network=network), recorder.record).exchange
    read, data = kept(archive, got)
    assert read.tls is not None
    assert not read.tls.verified
    assert b'"verified":false' in data


def test_a_form_is_kept_but_for_what_belongs_to_the_session(archive: Archive) -> None:
    """Every field with its value, the token as `[volatile]`; it was sent as it is, in the same request."""
    form = (("page_num", "2"), ("_csrf", "s3cret"), ("ticket", "t1cket"))
    with serving({"/list": page(b"rows")}) as site:
        got = site.get("/list", method="POST", form=form, volatile=("ticket",)).exchange
        assert site.web.log[-1].asked.body == b"page_num=2&_csrf=s3cret&ticket=t1cket"
    read, data = kept(archive, got)
    assert read.form == (("page_num", "2"), ("_csrf", VOLATILE), ("ticket", VOLATILE))
    assert (read.method, read.request_line) == ("POST", "POST /list HTTP/1.1")
    assert b"s3cret" not in data
    assert b"t1cket" not in data


def test_a_get_and_a_post_of_one_url_have_different_names() -> None:
    """And so have two pages of one list; two sessions have the same."""
    url = "http://kcna.kp/list"
    first, second = (urls.key(url, method="POST", form=[("page_num", number)]) for number in ("1", "2"))
    assert len({urls.key(url), first, second}) == 3


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://me:pass@127.0.0.1/a", "http://redacted@127.0.0.1/a"),
        ("http://me@127.0.0.1/a", "http://redacted@127.0.0.1/a"),
        ("http://me:p@ss@127.0.0.1/a?x=y@z", "http://redacted@127.0.0.1/a?x=y@z"),
        ("ftp://me:pass@127.0.0.1/", "ftp://redacted@127.0.0.1/"),
        ("http:\\\\me:pass@127.0.0.1/", "http:\\\\redacted@127.0.0.1/"),
        ("http://me:pass@127.0.0.1:port/", "http://redacted@127.0.0.1:port/"),
    ],
)
def test_no_password_of_a_url_is_written_down(url: str, shown: str, archive: Archive) -> None:
    """Refused before anything is sent; neither record nor error says the user or the password."""
    recorder = Recorder()
    with fetcher(recorder) as made, pytest.raises(Refused) as caught:
        made.get(asking(url, lead=Sighting(url=url, origin=Origin.LISTING)), outlet(), recorder.record)
    (refused,) = recorder.exchanges
    assert (refused.url, refused.failure) == (shown, Failure.GUARD_REFUSED)
    read, data = kept(archive, refused)
    assert read.url == shown
    for secret in ("pass", "p@ss", "me:", "me@"):
        assert secret.encode() not in data
        assert secret not in str(caught.value)


def test_secrets_in_headers_are_redacted_and_the_rest_is_as_it_was() -> None:
    """Cookies, authorization and passwords in a Location; an e-mail address and a query are none."""
    headers = (
        ("Set-Cookie", "id=1"),
        ("location", "http://me:pass@kcna.kp/a?mail=a@b"),
        ("From", "master@kcna.kp"),
        ("Retry-After", "120"),
        ("Link", "</a@b>; rel=next"),
    )
    tokens = ("X-CSRF-Token", "x-xsrf-token", "X-Auth-Token", "Set-Cookie2", "Authentication-Info")
    assert redact(tuple((name, "abc123") for name in tokens)) == tuple((name, REDACTED) for name in tokens)
    assert redact(headers) == (
        ("Set-Cookie", REDACTED),
        ("location", "http://redacted@kcna.kp/a?mail=a@b"),
        *headers[2:],
    )


def test_a_session_goes_to_the_server_and_not_into_the_archive(archive: Archive) -> None:
    """The cookie comes back with the next request; no file of the archive holds it."""
    routes = {"/a": page(b"x", headers=[("Set-Cookie", "JSESSIONID=abc123")]), "/b": status(404)}
    with serving(routes, source=replace(outlet(), session=True)) as site:
        first, second = site.get("/a").exchange, site.get("/b").exchange
        assert site.web.log[-1].asked.header("Cookie") == "JSESSIONID=abc123"
    for exchange in (first, second):
        assert b"abc123" not in kept(archive, exchange)[1]


def test_a_cookie_that_is_no_header_is_not_cited() -> None:
    """Neither the record nor the error says what was wrong with it."""
    broken = Answer((b"HTTP/1.1 200 OK\r\nSet-Cookie: JSESSIONID=abc123\x00\r\nContent-Length: 1\r\n\r\nx",))
    with serving({"/a": broken}, source=outlet(politeness=ONCE)) as site:
        with pytest.raises(Transient) as caught:
            site.get("/a")
        assert "illegal header line" in (site.last.detail or "")
        assert "abc123" not in f"{caught.value} {site.last}"


@pytest.mark.parametrize("cookie", ["a=\u00e9", "a=\ud55c".encode().decode("latin-1"), "\u00e9=\u00ff"])
def test_a_session_takes_headers_that_are_not_ascii(cookie: str) -> None:
    """Such a header is no reason to lose the page or its record; the cookie goes back byte by byte as it came."""
    answer = page(b"x", headers=[("Set-Cookie", cookie), ("X-Served-By", "caf\u00e9")])
    with serving({"/a": answer, "/b": page(b"y")}, source=replace(outlet(), session=True)) as site:
        assert site.get("/a").exchange.body == b"x"
        site.get("/b")
        assert site.web.log[-1].asked.header("Cookie") == cookie


def test_a_snapshot_is_named_by_what_was_decoded(archive: Archive) -> None:
    """The digest in the record is that of the page's bytes."""
    with serving({"/a": page(b"page")}) as site:
        read, _ = kept(archive, site.get("/a").exchange)
    assert read.sha256 == hashlib.sha256(b"page").hexdigest()
