"""Manifests: the records of a source and UTC day, whole, in one sealed file that names the one before it.

Hides how many records share a file, so that reading an archive costs one request a day instead of one a capture.
Format in docs/archive-format.md.
"""

from __future__ import annotations

import hashlib
import json
import re
from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from scraper.archive import records
from scraper.errors import RecordCorrupt, SnapshotMissing, StoreError

if TYPE_CHECKING:
    from scraper.archive.store import Store
    from scraper.model import Capture

PREFIX = "manifests/"
FORMAT = 1
GRACE = timedelta(hours=2)
"""How long after its end a UTC day stays open, for records of attempts that were under way."""

OnDamage = Callable[[str, StoreError], None]
"""Told of every damaged object met on the way: its key, and what is wrong with it."""

_RECORD = re.compile(r"captures/[^/]+/(?P<day>\d{4}/\d\d/\d\d)/\d{9}-(?P<digits>[0-9a-f]{16})\.json").fullmatch


class Sealed:
    """Which records the manifests hold: eight bytes each, so that a million of them is no burden.

    Filled while manifests are read. A record is known by its folder (source and day) and the digest in its name.
    """

    def __init__(self) -> None:
        self._folders: defaultdict[str, array[int]] = defaultdict(lambda: array("Q"))

    def add(self, key: str) -> None:
        """Note a record as sealed; ValueError for a key that is not a record's."""
        self._folders[key.rpartition("/")[0]].append(int(_named(key)["digits"], 16))

    def loose(self, keys: Iterable[str]) -> Iterator[str]:
        """Those of `keys`, given folder by folder, that no manifest holds (what is no record key among them too)."""
        current, held = "", frozenset[int]()
        for key in keys:
            folder = key.rpartition("/")[0]
            if folder != current:
                current, held = folder, frozenset(self._folders.get(folder, ()))
            named = _RECORD(key)
            if named is None or int(named["digits"], 16) not in held:
                yield key


def manifest_key(source: str, day: date) -> str:
    """The storage key of the manifest of a source and UTC day."""
    return f"{PREFIX}{source}/{day.isoformat()}.jsonl"


def entries(data: bytes, key: str) -> Iterator[tuple[str, bytes]]:
    """The records in a manifest, as pairs of record key and the record's exact bytes.

    Raises RecordCorrupt, naming the manifest, where it cannot be read or holds another number than it says.
    """
    lines = data.split(b"\n")
    try:
        _check_header(lines)
        for line in lines[1:-1]:
            entry = json.loads(line)
            _named(entry["key"])
            yield entry["key"], entry["record"].encode()
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        what = " ".join(str(error).split())
        raise RecordCorrupt(
            f"{key} is not a manifest of format {FORMAT} ({what}): restore it from a good copy of the archive"
        ) from error


def captures(store: Store, on_damage: OnDamage, source: str | None = None) -> Iterator[Capture]:
    """Every capture of the archive, or of one source: sealed manifests first, then the records in none of them.

    A record that is damaged in its manifest is read from its own file, and the other way about; each damaged object
    is reported once and passed over. StoreUnreachable is raised, never reported.
    """
    below = f"{source}/" if source else ""
    sealed = Sealed()
    for key in store.list(f"{PREFIX}{below}"):
        yield from _read_manifest(store, key, sealed, on_damage)
    for key in sealed.loose(store.list(f"{records.PREFIX}{below}")):
        try:
            capture = records.decode(store.get(key), key)
        except (RecordCorrupt, SnapshotMissing) as error:
            on_damage(key, error)
        else:
            yield capture


def sealed_capture(store: Store, key: str) -> Capture | None:
    """The capture that a manifest holds under a record key; None where none of them holds it whole."""
    found = sealed(store, key)
    return None if found is None else records.decode(found[1], key)


def sealed(store: Store, key: str) -> tuple[str, bytes] | None:
    """The manifest that holds a record whole, and the record's bytes in it; None where none does."""
    day = day_of(key)
    if day is None:
        return None
    source = key.split("/")[1]
    for manifest in store.list(f"{PREFIX}{source}/"):
        if manifest < manifest_key(source, day):
            continue
        try:
            for name, data in entries(store.get(manifest), manifest):
                if name == key:
                    records.decode(data, name)
                    return manifest, data
        except (RecordCorrupt, SnapshotMissing):
            continue
    return None


