"""Seal: write the manifests of the days that have ended."""

from __future__ import annotations

from collections.abc import Sequence

from scraper.errors import RecordCorrupt, SnapshotCorrupt, SnapshotMissing
from scraper.jobs.services import Services
from scraper.model import Finding, Report, Severity, Source


def seal(services: Services, sources: Sequence[Source]) -> Report:
    """Seal every UTC day of some sources that ended at least two hours ago and has records outside a manifest.

    A source whose manifests are damaged is a finding: it stays unsealed until they are restored, the others do not.
    """
    started_at = services.clock.now()
    written: list[str] = []
    findings: list[Finding] = []
    for source in sources:
        try:
            written += services.archive.seal(source.id, services.clock.now())
        except (RecordCorrupt, SnapshotCorrupt, SnapshotMissing) as error:
            findings.append(_damaged(source, str(error)))
    return Report(
        job="seal",
        started_at=started_at,
        ended_at=services.clock.now(),
        counts=(("manifests", len(written)),),
        findings=tuple(findings),
        notes=tuple(written),
    )


def _damaged(source: Source, reason: str) -> Finding:
    return Finding(
        kind="damaged",
        severity=Severity.DAMAGED,
        source=source.id,
        subject=source.id,
        reason=reason,
        repair="restore it from a backup of the store, then: scraper seal",
    )
