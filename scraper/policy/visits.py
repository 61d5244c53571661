"""When to come back: the state of one locator, folded over its captures, and the time of its next visit.

Hides the retry and recheck ladders. The fold reads nothing but the captures, so the catalogue can always be rebuilt.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from scraper.model import Capture, Failure, Reason, Verdict

_LADDER = tuple(
    timedelta(minutes=minutes)
    for minutes in (15, 60, 6 * 60, 24 * 60, 3 * 24 * 60, 7 * 24 * 60, 30 * 24 * 60, 90 * 24 * 60)
)
"""Rechecks after an article was first held: most silent edits come within eight days (docs/sources.md, "Edits")."""
_SWEEP = timedelta(days=90)
_FIRST_RETRY = timedelta(minutes=15)
_LAST_RETRY = timedelta(hours=24)
_GONE_CONFIRM = timedelta(hours=24)
_GONE_CONFIRMATIONS = 3
_GONE_SWEEP = timedelta(days=30)
_REFUSED_RETRY = timedelta(days=1)

_GOOD = frozenset({Verdict.ARTICLE, Verdict.UNCHANGED})
_GONE = frozenset({Verdict.GONE, Verdict.SOFT_GONE})
_REFUSED = frozenset({Failure.ROBOTS_DENIED, Failure.GUARD_REFUSED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Visits:
    """What the captures of one locator add up to.

    `failures` and `gone` count the newest answers of that kind in a row; `held` is the record key of the newest
    capture that confirmed a good page; `reason` says in a word why nothing is held, or how the last answer was.
    """

    first_seen_at: datetime
    attempts: int = 0
    failures: int = 0
    gone: int = 0
    first_good_at: datetime | None = None
    last_good_at: datetime | None = None
    last_attempt_at: datetime | None = None
    held: str | None = None
    reason: str = "not yet fetched"

    def due(self) -> Reason:
        """Why the next visit would be made."""
        if self.attempts == 0:
            return Reason.NEW
        return Reason.RECHECK if self.held else Reason.RETRY


def advance(before: Visits, capture: Capture) -> Visits:
    """Fold one more capture in; captures come in the order they were recorded."""
    after = replace(before, attempts=before.attempts + 1, last_attempt_at=capture.observed_at, reason=_reason(capture))
    if capture.verdict in _GOOD:
        return replace(
            after,
            failures=0,
            gone=0,
            first_good_at=before.first_good_at or capture.observed_at,
            last_good_at=capture.observed_at,
            held=capture.record,
        )
    if capture.verdict in _GONE:
        return replace(after, failures=0, gone=before.gone + 1)
    if capture.verdict is Verdict.MOVED:
        # The hop says nothing of its own: the capture of its target is folded in next.
        return after
    return replace(after, failures=before.failures + 1)


def next_visit(visits: Visits) -> datetime:
    """The earliest time to ask for this locator again."""
    last = visits.last_attempt_at
    if last is None:
        return visits.first_seen_at
    if visits.reason in _REFUSED:
        return last + _REFUSED_RETRY
    if visits.failures:
        wait: timedelta = min(_FIRST_RETRY * (1 << min(visits.failures - 1, 10)), _LAST_RETRY)
        return last + wait
    if visits.gone:
        return last + (_GONE_CONFIRM if visits.gone < _GONE_CONFIRMATIONS else _GONE_SWEEP)
    return _next_recheck(visits, last)


def _next_recheck(visits: Visits, last: datetime) -> datetime:
    first = visits.first_good_at
    if first is None:
        return last + _FIRST_RETRY
    return next((first + step for step in _LADDER if first + step > last), last + _SWEEP)


def _reason(capture: Capture) -> str:
    if capture.failure is not None and capture.verdict is Verdict.FAILED:
        return capture.failure.value
    return capture.verdict.value
