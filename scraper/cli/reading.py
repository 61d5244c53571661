"""Commands that read what is archived: parse, reparse, canary, rebuild, seal."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from scraper.catalogue import queries
from scraper.catalogue.reading import CRASHED, LAYOUT_CHANGED, NOT_AN_ARTICLE
from scraper.catalogue.rows import article_json
from scraper.cli.options import Common, ConfigOption, JsonOption, SourcesArgument, VerboseOption, chosen
from scraper.cli.output import emit, finish
from scraper.jobs import parse as parsing
from scraper.jobs.canaries import add
from scraper.jobs.rebuild import rebuild
from scraper.jobs.reparse import reparse
from scraper.jobs.seal import seal
from scraper.jobs.services import Services

_PROCESSES = 2
_UNREAD = (NOT_AN_ARTICLE, LAYOUT_CHANGED, CRASHED)


def add_commands(app: typer.Typer) -> None:
    """Register the commands of this module."""
    for name, function in (
        ("parse", parse),
        ("reparse", reparse_command),
        ("rebuild", rebuild_command),
        ("seal", seal_command),
    ):
        app.command(name)(function)
    canary = typer.Typer(help="Freeze what is read of known pages, so that a new parser cannot spoil it unseen.")
    canary.command("add")(canary_add)
    app.add_typer(canary, name="canary", no_args_is_help=True)


SubjectsArgument = Annotated[
    list[str],
    typer.Argument(
        metavar="FILE|DIGEST|URL",
        help="An HTML file, a snapshot or record file, a digest, or an archived URL.",
    ),
]
UrlOption = Annotated[str | None, typer.Option("--url", help="The address the FILE came from.", show_default=False)]
FetchedAtOption = Annotated[
    str | None,
    typer.Option("--fetched-at", metavar="TIME", help="When the FILE was fetched (ISO 8601).", show_default=False),
]
HeaderOption = Annotated[
    list[str] | None,
    typer.Option(
        "--header",
        metavar="'NAME: VALUE'",
        help="A response header of the FILE, e.g. its Content-Type.",
        show_default=False,
    ),
]


def parse(
    subject: SubjectsArgument,
    url: UrlOption = None,
    fetched_at: FetchedAtOption = None,
    header: HeaderOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
    verbose: VerboseOption = 0,
) -> None:
    """Read articles from pages, offline, as the worker does.

    One JSON line per article on standard output.
    """
    del as_json  # The output is JSON Lines in any case.
    common = Common(config=config, as_json=True, verbose=verbose)
    seen_at = parsing.moment(fetched_at) if fetched_at else None
    pairs = parsing.header_pairs(header or ())
    unread = 0
    with ExitStack() as stack:
        services: Services | None = None
        for one in subject:
            if parsing.is_file(one):
                found = iter([parsing.from_file(common.load(), Path(one), url=url, fetched_at=seen_at, headers=pairs)])
            else:
                services = services or stack.enter_context(common.services(processes=0, writes=False))
                found = _archived(services, one)
            unread += sum(_print(readable) for readable in found)
    raise typer.Exit(1 if unread else 0)


def reparse_command(
    source: SourcesArgument = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")] = False,
    samples: Annotated[
        int, typer.Option("--samples", min=0, metavar="N", help="Show N samples of each difference, words marked.")
    ] = 0,
    processes: Annotated[
        int, typer.Option("--processes", min=1, metavar="N", help="Read in N processes at once.")
    ] = _PROCESSES,
    config: ConfigOption = None,
    as_json: JsonOption = False,
    verbose: VerboseOption = 0,
) -> None:
    """Read every archived page again with today's parsers."""
    with Common(config=config, as_json=as_json, verbose=verbose).services(
        ids=source, processes=processes, writes=False
    ) as services:
        report = reparse(services, chosen(services.config, source), dry_run=dry_run, samples=samples)
    finish(report, as_json=as_json)


def canary_add(
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="The id of the source.")],
    url: Annotated[str, typer.Argument(metavar="URL", help="An archived page of an article, read rightly today.")],
    config: ConfigOption = None,
    as_json: JsonOption = False,
    verbose: VerboseOption = 0,
) -> None:
    """Freeze what is read of a page today, in the source's file of canaries.

    An older canary of the same address is replaced.
    """
    with Common(config=config, as_json=as_json, verbose=verbose).services(
        ids=[source], processes=1, writes=False
    ) as services:
        report = add(services, services.config.source(source), url)
    finish(report, as_json=as_json)


def rebuild_command(config: ConfigOption = None, as_json: JsonOption = False, verbose: VerboseOption = 0) -> None:
    """Restore the catalogue from the store alone."""
    with Common(config=config, as_json=as_json, verbose=verbose).services(
        processes=1, check_schema=False, writes=False
    ) as services:
        report = rebuild(services)
    finish(report, as_json=as_json)


def seal_command(
    source: SourcesArgument = None, config: ConfigOption = None, as_json: JsonOption = False, verbose: VerboseOption = 0
) -> None:
    """Seal the days that have ended: manifests, and a root over all.

    Where no source is named, whatever is archived is sealed, and each day gets its root.
    """
    with Common(config=config, as_json=as_json, verbose=verbose).services(ids=source, processes=0) as services:
        report = seal(services, chosen(services.config, source))
    finish(report, as_json=as_json)


def _archived(services: Services, subject: str) -> Iterator[parsing.Readable]:
    """The pages of an archived URL or digest: each snapshot once, oldest first. UsageError where none can be read."""
    seen: set[str] = set()
    for capture in parsing.readable(services, subject):
        if capture.sha256 is None or capture.sha256 in seen:
            continue
        seen.add(capture.sha256)
        seen_at = queries.first_seen_at(services.database, capture.source, capture.key)
        body = services.archive.body(capture.sha256)
        yield parsing.from_capture(services.config, capture, body, first_seen_at=seen_at)


def _print(readable: parsing.Readable) -> bool:
    """Print a page's articles; True where there is none, with the reason on standard error."""
    reading = readable.read()
    when: datetime = readable.page.fetched_at
    emit(
        json.dumps({**article_json(article), "fetched_at": when.isoformat()}, ensure_ascii=False)
        for article in reading.parsed.articles
    )
    if reading.outcome in _UNREAD:
        sys.stderr.write(f"{reading.outcome}: {reading.detail}\n")
    elif not reading.parsed.articles:
        sys.stderr.write(f"{readable.page.url} is a listing: {len(reading.parsed.sightings)} sightings, no article\n")
    return not reading.parsed.articles
