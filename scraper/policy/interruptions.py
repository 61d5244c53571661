"""Why did nobody see the lists? The stretches in which an outlet gave none, with what came instead, and those of our own absence.

Hides which stretches are worth a line: those longer than the patience, which are what `unobserved` counts, and every one in
which somebody else answered in the outlet's place.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from scraper.model import Finding, Severity

KIND = "no-list"
_BLOCKED = "blocked-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One question for a list: when, and the word for what came (a verdict or a failure); `good` where that was a list."""

    at: datetime
    record: str
    said: str
    good: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Interruption:
    """A stretch without a list, `reason` in words; `record` is the first answer that came instead, if any came.

    `until` is None for one that goes on.
    """

    since: datetime
    until: datetime | None
    reason: str
    record: str | None = None

    def finding(self, source: str, zone: ZoneInfo) -> Finding:
        """The same as a note, on the outlet's day on which it began."""
        return Finding(
            kind=KIND,
            severity=Severity.NOTE,
            source=source,
            subject=source,
            reason=self.reason.format(span=_span(self.since, self.until)),
            day=self.since.astimezone(zone).date(),
            evidence=self.record,
        )


def interruptions(looks: Iterable[Asked], patience: timedelta, now: datetime) -> Iterator[Interruption]:
    """Every stretch without a list, given the looks of a source in their order, as it is known at `now`.

    Between two good looks further apart than the patience lies at least one.
    """
    seen: datetime | None = None
    last: datetime | None = None
    stretch: _Stretch | None = None
    for look in looks:
        if last is not None and look.at - last > patience:
            if stretch is not None:
                yield from stretch.told(seen, last, patience)
            yield _away(last, look.at)
            seen, stretch = look.at, None
        if look.good:
            if stretch is not None:
                yield from stretch.told(seen, look.at, patience)
            seen, stretch = look.at, None
        else:
            stretch = stretch or _Stretch(since=look.at, record=look.record)
            stretch.said[look.said] += 1
        last = look.at
    # One that goes on has no end: the same captures give the same report, whenever it is asked for.
    if stretch is not None:
        yield from (replace(each, until=None) for each in stretch.told(seen, now, patience))
    elif last is not None and now - last > patience:
        yield _away(last, None)


@dataclass(slots=True, kw_only=True)
class _Stretch:
    """Answers without a list in a row, since the first of them."""

    since: datetime
    record: str
    said: Counter[str] = field(default_factory=Counter)

    def told(self, seen: datetime | None, until: datetime, patience: timedelta) -> Iterator[Interruption]:
        """The stretch up to its end, where it is worth a line: `seen` is when a list was last seen, or asked for again."""
        blocked = any(word.startswith(_BLOCKED) for word in self.said)
        if blocked or until - (seen or self.since) > patience:
            came = ", ".join(f"{word} ({many})" for word, many in sorted(self.said.items()))
            reason = "no list came {span}, but: " + came
            yield Interruption(since=self.since, until=until, reason=reason, record=self.record)


def _away(since: datetime, until: datetime | None) -> Interruption:
    return Interruption(since=since, until=until, reason="no list was asked for {span}")


def _span(since: datetime, until: datetime | None) -> str:
    begin = f"{since:%Y-%m-%d %H:%M}Z"
    return f"from {begin} to {until:%Y-%m-%d %H:%M}Z" if until else f"since {begin}"
