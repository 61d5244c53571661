"""When to come back: the state of one locator, folded over its captures, and the time of its next visit.

Hides the retry and recheck ladders; which one an answer is put on is said by `verdicts`. The fold reads nothing but the captures, so the catalogue can always be rebuilt.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from http import HTTPStatus

from scraper.model import Capture, Reason
from scraper.policy import verdicts
from scraper.policy.verdicts import Again

_LADDER = tuple(
    timedelta(minutes=minutes)
    for minutes in (15, 60, 6 * 60, 24 * 60, 3 * 24 * 60, 7 * 24 * 60, 30 * 24 * 60, 90 * 24 * 60)
)
"""Rechecks after publication, or, where no moment of it is known, after an article was first held: most silent edits come within eight days (docs/sources.md, "Edits")."""
_SWEEP = timedelta(days=90)
_FIRST_RETRY = timedelta(minutes=15)
_LAST_RETRY = timedelta(hours=24)
_GONE_CONFIRM = timedelta(hours=24)
_GONE_CONFIRMATIONS = 6
"""The first, and five more a day apart: 72 hours (policy.compare asks for no less) even where two of them do not count, because the
host gave other pages no better answer at the time."""
_GONE_SWEEP = timedelta(days=30)
_DAILY = timedelta(days=1)
_LAST_SUSPECT = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visits:
    """What the captures of one locator add up to.

    `failures` and `gone` count the newest answers of that kind in a row, `gone` below zero where the
    last of them does not count towards a deletion; `held` is the record key of the newest
    capture that confirmed a good page; `reason` says in a word why nothing is held, or how the last answer was. `published_at` is
    the moment of publication, where the page states one and not just a day.
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
    published_at: datetime | None = None

    def due(self) -> Reason:
        """Why the next visit would be made."""
        if self.held:
            return Reason.RECHECK
        return Reason.RETRY if self.attempts else Reason.NEW


def advance(before: Visits, capture: Capture) -> Visits:
    """Fold one more capture in; captures come in the order they were recorded.

    What is held is the good page that was seen last, whenever it was recorded. A copy that others made is no visit of ours:
    it may be held, and is no attempt, failure or deletion; nor is a look from the second vantage, which comes on top of one.
    """
    if capture.channel.copied or capture.reason is Reason.SECOND:
        return _hold(before, capture) if verdicts.consequence(capture.verdict).replaces_held else before
    said = verdicts.reason(capture)
    then = verdicts.consequence(said)
    after = replace(before, attempts=before.attempts + 1, last_attempt_at=capture.observed_at, reason=said.value)
    if then.replaces_held:
        first = before.first_good_at or capture.observed_at
        return replace(_hold(after, capture), failures=0, gone=0, first_good_at=first)
    if then.again is Again.CONFIRM:
        # A deletion begins with the first answer that counts towards it: its 72 hours are asked through from there.
        gone = max(before.gone, 0) + 1 if then.counts_towards_deletion else -abs(before.gone) - 1
        return replace(after, failures=0, gone=gone)
    if then.again is Again.FOLLOW or (then.again is Again.SUSPECT and _arrived(capture)):
        # A hop says nothing of its own: its target's capture is folded in next. The front page it led to says it again.
        return after
    return replace(after, failures=before.failures + 1)


def _hold(visits: Visits, capture: Capture) -> Visits:
    """The same with a good page held, unless a newer one is."""
    if visits.last_good_at is not None and visits.last_good_at > capture.observed_at:
        return visits
    reason = visits.reason if visits.attempts else capture.verdict.value
    return replace(visits, last_good_at=capture.observed_at, held=capture.record, reason=reason)


def _arrived(capture: Capture) -> bool:
    """Whether this is the page at the end of a redirect."""
    return capture.redirected_from is not None and (capture.status or 0) < HTTPStatus.MULTIPLE_CHOICES


def next_visit(visits: Visits) -> datetime:
    """The earliest time to ask for this locator again."""
    last = visits.last_attempt_at
    if last is None:
        return visits.first_seen_at
    then = verdicts.named(visits.reason)
    if then is not None and then.again is Again.DAILY:
        return last + _DAILY
    if visits.failures:
        suspect = then is not None and then.again is Again.SUSPECT
        first, longest = (_DAILY, _LAST_SUSPECT) if suspect else (_FIRST_RETRY, _LAST_RETRY)
        wait: timedelta = min(first * (1 << min(visits.failures - 1, 10)), longest)
        return last + wait
    if visits.gone:
        return last + (_GONE_CONFIRM if abs(visits.gone) < _GONE_CONFIRMATIONS else _GONE_SWEEP)
    return _next_recheck(visits, last)


def _next_recheck(visits: Visits, last: datetime) -> datetime:
    first = visits.first_good_at
    if first is None:
        return last + _DAILY  # a redirect that nobody may follow
    if visits.published_at is not None:
        # An outlet's clock may be wrong: nothing is held before it is published.
        first = min(first, visits.published_at)
    return next((first + step for step in _LADDER if first + step > last), last + _SWEEP)
