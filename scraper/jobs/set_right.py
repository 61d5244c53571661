"""Set right: what `check --repair` does about what `check` found.

Hides the order: objects are put back from good copies, pages that were archived but never read are read, what then is still
missing is put in line for the next crawl. Each of these is harmless to do again, so that one that was killed is done again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from scraper import urls
from scraper.archive.snapshots import snapshot_key
from scraper.archive.store import Store
from scraper.catalogue import queue
from scraper.catalogue.holdings import held_digest
from scraper.catalogue.queue import Queued
from scraper.jobs.check import Days, judged, stored
from scraper.jobs.leftovers import read_leftovers
from scraper.jobs.repair import MENDABLE, repair
from scraper.jobs.services import Services
from scraper.jobs.verified import Share
from scraper.model import Cause, Finding, Report, Severity, Source

_CAN_BE_FETCHED = frozenset({Cause.NOT_FETCHED, Cause.FAILING, Cause.BLOCKED})


def set_right(
    services: Services,
    sources: Sequence[Source],
    replica: Callable[[], Store | None],
    days: Days = (None, None),
    *,
    share: Share | None = None,
    dry_run: bool = False,
) -> Report:
    """Check, restore what can be restored, queue what can be fetched, and report what is left.

    `replica` opens the second copy, where something is to be restored. With `dry_run` nothing is written: the report is that
    of `check`, and says what would be done. Errors: those of `check` and `repair`.
    """
    reading = stored(services, sources, days, share)
    report = judged(services, sources, days, reading)
    mended = _mended(services, report, replica, dry_run=dry_run)
    read = {source.id: 0 if dry_run else read_leftovers(services, source) for source in sources}
    restored = {finding.subject for finding in mended.findings if finding.kind == "repaired"} if mended else set()
    if restored or any(read.values()):
        reading.findings = [finding for finding in reading.findings if finding.subject not in restored]
        report = replace(judged(services, sources, days, reading), started_at=report.started_at)
    outcomes = mended.findings if mended else ()
    repairable = frozenset(finding.subject for finding in outcomes if finding.kind == "repairable")
    waiting = list(_waiting(services, report.findings, repairable))
    if not dry_run:
        queue.enqueue(services.database, (entry for _, entry in waiting), services.clock.now())
    told = {finding.subject for finding in outcomes}
    findings = (*outcomes, *(found for found in report.findings if found.subject not in told))
    done = (
        (("to restore", len(repairable)), ("to queue", len(waiting)))
        if dry_run
        else (("restored", len(restored)), ("read", sum(read.values())), ("queued", len(waiting)))
    )
    return replace(
        report,
        counts=(*report.counts, *done),
        findings=findings if dry_run else tuple(_queued(findings, {id(finding) for finding, _ in waiting})),
        notes=(*report.notes, *(mended.notes if mended else ()), *_notes(waiting, dry_run=dry_run)),
    )


def _mended(services: Services, report: Report, replica: Callable[[], Store | None], *, dry_run: bool) -> Report | None:
    """What came of mending the damaged objects; None where none is."""
    damaged = [finding.subject for finding in report.findings if finding.severity is Severity.DAMAGED]
    keys = list(dict.fromkeys(subject for subject in damaged if subject.startswith(MENDABLE)))
    return repair(services, replica(), keys, dry_run=dry_run) if keys else None


def _waiting(
    services: Services, findings: Sequence[Finding], repairable: frozenset[str]
) -> Iterator[tuple[Finding, Queued]]:
    """The articles that a request may bring, with what was found of them; none of whose object a good copy is at hand.

    A page whose snapshot is lost is among them: where it is as it was, its bytes are. Where other bytes lie in its place,
    the store keeps those as evidence until a good copy is at hand, and a request would change nothing.
    """
    lost = {finding.subject for finding in findings if finding.kind == "missing-snapshot"} - repairable
    for finding in findings:
        if finding.cause is None or (finding.cause not in _CAN_BE_FETCHED and finding.cause is not Cause.DAMAGED):
            continue
        key = urls.key(finding.subject)
        if finding.cause is Cause.DAMAGED:
            digest = held_digest(services.database, finding.source, key)
            if digest is None or snapshot_key(digest) not in lost:
                continue
        yield finding, Queued(source=finding.source, key=key, cause=finding.cause)


def _queued(findings: Sequence[Finding], waiting: set[int]) -> Iterator[Finding]:
    """The findings, of which those that wait are said to."""
    for finding in findings:
        if id(finding) in waiting:
            reason = f"{finding.reason}; queued"
            yield replace(finding, reason=reason, repair=f"scraper crawl {finding.source}")
        else:
            yield finding


def _notes(waiting: Sequence[tuple[Finding, Queued]], *, dry_run: bool) -> Iterator[str]:
    for source, many in sorted(Counter(entry.source for _, entry in waiting).items()):
        articles = "1 article" if many == 1 else f"{many} articles"
        would = "would be queued" if dry_run else "wait in line"
        yield f"{source}: {articles} {would}; the daemon's next tick, or `scraper crawl {source}`, asks for them first"
    if dry_run:
        yield "nothing was written: this was a dry run"
