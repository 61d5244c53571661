"""The archive: attempts go in whole, captures and pages come out.

Hides the layout of the store and the order of writing: body first, and only when the store has confirmed it the
record that names it, so that a crash leaves an orphan body at worst, never a record without its bytes.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from scraper import urls
from scraper.archive import manifests, records, roots, snapshots
from scraper.errors import RecordCorrupt, SnapshotMissing, StoreError, StoreUnreachable
from scraper.model import Capture, Exchange, Headers, Page, Request, Source, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from scraper.archive.store import Store

FORMAT_KEY = "format.json"
VERSION = 1
CONFIGS = "configs/"
REDACTED = "[redacted]"
_NAME = "scraper-archive"
FORMAT = records.canonical_json({"format": _NAME, "version": VERSION, "min_reader": 1})
"""The bytes of `format.json`."""
VOLATILE = "[volatile]"
_SECRET = frozenset(
    {
        *("authorization", "proxy-authorization", "authentication-info", "proxy-authentication-info"),
        *("cookie", "set-cookie", "cookie2", "set-cookie2"),
        *("x-csrf-token", "x-xsrf-token", "x-auth-token"),
    }
)
_ADDRESSES = frozenset({"location", "content-location"})
_TOKENS = frozenset({"_csrf"})
"""Form fields whose value belongs to a session even where the listing that showed them was not told apart."""


def open_archive(store: Store, *, writable: bool) -> Archive:
    """Open the archive in a store; one opened for writing is begun where the store is empty.

    Raises StoreUnreachable where there is no archive to read, where its format is of a newer version than this
    program may write (or read), or where objects are there without a `format.json` that says what they are.
    """
    try:
        version, min_reader = _versions(store)
    except SnapshotMissing:
        if not writable:
            raise StoreUnreachable(f"no archive at {store.url}: check the store's URL, or crawl first") from None
        _begin(store)
        return Archive(store=store, writable=True)
    if (version if writable else min_reader) > VERSION:
        raise StoreUnreachable(
            f"the archive at {store.url} is of format version {version}, this program knows {VERSION}: upgrade it"
            f"{', or only read' if min_reader <= VERSION else ''}"
        )
    return Archive(store=store, writable=writable)


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """An open archive. Safe to use from several threads and processes at once."""

    store: Store
    writable: bool

    def save(
        self,
        exchange: Exchange,
        *,
        key: str,
        verdict: Verdict,
        judge: str,
        config: str | None,
        recorded_at: datetime,
    ) -> Capture:
        """Keep one attempt for ever: its body as a snapshot, then its record. Returns the capture, `record` filled.

        `key` is the URL key, `judge` the version of the judge that gave the `verdict`, `config` the digest of the
        source's declaration. Every answer's body is kept, an empty one too; a 304 without body names the capture it
        confirms instead. Bytes that came before a failure are kept, with `truncated` set. When this returns, both
        objects are durable; whatever it raises (StoreUnreachable, SnapshotCorrupt), no record without its snapshot
        is left behind.
        """
        self._must_write()
        sha256 = None
        if _has_snapshot(exchange):
            sha256 = hashlib.sha256(exchange.body).hexdigest()
            self.store.put(snapshots.snapshot_key(sha256), snapshots.compress(exchange.body))
        capture = _describe(
            exchange, sha256=sha256, key=key, verdict=verdict, judge=judge, config=config, recorded_at=recorded_at
        )
        data = records.encode(capture)
        name = records.record_key(capture, data)
        self.store.put(name, data)
        return replace(capture, record=name)

    def load(self, capture: Capture) -> Page:
        """The page a capture recorded, its body verified against its digest.

        Raises SnapshotMissing, SnapshotCorrupt, and ValueError where no page arrived (look at `failure` first).
        """
        if capture.status is None:
            raise ValueError(f"no page arrived from {capture.url}: {capture.failure}")
        return capture.page(self.body(capture.sha256) if capture.sha256 is not None else b"")

    def body(self, sha256: str) -> bytes:
        """The bytes with this digest, verified; SnapshotMissing or SnapshotCorrupt."""
        return snapshots.read(self.store, sha256)

    def record(self, key: str) -> Capture:
        """The capture under a record key, from its manifest where its own file is damaged; SnapshotMissing or RecordCorrupt."""
        try:
            return records.decode(self.store.get(key), key)
        except (RecordCorrupt, SnapshotMissing):
            sealed = manifests.sealed_capture(self.store, key)
            if sealed is None:
                raise
            return sealed

    def captures(self, *, on_damage: manifests.OnDamage, source: str | None = None) -> Iterator[Capture]:
        """Every capture of the archive, or of one source, in the order of record keys within a source.

        Sealed manifests are read first, then only the records in none of them. What is damaged is reported to
        `on_damage(key, error)` and passed over.
        """
        return manifests.captures(self.store, on_damage, source)

    def seal(self, source: str, now: datetime) -> list[str]:
        """Write the manifests of a source that are due, and return their keys; see `manifests.seal`."""
        self._must_write()
        return manifests.seal(self.store, source, now)

    def seal_days(self, now: datetime, on_damage: manifests.OnDamage) -> list[str]:
        """Write the roots of the days that are due, over what is sealed of all sources; see `roots.seal`."""
        self._must_write()
        return roots.seal(self.store, now, on_damage)

    def sources(self) -> list[str]:
        """The ids that records are filed under, declared or not."""
        return sorted({key.split("/")[1] for key in self.store.list(records.PREFIX) if key.count("/") > 1})

    def save_config(self, source: Source) -> str:
        """Keep a source's declaration once, and return the digest that records name it by."""
        self._must_write()
        digest = hashlib.sha256(source.declaration).hexdigest()
        self.store.put(config_key(source.declaration), source.declaration)
        return digest

    def _must_write(self) -> None:
        if not self.writable:
            raise StoreError(f"the archive at {self.store.url} was opened for reading: open it for writing")


