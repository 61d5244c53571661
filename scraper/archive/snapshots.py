"""Snapshots: bodies under the name of their own SHA-256, packed with Zstandard.

Hides the compressor and its frame. `zstdcat FILE | sha256sum` prints the name of a good snapshot, so an archive can
be verified without this program.
"""

from __future__ import annotations

import hashlib
from array import array
from bisect import bisect_left
from itertools import pairwise
from typing import TYPE_CHECKING

import zstandard

from scraper.errors import SnapshotCorrupt

if TYPE_CHECKING:
    from scraper.archive.store import Store

PREFIX = "snapshots/sha256/"
_SUFFIX = ".zst"
_LEVEL = 3


def snapshot_key(sha256: str) -> str:
    """The storage key of the snapshot with this digest (64 lower-case hex digits)."""
    return f"{PREFIX}{sha256[:2]}/{sha256}{_SUFFIX}"


def digest_of(key: str) -> str | None:
    """The digest a snapshot's key names; None for a key that is not a snapshot's."""
    name = key.rpartition("/")[2].removesuffix(_SUFFIX)
    digits = len(name) == 64 and not name.strip("0123456789abcdef")
    return name if digits and key == snapshot_key(name) else None


def compress(body: bytes) -> bytes:
    """Pack a body: one frame, with its content size and checksum in it."""
    return zstandard.ZstdCompressor(level=_LEVEL, write_content_size=True, write_checksum=True).compress(body)


def unpack(data: bytes, sha256: str) -> bytes:
    """The body that `data` holds; SnapshotCorrupt, naming the key, unless it is one whole frame with this digest."""
    try:
        body = zstandard.ZstdDecompressor().decompress(data, allow_extra_data=False)
    except (zstandard.ZstdError, MemoryError, OverflowError) as error:
        raise SnapshotCorrupt(_message(sha256, f"cannot be unpacked ({' '.join(str(error).split())})")) from error
    if hashlib.sha256(body).hexdigest() != sha256:
        raise SnapshotCorrupt(_message(sha256, "does not hash to its name"))
    return body


def intact(key: str, data: bytes) -> bool:
    """Whether `data` is a good snapshot under this key."""
    sha256 = digest_of(key)
    if sha256 is None:
        return False
    try:
        unpack(data, sha256)
    except SnapshotCorrupt:
        return False
    return True


def packed_by_us(key: str, data: bytes) -> bool:
    """Whether a good snapshot is packed, byte for byte, as this program packs it; SnapshotCorrupt for one that is not good.

    A packed body has a few bits that mean nothing, and other versions of the compressor pack otherwise: what unpacks to
    its name is good, but only what is packed the same is certainly untouched.
    """
    sha256 = digest_of(key)
    if sha256 is None:
        raise SnapshotCorrupt(f"{key} is not the name of a snapshot: take it away")
    return compress(unpack(data, sha256)) == data


class Names:
    """The digests of all snapshots of a store: eight bytes each, so that a million of them is no burden."""

    def __init__(self, store: Store) -> None:
        found = (digest_of(key) for key in store.list(PREFIX))
        firsts = array("Q", (int(one[:16], 16) for one in found if one))
        in_order = all(before <= after for before, after in pairwise(firsts))
        self._firsts = firsts if in_order else array("Q", sorted(firsts))

    def __len__(self) -> int:
        return len(self._firsts)

    def __contains__(self, sha256: str) -> bool:
        first = int(sha256[:16], 16)
        place = bisect_left(self._firsts, first)
        return place < len(self._firsts) and self._firsts[place] == first


def read(store: Store, sha256: str) -> bytes:
    """The body with this digest, verified; SnapshotMissing or SnapshotCorrupt naming the object."""
    return unpack(store.get(snapshot_key(sha256)), sha256)


def _message(sha256: str, what: str) -> str:
    return f"{snapshot_key(sha256)} {what}: restore it from a good copy of the archive"
