"""What a loaded configuration is: frozen values, of which nothing is read from a file or the environment again.

Hides nothing. `Source` and `Network` are the nouns of `scraper.model`; what is here is the rest of a configuration.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Literal

from scraper import urls
from scraper.errors import ConfigError
from scraper.model import Authority, Network, Source, Target


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Settings:
    """How an `s3://` store is reached.

    `checksums` is `when_supported` or `when_required` (boto3's two settings: some servers reject the checksum trailers
    of the first). `retention` is how long every object is locked from its writing on (None: not by us), `retention_mode`
    whether special rights can undo that (`governance`) or nobody can (`compliance`). The secrets come from the environment alone and are None where it has none.
    """

    endpoint: str | None = None
    region: str = "us-east-1"
    checksums: Literal["when_supported", "when_required"] = "when_supported"
    path_style: bool = True
    create_bucket: bool = False
    retention: timedelta | None = None
    retention_mode: Literal["governance", "compliance"] = "governance"
    access_key: str | None = field(default=None, repr=False)
    secret_key: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CdxSettings:
    """The web archive that is asked for what it saw of an outlet: its CDX server, and where a memento's bytes are.

    The gaps are four fifths of what the Wayback Machine allows a network (30 questions to the index, 600 mementos a minute).
    """

    server: str = "https://web.archive.org/cdx/search/cdx"
    replay: str = "https://web.archive.org/web/{timestamp}id_/{url}"
    index_gap: float = 2.5
    replay_gap: float = 0.125
    rows: int = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondSettings:
    """The second vantage, from which a suspected deletion is asked about again: a proxy elsewhere, none by default."""

    proxy: str | None = None
    vantage: str = "second"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """`scraper.toml` with the environment's `SCRAPER_<KEY>` laid over it.

    `store` and `replica` are URLs whose paths are absolute once they are loaded; in `catalogue`'s, a relative path is
    relative to the current directory. `replica` is None where the archive has none; `replica_s3` is how it is reached.
    `upkeep` is how often the daemon seals, reconciles and replicates. `workers` is the number of host groups asked at the same time. `health` is `address:port`, or empty for none.
    `contact` is empty until an operator fills it in. `network` holds what sources inherit. `timestamps` are the
    time-stamping authorities that are asked, none by default. `atom` is the file that the daemon writes the newest changes to, and
    `notify` are those who are told of them.
    """

    contact: str = ""
    product: str = "scraper"
    store: str = "file://./archive/store"
    replica: str | None = None
    catalogue: str = "sqlite:///archive/catalogue.sqlite3"
    workers: int = 4
    upkeep: timedelta = timedelta(hours=1)
    health: str = "127.0.0.1:8080"
    vantage: str = ""
    log_format: str = "text"
    s3: S3Settings = field(default_factory=S3Settings)
    replica_s3: S3Settings = field(default_factory=S3Settings)
    cdx: CdxSettings = field(default_factory=CdxSettings)
    network: Network = field(default_factory=Network)
    second: SecondSettings = field(default_factory=SecondSettings)
    atom: str | None = None
    timestamps: tuple[Authority, ...] = ()
    notify: tuple[Target, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """One configuration directory, read and found good."""

    directory: Path
    settings: Settings
    sources: tuple[Source, ...]

    def source(self, source_id: str) -> Source:
        """The source of that id; ConfigError, naming those there are, when there is none."""
        for source in self.sources:
            if source.id == source_id:
                return source
        known = ", ".join(sorted(source.id for source in self.sources))
        raise ConfigError(f"unknown source {source_id!r}: known are {known}; see `scraper sources`")

    def owner(self, url: str) -> Source | None:
        """The source whose hosts hold the URL's host; None where no source declares it."""
        host = urls.host(url)
        return next((source for source in self.sources if host in source.hosts), None)
