"""Reparse: read every archived page again with today's parsers, and say what that changes.

Hides the comparison of old and new readings. Never makes a `Change`: an article that reads differently under a new parser
was not edited by its outlet. What reads as before is not written, so a run that was killed is simply begun again.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import TypeVar

from scraper.catalogue import lists, queries, rereading, writing
from scraper.catalogue.reading import CRASHED, LAYOUT_CHANGED, Reading
from scraper.catalogue.rereading import Read
from scraper.errors import ConfigError, RecordCorrupt, SnapshotCorrupt, SnapshotMissing
from scraper.jobs.canaries import sing
from scraper.jobs.services import Services, Step
from scraper.jobs.take import judged_today, owned, source_of
from scraper.model import Capture, Finding, Report, Severity, Sighting, Source
from scraper.policy.differences import Reread, Tally
from scraper.policy.judge import JUDGE

_TOGETHER = 64
"""Pages whose readings are written in one transaction: what a kill costs at most."""
_NAMED = 100
"""Pages of one source and kind that are named in the report; further ones are counted."""

Written = tuple[Capture, Reading | None, Sequence[Sighting]]
"""A capture, its new reading (None where it reads as before), and the sightings it shows."""

Given = TypeVar("Given")
Made = TypeVar("Made")


@dataclass(slots=True, kw_only=True)
class _Account:
    """What a run has come to so far; its size does not grow with the number of pages."""

    tally: Tally
    counts: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)
    named: Counter[tuple[str, str]] = field(default_factory=Counter)

    def find(self, finding: Finding) -> None:
        """Keep a finding, unless there are many of its kind already."""
        self.named[finding.source, finding.kind] += 1
        if self.named[finding.source, finding.kind] <= _NAMED:
            self.findings.append(finding)

    def notes(self) -> Iterator[str]:
        """How many findings were not kept."""
        for (source, kind), number in sorted(self.named.items()):
            if number > _NAMED:
                yield f"{source}: {number - _NAMED} more pages are {kind}: counted above, not named"


def reparse(services: Services, sources: Sequence[Source], *, dry_run: bool = False, samples: int = 0) -> Report:
    """Read every page of some sources again; `dry_run` only says what would change, with `samples` of each difference."""
    started_at = services.clock.now()
    account = _Account(tally=Tally(samples))
    account.findings.extend(sing(services, sources))
    if account.findings and not dry_run:
        return _refused(services, started_at, account)
    total = rereading.how_many(services.database, [source.id for source in sources])
    with ThreadPoolExecutor(max_workers=services.reader.at_once) as threads:
        for source in sources:
            _read_again(services, source, threads, account, dry_run=dry_run, total=total)
            _judge_again(services, source, threads, account, dry_run=dry_run)
    return Report(
        job="reparse",
        started_at=started_at,
        ended_at=services.clock.now(),
        counts=(("pages", account.counts.pop("pages", 0)), *sorted(account.counts.items())),
        findings=tuple(account.findings),
        differences=account.tally.differences(),
        notes=(*account.notes(), *(("nothing was written: this was a dry run",) if dry_run else ())),
    )


def _refused(services: Services, started_at: datetime, account: _Account) -> Report:
    """Nothing is written while a canary reads otherwise: somebody looked at that page and said what is right."""
    return Report(
        job="reparse",
        started_at=started_at,
        ended_at=services.clock.now(),
        findings=tuple(account.findings),
        notes=("nothing was read again and nothing written: canaries read otherwise than they were frozen",),
    )


def _read_again(
    services: Services, source: Source, threads: ThreadPoolExecutor, account: _Account, *, dry_run: bool, total: int
) -> None:
    """Read the pages of one source again, and write what reads otherwise."""
    waiting: list[Written] = []
    pages = rereading.all_read(services.database, source.id)
    for before, outcome in _ahead(threads, partial(_again, services), pages):
        account.counts["pages"] += 1
        if isinstance(outcome, Finding):
            account.find(outcome)
        else:
            weighed = _weigh(services, account, before, *outcome)
            if not dry_run and (weighed[1] is not None or weighed[2]):
                waiting.append(weighed)
        if len(waiting) >= _TOGETHER:
            writing.add_readings(services.database, waiting)
            waiting.clear()
        services.progress(Step(job="reparse", source="", done=account.counts["pages"], total=total, text=before.record))
    if waiting:
        writing.add_readings(services.database, waiting)


def _ahead(
    threads: ThreadPoolExecutor, work: Callable[[Given], Made], given: Iterable[Given]
) -> Iterator[tuple[Given, Made]]:
    """What `work` makes of each, in order, by threads that are never more than a batch ahead."""
    begun: deque[tuple[Given, Future[Made]]] = deque()
    try:
        for one in given:
            begun.append((one, threads.submit(work, one)))
            if len(begun) >= _TOGETHER:
                first, future = begun.popleft()
                yield first, future.result()
        while begun:
            first, future = begun.popleft()
            yield first, future.result()
    finally:
        for _, future in begun:
            future.cancel()


def _again(services: Services, before: Read) -> tuple[Capture, Reading] | Finding:
    try:
        capture = services.archive.record(before.record)
        page = services.archive.load(capture)
        source = source_of(services, capture)
    except (RecordCorrupt, SnapshotCorrupt, SnapshotMissing) as error:
        return _damaged(before.record, str(error))
    except ConfigError as error:
        return _undeclared(before.record, str(error))
    reading = services.reader.read(page, source, capture.lead)
    return capture, reading.as_first_seen(queries.first_seen_at(services.database, capture.source, capture.key))


def _weigh(services: Services, account: _Account, before: Read, capture: Capture, reading: Reading) -> Written:
    """Count what one page says otherwise; what there is to write of it."""
    account.counts[reading.outcome] += 1
    page = Reread(
        source=capture.source,
        url=capture.url,
        record=capture.record,
        outcomes=(before.outcome, reading.outcome),
        layouts=(before.layout, reading.parsed.layout),
        before=before.articles,
        after=reading.parsed.articles,
    )
    changed = account.tally.add(page)
    for name in changed:
        account.counts[f"changed {name}"] += 1
    if reading.outcome in (LAYOUT_CHANGED, CRASHED):
        account.find(_unread(before, capture, reading))
    every = owned(services, reading.parsed.sightings, capture)
    listed = lists.said(lists.list_row(capture, reading.parsed.sightings, every))
    said = (before.outcome, before.detail, before.layout, before.dated, before.listed)
    if changed or said != (reading.outcome, reading.detail, reading.parsed.layout, reading.dated, listed):
        return capture, reading, every
    # What an article that reads as before shows beside it is indexed since it was first read; what lists show is not kept.
    known = {sighting for article in before.articles for sighting in article.related}
    shown = [sighting for sighting in reading.parsed.sightings if sighting not in known]
    return capture, None, owned(services, shown, capture)


def _unread(before: Read, capture: Capture, reading: Reading) -> Finding:
    lost = "it was read before: " if before.articles else ""
    return Finding(
        kind=reading.outcome,
        severity=Severity.MISSING,
        source=capture.source,
        subject=capture.url,
        reason=lost + (reading.detail or reading.outcome),
        evidence=capture.record,
    )


def _judge_again(
    services: Services, source: Source, threads: ThreadPoolExecutor, account: _Account, *, dry_run: bool
) -> None:
    """Judge again what an earlier judge has judged, and note which verdicts stay.

    A verdict that changes is only reported: articles, sightings and visits hang on it, so it is the replay of the archive
    (`rebuild`) that puts it into the catalogue.
    """
    for records in rereading.judged_otherwise(services.database, source.id, JUDGE):
        stay: list[str] = []
        for record, outcome in _ahead(threads, partial(_judged, services), records):
            if outcome is None:
                stay.append(record)
            else:
                account.find(outcome)
                account.counts[outcome.kind.replace("-", " ")] += 1
        if not dry_run:
            writing.confirm_judge(services.database, stay, JUDGE)


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
