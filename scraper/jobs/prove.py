"""Prove: write a bundle by which somebody who trusts nobody here can check a capture with sha256sum and openssl."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from scraper.archive.manifests import GRACE
from scraper.archive.proof import Proof, prove
from scraper.archive.timestamps import BadToken
from scraper.errors import RecordCorrupt, UsageError
from scraper.jobs import look
from scraper.jobs.services import Services
from scraper.model import Capture, Report


def write_proof(services: Services, subject: str, *, capture: str | None = None, out: Path | None = None) -> Report:
    """Write the bundle of a URL's or digest's newest capture with a body, or of the one whose record's name holds `capture`.

    `out` is a directory that is made; without it, one named after the record. Errors: UsageError where nothing is
    archived, the day is not sealed yet (it says when it will be), or the directory holds something; RecordCorrupt and
    the others of the archive where something that the proof needs is damaged.
    """
    started_at = services.clock.now()
    chosen = _chosen(look.captures(services, subject), capture, subject)
    place = out or Path(f"proof-{chosen.record.rpartition('-')[2].removesuffix('.json')}")
    try:
        proof = prove(services.archive.store, chosen)
    except BadToken as error:
        raise RecordCorrupt(f"a timestamp over {chosen.record} {error}: see `scraper verify-chain`") from error
    if proof is None:
        raise UsageError(_not_sealed(chosen, started_at))
    _write(place, proof)
    return Report(
        job="prove",
        started_at=started_at,
        ended_at=services.clock.now(),
        counts=(("files", len(proof.files)), ("timestamps", len(proof.times))),
        notes=(
            f"{chosen.url} as observed {chosen.observed_at:%Y-%m-%d %H:%M:%S} UTC, under {proof.root}",
            *(f"vouched for by {name} since {at:%Y-%m-%d %H:%M:%S} UTC" for name, at in proof.times),
            *(() if proof.times else ("no authority has timestamped it: it shows no time (docs/operations.md)",)),
            f"written to {place}; to check it: cd {place} && sha256sum -c SHA256SUMS && sh check.sh",
        ),
    )


def _chosen(captures: Sequence[Capture], part: str | None, subject: str) -> Capture:
    if part is None:
        return max(captures, key=lambda one: (one.sha256 is not None, one.recorded_at))
    found = [one for one in captures if part in one.record]
    if len(found) != 1:
        how = "none" if not found else f"{len(found)}"
        raise UsageError(f"--capture {part!r} names {how} of the captures of {subject}: see `scraper show {subject}`")
    return found[0]


def _not_sealed(capture: Capture, now: datetime) -> str:
    day = capture.recorded_at.astimezone(UTC).date()
    due = datetime.combine(day, time(), UTC) + timedelta(days=1) + GRACE
    when = (
        f"that is due since {due:%Y-%m-%d %H:%M} UTC: run `scraper seal`"
        if due <= now
        else f"`scraper seal` or the daemon does it from {due:%Y-%m-%d %H:%M} UTC on"
    )
    return (
        f"{capture.record} was recorded on {day}, which is not sealed yet; {when} "
        "(or choose an earlier capture with --capture)"
    )


def _write(place: Path, proof: Proof) -> None:
    try:
        if place.exists() and (not place.is_dir() or any(place.iterdir())):
            raise UsageError(f"{place} is there already: choose another directory with --out")
        # Beside it, and then in its place: half a bundle would look like one.
        new = place.with_name(f"{place.name}.new")
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(parents=True)
        for name, data in proof.files.items():
            (new / name).write_bytes(data)
        new.replace(place)
    except OSError as error:
        raise UsageError(
            f"{place}: cannot be written: {error.strerror}; choose another directory with --out"
        ) from error
