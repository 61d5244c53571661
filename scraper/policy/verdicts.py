"""What follows from an answer: one table for verdicts and failures, read by visits, comparison, runs and reports.

Hides nothing: the table is the rule, and docs/verdicts.md shows it with the source of each line. `judge` says what an
answer was; here stands what is done about it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from scraper.model import Capture, Failure, Verdict


class Weight(StrEnum):
    """How much an answer that is not the page says about it.

    HARD: it is about this address, and stays so until somebody acts. SOFT: something came that is not what it seems, or
    not what was asked for; it says nothing sure. TEMPORARY: it passes by itself. NONE: nothing is wrong.
    """

    NONE = "none"
    HARD = "hard"
    SOFT = "soft"
    TEMPORARY = "temporary"


class Again(StrEnum):
    """When an article's address is asked for again; `policy.visits` holds the ladders."""

    RECHECK = "recheck"
    """As its age says: after 15 minutes up to 90 days."""
    CONFIRM = "confirm"
    """After a day, three times; then every 30 days."""
    SUSPECT = "suspect"
    """After 1, 2 and 4 days; then every 7."""
    RETRY = "retry"
    """After 15 minutes, then twice as long each time, up to a day."""
    DAILY = "daily"
    """Once a day."""
    FOLLOW = "follow"
    """By what the redirect's target says; once a day where nobody follows it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Consequence:
    """What follows from one verdict or failure.

    `counts_towards_deletion`: the outlet itself said that the article is not there. `replaces_held`: from now on this
    capture (or for a 304 the one it confirms) is the version that is held. `stops_run`: every further request of the
    run would meet the same, so it ends. `remedy` is what a person can do about a gap with this reason; empty where the
    article is to be fetched.
    """

    weight: Weight
    again: Again
    counts_towards_deletion: bool = False
    replaces_held: bool = False
    stops_run: bool = False
    remedy: str = ""


_GOOD = Consequence(weight=Weight.NONE, again=Again.RECHECK, replaces_held=True)
_OTHER_ROLE = Consequence(weight=Weight.NONE, again=Again.RETRY)
_ELSEWHERE = "none here: look for a copy elsewhere"
_BLOCKED = Consequence(weight=Weight.SOFT, again=Again.RETRY, stops_run=True)
_BLOCKED_FOR_GOOD = Consequence(weight=Weight.HARD, again=Again.RETRY, stops_run=True)
_HARD = Consequence(weight=Weight.HARD, again=Again.RETRY)
_SOFT = Consequence(weight=Weight.SOFT, again=Again.RETRY)
_TEMPORARY = Consequence(weight=Weight.TEMPORARY, again=Again.RETRY)

VERDICTS: Mapping[Verdict, Consequence] = MappingProxyType(
    {
        Verdict.ARTICLE: _GOOD,
        Verdict.UNCHANGED: _GOOD,
        Verdict.LISTING: _OTHER_ROLE,
        Verdict.ROBOTS: _OTHER_ROLE,
        Verdict.MOVED: Consequence(weight=Weight.NONE, again=Again.FOLLOW),
        Verdict.MOVED_HOME: Consequence(weight=Weight.SOFT, again=Again.SUSPECT),
        Verdict.GONE: Consequence(
            weight=Weight.HARD, again=Again.CONFIRM, counts_towards_deletion=True, remedy=_ELSEWHERE
        ),
        Verdict.SOFT_GONE: Consequence(weight=Weight.SOFT, again=Again.CONFIRM, remedy=_ELSEWHERE),
        Verdict.BLOCKED_WAF: _BLOCKED,
        Verdict.BLOCKED_CAPTCHA: _BLOCKED,
        Verdict.BLOCKED_LEGAL: _BLOCKED_FOR_GOOD,
        Verdict.BLOCKED_GEO: _BLOCKED_FOR_GOOD,
        Verdict.BLOCKED_LOGIN: _BLOCKED,
        Verdict.THROTTLED: _TEMPORARY,
        Verdict.CLIENT_ERROR: _HARD,
        Verdict.SERVER_ERROR: _TEMPORARY,
        Verdict.EMPTY: _SOFT,
        Verdict.TRUNCATED: _TEMPORARY,
        Verdict.NOT_HTML: _HARD,
        Verdict.WRONG_LANGUAGE: _SOFT,
        Verdict.FAILED: _TEMPORARY,
    }
)
"""LISTING and ROBOTS are no answers to the request for an article: were one given to it, nothing would be held."""

FAILURES: Mapping[Failure, Consequence] = MappingProxyType(
    {
        Failure.TIMEOUT_CONNECT: _TEMPORARY,
        Failure.TIMEOUT_READ: _TEMPORARY,
        Failure.TIMEOUT_TOTAL: _TEMPORARY,
        Failure.TOO_SLOW: _TEMPORARY,
        Failure.TOO_LARGE: _HARD,
        Failure.DECODE_BOMB: _HARD,
        Failure.DNS: _TEMPORARY,
        Failure.CONNECT: _TEMPORARY,
        Failure.TLS: _HARD,
        Failure.RESET: _TEMPORARY,
        Failure.PROTOCOL: _SOFT,
        Failure.REDIRECT_LIMIT: _SOFT,
        Failure.ROBOTS_DENIED: Consequence(
            weight=Weight.HARD, again=Again.DAILY, remedy="none: the outlet's robots.txt forbids it"
        ),
        Failure.ROBOTS_UNREACHABLE: _TEMPORARY,
        Failure.GUARD_REFUSED: Consequence(weight=Weight.HARD, again=Again.DAILY),
        Failure.ABANDONED: Consequence(weight=Weight.TEMPORARY, again=Again.RETRY, stops_run=True),
    }
)
"""For attempts that brought no whole answer. One that broke off after its status has a verdict of its own, TRUNCATED."""

_BY_NAME: Mapping[str, Consequence] = MappingProxyType(
    {word.value: consequence for table in (VERDICTS, FAILURES) for word, consequence in table.items()}
)

ABSENT = tuple(verdict for verdict, then in VERDICTS.items() if then.again is Again.CONFIRM)
"""The verdicts that say that the article is not at its address; of them GONE alone may count towards a deletion."""


def reason(capture: Capture) -> Verdict | Failure:
    """The word that says most about an answer: its verdict, or, where none came, why not."""
    if capture.failure is not None and capture.verdict is Verdict.FAILED:
        return capture.failure
    return capture.verdict


def consequence(word: Verdict | Failure) -> Consequence:
    """What follows from a verdict or a failure."""
    return VERDICTS[word] if isinstance(word, Verdict) else FAILURES[word]


def named(text: str) -> Consequence | None:
    """What follows from a reason as the catalogue and reports write it (`gone before …` begins with it); else None."""
    return _BY_NAME.get(text.partition(" ")[0])
