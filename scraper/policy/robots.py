"""What the recorded attempts at a robots.txt add up to: its newest answer, and since when it has been failing.

Hides redirect chains: the answer to a robots.txt is the one at the end of its redirects. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from scraper.model import Failure

REMEMBERED = timedelta(days=90)
"""How far back attempts count: three times the span after which a failing file counts as absent."""

_OURS = frozenset({Failure.ABANDONED})
"""Failures that say nothing of the file."""


class Answer(Enum):
    """What the answer to a robots.txt means."""

    RULES = "rules"
    NO_RULES = "no-rules"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One recorded attempt: a hop of its own where the file was redirected."""

    record: str
    url: str
    status: int | None
    failure: Failure | None
    observed_at: datetime
    redirected_from: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """The `last` attempt's end, the last one that was an `answer`, and the first failed one after that."""

    last: Attempt | None = None
    answer: Attempt | None = None
    failing_since: datetime | None = None


def meaning(status: int) -> Answer:
    """Read a status, after redirects: RFC 9309 §2.3.1; 429 is a server in distress, not a missing file."""
    if 200 <= status < 300:
        return Answer.RULES
    return Answer.NO_RULES if 400 <= status < 500 and status != 429 else Answer.UNREACHABLE


def conclusive(attempt: Attempt) -> bool:
    """Whether an attempt's end settles what holds: an answer, or more redirects than anybody follows."""
    if attempt.failure is Failure.REDIRECT_LIMIT:
        return True
    whole = attempt.failure in (None, Failure.TOO_LARGE)
    return whole and meaning(attempt.status or 0) is not Answer.UNREACHABLE


def history(attempts: Sequence[Attempt], robots_url: str) -> History:
    """What the attempts of a source, in the order of recording, say of one robots.txt."""
    found = History()
    for end in _ends(attempts, robots_url):
        if conclusive(end):
            found = History(last=end, answer=end)
        else:
            found = History(last=end, answer=found.answer, failing_since=found.failing_since or end.observed_at)
    return found


def _ends(attempts: Iterable[Attempt], robots_url: str) -> Iterator[Attempt]:
    onward: dict[str, Attempt] = {}
    roots: list[Attempt] = []
    for attempt in attempts:
        if attempt.failure in _OURS:
            continue
        if attempt.redirected_from is not None:
            onward[attempt.redirected_from] = attempt  # the newest of several attempts at one hop
        if attempt.url == robots_url:
            roots.append(attempt)
    for root in roots:
        end = root
        while end.record in onward:
            end = onward[end.record]
        yield end
