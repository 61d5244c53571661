"""What of the archive is damaged or lost: the objects of the store held against what the catalogue knows.

Hides how two listings of any length are compared: folder by folder, one in memory at a time, for a store tells the keys of one
folder together and in order, and its folders as it likes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, product

from scraper.archive.several import several
from scraper.archive.snapshots import PREFIX, snapshot_key
from scraper.catalogue import named
from scraper.jobs.services import Services
from scraper.model import Finding, Severity, Source

_CAPTURES = "captures/"
_HEX = "0123456789abcdef"


def damage(services: Services, sources: Sequence[Source]) -> Iterator[Finding]:
    """A finding for every object that is missing, and one for all records that the catalogue does not know.

    Of all sources, also the objects of pages fetched by hand and of undeclared sources are looked at. Nothing is
    read: that is `verified.read_share`.
    """
    ids = {source.id for source in sources}
    every = ids == {source.id for source in services.config.sources}
    yield from (finding for finding in _missing_snapshots(services) if every or finding.source in ids)
    missing, unknown = _records(services)
    yield from (missing_record(record) for record in _gone(services, missing) if every or _source(record) in ids)
    if unknown:
        yield Finding(
            kind="unindexed",
            severity=Severity.NOTE,
            source="",
            subject=min(unknown),
            reason=f"{len(unknown)} capture records of the store are not in the catalogue",
            repair="scraper rebuild",
        )


def unlisted_records(services: Services) -> list[str]:
    """The records that the catalogue knows and the store's listing does not show, in their order."""
    return sorted(_records(services)[0])


def _gone(services: Services, keys: Iterable[str]) -> Iterator[str]:
    """Those of some objects that are not there, in their order: a listing may lag behind what was written, or leave some out."""
    store = services.archive.store
    yield from (key for key, there in several(store.has, sorted(keys), store) if not there)


def _missing_snapshots(services: Services) -> Iterator[Finding]:
    """By the first two digits of their digests, which are their folders in the store."""
    lost: list[tuple[str, str]] = []
    folders = {f"{PREFIX}{one}{two}/" for one, two in product(_HEX, repeat=2)}
    for folder, stored in _by_folder(services, PREFIX):
        folders.discard(folder)
        known = named.snapshots(services.database, folder.removeprefix(PREFIX).rstrip("/"))
        lost.extend((digest, record) for digest, record in known if snapshot_key(digest) not in stored)
    for folder in folders:
        lost.extend(named.snapshots(services.database, folder.removeprefix(PREFIX).rstrip("/")))
    named_by = {snapshot_key(digest): record for digest, record in lost}
    for key in _gone(services, named_by):
        yield Finding(
            kind="missing-snapshot",
            severity=Severity.DAMAGED,
            source=_source(named_by[key]),
            subject=key,
            reason=f"the store does not have the snapshot that {named_by[key]} names",
            repair=f"scraper repair {key}",
        )


def _records(services: Services) -> tuple[list[str], list[str]]:
    """The records that only the catalogue knows, and those that only the store has."""
    missing: list[str] = []
    unknown: list[str] = []
    passed: set[str] = set()
    for _, stored, known in _side_by_side(services, passed):
        missing.extend(known - stored)
        unknown.extend(stored - known)
    for folder in passed:
        missing.extend(named.records(services.database, folder))
    return missing, unknown


def _side_by_side(services: Services, passed: set[str]) -> Iterator[tuple[str, set[str], set[str]]]:
    """Each folder of the store with its records there and in the catalogue.

    Both are gone through once, for most stores tell their folders in order too. `passed` are the folders that only the
    catalogue has shown so far: one that the store tells late is asked for by itself.
    """
    records = groupby(named.records(services.database), key=_folder)
    head = next(records, None)
    for folder, stored in _by_folder(services, _CAPTURES):
        while head is not None and head[0] < folder:
            passed.add(head[0])
            head = next(records, None)
        if head is not None and head[0] == folder:
            yield folder, stored, set(head[1])
            head = next(records, None)
        else:
            late = folder in passed
            passed.discard(folder)
            yield folder, stored, set(named.records(services.database, folder)) if late else set()
    while head is not None:
        passed.add(head[0])
        head = next(records, None)


def _by_folder(services: Services, prefix: str) -> Iterator[tuple[str, set[str]]]:
    for folder, keys in groupby(services.archive.store.list(prefix), key=_folder):
        yield folder, set(keys)


def _folder(key: str) -> str:
    return key[: key.rindex("/") + 1]


def _source(record: str) -> str:
    return record.split("/")[1]


def missing_record(record: str) -> Finding:
    """What is said of a record that only the catalogue knows."""
    return Finding(
        kind="missing-record",
        severity=Severity.DAMAGED,
        source=_source(record),
        subject=record,
        reason="the catalogue names a capture record that the store does not have",
        repair=f"scraper repair {record}",
    )
