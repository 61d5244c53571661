"""The synthetic articles of the demo: which outlet publishes what, when, and what becomes of it.

Hides the timetable. About sixty stories in ten outlet days, the same on every machine and at every start.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from scraper.demo import wording
from scraper.demo.script import DAYS, KCNA, RODONG, WATCH, ZONE, local, story_fault

_KCNA_TIMES = ("06:10", "11:25", "18:40")
_RODONG_TIMES = ("05:30", "08:20")
RODONG_SECTIONS = {"home": "15", "social": "16"}
_SHORT_DAYS = (4, 8)
_LATE = "kcna-0909-3"
_MIRRORED = (
    "kcna-0901-1",
    "kcna-0902-1",  # deleted by its outlet a day later: the mirror keeps it
    "kcna-0903-1",
    "kcna-0905-2",
    "kcna-0906-2",
    "kcna-0908-1",
    _LATE,
    "kcna-0910-1",
    "rodong-0901-001",
    "rodong-0903-001",  # edited by its outlet later: the mirror has the first wording
    "rodong-0905-002",  # vanished before anybody could fetch it there
    "rodong-0907-001",
    "rodong-0909-002",
    "rodong-0910-001",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A story's wording from `since` on. `paragraphs` are without dateline, byline and end mark."""

    since: datetime
    title: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One article of one host.

    `urls` are all addresses it is known under, the one in the newest listing first. `versions` are in the order of their time; `removed` is when the outlet took it down. `dateline` opens the first
    paragraph, `end_mark` closes the last, `byline` stands in a paragraph of its own; each empty where the outlet has
    none. `mirrors` is the story an aggregator copied. Times are UTC; `day` is the outlet's own.
    """

    id: str
    host: str
    urls: tuple[str, ...]
    section: str
    versions: tuple[Version, ...]
    removed: datetime | None = None
    dateline: str = ""
    byline: str = ""
    end_mark: str = ""
    mirrors: Story | None = None

    @property
    def url(self) -> str:
        """The address in the newest listing."""
        return self.urls[0]

    @property
    def published(self) -> datetime:
        """When it appeared."""
        return self.versions[0].since

    @property
    def day(self) -> datetime:
        """The moment of publication in the outlet's zone."""
        return self.published.astimezone(ZONE)

    def live(self, now: datetime) -> bool:
        """True while the outlet shows it."""
        return self.published <= now and not self.gone(now)

    def gone(self, now: datetime) -> bool:
        """True once the outlet has taken it down."""
        return self.removed is not None and self.removed <= now

    def at(self, now: datetime) -> Version:
        """The wording in force at `now`; the first one before publication."""
        return next((version for version in reversed(self.versions) if version.since <= now), self.versions[0])

    def printed(self, now: datetime) -> tuple[str, ...]:
        """The paragraphs as a reader sees them, with dateline and end mark."""
        lines = list(self.at(now).paragraphs)
        lines[0] = f"{self.dateline} {lines[0]}".strip()
        lines[-1] = f"{lines[-1]} {self.end_mark}".strip()
        return tuple(lines)


def stories() -> tuple[Story, ...]:
    """All stories of all hosts, oldest first."""
    originals = [*_kcna(), *_rodong()]
    by_id = {story.id: story for story in originals}
    mirrors = [_mirror(by_id[name]) for name in _MIRRORED]
    return tuple(sorted([*originals, *mirrors], key=lambda story: (story.published, story.id)))


def shown(every: tuple[Story, ...], host: str, now: datetime) -> tuple[Story, ...]:
    """What a host shows at `now`, newest first."""
    live = [story for story in every if story.host == host and story.live(now)]
    return tuple(sorted(live, key=lambda story: (story.published, story.id), reverse=True))


def hexadecimal(name: str) -> str:
    """Thirty-two hexadecimal digits that follow from a name, as KCNA's addresses have them."""
    return hashlib.sha256(name.encode()).hexdigest()[:32]


