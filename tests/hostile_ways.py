"""Rows of the hostile-server suite: redirects, statuses, robots.txt, names, addresses and TLS."""

from __future__ import annotations

from functools import partial

from scraper.model import Failure, Role, Verdict
from tests.hostile_bodies import deflated
from tests.hostile_server import ARTICLE, FOREVER, Row, endless, raw
from tests.web_server import CLOSE, RESET, Answer, Route, moved, page, status

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
    *(
        # Parsers differ about these; ours stays on the host, and none of them may lead it off.
        _moved(
            name=f"redirect-{name}",
            does=f"redirects to `{text}`",
            answer=moved(text),
            verdict=Verdict.GONE,
            status=404,
            pages=2,
        )
        for name, text in (
            ("many-slashes", "////localhost:{trap}/x"),
            ("no-slashes", "http:localhost:{trap}/x"),
            ("no-host", "http:///x"),
        )
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

_WAITS: tuple[tuple[str, tuple[tuple[str, str], ...], float], ...] = (
    ("none", (), 60),
    ("seconds", (("Retry-After", "120"),), 120),
    ("zero", (("Retry-After", "0"),), 1),
    ("negative", (("Retry-After", "-5"),), 60),
    ("fraction", (("Retry-After", "1.5"),), 60),
    ("word", (("Retry-After", "soon"),), 60),
    ("century", (("Retry-After", "9" * 30),), 86400),
    ("other-digits", (("Retry-After", "²"),), 60),
    ("date", (("Retry-After", "Sat, 22 Aug 2026 12:10:00 GMT"),), 600),
    ("date-old-form", (("Retry-After", "Saturday, 22-Aug-26 12:10:00 GMT"),), 600),
    ("date-c-form", (("Retry-After", "Sat Aug 22 12:10:00 2026"),), 600),
    ("date-past", (("Retry-After", "Sat, 22 Aug 2020 12:00:00 GMT"),), 60),
    ("date-far", (("Retry-After", "Fri, 31 Dec 9999 23:59:59 GMT"),), 86400),
    ("date-impossible", (("Retry-After", "Sat, 99 Aug 2026 25:00:00 GMT"),), 60),
    ("twice", (("Retry-After", "120"), ("Retry-After", "5")), 120),
)
_ERRORS: tuple[tuple[int, Verdict, str | None], ...] = (
    (400, Verdict.CLIENT_ERROR, None),
    (401, Verdict.BLOCKED_LOGIN, "Blocked"),
    (403, Verdict.CLIENT_ERROR, None),
    (404, Verdict.GONE, None),
    (410, Verdict.GONE, None),
    (418, Verdict.CLIENT_ERROR, None),
    (451, Verdict.BLOCKED_LEGAL, "Blocked"),
    (500, Verdict.SERVER_ERROR, "Transient"),
    (502, Verdict.SERVER_ERROR, "Transient"),
    (503, Verdict.SERVER_ERROR, "Transient"),
    (520, Verdict.SERVER_ERROR, "Transient"),
    (599, Verdict.SERVER_ERROR, "Transient"),
    (999, Verdict.SERVER_ERROR, "Transient"),
)

STATUSES = (
    *(
        Row(
            name=f"status-{code}",
            does=f"answers {code}",
            answer=status(code),
            verdict=verdict,
            status=code,
            error=error,
        )
        for code, verdict, error in _ERRORS
    ),
    *(
        Row(
            name=f"throttled-{name}",
            does=f"429, Retry-After: {pairs[0][1] if pairs else 'none'}{' and another' * (len(pairs) > 1)}",
            answer=status(429, *((key, value) for key, value in pairs)),
            verdict=Verdict.THROTTLED,
            status=429,
            error="Throttled",
            stop=wait,
        )
        for name, pairs, wait in _WAITS
    ),
    Row(
        name="throttled-503",
        does="503, Retry-After: 120",
        answer=status(503, ("Retry-After", "120")),
        verdict=Verdict.THROTTLED,
        status=503,
        error="Throttled",
        stop=120,
    ),
    Row(
        name="no-content-with-body",
        does="204 with a body",
        answer=raw(b"HTTP/1.1 204 No Content\r\nContent-Length: 6\r\n\r\nforged", keep=True),
        status=204,
        verdict=Verdict.EMPTY,
        then=True,
        deadlines=3,
    ),
    Row(
        name="not-modified-unasked",
        does="304 although nothing was confirmed",
        answer=status(304),
        status=304,
        verdict=Verdict.UNCHANGED,
        then=True,
        deadlines=3,
    ),
)


def _robots(
    name: str,
    does: str,
    robots: Route,
    failure: Failure | None = Failure.ROBOTS_UNREACHABLE,
    error: str | None = "Transient",
    **more: object,
) -> Row:
    closed = failure is not None
    return Row(
        name=f"robots-{name}",
        does=f"robots.txt: {does}",
        robots=robots,
        failure=failure,
        error=error,
        status=None if closed else 200,
        verdict=Verdict.FAILED if closed else Verdict.ARTICLE,
        deadlines=3,
        **more,  # type: ignore[arg-type]
    )


_open = partial(_robots, failure=None, error=None)
_denied = partial(_robots, failure=Failure.ROBOTS_DENIED, error="Refused")
_BAN = b"User-agent: *\nDisallow: /\n"

ROBOTS = (
    _denied(
        "endless",
        "a ban, then lines without end",
        endless(b"HTTP/1.1 200 OK\r\n\r\n" + _BAN, b"Allow: /other/*/path$\n" * 999),
    ),
    _open("5-mb", "5 MB, the ban after 500 KiB of it", page(b"# filling\n" * 500_000 + _BAN)),
    _open("binary", "noise", page(bytes(range(256)) * 64)),
    _open("html", "a page of HTML", page(ARTICLE)),
    _denied("html-with-ban", "a page of HTML with a ban in its lines", page(b"<html>\n" + _BAN + b"</html>")),
    _denied("utf-16", "a ban in UTF-16", page(_BAN.decode().encode("utf-16"))),
    _denied("mac-line-ends", "a ban with a BOM and CR line ends", page(b"\xef\xbb\xbf" + _BAN.replace(b"\n", b"\r"))),
    _open(
        "wildcards",
        "patterns that take a bad matcher for ever",
        page(b"User-agent: *\nDisallow: /" + b"*a" * 500 + b"z$\n"),
    ),
    _open("loop", "a redirect to itself", moved("/robots.txt")),
    _open(
        "redirects",
        "redirects to a new address each time",
        lambda asked: moved("/robots.txt"),
        also={"/robots.txt": moved("/robots.txt")},
    ),
    _robots("redirect-elsewhere", "a redirect to a forbidden address", moved("http://localhost:{trap}/robots.txt")),
    _robots("redirect-file", "a redirect to `file:///etc/passwd`", moved("file:///etc/passwd")),
    _robots("503", "503", status(503)),
    Row(
        name="robots-429",
        does="robots.txt: 429",
        robots=status(429),
        status=429,
        verdict=Verdict.THROTTLED,
        error="Throttled",
        stop=60,
        pages=0,
    ),
    _robots("silent", "no answer", raw(FOREVER)),
    _robots("trickles", "a byte every 0.1 s", endless(b"HTTP/1.1 200 OK\r\n\r\n", b"#", 0.1)),
    _robots(
        "cut",
        "a file that breaks off",
        raw(b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\nUser-agent: *\nAllow: /\n", CLOSE),
    ),
    _robots("reset", "RST", raw(RESET)),
    _open("bomb", "a bomb", page(deflated(31, 16), headers=[("Content-Encoding", "gzip")])),
    _open("404", "404", status(404)),
    _open("403", "403", status(403)),
    _denied(
        "slow-host",
        "a Crawl-delay of a year",
        page(b"User-agent: *\nCrawl-delay: 31536000\n"),
        error="Throttled",
        stop=43200.0,
    ),
    _open(
        "delay-nonsense",
        "a Crawl-delay that is no number",
        page(b"User-agent: *\nCrawl-delay: -1\nCrawl-delay: nan\nCrawl-delay: 1e999\n"),
    ),
)

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

ROWS = (*REDIRECTS, *STATUSES, *ROBOTS, *NETWORK)
