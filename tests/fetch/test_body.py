"""Reading a body: decoding, counting, and where it is cut off."""

from __future__ import annotations

import gzip
import hashlib
import tracemalloc
import zlib
from collections.abc import Callable, Iterable, Iterator

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from scraper.fetch.body import Body, BodyLimits, receive
from scraper.fetch.broken import Broken
from scraper.model import Failure

LIMITS = BodyLimits(max_bytes=4 * 1024 * 1024, min_bytes_per_second=64)


def raw_deflate(data: bytes) -> bytes:
    """Deflate without the zlib wrapper, as some servers send it."""
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


ENCODERS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gzip": ("gzip", gzip.compress),
    "x-gzip": ("X-Gzip", gzip.compress),
    "two gzip members": ("gzip", lambda data: gzip.compress(data[:7]) + gzip.compress(data[7:])),
    "deflate": ("deflate", zlib.compress),
    "raw deflate": ("deflate", raw_deflate),
    "br": ("br", lambda data: brotli.compress(data, quality=5)),
    "zstd": ("zstd", zstandard.compress),
    "two zstd frames": ("zstd", lambda data: zstandard.compress(data[:7]) + zstandard.compress(data[7:])),
    "gzip in br": ("gzip, br", lambda data: brotli.compress(gzip.compress(data))),
    "deflate in zstd": ("deflate,zstd", lambda data: zstandard.compress(zlib.compress(data))),
    "identity": ("identity", bytes),
}


def pieces(data: bytes, size: int) -> list[bytes]:
    """Cut data as a network would."""
    return [data[at : at + size] for at in range(0, len(data), size)]


def read(chunks: Iterable[bytes], coding: str | None = None, *, limits: BodyLimits = LIMITS) -> Body:
    """Receive with a clock that stands still."""
    return receive(chunks, coding, limits, lambda: 0.0)


@pytest.mark.parametrize("name", ENCODERS)
@given(data=st.binary(max_size=2000).map(lambda part: part * 3), size=st.integers(1, 700))
def test_what_was_encoded_comes_back(name: str, data: bytes, size: int) -> None:
    """Every coding, cut anywhere, decodes to what was encoded; wire size and digest are of the encoded bytes."""
    coding, encode = ENCODERS[name]
    wire = encode(data)
    body = read(pieces(wire, size), coding)
    assert (body.data, body.undecoded, body.broken) == (data, False, None)
    assert (body.wire_size, body.wire_sha256) == (len(wire), hashlib.sha256(wire).hexdigest())


