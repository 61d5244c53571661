"""Runs the whole hostile-server suite in one process and prints what came of it: `python -m tests.hostile_run`.

One JSON line per row, then one with the most memory the process ever used. Every row has a server, a fetcher and an archive
of its own; several rows wait at the same time. `--table` prints the rows of docs/hostile.md instead.
"""

from __future__ import annotations

import json
import resource
import socket
import ssl
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import trustme

from scraper.app import ArchivedRobots, no_progress
from scraper.archive.archive import open_archive
from scraper.archive.store_memory import MemoryStore
from scraper.catalogue.database import Database, open_database
from scraper.config import Config, Settings
from scraper.errors import Blocked, FetchError, ScraperError, Throttled
from scraper.fetch.client import Fetcher
from scraper.fetch.dial import system_lookup
from scraper.fetch.pace import LocalPace
from scraper.jobs.reader import Reader
from scraper.jobs.services import Services
from scraper.jobs.take import keep, understand
from scraper.model import Capture, Exchange, Network, Politeness, Reason, Request, Role, Source, Verdict
from scraper.policy import verdicts
from tests import hostile_bodies, hostile_ways, hostile_wire
from tests.fetch_support import AGENT, START, StepClock
from tests.hostile_server import OTHER, OTHER_WORDS, WORDS, Row, Talker, filled
from tests.web_server import WebServer, page

ROWS: tuple[Row, ...] = (*hostile_wire.ROWS, *hostile_bodies.ROWS, *hostile_ways.ROWS)
LIMITS = Politeness(
    gap=0,
    connect_timeout=0.5,
    read_timeout=0.5,
    deadline=1.0,
    attempts=1,
    max_bytes=2 * 1024 * 1024,
    min_bytes_per_second=64,
)
STEP = 1024 * 1024
"""How far a body may go over `max_bytes` before that is noticed (zstd; the others stop at 256 KiB)."""
AT_ONCE = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Came:
    """What came of a row: of the last page's record, of the call, and of the row as a whole."""

    name: str
    status: int | None
    verdict: str
    failure: str | None
    error: str | None
    pages: int
    stop: float | None
    seconds: float
    largest: int
    words: bool
    then: bool
    trapped: int
    robots: int


class Tls:
    """The certificates of the rows: an authority that is trusted, and servers that only partly deserve it."""

    def __init__(self, directory: Path) -> None:
        self._ours, stranger = trustme.CA(), trustme.CA()
        self.ca_file = directory / "ca.pem"
        self._ours.cert_pem.write_to_path(str(self.ca_file))
        own = directory / "own.pem"
        stranger.private_key_pem.write_to_path(str(own))
        stranger.cert_pem.write_to_path(str(own), append=True)
        past = datetime(2020, 1, 1, tzinfo=UTC)
        self._servers = {
            "expired": self._ours.issue_cert("outlet.example", not_before=past, not_after=past.replace(year=2021)),
            "wrong-host": self._ours.issue_cert("evil.example"),
            "stranger": stranger.issue_cert("outlet.example"),
        }
        self._own = own

    def server(self, name: str) -> ssl.SSLContext | None:
        """The server's side for a row; None where it speaks no TLS."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        if name == "self-signed":
            context.load_cert_chain(self._own)
            return context
        if name not in self._servers:
            return None
        self._servers[name].configure_cert(context)
        return context


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What all rows share: the catalogue and the certificates."""

    database: Database
    tls: Tls


@contextmanager
def listening(row: Row, tls: Tls, trap: int) -> Iterator[int]:
    """The row's server; its port."""
    if row.server == "none":
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = int(listener.getsockname()[1])
        yield port
        return
    if row.server == "talker":
        with Talker(row.talk) as talker:
            yield talker.port
        return
    with WebServer({}, tls=tls.server(row.server)) as web:
        routes = {"/robots.txt": row.robots, "/a": row.answer, "/b": page(OTHER), **row.also}
        web.routes.update({path: filled(route, web.port, trap) for path, route in routes.items()})
        yield web.port


def services(row: Row, bench: Bench, clock: StepClock) -> Services:
    """Everything a job needs, with an archive in memory."""
    archive = open_archive(MemoryStore(), writable=True)

    def lookup(host: str, port: int) -> list[str]:
        if host != "outlet.example":
            return system_lookup(host, port)
        if row.found is None:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return list(row.found)

    fetcher = Fetcher(
        user_agent=AGENT,
        clock=clock,
        pace=LocalPace(),
        robots=ArchivedRobots(archive, bench.database),
        jitter=lambda: 0.5,
        monotonic=time.monotonic,
        owner=row.name,
        network=Network(),
        lookup=lookup,
    )
    config = Config(directory=Path(), settings=Settings(), sources=())
    return Services(
        config=config,
        archive=archive,
        database=bench.database,
        fetcher=fetcher,
        reader=Reader(processes=0),
        clock=clock,
        progress=no_progress,
    )


