"""By when the recheck plan must have met a change: the ladder of docs/verdicts.md walked over the ticks of the history.

Hides how visits fall on ticks. It is written anew here, and not taken from `policy.visits`: the promise is what is tested.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from benchmarks.history.incidents import Truth
from benchmarks.history.stories import HERALD
from benchmarks.history.times import TICK

_LADDER = tuple(timedelta(hours=hours) for hours in (0.25, 1, 6, 24, 72, 168, 720, 2160))
_AFTER_TROUBLE = timedelta(days=1) + TICK
"""The longest an address waits after answers that said nothing."""


def meets(
    truth: Truth, source: str, ticks: Sequence[datetime], *, published: datetime, since: datetime, sweep: int
) -> datetime:
    """The tick at which an article that appeared at `published` is asked for next after `since`, if nothing is in the way."""
    return next(visit for visit in visits(truth, source, ticks, published=published, sweep=sweep) if visit >= since)


def visits(
    truth: Truth, source: str, ticks: Sequence[datetime], *, published: datetime, sweep: int
) -> Iterator[datetime]:
    """The ticks at which an article is asked for that lives and answers: the first look, then its rechecks.

    They count from publication where the pages state a moment (the Herald's do), else from the first look.
    """
    last = _look(truth, source, ticks, published)
    first = published if source == HERALD else last
    while True:
        yield last
        rung = next((first + step for step in _LADDER if first + step > last), first + _LADDER[-1])
        due = min(max(rung, last + timedelta(seconds=1)), last + timedelta(days=sweep))
        last = _look(truth, source, ticks, due)
        if truth.spell(source, last, "ill"):
            # Its 404 counts for nothing, and the address is asked for again a day later.
            last = _look(truth, source, ticks, last + timedelta(days=1))


def at_the_latest(truth: Truth, source: str, planned: datetime) -> datetime:
    """The same with what a host's spell before it may have put off, and a tick to spare."""
    late = planned + TICK
    spans = [each.span for each in truth.spells if each.source == source and each.blind]
    for span in sorted((*spans, *truth.away)):
        if span.since - timedelta(days=1) <= late <= span.until + _AFTER_TROUBLE:
            late = max(late, span.until + _AFTER_TROUBLE)
    return late


def _look(truth: Truth, source: str, ticks: Sequence[datetime], due: datetime) -> datetime:
    for tick in ticks[bisect_left(ticks, due) :]:
        if not truth.blind(source, tick) or truth.spell(source, tick, "ill"):
            return tick
    return max(due, ticks[-1] + TICK)
