"""What the lists of a source showed, look by look: what it rests on that a list did, or did not, move on unseen.

Hides that a page seen often is kept once, and how the identities of its rows are kept: eight hex digits each, in the order of
the page.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from itertools import groupby
from operator import attrgetter
from typing import Any
from zlib import crc32

from sqlalchemy import ColumnElement, Row, Select, and_, func, select

from scraper.catalogue import rows
from scraper.catalogue.database import Database
from scraper.catalogue.tables import captures, lists
from scraper.model import Capture, Origin, Reason, Role, Sighting, Verdict
from scraper.policy.lists import LISTS, Look, MovedOn, span

_MARK = 8
_CHUNK = 500
_SLACK = timedelta(minutes=10)
_SEEN = (Verdict.LISTING.value, Verdict.UNCHANGED.value)
_ROW = ("origin", "shown", "earliest", "latest")


def list_row(capture: Capture, read: Sequence[Sighting], shown: Sequence[Sighting]) -> dict[str, Any] | None:
    """The row of a list: `read` are the sightings that its page holds, `shown` those that are indexed (with identities).

    Rows that no source wants count too: a list that moves on moves on with all its rows. None for what is no list.
    """
    found = [sighting for sighting in read if sighting.origin in LISTS]
    if capture.role is not Role.LISTING or not found:
        return None
    known = {sighting.url: sighting.identity for sighting in shown}
    kept = dict.fromkeys(mark(known.get(sighting.url) or sighting.url) for sighting in found)
    dated = span([sighting.published for sighting in found if sighting.published])
    return {
        "source": capture.source,
        "key": capture.key,
        "sha256": capture.sha256,
        "origin": found[0].origin.value,
        "shown": "".join(kept),
        "earliest": dated[0] if dated else None,
        "latest": dated[1] if dated else None,
    }


def columns() -> tuple[ColumnElement[Any], ...]:
    """What `said` is made of."""
    return tuple(lists.c[name] for name in _ROW)


def said(row: rows.Row | None) -> tuple[Any, ...]:
    """What a row says of its list: two that say the same need not be written twice."""
    return tuple(row[name] for name in _ROW) if row else ()


def looks(database: Database, source: str) -> Iterator[Look]:
    """Every page of a source's lists but those of walks, as it was looked at, in the order of lists and times."""
    table = captures.c
    query = _looks(source).where(table.reason != Reason.BACKFILL.value)
    yield from _told(database, query.order_by(table.key, table.observed_at, table.record))


def walked(database: Database, source: str) -> Iterator[Look]:
    """Every page of a walk through a source's past, in the order of time."""
    query = _looks(source).where(captures.c.reason == Reason.BACKFILL.value)
    yield from _told(database, query.order_by(captures.c.observed_at, captures.c.record))


def around(database: Database, source: str, moved: MovedOn) -> Iterator[Look]:
    """The looks at all lists of a source while one of them moved on, in the order of lists and times."""
    table = captures.c
    first, last = rows.moment(moved.since - _SLACK), rows.moment(moved.until + _SLACK)
    query = _looks(source).where(table.reason != Reason.BACKFILL.value, table.observed_at.between(first, last))
    yield from _told(database, query.order_by(table.key, table.observed_at, table.record))


def mark(identity: str) -> str:
    """What a row of a list is kept by."""
    return f"{crc32(identity.encode()):08x}"


def marks(shown: str) -> Iterator[str]:
    """The rows of a list as it is kept, from its top."""
    return (shown[at : at + _MARK] for at in range(0, len(shown), _MARK))


def _looks(source: str) -> Select[Any]:
    """An unchanged page is the list that it confirms."""
    table, base = captures.c, captures.alias("base")
    of_page = and_(
        lists.c.source == table.source,
        lists.c.key == table.key,
        lists.c.sha256 == func.coalesce(base.c.sha256, table.sha256),
    )
    return (
        select(table.key, table.url, table.observed_at, table.record, table.reason, lists.c.sha256, *columns())
        .select_from(captures)
        .outerjoin(base, base.c.record == table.confirms)
        .join(lists, of_page)
        .where(table.source == source, table.role == Role.LISTING.value, table.verdict.in_(_SEEN))
    )


def _told(database: Database, query: Select[Any]) -> Iterator[Look]:
    """The pages, each with the times between which it was seen: looks in a row that saw the same are one."""
    with database.read() as connection:
        found = connection.execute(query, execution_options={"yield_per": _CHUNK})
        for _, seen in groupby(found, key=attrgetter("key", "sha256")):
            first, last = _ends(seen)
            yield Look(
                key=first.key,
                url=first.url,
                at=rows.at(first.observed_at),
                until=rows.at(last.observed_at),
                record=first.record,
                origin=Origin(first.origin),
                walked=first.reason == Reason.BACKFILL.value,
                rows=frozenset(marks(first.shown)),
                earliest=first.earliest,
                latest=first.latest,
            )


def _ends(seen: Iterable[Row[Any]]) -> tuple[Row[Any], Row[Any]]:
    """The first and the last of some rows, of which there may be many."""
    passing = iter(seen)
    first = last = next(passing)
    for row in passing:
        last = row
    return first, last
