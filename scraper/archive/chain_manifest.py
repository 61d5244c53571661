"""A manifest taken apart line by line, for a check that must name what does not fit and go on after it.

Hides the JSON. `manifests.entries` reads the same file for those who only want the records.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from scraper.archive import manifests, records
from scraper.errors import RecordCorrupt


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line: what is `wrong` with it (empty: nothing), and what it holds as far as it can be read.

    Of the header that is `previous` (empty: there is none before it), of any other line a `record` key, the record's
    bytes in `data`, and the snapshot it names.
    """

    wrong: str = ""
    previous: str | None = None
    record: str | None = None
    data: bytes = b""
    sha256: str | None = None


def lines(data: bytes, key: str) -> Iterator[Line]:
    """The lines of the manifest under a key, the header first."""
    header, *rest = data.split(b"\n")
    yield _header(header, key, max(0, len(rest) - 1))
    last = ""
    for number, line in enumerate(rest[:-1], start=2):
        read = _record(line, number)
        if read.record is not None and read.record <= last and not read.wrong:
            yield Line(wrong=f"line {number}: {read.record} is out of order")
        last = read.record or last
        yield read
    if not rest or rest[-1]:
        yield Line(wrong="its last line is cut off")


def _header(line: bytes, key: str, count: int) -> Line:
    try:
        header = _spelled(line)
        wanted = {"format": manifests.FORMAT, "records": count}
        told = {name: header[name] for name in wanted}
        if told != wanted or manifests.manifest_key(header["source"], manifests.sealed_day(key)) != key:
            return Line(wrong=f"its header says {told} of {header['source']}, which it is not")
        if header["day"] != manifests.sealed_day(key).isoformat():
            return Line(wrong=f"its header says {header['day']}")
        previous = header["previous"]
        if previous is not None and (type(previous) is not str or not previous):
            return Line(wrong="its header names no manifest before it")
        return Line(previous=previous or "")
    except (ValueError, KeyError, TypeError, RecursionError, RecordCorrupt) as error:
        return Line(wrong=f"its header cannot be read ({_flat(error)})")


def _record(line: bytes, number: int) -> Line:
    key, data = None, b""
    try:
        entry = json.loads(line)
        key, data = str(entry["key"]), entry["record"].encode()
        _check_spelling(entry, line)
        return Line(record=key, data=data, sha256=records.decode(data, key).sha256)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, RecordCorrupt) as error:
        return Line(
            wrong=f"line {number}: {_flat(error)}", record=key if manifests.day_of(key or "") else None, data=data
        )


def _spelled(line: bytes) -> dict[str, Any]:
    """The object on a line; ValueError where it is not spelled as the format says."""
    document: dict[str, Any] = json.loads(line)
    _check_spelling(document, line)
    return document


def _check_spelling(document: dict[str, Any], line: bytes) -> None:
    if records.canonical_json(document) != line + b"\n":
        raise ValueError("it is not spelled as it was written")


def _flat(error: Exception) -> str:
    return " ".join(str(error).split())
