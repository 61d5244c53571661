"""One attempt: what is sent, and everything that came of it as one `Exchange`.

Hides the request headers we fix and how an answer or a failure becomes a record's facts.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

import httpx

from scraper.fetch.body import BodyLimits, receive
from scraper.fetch.broken import Broken
from scraper.fetch.transport import Wire
from scraper.model import Channel, Exchange

if TYPE_CHECKING:
    from collections.abc import Callable

    from scraper.clock import Clock
    from scraper.fetch.body import Body
    from scraper.fetch.budget import Budget
    from scraper.model import Headers, Politeness, Request, RobotsDecision, Source

ACCEPT = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
ACCEPT_ENCODING = "gzip, deflate, br, zstd"
"""Fixed, and recorded with each capture: an answer that varies with them must not look like an edit (RFC 9110 §12.5)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What one attempt is to do: the request of this hop, on whose behalf, and what is already known of it."""

    request: Request
    url: str
    source: Source
    robots: RobotsDecision | None
    redirected_from: str | None
    channel: Channel
    vantage: str

    def exchange(self, clock: Clock) -> Exchange:
        """The exchange as it begins; also the form of one in which nothing was sent."""
        now = clock.now()
        return Exchange(
            request=self.request,
            url=self.url,
            started_at=now,
            fetched_at=now,
            robots=self.robots,
            redirected_from=self.redirected_from,
            channel=self.channel,
            vantage=self.vantage,
        )


def carry_out(
    ask: Ask,
    transport: httpx.BaseTransport,
    agent: str,
    *,
    budget: Budget,
    clock: Clock,
    monotonic: Callable[[], float],
    cookie: str | None = None,
) -> Exchange:
    """Send one request and read its answer, within the source's limits. Never raises for what the network does."""
    begun = ask.exchange(clock)
    headers = request_headers(ask.request, ask.url, agent, ask.source.language)
    if cookie is not None:
        headers = (*headers, ("Cookie", cookie))
    wire = _wire_request(ask.request, ask.url, headers, ask.source.politeness, budget)
    try:
        response = transport.handle_request(wire)
    except Broken as broken:
        return replace(
            begun,
            fetched_at=clock.now(),
            first_byte_at=budget.first_byte_at,
            request_line=budget.line,
            request_headers=headers if budget.sent else (),
            failure=broken.failure,
            detail=broken.detail,
        )
    try:
        body = _read(response, ask.source.politeness, monotonic)
    finally:
        response.close()
    asked = replace(
        begun,
        request_line=budget.line,
        request_headers=headers,
        first_byte_at=budget.first_byte_at,
        fetched_at=clock.now(),
    )
    return _answered(asked, response, body)


def request_headers(request: Request, url: str, agent: str, language: str) -> Headers:
    """All headers of a request, in the order they are sent.

    Validators go out exactly as the server gave them, weak ones with their `W/` (RFC 9110 §8.8.3, §13.1).
    """
    pairs = [
        ("Host", urlsplit(url).netloc),
        ("User-Agent", agent),
        ("Accept", ACCEPT),
        ("Accept-Language", f"{language}, *;q=0.5" if language else "*"),
        ("Accept-Encoding", ACCEPT_ENCODING),
    ]
    if request.etag is not None:
        pairs.append(("If-None-Match", request.etag))
    if request.last_modified is not None:
        pairs.append(("If-Modified-Since", request.last_modified))
    if request.method == "POST":
        pairs.append(("Content-Type", "application/x-www-form-urlencoded"))
        pairs.append(("Content-Length", str(len(_form(request)))))
    return tuple(pairs)


def _form(request: Request) -> bytes:
    return urlencode(request.form).encode("ascii")


def _wire_request(
    request: Request, url: str, headers: Headers, politeness: Politeness, budget: Budget
) -> httpx.Request:
    parts = urlsplit(url)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    return httpx.Request(
        request.method,
        _origin(f"{parts.scheme}://{parts.netloc}"),
        headers=[(name.encode("ascii"), value.encode("latin-1", "replace")) for name, value in headers],
        content=_form(request) if request.method == "POST" else None,
        extensions={
            "budget": budget,
            # httpx would write path and query in its own spelling; those asked for are the ones that are recorded.
            "target": target.encode("ascii"),
            "timeout": {
                "connect": politeness.connect_timeout,
                "read": politeness.read_timeout,
                "write": politeness.read_timeout,
            },
        },
    )


@lru_cache(maxsize=64)
def _origin(url: str) -> httpx.URL:
    """Scheme, host and port as httpx reads them: the same for all pages of a host, and reading them is dear."""
    return httpx.URL(url)


def _read(response: httpx.Response, politeness: Politeness, monotonic: Callable[[], float]) -> Body:
    began = monotonic()
    stream = response.stream
    assert isinstance(stream, httpx.SyncByteStream)
    return receive(
        stream,
        response.headers.get("content-encoding"),
        BodyLimits(max_bytes=politeness.max_bytes, min_bytes_per_second=politeness.min_bytes_per_second),
        lambda: monotonic() - began,
    )


def _answered(begun: Exchange, response: httpx.Response, body: Body) -> Exchange:
    wire = response.extensions.get("network_stream")
    own = wire if isinstance(wire, Wire) else None
    broken = body.broken
    return replace(
        begun,
        status=response.status_code,
        reason_phrase=response.extensions.get("reason_phrase", b"").decode("latin-1"),
        http_version=response.extensions.get("http_version", b"").decode("latin-1"),
        headers=tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in response.headers.raw),
        body=body.data,
        wire_size=body.wire_size,
        wire_sha256=None if response.status_code in (204, 304) else body.wire_sha256,
        content_encoding=response.headers.get("content-encoding"),
        undecoded=body.undecoded,
        truncated=broken.truncated if broken else None,
        peer=own.peer if own and begun.channel is not Channel.PROXY else None,
        tls=own.tls if own and begun.url.startswith("https:") else None,
        failure=broken.failure if broken else None,
        detail=broken.detail if broken else None,
    )
