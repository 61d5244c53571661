"""The replica outlets: one HTTP server on loopback that is three hosts, and serves what the shared clock says.

Hides HTTP: connections, validators, compression, and the faults that befall a whole host. The pages are the outlets'
own (`outlets/`), the timetable is the script's (`script.py`). A page that never existed is answered with 503, never
404: only a deleted story is gone.
"""

from __future__ import annotations

import gzip
import hashlib
import socket
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from threading import Event, Lock, Thread
from types import TracebackType
from typing import NamedTuple, Self
from urllib.parse import parse_qsl, urlsplit

from scraper.clock import Clock
from scraper.demo import outlets, script
from scraper.demo.outlets.answer import Answer, Asked
from scraper.demo.stories import Story, stories

SOURCES = {script.KCNA: "replica-kcna", script.RODONG: "replica-rodong", script.WATCH: "replica-watch"}
"""The id under which each host is declared in the demo's configuration."""

_DRIPS = 8
_DRIP_SECONDS = 0.2  # real ones: the whole page takes longer than the demo's sources wait for an answer
_MAX_FORM = 64 * 1024
_IDLE_SECONDS = 30.0
_BUSY = Answer(body=b"<html><head><title>503 Service Unavailable</title></head><body></body></html>", status=503)


class Hit(NamedTuple):
    """One request that was answered: simulated time, host, path with query, status, method."""

    at: datetime
    host: str
    path: str
    status: int
    method: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """What an honest archive should conclude of the script: `kind` is a fault's, `url` the story's first address.

    For a host's fault `story` is empty and `url` is the host's root.
    """

    kind: str
    source: str
    story: str
    url: str
    since: datetime


