"""The tables of `scraper.toml` and of `sources/<id>.toml`: which keys there are and of what type.

Hides pydantic. A key without a value of its own here has None for default, which means: the default of the frozen
value it fills (`values.Settings`, `model.Source`, `model.Politeness`, `model.Network`), so each default is written once.
`schema`, which every file has, is read before the rest and is not among them.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from scraper.config.scalars import (
    Budget,
    CatalogueUrl,
    ChannelName,
    Contact,
    DatePattern,
    DayOff,
    Host,
    Hours,
    Interval,
    KindName,
    Listen,
    Pattern,
    Policy,
    Product,
    ProxyUrl,
    ResolveTable,
    Retention,
    Seconds,
    Size,
    SourceId,
    StoreUrl,
    TargetName,
    WebUrl,
    Zone,
)

STRICT = ConfigDict(extra="forbid", strict=True, frozen=True)

FromOne = Annotated[int, Field(ge=1)]
FromNought = Annotated[int, Field(ge=0)]
Text = Annotated[str, Field(min_length=1)]


class NetworkTable(BaseModel):
    """`[network]`, in both kinds of file: in scraper.toml it is what sources inherit."""

    model_config = STRICT
    proxy: ProxyUrl | None = None
    ca_file: str | None = None
    verify: bool | None = None
    resolve: ResolveTable | None = None


class S3Table(BaseModel):
    """`[s3]` of scraper.toml, and `[replica_s3]`."""

    model_config = STRICT
    endpoint: WebUrl | None = None
    region: str | None = None
    checksums: Literal["when_supported", "when_required"] | None = None
    path_style: bool | None = None
    create_bucket: bool | None = None
    retention: Retention | None = None
    retention_mode: Literal["governance", "compliance"] | None = None


class TimestampsTable(BaseModel):
    """`[[timestamps]]` of scraper.toml: one time-stamping authority."""

    model_config = STRICT
    url: WebUrl
    policy: Policy | None = None
    trust: Text | None = None


class NotifyTable(BaseModel):
    """`[[notify]]` of scraper.toml: somebody who is told of changes; the address is in the environment."""

    model_config = STRICT
    name: TargetName
    kinds: list[KindName] | None = None
    sources: list[SourceId] | None = None
    min_words: FromNought | None = None


class CdxTable(BaseModel):
    """`[cdx]` of scraper.toml: the web archive that `scraper backfill --via cdx` asks."""

    model_config = STRICT
    server: WebUrl | None = None
    replay: WebUrl | None = None
    index_gap: Seconds | None = None
    replay_gap: Seconds | None = None
    rows: FromOne | None = None


class SecondTable(BaseModel):
    """`[second]` of scraper.toml: the second vantage, from which a suspected deletion is asked about again."""

    model_config = STRICT
    proxy: ProxyUrl | None = None
    vantage: Text | None = None


class SettingsTable(BaseModel):
    """scraper.toml."""

    model_config = STRICT
    contact: Contact | None = None
    product: Product | None = None
    store: StoreUrl | None = None
    replica: StoreUrl | None = None
    catalogue: CatalogueUrl | None = None
    workers: FromOne | None = None
    upkeep: Interval | None = None
    health: Listen | None = None
    vantage: str | None = None
    log_format: Literal["text", "json"] | None = None
    atom: Text | None = None
    s3: S3Table = S3Table()
    replica_s3: S3Table = S3Table()
    cdx: CdxTable = CdxTable()
    network: NetworkTable = NetworkTable()
    second: SecondTable = SecondTable()
    timestamps: list[TimestampsTable] = []
    notify: list[NotifyTable] = []


class DiscoverTable(BaseModel):
    """`[[discover]]`: a discovery page read at every tick."""

    model_config = STRICT
    url: WebUrl
    follow: list[Literal["section", "next-page", "sitemap", "datasource", "day", "feed"]] = []
    form: dict[str, str] | None = None
    days_ago: list[FromNought] | None = None


class BackfillTable(BaseModel):
    """`[[backfill]]`: one way of walking the past."""

    model_config = STRICT
    kind: Literal["dated", "paged", "post", "sitemap", "index", "form", "serial"]
    url: WebUrl
    first: FromNought | None = None
    step: FromOne | None = None
    token: bool | None = None
    form: dict[str, str] | None = None
    page_field: Text | None = None
    overlap: FromNought | None = None
    last: FromNought | None = None
    misses: FromOne | None = None
    since: date | None = None
    until: date | None = None


class PostedTable(BaseModel):
    """`[[posted]]`: articles that are asked for by POST."""

    model_config = STRICT
    path: Annotated[str, Field(pattern="^/")]
    form: dict[str, str] | None = None


class OpeningTable(BaseModel):
    """`[opening]`: the POST by which a session begins."""

    model_config = STRICT
    path: Annotated[str, Field(pattern="^/")]
    before: Pattern
    form: dict[str, str] | None = None


class PolitenessTable(BaseModel):
    """`[politeness]`: how gently the hosts are asked."""

    model_config = STRICT
    gap: Seconds | None = None
    max_gap: Seconds | None = None
    connect_timeout: Seconds | None = None
    read_timeout: Seconds | None = None
    deadline: Seconds | None = None
    max_bytes: Size | None = None
    min_bytes_per_second: Annotated[float, Field(ge=0)] | None = None
    attempts: FromOne | None = None
    retry_window: Seconds | None = None
    redirects: FromNought | None = None
    daily_requests: FromNought | None = None
    daily_bytes: Budget | None = None
    breaker_failures: FromNought | None = None


class SourceTable(BaseModel):
    """sources/<id>.toml."""

    model_config = STRICT
    id: SourceId
    name: Text
    parser: Text
    language: Text
    timezone: Zone
    hosts: Annotated[list[Host], Field(min_length=1)]
    articles: Annotated[list[Pattern], Field(min_length=1)]
    listings: list[Pattern] | None = None
    titles: Pattern | None = None
    listing_links: list[Pattern] | None = None
    listing_dates: list[DatePattern] | None = None
    every: Interval | None = None
    recheck_every: Interval | None = None
    sweep: Annotated[int, Field(ge=1, le=90)] | None = None
    unconditional: FromOne | None = None
    stable_form_fields: list[str] | None = None
    session: bool | None = None
    per_day: Annotated[list[FromNought], Field(min_length=2, max_length=2)] | None = None
    days_off: list[DayOff] | None = None
    channel: ChannelName | None = None
    robots_401_403: Literal["allow", "disallow"] | None = None
    quiet: list[Hours] | None = None
    discover: list[DiscoverTable] = []
    backfill: list[BackfillTable] = []
    posted: list[PostedTable] = []
    opening: OpeningTable | None = None
    politeness: PolitenessTable = PolitenessTable()
    network: NetworkTable = NetworkTable()
