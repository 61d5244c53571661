"""The script of the ten days: which story is edited, deleted, hidden or blocked, and when a host fails.

Hides nothing: a table, in the outlets' own time. `stories` and `replica` carry it out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Pyongyang")
FIRST_DAY = date(2026, 9, 1)
DAYS = 10

KCNA = "www.kcna.example"
RODONG = "www.rodong.example"
WATCH = "watch.example"
HOSTS = (KCNA, RODONG, WATCH)


def local(day: int, clock: str) -> datetime:
    """A moment of the script in UTC: `day` counts from 1, `clock` is HH:MM in the outlets' zone."""
    hours, minutes = (int(part) for part in clock.split(":"))
    midnight = datetime(FIRST_DAY.year, FIRST_DAY.month, FIRST_DAY.day, tzinfo=ZONE)
    return (midnight + timedelta(days=day - 1, hours=hours, minutes=minutes)).astimezone(UTC)


# At noon of the first day every list has a row: a list without any is an alarm, not "no news".
START = local(1, "12:00")
END = local(DAYS + 1, "00:00")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryFault:
    """Something that happens to one story, from `since` to `until` where that is a span.

    `kind` is `edited` and `retitled` (at `since`), `gone` (404 and unlisted from `since`), `vanished` (503 from
    publication, 404 and unlisted from `since`), `blocked` (a block page with status 200 until `since`), `denied`
    (robots.txt forbids it), or `slow` (its first answer drips). `before` and `after` are the wording that changes.
    """

    kind: str
    story: str
    since: datetime = START
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HostFault:
    """Something that happens to a whole host between two moments: `outage` (503) or `throttled` (429).

    A throttled host answers the first request in the span, and all that come in the `seconds` after it, with 429.
    """

    kind: str
    host: str
    since: datetime
    until: datetime
    seconds: int = 0


STORY_FAULTS = (
    StoryFault(kind="gone", story="kcna-0902-1", since=local(3, "20:00")),
    StoryFault(
        kind="retitled",
        story="kcna-0902-2",
        since=local(3, "07:30"),
        before="Heavy Rain",
        after="Light Rain",
    ),
    StoryFault(
        kind="edited",
        story="rodong-0903-001",
        since=local(3, "14:10"),
        before="More is to follow before the first frost.",
        after="Nothing more is to follow this year.",
    ),
    StoryFault(kind="denied", story="kcna-0904-2"),
    # Visible for more than two hours, so that a crawl every two hours meets it in the list at least once.
    StoryFault(kind="vanished", story="rodong-0905-002", since=local(5, "11:30")),
    StoryFault(kind="blocked", story="kcna-0906-1", since=local(6, "15:30")),
    StoryFault(kind="slow", story="rodong-0908-001"),
)

HOST_FAULTS = (
    HostFault(kind="throttled", host=WATCH, since=local(5, "12:00"), until=local(5, "14:00"), seconds=1800),
    HostFault(kind="outage", host=RODONG, since=local(7, "02:00"), until=local(7, "08:00")),
)


def story_fault(story: str, *kinds: str) -> StoryFault | None:
    """What happens to a story, if it is one of `kinds`."""
    return next((fault for fault in STORY_FAULTS if fault.story == story and fault.kind in kinds), None)
