"""Two functions, two promises: `canonical` is an address to fetch with, `key` is a name to match with.

Hides the rules of RFC 3986 normalisation and of SURT keys. Pure; knows no outlet.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote_to_bytes, urljoin, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable

_UNRESERVED = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
_PERCENT = re.compile(r"%([0-9A-Fa-f]{2})")
_DEFAULT_PORTS = {"http": 80, "https": 443}
_CREDENTIALS = re.compile(r"([a-z]:[/\\]*|//)[^/?#\\\s]*@", re.IGNORECASE)
_PATH_SAFE = "/:@!$&'()*+,;="
_ORIGIN = re.compile(r"https?://[^/?#]+")
_FOLDER = re.compile(r"(https?://[^/?#]+/(?:[^/?#]+/)*)[^/?#]*(?:[?#]|$)")
_RELATIVE_PATH = re.compile(r"\w(?!.*(?::|//))", re.DOTALL)
_CANONICAL = re.compile(
    r"https?://[a-z0-9-]+(?:\.[a-z0-9-]+)*(?:/(?!\.)[\w.~:@!$&'()*+,=-]*)+(?:\?[\w.~:@!$&'()*+,=/?-]+)?", re.ASCII
)
"""Most addresses on a page are like this already: a fifth of the time of taking them apart and putting them together."""


def canonical(url: str, base: str | None = None) -> str:
    """Return the address to fetch: same resource, one spelling.

    Resolves against `base`; lower-cases scheme and host; drops default port and fragment; removes dot segments;
    writes percent-escapes in upper case and decodes those of unreserved characters (RFC 3986 §6.2.2). The query keeps
    its order and its case: outlets carry case-sensitive tokens in it. `canonical(canonical(u)) == canonical(u)`.

    Raises ValueError, naming the URL, where it is not http(s), has no host, or its port is not a number.
    """
    reference = url.strip()
    likely = _joined(reference, base) if base else reference
    if _CANONICAL.fullmatch(likely):
        return likely
    parts = urlsplit(urljoin(base, reference) if base else reference)
    scheme = parts.scheme.lower()
    if scheme not in _DEFAULT_PORTS or not parts.hostname:
        message = f"not an http(s) URL: {url!r}"
        raise ValueError(message)
    host = parts.hostname.rstrip(".")
    if not host.isascii():
        host = host.encode("idna").decode("ascii")
    if not host:
        message = f"not an http(s) URL: {url!r}"
        raise ValueError(message)
    netloc = f"[{host}]" if ":" in host else host
    if parts.port is not None and parts.port != _DEFAULT_PORTS[scheme]:
        netloc = f"{netloc}:{parts.port}"
    if parts.username is not None or parts.password is not None:
        # Kept, so that the address guard sees and refuses it.
        netloc = f"{parts.netloc.rpartition('@')[0]}@{netloc}"
    path = _dots(_escape(parts.path, safe=_PATH_SAFE)) or "/"
    query = "?" + _escape(parts.query, safe=_PATH_SAFE + "?") if parts.query else ""
    return f"{scheme}://{netloc}{path}{query}"


def _joined(reference: str, base: str) -> str:
    """A reference put to its base by appending it, where nothing more is to be done; else the reference as it is."""
    if reference[:1] == "/":
        return f"{_beginning(base)[0]}{reference}" if reference[1:2] != "/" else reference
    return f"{_beginning(base)[1]}{reference}" if _RELATIVE_PATH.match(reference) else reference


@lru_cache(maxsize=8)
def _beginning(base: str) -> tuple[str, str]:
    """The origin of a base and its folder, empty where they are not plain: asked for every link of a page."""
    origin, folder = _ORIGIN.match(base), _FOLDER.match(base)
    return origin[0] if origin else "", folder[1] if folder else ""


def key(url: str, *, method: str = "GET", form: Iterable[tuple[str, str]] = ()) -> str:
    """Return the SURT-like name under which captures of one resource are matched.

    `http://www.kcna.kp/en/x?b=2&a=1` and `https://kcna.kp/en/x?a=1&b=2` are both `kp,kcna)/en/x?a=1&b=2`: scheme,
    a leading `www.` and the order of query arguments do not tell resources apart. A POST is told apart from a GET by
    its method and the `form` pairs given (only those the source declares stable).
    """
    parts = urlsplit(canonical(url))
    host = (parts.hostname or "").removeprefix("www.")
    port = f":{parts.port}" if parts.port is not None else ""
    reversed_host = host if ":" in host or host.replace(".", "").isdigit() else ",".join(reversed(host.split(".")))
    query = "&".join(sorted(parts.query.split("&"))) if parts.query else ""
    name = f"{reversed_host}{port}){parts.path}" + (f"?{query}" if query else "")
    if method.upper() == "GET":
        return name
    fields = "&".join(f"{quote(field)}={quote(value)}" for field, value in sorted(form))
    return f"{name} {method.upper()} {fields}".rstrip()


def redacted(text: str) -> str:
    """A URL, or a text with URLs in it, without the user and password that stand before a host."""
    return _CREDENTIALS.sub(r"\1redacted@", text) if "@" in text else text


def host(url: str) -> str:
    """The lower-case host of a URL, without port; empty where there is none."""
    return (urlsplit(url).hostname or "").rstrip(".")


def target(url: str) -> str:
    """Path and query of a URL: what a source's patterns are searched in."""
    if _CANONICAL.fullmatch(url):
        return _ORIGIN.sub("", url, count=1)
    parts = urlsplit(url)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def _escape(text: str, *, safe: str) -> str:
    out: list[str] = []
    position = 0
    for match in _PERCENT.finditer(text):
        out.extend((quote(text[position : match.start()], safe=safe + "~"), _normal(match.group(1))))
        position = match.end()
    out.append(quote(text[position:], safe=safe + "~"))
    return "".join(out)


def _normal(hexadecimal: str) -> str:
    octet = unquote_to_bytes(f"%{hexadecimal}")
    return octet.decode("ascii") if octet in _UNRESERVED and len(octet) == 1 else f"%{hexadecimal.upper()}"


def _dots(path: str) -> str:
    kept: list[str] = []
    segments = path.split("/")
    for position, segment in enumerate(segments):
        last = position == len(segments) - 1
        if segment == ".":
            kept.extend([""] if last else [])
        elif segment == "..":
            if len(kept) > 1:
                kept.pop()
            kept.extend([""] if last else [])
        else:
            kept.append(segment)
    return "/".join(kept)
