"""Liveness at `/healthz`: is the daemon up, and did every source tick when it should have?

Hides the small HTTP server.
"""

from __future__ import annotations

import http.client
import json
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from scraper.clock import Clock
from scraper.errors import ConfigError

_OVERDUE = 3
"""A source is late after this many times its interval (and at least an hour) without a finished tick."""


_ANYWHERE = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - looked up, not bound
"""Where a daemon that listens on all addresses is asked."""


class Health:
    """When each source last finished a tick; shared by the ticks and the server."""

    def __init__(self, clock: Clock, every: Mapping[str, timedelta]) -> None:
        self._clock = clock
        self._every = dict(every)
        self._lock = threading.Lock()
        self._last: dict[str, datetime] = dict.fromkeys(every, clock.now())

    def ticked(self, source: str) -> None:
        """A source's tick came to its end."""
        with self._lock:
            self._last[source] = self._clock.now()

    def state(self) -> dict[str, Any]:
        """`{"status": "ok" | "late", "sources": {id: {"last_tick": …, "late": …}}}`."""
        now = self._clock.now()
        with self._lock:
            last = dict(self._last)
        sources = {
            source: {
                "last_tick": at.isoformat(),
                "late": now - at > max(timedelta(hours=1), _OVERDUE * self._every[source]),
            }
            for source, at in last.items()
        }
        late = any(item["late"] for item in sources.values())
        return {"status": "late" if late else "ok", "sources": sources}


@contextmanager
def serving(address: str, health: Health) -> Iterator[None]:
    """Serve `/healthz` at `host:port` for as long as the block runs; an empty address serves nothing."""
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
            found = self.path == "/healthz"
            body = json.dumps(state if found else {"error": "only /healthz is here"}).encode()
            self.send_response((200 if state["status"] == "ok" else 503) if found else 404)
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
