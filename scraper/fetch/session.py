"""The cookies of outlets that need a session: kept per source for as long as the program runs, never written down.

Hides the cookie jar (RFC 6265). KCNA's paged lists answer a form without its session's cookie with an empty page
(docs/sources.md). The archive redacts Cookie and Set-Cookie in every record.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    from scraper.model import Exchange, Source


class Sessions:
    """One jar per source that declares `session`; threads may share it."""

    def __init__(self) -> None:
        self._jars: dict[str, httpx.Cookies] = {}
        self._lock = threading.Lock()

    def cookie(self, source: Source, url: str) -> str | None:
        """The Cookie header for a URL; None where there is none to send."""
        if not source.session:
            return None
        request = httpx.Request("GET", url)
        request.headers.encoding = "latin-1"
        with self._lock:
            self._jars.setdefault(source.id, httpx.Cookies()).set_cookie_header(request)
        header: str | None = request.headers.get("cookie")
        return header

    def learn(self, source: Source, exchange: Exchange) -> None:
        """Keep what an answer set."""
        if not source.session or not any(name.lower() == "set-cookie" for name, _ in exchange.headers):
            return
        # As the bytes they were on the wire: what a str may hold to httpx is ASCII.
        received = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in exchange.headers]
        answer = httpx.Response(200, headers=received, request=httpx.Request("GET", exchange.url))
        answer.headers.encoding = "latin-1"
        with self._lock:
            self._jars.setdefault(source.id, httpx.Cookies()).extract_cookies(answer)