def source_of(row: Row, port: int, tls: Tls) -> Source:
    """The row's source, of two hosts."""
    secure = (row.ask or "").startswith("https:")
    network = (
        Network(resolve=(("outlet.example", f"127.0.0.1:{port}"),), ca_file=str(tls.ca_file)) if secure else Network()
    )
    return Source(
        id=row.name,
        name=row.name,
        parser="kcna",
        language="en",
        timezone="UTC",
        hosts=("127.0.0.1", "outlet.example"),
        articles=(),
        politeness=LIMITS,
        network=network,
    )


def asked(made: Services, source: Source, url: str, role: Role) -> tuple[list[Capture], ScraperError | None]:
    """Ask once as `jobs.take` does; the records in the order they were made, and the error."""
    kept: list[Capture] = []

    def record(exchange: Exchange) -> Capture:
        capture = keep(made, source, exchange)
        assert made.archive.record(capture.record) == capture
        kept.append(capture)
        if capture.role is not Role.ROBOTS and verdicts.consequence(capture.verdict).stops_run:
            raise Blocked("a block page", verdict=capture.verdict)
        return capture

    request = Request(source=source.id, url=url, role=role, reason=Reason.NEW)
    try:
        fetched = made.fetcher.get(request, source, record)
    except (FetchError, Blocked) as error:
        return kept, error
    understand(made, source, fetched.capture, fetched.exchange.body)
    return kept, None


def run(row: Row, bench: Bench) -> Came:
    """Play a row to its end, and read back what the archive holds of it."""
    with WebServer({}) as trap, listening(row, bench.tls, trap.port) as port:
        made, source = services(row, bench, StepClock()), source_of(row, port, bench.tls)
        url = (row.ask or "http://127.0.0.1:{port}/a").replace("{port}", str(port)).replace("{trap}", str(trap.port))
        began = time.monotonic()
        kept, error = asked(made, source, url, row.role)
        after = asked(made, source, f"http://127.0.0.1:{port}/b", Role.ARTICLE)[0] if row.then else []
        seconds = time.monotonic() - began
        made.fetcher.close()
        return came(row, made, kept, after, error, seconds, trapped=len(trap.log))


def came(
    row: Row,
    made: Services,
    kept: list[Capture],
    after: list[Capture],
    error: ScraperError | None,
    seconds: float,
    *,
    trapped: int,
) -> Came:
    """What came of a row, as it stands in the archive."""
    pages = [capture for capture in kept if capture.role is not Role.ROBOTS]
    last = (pages or kept)[-1]
    whole = [_body(made, capture) for capture in (*kept, *after)]
    return Came(
        name=row.name,
        status=last.status,
        verdict=last.verdict.value,
        failure=last.failure.value if last.failure else None,
        error=type(error).__name__ if error else None,
        pages=len(pages),
        stop=(error.until - START).total_seconds() if isinstance(error, Throttled) else None,
        seconds=seconds,
        largest=max(map(len, whole)),
        words=any(words in _body(made, last) for words in (WORDS, OTHER_WORDS)),
        then=not row.then or (after[-1].verdict is Verdict.ARTICLE and _body(made, after[-1]) == OTHER),
        trapped=trapped,
        robots=len(kept) - len(pages),
    )


def _body(made: Services, capture: Capture) -> bytes:
    return made.archive.body(capture.sha256) if capture.sha256 else b""


def cell(row: Row) -> str:
    """A row as a line of docs/hostile.md."""
    verdict = row.verdict.value + (f" ({row.failure.value})" if row.failure else "")
    stopped = f", {row.stop:g} s" if row.stop else ""
    does = row.does.replace("|", "\\|")
    return f"| {row.name} | {does} | {row.status or '–'} | {verdict} | {row.error or '–'}{stopped} | {row.deadlines} |"


def main() -> None:
    """Run all rows, or the named ones."""
    if sys.argv[1:] == ["--table"]:
        print(*map(cell, ROWS), sep="\n")  # noqa: T201 - what it is for
        return
    rows = [row for row in ROWS if not sys.argv[1:] or row.name in sys.argv[1:]]
    with tempfile.TemporaryDirectory() as name, ThreadPoolExecutor(AT_ONCE) as pool:
        database = open_database(f"sqlite:///{name}/catalogue.sqlite3")
        bench = Bench(database=database, tls=Tls(Path(name)))
        for one in pool.map(lambda row: run(row, bench), rows):
            print(json.dumps(asdict(one)), flush=True)  # noqa: T201 - read by test_hostile
        database.close()
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({"peak_mib": used / 1024}))  # noqa: T201 - as above


if __name__ == "__main__":
    main()
