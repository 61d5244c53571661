"""What the jobs tell the catalogue: a capture was recorded, a page was read.

Hides the upserts. Every write is a pure function of records and pages. Those of one source are applied in the order of
recording; what one source's pages say of another's articles is merged the same in any order, so replaying the archive
source by source gives the same rows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select, update

from scraper.catalogue import rows
from scraper.catalogue.database import Database, Direct
from scraper.catalogue.lists import list_row
from scraper.catalogue.reading import Reading
from scraper.catalogue.tables import articles, captures, cursors, lists, locators, readings, sightings
from scraper.model import Capture, Origin, Reason, Role, Sighting, Verdict
from scraper.policy.resolve import as_first_seen
from scraper.policy.visits import Visits, advance

_BATCH = 400

# Made once: every page that is fetched reads and writes its locator.
_LOCATOR = select(locators).where(locators.c.source == bindparam("source"), locators.c.key == bindparam("key"))
_CHANGE_LOCATOR = (
    update(locators)
    .where(locators.c.source == bindparam("of_source"), locators.c.key == bindparam("of_key"))
    .values({column.name: bindparam(column.name) for column in locators.columns if not column.primary_key})
)
_DATED = ("published", "article")
_ARTICLES = select(articles.c.sha256, articles.c.position, articles.c.article).where(
    articles.c.source == bindparam("of_source"), articles.c.key == bindparam("of_key")
)
_MOMENTS = (
    select(articles.c.published)
    .where(
        articles.c.source == bindparam("of_source"),
        articles.c.key == bindparam("of_key"),
        articles.c.position == 0,
        articles.c.published.contains("T"),
    )
    .distinct()
)
_CHANGE_ARTICLE = (
    update(articles)
    .where(
        articles.c.source == bindparam("of_source"),
        articles.c.key == bindparam("of_key"),
        articles.c.sha256 == bindparam("of_sha256"),
        articles.c.position == bindparam("of_position"),
    )
    .values({name: bindparam(name) for name in _DATED})
)
_CAME_FROM = select(captures.c.key, captures.c.redirected_from, captures.c.reason).where(
    captures.c.record == bindparam("record")
)


def add_capture(database: Database, capture: Capture, identity: str, address: str = "") -> None:
    """Index one record: its row, and the visits of the locators it says something of.

    `address` is the one its locator is known by, where that is not the capture's URL (articles asked for by POST);
    `identity` is that of the address (`parse.identity`).
    """
    with database.direct() as direct:
        written = direct.add(captures, rows.capture_row(capture))
        if written and capture.role is Role.ARTICLE:
            for key in _visited(direct, capture):
                _visit(direct, key, capture, (address or capture.url, identity))


def confirm_judge(database: Database, records: Sequence[str], judge: str) -> None:
    """Note that the named judge gives these captures the verdicts that they have."""
    with database.write() as connection:
        for start in range(0, len(records), _BATCH):
            batch = list(records[start : start + _BATCH])
            connection.execute(update(captures).where(captures.c.record.in_(batch)).values(judge=judge))


def add_reading(database: Database, capture: Capture, reading: Reading, shown: Sequence[Sighting]) -> None:
    """Index what was read from a capture's snapshot: its outcome, its articles, and the sightings it `shown`.

    Sightings come with `source`, `key` and `capture` filled by the caller.
    """
    add_readings(database, [(capture, reading, shown)])


def add_readings(database: Database, read: Iterable[tuple[Capture, Reading | None, Sequence[Sighting]]]) -> None:
    """Index what was read from several snapshots, in one transaction: all of it or none.

    No reading means that it is as it was: the sightings alone are indexed.
    """
    with database.write() as connection:
        for capture, reading, shown in read:
            if reading is not None:
                _replace_reading(database, connection, capture, reading)
                _replace_list(connection, capture, list_row(capture, reading.parsed.sightings, shown))
            add_sightings(database, connection, shown, capture.observed_at)


def _replace_reading(database: Database, connection: Connection, capture: Capture, reading: Reading) -> None:
    values = {
        "source": capture.source,
        "key": capture.key,
        "sha256": capture.sha256,
        "record": capture.record,
        "outcome": reading.outcome,
        "detail": reading.detail,
        "layout": reading.parsed.layout,
        "dated": int(reading.dated),
    }
    statement = database.upsert(readings).values(values)
    connection.execute(statement.on_conflict_do_update(index_elements=["source", "key", "sha256"], set_=values))
    _replace_articles(connection, capture, reading)


def _replace_list(connection: Connection, capture: Capture, row: rows.Row | None) -> None:
    if capture.role is Role.LISTING:
        table = lists.c
        where = (table.source == capture.source, table.key == capture.key, table.sha256 == capture.sha256)
        connection.execute(delete(lists).where(*where))
    if row is not None:
        connection.execute(lists.insert(), [row])


def add_sightings(database: Database, connection: Connection, shown: Sequence[Sighting], seen_at: datetime) -> None:
    """Index sightings seen at one time: earliest and latest evidence of each kind, and a locator for each."""
    grouped: dict[tuple[str, Origin], dict[str, Sighting]] = defaultdict(dict)
    for sighting in shown:
        grouped[sighting.source, sighting.origin].setdefault(sighting.key, sighting)
    for (source, origin), by_key in grouped.items():
        keys = list(by_key)
        for start in range(0, len(keys), _BATCH):
            batch = [by_key[key] for key in keys[start : start + _BATCH]]
            _upsert_sightings(database, connection, (source, origin), batch, rows.moment(seen_at))
            _upsert_locators(database, connection, source, batch, seen_at)


def _upsert_sightings(
    database: Database,
    connection: Connection,
    kind: tuple[str, Origin],
    batch: Sequence[Sighting],
    seen_at: str,
) -> None:
    table, (source, origin) = sightings.c, kind
    known = select(sightings).where(
        table.source == source, table.origin == origin.value, table.key.in_([item.key for item in batch])
    )
    before = {row["key"]: row for row in connection.execute(known).mappings()}
    merged = [_merged(before.get(item.key), item, seen_at) for item in batch]
    changed = [row for row in merged if row != dict(before.get(row["key"], {}))]
    if changed:
        statement = database.upsert(sightings)
        new = {column.name: statement.excluded[column.name] for column in sightings.columns if not column.primary_key}
        connection.execute(
            statement.on_conflict_do_update(index_elements=["source", "key", "origin"], set_=new), changed
        )


def _merged(before: rows.Row | None, item: Sighting, seen_at: str) -> dict[str, Any]:
    """One row for two pieces of evidence of one kind, the same whichever comes first."""
    new = {
        "source": item.source,
        "key": item.key,
        "origin": item.origin.value,
        "url": item.url,
        "title": item.title,
        "published": item.published,
        "section": item.section,
        "first_capture": item.capture,
        "first_seen_at": seen_at,
        "last_capture": item.capture,
        "last_seen_at": seen_at,
    }
    if before is None:
        return new
    first, last = min((dict(before), new), key=_first_seen), max((dict(before), new), key=_last_seen)
    return first | {
        "title": _best(before["title"], item.title, _longest),
        "published": _best(before["published"], item.published, _earliest),
        "section": _best(before["section"], item.section, str),
        "last_capture": last["last_capture"],
        "last_seen_at": last["last_seen_at"],
    }


def _first_seen(row: rows.Row) -> tuple[str, str, str]:
    return row["first_seen_at"], row["first_capture"] or "", row["url"]


def _last_seen(row: rows.Row) -> tuple[str, str]:
    return row["last_seen_at"], row["last_capture"] or ""


def _best(one: str | None, other: str | None, rank: Callable[[str], Any]) -> str | None:
    return min((value for value in (one, other) if value), key=rank, default=None)


def _longest(title: str) -> tuple[int, str]:
    # Lists cut titles and excerpts at a number of characters (docs/sources.md, "KCNA Watch").
    return -len(title), title


def _earliest(published: str) -> tuple[str, int, str]:
    # Of one day, the statement that says most.
    return published[:10], -len(published), published


def _upsert_locators(
    database: Database,
    connection: Connection,
    source: str,
    batch: Iterable[Sighting],
    seen_at: datetime,
) -> None:
    wanted = {item.key: (item.url, item.identity) for item in batch}
    known = select(locators).where(locators.c.source == source, locators.c.key.in_(list(wanted)))
    before = {row["key"]: row for row in connection.execute(known).mappings()}
    new = [
        rows.locator_row(source, key, address, Visits(first_seen_at=seen_at))
        for key, address in wanted.items()
        if key not in before
    ]
    if new:
        database.add(connection, locators, new)
    for key, row in before.items():
        if (rows.moment(seen_at), wanted[key][0]) < (row["first_seen_at"], row["url"]):
            _seen_earlier(connection, row, wanted[key], seen_at)


def _seen_earlier(connection: Connection, row: rows.Row, address: tuple[str, str], seen_at: datetime) -> None:
    visits = rows.visits(row)
    kept = (row["url"], row["identity"]) if visits.attempts else address
    changed = rows.locator_row(row["source"], row["key"], kept, _since(visits, seen_at))
    connection.execute(_CHANGE_LOCATOR, _changed(changed))
    if seen_at < visits.first_seen_at:
        _date_again(connection.execute, changed, seen_at)


def _date_again(run: Callable[[Any, rows.Row], Any], locator: rows.Row, first_seen_at: datetime) -> None:
    """Date the articles of a locator by its earlier first sight, as if it had been known when they were read."""
    place = {"of_source": locator["source"], "of_key": locator["key"]}
    for digest, position, text in run(_ARTICLES, place).fetchall():
        before = rows.article_from_json(text)
        article = as_first_seen(before, first_seen_at)
        if article != before:
            row = rows.article_row(locator["key"], position, article)
            values = {"of_sha256": digest, "of_position": position, **{name: row[name] for name in _DATED}}
            run(_CHANGE_ARTICLE, place | values)


def _since(visits: Visits, seen_at: datetime) -> Visits:
    return replace(visits, first_seen_at=min(visits.first_seen_at, seen_at))


def _visit(direct: Direct, key: str, capture: Capture, own: tuple[str, str]) -> None:
    row = direct.first(_LOCATOR, {"source": capture.source, "key": key})
    before = _since(rows.visits(row), capture.observed_at) if row else Visits(first_seen_at=capture.observed_at)
    address = (row["url"], row["identity"]) if row and (row["attempts"] or key != capture.key) else own
    after = rows.locator_row(capture.source, key, address, advance(before, capture))
    if row:
        direct.run(_CHANGE_LOCATOR, _changed(after))
        if after["first_seen_at"] < row["first_seen_at"]:
            _date_again(direct.run, after, capture.observed_at)
    else:
        direct.add(locators, after)


def _changed(row: rows.Row) -> rows.Row:
    """The parameters of `_CHANGE_LOCATOR` for what a row is to be."""
    return {**row, "of_source": row["source"], "of_key": row["key"]}


def _visited(direct: Direct, capture: Capture) -> tuple[str, ...]:
    """The keys of the locators a capture says something of: what was asked for, and where a good page was found.

    Where a redirect led to a login form, a block page or another redirect, nobody ever showed an article there; nor did
    anybody at an address that was made by counting, unless the good page is there itself.
    """
    found = (capture.key,) if capture.verdict in (Verdict.ARTICLE, Verdict.UNCHANGED) else ()
    asked, reason = _asked_for(direct, capture)
    return found if reason == Reason.GUESS.value else tuple(dict.fromkeys((*found, *asked)))


def _asked_for(direct: Direct, capture: Capture) -> tuple[tuple[str, ...], str]:
    """The key and reason of the request that this capture answers: its own, or those of the first redirect on the way to it."""
    asked, reason = () if capture.redirected_from else (capture.key,), capture.reason.value
    record = capture.redirected_from
    while record is not None:
        row = direct.first(_CAME_FROM, {"record": record})
        if row is None:
            break
        asked, reason, record = (row["key"],), row["reason"], row["redirected_from"]
    return asked, reason


def _replace_articles(connection: Connection, capture: Capture, reading: Reading) -> None:
    table = articles.c
    where = (table.source == capture.source, table.key == capture.key, table.sha256 == capture.sha256)
    connection.execute(delete(articles).where(*where))
    first_seen_at = _first_seen_at(connection, capture)
    new = [
        rows.article_row(capture.key, position, as_first_seen(article, first_seen_at))
        for position, article in enumerate(reading.parsed.articles)
    ]
    if new:
        connection.execute(articles.insert(), new)
    _count_from(connection, capture)


def _count_from(connection: Connection, capture: Capture) -> None:
    """Let rechecks count from the moment of publication, the earliest that any reading of the address states."""
    row = connection.execute(_LOCATOR, {"source": capture.source, "key": capture.key}).mappings().first()
    if row is None:
        return
    stated = connection.execute(_MOMENTS, {"of_source": capture.source, "of_key": capture.key}).scalars()
    moments = [rows.at(text) for text in stated]
    visits, published_at = rows.visits(row), min((each for each in moments if each.tzinfo), default=None)
    if published_at != visits.published_at:
        counted = replace(visits, published_at=published_at)
        changed = rows.locator_row(capture.source, capture.key, (row["url"], row["identity"]), counted)
        connection.execute(_CHANGE_LOCATOR, _changed(changed))


def _first_seen_at(connection: Connection, capture: Capture) -> datetime:
    """When a capture's locator was first seen: by itself, where nothing is known of it (a listing that holds articles)."""
    place = (locators.c.source == capture.source, locators.c.key == capture.key)
    found = connection.execute(select(locators.c.first_seen_at).where(*place)).scalar()
    return min(rows.at(found), capture.observed_at) if found else capture.observed_at


def keep_cursor(database: Database, name: str, position: str) -> None:
    """Keep where a walk is."""
    statement = database.upsert(cursors).values(name=name, position=position)
    with database.write() as connection:
        connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"position": position}))


def drop_cursor(database: Database, name: str) -> None:
    """Forget a walk that has come to its end."""
    with database.write() as connection:
        connection.execute(delete(cursors).where(cursors.c.name == name))
