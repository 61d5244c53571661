"""Reparse: read every archived page again with today's parsers, and say what that changes.

Hides the comparison of old and new readings. Never makes a `Change`: an article that reads differently under a new parser
was not edited by its outlet.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from functools import partial

from scraper.catalogue import queries, writing
from scraper.catalogue.reading import CRASHED, LAYOUT_CHANGED, Reading
from scraper.errors import ConfigError, RecordCorrupt, SnapshotCorrupt, SnapshotMissing
from scraper.jobs.services import Services, Step
from scraper.jobs.take import judged_today, owned, source_of
from scraper.model import Article, Capture, Finding, Report, Severity, Source
from scraper.policy.judge import JUDGE

_WORKERS = 4
_CHUNK = 64


def reparse(services: Services, sources: Sequence[Source], *, dry_run: bool = False) -> Report:
    """Read every page of some sources again; `dry_run` only counts what would change, field by field."""
    started_at = services.clock.now()
    counts: Counter[str] = Counter()
    findings: list[Finding] = []
    records = queries.read_records(services.database, [source.id for source in sources])
    with ThreadPoolExecutor(max_workers=_WORKERS) as threads:
        for start in range(0, len(records), _CHUNK):
            chunk = records[start : start + _CHUNK]
            for record, outcome in zip(chunk, threads.map(partial(_again, services), chunk), strict=True):
                if isinstance(outcome, Finding):
                    findings.append(outcome)
                    continue
                _weigh(services, counts, findings, *outcome, dry_run=dry_run)
                services.progress(
                    Step(
                        job="reparse",
                        source="",
                        done=sum((start, chunk.index(record) + 1)),
                        total=len(records),
                        text=record,
                    )
                )
        stay = _judge_again(services, sources, threads, counts, findings)
    if not dry_run:
        writing.confirm_judge(services.database, stay, JUDGE)
    return Report(
        job="reparse",
        started_at=started_at,
        ended_at=services.clock.now(),
        counts=(("pages", len(records)), *sorted(counts.items())),
        findings=tuple(findings),
        notes=("nothing was written: this was a dry run",) if dry_run else (),
    )


def _judge_again(
    services: Services,
    sources: Sequence[Source],
    threads: ThreadPoolExecutor,
    counts: Counter[str],
    findings: list[Finding],
) -> list[str]:
    """Judge again what an earlier judge has judged; the records whose verdicts stay.

    A verdict that changes is only reported: articles, sightings and visits hang on it, so it is the replay of the archive
    (`rebuild`) that puts it into the catalogue.
    """
    stay: list[str] = []
    records = queries.judged_otherwise(services.database, [source.id for source in sources], JUDGE)
    for record, outcome in zip(records, threads.map(partial(_judged, services), records), strict=True):
        if outcome is None:
            stay.append(record)
        else:
            findings.append(outcome)
            counts[outcome.kind.replace("-", " ")] += 1
    return stay


def _judged(services: Services, record: str) -> Finding | None:
    """What is to be said of a capture under today's judge; None where its verdict stays."""
    try:
        capture = services.archive.record(record)
        today = judged_today(services, source_of(services, capture), capture)
    except (RecordCorrupt, SnapshotCorrupt, SnapshotMissing) as error:
        return _damaged(record, str(error))
    except ConfigError as error:
        return _undeclared(record, str(error))
    if today.verdict is capture.verdict:
        return None
    return Finding(
        kind="changed-verdict",
        severity=Severity.NOTE,
        source=capture.source,
        subject=capture.url,
        reason=f"was judged {capture.verdict.value}, is {today.verdict.value} to {JUDGE}",
        repair="scraper rebuild",
        evidence=record,
    )


def _again(services: Services, record: str) -> tuple[Capture, Reading] | Finding:
    try:
        capture = services.archive.record(record)
        page = services.archive.load(capture)
        source = source_of(services, capture)
    except (RecordCorrupt, SnapshotCorrupt, SnapshotMissing) as error:
        return _damaged(record, str(error))
    except ConfigError as error:
        return _undeclared(record, str(error))
    return capture, services.reader.read(page, source, capture.lead)


def _weigh(
    services: Services,
    counts: Counter[str],
    findings: list[Finding],
    capture: Capture,
    reading: Reading,
    *,
    dry_run: bool,
) -> None:
    before = queries.articles_of(services.database, capture.source, capture.key, capture.sha256 or "")
    counts[reading.outcome] += 1
    for name in sorted(_changed_fields(before, reading.parsed.articles)):
        counts[f"changed {name}"] += 1
    if reading.outcome in (LAYOUT_CHANGED, CRASHED):
        reason = reading.detail or reading.outcome
        findings.append(
            Finding(
                kind=reading.outcome,
                severity=Severity.MISSING,
                source=capture.source,
                subject=capture.url,
                reason=reason,
            )
        )
    if not dry_run:
        writing.add_reading(services.database, capture, reading, owned(services, reading.parsed.sightings, capture))


def _changed_fields(before: Sequence[Article], after: Sequence[Article]) -> set[str]:
    if len(before) != len(after):
        return {"number of articles"}
    names = [field.name for field in fields(Article)]
    return {
        name
        for old, new in zip(before, after, strict=True)
        for name in names
        if getattr(old, name) != getattr(new, name)
    }


def _undeclared(record: str, reason: str) -> Finding:
    return Finding(
        kind="undeclared", severity=Severity.NOTE, source=record.split("/")[1], subject=record, reason=reason
    )


def _damaged(record: str, reason: str) -> Finding:
    return Finding(
        kind="damaged",
        severity=Severity.DAMAGED,
        source=record.split("/")[1],
        subject=record,
        reason=reason,
        repair="restore it from a backup of the store, then: scraper check --read-data",
    )
