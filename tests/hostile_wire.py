"""Rows of the hostile-server suite: heads, framing and connections."""

from __future__ import annotations

from functools import partial

from scraper.model import Failure, Verdict
from tests.hostile_server import ARTICLE, FOREVER, Row, body, endless, raw
from tests.web_server import CLOSE, RESET, Wait

_OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
_LENGTH = b"Content-Length: %d\r\n\r\n" % len(ARTICLE)
_WHOLE = _OK + _LENGTH + ARTICLE
_CHUNKED = _OK + b"Transfer-Encoding: chunked\r\n\r\n"
_CHUNK = b"%x\r\n%s\r\n" % (len(ARTICLE), ARTICLE)
_FORGED = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\nforged"
_SIZE = str(len(ARTICLE))

_none = partial(
    Row, status=None, verdict=Verdict.FAILED, failure=Failure.PROTOCOL, error="Transient", then=True, deadlines=3
)
_cut = partial(Row, verdict=Verdict.TRUNCATED, failure=Failure.RESET, error="Transient", then=True, deadlines=3)
_whole = partial(Row, then=True, deadlines=3)


def _line(name: str, does: str, line: bytes) -> Row:
    return _none(name=name, does=does, answer=raw(line + b"\r\n" + _LENGTH + ARTICLE))


def _field(name: str, does: str, *fields: bytes) -> Row:
    return _none(name=name, does=does, answer=raw(_OK + b"".join(fields) + _LENGTH + ARTICLE))


