"""What the lists of a source showed at every look, in the order of their rows; and which articles those rows are.

Hides that equal lists are kept once, how a 304 leads to the list that it confirms, and how a row's mark leads to an article.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, case, func, select

from scraper.catalogue import rows
from scraper.catalogue.database import Database
from scraper.catalogue.lists import mark, marks
from scraper.catalogue.tables import articles, captures, lists, locators
from scraper.model import Channel, Origin, Role, Verdict
from scraper.policy.listed import Look
from scraper.policy.verdicts import ABSENT

_BATCH = 400
_STREAMED = {"yield_per": 500}
_ORIGINS = tuple(origin.value for origin in (Origin.LISTING, Origin.INDEX, Origin.FEED))
"""A sitemap has no order that would say what was taken out of its middle."""
_GOOD = (Verdict.ARTICLE.value, Verdict.UNCHANGED.value)
_GONE = tuple(verdict.value for verdict in ABSENT)
_COPIES = tuple(channel.value for channel in Channel if channel.copied)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """An article that is held, as a list names it: its identity, one of its addresses, and the title it was held with."""

    identity: str
    key: str
    url: str
    title: str


def looks(database: Database, source: str, since: datetime | None = None) -> Iterator[Iterator[Look]]:
    """Every look at each list of a source, list by list, in the order of time; those without a row are none.

    Each list must be read to its end before the next. Memory is that of two looks.
    """
    seen, base = captures.c, captures.alias("base")
    sha = func.coalesce(seen.sha256, base.c.sha256)
    order = (seen.observed_at, seen.record)
    before = func.lag(sha).over(partition_by=seen.key, order_by=order)
    query = (
        select(
            seen.key,
            seen.url,
            seen.record,
            seen.observed_at,
            case((sha == before, None), else_=lists.c.shown).label("shown"),
        )
        .outerjoin(base, base.c.record == seen.confirms)
        .join(lists, (lists.c.source == seen.source) & (lists.c.key == seen.key) & (lists.c.sha256 == sha))
        .where(
            seen.source == source,
            seen.role == Role.LISTING.value,
            seen.verdict.in_((Verdict.LISTING.value, Verdict.UNCHANGED.value)),
            seen.channel.not_in(_COPIES),
            lists.c.origin.in_(_ORIGINS),
        )
    )
    if since is not None:
        query = query.where(seen.observed_at >= rows.moment(since))
    with database.read() as connection:
        found = connection.execute(query.order_by(seen.key, *order), execution_options=_STREAMED)
        for key, group in groupby(found, key=attrgetter("key")):
            yield _of_one(key, group)


def _of_one(key: str, group: Iterable[Any]) -> Iterator[Look]:
    shown: tuple[str, ...] = ()
    for row in group:
        if row.shown is not None:
            shown = tuple(marks(row.shown))
        yield Look(list=key, url=row.url, record=row.record, observed_at=rows.at(row.observed_at), rows=shown)


def held_rows(database: Database, source: str, wanted: Iterable[str]) -> dict[str, Row]:
    """The articles that are held of some marks, by mark; of several addresses the first by key.

    Every held address of the source is looked at. A mark that two articles share is left out: nobody knows which it is.
    """
    names, found, shared = frozenset(wanted), dict[str, Row](), set[str]()
    query = select(locators.c.identity, locators.c.key, locators.c.url)
    query = query.where(locators.c.source == source, locators.c.held.is_not(None)).order_by(locators.c.key)
    if not names:
        return found
    with database.read() as connection:
        for row in connection.execute(query, execution_options=_STREAMED):
            name = mark(row.identity)
            if name in names:
                new = Row(identity=row.identity, key=row.key, url=row.url, title="")
                if found.setdefault(name, new).identity != row.identity:
                    shared.add(name)
        titles = {name: _title(connection, source, each.key) for name, each in found.items() if name not in shared}
    return {name: replace(found[name], title=title) for name, title in titles.items()}


def _title(connection: Connection, source: str, key: str) -> str:
    table = articles.c
    query = select(table.title).where(table.source == source, table.key == key, table.position == 0)
    return str(connection.execute(query.order_by(table.sha256).limit(1)).scalar() or "")


def marks_of(database: Database, source: str, keys: Iterable[str]) -> dict[str, str]:
    """The mark of each of some addresses: what a list that shows it has."""
    wanted, found = sorted(set(keys)), dict[str, str]()
    query = select(locators.c.key, locators.c.identity).where(locators.c.source == source)
    with database.read() as connection:
        for start in range(0, len(wanted), _BATCH):
            batch = query.where(locators.c.key.in_(wanted[start : start + _BATCH]))
            found.update((row.key, mark(row.identity)) for row in connection.execute(batch))
    return found


def answer_after(database: Database, source: str, keys: Sequence[str], at: datetime) -> tuple[str, Verdict] | None:
    """The first answer of some addresses of an article after a time: one that says whether it is there, else any; None without."""
    table = captures.c
    telling = table.verdict.in_((*_GOOD, *_GONE))
    query = (
        select(table.record, table.verdict)
        .where(
            table.source == source,
            table.key.in_(keys),
            table.role == Role.ARTICLE.value,
            table.observed_at > rows.moment(at),
        )
        .order_by(case((telling, 0), else_=1), table.observed_at, table.record)
        .limit(1)
    )
    with database.read() as connection:
        row = connection.execute(query).first()
    return (row.record, Verdict(row.verdict)) if row is not None else None
