"""Replicas: another store that holds the same objects, copied one by one, each proved before and after.

Hides the order of copying, by which a replica is an archive at every moment: a body before the record that names it, a
record before its manifest, a manifest before its root. There is no cursor: what is to be copied is what is not there, so
that a copying which was killed goes on by itself.
"""

from __future__ import annotations

from itertools import chain, groupby
from typing import TYPE_CHECKING

from scraper.archive import archive, manifests, records, roots, snapshots, sound
from scraper.errors import RecordCorrupt, SnapshotCorrupt, SnapshotMissing, StoreUnreachable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from scraper.archive.store import Store

FIRST = (archive.FORMAT_KEY, archive.CONFIGS, snapshots.PREFIX, records.PREFIX)
LAST = (manifests.PREFIX, roots.PREFIX, roots.TIMESTAMPS)
"""Prefixes of an archive in the order of copying. What is in LAST is few, and listed before all else: whatever it names is
then among FIRST when these are gone through."""


def lacking(store: Store, replica: Store, prefix: str) -> Iterator[str]:
    """The keys below a prefix that `store` has and `replica` has not. One folder at a time is held in memory."""
    for folder, keys in groupby(store.list(prefix), key=lambda key: key.rpartition("/")[0]):
        there = frozenset(replica.list(f"{folder}/" if folder else prefix))
        yield from (key for key in keys if key not in there)


def to_copy(store: Store, replica: Store) -> Iterator[str]:
    """The keys of all objects that the replica lacks, in the order in which they are to be copied."""
    late = [key for prefix in LAST for key in lacking(store, replica, prefix)]
    yield from chain.from_iterable(lacking(store, replica, prefix) for prefix in FIRST)
    yield from late


def copy(store: Store, replica: Store, key: str, digests: Mapping[str, str]) -> int:
    """Copy one object; the bytes that were sent. `digests` is what roots tell (`sound.told`).

    Raises SnapshotMissing, SnapshotCorrupt or RecordCorrupt where the object is not sound (nothing is copied then) or the
    replica holds another of that name, and StoreUnreachable where what the replica gives back is not what it was given.
    """
    data = store.get(key)
    wrong = sound.unsound(key, data, digests)
    if wrong:
        error = SnapshotCorrupt if key.startswith(snapshots.PREFIX) else RecordCorrupt
        raise error(f"{key} in {store.url} {wrong}: it is not copied; scraper repair {key}")
    sent = _body_first(store, replica, key, data, digests)
    if not replica.put(key, data):
        return sent
    try:
        back = replica.get(key)
    except (SnapshotMissing, SnapshotCorrupt):
        back = None
    if back != data:
        raise StoreUnreachable(f"{replica.url} acknowledged {key} but does not give it back: do not rely on it")
    return sent + len(data)


def _body_first(store: Store, replica: Store, key: str, data: bytes, digests: Mapping[str, str]) -> int:
    """A record may have been written after the bodies were listed: no replica holds one without its body."""
    if not key.startswith(records.PREFIX):
        return 0
    sha256 = records.decode(data, key).sha256
    if sha256 is None or replica.has(snapshots.snapshot_key(sha256)):
        return 0
    try:
        return copy(store, replica, snapshots.snapshot_key(sha256), digests)
    except (SnapshotMissing, SnapshotCorrupt):
        # Its body is damaged here, which is told where bodies are gone through. The record is evidence by itself.
        return 0