class Replica:
    """The running server: a context manager. Safe to be asked from several threads.

    `log` holds every request in the order it was answered, `stories` everything that is ever published.
    """

    def __init__(self, clock: Clock) -> None:
        self.stories = stories()
        self.hosts = script.HOSTS
        self.log: list[Hit] = []
        self._clock = clock
        self._lock = Lock()
        self._throttled: dict[str, datetime] = {}
        self._dripped: set[str] = set()
        self._sessions = count(1)
        self._server = _Server(self)
        self._thread = Thread(target=self._server.serve_forever, args=(0.02,), name="replica", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.hang_up()
        self._server.server_close()

    @property
    def address(self) -> str:
        """Where it listens: `127.0.0.1:PORT`."""
        return f"127.0.0.1:{self._server.server_address[1]}"

    @property
    def expectations(self) -> tuple[Expectation, ...]:
        """What the script has in store, for comparison with what the archive found."""
        by_id = {story.id: story for story in self.stories}
        told = [_expected_story(fault, by_id[fault.story]) for fault in script.STORY_FAULTS]
        return (*told, *(_expected_host(fault) for fault in script.HOST_FAULTS))

    def respond(self, host: str, asked: Asked) -> Answer:
        """The answer to one request, noted in the log."""
        with self._lock:
            answer = self._decide(host, replace(asked, fresh=str(next(self._sessions))))
            self.log.append(Hit(asked.now, host, asked.target, answer.status, asked.method))
            return answer

    def now(self) -> datetime:
        """The simulated time."""
        return self._clock.now()

    def slow(self, host: str, target: str) -> bool:
        """True for the one answer that has to drip: the first of the story the script calls slow."""
        names = {fault.story for fault in script.STORY_FAULTS if fault.kind == "slow"}
        addresses = {urlsplit(url)[1:4] for story in self.stories if story.id in names for url in story.urls}
        with self._lock:
            if (host, urlsplit(target).path, urlsplit(target).query) not in addresses or self._dripped:
                return False
            self._dripped.add(target)
            return True

    def _decide(self, host: str, asked: Asked) -> Answer:
        fault = _fault(host, asked.now)
        if fault is not None and fault.kind == "outage":
            return _BUSY
        if fault is not None and fault.kind == "throttled":
            until = self._throttled.setdefault(host, asked.now + timedelta(seconds=fault.seconds))
            if asked.now < until:
                return _throttle(until - asked.now)
        found = outlets.ANSWERS[host](asked, self.stories) if host in outlets.ANSWERS else None
        return _conditional(found, asked) if found is not None else _BUSY


def _fault(host: str, now: datetime) -> script.HostFault | None:
    return next((each for each in script.HOST_FAULTS if each.host == host and each.since <= now < each.until), None)


def _throttle(wait: timedelta) -> Answer:
    seconds = -(-wait // timedelta(seconds=1))
    return Answer(body=b"Too Many Requests", status=429, headers=(("Retry-After", str(seconds)),))


def _conditional(answer: Answer, asked: Asked) -> Answer:
    """Validators, and 304 for who has the page already (RFC 9110, sections 13.1.2 and 13.1.3)."""
    if answer.modified is None:
        return answer
    etag = f'"{hashlib.sha256(answer.body).hexdigest()[:16]}"'
    headers = (*answer.headers, ("ETag", etag), ("Last-Modified", format_datetime(answer.modified, usegmt=True)))
    told = replace(answer, headers=headers)
    return replace(told, status=304, body=b"") if _has(answer, etag, asked) else told


def _has(answer: Answer, etag: str, asked: Asked) -> bool:
    tags = asked.headers.get("if-none-match")
    if tags is not None:
        return etag in (tag.strip().removeprefix("W/") for tag in tags.split(","))
    since = asked.headers.get("if-modified-since")
    return since is not None and answer.modified is not None and answer.modified <= parsedate_to_datetime(since)


def _expected_story(fault: script.StoryFault, story: Story) -> Expectation:
    return Expectation(
        kind=fault.kind,
        source=SOURCES[story.host],
        story=story.id,
        url=story.url,
        since=max(fault.since, story.published),
    )


def _expected_host(fault: script.HostFault) -> Expectation:
    return Expectation(
        kind=fault.kind, source=SOURCES[fault.host], story="", url=f"http://{fault.host}/", since=fault.since
    )


class _Server(ThreadingHTTPServer):
    """The listening socket, and those of the clients, so that leaving closes every one of them."""

    daemon_threads = False
    request_queue_size = 64

    def __init__(self, replica: Replica) -> None:
        self.replica = replica
        self.leaving = Event()
        self.clients: set[socket.socket] = set()
        super().__init__(("127.0.0.1", 0), _Handler)

    def hang_up(self) -> None:
        """Wake every handler that waits for its client; `server_close` then joins them."""
        self.leaving.set()
        for client in tuple(self.clients):
            with suppress(OSError):
                client.shutdown(socket.SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    """One client's connection. Whatever is asked goes to `Replica.respond`."""

    protocol_version = "HTTP/1.1"
    # Head and body leave in one write, and at once: else each answer waits 40 ms for a delayed acknowledgement.
    wbufsize = 64 * 1024
    disable_nagle_algorithm = True
    timeout = _IDLE_SECONDS
    server: _Server

    def setup(self) -> None:
        super().setup()
        self.server.clients.add(self.connection)
        if self.server.leaving.is_set():
            # Accepted just before everybody was hung up on: nobody else would.
            with suppress(OSError):
                self.connection.shutdown(socket.SHUT_RDWR)

    def finish(self) -> None:
        self.server.clients.discard(self.connection)
        with suppress(OSError):
            super().finish()

    def handle(self) -> None:
        with suppress(ConnectionError):
            super().handle()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name for it
        """Say nothing: `Replica.log` is the log."""

    def do_GET(self) -> None:
        self._answer({})

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        body = self.rfile.read(min(int(length), _MAX_FORM)) if length.isdecimal() else b""
        self._answer(dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)))

    def _answer(self, form: dict[str, str]) -> None:
        replica = self.server.replica
        host = self.headers.get("Host", "").partition(":")[0].lower()
        headers = {name.lower(): value for name, value in self.headers.items()}
        asked = Asked(method=self.command, target=self.path, headers=headers, form=form, now=replica.now())
        answer = replica.respond(host, asked)
        if host == script.WATCH and "gzip" in headers.get("accept-encoding", "") and answer.body:
            packed = gzip.compress(answer.body, mtime=0)
            answer = replace(answer, body=packed, headers=(*answer.headers, ("Content-Encoding", "gzip")))
        self._send(answer, asked.now, drip=answer.status == 200 and replica.slow(host, self.path))

    def _send(self, answer: Answer, now: datetime, *, drip: bool) -> None:
        self.send_response_only(answer.status)
        self.send_header("Date", format_datetime(now, usegmt=True))
        for name, value in answer.headers:
            self.send_header(name, value)
        if answer.status != 304:
            self.send_header("Content-Type", answer.content_type)
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        step = -(-len(answer.body) // _DRIPS) if drip else max(1, len(answer.body))
        for start in range(0, len(answer.body), step):
            if drip:
                self.wfile.flush()
                self.server.leaving.wait(_DRIP_SECONDS)
            self.wfile.write(answer.body[start : start + step])
