"""The wire: an httpx transport whose every read obeys the attempt's budget and whose every connection was checked.

Hides httpcore. httpx's own client is not used: its redirects, cookies, decoding and header merging would stand between
the archive and what was really sent and received. Troubles come out as `Broken`.
"""

from __future__ import annotations

import hashlib
import re
import socket
import ssl
import threading
from typing import TYPE_CHECKING, Any

import httpcore
import httpx

from scraper.errors import ConfigError
from scraper.fetch import guard
from scraper.fetch.broken import Broken
from scraper.fetch.dial import Lookup, Route, check_spelled, dial, require_contact
from scraper.model import Failure, Tls

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from scraper.fetch.budget import Budget
    from scraper.model import Network

KEEP_ALIVE = 10.0
"""Seconds an idle connection is kept: long enough for a gap, short enough not to meet a server that has just left."""


_CITED = re.compile(r"(illegal header (?:line|name|value)).*", re.IGNORECASE)
"""h11 cites the header that it objects to, which may be a cookie."""

MAX_HEADERS = 256
MAX_HEAD_BYTES = 64 * 1024
"""Header fields of an answer, and their bytes. A head that does not end is cut off by h11 at about 100 KiB."""


class Transport(httpx.BaseTransport):
    """Carries out requests under one route. Each `httpx.Request` brings its `Budget` in `extensions["budget"]`."""

    def __init__(self, network: Network, route: Route, lookup: Lookup) -> None:
        context = trust(network)
        self._route = route
        self._backend = _Backend(route, lookup, verified=network.verify)
        self._pool = httpcore.ConnectionPool(
            ssl_context=context,
            proxy=_proxy(network.proxy, context),
            max_connections=None,
            max_keepalive_connections=20,
            keepalive_expiry=KEEP_ALIVE,
            network_backend=self._backend,
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send, and return when the headers are there; the body is read from `response.stream`, raw.

        Raises Broken for every trouble of the network, ConfigError where nobody may be asked yet.
        """
        budget: Budget = request.extensions["budget"]
        if self._route.proxied:
            check_spelled(request.url.host, self._route)
            if not guard.loopback(request.url.host):
                require_contact(self._route.agent, request.url.host)
        self._backend.now_serving(budget)
        try:
            answer = self._pool.handle_request(_core(request))
            _check_head(answer)
        except _TROUBLES as error:
            self._backend.drop()
            raise self._backend.named(error) from error
        except (Broken, ConfigError):
            self._backend.drop()
            raise
        return httpx.Response(
            status_code=answer.status,
            headers=answer.headers,
            stream=_Body(answer, self._backend),
            extensions=answer.extensions,
        )

    def close(self) -> None:
        """Close all connections."""
        self._pool.close()


_TROUBLES = (
    httpcore.NetworkError,
    httpcore.TimeoutException,
    httpcore.ProtocolError,
    httpcore.ProxyError,
    httpcore.UnsupportedProtocol,
)


class Wire(httpcore.NetworkStream):
    """A connected stream that reads and writes within the budget of the request it serves."""

    def __init__(self, inner: httpcore.NetworkStream, backend: _Backend, peer: str, tls: Tls | None = None) -> None:
        self._inner = inner
        self._backend = backend
        self.peer = peer
        self.tls = tls

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read what has arrived; raises Broken when nothing does in time."""
        budget = self._backend.budget(self)
        left = budget.left()
        try:
            data = self._inner.read(max_bytes, left if timeout is None else min(left, timeout))
        except httpcore.ReadTimeout:
            raise budget.overrun(Failure.TIMEOUT_READ, f"nothing arrived for {timeout} s") from None
        except httpcore.ReadError as error:
            raise budget.overrun(Failure.RESET, f"the connection broke: {error}") from error
        if data:
            budget.arrived()
        else:
            self._backend.ended()
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send all of `buffer`. A WriteError is httpcore's to judge: the server may have answered early."""
        budget = self._backend.budget(self)
        left = budget.left()
        try:
            self._inner.write(buffer, left if timeout is None else min(left, timeout))
        except httpcore.WriteTimeout:
            raise budget.overrun(Failure.TIMEOUT_READ, f"could not send for {timeout} s") from None
        budget.wrote(buffer)

    def close(self) -> None:
        """Close the connection."""
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """Shake hands; raises Broken(TLS) when the peer is not who it says or speaks no TLS we accept."""
        budget = self._backend.budget(self)
        left = budget.left()
        try:
            inner = self._inner.start_tls(ssl_context, server_hostname, left if timeout is None else min(left, timeout))
        except httpcore.ConnectTimeout:
            raise budget.overrun(Failure.TIMEOUT_CONNECT, f"no TLS handshake in {timeout} s") from None
        except httpcore.ConnectError as error:
            failure = Failure.TLS if _tls_refused(error) else Failure.RESET
            raise budget.overrun(failure, f"TLS handshake with {server_hostname}: {error}") from error
        return self._backend.attach(Wire(inner, self._backend, self.peer, self._backend.facts(inner)))

    def get_extra_info(self, info: str) -> Any:
        """As httpcore's streams."""
        return self._inner.get_extra_info(info)


class _Backend(httpcore.NetworkBackend):
    """Dials for httpcore, and knows which request each thread is serving."""

    def __init__(self, route: Route, lookup: Lookup, *, verified: bool) -> None:
        self._route = route
        self._lookup = lookup
        self._verified = verified
        self._serving = threading.local()

    def now_serving(self, budget: Budget) -> None:
        """Name the budget of the request that this thread carries out from now on."""
        self._serving.budget, self._serving.wire, self._serving.ended = budget, None, False

    def budget(self, wire: Wire) -> Budget:
        """The budget a stream's read or write is on; the stream becomes the one that is cut on abandonment."""
        if self._serving.wire is not wire:
            self.attach(wire)
        budget: Budget = self._serving.budget
        return budget

    def attach(self, wire: Wire) -> Wire:
        """Make a stream the one this thread waits on."""
        self._serving.wire = wire
        self._serving.budget.hold(wire.get_extra_info("socket"))
        return wire

    def ended(self) -> None:
        """Note that the peer closed the connection."""
        self._serving.ended = True

    def drop(self) -> None:
        """Close the stream of a request that failed before its headers came (httpcore forgets some of them)."""
        wire: Wire | None = self._serving.wire
        if wire is not None:
            wire.close()

    def named(self, error: Exception) -> Broken:
        """What an error of httpcore means for the attempt that met it."""
        budget: Budget = self._serving.budget
        detail = _CITED.sub(r"\1", " ".join(str(error).split())) or type(error).__name__
        if isinstance(error, httpcore.ProxyError):
            return budget.overrun(Failure.CONNECT, f"the proxy refused: {detail}")
        if isinstance(error, httpcore.NetworkError) or self._serving.ended:
            return budget.overrun(Failure.RESET, detail)
        return budget.overrun(Failure.PROTOCOL, detail)

    def facts(self, stream: httpcore.NetworkStream) -> Tls | None:
        """What a finished handshake showed."""
        tls = stream.get_extra_info("ssl_object")
        if tls is None:
            return None
        certificate = tls.getpeercert(True) or b""  # noqa: FBT003 - it takes no keyword
        cipher = tls.cipher()
        return Tls(
            version=tls.version() or "",
            cipher=cipher[0] if cipher else "",
            certificate_sha256=hashlib.sha256(certificate).hexdigest(),
            verified=self._verified,
            chain_sha256=tuple(hashlib.sha256(der).hexdigest() for der in _chain(stream)),
        )

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,  # noqa: ARG002 - httpcore's interface
        socket_options: Iterable[Any] | None = None,  # noqa: ARG002 - httpcore's interface
    ) -> httpcore.NetworkStream:
        """Dial; raises Broken or ConfigError."""
        budget: Budget = self._serving.budget
        left = budget.left()
        seconds = left if timeout is None else min(left, timeout)
        stream, (address, connected_port) = dial(
            host, port, seconds, route=self._route, budget=budget, lookup=self._lookup
        )
        peer = f"[{address}]:{connected_port}" if ":" in address else f"{address}:{connected_port}"
        return self.attach(Wire(stream, self, peer))


