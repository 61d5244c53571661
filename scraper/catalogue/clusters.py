"""The articles of a source as clusters of addresses (`policy.clusters`), computed from the rows whenever they are asked for.

Hides how the rows that bear on some articles are found without reading all others: from their addresses on to those of the same
identity, printing or redirect, until none is left. Memory is that of some hundred articles at a time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, select

from scraper.catalogue import rows
from scraper.catalogue.database import Database
from scraper.catalogue.redirects import redirects
from scraper.catalogue.tables import articles, captures, locators
from scraper.model import Article
from scraper.parse.identity import own
from scraper.policy.clusters import Address, Cluster, Text, clusters, lineages
from scraper.policy.compare import alike

_BATCH = 400
_CHUNK = 500
_DIGITS = 12
END = "~"
"""Sorts after every time that may follow a day, and after every day."""


def all_clusters(
    database: Database, source: str, since: str = "", until: str = END, *, chunk: int = _CHUNK
) -> Iterator[Cluster]:
    """Every article of a source that was read, by day (`since` to `until`, ISO dates); those without a date at the end.

    About `chunk` articles are in memory at a time. Without a day given, each is told exactly once.
    """
    table, first = articles.c, since
    while (last := _stretch(database, source, first, until, chunk)) is not None:
        within = _keys(database, source, table.published >= first, table.published < last + END)
        yield from _of_days(around(database, source, within), first, last)
        first = last + END
    if not since and until == END:
        undated = _keys(database, source, table.published.is_(None))
        for start in range(0, len(undated), chunk):
            batch = undated[start : start + chunk]
            # Each with the first of its addresses: the next of them may be in another batch.
            yield from (cluster for cluster in around(database, source, batch) if _undated(cluster) in batch)


def around(database: Database, source: str, keys: Iterable[str]) -> tuple[Cluster, ...]:
    """The articles that some addresses of a source are of, each with all its addresses."""
    with database.read() as connection:
        return around_within(connection, source, keys)


def around_within(connection: Connection, source: str, keys: Iterable[str]) -> tuple[Cluster, ...]:
    """As `around`, in a transaction that has begun."""
    known, frontier = dict[str, list[Address]](), set(keys)
    while frontier:
        led = redirects(connection, source, sorted(frontier))
        found = _addresses(connection, source, sorted(frontier), led)
        known.update({key: found.get(key, []) for key in frontier})
        frontier = {*_next(connection, source, found), *chain.from_iterable(led)} - known.keys()
    return clusters(address for addresses in known.values() for address in addresses)


def beside(database: Database, source: str, keys: Iterable[str]) -> dict[str, set[str]]:
    """Of each of some addresses, the other addresses of its article or articles; those that have any."""
    found: dict[str, set[str]] = defaultdict(set)
    wanted = set(keys)
    for cluster in around(database, source, wanted):
        members = {address.key for address in cluster.addresses}
        for key in members & wanted if len(members) > 1 else ():
            found[key] |= members - {key}
    return found


def names(database: Database, source: str) -> dict[str, str]:
    """The id of its article, of every address whose article has another name than the address's own identity says.

    An address that showed several articles counts for the first.
    """
    with database.read() as connection:
        return {
            address.key: cluster.id
            for found in joined(connection, source)
            for cluster in found
            for address in cluster.addresses
            if not address.part and cluster.id != address.identity
        }


def joined(connection: Connection, source: str) -> Iterator[tuple[Cluster, ...]]:
    """The articles that have addresses of several identities, some hundred at a time and the others around them too.

    An article may come again, the same: nobody remembers here what was told.
    """
    for query in _joinable(source):
        found = connection.execute(query, execution_options={"yield_per": _CHUNK}).scalars()
        for keys in found.partitions(_CHUNK):
            yield around_within(connection, source, keys)


def _joinable(source: str) -> tuple[Select[Any], ...]:
    """The addresses that may share an article with an address of another identity; those of one text are neighbours."""
    read, seen, known = articles.c, captures.c, locators.c
    shared = select(read.text_sha256).where(read.source == source).group_by(read.text_sha256)
    copies = select(read.key).where(
        read.source == source, read.text_sha256.in_(shared.having(func.count(read.key.distinct()) > 1))
    )
    redirected = select(seen.key).where(seen.source == source, seen.redirected_from.is_not(None))
    posted = select(known.key).where(known.source == source, known.identity != known.key, known.identity.contains(")"))
    return copies.order_by(read.text_sha256, read.key), redirected, posted


def named(database: Database, name: str) -> tuple[tuple[str, str], ...]:
    """(source, key) of every address that gives its article this name: an id that was cited, however long ago."""
    plain = name.partition("#")[0]
    query = select(locators.c.source, locators.c.key).where((locators.c.identity == plain) | (locators.c.key == plain))
    with database.read() as connection:
        return tuple((row.source, row.key) for row in connection.execute(query.order_by("source", "key")))


def newest(cluster: Cluster) -> tuple[Address, Text] | None:
    """The text an article has now, with the address where it was seen last; None where nothing of it was read."""
    found = ((address, text) for address in cluster.addresses for text in address.texts)
    return max(
        found, key=lambda pair: (pair[1].last_at, pair[1].first_at, pair[1].text_sha256, pair[0].key), default=None
    )


def day_of(cluster: Cluster) -> str | None:
    """The day an article is published on, by its newest text."""
    found = newest(cluster)
    return found[1].day if found else None


def _undated(cluster: Cluster) -> str | None:
    """The first address at which an article is without a date; None where its newest text has one."""
    keys = (address.key for address in cluster.addresses if any(text.day is None for text in address.texts))
    return min(keys, default=None) if day_of(cluster) is None else None


def _of_days(found: Iterable[Cluster], first: str, last: str) -> list[Cluster]:
    """Those that are published on some days, by day."""
    dated = [(day, cluster.id, cluster) for cluster in found if (day := day_of(cluster)) and first <= day <= last]
    return [cluster for _, _, cluster in sorted(dated, key=lambda each: each[:2])]


def _stretch(database: Database, source: str, first: str, until: str, chunk: int) -> str | None:
    """The last of the next days that hold some hundred articles; None where there are none any more."""
    table = articles.c
    some = (
        select(table.published)
        .where(table.source == source, table.published >= first, table.published <= until + END)
        .order_by(table.published)
        .limit(chunk)
    )
    with database.read() as connection:
        found = connection.execute(some).scalars().all()
    return found[-1][: len("2026-08-22")] if found else None


def _keys(database: Database, source: str, *conditions: ColumnElement[bool]) -> list[str]:
    query = select(articles.c.key).distinct().where(articles.c.source == source, *conditions).order_by(articles.c.key)
    with database.read() as connection:
        return list(connection.execute(query).scalars().all())


def _addresses(
    connection: Connection, source: str, keys: list[str], led: frozenset[tuple[str, str]]
) -> dict[str, list[Address]]:
    """What is known of some addresses: one of each, several where it showed several articles."""
    seen: dict[str, rows.Row] = {}
    read: dict[str, list[rows.Row]] = defaultdict(list)
    for batch in _batches(keys):
        where = (locators.c.source == source, locators.c.key.in_(batch))
        seen.update((row["key"], row) for row in connection.execute(select(locators).where(*where)).mappings().all())
        for row in connection.execute(_texts(source, batch)).mappings().all():
            read[row["key"]].append(row)
    targets = defaultdict[str, set[str]](set)
    for asked, target in led:
        targets[asked].add(target)
    return {
        key: [
            _address(seen.get(key), part, texts, frozenset(targets[key]))
            for part, texts in _parts(connection, seen.get(key), read[key]).items()
        ]
        for key in keys
        if key in seen or key in read
    }


def _texts(source: str, keys: list[str]) -> Select[Any]:
    table, seen = articles.c, captures.c
    columns = (table.key, table.sha256, table.position, table.article_key, table.outlet, table.language, table.title)
    times = (func.min(seen.observed_at).label("first_at"), func.max(seen.observed_at).label("last_at"))
    return (
        select(
            *columns, table.source, table.published, table.text_sha256, func.min(captures.c.url).label("url"), *times
        )
        .join(captures, (seen.source == table.source) & (seen.key == table.key) & (seen.sha256 == table.sha256))
        .where(table.source == source, table.key.in_(keys))
        .group_by(table.source, table.key, table.sha256, table.position)
    )


def _parts(connection: Connection, seen: rows.Row | None, read: list[rows.Row]) -> dict[str, list[rows.Row]]:
    """The articles of one address by what `Address.part` calls them, each with its readings in order of time."""
    read = sorted(read, key=lambda row: (row["first_at"], row["text_sha256"], row["sha256"]))
    if any(row["position"] for row in read):
        found: dict[str, list[rows.Row]] = defaultdict(list)
        for row in read:
            found[row["article_key"].removeprefix(f"{row['key']}#")].append(row)
        return found
    if (seen is not None and own(seen["identity"])) or len({row["text_sha256"] for row in read}) < 2:
        return {"": read}
    by_snapshot = {row["sha256"]: row for row in read}
    read_from = {digest: _article(connection, row) for digest, row in by_snapshot.items()}
    found_lines = lineages(
        map(_text, read), lambda one, other: alike(read_from[one.snapshot], read_from[other.snapshot])
    )
    return {
        line[0].text_sha256[:_DIGITS] if place else "": [by_snapshot[text.snapshot] for text in line]
        for place, line in enumerate(found_lines)
    }


def _article(connection: Connection, row: rows.Row) -> Article:
    table = articles.c
    same = (table.source == row["source"], table.key == row["key"], table.sha256 == row["sha256"])
    query = select(table.article).where(*same, table.position == row["position"])
    return rows.article_from_json(connection.execute(query).scalar_one())


def _address(seen: rows.Row | None, part: str, read: list[rows.Row], led: frozenset[str]) -> Address:
    one, texts = seen or read[0], tuple(map(_text, read))
    return Address(
        key=one["key"],
        url=one["url"],
        identity=seen["identity"] if seen else one["key"],
        first_seen_at=rows.at(seen["first_seen_at"]) if seen and not part else texts[0].first_at,
        part=part,
        texts=texts,
        led_to=led,
    )


def _text(row: rows.Row) -> Text:
    return Text(
        outlet=row["outlet"],
        language=row["language"],
        day=row["published"][: len("2026-08-22")] if row["published"] else None,
        title=row["title"],
        text_sha256=row["text_sha256"],
        snapshot=row["sha256"],
        first_at=rows.at(row["first_at"]),
        last_at=rows.at(row["last_at"]),
    )


def _next(connection: Connection, source: str, found: dict[str, list[Address]]) -> set[str]:
    """The addresses that may be of the same articles as these."""
    known = [address for addresses in found.values() for address in addresses]
    texts = [text for address in known for text in address.texts if text.day is not None]
    days = [text.day or "" for text in texts]
    table, further = articles.c, set[str]()
    for batch in _batches(sorted({address.identity for address in known if own(address.identity)})):
        query = select(locators.c.key).where(locators.c.source == source, locators.c.identity.in_(batch))
        further.update(connection.execute(query).scalars().all())
    for batch in _batches(sorted({text.text_sha256 for text in texts})):
        query = select(table.key).where(table.source == source, table.text_sha256.in_(batch))
        within = query.where(table.published >= min(days), table.published < max(days) + END)
        further.update(connection.execute(within).scalars().all())
    return further


def _batches(items: list[str]) -> Iterator[list[str]]:
    return (items[start : start + _BATCH] for start in range(0, len(items), _BATCH))
