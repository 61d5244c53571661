"""Sound: are an object's bytes what its key, or the object over it, says they are?

Hides what proves which object. Most keys hold the digest of their own bytes; a manifest is named by the root over it and
a root by the one after it. Only bytes that are sound may be copied to a replica, or replace what is damaged.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from scraper.archive import chain_manifest, manifests, roots, snapshots
from scraper.errors import RecordCorrupt, SnapshotCorrupt, SnapshotMissing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from scraper.archive.store import Store

_NAMED = re.compile(
    r"(?:captures/[a-z0-9-]{1,32}/\d{4}/\d\d/\d\d/\d{9}-|timestamps/\d{4}-\d\d-\d\d/[a-z0-9-]{1,64}-|configs/)"
    r"(?P<digits>[0-9a-f]{16}|[0-9a-f]{64})\.(?:json|tsr|pem|toml)"
).fullmatch


def digest_of(key: str) -> str | None:
    """The digest, or the first 16 digits of it, that a key says of its own object; None where it says none."""
    found = _NAMED(key)
    return found["digits"] if found else snapshots.digest_of(key)


def proves(key: str, data: bytes) -> bool | None:
    """Whether `data` hashes to what the key says; None for a key that says nothing of its bytes."""
    digits = digest_of(key)
    if digits is None:
        return False if key.startswith(snapshots.PREFIX) else None
    if key.startswith(snapshots.PREFIX):
        return snapshots.intact(key, data)
    return hashlib.sha256(data).hexdigest().startswith(digits)


def told(*stores: Store) -> dict[str, str]:
    """The SHA-256 of each manifest that a root is over, and of each root that the one after it names, by key.

    Of several copies of a root that one is listened to which the root after it names, else the only one whose manifests
    are as it says; what is damaged is not listened to. A root of which no copy fits may have one after it that is missing:
    of such a one nothing is told.
    """
    digests: dict[str, str] = {}
    wanted: str | None = None
    for key in sorted({key for store in stores for key in store.list(roots.PREFIX)}, reverse=True):
        copies = dict(_copies(key, stores))
        if wanted not in copies and len(copies) > 1:
            fitting = [digest for digest, root in copies.items() if all(_fits(part, stores) for part in root.parts)]
            wanted = fitting[0] if len(fitting) == 1 else None
        if wanted in copies:
            digests[key] = wanted
            root = copies[wanted]
        elif copies:
            root = next(iter(copies.values()))
        else:
            wanted = None
            continue
        digests |= {part.key: part.sha256 for part in root.parts}
        wanted = root.previous
    return digests


def _copies(key: str, stores: Iterable[Store]) -> Iterator[tuple[str, roots.Root]]:
    for store in stores:
        try:
            data = store.get(key)
            yield hashlib.sha256(data).hexdigest(), roots.decode(data, key)
        except (RecordCorrupt, SnapshotCorrupt, SnapshotMissing):
            continue


def _fits(part: roots.Part, stores: Iterable[Store]) -> bool:
    """Whether one of the stores has the manifest that a root is over."""
    for store in stores:
        try:
            if hashlib.sha256(store.get(part.key)).hexdigest() == part.sha256:
                return True
        except (RecordCorrupt, SnapshotCorrupt, SnapshotMissing):
            continue
    return False


def unsound(key: str, data: bytes, digests: Mapping[str, str]) -> str:
    """What is wrong with an object's bytes; empty where they are sound.

    `digests` is what roots tell (`told`). A manifest or root that none names yet is sound where it reads whole, down to
    the spelling of each line.
    """
    proven = proves(key, data)
    if proven is not None:
        return "" if proven else "does not hash to its name"
    if key in digests:
        return "" if hashlib.sha256(data).hexdigest() == digests[key] else "is not what the root over or after it names"
    if key.startswith(manifests.PREFIX):
        return next((line.wrong for line in chain_manifest.lines(data, key) if line.wrong), "")
    if key.startswith(roots.PREFIX):
        try:
            roots.decode(data, key)
        except RecordCorrupt as error:
            return str(error)
    return ""
