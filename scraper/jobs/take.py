"""Take one page: fetch it, archive every attempt, index it, read it.

Hides the order that makes a kill harmless: snapshot, record, catalogue row, reading. What a kill leaves is indexed and read by
`leftovers` before the next run begins.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from scraper import urls
from scraper.catalogue import queries, writing
from scraper.catalogue.reading import Reading
from scraper.errors import Blocked
from scraper.jobs.services import Services
from scraper.model import Capture, Exchange, Network, Politeness, Request, Role, Sighting, Source
from scraper.parse.identity import identity
from scraper.policy import posting, verdicts
from scraper.policy.judge import JUDGE, judge, needs_usual_size, rejudge

ADHOC = "adhoc"
"""The id under which pages outside every declared scope are filed."""
WEB_ARCHIVES = "web-archives"
"""The id under which is filed what web archives say of themselves: pages of their indexes, and that they have no memento."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What one request came to: the last hop's capture, what was read of it, and the sightings that were indexed."""

    capture: Capture
    reading: Reading | None
    sightings: tuple[Sighting, ...] = ()


def take(services: Services, source: Source, request: Request) -> Taken:
    """Fetch, archive, index and read one page. Errors: FetchError and Blocked (the records are written), StoreError."""
    capture, body = bring(services, source, request)
    return understand(services, source, capture, body)


def bring(services: Services, source: Source, request: Request) -> tuple[Capture, bytes]:
    """Fetch, archive and index one page, and leave it unread: its capture and body. Errors: as of `take`."""

    def record(exchange: Exchange) -> Capture:
        capture = keep(services, source, exchange)
        # At once, with whatever status it came: neither another attempt nor where it redirects to is of any use.
        if capture.role is not Role.ROBOTS and verdicts.consequence(capture.verdict).stops_run:
            said = capture.verdict
            message = f"{capture.url} answered with a block page ({said.value}); nothing was marked as done"
            raise Blocked(message, verdict=said)
        return capture

    fetched = services.fetcher.get(request, source, record)
    return fetched.capture, fetched.exchange.body


def keep(services: Services, source: Source, exchange: Exchange) -> Capture:
    """Archive and index one attempt: what `fetch` calls for every hop and every failure, before anything else."""
    capture = services.archive.save(
        exchange,
        key=_key(source, exchange),
        verdict=judge(
            exchange,
            language=source.language,
            usual_size=_usual_size(services, source, exchange.request.role, exchange.body, exchange.fetched_at),
        ),
        judge=JUDGE,
        config=source.digest or None,
        recorded_at=services.clock.now(),
    )
    index(services, source, capture)
    return capture


def index(services: Services, source: Source, capture: Capture) -> None:
    """Index one record under the address it is known by (of an article that is asked for by POST, the made one)."""
    address = posting.address(source, capture.url, capture.method, capture.form)
    writing.add_capture(services.database, capture, identity(address, source.parser), address)


def judged_today(services: Services, source: Source, capture: Capture) -> Capture:
    """A capture with the verdict of today's judge; as it was recorded where that one judged it.

    Errors: SnapshotMissing, SnapshotCorrupt.
    """
    if capture.judge == JUDGE:
        return capture
    body = services.archive.body(capture.sha256) if capture.sha256 is not None else b""
    usual = _usual_size(services, source, capture.role, body, capture.observed_at)
    verdict = rejudge(capture, body, language=source.language, usual_size=usual)
    return replace(capture, verdict=verdict, judge=JUDGE)


def _usual_size(services: Services, source: Source, role: Role, body: bytes, before: datetime) -> int | None:
    """Looked up only for the few pages that are judged by it."""
    return queries.usual_size(services.database, source.id, role, before) if needs_usual_size(body) else None


def _key(source: Source, exchange: Exchange) -> str:
    request = exchange.request
    stable = [(name, value) for name, value in request.form if name in source.stable_form_fields]
    made = posting.address(source, exchange.url, request.method, request.form)
    try:
        if made != exchange.url:
            return urls.key(made)
        return urls.key(exchange.url, method=exchange.request.method, form=stable)
    except ValueError:
        # Refused by the guard for being no address at all: its record is filed under what was asked for.
        return exchange.url


def understand(services: Services, source: Source, capture: Capture, body: bytes) -> Taken:
    """Read a capture's page, unless an equal snapshot was read before and nothing new is known about its date."""
    if not capture.verdict.readable or capture.sha256 is None:
        return Taken(capture=capture, reading=None)
    dated = queries.is_read(services.database, capture.source, capture.key, capture.sha256)
    news = capture.lead is not None and capture.lead.published is not None and dated is False
    if dated is not None and not news:
        return Taken(capture=capture, reading=None)
    reading = services.reader.read(capture.page(body), source, capture.lead)
    shown = owned(services, reading.parsed.sightings, capture)
    writing.add_reading(services.database, capture, reading, shown)
    return Taken(capture=capture, reading=reading, sightings=shown)


def owned(services: Services, sightings: Iterable[Sighting], capture: Capture) -> tuple[Sighting, ...]:
    """The sightings that some source's declaration wants, each with its source, key and evidence filled in."""
    found: list[Sighting] = []
    for sighting in sightings:
        owner = services.config.owner(sighting.url)
        if owner is None or not is_article(owner, sighting):
            continue
        found.append(
            replace(
                sighting,
                source=owner.id,
                key=urls.key(sighting.url),
                identity=identity(sighting.url, owner.parser),
                capture=capture.record,
            ),
        )
    return tuple(found)


def source_of(services: Services, capture: Capture) -> Source:
    """The declaration a capture is read by today. ConfigError where its source is not declared any more."""
    if capture.source in (ADHOC, WEB_ARCHIVES):
        return undeclared(capture.source, capture.url)
    return services.config.source(capture.source)


def adhoc(url: str, network: Network | None = None) -> Source:
    """The source of pages that no declaration's scope holds: their own host, no parser, default politeness."""
    return undeclared(ADHOC, url, network)


def undeclared(
    source_id: str, url: str, network: Network | None = None, politeness: Politeness | None = None
) -> Source:
    """A source that nobody declares: the host of one address, and no parser."""
    return Source(
        id=source_id,
        network=network or Network(),
        politeness=politeness or Politeness(),
        name="pages fetched by hand" if source_id == ADHOC else "what web archives say of themselves",
        parser="",
        language="",
        timezone="UTC",
        hosts=(urls.host(url),),
        articles=(".",),
    )


def is_article(source: Source, sighting: Sighting) -> bool:
    """Whether a source's declaration takes a sighting for one of its articles."""
    where = urls.target(sighting.url)
    if not any(re.search(pattern, where) for pattern in source.articles):
        return False
    return source.titles is None or sighting.title is None or re.search(source.titles, sighting.title) is not None
