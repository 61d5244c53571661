"""A proxy in front of a real S3 server that fails as storage fails: errors, stalls, resets, cut and changed bodies, lies.

Signed requests pass unchanged (the signature covers the Host header, which stays), so what is not made to fail is the real
server's own. A fault is a function from what is asked to what is done; `Proxy.fault` may be changed at any time.
"""

from __future__ import annotations

import contextlib
import re
import socket
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import unquote, urlsplit

_REFUSED = '<?xml version="1.0" encoding="UTF-8"?><Error><Code>{code}</Code><Message>made to fail</Message></Error>'
_ENTRY = re.compile(rb"<Contents>.*?<Key>(.*?)</Key>.*?</Contents>", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A request: its method, the object's key (empty for one about the bucket), and whether it asks for a listing."""

    method: str
    key: str
    lists: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """The real server answers; `edit` changes its body, `cut` sends half of it and hangs up."""

    edit: Callable[[bytes], bytes] | None = None
    cut: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Refuse:
    """An S3 error."""

    status: int
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reset:
    """The connection is reset, when half of what is sent has been read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stall:
    """Nothing is answered for so long."""

    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Lie:
    """A write is acknowledged, with its checksum where `echo`, and not kept."""

    echo: bool


Act = Pass | Refuse | Reset | Stall | Lie
Fault = Callable[[Ask], Act]
PASS = Pass()


def well(_ask: Ask) -> Act:
    """Nothing fails."""
    return PASS


def without(hidden: Callable[[str], bool]) -> Callable[[bytes], bytes]:
    """A listing as of before some keys were written."""
    return lambda body: _ENTRY.sub(lambda found: b"" if hidden(found[1].decode()) else found[0], body)


class Proxy:
    """Listens on loopback while used as a context manager. `asked` is the log; `lied` the keys that were not kept."""

    def __init__(self, behind: str) -> None:
        self.fault: Fault = well
        self.asked: list[Ask] = []
        self.lied: list[str] = []
        self.closing = threading.Event()
        self.behind = urlsplit(behind).netloc
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("_Here", (_Handler,), {"proxy": self}))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self.endpoint = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    proxy: Proxy
    timeout = 60

    def _handle(self) -> None:
        parts = urlsplit(self.path)
        key = unquote(parts.path).lstrip("/").partition("/")[2]
        ask = Ask(method=self.command, key=key, lists="list-type=2" in parts.query)
        self.proxy.asked.append(ask)
        with contextlib.suppress(ConnectionError, TimeoutError):
            self._do(ask, self.proxy.fault(ask))

    do_GET = do_PUT = do_HEAD = do_POST = do_DELETE = _handle  # noqa: N815 - the names that the base class calls

    def _do(self, ask: Ask, act: Act) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if isinstance(act, Reset):
            self.rfile.read(length // 2)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
            return
        sent = self.rfile.read(length)
        if isinstance(act, Stall):
            self.proxy.closing.wait(act.seconds)
            self.close_connection = True
        elif isinstance(act, Refuse):
            body = _REFUSED.format(code=act.code).encode()
            self._say(act.status, [("Content-Type", "application/xml")], body if ask.method != "HEAD" else b"")
        elif isinstance(act, Lie):
            self.proxy.lied.append(ask.key)
            checksum = self.headers.get("x-amz-checksum-sha256")
            echo = [("x-amz-checksum-sha256", checksum)] if act.echo and checksum else []
            self._say(200, [("ETag", '"0"'), *echo], b"")
        else:
            self._pass(ask, act, sent)

    def _pass(self, ask: Ask, act: Pass, sent: bytes) -> None:
        connection = HTTPConnection(self.proxy.behind, timeout=60)
        with contextlib.closing(connection):
            connection.putrequest(ask.method, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():
                connection.putheader(name, value)
            connection.endheaders(sent)
            answer = connection.getresponse()
            body = answer.read()
        drop = {"transfer-encoding", "connection", "content-length"}
        pairs = [(name, value) for name, value in answer.getheaders() if name.lower() not in drop]
        if ask.method == "HEAD":
            self._say(answer.status, [*pairs, ("Content-Length", answer.getheader("Content-Length") or "0")], None)
            return
        edited = act.edit(body) if act.edit is not None and answer.status == 200 else body
        if act.cut and len(edited) > 1:
            self.send_response(answer.status)
            self._heads([*pairs, ("Content-Length", str(len(edited)))])
            self.wfile.write(edited[: len(edited) // 2])
            self.close_connection = True
            return
        self._say(answer.status, pairs, edited)

    def _say(self, status: int, pairs: list[tuple[str, str]], body: bytes | None) -> None:
        self.send_response(status)
        self._heads(pairs if body is None else [*pairs, ("Content-Length", str(len(body)))])
        if body:
            self.wfile.write(body)

    def _heads(self, pairs: list[tuple[str, str]]) -> None:
        for name, value in pairs:
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""
