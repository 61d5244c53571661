"""This program, as its worker fetches a page: robots, pace, request, snapshot, record, catalogue; only nothing is parsed.

With a fourth argument `unsynced`, the archive is not synced to the disk.
"""

from __future__ import annotations

import hashlib
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

from benchmarks.contenders.errand import errand
from scraper.app import services
from scraper.archive.archive import open_archive
from scraper.archive.store_local import LocalStore
from scraper.config import Config, Settings
from scraper.jobs.take import keep
from scraper.model import Network, Politeness, Reason, Request, Role, Source

_HOST = "www.outlet.example"


def main() -> None:
    """Fetch, archive and index all pages, one after another; the gap between requests is 0."""
    base, paths, directory = errand()
    source = declared(base.removeprefix("http://"))
    with services(configuration(source, directory), processes=0) as built:
        if sys.argv[4:] == ["unsynced"]:
            store = LocalStore(directory / "store", durable=False)
            built = replace(built, archive=open_archive(store, writable=True))  # noqa: PLW2901 - the same services
        record = partial(keep, built, source)
        for path in paths:
            asked = Request(source=source.id, url=f"http://{_HOST}{path}", role=Role.ARTICLE, reason=Reason.NEW)
            built.fetcher.get(asked, source, record)


def declared(address: str) -> Source:
    """The server as a source that is mapped to its address, with politeness switched off as far as that goes."""
    declaration = b"# the benchmark's own server"
    return Source(
        id="bench",
        name="the benchmark's own server",
        parser="kcna",
        language="en",
        timezone="UTC",
        hosts=(_HOST,),
        articles=("/article/detail/",),
        politeness=Politeness(gap=0.0),
        network=Network(resolve=((_HOST, address),)),
        digest=hashlib.sha256(declaration).hexdigest(),
        declaration=declaration,
    )


def configuration(source: Source, directory: Path) -> Config:
    """A store and a catalogue in files of one directory, as they are by default."""
    settings = Settings(
        contact="bench@archive.example",
        store=(directory / "store").as_uri(),
        catalogue=f"sqlite:///{directory}/catalogue.sqlite3",
    )
    return Config(directory=directory, settings=settings, sources=(source,))


if __name__ == "__main__":
    main()
