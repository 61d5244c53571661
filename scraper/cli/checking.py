"""The command `check`: reads what it is asked, has it judged (and set right), prints it and writes it as HTML."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from scraper import app as build
from scraper.cli.check_page import page
from scraper.cli.options import (
    Common,
    ConfigOption,
    JsonOption,
    SinceOption,
    SourcesArgument,
    UntilOption,
    VerboseOption,
    chosen,
    day,
)
from scraper.cli.output import finish
from scraper.cli.read_data import MaxDurationOption, ShareOption, to_read
from scraper.errors import UsageError
from scraper.export.files import write
from scraper.jobs.check import check
from scraper.jobs.set_right import set_right

ReadDataOption = Annotated[
    bool,
    typer.Option(
        "--read-data",
        help="Read every stored object and check its digest; with =n/t, a share of them: those that waited longest.",
    ),
]
HtmlOption = Annotated[
    Path | None,
    typer.Option(
        "--html", metavar="FILE", help="Also write it as one HTML file that needs no other.", show_default=False
    ),
]
RepairOption = Annotated[
    bool,
    typer.Option(
        "--repair",
        help="Restore what can be restored, and queue what can be fetched: the next crawl asks for it first.",
    ),
]
DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="With --repair: say what would be done, and write nothing.")
]


def check_command(
    source: SourcesArgument = None,
    since: SinceOption = None,
    until: UntilOption = None,
    read_data: ReadDataOption = False,
    share: ShareOption = None,
    max_duration: MaxDurationOption = None,
    html: HtmlOption = None,
    repair: RepairOption = False,
    dry_run: DryRunOption = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
    verbose: VerboseOption = 0,
) -> None:
    """Report what is complete, what is missing and why.

    Per source and outlet day: what was expected, is held, intact and readable; and when nobody was looking.
    """
    first, last = day(since, "--since"), day(until, "--until")
    if dry_run and not repair:
        raise UsageError("--dry-run goes with --repair: without it, check writes nothing anyway")
    wanted = to_read(share, max_duration, everything=read_data)
    with Common(config=config, as_json=as_json, verbose=verbose).services(
        ids=source, processes=1, writes=False
    ) as services:
        found = chosen(services.config, source)
        if repair:
            replica = partial(build.replica, services.config)
            report = set_right(services, found, replica, (first, last), share=wanted, dry_run=dry_run)
        else:
            report = check(services, found, since=first, until=last, share=wanted)
    if html is not None:
        write(html, page(report))
    finish(report, as_json=as_json)
