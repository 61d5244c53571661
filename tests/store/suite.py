"""The conformance suite: what every store must do, as functions that are given an empty store.

`test_conformance.py` runs each of them on each store; a new store is done when all of them pass.
"""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING

import pytest
import zstandard

from scraper.archive.snapshots import compress, snapshot_key
from scraper.errors import RecordCorrupt, SnapshotCorrupt, SnapshotMissing

if TYPE_CHECKING:
    from collections.abc import Callable

    from scraper.archive.store import Store

RECORD = "captures/outlet/2026/08/22/120000123-0123456789abcdef.json"
RECORD_BYTES = b'{"format":1}\n'
RIGHT_RECORD = f"captures/outlet/2026/08/22/120000123-{hashlib.sha256(RECORD_BYTES).hexdigest()[:16]}.json"
BAD_KEYS = (
    "",
    "/",
    "/a",
    "a/",
    "a//b",
    "..",
    "a/../b",
    "a/./b",
    ".a",
    "a/.b",
    "a..b",
    "a b",
    "ä",
    "a\n",
    "a\\b",
    "a?b",
)


def keeps_bytes(store: Store) -> None:
    """What is put is what one gets: nothing, every byte value, a megabyte."""
    for number, data in enumerate((b"", bytes(range(256)), b"\r\n\x00\xff" * 250_000)):
        assert store.put(f"objects/{number}", data)
        assert store.get(f"objects/{number}") == data
        assert store.size(f"objects/{number}") == len(data)


def tells_written_from_there(store: Store) -> None:
    """The first put of an object writes, the second finds it there."""
    assert [store.put(RECORD, b"one"), store.put(RECORD, b"one")] == [True, False]
    assert store.get(RECORD) == b"one"


def refuses_other_bytes(store: Store) -> None:
    """Other bytes under a name are refused, the object stays, and a copy of it is in quarantine."""
    store.put(RECORD, b"one")
    for _ in range(2):
        with pytest.raises(RecordCorrupt, match=RECORD):
            store.put(RECORD, b"two")
    assert store.get(RECORD) == b"one"
    assert store.get(f"quarantine/{RECORD}") == b"one"


def refuses_other_format(store: Store) -> None:
    """Not even format.json is rewritten."""
    store.put("format.json", b"1")
    with pytest.raises(RecordCorrupt, match=r"format\.json"):
        store.put("format.json", b"2")
    assert store.get("format.json") == b"1"


def accepts_another_compressor(store: Store) -> None:
    """A snapshot that unpacks to its name is there already, whichever compressor packed it."""
    body = b"the same text again and again " * 50
    key = snapshot_key(hashlib.sha256(body).hexdigest())
    packed = zstandard.ZstdCompressor(level=19).compress(body)
    assert packed != compress(body)
    store.put(key, packed)
    assert not store.put(key, compress(body))
    assert list(store.list("quarantine/")) == []


def finds_a_damaged_snapshot(store: Store) -> None:
    """A snapshot that does not unpack to its name is met by put: reported, copied to quarantine, not rewritten."""
    body = b"text"
    key = snapshot_key(hashlib.sha256(body).hexdigest())
    store.put(key, compress(body)[:-3])
    with pytest.raises(SnapshotCorrupt, match=key):
        store.put(key, compress(body))
    assert store.get(key) == compress(body)[:-3] == store.get(f"quarantine/{key}")


def misses_what_is_not_there(store: Store) -> None:
    """An absent object is told by has and size, and get names it; nor is a directory an object."""
    store.put(RECORD, b"one")
    for key in ("captures/outlet/2026/none.json", "captures/outlet/2026", f"{RECORD}/below"):
        assert not store.has(key)
        assert store.size(key) is None
        with pytest.raises(SnapshotMissing, match=key):
            store.get(key)
    assert store.has(RECORD)


def refuses_bad_keys(store: Store) -> None:
    """Keys outside the alphabet, with empty segments or a leading dot are refused by every method."""
    for key in BAD_KEYS:
        for method in (
            partial(store.put, data=b"x"),
            partial(store.mend, right=b"x"),
            store.get,
            store.has,
            store.size,
        ):
            with pytest.raises(ValueError, match="not a storage key"):
                method(key)
    assert list(store.list()) == []


def takes_every_good_key(store: Store) -> None:
    """Everything the alphabet allows is a key and is listed as it was given."""
    keys = {"A/b-c_d.e/0", "z", "-", "_", "a-/b", "a.b", "0" * 200, "x/y/z/" + "k" * 100}
    for key in keys:
        store.put(key, key.encode())
    assert {key: store.get(key) for key in store.list()} == {key: key.encode() for key in keys}


