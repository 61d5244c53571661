"""Copies that others made of an outlet's answers: what an import and the mementos of a web archive have in common.

Hides how a copy becomes an exchange like any other (content-decoding within the source's limits, the capture that a 304
confirms), and when two copies are the same.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, replace
from datetime import datetime

from scraper import urls
from scraper.catalogue import copied
from scraper.errors import SnapshotCorrupt, SnapshotMissing
from scraper.fetch.body import Body, BodyLimits, receive
from scraper.jobs.services import Services
from scraper.model import Channel, Exchange, Headers, Reason, Request, Role, Source

_MAGIC = {"gzip": b"\x1f\x8b", "x-gzip": b"\x1f\x8b", "zstd": b"\x28\xb5\x2f\xfd"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """An answer as somebody else received it: `wire` is its entity before content-decoding, `body` where that is known."""

    url: str
    role: Role
    reason: Reason
    channel: Channel
    at: datetime
    status: int
    headers: Headers
    copied_from: str
    reason_phrase: str = ""
    http_version: str = ""
    request_line: str = ""
    request_headers: Headers = ()
    wire: bytes = b""
    body: bytes | None = None
    peer: str | None = None
    truncated: str | None = None
    payload_digest: str | None = None

    def with_body(self, body: bytes) -> Copy:
        """The same with its entity, as that was decoded before."""
        return replace(self, body=body)


def exchange_of(services: Services, source: Source, copy: Copy) -> Exchange | None:
    """The exchange that a copy tells of; None for a 304 of which we do not have the page that it confirms."""
    confirms = None
    if copy.status == 304:
        confirms = copied.confirmed_at(services.database, source.id, urls.key(copy.url), copy.at)
        if confirms is None:
            return None
    coding = next((value for name, value in copy.headers if name.lower() == "content-encoding"), None)
    body = _entity(copy, coding, source)
    return Exchange(
        request=Request(source=source.id, url=copy.url, role=copy.role, reason=copy.reason, confirms=confirms),
        url=copy.url,
        started_at=copy.at,
        fetched_at=copy.at,
        request_line=copy.request_line,
        request_headers=copy.request_headers,
        status=copy.status,
        reason_phrase=copy.reason_phrase,
        http_version=copy.http_version,
        headers=copy.headers,
        body=body.data,
        wire_size=body.wire_size,
        wire_sha256=None if copy.status in (204, 304) else body.wire_sha256,
        content_encoding=coding,
        undecoded=body.undecoded,
        truncated=copy.truncated or (body.broken.truncated if body.broken else None),
        peer=copy.peer,
        failure=body.broken.failure if body.broken else None,
        detail=body.broken.detail if body.broken else None,
        channel=copy.channel,
        copied_from=copy.copied_from,
        payload_digest=copy.payload_digest,
    )


def known(services: Services, source: Source, exchange: Exchange) -> bool:
    """Whether an equal copy is in the archive: of the same address and moment, with the same status and body."""
    body = hashlib.sha256(exchange.body).hexdigest()
    digest = None if exchange.status == 304 or (exchange.failure and not exchange.body) else body
    key = urls.key(exchange.url)
    return copied.seen_at(services.database, source.id, key, exchange.fetched_at, status=exchange.status, sha256=digest)


def revisited(
    services: Services, source: Source, copy: Copy, refers_to: tuple[str, datetime | None] | None
) -> bytes | None:
    """The payload that a revisit stands for: of the capture it names, else of one of its address with the same digest.

    None where there is none. Errors: SnapshotMissing, SnapshotCorrupt.
    """
    if refers_to is not None and refers_to[1] is not None:
        try:
            key = urls.key(refers_to[0])
        except ValueError:
            return None
        for digest in copied.snapshots_at(services.database, source.id, key, refers_to[1]):
            body = services.archive.body(digest)
            if copy.payload_digest is None or _is(services, body, copy.payload_digest, source, key):
                return body
    if copy.payload_digest is None:
        return None
    held = holding(services, source, urls.key(copy.url), copy.payload_digest)
    return services.archive.body(held) if held is not None else None


def holding(services: Services, source: Source, key: str, payload_digest: str) -> str | None:
    """The snapshot of an address whose payload others know by a digest; None where we have no such body.

    A copy's record says its digest; of what we fetched ourselves it is made of the body, which they may have received so.
    """
    said, bodies = copied.payloads(services.database, source.id, key, payload_digest)
    if said is not None:
        return said
    for digest in bodies:
        try:
            if sha1_name(services.archive.body(digest)) == payload_digest:
                return digest
        except (SnapshotCorrupt, SnapshotMissing):
            continue  # `check` reports it; it cannot stand for anything
    return None


def sha1_name(body: bytes) -> str:
    """The digest by which web archives know a payload."""
    return f"sha1:{base64.b32encode(hashlib.sha1(body, usedforsecurity=False).digest()).decode()}"


def _is(services: Services, body: bytes, payload_digest: str, source: Source, key: str) -> bool:
    said, _ = copied.payloads(services.database, source.id, key, payload_digest)
    return said == hashlib.sha256(body).hexdigest() or sha1_name(body) == payload_digest


def _entity(copy: Copy, coding: str | None, source: Source) -> Body:
    """The entity after content-decoding, within the source's limits; some writers store it decoded, and keep the header."""
    limits = BodyLimits(max_bytes=source.politeness.max_bytes, min_bytes_per_second=0.0)
    wire = copy.wire if copy.body is None else copy.body
    magic = _MAGIC.get((coding or "").strip().lower())
    decoded = copy.body is not None or (magic is not None and not wire.startswith(magic))
    return receive([wire] if wire else [], None if decoded else coding, limits, lambda: 0.0)
