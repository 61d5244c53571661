"""How a backfill goes through a source's past: one listing after another, from a position that survives a kill.

Hides six ways of walking (dated index, paged listing, paged POST, sitemap, index of sections and data files, the
listing's own form). Pure: says what to ask for next and what
an answer moves the position to; the job asks, archives, and keeps the position.
"""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from scraper.model import Backfill, ListingLink, Parsed, Sighting

MAX_PAGES = 100_000
"""More pages than any outlet has: a walk that gets here is going in circles."""

_QUEUED = {"sitemap": frozenset({"sitemap"}), "index": frozenset({"section", "datasource", "day"})}
"""The ways that ask for one listing after another as they are named, with the kinds of links they follow."""

_MODIFIED = re.compile(r"\d{4}(?:-\d\d){0,2}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where a walk is.

    `queue` are the sitemaps or sections to ask for, `shown` those asked for already (of other walks: the articles of the
    last page).
    `overlapped` counts the newest pages in a row that showed nothing but what was held before.
    `link` is the form to send next; it belongs to a session and is not kept over a restart. `began` is when the walk did:
    what was answered since then need not be asked for again.
    """

    page: int
    day: date
    queue: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()
    done: bool = False
    overlapped: int = 0
    link: ListingLink | None = None
    began: datetime | None = None

    def to_json(self) -> str:
        """The position as text, to be kept in the catalogue."""
        return json.dumps(
            {
                "page": self.page,
                "day": self.day.isoformat(),
                "queue": self.queue,
                "shown": self.shown,
                "done": self.done,
                "overlapped": self.overlapped,
                "began": self.began.isoformat() if self.began else None,
            }
        )

    @classmethod
    def from_json(cls, text: str) -> Position:
        """The position a kept text holds."""
        kept = json.loads(text)
        return cls(
            page=kept["page"],
            day=date.fromisoformat(kept["day"]),
            queue=tuple(kept["queue"]),
            shown=tuple(kept["shown"]),
            done=kept["done"],
            overlapped=kept.get("overlapped", 0),
            began=datetime.fromisoformat(kept["began"]) if kept.get("began") else None,
        )


def reach(way: Backfill, since: date, until: date) -> tuple[date, date] | None:
    """The part of the asked-for days that this way of walking can reach; None where there is none."""
    start, end = max(since, way.since or since), min(until, way.until or until)
    return (start, end) if start <= end else None


def start(way: Backfill, since: date, until: date, began: datetime | None = None) -> Position:
    """The position a walk begins at: the first day of a dated index (walked forwards), or the first page."""
    del until
    return Position(page=way.first, day=since, queue=(way.url,) if way.kind in _QUEUED else (), began=began)


def ask(way: Backfill, position: Position, since: date, until: date) -> ListingLink | None:
    """The listing to ask for at a position of a walk from `since` to `until`; None when the walk is done."""
    if position.done:
        return None
    if way.kind in _QUEUED:
        return ListingLink(url=position.queue[0], kind=way.kind) if position.queue else None
    if way.kind == "form":
        return position.link or ListingLink(url=way.url, kind="section")
    if way.kind == "post":
        return ListingLink(url=way.url, kind="next-page", method="POST", form=_form(way, position, since, until))
    return ListingLink(
        url=address(way, position.day, position.page), kind="day" if way.kind == "dated" else "next-page"
    )


def move(
    way: Backfill, position: Position, parsed: Parsed, *, since: date, until: date, known: bool = False
) -> Position:
    """The position after the listing asked for at `position` was read as `parsed`.

    `known` is whether it showed articles, and all of them were held before it was asked for.
    """
    if way.kind == "dated":
        tomorrow = position.day + timedelta(days=1)
        return replace(position, day=tomorrow, done=tomorrow > until)
    if way.kind in _QUEUED:
        return _next_in_queue(position, parsed, since, _QUEUED[way.kind])
    keys = tuple(sorted({sighting.url for sighting in parsed.sightings}))
    if way.kind == "form" and position.link is None and position.page > way.first:
        return _back_in_session(way, position, parsed)
    overlapped = position.overlapped + 1 if known else 0
    if (
        not keys
        or (way.overlap and overlapped >= way.overlap)
        or keys == position.shown
        or _older(parsed.sightings, since)
        or position.page - way.first > MAX_PAGES * way.step
    ):
        return replace(position, done=True)
    onward = replace(position, page=position.page + way.step, shown=keys, overlapped=overlapped)
    return _next_form(onward, parsed) if way.kind == "form" else onward


def wanted(sighting: Sighting, since: date, until: date) -> bool:
    """Whether an article may be of the asked-for days; one whose evidence states no day may be.

    What was last modified before them was not published in them. Modified later says nothing.
    """
    if not _touched_since(sighting.last_modified, since):
        return False
    if sighting.published is None:
        return True
    earliest, latest = _possible_days(sighting.published)
    return earliest <= until and latest >= since


def oldest(parsed: Parsed) -> str | None:
    """The first of the days that a listing's rows state: how far back it goes."""
    return min((sighting.published[:10] for sighting in parsed.sightings if sighting.published), default=None)


def planned(way: Backfill, since: date, until: date) -> tuple[int | None, str]:
    """For a dry run: (how many listings this walk asks for, None where only walking tells; the first address)."""
    position = start(way, since, until)
    link = ask(way, position, since, until)
    listings = (until - since).days + 1 if way.kind == "dated" else None
    return listings, link.url if link else way.url


def address(way: Backfill, day: date, page: int) -> str:
    """The address that a way of walking makes of a day and a page or number."""
    url = way.url.format(date=day, page=page, next=page + way.step, number=page)
    if not way.token:
        return url
    head, _, query = url.partition("?")
    return f"{head}?{base64.b64encode(query.encode()).decode()}"


def _form(way: Backfill, position: Position, since: date, until: date) -> tuple[tuple[str, str], ...]:
    onward = position.page + way.step
    return tuple(
        (name, value.format(page=position.page, next=onward, since=since, until=until)) for name, value in way.form
    )


def _possible_days(published: str) -> tuple[date, date]:
    """The first and last outlet day a stated date can mean: a moment's zone may be another than the outlet's."""
    day = date.fromisoformat(published[:10])
    grace = timedelta(days=len(published) > len("2026-08-22"))
    return day - grace, day + grace


def _older(shown: tuple[Sighting, ...], since: date) -> bool:
    """True when every row states a day and all days lie before the asked-for ones: listings run backwards in time."""
    latest = [_possible_days(sighting.published)[1] for sighting in shown if sighting.published]
    return len(latest) == len(shown) and max(latest) < since


def _next_in_queue(position: Position, parsed: Parsed, since: date, kinds: frozenset[str]) -> Position:
    asked, *rest = position.queue
    known = {*position.shown, *position.queue}
    onward = (link for link in parsed.listings if link.kind in kinds)
    children = dict.fromkeys(link.url for link in onward if _touched_since(link.last_modified, since))
    queue = (*rest, *(url for url in children if url not in known))
    return replace(position, queue=queue, shown=(*position.shown, asked), page=position.page + 1, done=not queue)


def _touched_since(last_modified: str | None, since: date) -> bool:
    """Whether something may hold or be an article of the asked-for days: it cannot where it was last modified before them.

    A day of grace, because `lastmod` is in any zone; it may also be a year or a month alone (W3C datetime).
    """
    modified = _MODIFIED.match(last_modified or "")
    return modified is None or modified[0] >= (since - timedelta(days=1)).isoformat()[: len(modified[0])]


def _next_form(position: Position, parsed: Parsed) -> Position:
    link = next((link for link in parsed.listings if link.kind == "next-page"), None)
    return replace(position, link=link, done=link is None)


def _back_in_session(way: Backfill, position: Position, parsed: Parsed) -> Position:
    """After a restart the first page was asked for again, for its session and token: go on where the walk stopped."""
    onward = _next_form(position, parsed)
    if onward.link is None:
        return onward
    form = tuple((name, str(position.page) if name == way.page_field else value) for name, value in onward.link.form)
    return replace(onward, link=replace(onward.link, form=form))
