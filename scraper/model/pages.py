"""What comes from the web and what is recorded of it: sightings, requests, pages, exchanges, captures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from scraper.model.words import Channel, Failure, Headers, Origin, Reason, Role, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """Evidence that an article exists.

    `published` is the evidence's own hint (`YYYY-MM-DD`, or an ISO datetime with offset), never a guess. `last_modified` is
    what a sitemap says, as it says it: no date of publication, and not kept.
    `source`, `key`, `identity` and `capture` are empty as a pure reader returns it; the job that archived the page fills
    them: the source whose scope holds `url`, `urls.key(url)`, the outlet's own key of the article (`parse.identity`), and
    the record key of the capture that showed it.
    """

    url: str
    origin: Origin
    title: str | None = None
    published: str | None = None
    section: str | None = None
    source: str = ""
    key: str = ""
    identity: str = ""
    capture: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingLink:
    """A further discovery page that a page points to.

    `kind` is `section` (a menu entry), `next-page` (the next page of this listing), `sitemap` (child of a sitemap
    index), `datasource` (a script's data file), `day` (one day of a dated index) or `feed` (one that the page names as its
    own). `form` holds the pairs of a POST form (`method` is then POST); fields whose value changes with every session are
    named in `volatile`.
    """

    url: str
    kind: str
    method: str = "GET"
    form: tuple[tuple[str, str], ...] = ()
    volatile: tuple[str, ...] = ()
    last_modified: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One page to ask for: what `policy.plan` returns and `fetch.get` carries out.

    `etag` and `last_modified` are the validators of the capture whose record key is `confirms` (RFC 9110 §13), given
    exactly as the server sent them. `lead` is the sighting that led to the URL.
    """

    source: str
    url: str
    role: Role
    reason: Reason
    method: str = "GET"
    form: tuple[tuple[str, str], ...] = ()
    volatile: tuple[str, ...] = ()
    etag: str | None = None
    last_modified: str | None = None
    confirms: str | None = None
    lead: Sighting | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The only thing that crosses from web or archive to a parser.

    `url` is the address that gave this answer (each hop of a redirect chain is a page of its own). `body` is the
    entity after content-decoding. `fetched_at` is when the content was seen.
    """

    method: str
    url: str
    status: int
    headers: Headers
    fetched_at: datetime
    body: bytes

    def header(self, name: str) -> str | None:
        """The first value of a header, by its case-insensitive name; None where it was not sent."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tls:
    """What the TLS handshake showed. `certificate_sha256` is of the peer's certificate in DER form.

    `chain_sha256` are the digests of all certificates it sent, its own first; empty where the interpreter does not tell
    (before Python 3.13).
    """

    version: str
    cipher: str
    certificate_sha256: str
    verified: bool
    chain_sha256: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RobotsDecision:
    """What robots.txt said of one URL (RFC 9309): `capture` names the robots.txt that was used, `rule` the line."""

    allowed: bool
    rule: str
    capture: str | None = None
    crawl_delay: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One attempt as `fetch` saw it, whole: the answer with its body, or the failure that came instead.

    `body` is the decoded entity, or the bytes as received when `undecoded`. `truncated` says why a body is not
    whole (None when it is). `request_line` is as it went onto the wire, empty where nothing was sent. `wire_size` and `wire_sha256` are of the body as received, before content-decoding.
    `copied_from` says of a copy that others made where it was taken from (a memento's address; a WARC file and record),
    `payload_digest` by which digest they know its payload (`sha1:` and 32 letters).
    """

    request: Request
    url: str
    started_at: datetime
    fetched_at: datetime
    first_byte_at: datetime | None = None
    request_line: str = ""
    request_headers: Headers = ()
    status: int | None = None
    reason_phrase: str = ""
    http_version: str = ""
    headers: Headers = ()
    body: bytes = b""
    wire_size: int = 0
    wire_sha256: str | None = None
    content_encoding: str | None = None
    undecoded: bool = False
    truncated: str | None = None
    peer: str | None = None
    tls: Tls | None = None
    robots: RobotsDecision | None = None
    failure: Failure | None = None
    detail: str | None = None
    redirected_from: str | None = None
    channel: Channel = Channel.DIRECT
    vantage: str = ""
    copied_from: str | None = None
    payload_digest: str | None = None

    def page(self) -> Page:
        """The page that arrived; ValueError when none did (look at `failure` first)."""
        if self.status is None:
            message = f"no page arrived from {self.url}: {self.failure}"
            raise ValueError(message)
        return Page(
            method=self.request.method,
            url=self.url,
            status=self.status,
            headers=self.headers,
            fetched_at=self.fetched_at,
            body=self.body,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """The immutable record of one attempt: an exchange without its body, plus what we made of it.

    `record` is the record key (empty until written); `kind` is `response` where a whole answer came, else `error`
    (also for one that broke off: it has a status, a `failure`, and what came of its body). `sha256` names the snapshot
    (None for an error, or for a 304, which names the capture it `confirms`).
    """

    source: str
    url: str
    key: str
    kind: str
    role: Role
    reason: Reason
    method: str
    observed_at: datetime
    recorded_at: datetime
    started_at: datetime
    channel: Channel
    verdict: Verdict
    judge: str
    record: str = ""
    form: tuple[tuple[str, str], ...] = ()
    status: int | None = None
    reason_phrase: str = ""
    http_version: str = ""
    first_byte_at: datetime | None = None
    request_line: str = ""
    request_headers: Headers = ()
    headers: Headers = ()
    sha256: str | None = None
    size: int = 0
    wire_size: int = 0
    wire_sha256: str | None = None
    content_encoding: str | None = None
    undecoded: bool = False
    truncated: str | None = None
    peer: str | None = None
    tls: Tls | None = None
    robots: RobotsDecision | None = None
    failure: Failure | None = None
    detail: str | None = None
    confirms: str | None = None
    redirected_from: str | None = None
    lead: Sighting | None = None
    config: str | None = None
    vantage: str = ""
    copied_from: str | None = None
    payload_digest: str | None = None

    def page(self, body: bytes) -> Page:
        """The page this capture recorded, given its snapshot's bytes."""
        return Page(
            method=self.method,
            url=self.url,
            status=self.status or 0,
            headers=self.headers,
            fetched_at=self.observed_at,
            body=body,
        )
