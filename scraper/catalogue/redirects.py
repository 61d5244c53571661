"""From which addresses a redirect led to which: the chains of hops as the captures tell them.

Hides the hops in between: what counts is what was asked for and the good page it ended on.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, func, select

from scraper.catalogue.tables import captures
from scraper.model import Verdict

_BATCH = 400
_GOOD = frozenset((Verdict.ARTICLE.value, Verdict.UNCHANGED.value))


def redirects(connection: Connection, source: str, keys: list[str]) -> frozenset[tuple[str, str]]:
    """(asked, target) of every redirect from or to one of some addresses of a source that ended on a good page."""
    asked: dict[str, str] = {}
    reached: list[tuple[str, str]] = []
    table = captures.c
    # In these words, so that captures are found by their addresses: an index of anything else here leads to all of them.
    hops = (table.verdict == Verdict.MOVED.value) | (func.coalesce(table.redirected_from, "") != "")
    columns = (table.record, table.key, table.verdict, table.redirected_from)
    for batch in _batches(keys):
        query = select(*columns).where(table.source == source, table.key.in_(batch), hops)
        for row in connection.execute(query).all():
            if row.redirected_from is None:
                asked[row.record] = row.key
            elif row.verdict in _GOOD:
                reached.append((row.redirected_from, row.key))
    pairs = (*_onwards(connection, asked), *_backwards(connection, reached))
    return frozenset((one, other) for one, other in pairs if one != other)


def _onwards(connection: Connection, asked: dict[str, str]) -> Iterator[tuple[str, str]]:
    """From hops, by record with the key that was asked for, to the good pages they ended on."""
    table = captures.c
    while asked:
        further: dict[str, str] = {}
        for batch in _batches(list(asked)):
            query = select(table.record, table.key, table.verdict, table.redirected_from)
            for row in connection.execute(query.where(table.redirected_from.in_(batch))).all():
                if row.verdict in _GOOD:
                    yield asked[row.redirected_from], row.key
                else:
                    further[row.record] = asked[row.redirected_from]
        asked = further


def _backwards(connection: Connection, reached: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """From good pages, by the record that led there with their own key, to what was asked for."""
    table = captures.c
    while reached:
        before: dict[str, tuple[str, str | None]] = {}
        for batch in _batches(sorted({record for record, _ in reached})):
            query = select(table.record, table.key, table.redirected_from).where(table.record.in_(batch))
            before.update((row.record, (row.key, row.redirected_from)) for row in connection.execute(query).all())
        hops = [(before[record], target) for record, target in reached if record in before]
        yield from ((key, target) for (key, earlier), target in hops if earlier is None)
        reached = [(earlier, target) for (_, earlier), target in hops if earlier is not None]


def _batches(items: list[str]) -> Iterator[list[str]]:
    return (items[start : start + _BATCH] for start in range(0, len(items), _BATCH))
