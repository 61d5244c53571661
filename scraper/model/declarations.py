"""What an operator declares of an outlet."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, timedelta

from scraper.model.words import ChangeKind, Channel


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovery:
    """One discovery page of a source, read at every tick; `follow` names the kinds of listing links to read too.

    With a `form` it is asked for by POST. With `days_ago` it is a dated index, `{date:%Y-%m-%d}` in `url`, and the days
    so far back on the outlet's calendar are read.
    """

    url: str
    follow: tuple[str, ...] = ()
    form: tuple[tuple[str, str], ...] = ()
    days_ago: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """Articles that have no address of their own, only a POST to `path`.

    Their locators are made addresses: that path with the fields that name the article as query. They are asked for by
    POST, the query being sent as the form, with the fields of `form` after it.
    """

    path: str
    form: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """The POST by which a session begins: sent to `path` of the same host, before the first POST of a run that matches `before`."""

    path: str
    before: str
    form: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Backfill:
    """How to walk a source's past.

    `kind` is `dated` (one listing a day: `{date:%Y-%m-%d}` in `url`), `paged` (`{page}` counts from `first` by
    `step`; `{next}` is `page` + `step`), `post` (the same by POST: `{page}` stands in a value of `form`, as may `{since:…}`
    and `{until:…}`, the days that are walked), `sitemap` (an index or a set), `index` (a page that names sections, data
    files or days, each read once), `form` (follows the `next-page` POST form of the listing itself, whose page number is
    in the field `page_field`) or `serial` (articles by `{number}`, which counts from `first` by `step` to `last`, or until
    `misses` numbers in a row are no article's; anew for each day where `{date:…}` is in `url` too). `token` is true when the query of `url` must
    be base64-encoded (Rodong Sinmun). `overlap` ends a paged walk after so many pages in a row whose articles were all held
    before (0: never). `since` and `until` bound the days this way of walking can reach.
    """

    kind: str
    url: str
    first: int = 1
    step: int = 1
    token: bool = False
    form: tuple[tuple[str, str], ...] = ()
    page_field: str = "page_num"
    overlap: int = 0
    last: int | None = None
    misses: int = 20
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Politeness:
    """How gently a source's hosts are asked; seconds and bytes.

    `daily_requests` and `daily_bytes` are budgets of a UTC day (0: none). After `breaker_failures` failed requests in a
    row (0: never) nothing is asked for a growing time, then one request probes.
    """

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
    daily_requests: int = 0
    daily_bytes: int = 0
    breaker_failures: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """How a source's hosts are reached.

    `resolve` maps `host` or `host:port` to `address` or `address:port` (as curl's --resolve and --connect-to do):
    an explicit decision of the operator, so the address guard accepts what it names. `proxy` is an http, https or
    socks5 URL. `ca_file` is a PEM bundle to trust instead of the system's; `verify` false is recorded in captures. `vantage` is
    what the place is called that these requests come from; the machine's own where it is empty.
    """

    resolve: tuple[tuple[str, str], ...] = ()
    proxy: str | None = None
    ca_file: str | None = None
    verify: bool = True
    vantage: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What of a declaration the generic reader goes by, where no code knows the outlet's templates (docs/sources.md, "Generic").

    `articles` and `listings` are as in `Source`; the addresses of its discovery pages are among the listings.
    `listing_links` tell which links of a listing lead to articles, `listing_dates` find the date in the text or address of
    a link or in the row around it. `outlet` and `language` hold where a page names none.
    """

    outlet: str
    language: str
    timezone: str
    articles: tuple[str, ...]
    listings: tuple[str, ...]
    listing_links: tuple[str, ...]
    listing_dates: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """A time-stamping authority (RFC 3161) that is asked to vouch for each day's root.

    `policy` is the only policy (an OID) under which its tokens are taken; None for any. `trust` is a PEM file with its
    root certificate; None where its tokens bring the root with them, which then is believed.
    """

    url: str
    policy: str | None = None
    trust: str | None = None

    @property
    def name(self) -> str:
        """What its tokens are filed under: host and path, in letters that a storage key may have."""
        return re.sub(r"[^a-z0-9]+", "-", self.url.partition("://")[2].lower()).strip("-")[:64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Somebody who is told of changes: of these `kinds` (none: all but cosmetic), at these `sources` (none: all).

    `min_words` is asked of edits and new titles. `addresses` are what apprise reaches them by; secrets, from the environment.
    """

    name: str
    kinds: tuple[ChangeKind, ...] = ()
    sources: tuple[str, ...] = ()
    min_words: int = 0
    addresses: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenArticle:
    """What is frozen of an article: digests of its title (as published) and of its text (`text_sha256`), and its date."""

    title_sha256: str
    text_sha256: str
    published: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Canary:
    """A known page, by the record of its capture and the digest of its snapshot, and what must be read of it."""

    url: str
    record: str
    snapshot: str
    articles: tuple[FrozenArticle, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One outlet as declared in `config/sources/<id>.toml`.

    `hosts` is the scope and one host group: all share one pace. `articles` and `listings` are regular expressions
    searched in a URL's path and query (after `urls.canonical`): they tell an article's address from a listing's.
    `titles`, where given, keeps only sightings whose title matches. `session` keeps the outlet's cookies for as long as
    the program runs (lists paged by a form need them). `listing_links` (none: `articles`) and `listing_dates` are what the
    generic parser reads listings by (`Rules`). `stable_form_fields` are the fields of a POST form that tell its
    answers apart, and so are part of the locator's key. `posted` are the articles that are asked for by POST, `opening` is
    how the session begins that some POSTs need. `robots_401_403` says what a robots.txt that is answered 401 or
    403 means: `allow` (RFC 9309) or `disallow`. `quiet` are hours (`01:00-05:00`, in `timezone`) in which nothing is
    asked. `per_day` are the least and the most items of a day, what `titles` keeps of them; on `days_off` (`sunday`, `12-31`) the
    outlet publishes nothing, so that no least number holds. Every held article is asked for again within `sweep` days; after
    `unconditional - 1` answers of 304 in a row without validators, for a server may be wrong (1: always so). `digest` is the SHA-256 of the declaration's
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
    listing_links: tuple[str, ...] = ()
    listing_dates: tuple[str, ...] = ()
    discover: tuple[Discovery, ...] = ()
    backfill: tuple[Backfill, ...] = ()
    posted: tuple[Posted, ...] = ()
    opening: Opening | None = None
    every: timedelta = timedelta(minutes=30)
    recheck_every: timedelta = timedelta(minutes=15)
    sweep: int = 90
    unconditional: int = 5
    politeness: Politeness = field(default_factory=Politeness)
    network: Network = field(default_factory=Network)
    stable_form_fields: tuple[str, ...] = ()
    session: bool = False
    per_day: tuple[int, int] | None = None
    days_off: tuple[str, ...] = ()
    channel: Channel = Channel.DIRECT
    robots_401_403: str = "allow"
    quiet: tuple[str, ...] = ()
    digest: str = ""
    declaration: bytes = field(default=b"", repr=False)

    @property
    def group(self) -> str:
        """The name of the host group whose pace every process shares: the first host."""
        return self.hosts[0] if self.hosts else self.id
