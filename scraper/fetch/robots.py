"""May this URL be asked for? robots.txt as RFC 9309 demands, with the copy it was decided by.

Hides how a robots.txt is kept, when it is asked for again, and what stands in for it while it cannot be had.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from scraper.errors import Refused, Throttled, Transient
from scraper.fetch import robots_rules
from scraper.model import Capture, Failure, RobotsDecision
from scraper.policy.robots import REMEMBERED, Answer, Attempt, history, meaning

if TYPE_CHECKING:
    from scraper.clock import Clock

REFRESH = timedelta(hours=12)
"""After so long a copy is asked for again: while that fails there is a day's rest in it to fall back on."""

FRESH = timedelta(hours=24)
"""How long a copy is used in place of one that cannot be had (RFC 9309 §2.4)."""

HOLD = timedelta(minutes=10)
"""How long an unreachable robots.txt is not asked for again."""

GIVEN_UP = timedelta(days=30)
"""After failing for so long a robots.txt counts as one that does not exist (RFC 9309 §2.3.1.4)."""

_CLOSED = (401, 403)

Fetch = Callable[[str], tuple[Capture, bytes]]
"""Ask for a robots.txt, following redirects: the last hop's capture and body."""


class RobotsCache(Protocol):
    """What the archive knows of robots.txt files."""

    def attempts(self, source: str, since: datetime) -> Sequence[Attempt]:
        """Every attempt at a robots.txt of a source since then, redirect hops too, in the order of recording."""
        ...

    def load(self, record: str) -> tuple[Capture, bytes] | None:
        """The capture under a record key and its body; None where it is damaged."""
        ...


