"""Health at `/healthz`: is the daemon up, did every source tick when it should have, is every source still read, the archive whole?

Hides the small HTTP server. `/livez` leaves out the last two questions: a supervisor that restarts what is not live would restart
for ever because of an outlet's new template.
"""

from __future__ import annotations

import http.client
import json
import socket
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from scraper.clock import Clock
from scraper.errors import ConfigError

_OVERDUE = 3
"""A source is late after this many times its interval (and at least an hour) without a finished tick."""


_WELL = {"/healthz": ("ok",), "/livez": ("ok", "alarm")}
"""The states that each address answers with 200."""

_ANYWHERE = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - looked up, not bound
"""Where a daemon that listens on all addresses is asked."""


class Health:
    """When each source last finished a tick, and what stands against it; shared by the ticks and the server."""

    def __init__(self, clock: Clock, every: Mapping[str, timedelta]) -> None:
        self._clock = clock
        self._every = dict(every)
        self._lock = threading.Lock()
        self._last: dict[str, datetime] = dict.fromkeys(every, clock.now())
        self._alarms: dict[str, tuple[str, ...]] = {}
        self._untold: dict[str, str] = {}
        self._upkeep: dict[str, tuple[str, ...]] = {}

    def ticked(self, source: str, alarms: Sequence[str] = ()) -> None:
        """A source's tick came to its end; `alarms` is what it found to stand against the source, in words."""
        with self._lock:
            self._last[source] = self._clock.now()
            self._alarms[source] = tuple(alarms)

    def told(self, failing: Mapping[str, str]) -> None:
        """Who could not be told of changes, and why."""
        with self._lock:
            self._untold = dict(failing)

    def kept(self, job: str, alarms: Sequence[str]) -> None:
        """A job that looks after the archive came to its end; `alarms` is what it found, in words."""
        with self._lock:
            self._upkeep[job] = tuple(alarms)

    def state(self) -> dict[str, Any]:
        """`{"status": "ok" | "late" | "alarm", "sources": {id: {"last_tick": …, "late": …, "alarms": […]}}, "archive": {job: […]}}`.

        And `"untold": {target: why}`, which is no alarm: what is archived does not suffer by it.
        """
        now = self._clock.now()
        with self._lock:
            last, alarms, upkeep = dict(self._last), dict(self._alarms), dict(self._upkeep)
            untold = dict(self._untold)
        sources = {
            source: {
                "last_tick": at.isoformat(),
                "late": now - at > max(timedelta(hours=1), _OVERDUE * self._every[source]),
                "alarms": list(alarms.get(source, ())),
            }
            for source, at in last.items()
        }
        late = any(item["late"] for item in sources.values())
        alarm = any(item["alarms"] for item in sources.values()) or any(upkeep.values())
        return {
            "status": "late" if late else "alarm" if alarm else "ok",
            "sources": sources,
            "archive": {job: list(found) for job, found in sorted(upkeep.items())},
            "untold": untold,
        }


@contextmanager
def serving(address: str, health: Health) -> Iterator[None]:
    """Serve `/healthz` and `/livez` at `host:port` for as long as the block runs; an empty address serves nothing."""
    if not address:
        yield
        return
    server = _server(address, health)
    thread = threading.Thread(target=server.serve_forever, name="health", daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def ask(address: str, timeout: float = 5.0) -> tuple[bool, str]:
    """Ask a running daemon: (is it well, what it said). Used by `scraper health`, the container's HEALTHCHECK."""
    host, port = _split(address)
    connection = http.client.HTTPConnection(_ANYWHERE.get(host, host), port, timeout=timeout)
    try:
        connection.request("GET", "/healthz")
        answer = connection.getresponse()
        return answer.status == 200, answer.read().decode()
    except OSError as error:
        return False, json.dumps({"status": "down", "reason": f"no daemon answers at {address}: {error}"})
    finally:
        connection.close()


def _server(address: str, health: Health) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state = health.state()
            well = _WELL.get(self.path)
            body = json.dumps(state if well else {"error": "only /healthz and /livez are here"}).encode()
            self.send_response(404 if well is None else 200 if state["status"] in well else 503)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
            del format, args

    class Server(ThreadingHTTPServer):
        address_family = socket.AF_INET6 if address.startswith("[") else socket.AF_INET

    try:
        return Server(_split(address), Handler)
    except OSError as error:
        raise ConfigError(
            f'health = {address!r}: {error.strerror}; choose a free address, or "off" for none'
        ) from error


def _split(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    if not port.isdigit():
        raise ConfigError(f"health = {address!r} is not host:port, e.g. 127.0.0.1:8080")
    return host.strip("[]"), int(port)
