"""Roots: one Merkle root a UTC day over the sealed records of all sources, in a file that names the one before it.

Hides which manifests a root is over, so that one digest a day is all that has to be timestamped or published. Format
in docs/archive-format.md.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from scraper.archive import manifests, merkle, records
from scraper.errors import RecordCorrupt, SnapshotCorrupt, SnapshotMissing

if TYPE_CHECKING:
    from scraper.archive.store import Store

PREFIX = "roots/"
TIMESTAMPS = "timestamps/"
"""Where the tokens over root files are kept (`archive/timestamps.py`); here for those who need no certificates."""
FORMAT = 1

_KEY = re.compile(r"roots/(?P<day>\d{4}-\d\d-\d\d)\.jsonl").fullmatch
_MANIFEST = re.compile(r"manifests/(?P<source>[a-z0-9-]{1,32})/(?P<day>\d{4}-\d\d-\d\d)\.jsonl").fullmatch
_DIGEST = re.compile(r"[0-9a-f]{64}").fullmatch


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One manifest under a root: its key, the SHA-256 of its bytes, how many records it holds."""

    key: str
    sha256: str
    records: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Root:
    """What a root file says. `root` is the Merkle root, `previous` the SHA-256 of the root file before it."""

    day: date
    previous: str | None
    root: str
    records: int
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Under:
    """A record's place under a root: the root's key, the record's bytes, and the path from its leaf to the Merkle root."""

    key: str
    record: bytes
    path: merkle.Path


def root_key(day: date) -> str:
    """The storage key of a UTC day's root."""
    return f"{PREFIX}{day.isoformat()}.jsonl"


def day_of(key: str) -> date | None:
    """The UTC day that the key of a root or of a manifest names; None for a key that is neither's."""
    named = _KEY(key) or _MANIFEST(key)
    try:
        return date.fromisoformat(named["day"]) if named else None
    except ValueError:
        return None


def encode(root: Root) -> bytes:
    """Spell a root as it is stored: a header, then a line for each manifest, in the order of their keys."""
    header = {
        "format": FORMAT,
        "day": root.day.isoformat(),
        "previous": root.previous,
        "records": root.records,
        "root": root.root,
    }
    lines = ({"key": part.key, "records": part.records, "sha256": part.sha256} for part in root.parts)
    return b"".join(map(records.canonical_json, (header, *lines)))


def decode(data: bytes, key: str) -> Root:
    """Read a root back from the bytes under its key; RecordCorrupt where they are not, byte for byte, a root of that day."""
    try:
        root = _said(data)
        _check(root, key)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        what = " ".join(str(error).split())
        raise RecordCorrupt(
            f"{key} is not a root of format {FORMAT} ({what}): restore it from a good copy of the archive"
        ) from error
    return root


def documents(data: bytes) -> Iterator[dict[str, Any]]:
    """The JSON objects of a file that holds one a line; ValueError at the first line not spelled as the format says."""
    *lines, rest = data.split(b"\n")
    for line in lines:
        document = json.loads(line)
        if records.canonical_json(document) != line + b"\n":
            raise ValueError("a line is not spelled as it was written")
        yield document
    if rest:
        raise ValueError("its last line is cut off")


def every(store: Store) -> Iterator[tuple[str, bytes, Root]]:
    """All roots in the order of their days: key, bytes, and what they say. RecordCorrupt at the first that is damaged."""
    for key in store.list(PREFIX):
        data = store.get(key)
        yield key, data, decode(data, key)


def seal(store: Store, now: datetime, on_damage: manifests.OnDamage) -> list[str]:
    """Write the roots that are due, oldest day first, and return their keys.

    Due is every UTC day that ended at least two hours before `now`, is later than the last root's and has manifests
    under no root yet. A manifest that turns up for a day that has its root goes under the next one written, as late
    records do. A manifest that cannot be read is told to `on_damage` and left for a later root. Raises RecordCorrupt
    where a root that the next must follow is damaged.
    """
    covered, last, previous = _chain(store)
    ended = (now.astimezone(UTC) - manifests.GRACE).date() - timedelta(days=1)
    written = []
    for day, keys in manifests.due(sorted(set(store.list(manifests.PREFIX)) - covered), day_of, last, ended):
        root = _root(store, day, keys, previous, on_damage)
        if root is None:
            continue
        data = encode(root)
        store.put(root_key(day), data)
        previous = hashlib.sha256(data).hexdigest()
        written.append(root_key(day))
    return written


