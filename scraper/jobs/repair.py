"""Repair: put back what is missing or damaged, from bytes that hash right and from no others.

Hides where good bytes come from: the replica, or for a record the manifest that holds it whole. What a damaged object
held is in quarantine before it is replaced.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from scraper.archive import archive, manifests, records, replicas, roots, snapshots, sound
from scraper.archive.examined import Examined, Fault, examine
from scraper.archive.several import several
from scraper.archive.store import Store
from scraper.catalogue import named
from scraper.errors import RecordCorrupt, SnapshotCorrupt, SnapshotMissing, StoreError, UsageError
from scraper.jobs.services import Services, Step
from scraper.model import Finding, Report, Severity

# Roots first: they tell which manifest is the right one, and manifests hold records.
MENDABLE = (roots.PREFIX, manifests.PREFIX, roots.TIMESTAMPS, archive.CONFIGS, snapshots.PREFIX, records.PREFIX)
"""What the keys begin with of the objects that can be mended, in the order in which they are."""
_MOST = 1000
"""Findings that are told one by one: a store that is gone to pieces has no end of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Good:
    """Bytes that are right for a key, and where they are from."""

    data: bytes
    origin: str


def repair(services: Services, replica: Store | None, keys: Sequence[str] = (), *, dry_run: bool = False) -> Report:
    """Mend the named objects, or read every object of the store and mend what is missing, corrupt or unreadable.

    With `dry_run` nothing is written: findings say what would be. Errors: UsageError for a key that is none of the
    archive's, StoreUnreachable of either store.
    """
    for key in keys:
        if not key.startswith(MENDABLE):
            raise UsageError(f"{key!r} is not the key of an object that can be repaired: give one that check printed")
    started_at = services.clock.now()
    counts = {"examined": 0, "damaged": 0, "repaired": 0}
    findings: list[Finding] = []
    stores = (services.archive.store, *([replica] if replica else []))
    digests: Mapping[str, str] = {}
    for prefix in MENDABLE:
        if prefix in (roots.PREFIX, manifests.PREFIX):  # once more when roots have been mended
            digests = sound.told(*stores)
        for found in _examined(services, replica, prefix, keys, digests):
            counts["examined"] += 1
            services.progress(Step(job="repair", source="", done=counts["examined"], total=None, text=found.key))
            if found.fault is None:
                continue
            counts["damaged"] += 1
            finding = _mended(services.archive.store, replica, found, digests, dry_run=dry_run)
            counts["repaired"] += finding.kind == "repaired"
            if len(findings) < _MOST:
                findings.append(finding)
    return Report(
        job="repair",
        started_at=started_at,
        ended_at=services.clock.now(),
        counts=tuple(counts.items()),
        findings=tuple(findings),
        notes=() if replica else ("no replica is configured: only records can be repaired, from their manifests",),
    )


def _examined(
    services: Services, replica: Store | None, prefix: str, keys: Sequence[str], digests: Mapping[str, str]
) -> Iterator[Examined]:
    """The objects below a prefix (those among `keys`, where any are given), and those that should be there and are not."""
    store = services.archive.store

    def read(key: str) -> Examined:
        return examine(store, key, digests)

    if keys:
        yield from (found for _, found in several(read, (key for key in keys if key.startswith(prefix)), store))
        return
    missed: set[str] = set()
    for key in _missing(services, replica, prefix):
        if key not in missed:
            missed.add(key)
            yield Examined(key=key, fault=Fault.MISSING, reason="is not in the store")
    yield from (found for key, found in several(read, store.list(prefix), store) if key not in missed)


def _missing(services: Services, replica: Store | None, prefix: str) -> Iterator[str]:
    """What the replica has or the catalogue names, and the store has not."""
    store = services.archive.store
    if replica is not None:
        yield from replicas.lacking(replica, store, prefix)
    if prefix in (snapshots.PREFIX, records.PREFIX):
        for folder, keys in _named(services, prefix):
            there = frozenset(store.list(folder))
            yield from (key for key in keys if key not in there)


def _named(services: Services, prefix: str) -> Iterator[tuple[str, list[str]]]:
    """What the catalogue names below a prefix, one folder at a time: the rows of all would not fit in memory for ever."""
    if prefix == snapshots.PREFIX:
        for number in range(256):
            digests = named.snapshots(services.database, f"{number:02x}")
            yield f"{prefix}{number:02x}/", [snapshots.snapshot_key(digest) for digest, _ in digests]
        return
    folders = [f"{folder}/" for folder, _ in groupby(named.records(services.database), key=_folder)]
    yield from ((folder, list(named.records(services.database, folder))) for folder in folders)


def _folder(key: str) -> str:
    return key.rpartition("/")[0]


def _mended(
    store: Store, replica: Store | None, found: Examined, digests: Mapping[str, str], *, dry_run: bool
) -> Finding:
    """Replace a damaged object by good bytes where there are any, and tell it."""
    good = _good(store, replica, found.key, digests)
    if good is None:
        return _finding("unrepaired", found, "no good copy is at hand")
    if dry_run:
        return _finding("repairable", found, f"{good.origin} has it whole")
    try:
        store.mend(found.key, good.data)
    except StoreError as error:
        if found.fault is not Fault.UNREADABLE:
            raise
        return _finding("unrepaired", found, f"and cannot be replaced ({error})")
    return _finding("repaired", found, f"put back from {good.origin}")


def _good(store: Store, replica: Store | None, key: str, digests: Mapping[str, str]) -> _Good | None:
    if replica is not None:
        try:
            data = replica.get(key)
        except (SnapshotMissing, SnapshotCorrupt, RecordCorrupt):
            data = None
        if data is not None and not sound.unsound(key, data, digests):
            return _Good(data=data, origin=replica.url)
    sealed = manifests.sealed(store, key) if key.startswith(records.PREFIX) else None
    return _Good(data=sealed[1], origin=sealed[0]) if sealed is not None else None


def _finding(kind: str, found: Examined, outcome: str) -> Finding:
    return Finding(
        kind=kind,
        severity=Severity.NOTE if kind == "repaired" else Severity.DAMAGED,
        source=found.key.split("/")[1] if found.key.startswith((records.PREFIX, manifests.PREFIX)) else "",
        subject=found.key,
        reason=f"{found.reason}: {outcome}",
        repair={
            "repairable": f"scraper repair {found.key}",
            "unrepaired": "find a copy of the archive that has it",
        }.get(kind, ""),
    )
