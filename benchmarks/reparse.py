"""`python -m benchmarks.reparse PAGES PROCESSES`: `scraper reparse` over an archive of fixture pages, each varied by its number.

Hides how the archive is made: by the functions that the worker calls, nothing fetched and nothing synced.
"""

from __future__ import annotations

import random
import shutil
import sqlite3
import sys
import tempfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

from benchmarks.measure import Cost, run, table
from benchmarks.parsing import Case, fixtures
from scraper import urls
from scraper.app import services
from scraper.archive.archive import Archive, open_archive
from scraper.archive.store_local import LocalStore
from scraper.catalogue import writing
from scraper.catalogue.reading import Reading
from scraper.config import Config, Settings, load, shipped
from scraper.jobs.reader import Reader
from scraper.jobs.reparse import reparse
from scraper.model import Capture, Exchange, Reason, Request, Role, Verdict
from scraper.policy.judge import JUDGE

_BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
_TOGETHER = 200
_OTHERWISE = """UPDATE articles SET article = replace(article, '"language":"', '"language":"x-')"""
HEADS = ("", "pages", "CPU ms a page", "pages / s", "peak RSS MB")


def main() -> None:
    """Make the archive and print the table; as `again DIRECTORY PROCESSES`, reparse it once."""
    if sys.argv[1] == "again":
        _again(Path(sys.argv[2]), int(sys.argv[3]))
        return
    print(measured(int(sys.argv[1]), int(sys.argv[2])))


def measured(pages: int, processes: int) -> str:
    """The table: an archive of which every page reads as before, then one of which every article reads otherwise."""
    directory = Path(tempfile.mkdtemp(prefix="scraper-bench-"))
    try:
        fill(directory, pages)
        command = [sys.executable, "-m", "benchmarks.reparse", "again", str(directory), str(processes)]
        same = run(command, directory)
        with sqlite3.connect(directory / "catalogue.sqlite3") as catalogue:
            catalogue.execute(_OTHERWISE)
        catalogue.close()
        otherwise = run(command, directory)
    finally:
        shutil.rmtree(directory)
    rows = [
        _row(f"{processes} processes, every page as before", pages, same),
        _row(f"{processes} processes, every article otherwise", pages, otherwise),
    ]
    return table(HEADS, rows)


def fill(directory: Path, pages: int) -> None:
    """An archive and its catalogue: the fixture pages in turn, every one a snapshot of its own."""
    config = configuration(directory)
    readers = {source.parser for source in config.sources}
    cases = tuple(case for case in fixtures() if case.parser in readers)
    archive = open_archive(LocalStore(directory / "store", durable=False), writable=True)
    with services(config, processes=0) as built:
        numbers = iter(range(pages))
        while batch := tuple(islice(numbers, _TOGETHER)):
            read = [_kept(archive, built.reader, config, _varied(cases[at % len(cases)], at)) for at in batch]
            for capture, _, _ in read:
                writing.add_capture(built.database, capture, capture.key)
            writing.add_readings(built.database, read)


def configuration(directory: Path) -> Config:
    """The shipped sources over a store and a catalogue in one directory."""
    settings = Settings(store=(directory / "store").as_uri(), catalogue=f"sqlite:///{directory}/catalogue.sqlite3")
    return replace(load(shipped(), {}), directory=directory, settings=settings)


def _again(directory: Path, processes: int) -> None:
    config = configuration(directory)
    with services(config, processes=processes, writes=False) as built:
        report = reparse(built, config.sources)
    if report.findings:
        sys.exit(f"{len(report.findings)} findings, the first: {report.findings[0].reason}")


def _varied(case: Case, number: int) -> Case:
    """The page with a comment of its own: another snapshot, read at another time."""
    chance = random.Random(number)  # noqa: S311 - the same pages in every run
    words = b" ".join(b"%06x" % chance.getrandbits(24) for _ in range(12))
    body = case.page.body.replace(b"</body>", b"<!-- %s --></body>" % words, 1)
    return replace(case, page=replace(case.page, body=body, fetched_at=_BEGAN + timedelta(seconds=number)))


def _kept(archive: Archive, reader: Reader, config: Config, case: Case) -> tuple[Capture, Reading, tuple[()]]:
    """One page archived and read, as `take` does it."""
    page = case.page
    source = next(source for source in config.sources if source.parser == case.parser)
    reading = reader.read(page, source)
    role = Role.ARTICLE if reading.parsed.articles else Role.LISTING
    exchange = Exchange(
        request=Request(source=source.id, url=page.url, role=role, reason=Reason.NEW, method=page.method),
        url=page.url,
        started_at=page.fetched_at,
        fetched_at=page.fetched_at,
        status=200,
        headers=page.headers,
        body=page.body,
    )
    verdict = Verdict.ARTICLE if role is Role.ARTICLE else Verdict.LISTING
    capture = archive.save(
        exchange,
        key=urls.key(page.url, method=page.method),
        verdict=verdict,
        judge=JUDGE,
        config=None,
        recorded_at=page.fetched_at,
    )
    return capture, reading, ()


def _row(name: str, pages: int, cost: Cost) -> tuple[str, ...]:
    return (name, f"{pages:,}", f"{1000 * cost.cpu / pages:.2f}", f"{pages / cost.wall:.0f}", f"{cost.rss:.0f}")


if __name__ == "__main__":
    main()
