"""Verification: does the archive hold what its records say, and are the bytes what their names say?

Hides how records, snapshots and manifests are compared. Reads only; repair is another job.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scraper.archive import records, snapshots
from scraper.errors import RecordCorrupt, SnapshotCorrupt, SnapshotMissing, StoreError
from scraper.model import Capture, Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scraper.archive.archive import Archive

_RESTORE = "restore the object from a good copy of the archive"


def verify(archive: Archive, *, read_data: bool = False, source: str | None = None) -> Iterator[Finding]:
    """Go through all captures (or those of one source) and yield what is wrong, each thing once.

    Kinds: `record-damaged` (a record or manifest cannot be read or does not hash; with `read_data` also where a record's
    own file is damaged and its manifest holds it whole), `snapshot-missing`,
    `snapshot-corrupt` (only with `read_data`, which reads every body), `capture-truncated` and `snapshot-orphan`
    (notes; orphans only where all sources are gone through). `subject` is the object's key, `evidence` the record
    key of the first capture that needs it. Raises StoreUnreachable.
    """
    damage: list[tuple[str, StoreError]] = []
    present = _present(archive)
    seen: set[bytes] = set()
    for capture in archive.captures(on_damage=lambda key, error: damage.append((key, error)), source=source):
        yield from map(_damaged, damage)
        damage.clear()
        if read_data:
            yield from _own_file(archive, capture)
        if capture.truncated is not None:
            yield _truncated(capture)
        if capture.sha256 is not None and (digest := bytes.fromhex(capture.sha256)) not in seen:
            seen.add(digest)
            yield from _snapshot(archive, capture, capture.sha256, there=digest in present, read_data=read_data)
    yield from map(_damaged, damage)
    if source is None:
        yield from _orphans(archive, sorted(present - seen), read_data=read_data)


def _present(archive: Archive) -> set[bytes]:
    names = (snapshots.digest_of(key) for key in archive.store.list(snapshots.PREFIX))
    return {bytes.fromhex(name) for name in names if name is not None}


def _own_file(archive: Archive, capture: Capture) -> Iterator[Finding]:
    """What is wrong with a record's own file, which nothing else reads once a manifest holds the record."""
    try:
        records.decode(archive.store.get(capture.record), capture.record)
    except SnapshotMissing:
        return  # `check` finds it by the store's listing, without reading
    except RecordCorrupt as error:
        yield _damaged((capture.record, error))


def _snapshot(archive: Archive, capture: Capture, sha256: str, *, there: bool, read_data: bool) -> Iterator[Finding]:
    key = snapshots.snapshot_key(sha256)
    if not there and not archive.store.has(key):  # it may have been written since the listing
        reason = f"{key} is missing, but {capture.record} names it"
        yield _finding("snapshot-missing", capture.source, key, reason, evidence=capture.record)
    elif read_data and (error := _unreadable(archive, sha256)) is not None:
        yield _finding("snapshot-corrupt", capture.source, key, str(error), evidence=capture.record)


def _orphans(archive: Archive, digests: list[bytes], *, read_data: bool) -> Iterator[Finding]:
    for digest in digests:
        key = snapshots.snapshot_key(digest.hex())
        error = _unreadable(archive, digest.hex()) if read_data else None
        if error is not None:
            yield _finding("snapshot-corrupt", "", key, str(error))
            continue
        reason = f"no record names {key}: a crash before its record was written leaves one"
        yield Finding(kind="snapshot-orphan", severity=Severity.NOTE, source="", subject=key, reason=reason)


def _unreadable(archive: Archive, sha256: str) -> StoreError | None:
    try:
        archive.body(sha256)
    except (SnapshotCorrupt, SnapshotMissing) as error:
        return error
    return None


def _damaged(damage: tuple[str, StoreError]) -> Finding:
    key, error = damage
    source = key.split("/")[1] if key.count("/") > 1 else ""
    return _finding("record-damaged", source, key, str(error))


def _truncated(capture: Capture) -> Finding:
    return Finding(
        kind="capture-truncated",
        severity=Severity.NOTE,
        source=capture.source,
        subject=capture.record,
        reason=f"only the beginning of {capture.url} arrived ({capture.truncated})",
        evidence=capture.record,
    )


def _finding(kind: str, source: str, subject: str, reason: str, evidence: str | None = None) -> Finding:
    return Finding(
        kind=kind,
        severity=Severity.DAMAGED,
        source=source,
        subject=subject,
        reason=reason,
        repair=_RESTORE,
        evidence=evidence,
    )
