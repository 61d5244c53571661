"""Check: what was expected, what is held, what is damaged, and when nobody was looking.

Hides how the store and the catalogue are held against each other. The judgement itself is `policy.audit`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from scraper.archive.snapshots import snapshot_key
from scraper.archive.verify import verify
from scraper.catalogue import queries
from scraper.catalogue.clusters import names
from scraper.catalogue.holdings import Holding, holdings
from scraper.catalogue.reading import ARTICLES
from scraper.errors import UsageError
from scraper.jobs.canaries import sing
from scraper.jobs.services import Services, Step
from scraper.jobs.vitals import standing
from scraper.model import DayCount, Finding, Report, Severity, Source
from scraper.policy import rhythm, verdicts
from scraper.policy.audit import Expected, Watch, audit, one_of_each

_PATIENCE = timedelta(hours=6)
_SNAPSHOTS = "snapshots/"
_CAPTURES = "captures/"


def check(
    services: Services,
    sources: Sequence[Source],
    *,
    since: date | None = None,
    until: date | None = None,
    read_data: bool = False,
) -> Report:
    """Report per source and outlet day what is expected, known, held, intact and readable, with a reason for each gap.

    `read_data` reads every snapshot and record of the store and checks its digest; without it, only presence is
    checked. Errors: UsageError for days the wrong way round.
    """
    if since and until and since > until:
        raise UsageError(f"--since {since} lies after --until {until}: give the earlier day as --since")
    started_at = services.clock.now()
    damage = tuple(_damage(services, sources, read_data=read_data))
    damaged = {finding.subject for finding in damage if finding.severity is Severity.DAMAGED}
    expected: list[Expected] = []
    watches: list[Watch] = []
    for source in sources:
        services.progress(Step(job="check", source=source.id, done=len(watches), total=len(sources), text=source.name))
        items = [
            item
            for item in _expected(services, source, damaged)
            if (since is None or item.day >= since) and (until is None or item.day <= until)
        ]
        expected.extend(one_of_each(items))
        watches.extend(_watch(services, source, items, since, until))
    days, findings = audit(expected, watches)
    unusual = [finding for source in sources for finding in _unusual(source, days, watches)]
    return Report(
        job="check",
        started_at=started_at,
        ended_at=services.clock.now(),
        counts=_totals(expected),
        days=days,
        findings=(*damage, *findings, *unusual, *_never_looked(services, sources), *_unwell(services, sources, until)),
    )


def _expected(services: Services, source: Source, damaged: set[str]) -> Iterator[Expected]:
    zone = ZoneInfo(source.timezone)
    articles = names(services.database, source.id)
    for holding in holdings(services.database, source.id):
        intact = holding.sha256 is not None and snapshot_key(holding.sha256) not in damaged
        readable = intact and holding.outcome == ARTICLES
        day = _day(holding.published, zone) if holding.published else holding.first_seen_at.astimezone(zone).date()
        yield Expected(
            source=source.id,
            key=articles.get(holding.key, holding.identity),
            url=holding.url,
            title=holding.title,
            day=day,
            evidence=holding.evidence,
            held=holding.held is not None,
            intact=intact,
            readable=readable,
            reason=_reason(holding, intact=intact),
        )


def _day(published: str, zone: ZoneInfo) -> date:
    """The outlet's day of an ISO date or datetime: a moment in another zone may be of the next or the last day."""
    if len(published) == len("2026-08-22"):
        return date.fromisoformat(published)
    moment = datetime.fromisoformat(published)
    return moment.astimezone(zone).date() if moment.tzinfo else moment.date()


def _reason(holding: Holding, *, intact: bool) -> str:
    if holding.held is None:
        then = verdicts.named(holding.reason)
        gone_first = then is not None and then.again is verdicts.Again.CONFIRM
        return "gone before it could be captured" if gone_first else _failing(holding)
    if not intact:
        return "its snapshot is missing or damaged"
    return holding.detail or holding.outcome or "archived, but not read yet"


def _failing(holding: Holding) -> str:
    if holding.attempts == 0:
        return holding.reason
    return f"{holding.reason} (tried {'once' if holding.attempts == 1 else f'{holding.attempts} times'})"