def seal(store: Store, source: str, now: datetime) -> list[str]:
    """Write the manifests that are due, oldest day first, and return their keys.

    Due is every UTC day that ended at least two hours before `now`, is later than the last sealed one and has
    records. A record of a day already sealed goes into the next manifest written, under its own key and date.
    Sealing again does nothing, and reads nothing. Raises RecordCorrupt where a manifest it must follow is damaged; a damaged record is
    left out (it stays a finding of `check`).
    """
    ended = (now.astimezone(UTC) - GRACE).date() - timedelta(days=1)
    newest = max(map(sealed_day, store.list(f"{PREFIX}{source}/")), default=None)
    if newest is not None and newest >= ended:
        return []  # as every hour of a day but the one in which it is sealed: the manifests need not be read for that
    done, last, previous = _chain(store, source)
    written = []
    for day, keys in due(done.loose(store.list(f"{records.PREFIX}{source}/")), day_of, last, ended):
        data = _manifest(store, source, day, keys, previous)
        if data is None:
            continue
        store.put(manifest_key(source, day), data)
        previous = hashlib.sha256(data).hexdigest()
        written.append(manifest_key(source, day))
    return written


def _check_header(lines: list[bytes]) -> None:
    header = json.loads(lines[0])
    if header["format"] != FORMAT:
        raise ValueError(f"it says format {header['format']}")
    if lines[-1] or header["records"] != len(lines) - 2:
        raise ValueError(f"it does not hold the {header['records']} records it says")


def _named(key: str) -> re.Match[str]:
    named = _RECORD(key)
    if named is None:
        raise ValueError(f"{key!r} is not a record key")
    return named


def day_of(key: str) -> date | None:
    """The UTC day a record key says; None for what is no record key (`check` reports it)."""
    try:
        return date.fromisoformat(_named(key)["day"].replace("/", "-"))
    except ValueError:
        return None


def sealed_day(key: str) -> date:
    """The UTC day that a manifest's key names; RecordCorrupt for what is no manifest's."""
    try:
        return date.fromisoformat(key.rpartition("/")[2].removesuffix(".jsonl"))
    except ValueError as error:
        raise RecordCorrupt(f"{key} is not the name of a manifest: take the file away") from error


def _read_manifest(store: Store, key: str, sealed: Sealed, on_damage: OnDamage) -> Iterator[Capture]:
    try:
        for name, data in entries(store.get(key), key):
            try:
                capture = records.decode(data, name)
            except RecordCorrupt as error:
                on_damage(key, error)
                continue
            sealed.add(name)
            yield capture
    except (RecordCorrupt, SnapshotMissing) as error:
        on_damage(key, error)


def _chain(store: Store, source: str) -> tuple[Sealed, date | None, str | None]:
    """What is sealed so far, the last sealed day, and the digest of its manifest."""
    sealed, last, previous = Sealed(), None, None
    for key in store.list(f"{PREFIX}{source}/"):
        data = store.get(key)
        for name, _ in entries(data, key):
            sealed.add(name)
        last = sealed_day(key)
        previous = hashlib.sha256(data).hexdigest()
    return sealed, last, previous


def due(
    keys: Iterable[str], day_of: Callable[[str], date | None], last: date | None, ended: date
) -> list[tuple[date, list[str]]]:
    """The days to seal with their objects' keys, oldest first; late objects go with the first of them.

    `day_of` tells a key's day (None: it has none), `last` is the last sealed day, `ended` the last that may be sealed.
    """
    days: defaultdict[date, list[str]] = defaultdict(list)
    late: list[str] = []
    for key in keys:
        day = day_of(key)
        if day is None or day > ended:
            continue
        if last is not None and day <= last:
            late.append(key)
        else:
            days[day].append(key)
    if late and (days or (last is not None and last < ended)):
        days[min(days, default=ended)].extend(late)
    return sorted((day, sorted(found)) for day, found in days.items())


def _manifest(store: Store, source: str, day: date, keys: list[str], previous: str | None) -> bytes | None:
    """The bytes of a manifest; None where none of the records can be read."""
    lines = []
    for key in keys:
        data = store.get(key)
        try:
            records.decode(data, key)
        except RecordCorrupt:
            continue
        lines.append(records.canonical_json({"key": key, "record": data.decode()}))
    if not lines:
        return None
    header = {
        "format": FORMAT,
        "source": source,
        "day": day.isoformat(),
        "previous": previous,
        "records": len(lines),
    }
    return records.canonical_json(header) + b"".join(lines)
