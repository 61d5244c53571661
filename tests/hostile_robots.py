"""Rows of the hostile-server suite: robots.txt."""

from __future__ import annotations

from functools import partial

from scraper.model import Failure, Verdict
from tests.hostile_codings import deflated
from tests.hostile_server import ARTICLE, FOREVER, Row, endless, raw
from tests.web_server import CLOSE, RESET, Route, moved, page, status


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
        moved("/r"),
        also={"/r": moved("/robots.txt")},
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
