"""A whole archive held against itself, by what `check --read-data` goes by, without a catalogue."""

from __future__ import annotations

from scraper.archive import records, snapshots, sound
from scraper.archive.examined import examine
from scraper.archive.shards import SHARDS, keys_of
from scraper.archive.store import Store

ORPHAN = "orphan"


def wrong_in(store: Store) -> list[tuple[str, str]]:
    """What is wrong, each with its key: `corrupt` or `unreadable` objects, `missing` bodies, and those of no record (`orphan`)."""
    digests = sound.told(store)
    keys = [key for _, found in keys_of(store, range(SHARDS)) for key in found]
    examined = [examine(store, key, digests) for key in keys]
    whole = [records.decode(one.record, one.key) for one in examined if one.record]
    named = {snapshots.snapshot_key(capture.sha256) for capture in whole if capture.sha256}
    there = {key for key in keys if key.startswith(snapshots.PREFIX)}
    return [
        *((one.fault.value, one.key) for one in examined if one.fault),
        *(("missing", key) for key in sorted(named - there)),
        *((ORPHAN, key) for key in sorted(there - named)),
    ]
