"""What one attempt may still use: its time, and the socket that is cut when the run is abandoned.

Hides how a thread that waits in a system call is woken from another one.
"""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from scraper.fetch.broken import Broken
from scraper.model import Failure

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime


_METHODS = (b"GET ", b"POST ")


class Budget:
    """One attempt's deadline (`seconds` from now, by `monotonic`) and its socket.

    `sent` turns true with the request. `line` is the request line as it went out, `first_byte_at` when the first byte of
    the answer arrived (by `now`, where it was given).
    """

    def __init__(
        self, seconds: float, monotonic: Callable[[], float], now: Callable[[], datetime] | None = None
    ) -> None:
        self._monotonic = monotonic
        self._now = now
        self._seconds = seconds
        self._ends = monotonic() + seconds
        self._socket: socket.socket | None = None
        self.abandoned = False
        self.sent = False
        self.line = ""
        self.first_byte_at: datetime | None = None

    def wrote(self, data: bytes) -> None:
        """Note what was sent. What a proxy was told first is not the request."""
        self.sent = True
        if not self.line and data.startswith(_METHODS):
            self.line = data.partition(b"\r\n")[0].decode("latin-1")

    def arrived(self) -> None:
        """Note that bytes have arrived."""
        if self.first_byte_at is None and self.line and self._now is not None:
            self.first_byte_at = self._now()

    def left(self) -> float:
        """Seconds left; raises Broken when the time is up or the run was abandoned."""
        if self.abandoned:
            raise Broken(Failure.ABANDONED, "abandoned: the program is stopping")
        left = self._ends - self._monotonic()
        if left <= 0:
            raise Broken(Failure.TIMEOUT_TOTAL, f"not finished after {self._seconds:g} s")
        return left

    def overrun(self, failure: Failure, detail: str) -> Broken:
        """Name a failure of the network for what it is: given up, out of time, or the failure itself."""
        try:
            self.left()
        except Broken as error:
            return error
        return Broken(failure, detail)

    def hold(self, sock: socket.socket | None) -> None:
        """Name the socket this attempt waits on (None: no longer any)."""
        self._socket = sock
        if self.abandoned and sock is not None:
            _cut(sock)

    def abandon(self) -> None:
        """End the attempt from another thread."""
        self.abandoned = True
        sock = self._socket
        if sock is not None:
            _cut(sock)


class InFlight:
    """The attempts under way in all threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._budgets: set[Budget] = set()
        self._abandoned = False

    def abandoned(self) -> bool:
        """Whether the run was given up: nothing may be started any more."""
        return self._abandoned

    def enter(self, budget: Budget) -> None:
        """Count an attempt as under way."""
        with self._lock:
            self._budgets.add(budget)
            if self._abandoned:
                budget.abandon()

    def leave(self, budget: Budget) -> None:
        """Count it as ended."""
        with self._lock:
            self._budgets.discard(budget)

    def drain(self) -> None:
        """Let the attempts under way come to their end, and start none any more."""
        self._abandoned = True

    def abandon(self) -> None:
        """End all attempts, now and from now on."""
        with self._lock:
            self._abandoned = True
            for budget in self._budgets:
                budget.abandon()


def _cut(sock: socket.socket) -> None:
    # Closing would not wake a thread that waits in recv, and an SSLSocket's own shutdown would pull its TLS state
    # away under that thread: so the connection is shut down below TLS.
    with suppress(OSError):
        socket.socket.shutdown(sock, socket.SHUT_RDWR)
