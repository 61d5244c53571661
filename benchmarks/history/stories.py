"""What the two outlets publish, and what becomes of it: stories with their wordings, as data that a script may change.

Hides how texts are made up. All words are drawn by a seed; nothing is taken from an outlet.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from random import Random
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from benchmarks.history.times import FIRST_DAY, FOREVER, Span
from benchmarks.history.words import ENGLISH, KOREAN, english_sentence, korean_sentence

PAPER, HERALD = "paper", "herald"
"""The ids of the two sources: one has a parser of its own and is in Korean, one is read by the generic parser."""
HOSTS = {PAPER: "www.paper.example", HERALD: "www.herald.example"}
ZONES = {PAPER: ZoneInfo("Asia/Pyongyang"), HERALD: ZoneInfo("Europe/Berlin")}
SECTIONS = ("town", "culture", "farming")
OLD_DAYS, OLD_A_DAY = 52, 10
"""The paper's past, which its index by day still shows."""
_HOURS = {PAPER: ("06:00", "07:10", "08:40", "14:20"), HERALD: ("06:05", "09:30", "13:10", "17:45")}
_REVIEW = "05:15"

_NAMES = ("Ilma Toren", "Dav Ossaly", "Mirel Quenby", "Hanna Brisk", "Jorun Pell")
_KOREAN_NAMES = ("김견본", "리견본", "박시험", "최보기", "정표본")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """A story's page as it is from `since` on. `dated` is the moment of publication that it states."""

    since: datetime
    title: str
    paragraphs: tuple[str, ...]
    byline: str
    section: str
    image: str
    dated: datetime


@dataclass(slots=True, kw_only=True)
class Story:
    """One article. `name` is its number or path; `wordings` are in the order of their time.

    `gone` are the spans with 404, `soft` those with a page that says there is none and status 200, `unlisted` those in which no
    list shows it; `still_listed` lists it while it is gone. `faults` are what befalls its page alone: `truncated`, `empty`, or
    `lying` (304 to all who have any version). `moved` is when it got its new address, and whether the old one redirects;
    `swapped` is when it changed places with another. `echoes` are further addresses under which lists show it.
    """

    outlet: str
    name: str
    published: datetime
    wordings: list[Wording]
    gone: list[Span] = field(default_factory=list)
    soft: list[Span] = field(default_factory=list)
    unlisted: list[Span] = field(default_factory=list)
    still_listed: bool = False
    faults: list[tuple[str, Span]] = field(default_factory=list)
    moved: tuple[datetime, str, bool] | None = None
    swapped: tuple[datetime, Story] | None = None
    echoes: list[str] = field(default_factory=list)
    old: bool = False

    @property
    def target(self) -> str:
        """Path and query of its first address."""
        return target(self.outlet, self.name)

    @property
    def url(self) -> str:
        """Its first address."""
        return f"http://{HOSTS[self.outlet]}{self.target}"

    def addresses(self, now: datetime) -> tuple[str, ...]:
        """Path and query of all addresses under which lists show it now."""
        first = urlsplit(self.moved[1]).path if self.moved and self.moved[0] <= now else self.target
        return (first, *self.echoes)

    def at(self, now: datetime) -> Wording:
        """The wording in force."""
        return next((each for each in reversed(self.wordings) if each.since <= now), self.wordings[0])

    def lives(self, now: datetime) -> bool:
        """Whether its page is there."""
        return self.published <= now and not any(span.holds(now) for span in self.gone)

    def listed(self, now: datetime) -> bool:
        """Whether lists show it."""
        there = self.lives(now) or (self.still_listed and self.published <= now)
        return there and not any(span.holds(now) for span in (*self.unlisted, *self.soft))

    def fault(self, now: datetime) -> str:
        """What befalls its page now; empty for nothing."""
        return next((kind for kind, span in self.faults if span.holds(now)), "")

    def reword(self, since: datetime, **changed: object) -> Wording:
        """Add a wording that differs in some fields from the last."""
        self.wordings.append(replace(self.wordings[-1], since=since, **changed))  # type: ignore[arg-type]
        return self.wordings[-1]

    def remove(self, since: datetime, until: datetime = FOREVER) -> None:
        """Take its page away."""
        self.gone.append(Span(since, until))


