"""Reading the WARC files of others: one entry for each answer they hold, with the request that it was given to.

Hides warcio, the pairing of answers with requests, chunks and digests. Only records that are whole are given: one that is
damaged or cut off is named with its place in the file, and reading goes on at the next (`warc_records`). Norms: WARC 1.1
(ISO 28500:2017); WARC 0.17 to 1.0 and ARC are read too.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from typing import TYPE_CHECKING

from warcio.bufferedreaders import BufferedReader, ChunkedDataReader

from scraper.archive.warc_records import Passed, Record, records

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from scraper.model import Headers

_ANSWERS = frozenset({"response", "resource", "revisit"})
_STATUS_LINE = re.compile(rb"(HTTP/[0-9.]+) ([0-9]{3})(?: ([^\r\n]*))?")
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_DIGEST = re.compile(r"(?:sha1:)?(?:([0-9a-f]{40})|([A-Z2-7]{32}))", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One answer of a WARC file.

    `payload` is the entity after transfer-decoding and before content-decoding; None for a revisit, whose payload is that of
    `refers_to` (address and time), or of the same address with the same `digest`; a revisit with status 304 confirms it
    unchanged. `truncated` is the reason that the record gives (WARC-Truncated). `request_line` and `request_headers` are
    empty where the file does not hold the request.
    """

    offset: int
    record_id: str
    url: str
    at: datetime
    status: int
    reason_phrase: str
    http_version: str
    headers: Headers
    payload: bytes | None
    method: str = "GET"
    request_line: str = ""
    request_headers: Headers = ()
    peer: str | None = None
    digest: str | None = None
    truncated: str | None = None
    refers_to: tuple[str, datetime | None] | None = None


def read(path: Path, *, start: int = 0) -> Iterator[Entry | Passed]:
    """The answers in a WARC file (`.warc`, `.warc.gz`; also ARC) from an offset on, and what had to be passed over.

    OSError where the file cannot be read.
    """
    answer: Record | None = None
    request: Record | None = None
    for record in records(path, start):
        if isinstance(record, Passed):
            yield record
        elif record.kind == "request":
            if answer is not None and _belong_together(answer, record):
                yield _entry(answer, record)
                answer = None
            else:
                request = record
        elif record.kind in _ANSWERS and record.url.lower().startswith(("http:", "https:")):
            if answer is not None:
                yield _entry(answer, None)
                answer = None
            if request is not None and _belong_together(record, request):
                yield _entry(record, request)
                request = None
            else:
                answer = record
    if answer is not None:
        yield _entry(answer, None)


def digest_name(text: str | None) -> str | None:
    """A payload digest in one spelling, `sha1:` and 32 letters; None where it is of another algorithm, or none at all."""
    found = _DIGEST.fullmatch(text or "")
    if found is None:
        return None
    return f"sha1:{base64.b32encode(bytes.fromhex(found[1])).decode() if found[1] else found[2].upper()}"


def _belong_together(answer: Record, request: Record) -> bool:
    """Whether a request is that of an answer beside it: by name where one names the other, else by address."""
    named = [record.header("WARC-Concurrent-To") for record in (answer, request)]
    if any(named):
        return request.record_id == named[0] or answer.record_id == named[1]
    return answer.url == request.url


def _entry(answer: Record, request: Record | None) -> Entry | Passed:
    try:
        return _read(answer, request)
    except ValueError as error:
        return Passed(offset=answer.offset, why=str(error))


def _read(answer: Record, request: Record | None) -> Entry:
    if answer.kind == "resource" or not answer.block:
        head, body = _resource_head(answer), answer.block
    else:
        head, body = _split(answer.block)
    version, status, phrase, headers = _answer_head(head)
    line, request_headers = _request_head(request)
    return Entry(
        offset=answer.offset,
        record_id=answer.record_id.strip("<>"),
        url=answer.url,
        at=_moment(answer.header("WARC-Date")),
        status=status,
        reason_phrase=phrase,
        http_version=version,
        headers=headers,
        payload=None if answer.kind == "revisit" else _unchunked(headers, body),
        method=line.partition(" ")[0] or "GET",
        request_line=line,
        request_headers=request_headers,
        peer=answer.header("WARC-IP-Address"),
        digest=digest_name(answer.header("WARC-Payload-Digest")),
        truncated=answer.header("WARC-Truncated") or ("unspecified" if answer.header("WARC-Segment-Number") else None),
        refers_to=_refers_to(answer),
    )


def _resource_head(answer: Record) -> bytes:
    """The head of an answer that was not HTTP's, or of a revisit that keeps none: as good as WARC tells it."""
    if answer.kind == "revisit":
        unchanged = (answer.header("WARC-Profile") or "").endswith("server-not-modified")
        return b"HTTP/1.1 304 Not Modified" if unchanged else b"HTTP/1.1 200 OK"
    if answer.kind == "response":
        raise ValueError("the record holds no HTTP answer")
    media = answer.header("Content-Type")
    return b"HTTP/1.1 200 OK" + (f"\r\nContent-Type: {media}".encode("latin-1", "replace") if media else b"")


def _split(block: bytes) -> tuple[bytes, bytes]:
    end = _HEAD_END.search(block)
    return (block[: end.start()], block[end.end() :]) if end else (block.rstrip(b"\r\n"), b"")


def _answer_head(head: bytes) -> tuple[str, int, str, Headers]:
    first, _, rest = head.partition(b"\n")
    found = _STATUS_LINE.match(first)
    if found is None:
        raise ValueError("the record holds no HTTP answer")
    phrase = (found[3] or b"").decode("latin-1").strip()
    return found[1].decode(), int(found[2]), phrase, _pairs(rest)


def _request_head(request: Record | None) -> tuple[str, Headers]:
    if request is None:
        return "", ()
    first, _, rest = _split(request.block)[0].partition(b"\n")
    return first.decode("latin-1").strip(), _pairs(rest)


def _pairs(lines: bytes) -> Headers:
    """Header fields as received; a line that goes on with a space belongs to the one before (RFC 9112 §5.2)."""
    pairs: list[tuple[str, str]] = []
    for line in lines.decode("latin-1").split("\n"):
        if line.startswith((" ", "\t")) and pairs:
            name, value = pairs[-1]
            pairs[-1] = (name, f"{value} {line.strip()}".strip())
        elif ":" in line:
            name, _, value = line.partition(":")
            pairs.append((name.strip(), value.strip()))
    return tuple(pairs)


def _unchunked(headers: Headers, body: bytes) -> bytes:
    """The entity; some writers keep the chunks (as the norm says), some the header alone."""
    chunked = any(name.lower() == "transfer-encoding" and "chunked" in value.lower() for name, value in headers)
    if not chunked:
        return body
    whole: bytes = ChunkedDataReader(BufferedReader(BytesIO(body))).read()
    return whole


def _moment(text: str | None) -> datetime:
    """WARC-Date, to whatever fraction of a second it is given (WARC 1.1 §5.4)."""
    at = datetime.fromisoformat(text or "")
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


def _refers_to(answer: Record) -> tuple[str, datetime | None] | None:
    if answer.kind != "revisit":
        return None
    url, at = (answer.header(f"WARC-Refers-To-{name}") for name in ("Target-URI", "Date"))
    return (url or answer.url, _moment(at) if at else None)
