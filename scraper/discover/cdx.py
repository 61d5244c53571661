"""Reading what a CDX server answers: which copies of an outlet's pages a web archive has.

Hides the three ways in which servers write rows: a JSON array of arrays (the Wayback CDX server), JSON objects a line, and
plain lines with or without a JSON object at their end (pywb, CDXJ). Pure.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

_PLAIN = ("urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length")
_NAMES = {"url": "original", "status": "statuscode", "mime": "mimetype"}
_SHA1 = re.compile(r"(?:sha1:)?([A-Z2-7]{32})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Memento:
    """One row: a copy of `url` as it was at a time. `status` is None where the server does not tell (a revisit)."""

    url: str
    timestamp: str
    status: int | None
    digest: str | None

    @property
    def at(self) -> datetime:
        """The memento time, to the second."""
        return datetime.strptime(self.timestamp, "%Y%m%d%H%M%S").replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class CdxPage:
    """A page of an index: its rows, how many lines it had, and the key by which the next page is asked for."""

    mementos: tuple[Memento, ...]
    rows: int
    resume_key: str | None = None


def read(body: bytes) -> CdxPage:
    """The rows of one answer. ValueError where it is no answer of a CDX server; rows that lack something are left out."""
    text = body.decode("utf-8", "replace").strip()
    if not text:
        return CdxPage(mementos=(), rows=0)
    if text.startswith("["):
        return _of_array(json.loads(text))
    lines = text.splitlines()
    resume_key = None
    if len(lines) > 1 and not lines[-2].strip():
        resume_key = lines.pop().strip()
    rows = [_of_line(line) for line in lines if line.strip()]
    return CdxPage(mementos=tuple(_mementos(rows)), rows=len(rows), resume_key=resume_key)


def _of_array(rows: list[list[str]]) -> CdxPage:
    if not rows:
        return CdxPage(mementos=(), rows=0)
    names, *rest = rows
    resume_key = None
    if len(rest) > 1 and not rest[-2]:
        resume_key = rest.pop()[0]
    found = [dict(zip(names, row, strict=False)) for row in rest if row]
    return CdxPage(mementos=tuple(_mementos(found)), rows=len(found), resume_key=resume_key)


def _of_line(line: str) -> Mapping[str, Any]:
    if line.startswith("{"):
        row = json.loads(line)
    elif line.endswith("}") and " {" in line:
        head, _, fields = line.partition(" {")
        row = json.loads("{" + fields) | {"timestamp": head.rpartition(" ")[2]}
    else:
        parts = line.split()
        if len(parts) < len(_PLAIN) - 1 or not parts[1].isdigit():
            raise ValueError(f"no row of a CDX server: {line[:80]!r}")
        row = dict(zip(_PLAIN, parts, strict=False))  # fewer, or some more
    if not isinstance(row, dict):
        raise TypeError("a row of a CDX server is an object")
    return {_NAMES.get(str(name), str(name)): value for name, value in row.items()}


def _mementos(rows: list[Any]) -> Iterator[Memento]:
    for row in rows:
        timestamp, url = str(row.get("timestamp", "")), row.get("original")
        status, digest = str(row.get("statuscode") or "-"), _SHA1.fullmatch(str(row.get("digest", "")))
        try:
            datetime.strptime(timestamp, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        except ValueError:
            continue
        if isinstance(url, str) and url.lower().startswith(("http:", "https:")):
            yield Memento(
                url=url,
                timestamp=timestamp,
                status=int(status) if status.isdigit() else None,
                digest=f"sha1:{digest[1]}" if digest else None,
            )
