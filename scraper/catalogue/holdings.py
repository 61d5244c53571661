"""How far every locator is held: the one query that completeness rests on.

Hides the joins of visits, good captures, the snapshots they stand for, and what was read from them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select

from scraper.catalogue import rows
from scraper.catalogue.database import Database
from scraper.catalogue.tables import articles, captures, locators, readings, sightings


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """How far we have one locator: the join of its visits, its newest good snapshot and what was read from it."""

    source: str
    key: str
    url: str
    identity: str
    title: str
    published: str | None
    first_seen_at: datetime
    evidence: str | None
    attempts: int
    held: str | None
    reason: str
    gone: int
    sha256: str | None
    outcome: str | None
    detail: str | None


def holdings(database: Database, source: str) -> Iterator[Holding]:
    """Every locator of a source with how far we have it, in key order."""
    with database.read() as connection:
        evidence = select(sightings).where(sightings.c.source == source).order_by(sightings.c.key, sightings.c.origin)
        shown = connection.execute(evidence).mappings().all()
        found = connection.execute(_holdings(source)).mappings().all()
    best: dict[str, rows.Row] = {}
    for row in shown:
        before = best.get(row["key"])
        if before is None or (before["published"] is None, before["first_seen_at"]) > (
            row["published"] is None,
            row["first_seen_at"],
        ):
            best[row["key"]] = row
    for row in found:
        yield _holding(row, best.get(row["key"]))


def _holdings(source: str) -> Select[Any]:
    good, base = captures.alias("good"), captures.alias("base")
    sha = func.coalesce(good.c.sha256, base.c.sha256)
    key = func.coalesce(base.c.key, good.c.key)
    first = articles.alias("first")
    return (
        select(locators, sha.label("sha256"), readings.c.outcome, readings.c.detail, first.c.title, first.c.published)
        .outerjoin(good, good.c.record == locators.c.held)
        .outerjoin(base, base.c.record == good.c.confirms)
        .outerjoin(
            readings, (readings.c.source == locators.c.source) & (readings.c.key == key) & (readings.c.sha256 == sha)
        )
        .outerjoin(
            first,
            (first.c.source == locators.c.source)
            & (first.c.key == key)
            & (first.c.sha256 == sha)
            & (first.c.position == 0),
        )
        .where(locators.c.source == source)
        .order_by(locators.c.key)
    )


def _holding(row: rows.Row, shown: rows.Row | None) -> Holding:
    return Holding(
        source=row["source"],
        key=row["key"],
        url=row["url"],
        identity=row["identity"],
        title=row["title"] or (shown["title"] if shown else None) or "",
        published=row["published"] or (shown["published"] if shown else None),
        first_seen_at=rows.at(row["first_seen_at"]),
        evidence=shown["first_capture"] if shown else row["held"],
        attempts=row["attempts"],
        held=row["held"],
        reason=row["reason"],
        gone=row["gone"],
        sha256=row["sha256"],
        outcome=row["outcome"],
        detail=row["detail"],
    )


def obstacles(database: Database) -> tuple[tuple[str, int], ...]:
    """What answers came instead of pages, and how many of each: verdicts that are neither a page nor a 304, or failures."""
    what = func.coalesce(captures.c.failure, captures.c.verdict)
    usual = ("article", "listing", "robots", "unchanged")
    query = (
        select(what.label("what"), func.count().label("times")).where(captures.c.verdict.not_in(usual)).group_by(what)
    )
    with database.read() as connection:
        return tuple((row.what, row.times) for row in connection.execute(query.order_by("what")))