def _watch(
    services: Services, source: Source, items: Iterable[Expected], since: date | None, until: date | None
) -> Iterator[Watch]:
    looked_at = queries.looked_at(services.database, source.id)
    if not looked_at and since is None:
        return
    zone = ZoneInfo(source.timezone)
    now = services.clock.now()
    first_look = looked_at[0].astimezone(zone).date() if looked_at else now.astimezone(zone).date()
    yield Watch(
        source=source.id,
        timezone=source.timezone,
        since=since or first_look,
        until=min(until or now.astimezone(zone).date(), now.astimezone(zone).date()),
        now=now,
        looked_at=looked_at,
        # What listings showed of the days up to the first look: nobody could look earlier, the listing itself is the evidence.
        covered=frozenset(item.day for item in items if looked_at and item.day <= first_look),
        patience=max(_PATIENCE, 3 * source.every),
    )


def _unusual(source: Source, days: Sequence[DayCount], watches: Iterable[Watch]) -> Iterable[Finding]:
    """The days with fewer or more items than the source declares."""
    looked_at = next((watch.looked_at for watch in watches if watch.source == source.id), ())
    return rhythm.unusual(source, days, rhythm.looks(looked_at))


def _unwell(services: Services, sources: Sequence[Source], until: date | None) -> Iterator[Finding]:
    """What stands against the sources now, and the canaries that read otherwise; nothing of it is asked of the past."""
    if until is None:
        for source in sources:
            yield from standing(services, source)
    yield from sing(services, sources)


def _never_looked(services: Services, sources: Sequence[Source]) -> Iterator[Finding]:
    for source in sources:
        if not queries.looked_at(services.database, source.id) and source.discover:
            yield Finding(
                kind="unobserved",
                severity=Severity.UNOBSERVED,
                source=source.id,
                subject=source.id,
                reason="no listing of this source was ever seen",
                repair=f"scraper crawl {source.id}",
            )


def _damage(services: Services, sources: Sequence[Source], *, read_data: bool) -> Iterator[Finding]:
    stored = set(services.archive.store.list(_SNAPSHOTS))
    recorded = set(services.archive.store.list(_CAPTURES))
    known = set(queries.records(services.database))
    ids = _filed_under(services, sources, recorded | known)
    if read_data:
        yield from (
            finding
            for finding in verify(services.archive, read_data=True)
            if not finding.source or finding.source in ids
        )
    for digest, record in queries.snapshots(services.database):
        key = snapshot_key(digest)
        if key not in stored and not read_data and record.split("/")[1] in ids:
            yield Finding(
                kind="missing-snapshot",
                severity=Severity.DAMAGED,
                source=record.split("/")[1],
                subject=key,
                reason=f"the store does not have the snapshot that {record} names",
                repair="restore it from a backup of the store",
            )
    yield from _index_differences(recorded, known, ids)


def _filed_under(services: Services, sources: Sequence[Source], records: Iterable[str]) -> set[str]:
    """The ids whose objects are looked at: of all sources, also those of pages fetched by hand and of undeclared ones."""
    ids = {source.id for source in sources}
    if ids == {source.id for source in services.config.sources}:
        ids |= {record.split("/")[1] for record in records}
    return ids


def _index_differences(recorded: set[str], known: set[str], ids: set[str]) -> Iterator[Finding]:
    for record in sorted(known - recorded):
        source = record.split("/")[1]
        if source in ids:
            yield Finding(
                kind="missing-record",
                severity=Severity.DAMAGED,
                source=source,
                subject=record,
                reason="the catalogue names a capture record that the store does not have",
                repair="restore it from a backup of the store",
            )
    unknown = recorded - known
    if unknown:
        yield Finding(
            kind="unindexed",
            severity=Severity.NOTE,
            source="",
            subject=min(unknown),
            reason=f"{len(unknown)} capture records of the store are not in the catalogue",
            repair="scraper rebuild",
        )


def _totals(expected: Sequence[Expected]) -> tuple[tuple[str, int], ...]:
    return (
        ("expected", len(expected)),
        ("known", sum(item.known for item in expected)),
        ("held", sum(item.held for item in expected)),
        ("intact", sum(item.intact for item in expected)),
        ("readable", sum(item.readable for item in expected)),
    )
