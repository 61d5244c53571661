"""Which URLs may be asked for, and which addresses may be connected to.

Hides the list of special-purpose networks and the tricks by which a URL means one host to one reader and another to
the next. Pure: names are resolved in `dial`.
"""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from scraper import urls

if TYPE_CHECKING:
    from collections.abc import Iterable

_UNSAFE = re.compile(r"[\x00-\x1f\x7f\\]")
_HOST = re.compile(r"[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?|[0-9a-f:.]+")

_NAMED = (
    ("this machine", ip_network("127.0.0.0/8")),
    ("this machine", ip_network("0.0.0.0/8")),
    ("this machine", ip_network("::/127")),
    ("a private network", ip_network("10.0.0.0/8")),
    ("a private network", ip_network("172.16.0.0/12")),
    ("a private network", ip_network("192.168.0.0/16")),
    ("a private network", ip_network("fc00::/7")),
    ("carrier-grade NAT", ip_network("100.64.0.0/10")),
    ("link-local or a metadata service", ip_network("169.254.0.0/16")),
    ("link-local", ip_network("fe80::/10")),
    ("a metadata service", ip_network("168.63.129.16/32")),
    ("multicast", ip_network("224.0.0.0/4")),
    ("multicast", ip_network("ff00::/8")),
)
_NAT64 = ip_network("64:ff9b::/96")


def unsafe(text: str) -> bool:
    """Whether a URL or reference holds what some parser drops or reads as a slash (WHATWG URL §4.4)."""
    return _UNSAFE.search(text) is not None


def admit(url: str) -> tuple[str, str | None]:
    """The canonical form of a URL as it was given, and why it may not be asked for (None when it may; RFC 3986 §7).

    Looks at the raw text first: a parser that drops a line feed or reads a backslash as a slash would see another URL.
    An objectionable URL comes back as given.
    """
    if unsafe(url):
        return url, "it holds a backslash or a control character"
    try:
        admitted = urls.canonical(url)
    except ValueError as error:
        return url, str(error)
    parts = urlsplit(admitted)
    if parts.username is not None or parts.password is not None:
        return url, "it carries credentials"
    if not _HOST.fullmatch(parts.hostname or ""):
        return url, "its host is not a name or an address"
    return admitted, None


def in_scope(url: str, hosts: Iterable[str]) -> bool:
    """Whether a canonical URL's host is one of a source's; a source that names none takes any (`adhoc`)."""
    wanted = tuple(hosts)
    return not wanted or urls.host(url) in wanted


def loopback(host: str) -> bool:
    """Whether a host is this machine by its very spelling: `localhost` or a loopback literal."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def forbidden(address: str) -> str | None:
    """Say to what kind of network an address leads, when it is not the public internet; None when it is.

    IPv4 addresses inside IPv6 ones (mapped, NAT64, 6to4, Teredo) are judged as what they lead to. RFC 6890, RFC 6052.
    """
    ip = _effective(ip_address(address.partition("%")[0]))
    for kind, network in _NAMED:
        if ip.version == network.version and ip in network:
            return kind
    return None if ip.is_global else "not a public address"


def _effective(ip: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    if isinstance(ip, IPv4Address):
        return ip
    if ip in _NAT64:
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    teredo = ip.teredo[1] if ip.teredo else None
    return ip.ipv4_mapped or ip.sixtofour or teredo or ip
