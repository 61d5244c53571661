"""Builds everything, once: nothing else constructs a client, a store or a database, or holds the clock.

Hides which parts belong together, and the joint between `fetch`'s need of robots.txt and the archive that holds it.
"""

from __future__ import annotations

import os
import random
import secrets
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime

from scraper import __version__
from scraper.archive.archive import Archive, open_archive
from scraper.archive.store import Retention, S3Options, Store, open_store
from scraper.catalogue import queries
from scraper.catalogue.database import Database, open_database
from scraper.catalogue.pace import SharedPace
from scraper.clock import Clock, SystemClock
from scraper.config import Config, S3Settings
from scraper.errors import RecordCorrupt, SnapshotCorrupt, SnapshotMissing
from scraper.fetch.client import Fetcher
from scraper.fetch.timestamping import Stamper
from scraper.fetch.useragent import UserAgent
from scraper.jobs.reader import Reader
from scraper.jobs.services import Services, Step
from scraper.model import Capture, Network
from scraper.policy.robots import Attempt


class ArchivedRobots:
    """`fetch.RobotsCache` over catalogue and archive: a restart knows every robots.txt that was ever seen."""

    def __init__(self, archive: Archive, database: Database) -> None:
        self._archive = archive
        self._database = database

    def attempts(self, source: str, since: datetime) -> Sequence[Attempt]:
        """Every attempt at a robots.txt of a source since then, redirect hops too, in the order of recording."""
        return queries.robots(self._database, source, since)

    def load(self, record: str) -> tuple[Capture, bytes] | None:
        """A robots.txt capture with its body; None where either is damaged."""
        try:
            capture = self._archive.record(record)
            return capture, self._archive.body(capture.sha256) if capture.sha256 else b""
        except (RecordCorrupt, SnapshotCorrupt, SnapshotMissing):
            # A damaged copy is none: the file is asked for again, and `check` reports the damage.
            return None


def no_progress(step: Step) -> None:
    """Tell nobody."""


@contextmanager
def services(
    config: Config,
    *,
    clock: Clock | None = None,
    progress: Callable[[Step], None] = no_progress,
    processes: int = 1,
    check_schema: bool = True,
    writes: bool = True,
) -> Iterator[Services]:
    """Everything a job needs, from a validated configuration; closed again at the end.

    `processes` is the number of children that parse (0: in this process). `writes` false opens the archive for reading.

    Errors: ConfigError, StoreUnreachable, CatalogueError.
    """
    time_keeper = clock or SystemClock()
    with ExitStack() as stack:
        archive = open_archive(store(config), writable=writes)
        database = open_database(config.settings.catalogue, check_schema=check_schema)
        stack.callback(database.close)
        if writes:
            # Records name the declaration they were made under: it is kept before the first of them is written.
            for source in config.sources:
                archive.save_config(source)
        fetcher = _fetcher(config, archive, database, time_keeper)
        stack.callback(fetcher.close)
        reader = Reader(processes=processes)
        stack.callback(reader.close)
        yield Services(
            config=config,
            archive=archive,
            database=database,
            fetcher=fetcher,
            stamper=Stamper(user_agent=_user_agent(config), network=config.settings.network, monotonic=time.monotonic),
            reader=reader,
            clock=time_keeper,
            progress=progress,
        )


def clock() -> Clock:
    """The machine's clock, for what needs no services."""
    return SystemClock()


def store(config: Config) -> Store:
    """The configured store, reached and writable. Errors: ConfigError, StoreUnreachable."""
    return open_store(config.settings.store, s3=_options(config.settings.s3))


def replica(config: Config) -> Store | None:
    """The store that holds a copy of the archive; None where none is configured. Errors: ConfigError, StoreUnreachable."""
    settings = config.settings
    return open_store(settings.replica, s3=_options(settings.replica_s3)) if settings.replica else None


def _options(s3: S3Settings) -> S3Options:
    return S3Options(
        endpoint=s3.endpoint,
        region=s3.region,
        access_key=s3.access_key,
        secret_key=s3.secret_key,
        checksums=s3.checksums,
        path_style=s3.path_style,
        create_bucket=s3.create_bucket,
        # By the machine's own clock: it is the server that holds the lock against its own.
        retention=Retention(mode=s3.retention_mode, span=s3.retention, now=clock().now) if s3.retention else None,
    )


def _fetcher(config: Config, archive: Archive, database: Database, clock: Clock) -> Fetcher:
    return Fetcher(
        user_agent=_user_agent(config),
        clock=clock,
        pace=SharedPace(database),
        robots=ArchivedRobots(archive, database),
        jitter=random.SystemRandom().random,
        monotonic=time.monotonic,
        owner=f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}",
        groups={host: source.group for source in config.sources for host in source.hosts},
        network=Network(),  # sources have inherited the defaults already
        vantage=config.settings.vantage,
    )


def _user_agent(config: Config) -> UserAgent:
    return UserAgent(product=f"{config.settings.product}/{__version__}", contact=config.settings.contact)
