"""`python -m benchmarks.checking [--records N]`: `scraper check` over ten years of N known articles of four sources, half of one source's under two addresses.

Each source's list was looked at every three hours; it holds the newest twenty rows and changes every day.

Hides how the catalogue is made: its rows are written directly, and the store only tells the keys that it would have.
"""

from __future__ import annotations

import argparse
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex

from benchmarks.articles import article_of
from benchmarks.measure import run, table
from scraper.app import services
from scraper.archive.archive import Archive
from scraper.archive.snapshots import PREFIX, snapshot_key
from scraper.archive.store_memory import MemoryStore
from scraper.catalogue import rows
from scraper.catalogue.database import open_database
from scraper.catalogue.tables import articles, captures, lists, locators, readings, sightings
from scraper.config import Config, Settings, load, shipped
from scraper.jobs.check import check
from scraper.policy.visits import Visits

SOURCES = ("kcna", "kcna-jp", "mfa", "rodong")
DAYS = 3_650
START = datetime(2016, 11, 1, tzinfo=UTC)
LOOK = timedelta(hours=3)
_TOGETHER = 1_000
_UNHELD = 500
"""One article in so many was never fetched."""
_TABLES = (captures, locators, readings, articles, sightings)
_ARTICLE = rows.article_row("", 0, article_of(0, "http://www.kcna.kp/", (0, 0), "2016-11-01"))
"""What is read of every page; the columns that tell articles from each other are their own."""
HEADS = ("known articles", "addresses", "CPU s", "wall s", "µs of CPU an article", "peak RSS MB")


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """One address of an article, by the article's number."""

    many: int
    number: int
    copy: int

    @property
    def source(self) -> str:
        """Whose it is."""
        return SOURCES[self.number % len(SOURCES)]

    @property
    def at(self) -> datetime:
        """When it was first seen and fetched: the numbers are spread evenly over the ten years."""
        seconds, rest = divmod(DAYS * 86_400_000_000 * self.number // self.many, 1_000_000)
        return START + timedelta(seconds=seconds, microseconds=rest, milliseconds=self.copy)

    @property
    def digest(self) -> str:
        """Of its page: in ascending order within each folder of snapshots."""
        place = 2 * self.number + self.copy
        return f"{place % 256:02x}{place:062x}"

    @property
    def record(self) -> str:
        """The record of its only capture."""
        moment = self.at
        name = f"{moment:%H%M%S}{moment.microsecond // 1000:03d}-{2 * self.number + self.copy:016x}"
        return f"captures/{self.source}/{moment:%Y/%m/%d}/{name}.json"

    @property
    def held(self) -> bool:
        """Whether it was fetched."""
        return self.number % _UNHELD != 0


class Keys(MemoryStore):
    """A store that tells the keys of so many articles and holds nothing."""

    def __init__(self, many: int) -> None:
        super().__init__()
        self.many = many

    def list(self, prefix: str = "") -> Iterator[str]:
        """Folder by folder, as a store tells them."""
        if prefix == PREFIX:
            for folder in range(256):
                for place in range(folder, 2 * self.many, 256):
                    one = Printed(many=self.many, number=place // 2, copy=place % 2)
                    if one.held and one.copy <= _copies(one.number):
                        yield snapshot_key(one.digest)
                yield from (snapshot_key(_page(day)) for day in range(folder, DAYS, 256))
            return
        for place in range(len(SOURCES)):
            looks = (_look(number) for number in range(DAYS * 8))
            yield from _merged(self.many, place, looks)


def _merged(many: int, place: int, looks: Iterator[tuple[datetime, str]]) -> Iterator[str]:
    """The records of a source in their order: those of articles and those of lists."""
    source = SOURCES[place]
    before, look = next(looks, (None, ""))
    for number in range(place, many, len(SOURCES)):
        for one in printings(many, number):
            while before is not None and before < one.at.replace(microsecond=0):
                yield f"captures/{source}/{look}"
                before, look = next(looks, (None, ""))
            if one.held:
                yield one.record
    while before is not None:
        yield f"captures/{source}/{look}"
        before, look = next(looks, (None, ""))


def _copies(number: int) -> int:
    """How many further addresses an article has."""
    return number // len(SOURCES) % 2 if number % len(SOURCES) == 0 and number % _UNHELD else 0


def printings(many: int, number: int) -> Iterator[Printed]:
    """The addresses of one article."""
    return (Printed(many=many, number=number, copy=copy) for copy in range(1 + _copies(number)))


def _look(number: int) -> tuple[datetime, str]:
    at = START + number * LOOK
    return at, f"{at:%Y/%m/%d/%H%M%S}000-{number:016x}.json"


def _page(day: int) -> str:
    """The digest of the list's page of a day."""
    return f"{day % 256:02x}{'f' * 30}{day:032x}"


def main() -> None:
    """Fill a catalogue and print what a check of it cost; as `fill DIRECTORY N` or `again DIRECTORY N`, one of the two.

    Both are processes of their own: a child begins with the peak memory of its parent.
    """
    if sys.argv[1:2] in (["fill"], ["again"]):
        (fill if sys.argv[1] == "fill" else again)(Path(sys.argv[2]), int(sys.argv[3]))
        return
    parser = argparse.ArgumentParser(prog="python -m benchmarks.checking", description=__doc__)
    parser.add_argument("--records", type=int, nargs="+", default=[100_000], help="known articles (%(default)s)")
    print(table(HEADS, [measured(many) for many in parser.parse_args().records]))


def measured(many: int) -> list[str]:
    """One row of the table."""
    directory = Path(tempfile.mkdtemp(prefix="scraper-bench-"))
    try:
        ours, asked = [sys.executable, "-m", "benchmarks.checking"], [str(directory), str(many)]
        run([*ours, "fill", *asked], directory)
        cost = run([*ours, "again", *asked], directory)
    finally:
        shutil.rmtree(directory)
    addresses = sum(1 + _copies(number) for number in range(many))
    seconds = [f"{cost.cpu:.1f}", f"{cost.wall:.1f}", f"{1e6 * cost.cpu / many:.0f}"]
    return [f"{many:,}", f"{addresses:,}", *seconds, f"{cost.rss:.0f}"]


def again(directory: Path, many: int) -> None:
    """Check the catalogue in a directory once, and see that it found what it must."""
    with services(configuration(directory), processes=0) as built:
        told = replace(built, archive=Archive(store=Keys(many), writable=False))
        report = check(told, built.config.sources)
    counts = dict(report.counts)
    lost = sum(number % _UNHELD == 0 for number in range(many))
    if (counts["expected"], counts["readable"]) != (many, many - lost):
        sys.exit(f"{counts}: not what was written")
    if wrong := {finding.kind for finding in report.findings if finding.severity.value == "damaged"}:
        sys.exit(f"the store lacks nothing: {wrong}")


def configuration(directory: Path) -> Config:
    """The sources shipped with the program, over the catalogue in `directory`."""
    declared = load(shipped(), {})
    settings = replace(
        Settings(), store=f"file://{directory}/store", catalogue=f"sqlite:///{directory}/catalogue.sqlite3"
    )
    return replace(declared, settings=settings, sources=tuple(map(declared.source, SOURCES)))


def fill(directory: Path, many: int) -> None:
    """Write the rows as the jobs would have; past SQLAlchemy and with the indexes made in the end, or a million takes hours."""
    indexes = [index for into in (*_TABLES, lists) for index in into.indexes]
    open_database(f"sqlite:///{directory}/catalogue.sqlite3").close()
    connection = sqlite3.connect(directory / "catalogue.sqlite3", isolation_level=None)
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute("PRAGMA cache_size=-400000")
    for index in indexes:
        connection.execute(f"DROP INDEX {index.name}")
    everything = (_rows(one) for number in range(many) for one in printings(many, number))
    while batch := list(islice(everything, _TOGETHER)):
        connection.execute("BEGIN")
        for at, into in enumerate(_TABLES):
            _insert(connection, into, [each for row in batch if (each := row[at]) is not None])
        connection.execute("COMMIT")
    connection.execute("BEGIN")
    _insert(connection, lists, [_list(source, day) for source in SOURCES for day in range(DAYS)])
    for source in SOURCES:
        _insert(connection, captures, [_listing(source, *_look(number)) for number in range(DAYS * 8)])
    for index in indexes:
        connection.execute(str(CreateIndex(index).compile(dialect=sqlite.dialect())))
    connection.execute("COMMIT")
    connection.close()


def _insert(connection: sqlite3.Connection, into: Table, new: list[dict[str, Any]]) -> None:
    names = [column.name for column in into.columns]
    statement = f"INSERT INTO {into.name} VALUES ({', '.join('?' * len(names))})"  # noqa: S608 - a table of ours
    connection.executemany(statement, ([row[name] for name in names] for row in new))


def _rows(one: Printed) -> tuple[dict[str, Any] | None, ...]:
    """Of one address: its capture, locator, reading, article and sighting."""
    name = f"{one.number:032x}" + f"{one.copy:032x}" * one.copy
    key, url = f"kp,{one.source})/en/article/q/{name}.kcmsf", f"http://www.{one.source}.kp/en/article/q/{name}.kcmsf"
    visits = Visits(first_seen_at=one.at)
    if one.held:
        visits = replace(visits, attempts=1, last_attempt_at=one.at, first_good_at=one.at, held=one.record)
    evidence = {
        "source": one.source,
        "key": key,
        "origin": "listing",
        "url": url,
        "title": f"Article {one.number}",
        "published": f"{one.at:%Y-%m-%d}",
        "section": None,
        "first_capture": one.record,
        "last_capture": one.record,
        "first_seen_at": rows.moment(one.at),
        "last_seen_at": rows.moment(one.at),
    }
    locator = rows.locator_row(one.source, key, (url, key), visits)
    if not one.held:
        return None, locator, None, None, evidence
    read = {"source": one.source, "key": key, "sha256": one.digest, "record": one.record, "outcome": "articles"}
    article = _ARTICLE | {
        "source": one.source,
        "key": key,
        "sha256": one.digest,
        "title": f"Article {one.number}",
        "published": f"{one.at:%Y-%m-%d}",
        "text_sha256": f"{one.number:064x}",
    }
    return (
        _capture(one.source, one.record, key, one.at) | {"url": url, "role": "article", "sha256": one.digest},
        locator,
        read | {"detail": None, "layout": "kcna/q-article@1", "dated": 1},
        article,
        evidence,
    )


def _listing(source: str, at: datetime, name: str) -> dict[str, Any]:
    page = {"verdict": "listing", "reason": "discovery", "sha256": _page((at - START).days)}
    return _capture(source, f"captures/{source}/{name}", f"kp,{source})/", at) | page


def _list(source: str, day: int) -> dict[str, Any]:
    """Twenty rows, of which half were there the day before."""
    rows_shown = "".join(f"{number:08x}" for number in range(10 * day, 10 * day + 20))
    first, last = (START + timedelta(days=number) for number in (day - 1, day))
    dates = {"earliest": f"{first:%Y-%m-%d}", "latest": f"{last:%Y-%m-%d}"}
    place = {"source": source, "key": f"kp,{source})/", "sha256": _page(day)}
    return place | {"origin": "listing", "shown": rows_shown} | dates


def _capture(source: str, record: str, key: str, at: datetime) -> dict[str, Any]:
    empty = dict.fromkeys(column.name for column in captures.columns)
    said = {"record": record, "source": source, "key": key, "url": key, "method": "GET", "role": "listing"}
    how = {
        "reason": "new",
        "kind": "response",
        "channel": "direct",
        "verdict": "article",
        "judge": "judge@1",
        "vantage": "",
    }
    return {
        **empty,
        **said,
        **how,
        "observed_at": rows.moment(at),
        "recorded_at": rows.moment(at),
        "status": 200,
        "size": 77_000,
    }


if __name__ == "__main__":
    main()
