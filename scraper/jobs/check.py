"""Check: what was expected, what is held, what is damaged, and when nobody was looking.

Hides how what the catalogue knows of an address becomes an expected article. The judgement itself is `policy.audit`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from scraper.archive.snapshots import snapshot_key
from scraper.catalogue.holdings import Holding, by_article
from scraper.catalogue.reading import ARTICLES
from scraper.errors import UsageError
from scraper.jobs.canaries import sing
from scraper.jobs.damage import damage
from scraper.jobs.services import Services, Step
from scraper.jobs.take import is_article
from scraper.jobs.verified import Reading, Share, read_share
from scraper.jobs.vitals import standing
from scraper.jobs.watching import interrupted
from scraper.jobs.watching import watch as watch_over
from scraper.model import DayCount, Finding, Origin, Report, Severity, Sighting, Source
from scraper.policy import rhythm
from scraper.policy.audit import SETS, Expected, audit, furthest, with_inferred
from scraper.policy.gaps import DAMAGED, Gap, not_held, not_readable
from scraper.policy.serials import Serials
from scraper.policy.unobserved import Watch
from scraper.policy.usual import Usual, with_usual

Days = tuple[date | None, date | None]
"""The first and the last outlet day that is asked about; None where there is no bound."""

_STEP = 1_000
_EVIDENCE = ("listed", "related", "mirrored", "inferred")
_BESIDE = {Origin.RELATED.value, Origin.MIRROR.value}
"""Kinds of evidence that are no list of the outlet itself; of one that has both, its own pages are the better."""


def check(
    services: Services,
    sources: Sequence[Source],
    *,
    since: date | None = None,
    until: date | None = None,
    share: Share | None = None,
) -> Report:
    """Report per source and outlet day what is expected, known, held, intact and readable, with a reason for each gap.

    A `share` of the store's objects is read and each checked by its digest; without it, only presence is checked. Errors: UsageError for days the wrong way round.
    """
    return judged(services, sources, (since, until), stored(services, sources, (since, until), share))


def stored(services: Services, sources: Sequence[Source], days: Days, share: Share | None) -> Reading:
    """What the share of the store comes to that is to be read; of all that is archived where all sources are checked.

    Errors: UsageError for days the wrong way round.
    """
    since, until = days
    if since and until and since > until:
        raise UsageError(f"--since {since} lies after --until {until}: give the earlier day as --since")
    if share is None:
        return Reading()
    ids = {source.id for source in sources}
    return read_share(services, share, None if ids == {source.id for source in services.config.sources} else ids)


def judged(services: Services, sources: Sequence[Source], asked: Days, reading: Reading) -> Report:
    """The report over what the catalogue knows, what the store has, and what came of reading it."""
    since, until = asked
    started_at = services.clock.now()
    found = (*reading.findings, *damage(services, sources))
    damaged = frozenset(finding.subject for finding in found if finding.severity is Severity.DAMAGED)
    watches = [watch for source in sources for watch in watch_over(services, source, since, until)]
    serials = [Serials(source.id) for source in sources]
    usual = [Usual(source) for source in sources]
    expected = (item for one in zip(usual, serials, strict=True) for item in _expected(services, *one, damaged))
    wanted = (item for item in expected if (not since or item.day >= since) and (not until or item.day <= until))
    days, findings = audit(wanted, watches)
    inferred = [(row.source, *row.inferred(since, until)) for row in serials]
    days = with_inferred(days, {(source, day): many for source, by_day, _ in inferred for day, many in by_day.items()})
    days, few = _unusually_few(usual, days, watches, asked)
    unlisted = [finding for _, _, skipped in inferred for finding in skipped]
    unusual = [finding for source in sources for finding in _unusual(source, days, watches)]
    unseen = [finding for source in sources for finding in interrupted(services, source, since, until)]
    of_now = (*_never_looked(sources, watches), *_unwell(services, sources, until))
    return Report(
        job="check",
        started_at=started_at,
        ended_at=services.clock.now(),
        counts=(
            *((name, sum(getattr(day, name) for day in days)) for name in (*SETS, *_EVIDENCE)),
            *reading.counts(),
        ),
        days=days,
        findings=(*found, *findings, *unusual, *of_now, *unlisted, *few, *unseen),
        notes=reading.notes,
    )


def _expected(services: Services, usual: Usual, serials: Serials, damaged: frozenset[str]) -> Iterator[Expected]:
    """Every article of a source once, as far as the best of its addresses is held; `usual` is told all days, `serials` all identities."""
    source = usual.source
    zone = ZoneInfo(source.timezone)
    for number, (article, found) in enumerate(by_article(services.database, source.id)):
        if number % _STEP == 0:
            services.progress(Step(job="check", source=source.id, done=number, total=None, text=source.name))
        for holding in found:
            serials.add(holding.identity, holding.evidence)
        best = furthest([_item(holding, article, zone, damaged) for holding in found])
        if not best.readable:
            holding = next(each for each in found if each.url == best.url)
            gap = _gap(services, source, holding, intact=best.intact)
            best = replace(best, cause=gap.cause, reason=gap.reason)
        usual.add(best.day, held=best.held)
        only = _only({origin for each in found for origin in each.origins})
        yield best if only is None else replace(best, only=only)


def _only(origins: set[str]) -> Origin | None:
    if not origins or origins - _BESIDE:
        return None
    return Origin.RELATED if Origin.RELATED.value in origins else Origin.MIRROR


def _item(holding: Holding, article: str, zone: ZoneInfo, damaged: frozenset[str]) -> Expected:
    intact = holding.sha256 is not None and not (damaged and snapshot_key(holding.sha256) in damaged)
    return Expected(
        source=holding.source,
        key=article,
        url=holding.url,
        title=holding.title,
        day=_day(holding.published, zone) if holding.published else holding.first_seen_at.astimezone(zone).date(),
        evidence=holding.evidence,
        held=holding.held is not None,
        intact=intact,
        readable=intact and holding.outcome == ARTICLES,
    )


def _gap(services: Services, source: Source, holding: Holding, *, intact: bool) -> Gap:
    if holding.held is None:
        owner = services.config.owner(holding.url)
        shown = Sighting(url=holding.url, origin=Origin.LISTING, title=holding.title or None)
        in_scope = owner is not None and owner.id == source.id and is_article(source, shown)
        return not_held(holding.reason, holding.attempts, holding.tried_since, in_scope=in_scope)
    return not_readable(holding.outcome, holding.detail) if intact else DAMAGED


def _day(published: str, zone: ZoneInfo) -> date:
    """The outlet's day of an ISO date or datetime: a moment in another zone may be of the next or the last day."""
    if len(published) == len("2026-08-22"):
        return date.fromisoformat(published)
    moment = datetime.fromisoformat(published)
    return moment.astimezone(zone).date() if moment.tzinfo else moment.date()


