"""The body of one answer: read as it comes off the wire, counted, decoded, and cut off where it goes too far.

Hides zlib, brotli and zstandard, and the limits that end a decompression bomb, an endless body or a trickle.
"""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

import brotli
import zstandard

from scraper.fetch.broken import Broken
from scraper.model import Failure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

MAX_CODINGS = 2
MAX_RATIO = 200
RATIO_FLOOR = 1024 * 1024
"""Below this decoded size a high ratio is a repetitive page, not a bomb."""
GRACE = 5.0
"""Seconds before a body's throughput is judged."""

_STEP = 256 * 1024
# Four bytes of zstd can stand for 128 KiB, and its decoder takes no output limit: so it is fed little at a time.
_ZSTD_STEP = 16
_ZSTD_WINDOW = 8 * 1024 * 1024  # the most a Content-Encoding may use (RFC 9659 §3)
_GZIP_MAGIC = b"\x1f\x8b"


class _Undecodable(Exception):
    """The bytes are not what Content-Encoding says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyLimits:
    """How much and how slow a body may be: decoded (and wire) bytes, and bytes a second after `GRACE`."""

    max_bytes: int
    min_bytes_per_second: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """What arrived: `data` is decoded, or as received when `undecoded`; `broken` says why it is not whole."""

    data: bytes
    wire_size: int
    wire_sha256: str
    undecoded: bool = False
    broken: Broken | None = None


def receive(
    chunks: Iterable[bytes], content_encoding: str | None, limits: BodyLimits, elapsed: Callable[[], float]
) -> Body:
    """Read a body to its end, or as far as it may go; `elapsed` gives the seconds since its headers arrived.

    `chunks` are the bytes as received after transfer-decoding, and may raise `Broken`. Of a body that breaks off, what
    was decoded so far is kept; a body that does not decode is kept as received.
    """
    codings = _codings(content_encoding)
    wire = _Wire(chunks, limits, elapsed, keep=bool(codings))
    data = bytearray()  # a list of pieces of two bytes each would take twenty times as much
    broken: Broken | None = None
    undecoded = False
    try:
        try:
            for piece in _bounded(_decoded(wire, codings), wire, limits):
                data += piece  # what came before a break is kept
        except _Undecodable:
            undecoded = True
            for _ in wire:
                pass
    except Broken as error:
        broken = error
    return Body(
        data=bytes(wire.kept if undecoded else data),
        wire_size=wire.size,
        wire_sha256=wire.digest.hexdigest(),
        undecoded=undecoded,
        broken=broken,
    )


class _Wire:
    """The received bytes, counted and hashed as they pass; iterating again goes on where it stopped."""

    def __init__(
        self, chunks: Iterable[bytes], limits: BodyLimits, elapsed: Callable[[], float], *, keep: bool
    ) -> None:
        self._chunks = iter(chunks)
        self._limits = limits
        self._elapsed = elapsed
        self._keep = keep
        self.kept = bytearray()
        self.size = 0
        self.digest = hashlib.sha256()

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            self._judge(len(chunk))
            self.size += len(chunk)
            self.digest.update(chunk)
            if self._keep:
                self.kept += chunk
            yield chunk

    def _judge(self, arrived: int) -> None:
        if self.size > self._limits.max_bytes:
            raise Broken(Failure.TOO_LARGE, f"more than {self._limits.max_bytes} bytes on the wire")
        seconds = self._elapsed()
        slowest = self._limits.min_bytes_per_second
        if seconds > GRACE and self.size + arrived < slowest * seconds:
            raise Broken(Failure.TOO_SLOW, f"{self.size} bytes in {seconds:.0f} s, under {slowest:g} bytes a second")


def _bounded(pieces: Iterable[bytes], wire: _Wire, limits: BodyLimits) -> Iterator[bytes]:
    size = 0
    for piece in pieces:
        yield piece
        size += len(piece)
        if size > RATIO_FLOOR and size > MAX_RATIO * wire.size:
            raise Broken(Failure.DECODE_BOMB, f"{size} bytes decoded from {wire.size}: over {MAX_RATIO} to 1")
        if size > limits.max_bytes:
            raise Broken(Failure.TOO_LARGE, f"more than {limits.max_bytes} bytes")


def _codings(content_encoding: str | None) -> tuple[str, ...]:
    """The codings in the order they were applied, lower case; `identity` says nothing."""
    if not content_encoding:
        return ()
    named = (name.strip().lower() for name in content_encoding.split(","))
    return tuple(name.removeprefix("x-") for name in named if name not in ("", "identity"))


def _decoded(wire: Iterable[bytes], codings: tuple[str, ...]) -> Iterable[bytes]:
    if len(codings) > MAX_CODINGS or not all(coding in _DECODERS for coding in codings):
        return _refuse()
    for coding in reversed(codings):
        wire = _DECODERS[coding](iter(wire))
    return wire


def _refuse() -> Iterator[bytes]:
    raise _Undecodable
    yield b""  # makes this a generator, so that it is refused when read


def _gzip(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """RFC 1952: one member after another; what follows the last is ignored, as browsers do."""
    decoder = zlib.decompressobj(16 + zlib.MAX_WBITS)
    fed, rest = False, b""
    for chunk in chunks:
        fed, rest = True, rest + chunk
        while rest and not (decoder.eof and len(rest) < len(_GZIP_MAGIC)):
            if decoder.eof:
                if not rest.startswith(_GZIP_MAGIC):
                    rest = rest[:2]
                    break
                decoder = zlib.decompressobj(16 + zlib.MAX_WBITS)
            yield from _inflate(decoder, rest)
            rest = decoder.unused_data
    if fed and not decoder.eof:
        raise _Undecodable


def _deflate(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """RFC 9110 §8.4.1.2: zlib format by the book, raw deflate in the wild; the first two bytes tell (RFC 1950 §2.2)."""
    head = b""
    for chunk in chunks:
        head += chunk
        if len(head) > 1:
            break
    zlib_header = len(head) > 1 and head[0] & 0x0F == 8 and int.from_bytes(head[:2], "big") % 31 == 0
    decoder = zlib.decompressobj(zlib.MAX_WBITS if zlib_header else -zlib.MAX_WBITS)
    for chunk in chain((head,), chunks):
        yield from _inflate(decoder, chunk)
    if head and not decoder.eof:
        raise _Undecodable


def _inflate(decoder: zlib._Decompress, data: bytes) -> Iterator[bytes]:
    more = bool(data)
    while more and not decoder.eof:
        try:
            piece = decoder.decompress(data, _STEP)
        except zlib.error as error:
            raise _Undecodable from error
        yield piece
        data = decoder.unconsumed_tail
        # A full piece may leave output pending even where all input has been taken.
        more = bool(data) or len(piece) == _STEP


def _br(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """RFC 7932."""
    decoder = brotli.Decompressor()
    fed = False
    try:
        for chunk in chunks:
            fed = True
            piece = decoder.process(chunk, output_buffer_limit=_STEP)
            yield piece
            # As with zlib, a full piece may leave output pending although more input would be taken.
            while len(piece) >= _STEP or not decoder.can_accept_more_data():
                piece = decoder.process(b"", output_buffer_limit=_STEP)
                yield piece
    except brotli.error as error:
        raise _Undecodable from error
    if fed and not decoder.is_finished():
        raise _Undecodable


def _zstd(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """RFC 8878: one frame after another."""
    context = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW)
    decoder = None
    try:
        for chunk in chunks:
            for start in range(0, len(chunk), _ZSTD_STEP):
                data = chunk[start : start + _ZSTD_STEP]
                while data:
                    decoder = context.decompressobj() if decoder is None or decoder.eof else decoder
                    yield decoder.decompress(data)
                    data = decoder.unused_data if decoder.eof else b""
    except zstandard.ZstdError as error:
        raise _Undecodable from error
    if decoder is not None and not decoder.eof:
        raise _Undecodable


_DECODERS: dict[str, Callable[[Iterator[bytes]], Iterator[bytes]]] = {
    "gzip": _gzip,
    "deflate": _deflate,
    "br": _br,
    "zstd": _zstd,
}
