"""Rebuild: restore the catalogue from the store alone, row for row.

Hides the replay: every record in the order it was written, through the very functions that wrote it live. The catalogue that
is emptied may be all that knows of a record which the store has lost: that is told.
"""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field

from scraper.catalogue import named
from scraper.errors import CatalogueError, ConfigError, RecordCorrupt, SnapshotCorrupt, SnapshotMissing, StoreError
from scraper.jobs.damage import missing_record, unlisted_records
from scraper.jobs.services import Services, Step
from scraper.jobs.take import index, judged_today, source_of, understand
from scraper.model import Capture, Finding, Report, Severity


@dataclass(slots=True, kw_only=True)
class _Account:
    """What a rebuild counts and finds."""

    services: Services
    counts: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)

    def damaged(self, key: str, error: StoreError) -> None:
        """An object that cannot be read."""
        self.findings.append(_finding(key, str(error), Severity.DAMAGED, "restore it from a backup of the store"))

    def take(self, capture: Capture) -> None:
        """Replay one record."""
        self.counts["captures"] += 1
        try:
            self.counts["articles"] += _replay(self.services, capture)
        except (SnapshotMissing, SnapshotCorrupt) as error:
            self.damaged(capture.record, error)
        except ConfigError as error:
            self.counts["of undeclared sources"] += 1
            again = "declare the source again, then: scraper rebuild"
            self.findings.append(_finding(capture.record, str(error), Severity.NOTE, again))
        self.services.progress(
            Step(job="rebuild", source=capture.source, done=self.counts["captures"], total=None, text=capture.record)
        )

    def take_unlisted(self, record: str) -> None:
        """What the catalogue knew and no listing shows: it is lost, or the listing lags."""
        if not self.services.archive.store.has(record):
            self.findings.append(missing_record(record))
        elif not any(named.records(self.services.database, record)):
            try:
                self.take(self.services.archive.record(record))
            except (RecordCorrupt, SnapshotMissing) as error:
                self.damaged(record, error)


def rebuild(services: Services) -> Report:
    """Empty the derived tables and fill them again from manifests and loose records; damaged and lost ones become findings."""
    started_at = services.clock.now()
    account = _Account(services=services)
    unlisted = _unlisted(services)
    services.database.clear()
    for capture in services.archive.captures(on_damage=account.damaged):
        account.take(capture)
    for record in unlisted:
        account.take_unlisted(record)
    return Report(
        job="rebuild",
        started_at=started_at,
        ended_at=services.clock.now(),
        counts=tuple(account.counts.items()),
        findings=tuple(account.findings),
    )


def _unlisted(services: Services) -> list[str]:
    """The records that the catalogue knew and the store does not list; none where it cannot be read, as of an older version."""
    with suppress(CatalogueError):
        return unlisted_records(services)
    return []


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
