"""Why is an expected article not there to be read? One cause for every gap, in words, with the command that repairs it.

Hides which answers make which cause; what follows from a single answer stands in `verdicts`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from scraper.model import Cause
from scraper.policy import verdicts

_RESTORE = "scraper repair"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """The first of the five sets that an article is not in, and why."""

    cause: Cause
    reason: str


def not_held(reason: str, attempts: int, since: datetime | None, *, in_scope: bool) -> Gap:
    """Why an address was never held: `reason` is the word for its last answer, `since` the time of the first."""
    if not in_scope:
        return Gap(cause=Cause.OUT_OF_SCOPE, reason=f"outside what its source declares by now; before: {reason}")
    if attempts == 0:
        return Gap(cause=Cause.NOT_FETCHED, reason=reason)
    then = verdicts.named(reason)
    if then is not None and then.again is verdicts.Again.CONFIRM:
        return Gap(cause=Cause.GONE, reason="gone before it could be captured")
    times = "once" if attempts == 1 else f"{attempts} times"
    tried = f"{reason} (tried {times}{f' since {since:%Y-%m-%d %H:%M}Z' if since else ''})"
    if reason == "robots-denied":
        return Gap(cause=Cause.ROBOTS, reason=tried)
    return Gap(cause=Cause.BLOCKED if reason.startswith("blocked-") else Cause.FAILING, reason=tried)


def not_readable(outcome: str | None, detail: str | None) -> Gap:
    """Why nothing was read of an intact snapshot."""
    if outcome is None:
        return Gap(cause=Cause.NOT_READ, reason="archived, but not read yet")
    return Gap(cause=Cause.LAYOUT_CHANGED, reason=detail or outcome)


DAMAGED = Gap(cause=Cause.DAMAGED, reason="its snapshot is missing or damaged")


def repair(cause: Cause, reason: str, source: str, url: str) -> str:
    """The command that repairs a gap, or what a person can do where none does."""
    if cause is Cause.DAMAGED:
        return _RESTORE
    if cause is Cause.OUT_OF_SCOPE:
        return f"widen hosts or articles of the declaration that `scraper sources {source}` names, or leave it out"
    if cause is Cause.NOT_READ:
        return f"scraper crawl {source}"
    if cause is Cause.LAYOUT_CHANGED:
        return f"scraper parse '{url}'"
    then = verdicts.named(reason)
    if cause is Cause.GONE:
        then = verdicts.named("gone")
    return (then and then.remedy) or f"scraper fetch '{url}'"
