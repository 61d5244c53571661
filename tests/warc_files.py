"""WARC files of others, for the tests: written by warcio, record by record, from pages of the fast outlet."""

from __future__ import annotations

import gzip
from io import BytesIO
from pathlib import Path
from typing import Self

from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

HTML = (("Content-Type", "text/html; charset=utf-8"),)


class WarcFile:
    """Writes one file; a context manager."""

    def __init__(self, path: Path, *, packed: bool = True) -> None:
        self.path = path
        self._file = path.open("wb")
        self._writer = WARCWriter(self._file, gzip=packed, warc_version="1.1")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def offset(self) -> int:
        """Where the next record begins."""
        return self._file.tell()

    def _write(self, record: ArcWarcRecord) -> None:
        self._writer.write_record(record)
        # The writer leaves the copy by which it made the digests open.
        record.raw_stream.close()

    def response(
        self,
        url: str,
        at: str,
        body: bytes,
        *,
        status: str = "200 OK",
        headers: tuple[tuple[str, str], ...] = HTML,
        more: dict[str, str] | None = None,
        asked: bool = False,
    ) -> str:
        """An answer as it was received, with its request where `asked`; its record's id."""
        record = self._writer.create_warc_record(
            url,
            "response",
            payload=BytesIO(body),
            warc_headers_dict={"WARC-Date": at, "WARC-IP-Address": "203.0.113.9", **(more or {})},
            http_headers=StatusAndHeaders(status, list(headers), protocol="HTTP/1.1"),
        )
        self._write(record)
        record_id: str = record.rec_headers.get_header("WARC-Record-ID")
        if asked:
            head = StatusAndHeaders(
                "GET /x HTTP/1.1", [("Host", "news.example"), ("User-Agent", "other/1")], is_http_request=True
            )
            self._write(
                self._writer.create_warc_record(
                    url, "request", warc_headers_dict={"WARC-Concurrent-To": record_id}, http_headers=head
                )
            )
        return record_id

    def resource(self, url: str, at: str, body: bytes) -> None:
        """Bytes that came by another way than HTTP."""
        record = self._writer.create_warc_record(
            url, "resource", payload=BytesIO(body), warc_content_type="text/html", warc_headers_dict={"WARC-Date": at}
        )
        self._write(record)

    def revisit(self, url: str, at: str, digest: str, refers_to: tuple[str, str] | None = None) -> None:
        """The same payload as before."""
        profile = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
        fields = {"WARC-Date": at, "WARC-Profile": profile, "WARC-Payload-Digest": digest}
        if refers_to is not None:
            fields |= {"WARC-Refers-To-Target-URI": refers_to[0], "WARC-Refers-To-Date": refers_to[1]}
        head = StatusAndHeaders("200 OK", list(HTML), protocol="HTTP/1.1")
        self._write(self._writer.create_warc_record(url, "revisit", warc_headers_dict=fields, http_headers=head))

    def not_modified(self, url: str, at: str) -> None:
        """A revisit by which the server said that nothing has changed."""
        record = self._writer.create_warc_record(
            url,
            "revisit",
            warc_headers_dict={
                "WARC-Date": at,
                "WARC-Profile": "http://netpreserve.org/warc/1.1/revisit/server-not-modified",
            },
            http_headers=StatusAndHeaders("304 Not Modified", [("ETag", '"x"')], protocol="HTTP/1.1"),
        )
        self._write(record)


def chunked(body: bytes, size: int = 7) -> bytes:
    """A body in chunks, as it goes over the wire (RFC 9112 §7.1)."""
    pieces = [body[start : start + size] for start in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


def packed(body: bytes) -> bytes:
    """A body with gzip's content-coding."""
    return gzip.compress(body, mtime=0)
