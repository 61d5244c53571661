"""Look: the captures of a URL over time, the difference of two of them, and the list of edits and deletions.

Hides how a URL or a digest leads to captures. Writes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from scraper import urls
from scraper.archive.records import PREFIX
from scraper.catalogue import clusters, queries
from scraper.errors import CatalogueError, UsageError
from scraper.jobs.listed import by_lists
from scraper.jobs.services import Services
from scraper.model import Article, Capture, Change, Report, Source
from scraper.policy import compare
from scraper.policy.mass import with_mass_deletions
from scraper.policy.selection import EVERYTHING, Selection
from scraper.policy.swaps import Turn, turns, with_swaps

_TOGETHER = 100
"""Addresses whose histories are in memory at a time."""
_DIGEST = re.compile(r"[0-9a-f]{6,64}")
_RECORD = re.compile(r"(?:captures/.*/)?\d{9}-([0-9a-f]{16})(?:\.json)?")


def captures(services: Services, subject: str) -> tuple[Capture, ...]:
    """All captures of a URL, of a snapshot digest (six hex digits or more), of a record's name or of an article's id.

    Oldest first, those of an article address by address.

    UsageError where there is none; CatalogueError where the catalogue is empty and the store is not.
    """
    digits = _digits(subject)
    if digits:
        records = queries.by_digest(services.database, digits)
    else:
        records = _of_article(services, subject) or queries.of_locator(services.database, _key(subject))
    if not records:
        require_index(services)
        remedy = "see `scraper show URL` for those there are" if digits else f"to fetch it: scraper fetch '{subject}'"
        raise UsageError(f"nothing is archived of {subject}; {remedy}")
    return tuple(services.archive.record(record) for record in records)


def body(services: Services, subject: str) -> bytes:
    """The bytes of the newest capture of a URL or digest that has any: a good page before an error page."""
    found = captures(services, subject)
    whole = [capture for capture in found if capture.sha256 is not None]
    if not whole:
        raise UsageError(f"no capture of {subject} brought any bytes: see `scraper show {subject}`")
    best = max(whole, key=lambda capture: (capture.verdict.readable, capture.observed_at))
    return services.archive.body(best.sha256 or "")


def difference(services: Services, subject: str, first: str | None = None, second: str | None = None) -> Change:
    """The newest difference between two captures of a URL, or that between two named captures.

    `first` and `second` are parts of record keys or beginnings of snapshot digests; of only one named, the other is
    the oldest or the newest reading. UsageError where there are not two readings to compare, or no difference at all.
    """
    one = captures(services, subject)[0]
    seen = [item for item in queries.observations(services.database, one.source, one.key) if item.article is not None]
    if seen and (first or second):
        seen = [
            _chosen(seen, first, subject) if first else seen[0],
            _chosen(seen, second, subject) if second else seen[-1],
        ]
    if len(seen) < 2:
        raise UsageError(f"fewer than two readable captures of {subject}: see `scraper show {subject}`")
    found = [change for change in compare.changes(seen) if change.operations]
    if not found:
        raise UsageError(f"the readable captures of {subject} all have the same text")
    return found[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of the two versions of a change: the capture that shows it, and what was read of that."""

    capture: Capture
    article: Article


def sides(services: Services, change: Change) -> tuple[Side, Side]:
    """Both versions of a change of words."""
    captures = services.archive.record(change.before), services.archive.record(change.after)
    old, new = (queries.articles_of(services.database, one.source, one.key, one.sha256 or "") for one in captures)
    # A page may hold several: the change is that of the two whose words it has.
    before, after = next((one, other) for one in old for other in new if compare.words(one, other) == change.operations)
    return Side(capture=captures[0], article=before), Side(capture=captures[1], article=after)


def changes(
    services: Services, sources: Sequence[Source], wanted: Selection = EVERYTHING, *, newest: int | None = None
) -> Report:
    """The wanted changes among the captures of some sources, by the time they were seen; of them the `newest` so many.

    Where a number is given, no more than that are ever in memory, and those of one source.
    """
    require_index(services)
    started_at = services.clock.now()
    kept: list[Change] = []
    for source in sources:
        zone = ZoneInfo(source.timezone)
        kept.extend(change for change in of_source(services, source) if wanted.takes(change, zone))
        kept.sort(key=lambda item: (item.after_at, item.key))
        kept = kept[-newest:] if newest else kept
    return Report(
        job="changes",
        started_at=started_at,
        ended_at=services.clock.now(),
        counts=tuple(
            (kind, sum(change.kind == kind for change in kept)) for kind in sorted({change.kind for change in kept})
        ),
        changes=tuple(kept),
    )


def of_source(services: Services, source: Source, since: datetime | None = None) -> tuple[Change, ...]:
    """The changes of a source; of those articles alone that were asked for since then, where a time is given.

    Such a time lies 94 days back or more: a mass deletion is told by what the 90 days before it had.
    """
    found: list[Change] = []
    turned: list[Turn] = []
    keys = [key for _, key in queries.changed_locators(services.database, [source.id], since)]
    for start in range(0, len(keys), _TOGETHER):
        batch = {
            key: queries.observations(services.database, source.id, key) for key in keys[start : start + _TOGETHER]
        }
        others = elsewhere(services, source.id, batch)
        for key, history in batch.items():
            here = compare.changes(history, others.get(key, ()))
            found.extend(here)
            turned.extend(turns(history, here))
    found.extend(by_lists(services, source, found, since))
    return with_mass_deletions(with_swaps(found, turned))


def elsewhere(
    services: Services, source: str, histories: Mapping[str, Sequence[compare.Observation]]
) -> dict[str, list[compare.Observation]]:
    """The captures of the other addresses of those articles that left the address of their history, by that address."""
    left = [key for key, history in histories.items() if any(compare.leaves(seen) for seen in history)]
    beside = clusters.beside(services.database, source, left) if left else {}
    return {
        key: [seen for other in sorted(others) for seen in queries.observations(services.database, source, other)]
        for key, others in beside.items()
    }


def require_index(services: Services) -> None:
    """CatalogueError where the catalogue is empty and the store is not: what it answers would be wrong."""
    if queries.knows_anything(services.database) or next(services.archive.store.list(PREFIX), None) is None:
        return
    raise CatalogueError(
        f"catalogue {services.database.name} knows nothing of the archive at {services.archive.store.url}: run `scraper rebuild`"
    )


def _digits(subject: str) -> str:
    """The hex digits by which a digest or a record's name finds captures; empty for what is neither."""
    record = _RECORD.fullmatch(subject)
    return record[1] if record else subject if _DIGEST.fullmatch(subject) else ""


def _of_article(services: Services, name: str) -> tuple[str, ...]:
    """The captures of an article that was cited by its id."""
    if "://" in name:
        return ()
    places = dict.fromkeys(
        (source, address.key)
        for source, key in clusters.named(services.database, name)
        for cluster in clusters.around(services.database, source, [key])
        for address in cluster.addresses
    )
    return tuple(record for source, key in places for record in queries.of_locator(services.database, key, source))


def _key(subject: str) -> str:
    try:
        return urls.key(subject)
    except ValueError as error:
        raise UsageError(
            f"{subject!r} is no URL, no digest of six hex digits or more, no article's id, and no file: name one of them"
        ) from error


def _chosen(seen: Sequence[compare.Observation], end: str, subject: str) -> compare.Observation:
    found = [
        item for item in seen if end in item.record or (item.article and item.article.snapshot_sha256.startswith(end))
    ]
    if not found:
        raise UsageError(f"no readable capture of {subject} is named {end!r}: see `scraper show {subject}`")
    return found[0]