def leaves(data: bytes, key: str) -> Iterator[tuple[str, bytes]]:
    """The records of a manifest in order, each as its key and the hash of its leaf. RecordCorrupt as `manifests.entries`."""
    for name, record in manifests.entries(data, key):
        if not records.intact(record, name):
            raise RecordCorrupt(
                f"{name} does not hash to its name in {key}: restore it from a good copy of the archive"
            )
        yield name, merkle.leaf(record)


def over(store: Store, record: str) -> Under | None:
    """The root that is over a record, and the way to it; None while none is.

    Raises RecordCorrupt or SnapshotMissing where the root or a manifest under it is damaged or gone.
    """
    held = manifests.sealed(store, record)
    if held is None:
        return None
    manifest, data = held
    for key, _, root in every(store):
        if manifest in {part.key for part in root.parts}:
            found = [pair for part in root.parts for pair in leaves(store.get(part.key), part.key)]
            index = [name for name, _ in found].index(record)
            return Under(key=key, record=data, path=merkle.path([hashed for _, hashed in found], index))
    return None


def _said(data: bytes) -> Root:
    header, *lines = documents(data)
    if header["format"] != FORMAT:
        raise ValueError(f"it says format {header['format']}")
    return Root(
        day=date.fromisoformat(header["day"]),
        previous=None if header["previous"] is None else _digest(header["previous"]),
        root=_digest(header["root"]),
        records=_count(header["records"]),
        parts=tuple(map(_part, lines)),
    )


def _part(line: dict[str, Any]) -> Part:
    if _MANIFEST(line["key"]) is None:
        raise ValueError(f"{line['key']!r} is not a manifest")
    return Part(key=line["key"], sha256=_digest(line["sha256"]), records=_count(line["records"]))


def _count(value: Any) -> int:
    if type(value) is not int:
        raise TypeError(f"{value!r} is not a number of records")
    return value


def _digest(value: str) -> str:
    if _DIGEST(value) is None:
        raise ValueError(f"{value!r} is not a digest")
    return value


def _check(root: Root, key: str) -> None:
    if key != root_key(root.day):
        raise ValueError(f"it belongs under {root_key(root.day)}")
    if not root.parts or root.records != sum(part.records for part in root.parts):
        raise ValueError(f"its manifests do not hold the {root.records} records it says")
    if [part.key for part in root.parts] != sorted({part.key for part in root.parts}):
        raise ValueError("its manifests are not in order")


def _chain(store: Store) -> tuple[set[str], date | None, str | None]:
    """Which manifests are under a root, the day of the last root, and the digest of its file."""
    covered: set[str] = set()
    last = previous = None
    for _, data, root in every(store):
        covered.update(part.key for part in root.parts)
        last, previous = root.day, hashlib.sha256(data).hexdigest()
    return covered, last, previous


def _root(
    store: Store, day: date, keys: Iterable[str], previous: str | None, on_damage: manifests.OnDamage
) -> Root | None:
    """The root over some manifests; None where none of them can be read."""
    tree = merkle.Tree()
    parts = []
    for key in keys:
        try:
            data = store.get(key)
            hashes = [hashed for _, hashed in leaves(data, key)]
        except (RecordCorrupt, SnapshotCorrupt, SnapshotMissing) as error:
            on_damage(key, error)
            continue
        for hashed in hashes:
            tree.add(hashed)
        parts.append(Part(key=key, sha256=hashlib.sha256(data).hexdigest(), records=len(hashes)))
    if not parts:
        return None
    return Root(day=day, previous=previous, root=tree.root().hex(), records=tree.size, parts=tuple(parts))
