"""Verified: every stored object is read and held against its name, a share at a time, those first that waited longest.

Hides the parts a store is read in, and that a run goes on where others stopped.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from scraper.archive import records, shards, snapshots, sound
from scraper.archive.examined import Examined, Fault, examine
from scraper.archive.several import several
from scraper.catalogue import named
from scraper.catalogue.verifications import Verified, note_verified, verified
from scraper.errors import UsageError
from scraper.jobs.services import Services, Step
from scraper.model import Finding, Severity

_NOTED_TOGETHER = 16
"""Parts whose reading is written down at once; a run that is killed reads those again that were not."""
_KINDS = {
    "snapshots": "snapshot",
    "captures": "record",
    "configs": "config",
    "manifests": "manifest",
    "roots": "root",
    "timestamps": "timestamp",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """How much is to be read: `part` of `of` equal parts, and no new part of the store after `within`.

    Which part it is does not matter: those are read that were read longest ago, so that `of` runs of one part each come
    to everything; and first of all those in which something was damaged, until it is mended.
    """

    part: int = 1
    of: int = 1
    within: timedelta | None = None

    def shards(self) -> int:
        """How many parts of the store that is. UsageError for a share that is none."""
        if not 1 <= self.part <= self.of <= shards.SHARDS:
            raise UsageError(
                f"--read-data={self.part}/{self.of}: write n/t with n from 1 to t, and t up to {shards.SHARDS}"
            )
        return -(-shards.SHARDS * self.part // self.of)


@dataclass(slots=True)
class Reading:
    """What reading a share came to."""

    findings: list[Finding] = field(default_factory=list)
    objects: int = 0
    size: int = 0
    notes: tuple[str, ...] = ()

    def counts(self) -> tuple[tuple[str, int], ...]:
        """The figures of a report; none where nothing was read."""
        if not self.notes:
            return ()
        return (("objects read", self.objects), ("bytes read", self.size))


def read_share(services: Services, share: Share, ids: set[str] | None) -> Reading:
    """Read a share of the store. Of what is found, only that of some sources is told where `ids` names them.

    Kinds: `…-damaged` and `snapshot-corrupt` (other bytes than there should be), `…-unreadable` (there, but not given
    out), `capture-truncated` and `snapshot-orphan` (notes; orphans only where all sources are told of).
    Errors: UsageError, StoreUnreachable.
    """
    found = Reading()
    wanted = _order(verified(services.database), share.shards())
    until = services.clock.now() + share.within if share.within else None
    digests = sound.told(services.archive.store)
    done_with: dict[int, Verified] = {}
    for done, (shard, keys) in enumerate(shards.keys_of(services.archive.store, wanted)):
        if until is not None and done and services.clock.now() >= until:
            break
        text = f"{found.objects} objects"
        services.progress(Step(job="read-data", source="", done=done, total=len(wanted), text=text))
        damaged = _read(services, (shard, keys), digests, ids, found)
        done_with[shard] = Verified(at=services.clock.now(), damaged=damaged)
        if len(done_with) == _NOTED_TOGETHER:
            note_verified(services.database, done_with)
            done_with.clear()
    note_verified(services.database, done_with)
    found.notes = (_age(verified(services.database), services.clock.now()),)
    return found


def _order(before: dict[int, Verified], number: int) -> list[int]:
    """The parts to read: those with damage, then so many of those that were read longest ago, or never."""
    damaged = [shard for shard, seen in sorted(before.items()) if seen.damaged]
    never = [shard for shard in range(shards.SHARDS) if shard not in before]
    oldest = sorted(before, key=lambda shard: (before[shard].at, shard))
    return list(dict.fromkeys((*damaged, *[*never, *oldest][:number])))


def _read(
    services: Services,
    part: tuple[int, Iterator[str]],
    digests: dict[str, str],
    ids: set[str] | None,
    found: Reading,
) -> bool:
    """Read a part, given with its keys; whether anything in it is damaged."""
    shard, keys = part
    damaged = False
    store = services.archive.store
    known = dict(named.snapshots(services.database, f"{shard:02x}"))
    for key, one in several(lambda key: examine(store, key, digests), keys, store):
        found.objects += 1
        found.size += one.size
        damaged |= one.fault is not None
        sha256 = snapshots.digest_of(key)
        record = known.get(sha256) if sha256 else None
        source = _source(record or key)
        if ids is None or source in ids:
            found.findings.extend(_wrong(one, source, record))
            if sha256 and not record and one.fault is None and ids is None:
                found.findings.append(_orphan(key))
    return damaged


def _wrong(one: Examined, source: str, record: str | None) -> Iterator[Finding]:
    """What is wrong with an object, or worth a note."""
    if one.fault is Fault.MISSING:
        return  # it was listed a moment ago; `check` holds the listing against the catalogue
    if one.fault is not None:
        noun = _KINDS[one.key.partition("/")[0]]
        corrupt = "snapshot-corrupt" if noun == "snapshot" else f"{noun}-damaged"
        yield Finding(
            kind=corrupt if one.fault is Fault.CORRUPT else f"{noun}-unreadable",
            severity=Severity.DAMAGED,
            source=source,
            subject=one.key,
            reason=f"{one.key} {one.reason}",
            repair=f"scraper repair {one.key}",
            evidence=record,
        )
    elif b'"truncated":' in one.record and (capture := records.decode(one.record, one.key)).truncated:
        yield Finding(
            kind="capture-truncated",
            severity=Severity.NOTE,
            source=source,
            subject=one.key,
            reason=f"only the beginning of {capture.url} arrived ({capture.truncated})",
            evidence=one.key,
        )


def _orphan(key: str) -> Finding:
    reason = f"no record names {key}: a crash before its record was written leaves one"
    return Finding(kind="snapshot-orphan", severity=Severity.NOTE, source="", subject=key, reason=reason)


def _source(key: str) -> str:
    return key.split("/")[1] if key.startswith(("captures/", "manifests/")) else ""


def _age(seen: dict[int, Verified], now: datetime) -> str:
    """How long ago the part was read that waits longest, in words."""
    never = shards.SHARDS - len(seen)
    if never:
        return f"{never} of {shards.SHARDS} parts of the store were never read; scraper check --read-data goes on with them"
    oldest = min(one.at for one in seen.values())
    hours = int((now - oldest).total_seconds() // 3600)
    age = f"{hours // 24} days" if hours >= 48 else f"{hours} hours"
    return f"every object was read since {oldest:%Y-%m-%d %H:%M} UTC, {age} ago"
