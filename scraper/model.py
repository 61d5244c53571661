"""The nouns every room shares.

Hides nothing: plain frozen values and enumerations. Knows only the standard library, reads no clock, does no I/O.

Times are aware `datetime`s in UTC unless a field says it is an outlet's local date. Digests are lower-case hex of
SHA-256. A *record key* is the storage key of a capture record (`captures/<source>/2026/08/22/...json`): it names one
capture for ever, so everything that cites evidence cites a record key.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

Headers = tuple[tuple[str, str], ...]
"""Header pairs in the order and case they were received or sent; bytes are read as latin-1 (RFC 9110 §5.5)."""


class Role(StrEnum):
    """What a request is made for: decides how its answer is judged and read."""

    ARTICLE = "article"
    LISTING = "listing"
    ROBOTS = "robots"


class Reason(StrEnum):
    """Why `policy.plan` or an operator asked for a page."""

    NEW = "new"
    RETRY = "retry"
    RECHECK = "recheck"
    DISCOVERY = "discovery"
    BACKFILL = "backfill"
    MANUAL = "manual"
    ROBOTS = "robots"
    REDIRECT = "redirect"


class Channel(StrEnum):
    """By which way the bytes came to us."""

    DIRECT = "direct"
    PROXY = "proxy"
    WAYBACK = "wayback"
    IMPORT = "import"
    SIMULATED = "simulated"


class Verdict(StrEnum):
    """What an answer was, as `policy.judge` sees it. A judgement, not a fact: it can be derived again."""

    ARTICLE = "article"
    LISTING = "listing"
    ROBOTS = "robots"
    UNCHANGED = "unchanged"
    MOVED = "moved"
    GONE = "gone"
    SOFT_GONE = "soft-gone"
    BLOCKED_WAF = "blocked-waf"
    BLOCKED_CAPTCHA = "blocked-captcha"
    BLOCKED_LEGAL = "blocked-legal"
    BLOCKED_GEO = "blocked-geo"
    BLOCKED_LOGIN = "blocked-login"
    THROTTLED = "throttled"
    CLIENT_ERROR = "client-error"
    SERVER_ERROR = "server-error"
    EMPTY = "empty"
    TRUNCATED = "truncated"
    NOT_HTML = "not-html"
    FAILED = "failed"
    """No answer arrived: the record is of kind `error`."""

    @property
    def blocked(self) -> bool:
        """True for the verdicts that say somebody stands between us and the outlet."""
        return self.value.startswith("blocked-")

    @property
    def readable(self) -> bool:
        """True when the body is the page that was asked for, so a parser may read it."""
        return self in (Verdict.ARTICLE, Verdict.LISTING)


class Failure(StrEnum):
    """Why an attempt brought no whole answer (the `error` of a capture record)."""

    TIMEOUT_CONNECT = "timeout-connect"
    TIMEOUT_READ = "timeout-read"
    TIMEOUT_TOTAL = "timeout-total"
    TOO_SLOW = "too-slow"
    TOO_LARGE = "too-large"
    DECODE_BOMB = "decode-bomb"
    DNS = "dns"
    CONNECT = "connect"
    TLS = "tls"
    RESET = "reset"
    PROTOCOL = "protocol"
    REDIRECT_LIMIT = "redirect-limit"
    ROBOTS_DENIED = "robots-denied"
    ROBOTS_UNREACHABLE = "robots-unreachable"
    GUARD_REFUSED = "guard-refused"
    ABANDONED = "abandoned"


class Origin(StrEnum):
    """What kind of evidence a sighting is."""

    LISTING = "listing"
    INDEX = "index"
    FEED = "feed"
    SITEMAP = "sitemap"
    RELATED = "related"
    MIRROR = "mirror"
    SEED = "seed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """Evidence that an article exists.

    `published` is the evidence's own hint (`YYYY-MM-DD`, or an ISO datetime with offset), never a guess.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingLink:
    """A further discovery page that a page points to.

    `kind` is `section` (a menu entry), `next-page` (the next page of this listing), `sitemap` (child of a sitemap
    index), `datasource` (a script's data file) or `day` (one day of a dated index). `form` holds the pairs of a POST
    form (`method` is then POST); fields whose value changes with every session are named in `volatile`.
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
    """What the TLS handshake showed. `certificate_sha256` is of the peer's certificate in DER form."""

    version: str
    cipher: str
    certificate_sha256: str
    verified: bool


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
    whole (None when it is). `wire_size` and `wire_sha256` are of the body as received, before content-decoding.
    """

    request: Request
    url: str
    started_at: datetime
    fetched_at: datetime
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

    `record` is the record key (empty until written); `kind` is `response` or `error`. `sha256` names the snapshot
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


@dataclass(frozen=True, slots=True, kw_only=True)
class DateEvidence:
    """One statement about when an article was published.

    `kind` is `page-mark`, `list-row`, `url`, `aggregator`, `feed` or `dateline`. `value` is `YYYY-MM-DD`, an ISO
    datetime with offset, or `--MM-DD` where the evidence states no year (datelines).
    """

    kind: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """A picture of an article: its address as absolute URL, and the caption as published."""

    url: str
    caption: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """What one parser read from one snapshot.

    `outlet` is the original publisher, also on an aggregator. `key` is the outlet's own identity of the article
    (Rodong date and serial, MFA number, Xinhua hex or c_N, KCNA AR code), else the URL key. `published` is an ISO
    date or datetime in the outlet's zone, chosen by `policy.resolve` from `evidence`; `published_evidence` says
    which kind decided. `paragraphs` are as published, without end marks and byline, which are kept beside them.
    """

    source: str
    outlet: str
    key: str
    url: str
    original_url: str | None
    title: str
    published: str | None
    published_evidence: str | None
    evidence: tuple[DateEvidence, ...]
    dateline: str | None
    byline: str | None
    section: str | None
    language: str
    paragraphs: tuple[str, ...]
    end_mark: str | None
    images: tuple[Image, ...]
    related: tuple[Sighting, ...]
    parser: str
    snapshot_sha256: str
    text_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """All that a page holds: articles (none for a listing), sightings, and further discovery pages."""

    articles: tuple[Article, ...] = ()
    sightings: tuple[Sighting, ...] = ()
    listings: tuple[ListingLink, ...] = ()
    layout: str = ""


class ChangeKind(StrEnum):
    """What happened to an article between two captures."""

    EDITED = "edited"
    RETITLED = "retitled"
    REDATED = "redated"
    GONE = "gone"
    RETURNED = "returned"
    MOVED = "moved"


@dataclass(frozen=True, slots=True, kw_only=True)
class WordOp:
    """One word-level operation: `equal`, `delete`, `insert` or `replace`, with the words of both sides."""

    op: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """An edit, a deletion or a return, with the two captures (record keys) that show it."""

    source: str
    url: str
    key: str
    title: str
    kind: ChangeKind
    before: str
    after: str
    before_at: datetime
    after_at: datetime
    words_removed: int = 0
    words_added: int = 0
    operations: tuple[WordOp, ...] = ()


class Severity(StrEnum):
    """How a finding weighs on the exit status; NOTE never does."""

    UNREACHABLE = "unreachable"
    DAMAGED = "damaged"
    MISSING = "missing"
    UNOBSERVED = "unobserved"
    NOTE = "note"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A typed result of a check: what, about which thing, why, and the command that repairs it."""

    kind: str
    severity: Severity
    source: str
    subject: str
    reason: str
    repair: str = ""
    day: date | None = None
    evidence: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DayCount:
    """One source and outlet day of a completeness report: the five sets, counted."""

    source: str
    day: date
    expected: int
    known: int
    held: int
    intact: int
    readable: int
    unobserved: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What every job returns; the command line, the log and the exit code all render this one value.

    `counts` are the job's figures in the order to show them; `notes` are lines for a person.
    """

    job: str
    started_at: datetime
    ended_at: datetime
    counts: tuple[tuple[str, int], ...] = ()
    days: tuple[DayCount, ...] = ()
    findings: tuple[Finding, ...] = ()
    changes: tuple[Change, ...] = ()
    notes: tuple[str, ...] = ()

    def exit_code(self) -> int:
        """0 clean, 1 missing, 3 unreachable, 4 damaged, 5 unobserved; the worst wins in the order 3, 4, 1, 5."""
        found = {finding.severity for finding in self.findings}
        for severity, code in EXIT_CODES:
            if severity in found:
                return code
        return 0


EXIT_CODES = (
    (Severity.UNREACHABLE, 3),
    (Severity.DAMAGED, 4),
    (Severity.MISSING, 1),
    (Severity.UNOBSERVED, 5),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovery:
    """One discovery page of a source, read at every tick; `follow` names the kinds of listing links to read too."""

    url: str
    follow: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Backfill:
    """How to walk a source's past.

    `kind` is `dated` (one listing a day: `{date:%Y-%m-%d}` in `url`), `paged` (`{page}` counts from `first` by
    `step`; `{next}` is `page` + `step`), `sitemap` (an index or a set) or `form` (follows the `next-page` POST form
    of the listing itself, whose page number is in the field `page_field`). `token` is true when the query of `url` must
    be base64-encoded (Rodong Sinmun). `since` and `until` bound the days this way of walking can reach.
    """

    kind: str
    url: str
    first: int = 1
    step: int = 1
    token: bool = False
    page_field: str = "page_num"
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Politeness:
    """How gently a source's hosts are asked; seconds and bytes."""

    gap: float = 3.0
    max_gap: float = 120.0
    connect_timeout: float = 30.0
    read_timeout: float = 60.0
    deadline: float = 120.0
    max_bytes: int = 16 * 1024 * 1024
    min_bytes_per_second: float = 64.0
    attempts: int = 4
    retry_window: float = 600.0
    redirects: int = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """How a source's hosts are reached.

    `resolve` maps `host` or `host:port` to `address` or `address:port` (as curl's --resolve and --connect-to do):
    an explicit decision of the operator, so the address guard accepts what it names. `proxy` is an http, https or
    socks5 URL. `ca_file` is a PEM bundle to trust instead of the system's; `verify` false is recorded in captures.
    """

    resolve: tuple[tuple[str, str], ...] = ()
    proxy: str | None = None
    ca_file: str | None = None
    verify: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One outlet as declared in `config/sources/<id>.toml`.

    `hosts` is the scope and one host group: all share one pace. `articles` and `listings` are regular expressions
    searched in a URL's path and query (after `urls.canonical`): they tell an article's address from a listing's.
    `titles`, where given, keeps only sightings whose title matches. `session` keeps the outlet's cookies for as long as
    the program runs (lists paged by a form need them). `stable_form_fields` are the fields of a POST form that tell its
    answers apart, and so are part of the locator's key. `digest` is the SHA-256 of the declaration's
    bytes, named by every record made under it; `declaration` holds those bytes.
    """

    id: str
    name: str
    parser: str
    language: str
    timezone: str
    hosts: tuple[str, ...]
    articles: tuple[str, ...]
    listings: tuple[str, ...] = ()
    titles: str | None = None
    discover: tuple[Discovery, ...] = ()
    backfill: tuple[Backfill, ...] = ()
    every: timedelta = timedelta(minutes=30)
    recheck_every: timedelta = timedelta(minutes=15)
    politeness: Politeness = field(default_factory=Politeness)
    network: Network = field(default_factory=Network)
    stable_form_fields: tuple[str, ...] = ()
    session: bool = False
    per_day: tuple[int, int] | None = None
    channel: Channel = Channel.DIRECT
    digest: str = ""
    declaration: bytes = field(default=b"", repr=False)

    @property
    def group(self) -> str:
        """The name of the host group whose pace every process shares: the first host."""
        return self.hosts[0] if self.hosts else self.id
