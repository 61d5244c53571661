"""What a job is given: everything that has effects, built once by `app.py`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from scraper.archive.archive import Archive
from scraper.catalogue.database import Database
from scraper.clock import Clock
from scraper.config import Config
from scraper.fetch.client import Fetcher
from scraper.fetch.timestamping import Stamper
from scraper.jobs.reader import Reader


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of long work, for a progress bar: `total` is None while nobody can know it."""

    job: str
    source: str
    done: int
    total: int | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """The effects a job may use. `progress` is told of every step of long work."""

    config: Config
    archive: Archive
    database: Database
    fetcher: Fetcher
    stamper: Stamper
    reader: Reader
    clock: Clock
    progress: Callable[[Step], None]
