"""A plain client for the replica's tests: http.client, with the host name the replica tells its outlets apart by."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from http.client import HTTPConnection
from urllib.parse import urlencode, urlsplit

from scraper.demo.replica import Replica


@dataclass(frozen=True, slots=True, kw_only=True)
class Got:
    """One answer: header names in lower case, the body decoded."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The body as UTF-8."""
        return self.body.decode()


def ask(replica: Replica, url: str, *, form: dict[str, str] | None = None, **headers: str) -> Got:
    """Ask for an address; a `form` makes it a POST. Header names are given with underscores for hyphens."""
    parts = urlsplit(url)
    sent = {name.replace("_", "-"): value for name, value in headers.items()} | {"Host": parts.netloc}
    body = None
    if form is not None:
        body = urlencode(form)
        sent["Content-Type"] = "application/x-www-form-urlencoded"
    connection = HTTPConnection(replica.address, timeout=10)
    try:
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        connection.request("GET" if form is None else "POST", target, body=body, headers=sent)
        response = connection.getresponse()
        raw = response.read()
        received = {name.lower(): value for name, value in response.getheaders()}
        packed = received.get("content-encoding") == "gzip"
        return Got(status=response.status, headers=received, body=gzip.decompress(raw) if packed else raw)
    finally:
        connection.close()
