"""Rows of the hostile-server suite: content codings."""

from __future__ import annotations

import gzip
import zlib
from functools import partial

import brotli
import zstandard

from scraper.model import Failure, Verdict
from tests.hostile_server import ARTICLE, Row, coded

_GZIP = gzip.compress(ARTICLE)


def _zeros(pieces: int = 32) -> bytes:
    """A zstd frame of as many MiB of zeros, made without ever holding them."""
    packer = zstandard.ZstdCompressor().compressobj()
    return b"".join([*(packer.compress(bytes(2**20)) for _ in range(pieces)), packer.flush()])


def deflated(window: int, pieces: int = 32) -> bytes:
    """As many MiB of zeros as gzip (31), deflate (15) or raw deflate (-15)."""
    packer = zlib.compressobj(9, wbits=window)
    return b"".join([*(packer.compress(bytes(2**20)) for _ in range(pieces)), packer.flush()])


def _numbers() -> bytes:
    """A page of 4 MiB as gzip, made without ever holding it."""
    packer = zlib.compressobj(6, wbits=31)
    pieces = [packer.compress(b"<p>%d</p>" % number) for number in range(10**6, 13 * 10**5)]
    return b"".join([*(piece for piece in pieces if piece), packer.flush()])


def _brotli(pieces: int = 32) -> bytes:
    packer = brotli.Compressor(quality=1, lgwin=16)
    return b"".join([*(packer.process(bytes(2**20)) for _ in range(pieces)), packer.finish()])


_bomb = partial(Row, verdict=Verdict.TRUNCATED, failure=Failure.DECODE_BOMB, error="Transient", then=True, deadlines=3)
_kept = partial(Row, verdict=Verdict.NOT_HTML, then=True, deadlines=3)
_read = partial(Row, then=True, deadlines=3)

CODINGS = (
    _bomb(
        name="bomb-gzip",
        does="32 MiB of zeros as 32 KiB of gzip",
        answer=coded("gzip", deflated(31)),
        failure=Failure.TOO_LARGE,
    ),
    _bomb(
        name="bomb-deflate",
        does="the same as deflate",
        answer=coded("deflate", deflated(15)),
        failure=Failure.TOO_LARGE,
    ),
    _bomb(
        name="bomb-deflate-raw",
        does="the same as raw deflate",
        answer=coded("deflate", deflated(-15)),
        failure=Failure.TOO_LARGE,
    ),
    _bomb(name="bomb-br", does="the same as brotli", answer=coded("br", _brotli())),
    _bomb(name="bomb-zstd", does="the same as zstd", answer=coded("zstd", _zeros())),
    _bomb(
        name="bomb-nested",
        does="a bomb inside another coding",
        answer=coded("gzip, br", brotli.compress(deflated(31, 64), quality=1, lgwin=16)),
    ),
    _bomb(
        name="bomb-large",
        does="a page of 4 MiB that packs well, but not too well",
        answer=coded("gzip", _numbers()),
        failure=Failure.TOO_LARGE,
    ),
    _kept(
        name="codings-three",
        does="three codings on top of each other",
        answer=coded("gzip, gzip, gzip", gzip.compress(gzip.compress(_GZIP))),
    ),
    _kept(name="coding-unknown", does="a coding nobody asked for (compress)", answer=coded("compress", ARTICLE)),
    _kept(name="coding-none", does="a plain page that says it is gzip", answer=coded("gzip", ARTICLE)),
    _kept(name="gzip-cut", does="gzip that ends too early", answer=coded("gzip", _GZIP[:-12])),
    _kept(name="gzip-checksum", does="gzip with a wrong checksum", answer=coded("gzip", _GZIP[:-8] + bytes(8))),
    _kept(
        name="gzip-corrupt",
        does="gzip with zeros in its middle",
        answer=coded("gzip", _GZIP[:20] + bytes(20) + _GZIP[40:]),
    ),
    _kept(
        name="deflate-corrupt", does="deflate that is noise", answer=coded("deflate", b"\x78\x9c" + bytes(range(200)))
    ),
    _kept(name="br-corrupt", does="brotli that is noise", answer=coded("br", bytes(range(255, 0, -1)))),
    _kept(name="zstd-corrupt", does="zstd that is noise", answer=coded("zstd", b"\x28\xb5\x2f\xfd" + b"\xff" * 64)),
    _kept(
        name="zstd-window",
        does="zstd with a window of 1 GiB",
        answer=coded("zstd", b"\x28\xb5\x2f\xfd\x00\xa0" + zstandard.ZstdCompressor().compress(ARTICLE)[6:]),
    ),
    _read(name="gzip-garbage-after", does="gzip with garbage after its end", answer=coded("gzip", _GZIP + b"garbage")),
    _read(
        name="gzip-members",
        does="gzip in 2,000 members, nearly all of them empty",
        answer=coded("gzip", gzip.compress(b"") * 2000 + _GZIP),
    ),
    _read(name="coding-shouted", does="X-GZIP, in capitals", answer=coded("X-GZIP", _GZIP)),
    _read(
        name="codings-two",
        does="two codings, as many as there may be",
        answer=coded("gzip, br", brotli.compress(_GZIP, quality=1, lgwin=16)),
    ),
    _read(name="coding-nothing", does="gzip of no bytes at all", answer=coded("gzip", b""), verdict=Verdict.EMPTY),
)
