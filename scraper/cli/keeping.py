"""Commands that keep the archive whole: replicate, repair, reconcile."""

from __future__ import annotations

from typing import Annotated

import typer

from scraper import app as build
from scraper.cli.options import Common, ConfigOption, JsonOption, VerboseOption
from scraper.cli.output import finish
from scraper.config.scalars import duration
from scraper.errors import UsageError
from scraper.jobs.reconcile import FURTHEST, reconcile
from scraper.jobs.repair import repair
from scraper.jobs.replicate import replicate

DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and write nothing.")]


def add_commands(app: typer.Typer) -> None:
    """Register the commands of this module."""
    app.command("replicate")(replicate_command)
    app.command("repair")(repair_command)
    app.command("reconcile")(reconcile_command)


def replicate_command(
    dry_run: DryRunOption = False, config: ConfigOption = None, as_json: JsonOption = False, verbose: VerboseOption = 0
) -> None:
    """Copy what is new in the archive to its replica.

    Each object is proved before it is sent, and read back; one that is damaged is not copied.
    """
    with Common(config=config, as_json=as_json, verbose=verbose).services(processes=0, writes=False) as services:
        report = replicate(services, build.replica(services.config), dry_run=dry_run)
    finish(report, as_json=as_json)


def repair_command(
    key: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="KEY",
            help="Objects to look at, as check names them; the whole archive where none is given.",
            show_default=False,
        ),
    ] = None,
    dry_run: DryRunOption = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
    verbose: VerboseOption = 0,
) -> None:
    """Put back what is missing or damaged, from the replica.

    Only bytes that hash right are taken; what a damaged object held is copied to quarantine first.
    """
    # Opened for reading: to open it for writing means to keep the declarations, and one of these may be what is damaged.
    with Common(config=config, as_json=as_json, verbose=verbose).services(processes=0, writes=False) as services:
        report = repair(services, build.replica(services.config), key or (), dry_run=dry_run)
    finish(report, as_json=as_json)


def reconcile_command(
    within: Annotated[str, typer.Option("--within", metavar="TIME", help="How far back to look.")] = "2d",
    config: ConfigOption = None,
    as_json: JsonOption = False,
    verbose: VerboseOption = 0,
) -> None:
    """Ask the store for everything that was written lately.

    A store that loses what it has acknowledged is found the same day; the daemon asks every hour.
    """
    try:
        time = duration(within)
    except (ValueError, OverflowError) as error:
        raise UsageError(f"--within {within}: {error}") from error
    if time > FURTHEST:
        raise UsageError(f"--within {within}: is longer than anything was archived; use scraper check")
    with Common(config=config, as_json=as_json, verbose=verbose).services(processes=0, writes=False) as services:
        report = reconcile(services, time)
    finish(report, as_json=as_json)
