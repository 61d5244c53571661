"""Commands around the work: init, demo, doctor, health."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from scraper import app
from scraper.cli.options import Common, ConfigOption, JsonOption, VerboseOption
from scraper.cli.output import emit, finish
from scraper.cli.render import lines_json
from scraper.config import init
from scraper.daemon.health import ask
from scraper.jobs.doctor import doctor


def add_commands(app: typer.Typer) -> None:
    """Register the commands of this module."""
    for name, function in (
        ("init", init_command),
        ("demo", demo_command),
        ("doctor", doctor_command),
        ("health", health),
    ):
        app.command(name)(function)


def init_command(
    directory: Annotated[
        Path, typer.Argument(metavar="DIR", help="Where to write it; must not hold a configuration yet.")
    ],
    config: ConfigOption = None,
    as_json: JsonOption = False,
    verbose: VerboseOption = 0,
) -> None:
    """Write a configuration to edit.

    It is scraper.toml and one file per source.
    """
    del config, verbose
    written = [str(path) for path in init(directory)]
    emit(lines_json(written) if as_json else written)
    sys.stderr.write(f"edit contact in {directory / 'scraper.toml'}, then: scraper sources --config {directory}\n")


def demo_command(
    directory: Annotated[
        Path, typer.Option("--directory", metavar="DIR", help="Where the demo's archive and configuration go.")
    ] = Path("demo-archive"),
    config: ConfigOption = None,
    as_json: JsonOption = False,
    verbose: VerboseOption = 0,
) -> None:
    """Archive ten simulated days of replica outlets.

    They run on this machine, and no other host is asked; then what was found is reported.
    """
    from scraper.cli.demo import show  # noqa: PLC0415 - the demo's stories are not read in for any other command

    del config
    raise typer.Exit(show(directory, as_json=as_json, verbose=verbose))


def doctor_command(config: ConfigOption = None, as_json: JsonOption = False, verbose: VerboseOption = 0) -> None:
    """Ask the configured store what it guarantees.

    Writes a few small objects below `doctor/` and reads them back: nothing is taken from the store's word.
    """
    loaded = Common(config=config, as_json=as_json, verbose=verbose).load()
    finish(doctor(app.store(loaded), app.clock()), as_json=as_json)


def health(config: ConfigOption = None, as_json: JsonOption = False, verbose: VerboseOption = 0) -> None:
    """Ask the running daemon whether it is well.

    Exit code 0 if it is, 5 if not.
    """
    address = Common(config=config, as_json=as_json, verbose=verbose).load().settings.health
    well, said = ask(address) if address else (True, '{"status": "off"}')
    emit([said])
    raise typer.Exit(0 if well else 5)