@pytest.mark.parametrize("name", [name for name in ENCODERS if name != "identity"])
@pytest.mark.parametrize("size", [256 * 1024, 256 * 1024 - 1, 777_777])
def test_sizes_around_the_decoding_step_come_back_whole(name: str, size: int) -> None:
    """Output that ends exactly where a decoding step ends is not lost."""
    coding, encode = ENCODERS[name]
    data = (hashlib.sha256(b"x").digest() * (size // 32 + 1))[:size]
    assert (
        read([encode(data)], coding, limits=BodyLimits(max_bytes=1 << 30, min_bytes_per_second=0)).data[:size] == data
    )


@pytest.mark.parametrize(
    "coding", ["gzip", "deflate", "br", "zstd", "gzip, br", "compress", "utf-8", "gzip, gzip, gzip"]
)
def test_what_does_not_decode_is_kept_as_received(coding: str) -> None:
    """Wrong, unknown or too many codings leave the bytes as they were, and say so."""
    wire = b"<html>not compressed at all</html>" * 9
    body = read(pieces(wire, 50), coding)
    assert (body.data, body.undecoded, body.broken) == (wire, True, None)
    assert body.wire_sha256 == hashlib.sha256(wire).hexdigest()


@pytest.mark.parametrize("name", ["gzip", "deflate", "raw deflate", "br", "zstd"])
def test_an_encoded_body_that_ends_early_is_kept_as_received(name: str) -> None:
    """A stream without its end does not decode, although the transfer was whole."""
    coding, encode = ENCODERS[name]
    wire = encode(bytes(range(256)) * 40)[:-5]
    body = read([wire], coding)
    assert (body.data, body.undecoded) == (wire, True)


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd", None])
def test_no_bytes_are_an_empty_body(coding: str | None) -> None:
    """Nothing is nothing in every coding (a HEAD-like or empty answer that still names one)."""
    body = read([], coding)
    assert (body.data, body.undecoded, body.wire_size) == (b"", False, 0)


def test_what_follows_a_gzip_member_is_ignored() -> None:
    """Padding after the last member does not spoil the page."""
    assert read([gzip.compress(b"page"), b"\0\0\0 padding"], "gzip").data == b"page"


@pytest.mark.parametrize("name", ["gzip", "deflate", "br", "zstd", "gzip in br"])
def test_a_bomb_is_stopped_while_it_unpacks(name: str) -> None:
    """A body that unpacks to more than 200 times its size ends as a bomb, long before all of it is in memory."""
    coding, encode = ENCODERS[name]
    wire = encode(b"\0" * (64 * 1024 * 1024))
    body = read(pieces(wire, 1000), coding, limits=BodyLimits(max_bytes=1 << 30, min_bytes_per_second=0))
    assert body.broken is not None
    assert (body.broken.failure, body.broken.truncated) == (Failure.DECODE_BOMB, "length")
    assert 0 < len(body.data) < 32 * 1024 * 1024


def test_a_body_over_the_limit_is_cut() -> None:
    """The bytes so far are kept, little more than the limit, and the rest is not read."""
    taken = []

    def endless() -> Iterator[bytes]:
        while True:
            taken.append(1)
            yield bytes(range(256)) * 4

    body = read(endless(), limits=BodyLimits(max_bytes=10_000, min_bytes_per_second=0))
    assert body.broken is not None
    assert body.broken.failure is Failure.TOO_LARGE
    assert 10_000 < len(body.data) <= 10_000 + 1024
    assert len(taken) < 20


def test_encoded_bytes_count_against_the_limit_too() -> None:
    """A body that is long on the wire but decodes to nothing ends as well."""
    empty = gzip.compress(b"")
    body = read((empty for _ in range(10_000)), "gzip", limits=BodyLimits(max_bytes=5000, min_bytes_per_second=0))
    assert body.broken is not None
    assert body.broken.failure is Failure.TOO_LARGE
    assert body.wire_size < 6000


def test_a_trickle_is_given_up_after_a_grace() -> None:
    """Too few bytes a second end the body once five seconds have passed; what came is kept."""
    seconds = iter(range(100))
    body = receive((b"x" for _ in range(50)), None, LIMITS, lambda: float(next(seconds)))
    assert body.broken is not None
    assert (body.broken.failure, body.broken.truncated) == (Failure.TOO_SLOW, "time")
    assert body.data == b"x" * 6


def test_one_long_silence_before_much_data_is_no_trickle() -> None:
    """Throughput counts what has just arrived, too."""
    assert receive([b"x" * 5000], None, LIMITS, lambda: 20.0).broken is None


@pytest.mark.parametrize("coding", [None, "gzip"])
def test_a_broken_transfer_keeps_what_was_decoded(coding: str | None) -> None:
    """When the connection breaks, the decoded beginning is the body."""
    text = bytes(range(256)) * 4000
    wire = gzip.compress(text) if coding else text

    def breaking() -> Iterator[bytes]:
        yield wire[: len(wire) // 2]
        raise Broken(Failure.RESET, "gone")

    body = read(breaking(), coding)
    assert body.broken is not None
    assert (body.broken.failure, body.broken.truncated, body.undecoded) == (Failure.RESET, "disconnect", False)
    assert body.data
    assert text.startswith(body.data)


@pytest.mark.parametrize(("coding", "size"), [(None, 2), ("zstd", 65536), ("compress", 2)])
def test_small_pieces_take_no_more_memory_than_large_ones(coding: str | None, size: int) -> None:
    """Chunks of two bytes and what zstd makes of 16 at a time: the body twice, its wire bytes, and little else."""
    data = hashlib.shake_256(b"noise").digest(1024 * 1024)
    wire = zstandard.compress(data) if coding == "zstd" else data
    tracemalloc.start()
    try:
        body = read((wire[at : at + size] for at in range(0, len(wire), size)), coding)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert body.data == data
    assert peak < 5 * len(data)
