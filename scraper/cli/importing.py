"""The command that takes over what others captured: import."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from scraper.cli.options import Common, ConfigOption, JsonOption, VerboseOption, source_ids
from scraper.cli.output import finish
from scraper.errors import UsageError
from scraper.jobs.import_warc import Wanted, import_warc


class Kind(StrEnum):
    """The formats that can be imported."""

    WARC = "warc"


def add_commands(app: typer.Typer) -> None:
    """Register the command of this module."""
    app.command("import")(import_command)


def import_command(
    kind: Annotated[Kind, typer.Argument(metavar="warc", help="The files' format: warc (.warc, .warc.gz, and ARC).")],
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="The files, in any order.")],
    source: Annotated[
        str | None,
        typer.Option(
            "--source", metavar="ID", help="Only what is of this source.", show_default=False, autocompletion=source_ids
        ),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Also what no source declares, filed under `adhoc`.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be imported, and import nothing.")] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
    verbose: VerboseOption = 0,
) -> None:
    """Import what others captured of the outlets.

    Given again, also after a kill, it imports only what is not there yet. Nothing is asked of any host.
    """
    del kind
    if source is not None and everything:
        raise UsageError("--source and --all exclude each other: leave one of them out")
    common = Common(config=config, as_json=as_json, verbose=verbose)
    with common.services(ids=[source] if source else None) as services:
        wanted = Wanted(source=source, everything=everything, dry_run=dry_run)
        report = import_warc(services, files, wanted)
    finish(report, as_json=as_json)
