"""Rebuild: restore the catalogue from the store alone, row for row.

Hides the replay: every record in the order it was written, through the very functions that wrote it live.
"""

from __future__ import annotations

from collections import Counter

from scraper.errors import ConfigError, SnapshotCorrupt, SnapshotMissing, StoreError
from scraper.jobs.services import Services, Step
from scraper.jobs.take import index, judged_today, source_of, understand
from scraper.model import Capture, Finding, Report, Severity


def rebuild(services: Services) -> Report:
    """Empty the derived tables and fill them again from manifests and loose records; damaged ones become findings."""
    started_at = services.clock.now()
    counts: Counter[str] = Counter()
    findings: list[Finding] = []

    def damaged(key: str, error: StoreError) -> None:
        findings.append(_finding(key, str(error), Severity.DAMAGED, "restore it from a backup of the store"))

    services.database.clear()
    for capture in services.archive.captures(on_damage=damaged):
        counts["captures"] += 1
        try:
            counts["articles"] += _replay(services, capture)
        except (SnapshotMissing, SnapshotCorrupt) as error:
            damaged(capture.record, error)
        except ConfigError as error:
            counts["of undeclared sources"] += 1
            findings.append(
                _finding(capture.record, str(error), Severity.NOTE, "declare the source again, then: scraper rebuild")
            )
        services.progress(
            Step(job="rebuild", source=capture.source, done=counts["captures"], total=None, text=capture.record)
        )
    return Report(
        job="rebuild",
        started_at=started_at,
        ended_at=services.clock.now(),
        counts=tuple(counts.items()),
        findings=tuple(findings),
    )


def _replay(services: Services, capture: Capture) -> int:
    source = source_of(services, capture)
    try:
        capture = judged_today(services, source, capture)
    finally:
        # Where its snapshot is damaged, it stands as it was judged when it was recorded.
        index(services, source, capture)
    if not capture.verdict.readable or capture.sha256 is None:
        return 0
    taken = understand(services, source, capture, services.archive.body(capture.sha256))
    return len(taken.reading.parsed.articles) if taken.reading else 0


def _finding(record: str, reason: str, severity: Severity, repair: str) -> Finding:
    return Finding(
        kind="record", severity=severity, source=record.split("/")[1], subject=record, reason=reason, repair=repair
    )
