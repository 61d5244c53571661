"""Seal: write the manifests of the days that have ended, the root over all of them, and have it timestamped."""

from __future__ import annotations

from collections.abc import Sequence

from scraper.errors import RecordCorrupt, SnapshotCorrupt, SnapshotMissing, StoreError
from scraper.jobs.services import Services, Step
from scraper.model import Finding, Report, Severity, Source


def seal(services: Services, sources: Sequence[Source]) -> Report:
    """Seal every UTC day of some sources that ended at least two hours ago and has records outside a manifest.

    Where the sources are all there are, so is what else the archive holds (pages fetched by hand, sources that are not
    declared any more), and each day gets its root: it is over all of them. A source whose manifests are damaged is a
    finding: it stays unsealed until they are restored, the others do not.
    """
    # Here, not at the top: certificates take a twentieth of a command's start, and hardly any command reads them.
    from scraper.jobs.stamp import stamp  # noqa: PLC0415

    started_at = services.clock.now()
    written: list[str] = []
    findings: list[Finding] = []
    ids = [source.id for source in sources]
    whole = set(ids) == {source.id for source in services.config.sources}
    if whole:
        ids += [one for one in services.archive.sources() if one not in ids]
    for number, source in enumerate(ids):
        services.progress(Step(job="seal", source="", done=number, total=len(ids), text=source))
        try:
            written += services.archive.seal(source, services.clock.now())
        except (RecordCorrupt, SnapshotCorrupt, SnapshotMissing) as error:
            findings.append(_damaged(source, str(error)))
    roots = _roots(services, findings) if whole else []
    stamped = stamp(services, findings)
    return Report(
        job="seal",
        started_at=started_at,
        ended_at=services.clock.now(),
        counts=(("manifests", len(written)), ("roots", len(roots)), ("timestamps", len(stamped))),
        findings=tuple(findings),
        notes=(*written, *roots, *stamped),
    )


def _roots(services: Services, findings: list[Finding]) -> list[str]:
    told = {finding.source for finding in findings}

    def damaged(key: str, error: StoreError) -> None:
        source = key.split("/")[1]
        if source not in told:
            findings.append(_damaged(source, str(error)))

    try:
        return services.archive.seal_days(services.clock.now(), damaged)
    except (RecordCorrupt, SnapshotCorrupt, SnapshotMissing) as error:
        findings.append(_damaged("", str(error)))
        return []


def _damaged(source: str, reason: str) -> Finding:
    return Finding(
        kind="damaged",
        severity=Severity.DAMAGED,
        source=source,
        subject=source or "roots/",
        reason=reason,
        repair="restore it from a backup of the store, then: scraper seal",
    )
