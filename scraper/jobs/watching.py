"""When somebody looked at a source, and what its lists showed: the evidence that a report of unobserved hours rests on.

Hides which of the lists' looks make up for each other. The judgement itself is `policy.unobserved` and `policy.lists`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import chain
from zoneinfo import ZoneInfo

from scraper.catalogue import lists, queries
from scraper.catalogue.asked import asked
from scraper.jobs.services import Services
from scraper.model import Finding, Source
from scraper.policy.interruptions import interruptions
from scraper.policy.lists import MovedOn, joined, moving, seen_elsewhere, shown_whole, walks, whole_days, within
from scraper.policy.unobserved import Watch, thinned

_PATIENCE = timedelta(hours=6)


def watch(services: Services, source: Source, since: date | None, until: date | None) -> Iterator[Watch]:
    """The watch over a source's days; none where nobody ever looked and no day is asked about."""
    database = services.database
    patience = _patience(source)
    looked_at = thinned(queries.looked_at(database, source.id), patience)
    if not looked_at and since is None:
        return
    zone = ZoneInfo(source.timezone)
    now = services.clock.now()
    today = now.astimezone(zone).date()
    walked = walks(lists.walked(database, source.id))
    moves: list[MovedOn] = []
    whole = shown_whole(chain(moving(lists.looks(database, source.id), moves), walked), source.timezone)
    missed = (
        moved
        for moved in moves
        if not within(whole, moved.since, moved.until)
        and not seen_elsewhere(moved, lists.around(database, source.id, moved))
    )
    yield Watch(
        source=source.id,
        timezone=source.timezone,
        since=since or looked_at[0].astimezone(zone).date(),
        until=min(until or today, today),
        now=now,
        looked_at=looked_at,
        covered=whole_days(whole, source.timezone),
        patience=patience,
        missed=tuple(joined(missed)),
    )


def interrupted(services: Services, source: Source, since: date | None, until: date | None) -> Iterator[Finding]:
    """Why lists were not seen, of the days that are asked about."""
    zone = ZoneInfo(source.timezone)
    for each in interruptions(asked(services.database, source.id), _patience(source), services.clock.now()):
        first = each.since.astimezone(zone).date()
        last = each.until.astimezone(zone).date() if each.until else None
        if (not since or last is None or last >= since) and (not until or first <= until):
            yield each.finding(source.id, zone)


def _patience(source: Source) -> timedelta:
    """How long an article may come and go before hours count as unobserved."""
    return max(_PATIENCE, 3 * source.every)
