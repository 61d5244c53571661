"""Plays the script: the daemon's own jobs tick over both outlets, with a clock that is stepped instead of waited for.

Hides the configuration and the stepping. Requests go over HTTP on loopback; what is left is an ordinary archive.
"""

from __future__ import annotations

import json
import ssl
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import trustme

from benchmarks.history import paper
from benchmarks.history.answers import Outlets
from benchmarks.history.spells import MENDED
from benchmarks.history.stories import HERALD, HOSTS, PAPER, ZONES
from benchmarks.history.times import START, Wrong
from benchmarks.history.world import SWEEP, World
from scraper import app
from scraper.catalogue.reading import Reading
from scraper.config import Config, load
from scraper.demo.clock import SteppedClock
from scraper.jobs.backfill import backfill
from scraper.jobs.check import check
from scraper.jobs.crawl import crawl, recheck
from scraper.jobs.look import changes
from scraper.jobs.reader import Reader, read_page
from scraper.jobs.reparse import reparse
from scraper.jobs.seal import seal
from scraper.jobs.services import Services
from scraper.model import ChangeKind, Finding, Page, Report, Sighting, Source
from scraper.policy.selection import Selection
from tests.redesigned import mended
from tests.web_server import WebServer

_MEMORY = Path("/dev/shm")  # noqa: S108 - a directory is made in it, with a name of its own
_ALL = Selection(kinds=frozenset(ChangeKind))
"""Cosmetic changes too, which are told only when they are asked for."""
_SEAL_EVERY = 12
"""Ticks: a day is sealed once, whenever that is asked for."""

# Of each outlet one list is looked at, which shows no time as a whole: what nobody saw stays unseen.
_SOURCE = """
schema = 1
id = "{id}"
name = "{name}"
parser = "{parser}"
language = "{language}"
timezone = "{zone}"
channel = "simulated"
hosts = ["{host}"]
articles = {articles}
listings = {listings}
every = "3h"
recheck_every = "3h"
sweep = {sweep}
{pages}
[politeness]
gap = "0s"
connect_timeout = "2s"
read_timeout = "2s"
deadline = "4s"
attempts = 2
breaker_failures = 0
[network]
ca_file = "authority.pem"
[network.resolve]
"{host}" = "{plain}"
"{host}:443" = "{secure}"
"""

_PAGES = {
    PAPER: f"""
discover = [{{ url = "http://{HOSTS[PAPER]}{paper.LATEST}" }}]
backfill = [{{ kind = "dated", url = "http://{HOSTS[PAPER]}{paper.DAY}{{date:%Y-%m-%d}}" }}]
""",
    HERALD: f"""
discover = [{{ url = "http://{HOSTS[HERALD]}/" }}]
""",
}
_DECLARED = {
    PAPER: ("The Paper", "rodong", "ko", r"""['strPageID=SF01_02_01&newsID=\d']""", "['strPageID=SF01_01_0']"),
    HERALD: (
        "The Herald",
        "generic",
        "en",
        r"""['^/news/\d{4}/\d\d/\d\d/[a-z-]+/(?:\?|$)', '^/story/\d+/$']""",
        "['^/$']",
    ),
}


class Logged(NamedTuple):
    """A finding that a tick's job reported, and the true time of the tick."""

    at: datetime
    finding: Finding


@dataclass(slots=True, kw_only=True)
class Played:
    """What the history came to: the three reports, and how many ticks and requests it took."""

    changed: Report
    checked: Report
    alarms: list[Logged]
    requests: int
    ticks: int


def played_in_memory(world: World) -> Played:
    """Live through the world's days; where there is a file system in memory, nothing waits for a disk at each of many commits."""
    with tempfile.TemporaryDirectory(dir=_MEMORY if _MEMORY.is_dir() else None) as directory:
        return play(world, Path(directory) / "history")


def play(world: World, directory: Path) -> Played:
    """Live through the world's days in `directory`, which is not there yet."""
    true = SteppedClock(START)
    ours = Wrong(true)
    outlets = Outlets(true, world.stories, world.truth)
    with _running(outlets, directory, ours) as services:
        alarms = list(_through(world, services, true, ours))
        sources = services.config.sources
        return Played(
            changed=changes(services, sources, _ALL),
            checked=check(services, sources),
            alarms=alarms,
            requests=outlets.asked,
            ticks=len(world.ticks),
        )


@contextmanager
def _running(outlets: Outlets, directory: Path, clock: Wrong) -> Iterator[Services]:
    """Both outlets with and without TLS, and the services that ask them."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*HOSTS.values()).configure_cert(context)
    with ExitStack() as stack:
        plain = stack.enter_context(WebServer({}, otherwise=outlets.answer))
        secure = stack.enter_context(WebServer({}, otherwise=outlets.secure, tls=context))
        config = _config(directory, plain.port, secure.port, authority)
        yield stack.enter_context(app.services(config, clock=clock, processes=0))


def _config(directory: Path, plain: int, secure: int, authority: trustme.CA) -> Config:
    (directory / "sources").mkdir(parents=True)
    authority.cert_pem.write_to_path(str(directory / "authority.pem"))
    settings = {
        "schema": 1,
        "contact": "history@replica.example",
        "store": (directory / "store").as_uri(),
        "catalogue": f"sqlite:///{directory / 'catalogue.sqlite3'}",
        "health": "off",
    }
    text = "".join(f"{key} = {json.dumps(value)}\n" for key, value in settings.items())
    (directory / "scraper.toml").write_text(text, encoding="utf-8")
    for source, (name, parser, language, articles, listings) in _DECLARED.items():
        declared = _SOURCE.format(
            id=source,
            name=name,
            parser=parser,
            language=language,
            zone=ZONES[source].key,
            host=HOSTS[source],
            articles=articles,
            listings=listings,
            sweep=SWEEP[source],
            pages=_PAGES[source],
            plain=f"127.0.0.1:{plain}",
            secure=f"127.0.0.1:{secure}",
        )
        (directory / "sources" / f"{source}.toml").write_text(declared, encoding="utf-8")
    return load(directory, {})


def _through(world: World, services: Services, true: SteppedClock, ours: Wrong) -> Iterator[Logged]:
    waiting = [MENDED] if world.ticks[-1] > MENDED else []
    for number, tick in enumerate(world.ticks):
        true.move_to(tick)
        ours.ahead = sum((ahead for span, ahead in world.truth.ahead if span.holds(tick)), start=ours.ahead * 0)
        if any(span.holds(tick) for span in world.truth.away):
            continue
        if tick == world.past_from:
            _past(world, services)
        if waiting and tick >= waiting[0]:
            waiting.pop()
            services = replace(services, reader=Reader(processes=0, reads=_since_mended))
            reparse(services, services.config.sources)
        if number % _SEAL_EVERY == 0:
            seal(services, services.config.sources)
        for source in services.config.sources:
            for job in (crawl, recheck):
                report = job(services, source)
                yield from (Logged(tick, finding) for finding in report.findings)


def _past(world: World, services: Services) -> None:
    """What somebody does who begins with the paper: its past is fetched."""
    days = sorted({story.name[:10] for story in world.stories if story.old})
    first, last = (datetime.fromisoformat(day).date() for day in (days[0], days[-1]))
    backfill(services, services.config.source(PAPER), since=first, until=last)


def _since_mended(page: Page, source: Source, lead: Sighting | None) -> Reading:
    """What a parser reads that was mended for the paper's new template."""
    return mended(page, source, lead) if source.id == PAPER else read_page(page, source, lead)
