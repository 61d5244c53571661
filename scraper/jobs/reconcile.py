"""Reconcile: is what was written lately still in the store? A store that loses what it acknowledged is found the same day.

Hides that records are looked for in listings, a folder at a time, and bodies one by one.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import groupby, islice

from scraper.archive.several import several
from scraper.archive.snapshots import snapshot_key
from scraper.catalogue.recent import bodies_since, records_since
from scraper.jobs.services import Services, Step
from scraper.model import Finding, Report, Severity

LATELY = timedelta(days=2)
_TOGETHER = 1000
"""Bodies that are asked for before the catalogue is asked for more."""
FURTHEST = timedelta(days=365 * 100)


def reconcile(services: Services, within: timedelta = LATELY) -> Report:
    """Ask the store for every record and body that the catalogue says was written in that time.

    A finding `lost` is an object that was acknowledged and is not there. Nothing is read but listings and heads. Errors:
    StoreUnreachable.
    """
    started_at = services.clock.now()
    counts = {"records": 0, "bodies": 0, "lost": 0}
    findings: list[Finding] = []
    written = records_since(services.database, started_at - within)
    for folder, records in groupby(written, key=lambda each: each.rpartition("/")[0]):
        services.progress(Step(job="reconcile", source="", done=counts["records"], total=None, text=folder))
        there = frozenset(services.archive.store.list(f"{folder}/"))
        unlisted: dict[str, str] = {}
        for record in records:
            counts["records"] += 1
            if record not in there:
                unlisted[record] = record
        # A listing may lag behind what was written: what it leaves out is asked for by itself.
        findings.extend(_missing(services, unlisted))
    bodies = bodies_since(services.database, started_at - within)
    while some := {snapshot_key(digest): record for digest, record in islice(bodies, _TOGETHER)}:
        done = counts["records"] + counts["bodies"]
        services.progress(Step(job="reconcile", source="", done=done, total=None, text="bodies"))
        counts["bodies"] += len(some)
        findings.extend(_missing(services, some))
    counts["lost"] = len(findings)
    return Report(
        job="reconcile",
        started_at=started_at,
        ended_at=services.clock.now(),
        counts=tuple(counts.items()),
        findings=tuple(findings),
        notes=(f"{services.archive.store.url} loses what it acknowledges: archive elsewhere",) if findings else (),
    )


def _missing(services: Services, named: dict[str, str]) -> Iterator[Finding]:
    for key, there in several(services.archive.store.has, named, services.archive.store):
        if not there:
            yield _lost(key, named[key])


def _lost(key: str, record: str) -> Finding:
    return Finding(
        kind="lost",
        severity=Severity.DAMAGED,
        source=record.split("/")[1],
        subject=key,
        reason="the store acknowledged it lately and does not have it now",
        repair=f"scraper repair {key}",
        evidence=record,
    )
