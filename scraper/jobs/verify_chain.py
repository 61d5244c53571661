"""Verify-chain: whether a bucket is what was written to it, with nothing but the bucket: no catalogue, no network beyond it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

from scraper.archive import records, timestamps
from scraper.archive.chain import Chain
from scraper.archive.store import Store
from scraper.clock import Clock
from scraper.errors import StoreUnreachable, UsageError
from scraper.jobs.services import Step
from scraper.model import Finding, Report, Severity

_MOST = 1000
"""Findings that are told one by one: a bucket that is gone to pieces has no end of them."""


def verify_chain(
    store: Store,
    clock: Clock,
    progress: Callable[[Step], None],
    *,
    since: date | None = None,
    trust: Path | None = None,
    read_data: bool = False,
) -> Report:
    """Check names, manifests, roots and timestamps against each other, from a UTC day on; with `read_data` each body too.

    `trust` is a PEM file with the root certificates that timestamps must lead to. Errors: StoreUnreachable, also where
    there is no archive; UsageError for a file without certificates.
    """
    started_at = clock.now()
    if next(store.list(), None) is None:
        raise StoreUnreachable(f"no archive at {store.url}: check the store's URL")
    chain = Chain(
        store,
        since=since,
        trust=_certificates(trust),
        read_data=read_data,
        tell=lambda done, total, text: progress(Step(job="verify-chain", source="", done=done, total=total, text=text)),
    )
    findings: list[Finding] = []
    untold = 0
    for finding in chain.findings():
        if len(findings) < _MOST:
            findings.append(finding)
        else:
            untold += 1
    return Report(
        job="verify-chain",
        started_at=started_at,
        ended_at=clock.now(),
        counts=tuple(chain.counts.items()),
        findings=tuple(findings),
        notes=tuple(_notes(findings, untold)),
    )


def _notes(findings: list[Finding], untold: int) -> list[str]:
    damaged = [finding for finding in findings if finding.severity is Severity.DAMAGED]
    notes = [f"the first that does not fit: {_called(damaged[0])}"] if damaged else ["everything fits"]
    return [*notes, f"and {untold} more findings"] if untold else notes


def _called(finding: Finding) -> str:
    """A finding's object; of a manifest in which a record does not fit, the record too."""
    inside = finding.kind == "manifest-damaged" and (finding.evidence or "").startswith(records.PREFIX)
    return f"{finding.evidence} in {finding.subject}" if inside else finding.subject


def _certificates(trust: Path | None) -> timestamps.Certificates:
    if trust is None:
        return ()
    try:
        return timestamps.pem(trust.read_bytes())
    except (OSError, ValueError) as error:
        raise UsageError(f"--trust {trust}: holds no certificate ({error}): name a PEM file") from error
