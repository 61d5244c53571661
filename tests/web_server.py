"""A scripted HTTP server on loopback: what each path answers is data, byte by byte where a test needs it.

    with WebServer({"/a": page(b"<html>"), "/b": [status(503), page(b"ok")]}) as web:
        web.url("/a"), web.log

A route is one `Answer`, a list of them (one per request, the last one again and again) or a function of the `Asked`.
An answer is a list of steps sent in order: bytes, `Wait(seconds)`, `RESET` or `CLOSE`.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from io import BufferedIOBase
from typing import IO, Self


@dataclass(frozen=True, slots=True)
class Wait:
    """Send nothing for some seconds (ended early when the server closes)."""

    seconds: float


RESET = "reset"
CLOSE = "close"
Step = bytes | Wait | str


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent, step by step. `keep` says whether the connection serves another request."""

    steps: Iterable[Step]
    keep: bool = True


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it arrived; header names as sent."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str | None:
        """The first value of a header."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


@dataclass(frozen=True, slots=True)
class Seen:
    """A line of the log: who was asked for what, and when (monotonic seconds) the answer began and ended."""

    host: str
    method: str
    target: str
    started: float
    ended: float
    asked: Asked = field(repr=False)


Route = Answer | Sequence[Answer] | Callable[[Asked], Answer]


def page(
    body: bytes = b"", *, headers: Iterable[tuple[str, str]] = (), status: int = 200, reason: str = "OK"
) -> Answer:
    """An ordinary answer with a Content-Length."""
    pairs = [("Content-Type", "text/html; charset=utf-8"), *headers, ("Content-Length", str(len(body)))]
    return Answer((head(status, reason, pairs), body))


def status(code: int, *headers: tuple[str, str], body: bytes = b"no") -> Answer:
    """An answer that matters for its status and headers."""
    if code in (204, 304):
        return Answer((head(code, "-", headers),))
    return page(body, status=code, reason="-", headers=headers)


def moved(location: str, code: int = 302) -> Answer:
    """A redirect."""
    return status(code, ("Location", location), body=b"moved")


def head(code: int, reason: str, pairs: Iterable[tuple[str, str]]) -> bytes:
    """A status line and header block as bytes."""
    lines = [f"HTTP/1.1 {code} {reason}", *(f"{name}: {value}" for name, value in pairs), "", ""]
    return "\r\n".join(lines).encode("latin-1")


class WebServer:
    """Listens on a free port of `address` while used as a context manager; TLS with `tls`.

    Unknown paths are answered by `otherwise`, a 404 where that is not given.
    """

    def __init__(
        self,
        routes: Mapping[str, Route],
        *,
        otherwise: Route | None = None,
        tls: ssl.SSLContext | None = None,
        address: str = "127.0.0.1",
    ) -> None:
        self.routes: dict[str, Route] = dict(routes)
        self._otherwise = status(404) if otherwise is None else otherwise
        self._log: list[Seen] = []
        self._answering = 0
        self._tls = tls
        self._counts: dict[str, int] = {}
        self._closing = threading.Event()
        self._lock = threading.Lock()
        self._idle = threading.Condition(self._lock)
        self._threads: list[threading.Thread] = []
        self._open: set[socket.socket] = set()
        self._listener = socket.create_server((address, 0), backlog=128)
        self.address = address
        self.port: int = self._listener.getsockname()[1]

    def url(self, path: str = "/", host: str | None = None) -> str:
        """The address of a path on this server."""
        return f"{'https' if self._tls else 'http'}://{host or self.address}:{self.port}{path}"

    @property
    def log(self) -> list[Seen]:
        """The requests answered so far; waits a moment for one that is just ending (its client may know already)."""
        with self._idle:
            self._idle.wait_for(lambda: not self._answering, timeout=1.0)
            return list(self._log)

    def targets(self) -> list[str]:
        """The paths asked for, in order of their completion."""
        return [seen.target for seen in self.log]

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    socket.socket.shutdown(connection, socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()

    def _start(self, target: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=target, args=args, daemon=True)
        thread.start()
        self._threads = [*(old for old in self._threads if old.is_alive()), thread]

    def _accept(self) -> None:
        while not self._closing.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._start(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            stream = self._tls.wrap_socket(connection, server_side=True) if self._tls else connection
            with self._lock:
                self._open.add(stream)
            try:
                with stream, stream.makefile("rb") as reader:
                    while not self._closing.is_set():
                        asked = read_request(reader)
                        if asked is None or not self._answer(stream, asked):
                            return
            finally:
                with self._lock:
                    self._open.discard(stream)

    def _answer(self, connection: socket.socket, asked: Asked) -> bool:
        started = time.monotonic()
        with self._lock:
            self._answering += 1
        answer = self._choose(asked)
        try:
            return self._play(connection, answer) and asked.header("connection") != "close"
        finally:
            seen = Seen(asked.header("host") or "", asked.method, asked.target, started, time.monotonic(), asked)
            with self._idle:
                self._log.append(seen)
                self._answering -= 1
                self._idle.notify_all()

    def _play(self, connection: socket.socket, answer: Answer) -> bool:
        for step in answer.steps:
            if self._closing.is_set() or step == CLOSE:
                return False
            if isinstance(step, bytes):
                connection.sendall(step)
            elif isinstance(step, Wait):
                self._closing.wait(step.seconds)
            else:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return False
        return answer.keep

    def _choose(self, asked: Asked) -> Answer:
        route = self.routes.get(asked.target, self.routes.get(asked.target.partition("?")[0], self._otherwise))
        if isinstance(route, Answer):
            return route
        if callable(route):
            return route(asked)
        with self._lock:
            count = self._counts.get(asked.target, 0)
            self._counts[asked.target] = count + 1
        return route[min(count, len(route) - 1)]


def read_request(reader: IO[bytes] | BufferedIOBase) -> Asked | None:
    """Read one request from a binary stream; None at its end."""
    first = reader.readline().decode("latin-1").split()
    if len(first) != 3:
        return None
    headers = []
    for line in iter(reader.readline, b"\r\n"):
        if not line:
            return None
        name, _, value = line.decode("latin-1").partition(":")
        headers.append((name, value.strip()))
    length = next((int(value) for name, value in headers if name.lower() == "content-length"), 0)
    return Asked(first[0], first[1], tuple(headers), reader.read(length) if length else b"")
