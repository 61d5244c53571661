"""Vitals: is every source still read as it was? Rates and lengths by layout, and what stands against a source now.

Hides where the numbers come from: the newest pages the catalogue knows, so that a tick of the daemon may ask every time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import takewhile

from scraper.catalogue.newest import NewestRead, lists_read, looked, newest_article_at, newest_read
from scraper.catalogue.reading import CRASHED, LAYOUT_CHANGED, NOT_AN_ARTICLE
from scraper.catalogue.sweep import verified as verified_articles
from scraper.jobs.canaries import sing
from scraper.jobs.services import Services, Step
from scraper.model import Finding, LayoutVitals, Report, Severity, Source
from scraper.policy import rhythm, sweep, vitals
from scraper.policy.rhythm import Looks

ALARMS = frozenset({"blind", "silent", "collapsed", "canary"})
"""Kinds of findings that stand against a source until somebody mends its layout: the daemon is not well while they do."""

_UNREAD = (LAYOUT_CHANGED, CRASHED)
_DAY = timedelta(days=1)
_IN_A_ROW = 2
"""Pages in a row that cannot be read: one may be of a kind that nobody has declared, two of them are the template."""
_MEND = "write a layout for it (docs/adding-a-source.md), then: scraper reparse --dry-run"


def measure(services: Services, sources: Sequence[Source]) -> Report:
    """The rates and lengths of each layout of some sources, with a finding for everything that stands against one.

    Beside them how well the sweep is kept: a note, which is no alarm.
    """
    started_at = services.clock.now()
    found: list[LayoutVitals] = []
    findings: list[Finding] = []
    levels: list[str] = []
    pages = 0
    for number, source in enumerate(sources):
        services.progress(Step(job="vitals", source="", done=number, total=len(sources), text=source.name))
        read = tuple(newest_read(services.database, source.id))
        pages += len(read)
        found.extend(_measured(source, read))
        findings.extend((*_standing(services, source, read), *sing(services, [source])))
        verified = verified_articles(services.database, source.id, started_at, source.sweep)
        levels.append(sweep.level(source, verified, started_at))
        findings.extend(sweep.shortfalls(source, verified, started_at))
    return Report(
        job="vitals",
        started_at=started_at,
        ended_at=services.clock.now(),
        counts=(("pages", pages), ("layouts", len(found)), ("alarms", sum(each.kind in ALARMS for each in findings))),
        findings=tuple(findings),
        notes=tuple(levels),
        vitals=tuple(found),
    )


def standing(services: Services, source: Source) -> tuple[Finding, ...]:
    """What stands against a source now: it cannot be read, brings nothing, or a field of its articles has collapsed."""
    return tuple(_standing(services, source, tuple(newest_read(services.database, source.id))))


def _measured(source: Source, read: Sequence[NewestRead]) -> tuple[LayoutVitals, ...]:
    return vitals.vitals(source.id, (vitals.measured(article) for page in read for article in page.articles))


def _standing(services: Services, source: Source, read: Sequence[NewestRead]) -> Iterator[Finding]:
    span = looked(services.database, source.id)
    if span is not None:
        yield from _blind_lists(services, source, span[1])
    yield from _blind_articles(source, read)
    newest = newest_article_at(services.database, source.id)
    quiet = rhythm.silent(source, newest, Looks(first=span[0], last=span[1]) if span else None)
    if quiet is not None:
        yield quiet
    yield from vitals.alarms(_measured(source, read))


def _blind_articles(source: Source, read: Sequence[NewestRead]) -> Iterator[Finding]:
    """The newest pages of articles, where none of several in a row could be read."""
    pages = [page for page in read if page.outcome != NOT_AN_ARTICLE]
    unread = list(takewhile(lambda page: page.outcome in _UNREAD, pages))
    if len(unread) >= _IN_A_ROW or (unread and len(unread) == len(pages)):
        reason = f"none of its newest {len(unread)} pages of articles could be read; of the newest: {unread[0].detail}"
        yield _blind(source, source.id, reason)


def _blind_lists(services: Services, source: Source, last_look: datetime) -> Iterator[Finding]:
    """The lists of the last day whose newest page could not be read: new articles would not be seen."""
    for one in lists_read(services.database, source.id, last_look - _DAY):
        if one.outcome in _UNREAD:
            yield _blind(source, one.url, f"this list cannot be read, so nothing new is seen: {one.detail}")


def _blind(source: Source, subject: str, reason: str) -> Finding:
    return Finding(
        kind="blind", severity=Severity.MISSING, source=source.id, subject=subject, reason=reason, repair=_MEND
    )
