"""Rows of the hostile-server suite: statuses and Retry-After."""

from __future__ import annotations

from scraper.model import Verdict
from tests.hostile_server import Row, raw
from tests.web_server import status

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
        verdict=Verdict.CLIENT_ERROR,
        then=True,
        deadlines=3,
    ),
)
