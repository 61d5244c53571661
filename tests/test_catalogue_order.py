"""The catalogue's first promise: what a rebuild reads source by source gives the rows that were written as it happened."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import chain

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scraper import urls
from scraper.catalogue import writing
from scraper.catalogue.database import Database
from scraper.catalogue.reading import ARTICLES, LISTING, Reading
from scraper.model import Capture, DateEvidence, Origin, Parsed, Role, Sighting, Verdict
from tests.catalogue_support import derived
from tests.policy_support import NOON, article, capture, sighting

pytest_plugins = ["tests.catalogue_databases"]

SOURCES = ("kcna", "rodong")
A_YEAR = 400 * 24 * 60
"""In minutes, and some more: a dateline that is read then would be taken for a later one."""
UNDATED = {
    "published": "2026-12-20",
    "published_evidence": "dateline",
    "evidence": (DateEvidence(kind="dateline", value="--12-20"),),
}
ADDRESSES = (
    "https://{0}.example/a/1",
    "http://{0}.example/a/1",
    "http://{0}.example/a/2",
    "http://www.{0}.example/a/3?x=1",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing a source's worker did: it recorded a capture and, where it could, read it."""

    capture: Capture
    reading: Reading | None = None
    shown: tuple[Sighting, ...] = ()

    def apply(self, database: Database) -> None:
        """Tell the catalogue, as the jobs do."""
        writing.add_capture(database, self.capture, identity(self.capture.url))
        if self.reading is not None:
            writing.add_reading(database, self.capture, self.reading, self.shown)


def identity(url: str) -> str:
    """Addresses 1 and 2 are of one article."""
    return urls.key(url).replace("/2", "/1")


_sightings = st.builds(
    lambda source, address, origin, title, published: Sighting(
        url=(url := address.format(source)),
        origin=origin,
        title=title,
        published=published,
        source=source,
        key=urls.key(url),
        identity=identity(url),
    ),
    st.sampled_from(SOURCES),
    st.sampled_from(ADDRESSES),
    st.sampled_from([Origin.LISTING, Origin.RELATED]),
    st.sampled_from([None, "Wheat", "Wheat harvest beg", "Wheat harvest begins"]),
    st.sampled_from([None, "2026-08-21", "2026-08-22", "2026-08-22T09:00:00+09:00"]),
)


@st.composite
def histories(draw: st.DrawFn, source: str) -> tuple[Event, ...]:
    """What one source's worker did, in the order of recording; two workers often do things in the same instant."""
    minutes, events = 0, list[Event]()
    for number in range(draw(st.integers(0, 6))):
        minutes += draw(st.sampled_from([0, 1, 3, A_YEAR]))
        record = f"captures/{source}/2026/08/22/{number:09d}-0123456789abcdef.json"
        before = events[-1].capture if events else None
        events.append(draw(_events(source, record, NOON + timedelta(minutes=minutes), before)))
    return tuple(events)


@st.composite
def _events(draw: st.DrawFn, source: str, record: str, at: datetime, before: Capture | None) -> Event:
    url = draw(st.sampled_from(ADDRESSES)).format(source)
    made = replace(
        capture(
            draw(
                st.sampled_from([Verdict.ARTICLE, Verdict.GONE, Verdict.MOVED, Verdict.BLOCKED_WAF, Verdict.UNCHANGED])
            )
        ),
        source=source,
        url=url,
        key=urls.key(url),
        record=record,
        observed_at=at,
        recorded_at=at,
        redirected_from=before.record if before is not None and before.verdict is Verdict.MOVED else None,
    )
    shown = tuple(replace(item, capture=record) for item in draw(st.lists(_sightings, max_size=4)))
    if draw(st.booleans()):
        listing = replace(
            made,
            role=Role.LISTING,
            verdict=Verdict.LISTING,
            sha256=sha256(record.encode()).hexdigest(),
            redirected_from=None,
        )
        return Event(capture=listing, reading=Reading(outcome=LISTING, parsed=Parsed(sightings=shown)), shown=shown)
    if made.verdict is not Verdict.ARTICLE:
        return Event(capture=made)
    read = article(
        draw(st.sampled_from(["One", "Two"])),
        source=source,
        snapshot_sha256=draw(st.sampled_from(["a" * 64, "b" * 64])),
        **draw(st.sampled_from([{}, UNDATED])),
    )
    return Event(
        capture=replace(made, sha256=read.snapshot_sha256),
        reading=Reading(outcome=ARTICLES, parsed=Parsed(articles=(read,), sightings=shown)),
        shown=shown,
    )


def interleaved(workers: tuple[tuple[Event, ...], ...], turns: Iterable[int]) -> Iterator[Event]:
    """The events of all workers as they happened: `turns` says whose is next."""
    left = [iter(events) for events in workers]
    for turn in chain(turns, range(len(left))):
        yield from (event for event in [next(left[turn], None)] if event is not None)
    yield from chain(*left)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(
    workers=st.tuples(*(histories(source) for source in SOURCES)),
    turns=st.lists(st.integers(0, len(SOURCES) - 1), max_size=12),
)
def test_the_order_of_sources_never_shows(
    shared_database: Database, workers: tuple[tuple[Event, ...], ...], turns: list[int]
) -> None:
    """Written as it happened, source by source, or in the other order of sources: row for row the same."""
    orders: list[Callable[[], Iterable[Event]]] = [
        lambda: interleaved(workers, turns),
        lambda: chain(*workers),
        lambda: chain(*reversed(workers)),
    ]
    found = []
    for order in orders:
        shared_database.clear()
        for event in order():
            event.apply(shared_database)
        found.append(derived(shared_database))
    assert found[0] == found[1] == found[2]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(workers=st.tuples(*(histories(source) for source in SOURCES)), turns=st.lists(st.integers(0, 1), max_size=12))
def test_replaying_on_top_changes_nothing(
    shared_database: Database, workers: tuple[tuple[Event, ...], ...], turns: list[int]
) -> None:
    """A record that is indexed already is indexed again without effect on visits: a kill may repeat the last step."""
    shared_database.clear()
    events = tuple(interleaved(workers, turns))
    for event in events:
        event.apply(shared_database)
    once = derived(shared_database)
    for event in events:
        writing.add_capture(shared_database, event.capture, identity(event.capture.url))
    assert derived(shared_database) == once
    for event in events:
        event.apply(shared_database)
    assert derived(shared_database) == once


def test_two_lists_in_the_same_instant(database: Database) -> None:
    """One address in two spellings, seen by two workers at once: which one is kept is no matter of who wrote first."""
    lists = []
    for source, url in zip(SOURCES, ADDRESSES[:2], strict=True):
        record = f"captures/{source}/2026/08/22/120000000-0123456789abcdef.json"
        made = replace(capture(Verdict.LISTING), source=source, role=Role.LISTING, record=record, sha256="c" * 64)
        address = url.format("kcna")
        shown = replace(sighting(address), source="kcna", key=urls.key(address), identity="kcna:1", capture=record)
        lists.append(Event(capture=made, reading=Reading(outcome=LISTING, parsed=Parsed()), shown=(shown,)))
    found = []
    for order in (lists, lists[::-1]):
        database.clear()
        for event in order:
            event.apply(database)
        found.append(derived(database))
    assert found[0] == found[1]
    assert len(found[0]["locators"]) == len(found[0]["sightings"]) == 1