def lists_by_prefix(store: Store) -> None:
    """A prefix is a string, not a directory; an unknown one lists nothing."""
    for key in ("a/1", "a/2", "a-b/1", "ab", "b/a/1"):
        store.put(key, b"")
    assert set(store.list()) == {"a/1", "a/2", "a-b/1", "ab", "b/a/1"}
    assert set(store.list("a")) == {"a/1", "a/2", "a-b/1", "ab"}
    assert list(store.list("a/")) == ["a/1", "a/2"]
    assert list(store.list("a-")) == ["a-b/1"]
    assert list(store.list("b/a/1")) == ["b/a/1"]
    assert list(store.list("c")) == list(store.list("a/1/x")) == []


def lists_in_order(store: Store) -> None:
    """Keys of one directory come together and ascending, past the thousand one answer of an S3 server holds."""
    keys = [f"captures/{source}/08/{number:04d}.json" for source in ("kcna", "kcna-w") for number in range(620)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda key: store.put(key, b"{}"), reversed(keys)))
    listed = list(store.list("captures/"))
    assert sorted(listed) == sorted(keys)
    first, last = listed[:620], listed[620:]
    assert sorted([first, last]) == sorted([keys[:620], keys[620:]])
    assert list(store.list("captures/kcna/")) == keys[:620]


def survives_one_key_from_many_threads(store: Store) -> None:
    """Eight threads putting one object all succeed, and somebody wrote it."""
    with ThreadPoolExecutor(8) as pool:
        written = list(pool.map(lambda _: store.put(RECORD, b"same" * 1000), range(8)))
    assert any(written)
    assert store.get(RECORD) == b"same" * 1000
    assert list(store.list()) == [RECORD]


def survives_many_keys_from_many_threads(store: Store) -> None:
    """Eight threads putting objects of their own lose none."""
    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(lambda number: store.put(f"many/{number:03d}", b"%d" % number), range(160)))
    assert [store.get(key) for key in store.list("many/")] == [b"%d" % number for number in range(160)]


def mends_what_is_damaged(store: Store) -> None:
    """A damaged object is replaced by bytes that hash to its name, once, and what it held is in quarantine."""
    body = b"text"
    key = snapshot_key(hashlib.sha256(body).hexdigest())
    store.put(key, b"rubbish")
    assert [store.mend(key, compress(body)), store.mend(key, compress(body))] == [True, False]
    assert store.get(key) == compress(body)
    assert store.get(f"quarantine/{key}") == b"rubbish"
    assert set(store.list()) == {key, f"quarantine/{key}"}


def mends_what_is_missing(store: Store) -> None:
    """An object that is not there is written; there is nothing to keep of it."""
    assert store.mend(RIGHT_RECORD, RECORD_BYTES)
    assert store.get(RIGHT_RECORD) == RECORD_BYTES
    assert list(store.list()) == [RIGHT_RECORD]


def mends_with_nothing_that_is_wrong(store: Store) -> None:
    """Bytes that do not hash to the key are refused, and what is there, or is not, stays as it is."""
    body = b"text"
    snapshot = snapshot_key(hashlib.sha256(body).hexdigest())
    for held in (None, b"rubbish"):
        for key, error in ((RIGHT_RECORD, RecordCorrupt), (snapshot, SnapshotCorrupt)):
            if held is not None:
                store.put(key, held)
            with pytest.raises(error, match="find another good copy"):
                store.mend(key, compress(b"other text"))
            assert store.size(key) == (None if held is None else len(held))
    assert list(store.list("quarantine/")) == []


def mends_nothing_that_is_right(store: Store) -> None:
    """A good object is left as it is, however its body is packed."""
    body = b"the same text again and again " * 50
    key = snapshot_key(hashlib.sha256(body).hexdigest())
    packed = zstandard.ZstdCompressor(level=19).compress(body)
    store.put(key, packed)
    assert not store.mend(key, compress(body))
    assert store.get(key) == packed
    assert list(store.list("quarantine/")) == []


def keeps_every_damaged_state(store: Store) -> None:
    """An object that is damaged again, otherwise, has both states in quarantine; evidence itself is never mended."""
    key = "manifests/outlet/2026-08-22.jsonl"
    store.put(key, b"first")
    assert store.mend(key, b"second")
    assert store.mend(key, b"third")
    kept = sorted(store.list("quarantine/"))
    assert [store.get(one) for one in kept] == [b"first", b"second"]
    with pytest.raises(ValueError, match="evidence"):
        store.mend(kept[0], b"other")


CHECKS: tuple[Callable[[Store], None], ...] = (
    keeps_bytes,
    tells_written_from_there,
    refuses_other_bytes,
    refuses_other_format,
    accepts_another_compressor,
    finds_a_damaged_snapshot,
    misses_what_is_not_there,
    refuses_bad_keys,
    takes_every_good_key,
    lists_by_prefix,
    lists_in_order,
    survives_one_key_from_many_threads,
    survives_many_keys_from_many_threads,
    mends_what_is_damaged,
    mends_what_is_missing,
    mends_with_nothing_that_is_wrong,
    mends_nothing_that_is_right,
    keeps_every_damaged_state,
)
