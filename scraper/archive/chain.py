"""The chain: whether everything in a bucket still is what it was when it was written, from the bucket alone.

Hides the order in which objects vouch for each other. A name vouches for a body, a record and a declaration; a manifest
for its records; a root for its manifests and for the root before it; a timestamp for its root. Reads only, holds a few
bytes an object, and goes on after what does not fit, so that the first finding is the first thing that does not.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from itertools import islice, pairwise, tee
from typing import TYPE_CHECKING

from scraper.archive import archive, manifests, merkle, records, roots, snapshots, timestamps
from scraper.archive.chain_manifest import Line, lines
from scraper.archive.timestamps import BadToken, Certificates
from scraper.errors import RecordCorrupt, SnapshotCorrupt, SnapshotMissing
from scraper.model import Finding, Severity

if TYPE_CHECKING:
    from scraper.archive.store import Store

_RESTORE = "restore the object from a good copy of the archive"

_AT_HAND = frozenset({"file", "memory"})
_READERS, _BATCH = 16, 64

Tell = Callable[[int, int, str], None]
"""Told of progress: objects done, objects in all, and which it is."""


class Chain:
    """One check of a bucket.

    `since` leaves out what was recorded before a UTC day. `trust` are the root certificates timestamps must lead to;
    without them, those kept beside each token are believed. `read_data` reads every body too. `counts` says afterwards
    how much was checked.
    """

    def __init__(
        self, store: Store, *, since: date | None, trust: Certificates = (), read_data: bool = False, tell: Tell
    ) -> None:
        self.counts: Counter[str] = Counter()
        self._store = store
        self._since = since or date.min
        self._trust = trust
        self._read_data = read_data
        self._tell = tell
        self._done = 0
        self._total = 0
        self._manifests = sorted(store.list(manifests.PREFIX))
        self._roots = sorted(store.list(roots.PREFIX))
        self._before = {**_predecessors(self._manifests), **_predecessors(self._roots)}
        self._digests: dict[str, tuple[str, str]] = {}
        self._sealed = manifests.Sealed()
        self._bodies = snapshots.Names(store)

    def findings(self) -> Iterator[Finding]:
        """Whatever does not fit, in the order of the chain. Raises StoreUnreachable."""
        stamps = [one for one in self._store.list(timestamps.PREFIX) if self._wanted(_stamped_day(one))]
        bodies = len(self._bodies) if self._read_data else 0
        self._total = len(self._manifests) + len(self._roots) + len(stamps) + bodies
        yield from self._format()
        yield from self._configs()
        yield from self._timestamps(stamps)
        under: set[str] = set()
        for key in self._roots:
            self._step(key)
            if self._wanted(roots.day_of(key)):
                yield from self._root(key, under)
        for key in self._manifests:
            if key not in under and self._wanted(roots.day_of(key)):
                self._step(key)
                self.counts["manifests under no root"] += 1
                yield from self._manifest(key, self._got(key), tree=None)
        yield from self._loose()
        if self._read_data:
            yield from self._snapshots()

    def _wanted(self, day: date | None) -> bool:
        return day is None or day >= self._since

    def _step(self, key: str) -> None:
        self._done += 1
        self._tell(min(self._done, self._total), self._total, key)

    def _format(self) -> Iterator[Finding]:
        found = self._got(archive.FORMAT_KEY)
        if found != archive.FORMAT:
            said = found if isinstance(found, str) else "is not the one this program writes"
            yield _finding("format-damaged", archive.FORMAT_KEY, said)

    def _configs(self) -> Iterator[Finding]:
        for key in self._store.list(archive.CONFIGS):
            self.counts["declarations"] += 1
            found = self._got(key)
            said = found if isinstance(found, str) else "does not hash to its name"
            if isinstance(found, str) or key != archive.config_key(found):
                yield _finding("config-damaged", key, said)

    def _timestamps(self, keys: Iterable[str]) -> Iterator[Finding]:
        damaged: set[tuple[date, str]] = set()
        # Certificates first: a token that lacks them cannot be verified, and is not what was changed.
        for key in sorted(keys, key=lambda key: key.endswith(timestamps.TOKEN)):
            self._step(key)
            self.counts["timestamps"] += key.endswith(timestamps.TOKEN)
            one, found = timestamps.named(key), self._got(key)
            if isinstance(found, str):
                yield _finding("timestamp-damaged", key, found)
            elif one is None or not one.intact(found):
                damaged |= {(one.day, one.authority)} if one else set()
                yield _finding("timestamp-damaged", key, "does not hash to its name")
            elif one.kind == timestamps.TOKEN and (one.day, one.authority) not in damaged:
                yield from self._token(one, found)

    def _token(self, one: timestamps.Kept, token: bytes) -> Iterator[Finding]:
        root_key = roots.root_key(one.day)
        root = self._got(root_key)
        if isinstance(root, str):
            yield _finding("root-missing", root_key, f"{root}, but {one.key} vouches for it", one.key)
            return
        try:
            timestamps.verify(token, root, certificates=self._certificates(one))
        except BadToken as error:
            if timestamps.is_over(token, root):
                yield _finding("timestamp-damaged", one.key, f"does not hold: {error}", root_key)
            else:
                yield _finding("root-damaged", root_key, f"is not the file that {one.key} vouches for", one.key)

    def _certificates(self, one: timestamps.Kept) -> Certificates:
        """The certificates kept for a token, and where some are to be trusted, these instead of the roots among them."""
        found = timestamps.kept_certificates(self._store, one)
        return (*self._trust, *timestamps.without_roots(found)) if self._trust else found

    def _root(self, key: str, under: set[str]) -> Iterator[Finding]:
        self.counts["roots"] += 1
        found = self._got(key)
        try:
            root = roots.decode(found, key) if isinstance(found, bytes) else None
        except RecordCorrupt as error:
            found, root = str(error), None
        if root is None:
            yield _finding("root-damaged", key, str(found))
            return
        yield from self._follows(key, root.previous)
        tree = merkle.Tree()
        fits = True
        for part in root.parts:
            self._step(part.key)
            under.add(part.key)
            data = self._got(part.key)
            sound = True
            for finding in self._manifest(part.key, data, tree):
                sound = sound and finding.subject != part.key
                yield finding
            if sound and isinstance(data, bytes) and hashlib.sha256(data).hexdigest() != part.sha256:
                sound = False
                yield _finding("manifest-damaged", part.key, f"is not the manifest that {key} names", key)
            fits = fits and sound
        if fits and (tree.root().hex(), tree.size) != (root.root, root.records):
            yield _finding("root-damaged", key, "names a Merkle root that is not the one over its records")

    def _manifest(self, key: str, data: bytes | str, tree: merkle.Tree | None) -> Iterator[Finding]:
        """Check a manifest and each record in it; the records' leaves are added to `tree`."""
        self.counts["manifests"] += 1
        if isinstance(data, str):
            yield _finding("manifest-missing", key, data)
            return
        for line, own in self._with_own_files(lines(data, key)):
            if line.wrong:
                yield _finding("manifest-damaged", key, line.wrong, line.record)
            if line.previous is not None:
                yield from self._follows(key, line.previous or None)
            if line.record is not None:
                if tree is not None:
                    tree.add(merkle.leaf(line.data))
                yield from self._sealed_record(line, own, key)

    def _with_own_files(self, read: Iterable[Line]) -> Iterator[tuple[Line, bytes | str]]:
        """Lines of a manifest, each with what the file of the record in it holds."""
        lines_of, again = tee(read)
        found = self._got_each(line.record or "" for line in again)
        yield from zip(lines_of, (data for _, data in found), strict=True)

    def _sealed_record(self, line: Line, own: bytes | str, manifest: str) -> Iterator[Finding]:
        """Check a record's own file against the manifest's copy of it."""
        assert line.record is not None
        self.counts["records"] += 1
        if not line.wrong:
            self._sealed.add(line.record)
        if isinstance(own, str):
            yield _finding("record-missing", line.record, f"{own}, but {manifest} holds it", manifest)
        elif own != line.data and not line.wrong:
            yield _finding("record-damaged", line.record, f"is not the record that {manifest} holds", manifest)
        if line.sha256 is not None:
            yield from self._body(line.record, line.sha256)

    def _loose(self) -> Iterator[Finding]:
        """Check the records that no manifest holds whole: those of days that are not sealed yet."""
        loose = self._sealed.loose(self._store.list(records.PREFIX))
        for key, found in self._got_each(key for key in loose if self._wanted(manifests.day_of(key))):
            self.counts["records"] += 1
            self.counts["records not sealed"] += 1
            wrong = found if isinstance(found, str) else ""
            try:
                capture = records.decode(found, key) if isinstance(found, bytes) else None
            except RecordCorrupt as error:
                wrong, capture = str(error), None
            if capture is None:
                yield _finding("record-damaged", key, wrong)
            elif capture.sha256 is not None:
                yield from self._body(key, capture.sha256)

    def _body(self, record: str, sha256: str) -> Iterator[Finding]:
        if sha256 not in self._bodies:
            key = snapshots.snapshot_key(sha256)
            if not self._store.has(key):  # it may have been written since the listing
                yield _finding("snapshot-missing", key, f"is missing, but {record} names it", record)

    def _snapshots(self) -> Iterator[Finding]:
        otherwise, first = 0, ""
        for key, found in self._got_each(self._store.list(snapshots.PREFIX)):
            self._step(key)
            self.counts["snapshots"] += 1
            wrong = found if isinstance(found, str) else ""
            try:
                packed = snapshots.packed_by_us(key, found) if isinstance(found, bytes) else None
            except SnapshotCorrupt as error:
                wrong, packed = str(error), None
            if packed is None:
                yield _finding("snapshot-corrupt", key, wrong)
            elif not packed:
                otherwise, first = otherwise + 1, first or key
        if otherwise:
            yield Finding(
                kind="snapshot-repacked",
                severity=Severity.NOTE,
                source="",
                subject=first,
                reason=f"unpacks to its name, but is not packed as this program packs it ({otherwise} such in all)",
            )

    def _follows(self, key: str, previous: str | None) -> Iterator[Finding]:
        """Check that a manifest or root names the one before it, by the digest of its bytes."""
        before = self._before.get(key)
        if before is None:
            if previous is not None:
                yield _finding("chain-broken", key, "names one before it, but there is none: it is missing")
        elif self._digest(before) != previous:
            reason = f"does not name {before} as it is: one of the two was changed, or one between them is missing"
            yield _finding("chain-broken", key, reason, before)

    def _digest(self, key: str) -> str | None:
        """The SHA-256 of an object's bytes, remembered for the last one of each directory."""
        folder = key.rpartition("/")[0]
        if self._digests.get(folder, ("", ""))[0] != key:
            self._got(key)
        return self._digests.get(folder, ("", ""))[1]

    def _got_each(self, keys: Iterable[str]) -> Iterator[tuple[str, bytes | str]]:
        """As `_got` for many keys, in their order; from a server several at a time, for each takes a round trip."""
        if self._store.url.partition("://")[0] in _AT_HAND:
            yield from ((key, self._got(key) if key else "") for key in keys)
            return
        left = iter(keys)
        with ThreadPoolExecutor(_READERS) as readers:
            while batch := list(islice(left, _BATCH)):
                yield from zip(batch, readers.map(lambda key: self._got(key) if key else "", batch), strict=True)

    def _got(self, key: str) -> bytes | str:
        """An object's bytes, or what is wrong with it."""
        try:
            data = self._store.get(key)
        except (SnapshotMissing, SnapshotCorrupt, RecordCorrupt) as error:
            return str(error)
        if key.startswith((manifests.PREFIX, roots.PREFIX)):
            self._digests[key.rpartition("/")[0]] = key, hashlib.sha256(data).hexdigest()
        return data


def _predecessors(keys: Iterable[str]) -> dict[str, str]:
    """The key before each that has one, of the same directory."""
    return {key: before for before, key in pairwise(keys) if key.rpartition("/")[0] == before.rpartition("/")[0]}


def _stamped_day(key: str) -> date | None:
    one = timestamps.named(key)
    return one.day if one else None


def _finding(kind: str, subject: str, reason: str, evidence: str | None = None) -> Finding:
    source = subject.split("/")[1] if subject.startswith((manifests.PREFIX, records.PREFIX)) else ""
    return Finding(
        kind=kind,
        severity=Severity.DAMAGED,
        source=source,
        subject=subject,
        reason=reason.removeprefix(subject).partition(": restore it")[0].strip(),
        repair=_RESTORE,
        evidence=evidence,
    )
