"""What a row of the hostile-server suite is, and the building blocks its answers are made of.

A row is one behaviour of a server that is broken, overloaded or ill-meaning. Its answers are played by
`tests.web_server`; a server that talks without having been asked anything is `Talker`. In the heads of answers and in
addresses, `{port}` stands for the row's own server and `{trap}` for the server nobody may ever ask.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Self

from scraper.model import Failure, Role, Verdict
from tests.web_server import Answer, Asked, Route, Step, Wait, head, page

WORDS = b"The harvest began in the third week."
ARTICLE = (
    b"<!DOCTYPE html><html><head><title>Harvest</title></head><body><h1>Harvest</h1><p>" + WORDS + b"</p></body></html>"
)
OTHER_WORDS = b"The bridge was opened."
OTHER = ARTICLE.replace(WORDS, OTHER_WORDS)
FOREVER = Wait(60.0)
"""Longer than any deadline here; the server's end cuts it short."""
HTML = ("Content-Type", "text/html; charset=utf-8")
ALLOW = page(b"User-agent: *\nAllow: /\n", headers=[("Content-Type", "text/plain")])


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One behaviour and what must come of it.

    `status`, `verdict` and `failure` are those of the last page's record (robots.txt apart), `error` is the class that
    is raised (None: an answer is returned). `pages` is how many records there are of pages. `stop` is for how many
    seconds the host is left alone. `then` asks for another page afterwards, which must be answered with its own words.
    `deadlines` is how many deadlines the row may take in all. `host` is asked for instead of 127.0.0.1, and `found` are
    the addresses a resolver gives for any name. `ask` is the address where it is not the server's `/a`.
    """

    name: str
    does: str
    answer: Route = field(default_factory=lambda: page(ARTICLE), repr=False)
    verdict: Verdict = Verdict.ARTICLE
    status: int | None = 200
    failure: Failure | None = None
    error: str | None = None
    robots: Route = ALLOW
    also: Mapping[str, Route] = field(default_factory=dict)
    role: Role = Role.ARTICLE
    pages: int = 1
    stop: float | None = None
    then: bool = False
    deadlines: int = 2
    ask: str | None = None
    found: Sequence[str] | None = None
    server: str = "web"
    talk: tuple[Step, ...] = ()


def raw(*steps: bytes | Wait | str, keep: bool = False) -> Answer:
    """An answer given byte by byte."""
    return Answer(steps, keep=keep)


def body(*pairs: tuple[str, str], data: bytes = ARTICLE, status: int = 200, keep: bool = True) -> Answer:
    """An answer with exactly these headers after Content-Type."""
    return Answer((head(status, "OK", (HTML, *pairs)), data), keep=keep)


def coded(coding: str, data: bytes) -> Answer:
    """A page in some content coding, with a true Content-Length."""
    return page(data, headers=[("Content-Encoding", coding)])


def endless(start: bytes, piece: bytes, pause: float = 0.0) -> Callable[[Asked], Answer]:
    """An answer that begins and then repeats a piece until the client leaves."""

    def steps() -> Iterator[bytes | Wait]:
        yield start
        while True:
            yield piece
            if pause:
                yield Wait(pause)

    return lambda _asked: Answer(steps(), keep=False)


def filled(route: Route, port: int, trap: int) -> Route:
    """A route with the ports put in where its heads have blanks."""
    if callable(route):
        return lambda asked: _filled(route(asked), port, trap)
    return _filled(route, port, trap) if isinstance(route, Answer) else [_filled(one, port, trap) for one in route]


def _filled(answer: Answer, port: int, trap: int) -> Answer:
    if not isinstance(answer.steps, tuple):
        return answer
    blanks = (b"{port}", str(port).encode()), (b"{trap}", str(trap).encode())
    steps: list[Step] = []
    for step in answer.steps:
        text = step
        if isinstance(text, bytes) and text.startswith(b"HTTP/"):
            for blank, value in blanks:
                text = text.replace(blank, value)
        steps.append(text)
    return replace(answer, steps=tuple(steps))


class Talker:
    """A listener that plays the same steps on every connection, and reads nothing.

    It stays silent for good where there are no steps.
    """

    def __init__(self, steps: Sequence[Step]) -> None:
        self._steps = steps
        self._closing = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads: list[threading.Thread] = []
        self.port: int = self._listener.getsockname()[1]

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join()

    def _start(self, target: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=target, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self._start(self._talk, connection)

    def _talk(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            for step in self._steps:
                if isinstance(step, bytes):
                    connection.sendall(step)
                elif isinstance(step, Wait):
                    self._closing.wait(step.seconds)
            if not self._steps:
                self._closing.wait(FOREVER.seconds)
