"""Replicate: copy what is new in the store to its replica, and prove every copy."""

from __future__ import annotations

from collections.abc import Iterator

from scraper.archive import replicas, sound
from scraper.archive.several import several
from scraper.archive.store import Store
from scraper.errors import ConfigError, RecordCorrupt, SnapshotCorrupt, SnapshotMissing
from scraper.jobs.services import Services, Step
from scraper.model import Finding, Report, Severity

_MOST = 1000
"""Findings that are told one by one: a store that is gone to pieces has no end of them."""


def replicate(services: Services, replica: Store | None, *, dry_run: bool = False) -> Report:
    """Copy every object that the replica has not, each read back and compared; with `dry_run` count them only.

    What is damaged here, or is another object there, is a finding and is left as it is. Errors: ConfigError where no
    replica is configured; StoreUnreachable of either store.
    """
    if replica is None:
        raise ConfigError('scraper.toml: replica: none is configured; write replica = "s3://bucket" or "file:///path"')
    started_at = services.clock.now()
    store = services.archive.store
    counts = {"to copy": 0, "copied": 0, "bytes": 0}
    findings: list[Finding] = []
    for key, outcome in _outcomes(store, replica, dry_run=dry_run):
        counts["to copy"] += 1
        if isinstance(outcome, int):
            counts["copied"] += not dry_run
            counts["bytes"] += outcome
        elif len(findings) < _MOST:
            findings.append(_finding(key, outcome))
        services.progress(Step(job="replicate", source="", done=counts["to copy"], total=None, text=key))
    return Report(
        job="replicate",
        started_at=started_at,
        ended_at=services.clock.now(),
        counts=tuple(counts.items()),
        findings=tuple(findings),
        notes=(f"the replica is {replica.url}",),
    )


def _outcomes(store: Store, replica: Store, *, dry_run: bool) -> Iterator[tuple[str, int | str]]:
    """Each object that is to be copied with the bytes that were sent, or with the reason why it was not."""
    keys = replicas.to_copy(store, replica)
    if dry_run:
        yield from ((key, 0) for key in keys)
        return
    digests = sound.told(store)

    def copied(key: str) -> int | str:
        try:
            return replicas.copy(store, replica, key, digests)
        except (SnapshotMissing, SnapshotCorrupt, RecordCorrupt) as error:
            return str(error)

    yield from several(copied, keys, store, replica)


def _finding(key: str, reason: str) -> Finding:
    return Finding(
        kind="not-replicated",
        severity=Severity.DAMAGED,
        source=key.split("/")[1] if key.startswith(("captures/", "manifests/")) else "",
        subject=key,
        reason=reason,
        repair=f"scraper repair {key}",
    )