def robots_url(url: str) -> str:
    """The robots.txt of a URL's authority (RFC 9309 §2.3)."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/robots.txt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What holds for an authority until `expires`: its `rules`, or one answer for every URL.

    `unreachable` is true when everything is disallowed because the file could not be had, `closed` when it is because
    the source says so of a file that is answered 401 or 403.
    """

    expires: datetime
    seen_at: datetime
    note: str
    rules: robots_rules.Rules | None = None
    unreachable: bool = False
    closed: bool = False
    capture: str | None = None

    def decide(self, url: str) -> tuple[RobotsDecision, Failure | None]:
        """The decision for one canonical URL, and the failure to record where it is a no."""
        if url == robots_url(url):
            return RobotsDecision(allowed=True, rule="robots.txt itself", capture=self.capture), None
        if self.rules is None:
            shut = self.unreachable or self.closed
            decision = RobotsDecision(allowed=not shut, rule=self.note, capture=self.capture)
            failure = Failure.ROBOTS_UNREACHABLE if self.unreachable else Failure.ROBOTS_DENIED
            return decision, failure if shut else None
        allowed, rule = self.rules.decide(url)
        delay = self.rules.crawl_delay
        decision = RobotsDecision(allowed=allowed, rule=rule, capture=self.capture, crawl_delay=delay)
        return decision, None if allowed else Failure.ROBOTS_DENIED


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A decision with all that led to it. `fetched` is true when the file was asked for just now."""

    url: str
    robots_url: str
    decision: RobotsDecision
    group: str
    seen_at: datetime
    expires: datetime
    fetched: bool


def standing(capture: Capture, body: bytes, token: str, *, closed: bool = False) -> Standing | None:
    """What an answered robots.txt capture establishes from when it was seen; None if it was no answer.

    A body that broke off or does not decode may lack the rule that matters, so it is none. One cut at our own limit is.
    `closed` makes a 401 or 403 disallow everything; to the RFC they are like any other 4xx.
    """
    if capture.failure is Failure.REDIRECT_LIMIT:
        return endless(capture.observed_at, capture.record or None)
    status = capture.status or 0
    answer = meaning(status)
    if answer is Answer.UNREACHABLE or capture.undecoded or capture.truncated not in (None, "length"):
        return None
    shut = closed and status in _CLOSED
    return Standing(
        expires=capture.observed_at + REFRESH,
        seen_at=capture.observed_at,
        note=f"robots.txt answered {status} (robots_401_403)" if shut else f"no robots.txt ({status})",
        rules=robots_rules.read(body, token) if answer is Answer.RULES else None,
        closed=shut,
        capture=capture.record or None,
    )


def endless(seen_at: datetime, capture: str | None) -> Standing:
    """What more than five redirects establish: there is no file (RFC 9309 §2.3.1.2)."""
    note = "no robots.txt (more than five redirects)"
    return Standing(expires=seen_at + REFRESH, seen_at=seen_at, note=note, capture=capture)


def without(
    good: Standing | None,
    *,
    asked_at: datetime,
    failing_since: datetime,
    now: datetime,
    why: str,
    capture: str | None = None,
) -> Standing:
    """What holds while robots.txt cannot be had: the last answer under 24 h, else nothing is allowed for 30 days.

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
    """The decisions of one process. A file is asked for once in 12 hours and source, by the `fetch` given to `decide`."""

    def __init__(self, cache: RobotsCache, clock: Clock, token: str) -> None:
        self._cache = cache
        self._clock = clock
        self._token = token
        self._known: dict[tuple[str, str], Standing] = {}
        self._good: dict[tuple[str, str], Standing] = {}
        self._failing: dict[tuple[str, str], datetime] = {}

    def decide(
        self, url: str, source: str, fetch: Fetch, *, closed: bool = False
    ) -> tuple[RobotsDecision, Failure | None]:
        """Decide for one canonical URL of a source; with the failure to record where the decision is a no.

        `fetch(robots_url)` returns the last hop's capture and body; its Throttled passes through. `closed` as in
        `standing`.
        """
        return self._standing((source, robots_url(url)), fetch, closed=closed)[0].decide(url)

    def explain(self, url: str, source: str, fetch: Fetch, *, closed: bool = False) -> Explanation:
        """As `decide`, with the file's place and age, its group, and whether it was asked for just now."""
        key = source, robots_url(url)
        held, fetched = self._standing(key, fetch, closed=closed)
        return Explanation(
            url=url,
            robots_url=key[1],
            decision=held.decide(url)[0],
            group=held.rules.group if held.rules is not None else "",
            seen_at=held.seen_at,
            expires=held.expires,
            fetched=fetched,
        )

    def valid_until(self, url: str, source: str) -> datetime:
        """When the robots.txt that decides for a URL will be asked for again; now, where none is known."""
        known = self._known.get((source, robots_url(url)))
        return known.expires if known is not None else self._clock.now()

    def _standing(self, key: tuple[str, str], fetch: Fetch, *, closed: bool) -> tuple[Standing, bool]:
        known = self._known.get(key)
        if known is not None and self._clock.now() < known.expires:
            return known, False
        kept = self._remembered(key, closed=closed) if known is None else None
        held = kept or self._asked(key, fetch, closed=closed)
        self._known[key] = held
        return held, kept is None

    def _remembered(self, key: tuple[str, str], *, closed: bool) -> Standing | None:
        """What earlier runs left in the archive, while it need not be asked for again."""
        now = self._clock.now()
        past = history(self._cache.attempts(key[0], now - REMEMBERED), key[1])
        kept = self._cache.load(past.answer.record) if past.answer is not None else None
        answer = standing(*kept, self._token, closed=closed) if kept is not None else None
        if answer is not None:
            self._good[key] = answer
        if past.last is None or (past.failing_since is None and answer is None):
            return None
        if past.failing_since is None:
            return answer if answer is not None and now < answer.expires else None
        self._failing[key] = past.failing_since
        if past.last.status is None or now >= past.last.observed_at + HOLD:
            # A network that failed may be mended by now (a bundle, a proxy): whoever starts anew may try at once.
            return None
        return self._unreachable(key, past.last.observed_at, f"status {past.last.status}", past.last.record)

    def _asked(self, key: tuple[str, str], fetch: Fetch, *, closed: bool) -> Standing:
        now = self._clock.now()
        try:
            capture, body = fetch(key[1])
        except Throttled:
            # Answered so itself, or not asked for at all, as the host is being left alone?
            asked = history(self._cache.attempts(key[0], now), key[1]).last
            if asked is not None:
                self._known[key] = self._unreachable(key, now, f"status {asked.status}", asked.record)
            raise
        except (Transient, Refused) as error:
            if error.failure is Failure.ABANDONED:
                raise
            if error.failure is Failure.REDIRECT_LIMIT:
                return self._answered(key, endless(now, None))
            return self._unreachable(key, now, str(error), None)
        held = standing(capture, body, self._token, closed=closed)
        if held is None:
            return self._unreachable(key, now, f"status {capture.status}", capture.record)
        return self._answered(key, held)

    def _answered(self, key: tuple[str, str], held: Standing) -> Standing:
        self._failing.pop(key, None)
        self._good[key] = held
        return held

    def _unreachable(self, key: tuple[str, str], asked_at: datetime, why: str, capture: str | None) -> Standing:
        since = self._failing.setdefault(key, asked_at)
        good, now = self._good.get(key), self._clock.now()
        return without(good, asked_at=asked_at, failing_since=since, now=now, why=why, capture=capture)