HEADS = (
    _none(name="silent", does="reads the request and says nothing", answer=raw(FOREVER), failure=Failure.TIMEOUT_READ),
    _none(
        name="head-trickles",
        does="sends a byte of its head every 0.1 s (slow loris)",
        answer=endless(_OK, b"x", 0.1),
        failure=Failure.TIMEOUT_TOTAL,
    ),
    _none(
        name="head-stops",
        does="stops in the middle of its head",
        answer=raw(_OK + b"Content-Le", FOREVER),
        failure=Failure.TIMEOUT_READ,
    ),
    _none(name="head-cut", does="closes in the middle of its head", answer=raw(_OK, CLOSE), failure=Failure.RESET),
    _none(name="head-endless", does="header fields without end", answer=endless(_OK, b"X-More: and more\r\n")),
    _none(name="head-one-line", does="one header line without end", answer=endless(_OK + b"X-Long: ", b"x" * 4096)),
    _none(name="status-line-endless", does="a status line without end", answer=endless(b"HTTP/1.1 200 ", b"O" * 4096)),
    _field("head-300-fields", "300 header fields", *[b"X-%d: y\r\n" % n for n in range(300)]),
    _field("head-80-kib", "100 header fields of 800 bytes", *[b"X-%d: %s\r\n" % (n, b"y" * 800) for n in range(100)]),
    _none(
        name="informational-flood",
        does="100 Continue without end",
        answer=endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n", 0.01),
        failure=Failure.TIMEOUT_TOTAL,
    ),
    _none(
        name="informational-torrent",
        does="100 Continue without end, as fast as it can",
        answer=endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 200),
        failure=Failure.TIMEOUT_TOTAL,
    ),
    _whole(
        name="early-hints",
        does="three 103 Early Hints, then the page",
        answer=raw(b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n" * 3 + _WHOLE, keep=True),
    ),
    _none(
        name="switching-protocols",
        does="101 Switching Protocols that nobody asked for",
        answer=raw(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n", FOREVER),
    ),
    _line("status-word", "a status that is a word", b"HTTP/1.1 OK OK"),
    _line("status-two-digits", "a status of two digits", b"HTTP/1.1 20 OK"),
    _line("status-four-digits", "a status of four digits", b"HTTP/1.1 2000 OK"),
    _line("status-negative", "a negative status", b"HTTP/1.1 -200 OK"),
    _line("version-2-in-text", "HTTP/2 as text", b"HTTP/2 200 OK"),
    _line("icecast", "a radio server's status line", b"ICY 200 OK"),
    _none(name="http-0.9", does="a page without any head (HTTP/0.9)", answer=raw(ARTICLE), failure=Failure.RESET),
    _none(
        name="ssh-banner",
        does="another protocol's greeting",
        answer=raw(b"SSH-2.0-OpenSSH_9.6\r\n", FOREVER),
        failure=Failure.TIMEOUT_READ,
    ),
    _none(name="noise", does="256 KiB of noise", answer=raw(bytes(range(256)) * 1024)),
    _field("field-without-colon", "a header line without colon", b"nonsense\r\n"),
    _field("field-name-with-space", "a space before the colon", b"X-Odd : y\r\n"),
    _field("field-empty-name", "a header field without name", b": y\r\n"),
    _field("field-nul", "a NUL in a header field", b"X-Nul: a\x00b\r\n"),
    _field("field-bare-cr", "a bare CR in a header field", b"X-Cr: a\rb: c\r\n"),
    _whole(
        name="field-folded",
        does="a header field folded over three lines",
        answer=raw(_OK + b"X-Folded: a\r\n  b\r\n\tc\r\n" + _LENGTH + ARTICLE, keep=True),
    ),
    _whole(
        name="reason-latin-1",
        does="a reason phrase and fields in Latin-1, bare line feeds",
        answer=raw(_WHOLE.replace(b" OK", b" \xc9t\xe9").replace(b"\r\n", b"\n"), keep=True),
    ),
)

LENGTHS = (
    _field("length-negative", "a negative Content-Length", b"Content-Length: -5\r\n"),
    _field("length-word", "a Content-Length that is a word", b"Content-Length: many\r\n"),
    _field("length-plus", "a Content-Length with a sign", b"Content-Length: +5\r\n"),
    _field("length-contradicts", "two Content-Lengths that differ", b"Content-Length: 5\r\n"),
    _field("length-overflows", "a Content-Length of 40 digits", b"Content-Length: " + b"9" * 40 + b"\r\n"),
    _whole(
        name="length-twice", does="the same Content-Length twice", answer=body(("Content-Length", f"{_SIZE}, {_SIZE}"))
    ),
    _cut(
        name="length-too-long",
        does="fewer bytes than Content-Length",
        answer=body(("Content-Length", "9999"), keep=False),
    ),
    _cut(
        name="length-and-reset",
        does="RST in the middle of the body",
        answer=raw(_OK + b"Content-Length: 9999\r\n\r\n" + ARTICLE, Wait(0.1), RESET),
    ),
    _whole(
        name="length-too-short",
        does="more bytes than Content-Length: a forged second answer (response splitting)",
        answer=raw(_WHOLE + _FORGED, keep=True),
    ),
    _whole(
        name="no-length",
        does="no length at all: the page ends with the connection",
        answer=raw(_OK + b"\r\n" + ARTICLE),
    ),
    _cut(
        name="length-terabyte",
        does="Content-Length of a terabyte, and sends it",
        answer=endless(_OK + b"Content-Length: 1000000000000\r\n\r\n", ARTICLE * 256),
        failure=Failure.TOO_LARGE,
    ),
    _cut(
        name="body-endless",
        does="a body without length and end",
        answer=endless(_OK + b"\r\n", ARTICLE * 256),
        failure=Failure.TOO_LARGE,
    ),
    _cut(
        name="body-trickles",
        does="a byte of its body every 0.1 s",
        answer=endless(_OK + _LENGTH, b"x", 0.1),
        failure=Failure.TIMEOUT_TOTAL,
    ),
    _cut(
        name="body-stops",
        does="half a body, then nothing",
        answer=raw(_OK + _LENGTH + ARTICLE[:60], FOREVER),
        failure=Failure.TIMEOUT_READ,
    ),
)

CHUNKS = (
    _whole(
        name="chunked-and-length",
        does="Content-Length and Transfer-Encoding at once (smuggling)",
        answer=raw(_OK + b"Content-Length: 7\r\nTransfer-Encoding: chunked\r\n\r\n" + _CHUNK + b"0\r\n\r\n", keep=True),
    ),
    _whole(
        name="chunked-then-forged",
        does="a forged answer after the last chunk",
        answer=raw(_CHUNKED + _CHUNK + b"0\r\n\r\n" + _FORGED, keep=True),
    ),
    _field("transfer-coding-unknown", "an unknown transfer coding", b"Transfer-Encoding: rot13, chunked\r\n"),
    _field("transfer-coding-twice", "chunked twice", b"Transfer-Encoding: chunked, chunked\r\n"),
    *(
        _cut(name=name, does=does, answer=raw(_CHUNKED + _CHUNK + bad, CLOSE), failure=Failure.PROTOCOL)
        for name, does, bad in (
            ("chunk-size-word", "a chunk size that is a word", b"many\r\n"),
            ("chunk-size-negative", "a negative chunk size", b"-5\r\nabcde\r\n"),
            ("chunk-size-overflows", "a chunk size of 40 digits", b"f" * 40 + b"\r\n"),
            ("chunk-no-line-end", "no line end after a chunk", b"2\r\nabcd\r\n0\r\n\r\n"),
            ("chunk-trailer-nonsense", "a trailer that is no field", b"0\r\nnonsense\r\n\r\n"),
        )
    ),
    _cut(name="chunks-cut", does="closes before the last chunk", answer=raw(_CHUNKED + _CHUNK, CLOSE)),
    _cut(
        name="chunks-endless",
        does="chunks without end",
        answer=endless(_CHUNKED, _CHUNK * 256),
        failure=Failure.TOO_LARGE,
    ),
    _cut(
        name="chunks-of-one-byte",
        does="chunks of one byte without end",
        answer=endless(_CHUNKED, b"1\r\nx\r\n" * 1024),
        failure=Failure.TIMEOUT_TOTAL,
    ),
    _cut(
        name="chunk-extension-endless",
        does="a chunk extension without end",
        answer=endless(_CHUNKED + _CHUNK + b"5;", b"x" * 4096),
        failure=Failure.PROTOCOL,
    ),
    _cut(
        name="trailers-endless",
        does="trailer fields without end",
        answer=endless(_CHUNKED + _CHUNK + b"0\r\n", b"X-More: and more\r\n"),
        failure=Failure.PROTOCOL,
    ),
)

CONNECTIONS = (
    _none(name="closes", does="closes without a word", answer=raw(CLOSE), failure=Failure.RESET),
    _none(name="resets", does="RST without a word", answer=raw(RESET), failure=Failure.RESET),
)

ROWS = (*HEADS, *LENGTHS, *CHUNKS, *CONNECTIONS)
