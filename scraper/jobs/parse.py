"""Parse: read pages that are already here (a file, a snapshot, an archived capture) exactly as the worker reads them.

Hides how a thing named on the command line becomes a `Page`. No network; a file needs no catalogue either.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from pathlib import Path

from scraper import urls
from scraper.archive import records, snapshots
from scraper.archive.archive import open_archive
from scraper.archive.store import open_store
from scraper.catalogue.reading import Reading
from scraper.config import Config
from scraper.errors import UsageError
from scraper.jobs import look
from scraper.jobs.reader import read_page
from scraper.jobs.services import Services
from scraper.jobs.take import ADHOC, WEB_ARCHIVES, undeclared
from scraper.model import Capture, Headers, Page, Sighting, Source

_BINARY = (b"%PDF-", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"PK\x03\x04", b"\x7fELF")
_FILES = (".html", ".htm", ".xml", ".json", ".zst")
_YEARS = range(1990, 3000)
_SNAPSHOT = re.compile(r"[0-9a-f]{64}\.zst")


@dataclass(frozen=True, slots=True, kw_only=True)
class Readable:
    """A page with all that its reading needs: the source that reads it, the sighting that led to it, its address's first sight."""

    page: Page
    source: Source
    lead: Sighting | None = None
    first_seen_at: datetime | None = None

    def read(self) -> Reading:
        """Read it here and now."""
        return read_page(self.page, self.source, self.lead).as_first_seen(self.first_seen_at)


def from_file(
    config: Config,
    path: Path,
    *,
    url: str | None,
    fetched_at: datetime | None,
    headers: Headers = (),
    source: Source | None = None,
) -> Readable:
    """A page from a file: any HTML with `url` and `fetched_at` given, or a snapshot or record inside an archive.

    It is read as `source` reads, where that is given, else as the source that has its host. Errors: UsageError naming the file and what is wrong with it; SnapshotCorrupt, RecordCorrupt for damaged ones.
    """
    if _SNAPSHOT.fullmatch(path.name) and url is None:
        return from_capture(config, *_of_snapshot(path), source)
    if path.suffix == ".json" and "captures" in path.parts and url is None:
        return from_capture(config, *_of_record(path), source)
    data = _bytes(path)
    if url is None or fetched_at is None:
        raise UsageError(
            f"{path}: give --url URL and --fetched-at TIME, because the file does not say where and when it was seen"
        )
    body = snapshots.unpack(data, path.name.partition(".")[0]) if _SNAPSHOT.fullmatch(path.name) else data
    if not body.strip() or body.startswith(_BINARY) or b"\x00" in body[:1024]:
        raise UsageError(
            f"{path}: this is not an HTML page (it is {'empty' if not body.strip() else 'binary'}); give the page's own bytes"
        )
    address = _address(url)
    page = Page(method="GET", url=address, status=200, headers=headers, fetched_at=fetched_at, body=body)
    return Readable(page=page, source=source or config.owner(address) or _nobody(address))


def from_capture(
    config: Config,
    capture: Capture,
    body: bytes,
    source: Source | None = None,
    *,
    first_seen_at: datetime | None = None,
) -> Readable:
    """A page as a capture recorded it, read as `source` reads, where that is given, else as its own source.

    Where a catalogue knows when its address was first seen, that dates it too.
    """
    own = source or (
        undeclared(capture.source, capture.url)
        if capture.source in (ADHOC, WEB_ARCHIVES)
        else config.source(capture.source)
    )
    return Readable(page=capture.page(body), source=own, lead=capture.lead, first_seen_at=first_seen_at)


def newest(services: Services, subject: str, source: Source | None = None) -> Readable:
    """The newest page of an archived URL or digest that can be read. UsageError where there is none."""
    found = readable(services, subject)[-1]
    return from_capture(services.config, found, services.archive.body(found.sha256 or ""), source)


def readable(services: Services, subject: str) -> tuple[Capture, ...]:
    """The captures of an archived URL or digest that can be read, oldest first. UsageError where there is none."""
    captures = look.captures(services, subject)
    found = tuple(capture for capture in captures if capture.sha256 is not None and capture.verdict.readable)
    if not found:
        raise UsageError(
            f"no page of {subject} can be read, the newest answer was {captures[-1].verdict.value}: "
            f"see `scraper show {subject}`"
        )
    return found


def is_file(subject: str) -> bool:
    """Whether what is named on the command line is a file, or meant to be one."""
    if "://" not in subject and (os.sep in subject or Path(subject).suffix in _FILES):
        return True
    try:
        return Path(subject).exists()
    except OSError:  # too long to be a name
        return False


def moment(text: str) -> datetime:
    """A time given on the command line: ISO 8601; a day alone is its noon, no zone is UTC. UsageError otherwise."""
    try:
        given = datetime.fromisoformat(text)
        if len(text) == len("2026-08-22"):
            given = datetime.combine(given, time(12))
    except ValueError as error:
        raise UsageError(f"--fetched-at {text!r} is not a time: write it as 2026-08-22T04:05:06Z") from error
    if given.year not in _YEARS:
        raise UsageError(f"--fetched-at {text!r}: no page was fetched then, see the year")
    return given.astimezone(UTC) if given.tzinfo else given.replace(tzinfo=UTC)


def header_pairs(texts: Sequence[str]) -> Headers:
    """`Name: value` texts as header pairs. UsageError for one without a colon."""
    pairs = []
    for text in texts:
        name, colon, value = text.partition(":")
        if not colon:
            raise UsageError(f"--header {text!r}: write it as 'Name: value'")
        pairs.append((name.strip(), value.strip()))
    return tuple(pairs)


def _of_snapshot(path: Path) -> tuple[Capture, bytes]:
    """The first capture that names a snapshot file of a local archive, found by reading the records beside it."""
    digest = path.name.partition(".")[0]
    body = snapshots.unpack(_bytes(path), digest)
    root = path.absolute().parents[min(3, len(path.absolute().parents) - 1)]
    if (root / "captures").is_dir():
        archive = open_archive(open_store(str(root)), writable=False)
        for capture in archive.captures(on_damage=lambda _key, _error: None):
            if capture.sha256 == digest:
                return capture, body
    raise UsageError(f"{path}: no capture record beside this snapshot names it; give --url URL and --fetched-at TIME")


def _of_record(path: Path) -> tuple[Capture, bytes]:
    parts = path.absolute().parts
    position = len(parts) - 1 - parts[::-1].index("captures")
    key = "/".join(parts[position:])
    capture = records.decode(_bytes(path), key)
    if capture.sha256 is None:
        raise UsageError(
            f"{path}: this record is of an attempt without a body ({capture.verdict.value}); there is nothing to parse"
        )
    root = Path(*parts[:position])
    return capture, snapshots.unpack(_bytes(root / snapshots.snapshot_key(capture.sha256)), capture.sha256)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}; name a file, a digest of an archived page, or its URL") from error


def _address(url: str) -> str:
    try:
        return urls.canonical(url)
    except ValueError as error:
        raise UsageError(f"--url: {error}; give the page's whole address") from error


def _nobody(url: str) -> Source:
    raise UsageError(
        f"no declared source has the host of {url}: see `scraper sources`, or declare it (docs/adding-a-source.md)"
    )
