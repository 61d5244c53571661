"""What a kill left behind: records without a row in the catalogue, and pages that nobody has read yet.

Hides where to look for them: only in the days since the newest record that the catalogue knows of the source.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import date, timedelta

from scraper.archive.records import PREFIX
from scraper.catalogue import queries
from scraper.errors import RecordCorrupt, SnapshotCorrupt, SnapshotMissing
from scraper.jobs.services import Services
from scraper.jobs.take import index, judged_today, understand
from scraper.model import Capture, Source

_DAY = timedelta(days=1)


def read_leftovers(services: Services, source: Source) -> int:
    """Index and read what was archived when the program was last killed; the number of pages read.

    Damaged objects are passed over: `check` reports them, and a crawl must not stop because of one.
    """
    for capture in _unindexed(services, source):
        indexed = capture
        with suppress(SnapshotCorrupt, SnapshotMissing):
            indexed = judged_today(services, source, capture)
        index(services, source, indexed)
    read = 0
    for record in queries.unread(services.database, source.id):
        try:
            capture = judged_today(services, source, services.archive.record(record))
            understand(services, source, capture, services.archive.body(capture.sha256 or ""))
        except (RecordCorrupt, SnapshotCorrupt, SnapshotMissing):
            continue
        read += 1
    return read


def _unindexed(services: Services, source: Source) -> Iterator[Capture]:
    """The captures that the store has and the catalogue does not, in the order they were recorded."""
    newest = queries.newest_record(services.database, source.id)
    if newest is None:
        # Nothing is known at all: a new source, or a new catalogue over an old store.
        yield from services.archive.captures(on_damage=lambda _key, _error: None, source=source.id)
        return
    day, today = _day(newest) - _DAY, services.clock.now().date()
    known = queries.records_from(services.database, source.id, _folder(source, day))
    while day <= today:
        for key in services.archive.store.list(_folder(source, day)):
            if key not in known:
                yield from _readable(services, key)
        day += _DAY


def _readable(services: Services, key: str) -> Iterator[Capture]:
    try:
        yield services.archive.record(key)
    except (RecordCorrupt, SnapshotMissing):
        return


def _folder(source: Source, day: date) -> str:
    return f"{PREFIX}{source.id}/{day:%Y/%m/%d}/"


def _day(record: str) -> date:
    """The UTC day a record key says: `captures/<source>/2026/08/22/...`."""
    _captures, _source, year, month, day, _name = record.split("/")
    return date(int(year), int(month), int(day))
