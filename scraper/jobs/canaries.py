"""Canaries: known pages that must be read today as they were when somebody looked at them and froze that.

Hides where they are kept. A parser that is changed for one page may spoil others without a word: these speak up.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from scraper.config.canaries import canaries, freeze
from scraper.errors import RecordCorrupt, SnapshotCorrupt, SnapshotMissing, UsageError
from scraper.jobs import look
from scraper.jobs.services import Services
from scraper.model import Canary, Capture, Finding, Report, Severity, Source
from scraper.policy.canaries import frozen, otherwise


def sing(services: Services, sources: Sequence[Source]) -> Iterator[Finding]:
    """Read every canary of some sources from its archived bytes; a finding for each that reads otherwise, or cannot be read."""
    for source in sources:
        for canary in canaries(services.config.directory, source.id):
            found = _heard(services, source, canary)
            if found is not None:
                yield found


def add(services: Services, source: Source, url: str) -> Report:
    """Freeze what is read today of the newest good page of an article. UsageError where none can be read."""
    started_at = services.clock.now()
    capture = _newest(services, source, url)
    reading = services.reader.read(services.archive.load(capture), source, capture.lead)
    if not reading.parsed.articles:
        raise UsageError(f"{url}: no article is read of its newest page ({reading.outcome}): nothing to freeze")
    canary = Canary(
        url=capture.url,
        record=capture.record,
        snapshot=capture.sha256 or "",
        articles=frozen(reading.parsed.articles),
    )
    path = freeze(services.config.directory, source.id, canary)
    titles = "; ".join(article.title for article in reading.parsed.articles)
    return Report(
        job=f"canary {source.id}",
        started_at=started_at,
        ended_at=services.clock.now(),
        counts=(("articles", len(canary.articles)),),
        notes=(f"frozen in {path}: {titles}",),
    )


def _newest(services: Services, source: Source, url: str) -> Capture:
    found = [
        capture
        for capture in look.captures(services, url)
        if capture.source == source.id and capture.sha256 is not None and capture.verdict.readable
    ]
    if not found:
        raise UsageError(f"{url}: no good page of source {source.id!r} is archived: scraper fetch '{url}'")
    return found[-1]


def _heard(services: Services, source: Source, canary: Canary) -> Finding | None:
    try:
        capture = services.archive.record(canary.record)
        page = services.archive.load(capture)
    except (RecordCorrupt, SnapshotCorrupt, SnapshotMissing) as error:
        repair = "restore it from a backup of the store, then: scraper check --read-data"
        return _finding(source, canary, Severity.DAMAGED, str(error), repair)
    if capture.sha256 != canary.snapshot:
        reason = f"{canary.record} is of another snapshot than the frozen one"
        return _finding(source, canary, Severity.MISSING, reason, f"scraper canary add {source.id} '{canary.url}'")
    reading = services.reader.read(page, source, capture.lead)
    said = otherwise(canary, reading.parsed.articles)
    if not said:
        return None
    reason = f"{said} ({reading.detail})" if reading.detail else said
    repair = f"mend the layout; or, if it is right now: scraper canary add {source.id} '{canary.url}'"
    return _finding(source, canary, Severity.MISSING, reason, repair)


def _finding(source: Source, canary: Canary, severity: Severity, reason: str, repair: str) -> Finding:
    return Finding(
        kind="canary",
        severity=severity,
        source=source.id,
        subject=canary.url,
        reason=reason,
        repair=repair,
        evidence=canary.record,
    )
