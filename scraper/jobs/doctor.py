"""Doctor: ask the configured store what it guarantees, and say what it does not.

Hides how a probe's outcome weighs. Writes a few small objects below `doctor/`, nothing else.
"""

from __future__ import annotations

from datetime import datetime

from scraper.archive.probes import Probed, probe
from scraper.archive.store import Store
from scraper.clock import Clock
from scraper.model import Finding, Report, Severity


def doctor(store: Store, clock: Clock) -> Report:
    """Probe a store. Findings are of kind `guaranteed`, `not-guaranteed` or `measured`, in the order of the probes.

    A guarantee the archive relies on and does not have weighs as an unreachable store (exit code 3). Errors: StoreUnreachable.
    """
    started_at = clock.now()
    found = list(probe(store, started_at))
    return Report(
        job="doctor",
        started_at=started_at,
        ended_at=clock.now(),
        counts=(
            ("guaranteed", sum(item.holds is True for item in found)),
            ("not guaranteed", sum(item.holds is False for item in found)),
        ),
        findings=tuple(_finding(store.url, item) for item in found),
        notes=_notes(found, started_at),
    )


def _finding(where: str, found: Probed) -> Finding:
    kinds = {True: "guaranteed", False: "not-guaranteed", None: "measured"}
    lost = found.needed and found.holds is False
    return Finding(
        kind=kinds[found.holds],
        severity=Severity.UNREACHABLE if lost else Severity.NOTE,
        source="",
        subject=found.name,
        reason=found.detail,
        repair="do not archive there" if lost else "",
        evidence=where,
    )


def _notes(found: list[Probed], now: datetime) -> tuple[str, ...]:
    if any(item.needed and item.holds is False for item in found):
        return ("this store loses what it has acknowledged: put the archive elsewhere",)
    return (f"what the archive relies on holds; asked {now:%Y-%m-%d %H:%M} UTC",)
