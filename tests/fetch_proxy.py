"""A forward, CONNECT and SOCKS5 proxy on loopback, for the tests of `fetch`."""

from __future__ import annotations

import contextlib
import socket
import socketserver
import ssl
import threading
from collections.abc import Iterator

from tests.web_server import read_request


class Proxy(socketserver.ThreadingTCPServer):
    """A forward, CONNECT and SOCKS5 proxy that sends everything to one port; `asked` lists what it was asked for."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, port: int, *, socks: bool = False, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), Socks if socks else Forward)
        self.origin = port
        self.tls = tls
        self.asked: list[str] = []
        self.port: int = self.server_address[1]

    def get_request(self) -> tuple[socket.socket, object]:
        """Accept, over TLS where the proxy speaks it."""
        connection, address = super().get_request()
        return (self.tls.wrap_socket(connection, server_side=True) if self.tls else connection), address


class Forward(socketserver.StreamRequestHandler):
    """One connection of an HTTP proxy."""

    def handle(self) -> None:
        """Answer CONNECT with a tunnel, and absolute requests by passing them on one by one."""
        assert isinstance(self.server, Proxy)
        while asked := read_request(self.rfile):
            self.server.asked.append(f"{asked.method} {asked.target} {asked.header('proxy-authorization')}")
            with socket.create_connection(("127.0.0.1", self.server.origin)) as origin:
                if asked.method == "CONNECT":
                    self.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
                    tunnel(self.connection, origin)
                    return
                lines = [f"GET /{asked.target.split('/', 3)[3]} HTTP/1.1", f"Host: {asked.header('host')}"]
                origin.sendall("\r\n".join([*lines, "Connection: close", "", ""]).encode())
                while data := origin.recv(65536):
                    self.wfile.write(data)


class Socks(socketserver.StreamRequestHandler):
    """One connection of a SOCKS5 proxy without authentication (RFC 1928)."""

    def handle(self) -> None:
        """Shake hands, note the name that is asked for, and tunnel."""
        assert isinstance(self.server, Proxy)
        _, count = self.rfile.read(2)
        self.rfile.read(count)
        self.wfile.write(b"\x05\x00")
        _, _, _, kind, length = self.rfile.read(5)
        assert kind == 3  # a name: the proxy resolves it
        self.server.asked.append(self.rfile.read(length).decode())
        self.rfile.read(2)
        self.wfile.write(b"\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00")
        with socket.create_connection(("127.0.0.1", self.server.origin)) as origin:
            tunnel(self.connection, origin)


def tunnel(one: socket.socket, other: socket.socket) -> None:
    """Copy both ways until either side closes."""

    def copy(source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
        for side in (source, target):
            with contextlib.suppress(OSError):
                socket.socket.shutdown(side, socket.SHUT_RDWR)

    back = threading.Thread(target=copy, args=(other, one), daemon=True)
    back.start()
    copy(one, other)
    back.join()


@contextlib.contextmanager
def proxying(port: int, *, socks: bool = False, tls: ssl.SSLContext | None = None) -> Iterator[Proxy]:
    """Run a proxy in front of a port."""
    with Proxy(port, socks=socks, tls=tls) as proxy:
        thread = threading.Thread(target=proxy.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield proxy
        finally:
            proxy.shutdown()
            thread.join()
