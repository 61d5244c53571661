"""Rows of the hostile-server suite: redirects."""

from __future__ import annotations

from functools import partial

from scraper.model import Failure, Verdict
from tests.hostile_server import ARTICLE, Row, endless
from tests.web_server import Answer, moved, page, status

_LOCATIONS: tuple[tuple[str, str], ...] = (
    ("file", "file:///etc/passwd"),
    ("javascript", "javascript:alert(1)"),
    ("data", "data:text/html,x"),
    ("ftp", "ftp://127.0.0.1/a"),
    ("gopher", "gopher://localhost:{trap}/_GET"),
    ("other-host", "http://localhost:{trap}/x"),
    ("scheme-relative", "//localhost:{trap}/x"),
    ("loopback-v6", "http://[::1]:{trap}/x"),
    ("loopback-mapped", "http://[::ffff:127.0.0.1]:{trap}/x"),
    ("loopback-number", "http://2130706433:{trap}/x"),
    ("loopback-hex", "http://0x7f000001:{trap}/x"),
    ("loopback-short", "http://127.1:{trap}/x"),
    ("loopback-octal", "http://0177.0.0.1:{trap}/x"),
    ("loopback-other", "http://127.0.0.2:{trap}/x"),
    ("any-address", "http://0.0.0.0:{trap}/x"),
    ("metadata", "http://169.254.169.254/latest/meta-data/"),
    ("private", "http://10.0.0.1/x"),
    ("credentials", "http://user:secret@127.0.0.1:{port}/b"),
    ("userinfo-trick", "http://127.0.0.1:{port}@localhost:{trap}/x"),
    ("userinfo-trick-2", "http://localhost:{trap}/x#@127.0.0.1:{port}/b"),
    ("userinfo-empty", "http://@127.0.0.1:{port}/b"),
    ("backslash", "http://localhost:{trap}\\@127.0.0.1:{port}/b"),
    ("backslashes", "\\\\localhost:{trap}\\b"),
    ("tab-inside", "http://local\thost:{trap}/x"),
    ("delete-inside", "http://127.0.0.1:{port}/b\x7f"),
    ("port-too-large", "http://127.0.0.1:99999/b"),
    ("port-word", "http://127.0.0.1:http/b"),
    ("bracket-open", "http://[::1/b"),
    ("host-of-dots", "http://.../b"),
    ("host-percent", "http://%31%32%37.0.0.1:{trap}/x"),
    ("host-full-width", "http://１２７.0.0.1:{trap}/x"),
    ("host-circled", "http://ⓛocalhost:{trap}/x"),
    ("many-slashes", "////localhost:{trap}/x"),
    ("no-slashes", "http:localhost:{trap}/x"),
    ("no-host", "http:///x"),
)
_moved = partial(Row, verdict=Verdict.MOVED, status=302, then=True, deadlines=3)
_lost = partial(
    Row, verdict=Verdict.FAILED, status=None, failure=Failure.REDIRECT_LIMIT, error="Transient", then=True, deadlines=9
)


def _location(text: str) -> Answer:
    return moved(text.encode().decode("latin-1"))


REDIRECTS = (
    *(
        _moved(
            name=f"redirect-{name}",
            does=f"redirects to `{text.replace(chr(9), '(tab)').replace(chr(127), '(delete)')}`",
            answer=_location(text),
        )
        for name, text in _LOCATIONS
    ),
    _moved(name="redirect-nowhere", does="302 without Location", answer=status(302)),
    _moved(
        name="redirect-not-modified",
        does="300 with a Location",
        answer=status(300, ("Location", "/b"), body=ARTICLE),
        verdict=Verdict.ARTICLE,
        status=300,
    ),
    _moved(
        name="redirect-home",
        does="redirects to the front page",
        answer=moved("/"),
        also={"/": page(ARTICLE)},
        verdict=Verdict.MOVED_HOME,
        status=200,
        pages=2,
    ),
    _moved(
        name="redirect-relative",
        does="redirects to `../b?x#y`",
        answer=moved("../b?x#y"),
        verdict=Verdict.ARTICLE,
        status=200,
        pages=2,
    ),
    _moved(
        name="redirect-two-ways",
        does="two Locations: the second out of scope",
        answer=status(302, ("Location", "/b"), ("Location", "http://localhost:{trap}/x")),
        verdict=Verdict.ARTICLE,
        status=200,
        pages=2,
    ),
    _moved(
        name="redirect-warning",
        does="redirects to warning.or.kr",
        answer=moved("http://warning.or.kr/i1.html"),
        verdict=Verdict.BLOCKED_LEGAL,
        error="Blocked",
    ),
    _moved(
        name="redirect-login",
        does="redirects to a login wall",
        answer=moved("/free-member-form/"),
        verdict=Verdict.BLOCKED_LOGIN,
        error="Blocked",
    ),
    _lost(name="redirect-empty", does="an empty Location: to itself", answer=moved(""), pages=2),
    _lost(name="redirect-self", does="redirects to itself", answer=moved("/a"), pages=2),
    _lost(
        name="redirect-circle",
        does="redirects in a circle of two",
        answer=moved("/c"),
        also={"/c": moved("/a")},
        pages=3,
    ),
    _lost(
        name="redirect-endless",
        does="redirects to a new address each time",
        answer=lambda asked: moved(f"/a?{len(asked.target)}{asked.target[3:]}"),
        pages=7,
    ),
    _moved(
        name="redirect-bomb",
        does="a redirect with an endless body",
        answer=endless(b"HTTP/1.1 302 Found\r\nLocation: /b\r\n\r\n", ARTICLE * 256),
        failure=Failure.TOO_LARGE,
        error="Transient",
    ),
    Row(
        name="redirect-to-private-name",
        does="redirects to a name of its own that resolves to the metadata service",
        answer=moved("http://outlet.example/b"),
        found=("169.254.169.254",),
        status=None,
        verdict=Verdict.FAILED,
        failure=Failure.ROBOTS_UNREACHABLE,
        error="Transient",
        pages=2,
    ),
)