class _Body(httpx.SyncByteStream):
    """The raw body, chunk by chunk as it is received."""

    def __init__(self, answer: httpcore.Response, backend: _Backend) -> None:
        self._stream: Any = answer.stream
        self._backend = backend

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._stream
        except _TROUBLES as error:
            raise self._backend.named(error) from error

    def close(self) -> None:
        if self._goes_on():
            self._backend.drop()
        self._stream.close()

    def _goes_on(self) -> bool:
        """Whether bytes have come after the answer's end (response splitting).

        httpcore would take them for the answer to whatever this connection is asked next, and tells of them nowhere:
        its parser is asked. They are no answer, and the connection serves nothing more.
        """
        parser = self._stream._stream._connection._h11_state  # noqa: SLF001 - see above; a hostile-server row holds it
        return bool(parser.trailing_data[0])


def trust(network: Network) -> ssl.SSLContext:
    """The certificates a source's hosts are verified against: `ca_file`, else the bundle httpx ships (certifi)."""
    if network.ca_file is None or not network.verify:
        return httpx.create_ssl_context(verify=network.verify)
    try:
        return ssl.create_default_context(cafile=network.ca_file)
    except OSError as error:
        raise ConfigError(f"ca_file {network.ca_file} cannot be read ({error}): name a readable PEM file") from error


