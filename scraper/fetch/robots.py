"""May this URL be asked for? robots.txt as RFC 9309 demands, with the copy it was decided by.

Hides how a robots.txt is kept, when it is asked for again, and what stands in for it while it cannot be had.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from scraper.errors import Refused, Transient
from scraper.fetch import robots_rules
from scraper.model import Capture, Failure, RobotsDecision

if TYPE_CHECKING:
    from scraper.clock import Clock

FRESH = timedelta(hours=24)
"""How long a copy is used, also in place of one that cannot be had (RFC 9309 §2.4)."""

HOLD = timedelta(minutes=10)
"""How long an unreachable robots.txt is not asked for again."""

GIVEN_UP = timedelta(days=30)
"""After failing for so long a robots.txt counts as one that does not exist (RFC 9309 §2.3.1.4)."""


Fetch = Callable[[str], tuple[Capture, bytes]]
"""Ask for a robots.txt, following redirects: the last hop's capture and body."""


class RobotsCache(Protocol):
    """What the archive knows of robots.txt files."""

    def last(self, source: str, robots_url: str) -> tuple[Capture, bytes] | None:
        """The newest capture that holds an answer, of whatever status, and its body."""
        ...

    def last_good(self, source: str, robots_url: str) -> tuple[Capture, bytes] | None:
        """The newest capture with a 2xx answer, and its body."""
        ...


class Answer(Enum):
    """What the status of a robots.txt answer means."""

    RULES = "rules"
    NO_RULES = "no-rules"
    UNREACHABLE = "unreachable"


def meaning(status: int) -> Answer:
    """Read a status, after redirects: RFC 9309 §2.3.1; 429 is a server in distress, not a missing file."""
    if 200 <= status < 300:
        return Answer.RULES
    return Answer.NO_RULES if 400 <= status < 500 and status != 429 else Answer.UNREACHABLE


def robots_url(url: str) -> str:
    """The robots.txt of a URL's authority (RFC 9309 §2.3)."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/robots.txt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What holds for an authority until `expires`: its `rules`, or one answer for every URL.

    `unreachable` is true when everything is disallowed because the file could not be had.
    """

    expires: datetime
    seen_at: datetime
    note: str
    rules: robots_rules.Rules | None = None
    unreachable: bool = False
    capture: str | None = None

    def decide(self, url: str) -> tuple[RobotsDecision, Failure | None]:
        """The decision for one canonical URL, and the failure to record where it is a no."""
        if self.rules is None:
            decision = RobotsDecision(allowed=not self.unreachable, rule=self.note, capture=self.capture)
            return decision, Failure.ROBOTS_UNREACHABLE if self.unreachable else None
        allowed, rule = self.rules.decide(url)
        delay = self.rules.crawl_delay
        decision = RobotsDecision(allowed=allowed, rule=rule, capture=self.capture, crawl_delay=delay)
        return decision, None if allowed else Failure.ROBOTS_DENIED


def standing(capture: Capture, body: bytes, token: str) -> Standing | None:
    """What an answered robots.txt capture establishes for 24 hours from when it was seen; None if it was no answer.

    A body that broke off or does not decode may lack the rule that matters, so it is none. One cut at our own limit is.
    """
    status = capture.status or 0
    answer = meaning(status)
    if answer is Answer.UNREACHABLE or capture.undecoded or capture.truncated not in (None, "length"):
        return None
    return Standing(
        expires=capture.observed_at + FRESH,
        seen_at=capture.observed_at,
        note=f"no robots.txt ({status})",
        rules=robots_rules.read(body, token) if answer is Answer.RULES else None,
        capture=capture.record or None,
    )


def without(
    good: Standing | None,
    *,
    asked_at: datetime,
    failing_since: datetime,
    now: datetime,
    why: str,
    capture: str | None = None,
) -> Standing:
    """What holds while robots.txt cannot be had: the last good copy under 24 h, else nothing is allowed for 30 days.

    `asked_at` is when it was last asked for in vain; it is asked for again `HOLD` later.
    """
    again = asked_at + HOLD
    if good is not None and now < good.seen_at + FRESH:
        return replace(good, expires=min(again, good.seen_at + FRESH))
    held = Standing(expires=again, seen_at=asked_at, note=f"robots.txt unreachable: {why}", capture=capture)
    if now - failing_since > GIVEN_UP:
        return replace(held, note=f"robots.txt unreachable for over {GIVEN_UP.days} days")
    return replace(held, unreachable=True)


class Robots:
    """The decisions of one process. A file is asked for once in 24 hours and source, by the `fetch` given to `decide`."""

    def __init__(self, cache: RobotsCache, clock: Clock, token: str) -> None:
        self._cache = cache
        self._clock = clock
        self._token = token
        self._known: dict[tuple[str, str], Standing] = {}
        self._good: dict[tuple[str, str], Standing] = {}
        self._failing: dict[tuple[str, str], datetime] = {}

    def decide(self, url: str, source: str, fetch: Fetch) -> tuple[RobotsDecision, Failure | None]:
        """Decide for one canonical URL of a source; with the failure to record where the decision is a no.

        `fetch(robots_url)` returns the last hop's capture and body; its Throttled passes through.
        """
        key = source, robots_url(url)
        known = self._known.get(key)
        if known is None or known.expires <= self._clock.now():
            known = (self._remembered(key) if known is None else None) or self._asked(key, fetch)
            self._known[key] = known
        return known.decide(url)

    def _remembered(self, key: tuple[str, str]) -> Standing | None:
        """What an earlier run left in the archive, while it is fresh."""
        last = self._cache.last(*key)
        if last is None:
            return None
        capture, body = last
        now = self._clock.now()
        held = standing(capture, body, self._token)
        if held is not None:
            return self._answered(key, held) if now < held.expires else None
        # Nothing better has been seen since, so it has been failing from then on.
        self._failing[key] = capture.observed_at
        if now < capture.observed_at + HOLD:
            return self._unreachable(key, capture.observed_at, f"status {capture.status}", capture.record)
        return None

    def _asked(self, key: tuple[str, str], fetch: Fetch) -> Standing:
        now = self._clock.now()
        try:
            capture, body = fetch(key[1])
        except (Transient, Refused) as error:
            if error.failure is Failure.ABANDONED:
                raise
            if error.failure is Failure.REDIRECT_LIMIT:
                note = "no robots.txt (more than five redirects)"
                return self._answered(key, Standing(expires=now + FRESH, seen_at=now, note=note))
            return self._unreachable(key, now, str(error), None)
        held = standing(capture, body, self._token)
        if held is None:
            return self._unreachable(key, now, f"status {capture.status}", capture.record)
        return self._answered(key, held)

    def _answered(self, key: tuple[str, str], held: Standing) -> Standing:
        self._failing.pop(key, None)
        if held.rules is not None:
            self._good[key] = held
        return held

    def _unreachable(self, key: tuple[str, str], asked_at: datetime, why: str, capture: str | None) -> Standing:
        good = self._good.get(key)
        if good is None:
            kept = self._cache.last_good(*key)
            good = standing(*kept, self._token) if kept is not None else None
        since = self._failing.setdefault(key, asked_at)
        now = self._clock.now()
        return without(good, asked_at=asked_at, failing_since=since, now=now, why=why, capture=capture)
