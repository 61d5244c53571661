"""What is asked of a web archive on behalf of an outlet: pages of its index, and mementos as they were.

Hides which answers are the archive's own and which are the outlet's of then: a memento (it has a Memento-Datetime, RFC 7089)
is archived as a copy of the outlet's answer; all else is filed under `web-archives`. An answer that is here already is not
asked for again by the walk that began before it came.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlencode

from scraper import urls
from scraper.catalogue import copied
from scraper.config import CdxSettings
from scraper.discover import cdx
from scraper.discover.cdx import CdxPage, Memento
from scraper.errors import Blocked, UsageError
from scraper.fetch import guard
from scraper.fetch.client import Fetched
from scraper.jobs.copies import Copy, exchange_of
from scraper.jobs.import_warc import role_of
from scraper.jobs.services import Services
from scraper.jobs.take import WEB_ARCHIVES, keep, take, undeclared, understand
from scraper.model import Capture, Channel, Exchange, Politeness, Reason, Request, Role, Source
from scraper.policy import verdicts

_ORIGINAL = "x-archive-orig-"
_ENTITY = frozenset({"content-type", "content-language", "last-modified", "etag"})


@dataclass(frozen=True, slots=True, kw_only=True)
class WebArchive:
    """A web archive: its CDX server, the address of a memento (`{timestamp}`, `{url}`), and how often each may be asked.

    `rows` is how many rows of the index are asked for at once.
    """

    server: str
    replay: str
    index_gap: float
    replay_gap: float
    rows: int

    def source(self, services: Services, url: str, gap: float) -> Source:
        """Whom a request to the archive is made to: a host group of its own, at its own pace."""
        network = services.config.settings.network
        politeness = Politeness(gap=gap, max_bytes=64 * 1024 * 1024)
        return undeclared(WEB_ARCHIVES, url, network, politeness)

    def index_url(self, host: str, days: tuple[datetime, datetime], resume_key: str | None) -> str:
        """The address of a page of the index: the copies of a host's pages of some time."""
        first, last = (f"{day:%Y%m%d%H%M%S}" for day in days)
        asked = [("url", f"{host}/*"), ("output", "json"), ("from", first), ("to", last), ("limit", str(self.rows))]
        asked += [("showResumeKey", "true"), *([("resumeKey", resume_key)] if resume_key else [])]
        return f"{self.server}{'&' if '?' in self.server else '?'}{urlencode(asked, safe='/*:')}"

    def memento_url(self, memento: Memento) -> str:
        """The address of a memento's bytes as they were."""
        return urls.canonical(self.replay.format(timestamp=memento.timestamp, url=memento.url))


def web_archive(settings: CdxSettings, server: str | None, replay: str | None) -> WebArchive:
    """The configured web archive, with the addresses given in place of its own. UsageError for one that is none."""
    made = replace(settings, server=server or settings.server, replay=replay or settings.replay)
    if "{url}" not in made.replay or "{timestamp}" not in made.replay:
        raise UsageError(f"the replay address {made.replay!r} needs {{timestamp}} and {{url}} in it")
    for url in (made.server, made.replay):
        if guard.admit(url.replace("{", "0").replace("}", "0"))[1] is not None:
            raise UsageError(f"{url!r} is no address of a web archive: give a whole http or https URL")
    return WebArchive(
        server=made.server,
        replay=made.replay,
        index_gap=made.index_gap,
        replay_gap=made.replay_gap,
        rows=made.rows,
    )


def index_page(services: Services, archive: WebArchive, url: str, began: datetime) -> CdxPage:
    """A page of an archive's index, from our archive where this walk has asked for it. ValueError where it is none.

    Errors: FetchError, Blocked.
    """
    source = archive.source(services, url, archive.index_gap)
    record = copied.recorded_since(services.database, WEB_ARCHIVES, urls.key(url), began)
    if record is None:
        request = Request(source=WEB_ARCHIVES, url=url, role=Role.LISTING, reason=Reason.BACKFILL)
        capture = take(services, source, request).capture
    else:
        capture = services.archive.record(record)
    if capture.status != 200 or capture.sha256 is None:
        raise ValueError(f"{url} answered {capture.status}")
    return cdx.read(services.archive.body(capture.sha256))


def fetch_memento(services: Services, archive: WebArchive, source: Source, memento: Memento) -> Capture | None:
    """Archive a memento as a copy of the outlet's answer, and read it; None where the archive gave none of that moment.

    Errors: FetchError; Blocked, where the archive itself stands in the way.
    """
    url = archive.memento_url(memento)
    asked = archive.source(services, url, archive.replay_gap)
    copies: dict[str, bytes] = {}

    def record(exchange: Exchange) -> Capture:
        copy = _copy(source, memento, exchange)
        outlets = exchange_of(services, source, copy) if copy is not None else None
        if outlets is not None:
            capture = keep(services, source, outlets)
            copies[capture.record] = outlets.body
            return capture
        capture = keep(services, asked, exchange)
        if capture.role is not Role.ROBOTS and verdicts.consequence(capture.verdict).stops_run:
            raise Blocked(
                f"{capture.url} answered with a block page ({capture.verdict.value})", verdict=capture.verdict
            )
        return capture

    request = Request(source=WEB_ARCHIVES, url=url, role=Role.LISTING, reason=Reason.BACKFILL)
    fetched: Fetched = services.fetcher.get(request, asked, record)
    if fetched.capture.record not in copies:
        return None
    understand(services, source, fetched.capture, copies[fetched.capture.record])
    return fetched.capture


def _copy(source: Source, memento: Memento, exchange: Exchange) -> Copy | None:
    """The outlet's answer that an archive's answer holds; None where it holds none of that moment."""
    stated = next((value for name, value in exchange.headers if name.lower() == "memento-datetime"), None)
    if stated is None or exchange.status is None or exchange.failure is not None:
        return None
    try:
        at = parsedate_to_datetime(stated)
    except ValueError:
        return None
    if at != memento.at:
        return None
    original = [(name[len(_ORIGINAL) :], value) for name, value in exchange.headers if _is_original(name)]
    told = {name.lower() for name, _ in original}
    own = [(name, value) for name, value in exchange.headers if name.lower() in _ENTITY - told]
    return Copy(
        url=urls.canonical(memento.url),
        role=role_of(source, urls.canonical(memento.url)),
        reason=Reason.BACKFILL,
        channel=Channel.WAYBACK,
        at=at,
        status=exchange.status,
        reason_phrase=exchange.reason_phrase,
        http_version=exchange.http_version,
        headers=(*own, *original),
        wire=exchange.body,
        body=None if exchange.undecoded else exchange.body,
        copied_from=exchange.url,
        payload_digest=memento.digest,
    )


def _is_original(name: str) -> bool:
    return name.lower().startswith(_ORIGINAL)