def _chain(stream: httpcore.NetworkStream) -> Iterable[bytes]:
    """The certificates the peer sent, in DER form; none before Python 3.13, which does not tell of them publicly."""
    for tls in (stream.get_extra_info("socket"), stream.get_extra_info("ssl_object")):
        if isinstance(tls, ssl.SSLSocket | ssl.SSLObject) and hasattr(tls, "get_unverified_chain"):
            chain: Iterable[bytes] = tls.get_unverified_chain()
            return chain
    return ()


def _check_head(answer: httpcore.Response) -> None:
    """Refuse an answer whose head is nothing that a page needs."""
    count = len(answer.headers)
    size = sum(len(name) + len(value) for name, value in answer.headers)
    if count > MAX_HEADERS or size > MAX_HEAD_BYTES:
        answer.close()
        raise Broken(
            Failure.PROTOCOL, f"a head of {count} fields and {size} bytes: over {MAX_HEADERS} or {MAX_HEAD_BYTES}"
        )


def _core(request: httpx.Request) -> httpcore.Request:
    url = request.url
    return httpcore.Request(
        method=request.method,
        url=httpcore.URL(
            scheme=url.raw_scheme,
            host=url.raw_host,
            port=url.port,
            target=request.extensions.get("target", url.raw_path),
        ),
        headers=request.headers.raw,
        content=request.stream,
        extensions={"timeout": request.extensions["timeout"]},
    )


def _proxy(url: str | None, context: ssl.SSLContext) -> httpcore.Proxy | None:
    if url is None:
        return None
    proxy = httpx.Proxy(url)
    return httpcore.Proxy(
        url=httpcore.URL(
            scheme=proxy.url.raw_scheme, host=proxy.url.raw_host, port=proxy.url.port, target=proxy.url.raw_path
        ),
        auth=proxy.raw_auth,
        headers=proxy.headers.raw,
        ssl_context=context if proxy.url.scheme == "https" else None,
    )


def _tls_refused(error: BaseException) -> bool:
    cause = error.__cause__ or error.__context__
    torn = (ssl.SSLEOFError, ssl.SSLZeroReturnError, ConnectionError, socket.timeout)
    return isinstance(cause, ssl.SSLError) and not isinstance(cause, torn)
