"""Which URLs may be asked for, and which addresses may be connected to.

Hides the list of special-purpose networks and the tricks by which a URL means one host to one reader and another to
the next. Pure: names are resolved in `dial`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx

from scraper import urls

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from scraper.model import Source

_UNSAFE = re.compile(r"[\x00-\x1f\x7f\\]")
_HOST = re.compile(r"[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?|[0-9a-f:.]+")
_AUTHORITY = re.compile(r"https?://([^/?#]*)", re.IGNORECASE)
_PLAIN_AUTHORITY = re.compile(r"[A-Za-z0-9_.-]+(?::[0-9]{1,5})?|\[[0-9A-Fa-f:.]+\](?::[0-9]{1,5})?")
# A last label that is a number makes the whole host an IPv4 address to some readers (WHATWG URL §3.5, inet_aton).
_NUMBER = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)")
_DOTTED_QUAD = re.compile(r"(?:(?:0|[1-9][0-9]{0,2})\.){3}(?:0|[1-9][0-9]{0,2})")
_BLANK = re.compile(r"\{[^}]*\}")
_FILLING = "0blank0"

_NAMED = (
    ("this machine", ip_network("127.0.0.0/8")),
    ("this machine", ip_network("0.0.0.0/8")),
    ("this machine", ip_network("::/127")),
    ("an address translator", ip_network("64:ff9b:1::/48")),  # RFC 8215: its IPv4 part is not at a fixed place
    ("a private network", ip_network("10.0.0.0/8")),
    ("a private network", ip_network("172.16.0.0/12")),
    ("a private network", ip_network("192.168.0.0/16")),
    ("a private network", ip_network("fc00::/7")),
    ("carrier-grade NAT", ip_network("100.64.0.0/10")),
    ("link-local or a metadata service", ip_network("169.254.0.0/16")),
    ("link-local", ip_network("fe80::/10")),
    ("a metadata service", ip_network("168.63.129.16/32")),
    ("a protocol's own network", ip_network("192.0.0.0/24")),  # holds a metadata service, too
    ("multicast", ip_network("224.0.0.0/4")),
    ("multicast", ip_network("ff00::/8")),
)
_ALLOCATED = ip_network("2000::/3")
"""All of IPv6 that leads anywhere (RFC 4291 §2.4): `is_global` takes what was never given out for public."""
_DOCUMENTATION = ip_network("3fff::/20")  # RFC 9637; Python 3.11 does not know it
_NAT64 = ip_network("64:ff9b::/96")
_TRANSLATED = ip_network("::ffff:0:0:0/96")  # RFC 2765 §2.1
_COMPATIBLE = ip_network("::/96")
_ISATAP = (0x00005EFE, 0x02005EFE)


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
    host = parts.hostname or ""
    if not _HOST.fullmatch(host):
        return url, "its host is not a name or an address"
    if _NUMBER.fullmatch(host) and not _DOTTED_QUAD.fullmatch(host):
        return url, "its host is a number, which some readers take for an address"
    return (admitted, None) if _agreed(url, host) else (url, "its readers disagree about the host")


def _agreed(url: str, host: str) -> bool:
    """Whether whoever reads a URL sees the same host: we, Python's own parser (as `host`), and httpx's."""
    authority = _AUTHORITY.match(url.strip())
    if authority is None:
        return False
    if _PLAIN_AUTHORITY.fullmatch(authority[1]):
        raw = authority[1].lower()
        name = raw[1 : raw.index("]")] if raw.startswith("[") else raw.partition(":")[0].rstrip(".")
        return name == host
    try:
        return httpx.URL(url.strip()).raw_host.decode("ascii").rstrip(".") == host
    except (httpx.InvalidURL, UnicodeError):
        return False


def in_scope(url: str, hosts: Iterable[str]) -> bool:
    """Whether a canonical URL's host is one of a source's; a source that names none takes any (`adhoc`)."""
    wanted = tuple(hosts)
    return not wanted or urls.host(url) in wanted


def outside(url: str, source: Source) -> str | None:
    """Say why a canonical URL is out of a source's scope; None when it is in it.

    The scope are the source's hosts, and where it declares path patterns, the paths they are found in: those of
    articles and listings, and the addresses of discovery and backfill.
    """
    if not in_scope(url, source.hosts):
        return f"its host is not among the hosts of {source.id}: add it there if it belongs to the outlet"
    target = urls.target(url)
    patterns = (*source.articles, *source.listings)
    if not patterns or any(re.search(pattern, target) for pattern in patterns):
        return None
    if any(re.match(pattern, target) for pattern in _declared(source)):
        return None
    return f"its path is none of {source.id}'s: add a pattern to `articles` or `listings` if it belongs to the outlet"


def _declared(source: Source) -> Iterator[str]:
    """Patterns for the addresses that a source's declaration names itself."""
    yield from (re.escape(urls.target(urls.canonical(page.url))) + "$" for page in source.discover)
    for way in source.backfill:
        path, asked, query = re.escape(urls.target(urls.canonical(_BLANK.sub(_FILLING, way.url)))).partition(r"\?")
        # The blanks of a template may be filled with anything, and so may a query that is encoded as a whole.
        yield (path + asked + (".*" if way.token else query)).replace(_FILLING, ".+") + "$"


@lru_cache(maxsize=256)
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

    IPv4 addresses inside IPv6 ones (mapped, translated, compatible, NAT64, 6to4, Teredo, ISATAP) are judged as what they
    lead to. RFC 6890, 2765, 6052, 5214.
    """
    ip = ip_address(address.partition("%")[0])
    if isinstance(ip, IPv6Address) and (int(ip) >> 32) & 0xFFFFFFFF in _ISATAP:
        # The prefix is an ordinary one, so both of them count.
        return _kind(IPv4Address(int(ip) & 0xFFFFFFFF)) or _kind(ip)
    return _kind(_effective(ip))


def _kind(ip: IPv4Address | IPv6Address) -> str | None:
    for kind, network in _NAMED:
        if ip.version == network.version and ip in network:
            return kind
    allocated = ip.version == 4 or (ip in _ALLOCATED and ip not in _DOCUMENTATION)
    return None if ip.is_global and allocated else "not a public address"


def _effective(ip: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    if isinstance(ip, IPv4Address):
        return ip
    if ip in _NAT64 or ip in _TRANSLATED or (ip in _COMPATIBLE and int(ip) > 1):
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    teredo = ip.teredo[1] if ip.teredo else None
    return ip.ipv4_mapped or ip.sixtofour or teredo or ip
