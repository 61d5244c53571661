"""This program, as its worker fetches a page: robots, pace, request, snapshot, record, catalogue; only nothing is parsed."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from benchmarks.contenders.errand import errand
from scraper.app import services
from scraper.config import Config, Settings
from scraper.jobs.take import keep
from scraper.model import Politeness, Reason, Request, Role, Source


def main() -> None:
    """Fetch, archive and index all pages, one after another; the gap between requests is 0."""
    base, paths, directory = errand()
    source = Source(
        id="bench",
        name="the benchmark's server",
        parser="kcna",
        language="en",
        timezone="UTC",
        hosts=("127.0.0.1",),
        articles=("/article/detail/",),
        politeness=Politeness(gap=0.0),
    )
    with services(configuration(source, directory), processes=0) as built:
        record = partial(keep, built, source)
        for path in paths:
            asked = Request(source=source.id, url=f"{base}{path}", role=Role.ARTICLE, reason=Reason.NEW)
            built.fetcher.get(asked, source, record)


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
