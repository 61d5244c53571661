"""`Stamper.ask`: one question to a time-stamping authority (RFC 3161 §3.4), and its answer as it came.

Hides the HTTP of it. The rules are those of pages as far as they apply to a service that was made to be asked: the
address guard, the operator's network, a contact, limits of time and size. What the answer says is the archive's to judge.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx

from scraper import urls
from scraper.errors import Refused, Transient
from scraper.fetch import guard
from scraper.fetch.body import BodyLimits, receive
from scraper.fetch.broken import Broken
from scraper.fetch.budget import Budget, InFlight
from scraper.fetch.dial import Lookup, Route, system_lookup
from scraper.fetch.transport import Transport
from scraper.model import Failure, Network

if TYPE_CHECKING:
    from scraper.fetch.useragent import UserAgent

CONNECT_SECONDS = 10.0
READ_SECONDS = 15.0
DEADLINE_SECONDS = 30.0
MAX_BYTES = 256 * 1024
"""A token with its certificates is some 2 to 10 KiB."""
_QUERY, _REPLY = "application/timestamp-query", "application/timestamp-reply"


class Stamper:
    """Asks authorities, one request each; safe to use from several threads."""

    def __init__(
        self,
        *,
        user_agent: UserAgent,
        network: Network,
        monotonic: Callable[[], float],
        lookup: Lookup = system_lookup,
    ) -> None:
        self._user_agent = user_agent
        self._network = network
        self._monotonic = monotonic
        self._lookup = lookup
        self._in_flight = InFlight()

    def ask(self, url: str, query: bytes) -> bytes:
        """Send a request to an authority and return the body of its answer.

        Raises Refused where the address may not be asked, Transient where no whole answer with status 200 came, and
        ConfigError where nobody may be asked yet (no contact).
        """
        admitted, complaint = guard.admit(url)
        if complaint is not None:
            raise Refused(f"{urls.redacted(url)} may not be asked: {complaint}", failure=Failure.GUARD_REFUSED)
        budget = Budget(DEADLINE_SECONDS, self._monotonic)
        self._in_flight.enter(budget)
        transport = self._transport(admitted)
        try:
            return self._exchange(transport, _request(admitted, query, self._user_agent.header(), budget))
        except Broken as broken:
            error = Refused if broken.failure is Failure.GUARD_REFUSED else Transient
            raise error(
                f"{admitted} failed: {broken.failure.value}: {broken.detail}", failure=broken.failure
            ) from broken
        finally:
            budget.hold(None)
            self._in_flight.leave(budget)
            transport.close()

    def drain(self) -> None:
        """Begin nothing more; what is under way may come to its end."""
        self._in_flight.drain()

    def abandon(self) -> None:
        """End what is under way, from any thread; later requests are not begun."""
        self._in_flight.abandon()

    def _transport(self, url: str) -> Transport:
        host = urls.host(url)
        route = Route(
            resolve=self._network.resolve,
            trusted=frozenset({host} if guard.loopback(host) else ()),
            proxied=self._network.proxy is not None,
            agent=self._user_agent,
        )
        return Transport(self._network, route, self._lookup)

    def _exchange(self, transport: Transport, request: httpx.Request) -> bytes:
        if self._in_flight.abandoned():
            raise Broken(Failure.ABANDONED, "the program is stopping")
        response = transport.handle_request(request)
        began = self._monotonic()
        try:
            stream = response.stream
            assert isinstance(stream, httpx.SyncByteStream)
            body = receive(
                stream,
                response.headers.get("content-encoding"),
                BodyLimits(max_bytes=MAX_BYTES, min_bytes_per_second=0.0),
                lambda: self._monotonic() - began,
            )
        finally:
            response.close()
        if body.broken is not None:
            raise body.broken
        if response.status_code != 200:
            raise Transient(f"{request.url} answered {response.status_code}")
        return body.data


def _request(url: str, query: bytes, agent: str, budget: Budget) -> httpx.Request:
    headers = (
        ("Host", urlsplit(url).netloc),
        ("User-Agent", agent),
        ("Accept", _REPLY),
        ("Accept-Encoding", "identity"),
        ("Content-Type", _QUERY),
        ("Content-Length", str(len(query))),
    )
    timeout = {"connect": CONNECT_SECONDS, "read": READ_SECONDS, "write": READ_SECONDS}
    return httpx.Request("POST", url, headers=headers, content=query, extensions={"budget": budget, "timeout": timeout})
