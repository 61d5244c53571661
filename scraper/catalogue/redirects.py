"""From which addresses a redirect led to which: the chains of hops as the captures tell them.

Hides the hops in between: what counts is what was asked for and the good page it ended on.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, select

from scraper.catalogue.tables import captures
from scraper.model import Role, Verdict

_BATCH = 400
_GOOD = frozenset((Verdict.ARTICLE.value, Verdict.UNCHANGED.value))


def redirects(connection: Connection, source: str, keys: list[str]) -> frozenset[tuple[str, str]]:
    """(asked, target) of every redirect from or to one of some addresses of a source that ended on a good page."""
    found: set[tuple[str, str]] = set()
    for start in range(0, len(keys), _BATCH):
        batch = keys[start : start + _BATCH]
        found.update(_from(connection, source, batch))
        found.update(_to(connection, source, batch))
    return frozenset((asked, target) for asked, target in found if asked != target)


def _from(connection: Connection, source: str, keys: list[str]) -> Iterator[tuple[str, str]]:
    table = captures.c
    hops = select(table.record, table.key).where(
        table.source == source,
        table.key.in_(keys),
        table.role == Role.ARTICLE.value,
        table.verdict == Verdict.MOVED.value,
        table.redirected_from.is_(None),
    )
    asked = {row.record: row.key for row in connection.execute(hops)}
    while asked:
        further: dict[str, str] = {}
        for batch in _batches(list(asked)):
            query = select(table.record, table.key, table.verdict, table.redirected_from)
            for row in connection.execute(query.where(table.redirected_from.in_(batch))):
                if row.verdict in _GOOD:
                    yield asked[row.redirected_from], row.key
                else:
                    further[row.record] = asked[row.redirected_from]
        asked = further


def _to(connection: Connection, source: str, keys: list[str]) -> Iterator[tuple[str, str]]:
    table = captures.c
    ends = select(table.key, table.redirected_from).where(
        table.source == source,
        table.key.in_(keys),
        table.role == Role.ARTICLE.value,
        table.verdict.in_(_GOOD),
        table.redirected_from.is_not(None),
    )
    targets = [(row.redirected_from, row.key) for row in connection.execute(ends)]
    while targets:
        before: dict[str, tuple[str, str | None]] = {}
        for batch in _batches(sorted({record for record, _ in targets})):
            query = select(table.record, table.key, table.redirected_from).where(table.record.in_(batch))
            before.update((row.record, (row.key, row.redirected_from)) for row in connection.execute(query))
        hops = [(before[record], target) for record, target in targets if record in before]
        yield from ((key, target) for (key, earlier), target in hops if earlier is None)
        targets = [(earlier, target) for (_, earlier), target in hops if earlier is not None]


def _batches(items: list[str]) -> Iterator[list[str]]:
    return (items[start : start + _BATCH] for start in range(0, len(items), _BATCH))
