"""The one server that everybody asks: `python -m benchmarks.server PAGES` prints its address and serves until it is ended.

`/served` says how many pages were served since it was asked last, so that nobody is quick by leaving some out.

Hides how it is made cheap enough not to disturb those it is asked by: answers are made before, and a request is read no
further than its first line and Accept-Encoding.
"""

from __future__ import annotations

import asyncio
import hashlib
import sys
import zlib

from benchmarks.pages import Site, address

_NOT_FOUND = b"HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\nContent-Length: 9\r\n\r\nNot here\n"
_END = b"\r\n\r\n"


class _Connection(asyncio.Protocol):
    """One connection, kept alive as long as the other side likes."""

    def __init__(self, bodies: dict[bytes, bytes], served: list[bytes]) -> None:
        self._bodies = bodies
        self._served = served
        self._unread = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._unread += data
        while _END in self._unread:
            head, self._unread = self._unread.split(_END, 1)
            self._transport.write(self._answer(head))

    def _answer(self, head: bytes) -> bytes:
        target = head.split(b" ", 2)[1]
        body = self._bodies.get(target)
        if body is None:
            return self._count() if target == b"/served" else _NOT_FOUND
        self._served.append(target)
        if b"gzip" in _accepted(head):
            return _headers(body, b"Content-Encoding: gzip\r\n") + body
        plain = zlib.decompress(body, 16 + zlib.MAX_WBITS)
        return _headers(plain, b"") + plain

    def _count(self) -> bytes:
        body = str(len(set(self._served))).encode()
        self._served.clear()
        return _headers(body, b"") + body


def _accepted(head: bytes) -> bytes:
    _, _, rest = head.lower().partition(b"\r\naccept-encoding:")
    return rest.split(b"\r\n", 1)[0]


def _headers(body: bytes, coding: bytes) -> bytes:
    # The end of a gzip stream is its CRC and length: as good as a digest here, and free.
    tag = hashlib.md5(body[-8:], usedforsecurity=False).hexdigest().encode()
    return (
        b"HTTP/1.1 200 OK\r\nServer: bench\r\nContent-Type: text/html; charset=utf-8\r\n"
        + coding
        + b"Vary: Accept-Encoding\r\n"
        b'ETag: "%s"\r\nContent-Length: %d\r\n\r\n' % (tag, len(body))
    )


async def _serve(pages: int) -> None:
    site = Site()
    bodies = {address(number).encode(): site.gzipped(number) for number in range(pages)}
    served: list[bytes] = []
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Connection(bodies, served), "127.0.0.1", 0, backlog=512)
    sys.stdout.write(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