def target(outlet: str, name: str) -> str:
    """Path and query of an article's address."""
    return f"/ko/index.php?strPageID=SF01_02_01&newsID={name}" if outlet == PAPER else name


def stories(days: int, seed: int, *, old_days: int = OLD_DAYS) -> list[Story]:
    """Everything both outlets publish by themselves, oldest first: the paper's past, and so many days."""
    draw = Random(seed)  # noqa: S311 - made-up words need no cryptography
    found: list[Story] = []
    for number in range(-old_days, days):
        day = FIRST_DAY + timedelta(days=number)
        found.extend(_paper(draw, day, old=number < 0))
        if number >= 0:
            found.extend(_herald(draw, day))
    return sorted(found, key=lambda story: (story.published, story.name))


def _paper(draw: Random, day: date, *, old: bool) -> list[Story]:
    hours = [f"{6 + count}:00" for count in range(OLD_A_DAY)] if old else _HOURS[PAPER]
    return [
        _story(PAPER, f"{day}-{serial:04d}", _local(PAPER, day, clock), _korean(draw), old=old)
        for serial, clock in enumerate(hours, start=1)
    ]


def _herald(draw: Random, day: date) -> list[Story]:
    made = []
    for clock in _HOURS[HERALD]:
        text = _english(draw)
        slug = "-".join(text[0].lower().split())
        made.append(_story(HERALD, f"/news/{day:%Y/%m/%d}/{slug}/", _local(HERALD, day, clock), text))
    return [*made, _story(HERALD, f"/news/{day:%Y/%m/%d}/press-review/", _local(HERALD, day, _REVIEW), _review(draw))]


_Text = tuple[str, tuple[str, ...], str, str]


def _story(outlet: str, name: str, published: datetime, text: _Text, *, old: bool = False) -> Story:
    title, paragraphs, byline, section = text
    first = Wording(
        since=published,
        title=title,
        paragraphs=paragraphs,
        byline=byline,
        section=section,
        image=f"/photo/{abs(hash_of(name)) % 10**8}.jpg",
        dated=published,
    )
    return Story(outlet=outlet, name=name, published=published, wordings=[first], old=old)


def hash_of(text: str) -> int:
    """A number made of a text, the same in every process."""
    return int.from_bytes(text.encode(), "big") % (2**61 - 1)


def _local(outlet: str, day: date, clock: str) -> datetime:
    hours, minutes = (int(part) for part in clock.split(":"))
    return datetime.combine(day, time(hours, minutes), tzinfo=ZONES[outlet])


def _english(draw: Random) -> _Text:
    title = " ".join(word.capitalize() for word in draw.sample(ENGLISH, 5))
    lines = tuple(" ".join(english_sentence(draw) for _ in range(3)) for _ in range(4))
    return title, lines, draw.choice(_NAMES), draw.choice(SECTIONS)


def _review(draw: Random) -> _Text:
    """The daily rubric: each day the same but for two words."""
    word, other = draw.sample(ENGLISH, 2)
    lines = (
        "This is what the morning papers of the region write about, put together by our readers' desk every day at five.",
        f"The Courier leads with the {word} of the lower town, and asks once more who is to pay for the lamps on the pier.",
        f"The Post is concerned with the {other}, and has a page of letters about the timetable of the ferry.",
        "All papers have the weather for the week: changeable, with some sun toward the end, and light winds from the west.",
    )
    return "Press Review", lines, _NAMES[0], SECTIONS[0]


def _korean(draw: Random) -> _Text:
    title = " ".join(draw.sample(KOREAN, 4))
    lines = tuple(" ".join(korean_sentence(draw) for _ in range(3)) for _ in range(4))
    return title, lines, f"본사기자 {draw.choice(_KOREAN_NAMES)}", draw.choice(SECTIONS)
