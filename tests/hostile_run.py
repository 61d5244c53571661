"""Runs the whole hostile-server suite in one process and prints what came of it: `python -m tests.hostile_run`.

One JSON line per row, then one with the most memory the process ever used. Every row has a server, a fetcher and an archive
of its own; several rows wait at the same time. `--table` prints the rows of docs/hostile.md instead.
"""

from __future__ import annotations

import json
import resource
import socket
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

from scraper.app import ArchivedRobots, no_progress
from scraper.archive.archive import open_archive
from scraper.archive.store_memory import MemoryStore
from scraper.catalogue.database import Database, open_database
from scraper.config import Config, Settings
from scraper.errors import Blocked, FetchError, ScraperError, Throttled
from scraper.fetch.client import Fetcher
from scraper.fetch.dial import system_lookup
from scraper.fetch.pace import LocalPace
from scraper.fetch.timestamping import Stamper
from scraper.jobs.reader import Reader
from scraper.jobs.services import Services
from scraper.jobs.take import keep, understand
from scraper.model import Capture, Exchange, Network, Politeness, Reason, Request, Role, Source, Verdict
from scraper.policy import verdicts
from tests.fetch_support import AGENT, START, StepClock
from tests.hostile_listeners import Tls, listening
from tests.hostile_server import OTHER, OTHER_WORDS, WORDS, Row
from tests.hostile_table import ROWS, cell
from tests.web_server import WebServer

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
AT_ONCE = 2


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What all rows share: the catalogue and the certificates."""

    database: Database
    tls: Tls


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
        stamper=Stamper(user_agent=AGENT, network=Network(), monotonic=time.monotonic),
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
        return came(row, made, kept, after=after, error=error, seconds=seconds, trapped=len(trap.log))


def came(
    row: Row,
    made: Services,
    kept: list[Capture],
    *,
    after: list[Capture],
    error: ScraperError | None,
    seconds: float,
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


def peak_kilobytes() -> int:
    """The most memory this program held, in KiB.

    Where the kernel tells it (VmHWM), from there: what getrusage reports begins with the size of the process that
    started this one, which may be a long test run.
    """
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))


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
    used = peak_kilobytes()
    print(json.dumps({"peak_mib": used / 1024}))  # noqa: T201 - as above


if __name__ == "__main__":
    main()
