"""From a host to a connected socket: the operator's mapping, the resolver, the address guard, the connection.

Hides that resolving and connecting cannot be interrupted: both run in a helper thread that is left behind when the
attempt's time is up. The address that was checked is the address that is connected to, so a name that resolves
differently the second time (DNS rebinding) wins nothing.
"""

from __future__ import annotations

import queue
import socket
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpcore

from scraper.errors import ConfigError
from scraper.fetch import guard
from scraper.fetch.broken import Broken
from scraper.model import Failure

if TYPE_CHECKING:
    from scraper.fetch.budget import Budget
    from scraper.fetch.useragent import UserAgent

Address = tuple[str, int]
Connected = tuple[httpcore.NetworkStream, Address]
Lookup = Callable[[str, int], list[str]]
"""Resolve host and port to addresses; raises OSError."""

_POLL = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """How hosts may be reached under one source's declaration.

    `resolve` maps `host:port` or `host` to `address` or `address:port`. `trusted` are the source's own hosts that are
    this machine by name. `proxied` is true when all that is ever dialled is the operator's proxy.
    """

    resolve: tuple[tuple[str, str], ...]
    trusted: frozenset[str]
    proxied: bool
    agent: UserAgent

    def mapped(self, host: str, port: int) -> Address | None:
        """The address the operator maps a host to, if any; a mapping for the very port goes first."""
        table = dict(self.resolve)
        target = table.get(f"{host}:{port}", table.get(host))
        if target is None:
            return None
        parts = urlsplit(f"//{target}" if target.count(":") < 2 or target.startswith("[") else f"//[{target}]")
        return parts.hostname or target, parts.port or port


def system_lookup(host: str, port: int) -> list[str]:
    """The system's resolver; each address once, in its order of preference."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def addresses(host: str, port: int, route: Route, lookup: Lookup) -> list[Address]:
    """Say which addresses may be connected to for a host, all of them checked.

    Raises Broken: DNS when the name does not resolve, GUARD_REFUSED when any of its addresses leads to a forbidden
    network. Raises ConfigError when the address is another machine's and nobody could be reached under our contact.
    """
    target = route.mapped(host, port)
    name, port = target or (host, port)
    try:
        found = lookup(name, port)
    except (OSError, UnicodeError) as error:
        raise Broken(Failure.DNS, f"{name} does not resolve: {error}") from error
    if target is None and not route.proxied:
        _check(host, found, route)
    if not route.proxied and not all(guard.loopback(address) for address in found):
        require_contact(route.agent, host)
    return [(address, port) for address in found]


def check_spelled(host: str, route: Route) -> None:
    """Check what can be checked of a host that a proxy is to resolve: one that is an address, or this machine by name.

    Raises Broken, GUARD_REFUSED.
    """
    try:
        _check(host, [str(ip_address(host))], route)
    except ValueError:
        if guard.loopback(host) and host not in route.trusted:
            raise Broken(Failure.GUARD_REFUSED, f"{host} is the proxy's own machine") from None


def require_contact(agent: UserAgent, host: str) -> None:
    """Raise ConfigError while the contact is a placeholder: `host` is somebody else's, and must know who asks."""
    if agent.placeholder:
        raise ConfigError(
            f"{host} may not be fetched while the contact is {agent.contact!r}: "
            f"set {agent.setting} to an address or page where its webmaster reaches you"
        )


def dial(host: str, port: int, seconds: float, *, route: Route, budget: Budget, lookup: Lookup) -> Connected:
    """Connect within `seconds`, or less when the attempt's budget ends sooner. Raises Broken or ConfigError."""
    answers: queue.SimpleQueue[Connected | Exception] = queue.SimpleQueue()
    gone = threading.Event()

    def work() -> None:
        try:
            stream, address = _connect(addresses(host, port, route, lookup), seconds)
        except (Broken, ConfigError) as error:
            answers.put(error)
            return
        answers.put((stream, address))
        if gone.is_set():
            _close_late(answers)

    threading.Thread(target=work, name=f"dial {host}", daemon=True).start()
    try:
        answer = _wait(answers, seconds, budget)
    except Broken:
        gone.set()
        _close_late(answers)
        raise
    if isinstance(answer, Exception):
        raise answer
    return answer


def _close_late(answers: queue.SimpleQueue[Connected | Exception]) -> None:
    # Called by both sides once nobody wants the answer: whoever finds a connection in the queue closes it.
    try:
        late = answers.get_nowait()
    except queue.Empty:
        return
    if isinstance(late, tuple):
        with closing(late[0]):
            return


def _wait(answers: queue.SimpleQueue[Connected | Exception], seconds: float, budget: Budget) -> Connected | Exception:
    # Half a second more than the connection itself gets, so that its own timeout is the one reported.
    left = seconds + 0.5
    while left > 0:
        try:
            return answers.get(timeout=min(_POLL, left, budget.left()))
        except queue.Empty:
            left -= _POLL
    raise Broken(Failure.TIMEOUT_CONNECT, f"no connection after {seconds:g} s")


def _check(host: str, found: list[str], route: Route) -> None:
    for address in found:
        kind = guard.forbidden(address)
        if kind is not None and not (host in route.trusted and guard.loopback(address)):
            raise Broken(
                Failure.GUARD_REFUSED,
                f"{host} is {address}, {kind}: if you mean it, map the host under `resolve` in the source's [network]",
            )


def _connect(candidates: list[Address], seconds: float) -> Connected:
    backend = httpcore.SyncBackend()
    share = seconds / max(1, len(candidates))
    trouble: Broken | None = None
    for address, port in candidates:
        try:
            return backend.connect_tcp(address, port, timeout=share), (address, port)
        except httpcore.ConnectTimeout:
            trouble = Broken(Failure.TIMEOUT_CONNECT, f"{address} port {port} did not answer in {share:g} s")
        except httpcore.ConnectError as error:
            trouble = Broken(Failure.CONNECT, f"{address} port {port}: {error}")
    raise trouble or Broken(Failure.DNS, "the name has no address")
