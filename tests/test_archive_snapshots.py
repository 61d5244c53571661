from __future__ import annotations

import hashlib

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from scraper.archive.snapshots import compress, digest_of, read, snapshot_key, unpack
from scraper.archive.store import open_store
from scraper.errors import SnapshotCorrupt, SnapshotMissing

BODY = "기사 본문 ".encode() * 200
SHA256 = hashlib.sha256(BODY).hexdigest()


@given(st.binary(max_size=2000))
def test_unpack_undoes_compress(body: bytes) -> None:
    """Every body comes back, and any Zstandard reader gets it out of the frame alone, with its size stated."""
    data = compress(body)
    assert unpack(data, hashlib.sha256(body).hexdigest()) == body
    assert zstandard.ZstdDecompressor().stream_reader(data).read() == body
    frame = zstandard.get_frame_parameters(data)
    assert (frame.content_size, frame.has_checksum) == (len(body), True)


def test_key_fans_out_by_digest() -> None:
    """A snapshot's key is made of its digest, and tells it again."""
    key = snapshot_key(SHA256)
    assert key == f"snapshots/sha256/{SHA256[:2]}/{SHA256}.zst"
    assert digest_of(key) == SHA256
    for other in (f"captures/{SHA256}", key.removesuffix(".zst"), key.upper(), f"snapshots/sha256/00/{SHA256}.zst"):
        assert digest_of(other) is None


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not a frame",
        compress(BODY)[:-1],
        compress(BODY)[: len(compress(BODY)) // 2],
        compress(BODY) + b"x",
        compress(BODY) + compress(b"more"),
        compress(b"other"),
        zstandard.ZstdCompressor(write_content_size=False).compress(BODY),
        b"\x28\xb5\x2f\xfd\xe0" + b"\xff" * 7 + b"\x7f" + b"\x01\x00\x00",
    ],
    ids=["empty", "text", "cut", "half", "longer", "two", "other", "no-size", "bomb"],
)
def test_damaged_snapshot_is_named(data: bytes) -> None:
    """A snapshot that is not one whole frame with the right digest is refused by its key, in one line."""
    store = open_store("memory://")
    store.put(snapshot_key(SHA256), data)
    with pytest.raises(SnapshotCorrupt, match=snapshot_key(SHA256)) as caught:
        read(store, SHA256)
    assert "\n" not in str(caught.value)


def test_missing_snapshot_is_named() -> None:
    """A snapshot that is not there is told by its key."""
    with pytest.raises(SnapshotMissing, match=snapshot_key(SHA256)):
        read(open_store("memory://"), SHA256)