def config_key(declaration: bytes) -> str:
    """The storage key of a source's declaration."""
    return f"{CONFIGS}{hashlib.sha256(declaration).hexdigest()}.toml"


def redact(headers: Headers) -> Headers:
    """The headers with the values that are credentials replaced, in a Location too: these are never written down."""
    return tuple((name, _redacted(name.lower(), value)) for name, value in headers)


def _redacted(name: str, value: str) -> str:
    if name in _SECRET:
        return REDACTED
    return urls.redacted(value) if "@" in value and name in _ADDRESSES else value


def _has_snapshot(exchange: Exchange) -> bool:
    if exchange.body:
        return True
    return exchange.status is not None and exchange.status != 304 and exchange.failure is None


def _describe(
    exchange: Exchange,
    *,
    sha256: str | None,
    key: str,
    verdict: Verdict,
    judge: str,
    config: str | None,
    recorded_at: datetime,
) -> Capture:
    return Capture(
        **_asked(exchange.request),
        **_sent(exchange),
        # A URL with a password is never asked for; it may only be on record as one that was refused.
        url=exchange.url if exchange.status is not None else urls.redacted(exchange.url),
        key=key,
        kind="response" if exchange.failure is None else "error",
        observed_at=exchange.fetched_at,
        recorded_at=recorded_at,
        channel=exchange.channel,
        verdict=verdict,
        judge=judge,
        status=exchange.status,
        reason_phrase=exchange.reason_phrase,
        http_version=exchange.http_version,
        headers=redact(exchange.headers),
        sha256=sha256,
        size=len(exchange.body),
        wire_size=exchange.wire_size,
        wire_sha256=exchange.wire_sha256,
        content_encoding=exchange.content_encoding,
        undecoded=exchange.undecoded,
        truncated=exchange.truncated or _cut(exchange),
        peer=exchange.peer,
        tls=exchange.tls,
        robots=exchange.robots,
        failure=exchange.failure,
        detail=exchange.detail,
        confirms=exchange.request.confirms if exchange.status == 304 else None,
        redirected_from=exchange.redirected_from,
        config=config,
        vantage=exchange.vantage,
    )


def _asked(request: Request) -> dict[str, Any]:
    asked = {name: getattr(request, name) for name in ("source", "role", "reason", "method")}
    form, lead = request.form, request.lead
    if form:
        session = {*request.volatile, *_TOKENS}
        form = tuple((name, VOLATILE if name in session else value) for name, value in form)
    if lead is not None and "@" in lead.url:
        lead = replace(lead, url=urls.redacted(lead.url))
    return asked | {"form": form, "lead": lead}


def _sent(exchange: Exchange) -> dict[str, Any]:
    """What went out, and when the answer began; of a copy, where it is from."""
    return {
        "started_at": exchange.started_at,
        "first_byte_at": exchange.first_byte_at,
        "request_line": exchange.request_line,
        "request_headers": redact(exchange.request_headers),
        "copied_from": exchange.copied_from,
        "payload_digest": exchange.payload_digest,
    }


def _cut(exchange: Exchange) -> str | None:
    """Why a body is not whole where the fetch did not say it: the failure that came after its beginning."""
    return exchange.failure.value if exchange.failure is not None and exchange.body else None


def _versions(store: Store) -> tuple[int, int]:
    """The version of the archive's format, and of the oldest program that can read it."""
    data = store.get(FORMAT_KEY)
    try:
        document = json.loads(data)
        name, version, min_reader = document["format"], document["version"], document["min_reader"]
    except (ValueError, KeyError, TypeError) as error:
        raise RecordCorrupt(_not_ours(store)) from error
    if name != _NAME or type(version) is not int or type(min_reader) is not int:
        raise RecordCorrupt(_not_ours(store))
    return version, min_reader


def _not_ours(store: Store) -> str:
    return f"{FORMAT_KEY} in {store.url} is not that of an archive: choose another place, or restore the file"


def _begin(store: Store) -> None:
    """Write `format.json`, the first object of every archive; refuse where there are others already."""
    for prefix in (records.PREFIX, snapshots.PREFIX):
        if next(store.list(prefix), None) is not None:
            raise StoreUnreachable(
                f"{store.url} holds {prefix} but no {FORMAT_KEY}: restore that file, or choose another place"
            )
    store.put(FORMAT_KEY, FORMAT)
