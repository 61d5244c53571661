"""The truth, as data: every incident, what must be named of it, where and by when; and what befalls whole hosts.

Hides nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from benchmarks.history.times import Span

CHANGES, ALARMS, CHECK = "changes", "alarms", "check"
"""The three reports: `scraper changes`, the findings that the daemon's ticks log, and `scraper check` after it all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """One line that a report must hold: its kind, and of what.

    `url` is an article's address or, of an alarm, what its subject or reason holds; `fields` are those a change must name (any where
    empty), `other` the second address of a move or swap, `members` the addresses of a mass deletion. It may be named for what
    was seen from `since` on, and must be by `by`; `planned` is when the recheck plan meets it at the latest.
    """

    report: str
    kind: str
    source: str
    url: str
    since: datetime
    by: datetime
    planned: datetime | None = None
    fields: tuple[str, ...] = ()
    other: str = ""
    members: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """Something that happened: `expects` must be named; one without any must not be named at all, in no report.

    `also` are lines that may come of it and need not: an alarm at each of many ticks, a second suspicion.
    """

    kind: str
    source: str
    since: datetime
    until: datetime
    about: str
    expects: tuple[Expected, ...] = ()
    also: tuple[Expected, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Spell:
    """What befalls a whole host for a while; `kind` says how it answers (`answers.py`). `blind` spells show no list."""

    kind: str
    source: str
    span: Span
    blind: bool


@dataclass(slots=True, kw_only=True)
class Truth:
    """All that the script has in store.

    `away` are the spans in which this program does not run, `ahead` those in which our clock is so much ahead.
    """

    incidents: list[Incident] = field(default_factory=list)
    spells: list[Spell] = field(default_factory=list)
    away: list[Span] = field(default_factory=list)
    ahead: list[tuple[Span, timedelta]] = field(default_factory=list)

    def spell(self, source: str, moment: datetime, *kinds: str) -> Spell | None:
        """What befalls a host at a moment, if it is one of `kinds` (any where none are named)."""
        return next(
            (
                each
                for each in self.spells
                if each.source == source and each.span.holds(moment) and (not kinds or each.kind in kinds)
            ),
            None,
        )

    def blind(self, source: str, moment: datetime) -> bool:
        """Whether nobody can see the lists of a source then."""
        return any(span.holds(moment) for span in self.away) or any(
            each.blind for each in self.spells if each.source == source and each.span.holds(moment)
        )