def token(text: str, *, surplus: bool = False) -> str:
    """A Rodong Sinmun address token; `surplus` adds a padding sign too many, as one of six seen has it."""
    return base64.b64encode(text.encode()).decode() + ("=" if surplus else "")


def _kcna() -> list[Story]:
    found: list[Story] = []
    for day in range(1, DAYS + 1):
        times = _KCNA_TIMES[: 2 if day in _SHORT_DAYS else 3]
        for number, clock in enumerate(times, 1):
            name = f"kcna-09{day:02d}-{number}"
            published = local(day, "23:45" if name == _LATE else clock)
            theme, town = _subject(len(found))
            dateline = f"{town}, September {day} (KCNA) --" if number != 2 or day % 3 else ""
            story = Story(
                id=name,
                host=KCNA,
                urls=(f"http://{KCNA}/en/article/detail/{hexadecimal(name)}",),
                section=theme.section,
                versions=(_first(theme, town, name, published),),
                dateline=dateline,
                end_mark="-0-",
            )
            found.append(_with_fate(story))
    return found


def _rodong() -> list[Story]:
    found: list[Story] = []
    for day in range(1, DAYS + 1):
        for number, clock in enumerate(_RODONG_TIMES, 1):
            name = f"rodong-09{day:02d}-{number:03d}"
            theme, town = _subject(28 + len(found))
            story = Story(
                id=name,
                host=RODONG,
                urls=_rodong_urls(f"2026-09-{day:02d}-{number:03d}", theme.section),
                section=theme.section,
                versions=(_first(theme, town, name, local(day, clock)),),
                byline="Rodong Sinmun" if number == 1 else "",
            )
            found.append(_with_fate(story))
    return found


def _rodong_urls(serial: str, section: str) -> tuple[str, ...]:
    # The section is part of the token, so one article has one address in each list (docs/sources.md, "Token grammar").
    listed = token(f"12@{serial}@1@1@@0@1@")
    filed = token(f"12@{serial}@{RODONG_SECTIONS[section]}@1@@0@2@", surplus=serial.endswith("02-002"))
    return tuple(f"http://{RODONG}/en/index.php?{each}" for each in (listed, filed))


def _subject(position: int) -> tuple[wording.Theme, str]:
    # Each pair of theme and town comes once in 48, so no two originals share a headline.
    rounds, theme = divmod(position, len(wording.THEMES))
    return wording.THEMES[theme], wording.TOWNS[(rounds + theme) % len(wording.TOWNS)]


def _first(theme: wording.Theme, town: str, name: str, published: datetime) -> Version:
    lines = wording.paragraphs(theme, town, name)
    return Version(since=published, title=wording.title(theme, town), paragraphs=lines)


def _with_fate(story: Story) -> Story:
    removal = story_fault(story.id, "gone", "vanished")
    if removal is not None:
        return replace(story, removed=removal.since)
    change = story_fault(story.id, "edited", "retitled")
    if change is None:
        return story
    first = story.versions[0]
    title = first.title.replace(change.before, change.after)
    lines = tuple(line.replace(change.before, change.after) for line in first.paragraphs)
    return replace(story, versions=(first, Version(since=change.since, title=title, paragraphs=lines)))


def _mirror(original: Story) -> Story:
    first = original.versions[0]
    ingested = original.published + timedelta(minutes=25 + wording.pick(f"{original.id} ingest", 30))
    serial = 100_000_000 + wording.pick(f"{original.id} serial", 899_999_999)
    slug = "-".join(first.title.lower().replace("'", "").split())
    return replace(
        original,
        id=f"watch-{original.id}",
        host=WATCH,
        urls=(f"http://{WATCH}/newstream/{int(ingested.timestamp())}-{serial}/{slug}/",),
        versions=(replace(first, since=ingested),),
        removed=None,
        mirrors=original,
    )
