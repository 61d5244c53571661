"""Rows of the hostile-server suite: names, addresses, TLS, and what we are told to ask for."""

from __future__ import annotations

from functools import partial

from scraper.model import Failure, Role, Verdict
from tests.hostile_server import FOREVER, Row

_gone = partial(
    Row, status=None, verdict=Verdict.FAILED, failure=Failure.ROBOTS_UNREACHABLE, error="Transient", deadlines=3
)
_NAME = "http://outlet.example:{port}/a"
NETWORK = (
    _gone(name="refused", does="nobody listens on the port", server="none"),
    _gone(name="accepts-only", does="accepts the connection and is silent", server="talker"),
    _gone(name="greets", does="talks before it was asked", server="talker", talk=(b"220 ready\r\n", FOREVER)),
    _gone(
        name="answers-unasked",
        does="sends a page before it was asked for one",
        server="talker",
        talk=(b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n",),
    ),
    _gone(name="name-unknown", does="its name does not resolve", ask=_NAME),
    _gone(name="name-empty", does="its name has no address", ask=_NAME, found=()),
    *(
        _gone(name=f"name-{name}", does=f"its name resolves to {' and '.join(found)}", ask=_NAME, found=found)
        for name, found in (
            ("loopback", ("127.0.0.1",)),
            ("loopback-v6", ("::1",)),
            ("private", ("192.168.1.1",)),
            ("metadata", ("169.254.169.254",)),
            ("cgnat", ("100.64.0.1",)),
            ("mapped", ("::ffff:127.0.0.1",)),
            ("nat64", ("64:ff9b::7f00:1",)),
            ("ula", ("fd00::1",)),
            ("multicast", ("224.0.0.1",)),
            ("one-of-two", ("198.41.0.4", "127.0.0.1")),
        )
    ),
    *(
        _gone(name=f"tls-{name}", does=f"TLS: {does}", server=name, ask="https://outlet.example:{port}/a")
        for name, does in (
            ("expired", "a certificate of yesterday"),
            ("wrong-host", "a certificate for another name"),
            ("self-signed", "a certificate that signed itself"),
            ("stranger", "a certificate of an unknown authority"),
        )
    ),
    _gone(
        name="tls-plain",
        does="no TLS where TLS is asked for",
        server="talker",
        talk=(b"HTTP/1.1 200 OK\r\n\r\n", FOREVER),
        ask="https://outlet.example:{port}/a",
    ),
    _gone(
        name="tls-silent",
        does="TLS: a handshake that never ends",
        server="talker",
        ask="https://outlet.example:{port}/a",
    ),
    *(
        Row(
            name=f"asked-{name}",
            does=f"we are told to ask for `{url}`",
            ask=url,
            status=None,
            verdict=Verdict.FAILED,
            failure=Failure.GUARD_REFUSED,
            error="Refused",
            role=Role.ARTICLE,
        )
        for name, url in (
            ("file", "file:///etc/passwd"),
            ("credentials", "http://user:secret@127.0.0.1:{port}/a"),
            ("elsewhere", "http://localhost:{trap}/a"),
            ("backslash", "http://127.0.0.1:{port}\\@localhost:{trap}/x"),
            ("number", "http://2130706433:{port}/a"),
            ("nonsense", "http://["),
        )
    ),
)
