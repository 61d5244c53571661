"""The world while it is being scripted: stories, truth, and which stories are still ordinary.

Hides how a story is drawn for an incident, and how what is expected of it gets its dates.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from random import Random

from benchmarks.history import plan
from benchmarks.history.incidents import ALARMS, CHANGES, Expected, Incident, Spell, Truth
from benchmarks.history.stories import HERALD, HOSTS, PAPER, Story, stories
from benchmarks.history.times import TICK, Span, at, ticks

SWEEP = {PAPER: 14, HERALD: 14}
"""Days, as declared of the sources."""
_FEW_DAYS = 7
"""A past of more days is begun with later, so that there is an ordinary time before it."""
_CONFIRMED = timedelta(hours=72)


class World:
    """All that is published in so many days, and all that happens to it."""

    def __init__(self, days: int, seed: int, *, old_days: int) -> None:
        self.days = days
        self.ticks = ticks(days)
        self.draw = Random(seed + 1)  # noqa: S311 - which story an incident befalls needs no cryptography
        self.stories = stories(days, seed, old_days=old_days)
        self.truth = Truth()
        self.past_from = at(18, "07:00") if old_days > _FEW_DAYS else self.ticks[0]
        self._taken: set[str] = set()

    def take(self, source: str, day: int, *, rubric: bool = False) -> Story:
        """An ordinary story of a day of the history that nothing has befallen, and nothing else will."""
        wanted = [
            each
            for each in self.stories
            if each.outlet == source
            and not each.old
            and each.published.date() == self.ticks[0].date() + timedelta(days=day - 1)
            and each.name not in self._taken
            and each.name.endswith("press-review/") is rubric
            and not each.name.endswith("-0004")  # the day's last number stays, so that no other is the greatest
        ]
        story = self.draw.choice(wanted)
        self._taken.add(story.name)
        return story

    def add(
        self, kind: str, source: str, span: Span, about: str, *expects: Expected, also: Iterable[Expected] = ()
    ) -> None:
        """Write an incident down."""
        self.truth.incidents.append(
            Incident(
                kind=kind,
                source=source,
                since=span.since,
                until=span.until,
                about=about,
                expects=expects,
                also=tuple(also),
            )
        )

    def change(
        self,
        kind: str,
        story: Story,
        since: datetime,
        *,
        fields: tuple[str, ...] = (),
        other: str = "",
        after: timedelta = timedelta(),
        met: datetime | None = None,
    ) -> Expected:
        """What `scraper changes` must tell of a story: met by the plan after `since` (or at `met`), and told `after` that."""
        planned = met or self.met(story, since)
        return Expected(
            report=CHANGES,
            kind=kind,
            source=story.outlet,
            url=story.url,
            since=since,
            planned=planned + after,
            by=plan.at_the_latest(self.truth, story.outlet, planned) + after + (after / _CONFIRMED) * 3 * TICK,
            fields=fields,
            other=other,
        )

    def met(self, story: Story, since: datetime) -> datetime:
        """When the plan asks for a story next after a moment."""
        published = self.past_from if story.old else max(story.published, self.ticks[0])
        return plan.meets(
            self.truth,
            story.outlet,
            self.ticks,
            published=published,
            since=since,
            sweep=SWEEP[story.outlet],
        )

    def deletion(self, story: Story, since: datetime) -> tuple[Expected, Expected]:
        """What must be told of a story that is gone for good."""
        return (
            self.change("suspect-gone", story, since),
            self.change("confirmed-gone", story, since, after=_CONFIRMED),
        )

    def alarm(self, kind: str, source: str, span: Span, subject: str = "") -> Expected:
        """What the daemon must log of a host between two moments, a tick later at the latest."""
        return Expected(
            report=ALARMS,
            kind=kind,
            source=source,
            url=subject or HOSTS[source],
            since=span.since,
            by=span.until + TICK,
        )

    def befall(self, kind: str, source: str, span: Span, *, blind: bool) -> Spell:
        """Let something befall a host."""
        spell = Spell(kind=kind, source=source, span=span, blind=blind)
        self.truth.spells.append(spell)
        return spell
