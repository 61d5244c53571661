"""What the script implies without any incident saying so: how many articles each day has, and when nobody looked.

Hides how windows of hours are cut to outlet days and put together again.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from itertools import pairwise

from benchmarks.history.stories import HERALD, PAPER, ZONES, Story
from benchmarks.history.times import Span
from benchmarks.history.world import World
from scraper.model import DayCount

_PATIENCE = timedelta(hours=9)
_WINDOW = re.compile(r"(\d\d):(\d\d)-(\d\d):(\d\d)")
_CLOSE = timedelta(minutes=45)
"""A look that is put off by a host's pause comes so much later than its tick at most."""


def articles_a_day(world: World) -> Counter[tuple[str, date]]:
    """How many articles lists showed of each outlet day, by the date that their pages state at the end."""
    found: Counter[tuple[str, date]] = Counter()
    for story in world.stories:
        if _shown(world, story):
            found[story.outlet, _stated(world, story)] += 1
    return found


def _shown(world: World, story: Story) -> bool:
    looks = (tick for tick in world.ticks if not world.truth.blind(story.outlet, tick))
    return story.old or any(story.listed(tick) for tick in looks)


def _stated(world: World, story: Story) -> date:
    last = min((world.ticks[-1], *(span.since for span in story.gone if span.until > world.ticks[-1])))
    return story.at(max(last, story.published)).dated.astimezone(ZONES[story.outlet]).date()


def unobserved(world: World) -> list[tuple[str, Span]]:
    """The stretches between two looks that are longer than the patience of the check."""
    found: list[tuple[str, Span]] = []
    for source in (PAPER, HERALD):
        looks = sorted(
            tick + sum((ahead for span, ahead in world.truth.ahead if span.holds(tick)), start=timedelta())
            for tick in world.ticks
            if not world.truth.blind(source, tick)
        )
        # The report is written at the last tick, whether that saw a list or not.
        edges = [*looks, max(looks[-1], world.ticks[-1])]
        found.extend((source, Span(*pair)) for pair in pairwise(edges) if pair[1] - pair[0] > _PATIENCE)
    return found


def reported(days: Iterable[DayCount]) -> list[tuple[str, Span]]:
    """The windows of a completeness report, those that go on over midnight as one."""
    found: list[tuple[str, Span]] = []
    for day in sorted(days, key=lambda each: (each.source, each.day)):
        for window in _WINDOW.findall(day.unobserved):
            span = Span(*(_moment(day, *map(int, clock)) for clock in (window[:2], window[2:])))
            if found and found[-1][0] == day.source and found[-1][1].until == span.since:
                span = Span(found.pop()[1].since, span.until)
            found.append((day.source, span))
    return found


def same(one: Span, other: Span) -> bool:
    """Whether two windows are one, but for the minutes that a host made us wait."""
    return abs(one.since - other.since) <= _CLOSE and abs(one.until - other.until) <= _CLOSE


def _moment(day: DayCount, hours: int, minutes: int) -> datetime:
    midnight = datetime.combine(day.day + timedelta(days=hours // 24), time(hours % 24, minutes), ZONES[day.source])
    return midnight.astimezone(ZONES[PAPER])
