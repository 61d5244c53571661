"""The command that tells people of changes: notify."""

from __future__ import annotations

from typing import Annotated

import typer

from scraper.cli.options import Common, ConfigOption, JsonOption, SourcesArgument, VerboseOption, chosen
from scraper.cli.output import finish
from scraper.errors import UsageError
from scraper.jobs.notify import notify, try_out

DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Say what would be told, and send nothing.")]
TestOption = Annotated[
    list[str] | None,
    typer.Option("--test", metavar="NAME", help="Send this target a test; may be repeated.", show_default=False),
]


def add_commands(app: typer.Typer) -> None:
    """Register the command of this module."""
    app.command("notify")(notify_command)


def notify_command(
    source: SourcesArgument = None,
    test: TestOption = None,
    dry_run: DryRunOption = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
    verbose: VerboseOption = 0,
) -> None:
    """Tell those under [[notify]] what changed, each change once.

    The daemon does so by itself; this is for those who run crawls by hand, and for trying out an address.
    """
    if test and (dry_run or source):
        raise UsageError("--test sends a message of its own: give no SOURCE and no --dry-run with it")
    with Common(config=config, as_json=as_json, verbose=verbose).services(
        ids=source, processes=0, writes=False
    ) as services:
        told = chosen(services.config, source)
        report = try_out(services, test) if test else notify(services, told, dry_run=dry_run)
    finish(report, as_json=as_json)
