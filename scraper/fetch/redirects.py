"""Where a redirect leads: our own loop follows, so that every rule applies to every hop (RFC 9110 §15.4).

Hides how a Location header is read. Pure.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from scraper.fetch import guard
from scraper.model import Reason

if TYPE_CHECKING:
    from collections.abc import Callable

    from scraper.model import Exchange, Request

_DISPUTED = re.compile(r"https?:(?!//[^/])|///", re.IGNORECASE)
"""What browsers read as another host and RFC 3986 as a path of this one: `http:host/x`, `http:///x`, `////host/x`."""

STATUSES = frozenset({301, 302, 303, 307, 308})


def next_hop(exchange: Exchange, allowed: Callable[[str], bool]) -> Request | None:
    """The request a redirect asks for; None when the answer is none, or leads where we may not go.

    `allowed` says whether a canonical URL may be asked for. 301, 302 and 303 turn a POST into a GET, as every browser
    does; 307 and 308 repeat it. Validators belong to the first URL and are not carried along.
    """
    location = next((value for name, value in exchange.headers if name.lower() == "location"), None)
    if exchange.status not in STATUSES or location is None:
        return None
    url = _target(location, exchange.url)
    if url is None or not allowed(url):
        return None
    request = exchange.request
    repeat = exchange.status in (307, 308)
    return replace(
        request,
        url=url,
        reason=Reason.REDIRECT,
        method=request.method if repeat else "GET",
        form=request.form if repeat else (),
        etag=None,
        last_modified=None,
        confirms=None,
    )


def _target(location: str, base: str) -> str | None:
    """A Location as a canonical URL; None where the guard objects to it."""
    with suppress(UnicodeDecodeError):
        # Many servers send UTF-8 where only ASCII is allowed.
        location = location.encode("latin-1").decode("utf-8")
    if guard.unsafe(location) or _DISPUTED.match(location.strip()):
        return None
    try:
        url, complaint = guard.admit(urljoin(base, location.strip()))
    except ValueError:
        return None
    return url if complaint is None else None
