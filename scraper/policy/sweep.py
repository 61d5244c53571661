"""How well the promise of the sweep is kept: every held article asked for again within so many days.

Hides the arithmetic of a day's requests.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from scraper.model import Finding, Severity, Source

_DAY = timedelta(days=1)
_VISITS_OF_NEW = 8
"""Requests for one new article before the sweep has it: the first, and the rechecks of its first 30 days."""
_LATE = timedelta(days=1)
"""What an article may be over: a run begins when it can, and a host may rest for a day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """How long ago the held articles of a source were last verified: a good page or a 304.

    `oldest_at` is the one that waits the longest; `within` are those verified within the sweep's days; `fresh` are those
    first held in the last 30 days.
    """

    held: int
    within: int
    fresh: int
    oldest_at: datetime | None = None


def per_day(source: Source, verified: Verified) -> tuple[float, float]:
    """(requests a day that the rechecks take, requests a day that the pace and the budget allow)."""
    needed = verified.held / source.sweep + verified.fresh / 30 * _VISITS_OF_NEW
    gap = source.politeness.gap
    possible = _DAY.total_seconds() / gap if gap else float("inf")
    budget = source.politeness.daily_requests
    return needed, min(possible, budget) if budget else possible


def level(source: Source, verified: Verified, now: datetime) -> str:
    """The service level in one line, as it was measured."""
    if not verified.held or verified.oldest_at is None:
        return f"{source.id}: no article is held, so there is none to verify"
    needed, possible = per_day(source, verified)
    age = (now - verified.oldest_at) / _DAY
    share = 100 * verified.within / verified.held
    return (
        f"{source.id}: {verified.held} articles held, {share:.1f} % verified within {source.sweep} days, the longest ago "
        f"{age:.1f} days; rechecks take {needed:.1f} requests a day of {possible:.0f} that are allowed"
    )


def shortfalls(source: Source, verified: Verified, now: datetime) -> tuple[Finding, ...]:
    """Notes where the promise is broken, and where the day's requests cannot keep it."""
    found: list[Finding] = []
    needed, possible = per_day(source, verified)
    if needed > possible:
        reason = (
            f"verifying {verified.held} articles every {source.sweep} days takes {needed:.1f} requests a day, and pace and "
            f"budget allow {possible:.0f}"
        )
        found.append(_note(source, "sweep-budget", reason, f"raise sweep or daily_requests in {source.id}.toml"))
    late = timedelta(days=source.sweep) + _LATE
    if verified.oldest_at is not None and now - verified.oldest_at > late:
        count = verified.held - verified.within
        reason = f"{count} articles were not verified within {source.sweep} days, the oldest since {verified.oldest_at:%Y-%m-%d}"
        found.append(_note(source, "sweep-late", reason, f"scraper recheck {source.id}"))
    return tuple(found)


def _note(source: Source, kind: str, reason: str, repair: str) -> Finding:
    return Finding(kind=kind, severity=Severity.NOTE, source=source.id, subject=source.id, reason=reason, repair=repair)
