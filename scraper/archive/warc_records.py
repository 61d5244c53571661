"""The records of a WARC file, one after another, each with its offset; damage costs the records that it hits.

Hides gzip's members, the reading of record heads (warcio), and the search for the next record after damage. A record is
given when it is whole: as long as it says, unpacked without error, and with the block digest that it names.
"""

from __future__ import annotations

import base64
import hashlib
import re
import zlib
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from warcio.exceptions import ArchiveLoadFailed
from warcio.recordloader import ArcWarcRecordLoader
from warcio.statusandheaders import StatusAndHeaders, StatusAndHeadersParserException

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LARGEST = 64 * 1024 * 1024
"""Bytes of a block: what is larger is a film, and never a page."""
_STEP = 64 * 1024
_GZIP = b"\x1f\x8b\x08"
_BEGINS = b"WARC/"
# What stands before a plain record's first line may be damaged.
_PLAIN_START = re.compile(rb"WARC/[01]\.[0-9]{1,2}\r?\n(?=[A-Za-z-]+:)")
_PACKED_START = re.compile(re.escape(_GZIP))
_LONGEST_START = 40
_DIGESTS = frozenset({"md5", "sha1", "sha256", "sha512"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One whole record: its place in the file, its fields and its block."""

    offset: int
    kind: str
    record_id: str
    url: str
    fields: StatusAndHeaders
    block: bytes

    def header(self, name: str) -> str | None:
        """A field of the record's head."""
        value: str | None = self.fields.get_header(name)
        return value.strip() if value else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """What could not be taken from a file: where it begins, and why; `large` where it is whole, and too large."""

    offset: int
    why: str
    large: bool = False


class _Broken(Exception):
    """The bytes are not what a WARC file has there."""


def records(path: Path, start: int = 0) -> Iterator[Record | Passed]:
    """Every whole record from an offset on; where there is damage, what and where, and then the records after it."""
    offset: int | None = start
    with path.open("rb") as file:
        packed = _is_packed(file.read(_STEP))
        while offset is not None:
            unpacked = _Unpacked(file, offset, packed=packed)
            try:
                yield from _whole(unpacked)
            except (_Broken, ArchiveLoadFailed, StatusAndHeadersParserException, EOFError, ValueError) as error:
                # A member that does not even begin is the next record, not the one that was read last.
                place = max(unpacked.record_at, unpacked.member_at)
                yield Passed(offset=place, why=" ".join(str(error).split()) or "the record has no head")
                offset = _next_start(file, place + 1, packed=packed)
            else:
                offset = None


def _whole(unpacked: _Unpacked) -> Iterator[Record | Passed]:
    # An ARC record's head is read as what WARC would have (both are plain lines).
    loader = ArcWarcRecordLoader(verify_http=False, arc2warc=True)
    while unpacked.begin_record():
        offset = unpacked.record_at
        found = loader.parse_record_stream(unpacked, no_record_parse=True)
        record = _record(offset, found.rec_type or "", found.rec_headers, _block(unpacked, found.length))
        try:
            unpacked.end_record()
        except _Broken:
            if unpacked.member_at == offset:
                raise  # its own end is damaged
            yield record
            raise
        if isinstance(record, Passed) and not record.large and not unpacked.at_record():
            raise _Broken(record.why)  # perhaps it is not as long as it says
        yield record


def _block(unpacked: _Unpacked, length: int | None) -> bytes | int:
    """The block of a record; its length alone where it is too large."""
    if length is None:
        raise _Broken("the record does not say how long it is")
    block, left = bytearray(), length
    while left:
        piece = unpacked.read(min(left, _STEP))
        if not piece:
            raise _Broken(f"the file ends after {length - left} of the record's {length} bytes")
        left -= len(piece)
        if length <= LARGEST:
            block += piece
    return bytes(block) if length <= LARGEST else length


def _record(offset: int, kind: str, head: StatusAndHeaders, block: bytes | int) -> Record | Passed:
    if isinstance(block, int):
        return Passed(offset=offset, why=f"a block of {block} bytes", large=True)
    if not _as_digested(head, block):
        return Passed(offset=offset, why="its block is not what its digest says")
    url = (head.get_header("WARC-Target-URI") or "").strip("<> ")
    record_id = head.get_header("WARC-Record-ID") or ""
    return Record(offset=offset, kind=kind, record_id=record_id, url=url, fields=head, block=block)


def _as_digested(head: StatusAndHeaders, block: bytes) -> bool:
    """Whether a block has the digest that its record names; True where that cannot be told."""
    name, _, stated = (head.get_header("WARC-Block-Digest") or "").partition(":")
    if name not in _DIGESTS:
        return True
    digest = hashlib.new(name, block, usedforsecurity=False).digest()
    return stated.strip().lower() in (digest.hex(), base64.b32encode(digest).decode().lower())


class _Unpacked:
    """A file's bytes unpacked, from an offset on, for readers of lines and of bytes.

    `record_at` is where in the file the record begins that was begun last, `member_at` the gzip member being unpacked.
    """

    def __init__(self, file: IO[bytes], offset: int, *, packed: bool) -> None:
        file.seek(offset)
        self._file = file
        self._packed = packed
        self._raw = b""
        self._raw_end = offset
        self._ready = b""
        self._inflate: zlib._Decompress | None = None
        self._passed = offset
        self.member_at = self.record_at = offset

    def begin_record(self) -> bool:
        """Go to the next record; False at the end of the file."""
        self.end_record()
        self.record_at = self.member_at if self._packed else self._passed
        return bool(self._ready)

    def end_record(self) -> None:
        """Pass the empty lines after a record, up to the next one."""
        while True:
            self._fill()
            stripped = self._ready.lstrip(b"\r\n")
            self._take(len(self._ready) - len(stripped))
            if stripped or not self._fill():
                return

    def at_record(self) -> bool:
        """Whether the next record begins here, or the file ends."""
        return not self._fill() or self._ready.startswith(_BEGINS)

    def read(self, size: int) -> bytes:
        """Up to so many bytes; none at the end of the file."""
        self._fill()
        return self._take(size)

    def readline(self, limit: int | None = None) -> bytes:
        """The next line with its end, or up to `limit` bytes of it."""
        line = b""
        while not line.endswith(b"\n") and (limit is None or len(line) < limit) and self._fill():
            end = self._ready.find(b"\n") + 1 or len(self._ready)
            line += self._take(end if limit is None else min(end, limit - len(line)))
        return line

    def _take(self, size: int) -> bytes:
        taken, self._ready = self._ready[:size], self._ready[size:]
        self._passed += len(taken)
        return taken

    def _fill(self) -> bool:
        """Have bytes ready, of one member at a time; False at the end of the file."""
        while not self._ready:
            if self._inflate is not None and self._inflate.eof:
                self._raw, self._inflate = self._inflate.unused_data, None
            if not self._raw:
                self._raw = self._file.read(_STEP)
                self._raw_end += len(self._raw)
            if not self._raw:
                if self._inflate is not None:
                    raise _Broken("the file ends within a packed record")
                return False
            if self._packed:
                self._unpack()
            else:
                self._ready, self._raw = self._raw, b""
        return True

    def _unpack(self) -> None:
        if self._inflate is None:
            self.member_at = self._raw_end - len(self._raw)
            self._inflate = zlib.decompressobj(16 + zlib.MAX_WBITS)
        try:
            self._ready = self._inflate.decompress(self._raw, _STEP)
        except zlib.error as error:
            raise _Broken(f"it does not unpack ({error})") from error
        self._raw = self._inflate.unconsumed_tail


def _is_packed(head: bytes) -> bool:
    """Whether a file is packed, by its beginning, the first bytes of which may be damaged."""
    if head.startswith((_GZIP, _BEGINS)):
        return head.startswith(_GZIP)
    return b"\n" + _BEGINS not in head and _GZIP in head


def _next_start(file: IO[bytes], offset: int, *, packed: bool) -> int | None:
    """Where the next record begins, at `offset` or after it; None where none does."""
    mark = _PACKED_START if packed else _PLAIN_START
    file.seek(offset)
    base, held = offset, b""
    while piece := file.read(_STEP):
        held += piece
        for found in mark.finditer(held):
            if not packed or _is_member(file, base + found.start()):
                return base + found.start()
        base += max(0, len(held) - _LONGEST_START)
        held = held[-_LONGEST_START:]
        file.seek(base + len(held))
    return None


def _is_member(file: IO[bytes], offset: int) -> bool:
    """Whether a packed record begins there: the mark alone stands in packed bytes by chance, too."""
    file.seek(offset)
    try:
        return zlib.decompressobj(16 + zlib.MAX_WBITS).decompress(file.read(512), 16).startswith(_BEGINS)
    except zlib.error:
        return False
