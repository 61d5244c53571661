"""The servers of the hostile-server suite as rows ask for them, and the certificates they show."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import trustme

from tests.hostile_server import OTHER, Row, Talker, filled
from tests.web_server import WebServer, page


class Tls:
    """The certificates of the rows: an authority that is trusted, and servers that only partly deserve it."""

    def __init__(self, directory: Path) -> None:
        self._ours, stranger = trustme.CA(), trustme.CA()
        self.ca_file = directory / "ca.pem"
        self._ours.cert_pem.write_to_path(str(self.ca_file))
        own = directory / "own.pem"
        stranger.private_key_pem.write_to_path(str(own))
        stranger.cert_pem.write_to_path(str(own), append=True)
        past = datetime(2020, 1, 1, tzinfo=UTC)
        self._servers = {
            "expired": self._ours.issue_cert("outlet.example", not_before=past, not_after=past.replace(year=2021)),
            "wrong-host": self._ours.issue_cert("evil.example"),
            "stranger": stranger.issue_cert("outlet.example"),
        }
        self._own = own

    def server(self, name: str) -> ssl.SSLContext | None:
        """The server's side for a row; None where it speaks no TLS."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        if name == "self-signed":
            context.load_cert_chain(self._own)
            return context
        if name not in self._servers:
            return None
        self._servers[name].configure_cert(context)
        return context


@contextmanager
def listening(row: Row, tls: Tls, trap: int) -> Iterator[int]:
    """The row's server; its port."""
    if row.server == "none":
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = int(listener.getsockname()[1])
        yield port
        return
    if row.server == "talker":
        with Talker(row.talk) as talker:
            yield talker.port
        return
    with WebServer({}, tls=tls.server(row.server)) as web:
        routes = {"/robots.txt": row.robots, "/a": row.answer, "/b": page(OTHER), **row.also}
        web.routes.update({path: filled(route, web.port, trap) for path, route in routes.items()})
        yield web.port