def _unusually_few(
    usual: Iterable[Usual], days: Sequence[DayCount], watches: Iterable[Watch], asked: Days
) -> tuple[tuple[DayCount, ...], list[Finding]]:
    """The days with what is usual on those that no list shows as a whole, and a note for each that has fewer."""
    by_source = {watch.source: watch for watch in watches}
    unobserved = {(day.source, day.day) for day in days if day.unobserved}
    ranges: dict[tuple[str, date], tuple[int, int]] = {}
    notes: list[Finding] = []
    for one in usual:
        watched = by_source.get(one.source.id)

        def unseen(day: date, source: str = one.source.id, watched: Watch | None = watched) -> bool:
            return (source, day) in unobserved or watched is None or watched.before(day)

        found, few = one.unusual(*asked, unseen)
        ranges.update(((one.source.id, day), usual_then) for day, usual_then in found.items())
        notes.extend(few)
    return with_usual(days, ranges), notes


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


def _never_looked(sources: Sequence[Source], watches: Sequence[Watch]) -> Iterator[Finding]:
    seen = {watch.source for watch in watches if watch.looked_at}
    for source in sources:
        if source.id not in seen and source.discover:
            yield Finding(
                kind="unobserved",
                severity=Severity.UNOBSERVED,
                source=source.id,
                subject=source.id,
                reason="no listing of this source was ever seen",
                repair=f"scraper crawl {source.id}",
            )
