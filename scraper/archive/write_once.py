"""The rules every store keeps: what a key may be, what happens when its name is already taken, and when an object may be mended.

Hides the key alphabet, and the one case in which two different objects under a name are the same thing: a snapshot
that another version of the compressor packed.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from scraper.archive import snapshots, sound
from scraper.errors import RecordCorrupt, SnapshotCorrupt

if TYPE_CHECKING:
    from scraper.archive.store import Store

_KEY = re.compile(r"(?:[A-Za-z0-9_-][A-Za-z0-9._-]*/)*[A-Za-z0-9_-][A-Za-z0-9._-]*").fullmatch
QUARANTINE = "quarantine/"


def check_key(key: str) -> None:
    """ValueError for a key outside `[A-Za-z0-9._/-]`, with an empty segment, or one that begins with a dot."""
    if _KEY(key) is None or ".." in key:
        raise ValueError(f"not a storage key: {key!r} (only [A-Za-z0-9._/-], no empty or dotted segment)")


def settle(store: Store, key: str, *, held: bytes, offered: bytes) -> bool:
    """Say what a `put` found under its key: False where the object is the same, an error where it is another.

    The bytes held are then copied to `quarantine/<key>` as evidence and the object is left alone: nothing but a
    repair with bytes that hash right may rewrite it. Raises SnapshotCorrupt or RecordCorrupt.
    """
    if held == offered or (key.startswith(snapshots.PREFIX) and snapshots.intact(key, held)):
        return False
    if not key.startswith(QUARANTINE):
        _quarantine(store, key, held)
    error = SnapshotCorrupt if key.startswith(snapshots.PREFIX) else RecordCorrupt
    raise error(f"{key} in {store.url} holds other bytes than it should: restore it from a good copy of the archive")


def _quarantine(store: Store, key: str, held: bytes) -> None:
    try:
        store.put(f"{QUARANTINE}{key}", held)
    except (SnapshotCorrupt, RecordCorrupt):
        # An earlier state of the same object is there already; the first evidence is kept, and the caller is told.
        return


def to_mend(store: Store, key: str, *, held: bytes, right: bytes) -> bool:
    """Whether a damaged object is to be replaced by the `right` bytes; what it holds is then in quarantine already.

    False where it holds them already, or others that prove themselves. Raises SnapshotCorrupt or RecordCorrupt for bytes
    that do not hash to the key, whatever is there.
    """
    must_be_right(store, key, right)
    if held == right or sound.proves(key, held):
        return False
    _preserve(store, key, held)
    return True


def must_be_right(store: Store, key: str, right: bytes) -> None:
    """SnapshotCorrupt or RecordCorrupt for bytes offered for a mending that do not hash to the key."""
    if key.startswith(QUARANTINE):
        raise ValueError(f"{key} is evidence: it is not mended")
    if sound.proves(key, right) is False:
        error = SnapshotCorrupt if key.startswith(snapshots.PREFIX) else RecordCorrupt
        raise error(f"what was offered for {key} in {store.url} does not hash to its name: find another good copy")


def _preserve(store: Store, key: str, held: bytes) -> None:
    """Copy what is about to be replaced to quarantine, beside another state of the object that may be there already."""
    try:
        store.put(f"{QUARANTINE}{key}", held)
    except (SnapshotCorrupt, RecordCorrupt):
        store.put(f"{QUARANTINE}{key}-{hashlib.sha256(held).hexdigest()[:16]}", held)
