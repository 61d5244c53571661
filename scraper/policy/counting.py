"""How a backfill counts up to addresses that nothing shows: numbers on and on, or anew for each day.

Hides when counting ends: at the last number that is declared, or after so many in a row that are no article's. Pure: the
job asks, and keeps where it is.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from scraper.model import Backfill, Verdict
from scraper.policy import walk
from scraper.policy.verdicts import ABSENT

_DAY = timedelta(days=1)
_MISSES = frozenset((*ABSENT, Verdict.EMPTY, Verdict.CLIENT_ERROR, Verdict.MOVED, Verdict.MOVED_HOME))
"""Answers that count as "no such number". A number whose page is in another language, or no page, was given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """Where counting is: `number` of `day` is the next, after `misses` in a row. `began` is when the walk did."""

    day: date
    number: int
    misses: int
    began: datetime

    def to_json(self) -> str:
        """The count as text, to be kept in the catalogue."""
        kept = {"day": self.day.isoformat(), "number": self.number, "misses": self.misses}
        return json.dumps(kept | {"began": self.began.isoformat()})

    @classmethod
    def from_json(cls, text: str) -> Count:
        """The count a kept text holds."""
        kept = json.loads(text)
        return cls(
            day=date.fromisoformat(kept["day"]),
            number=kept["number"],
            misses=kept["misses"],
            began=datetime.fromisoformat(kept["began"]),
        )


def start(way: Backfill, since: date, began: datetime) -> Count:
    """The first number, of the first day."""
    return Count(day=since, number=way.first, misses=0, began=began)


def daily(way: Backfill) -> bool:
    """Whether the outlet numbers anew for each day."""
    return "{date" in way.url


def address(way: Backfill, count: Count) -> str:
    """The address a number stands for."""
    return walk.address(way, count.day, count.number)


def is_miss(verdict: Verdict) -> bool:
    """Whether an answer says that no article has this number."""
    return verdict in _MISSES


def onward(way: Backfill, count: Count, until: date, *, miss: bool | None) -> Count | None:
    """The next number after one that was no article's (`miss`), or was, or of which nobody knows; None at the end.

    Where the last number is declared, misses end nothing: gaps may be longer than anybody would guess.
    """
    misses = count.misses if miss is None else count.misses + 1 if miss else 0
    further = replace(count, number=count.number + way.step, misses=misses)
    ended = further.number > way.last if way.last is not None else further.misses >= way.misses
    if not ended:
        return further
    if daily(way) and count.day < until:
        return replace(further, day=count.day + _DAY, number=way.first, misses=0)
    return None


def least(way: Backfill, count: Count, until: date, known: Callable[[str], bool]) -> Iterator[bool]:
    """For each number that is counted at least, whether it is `known`: those that are not are taken for no article's."""
    here: Count | None = count
    while here is not None:
        there = known(address(way, here))
        yield there
        here = onward(way, here, until, miss=not there)
