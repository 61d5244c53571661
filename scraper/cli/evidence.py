"""Commands about the archive as evidence: verify-chain, prove."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from scraper import app as build
from scraper.cli.options import Common, ConfigOption, JsonOption, VerboseOption, day
from scraper.cli.output import finish
from scraper.cli.progress import reporter
from scraper.config import Config, load, shipped
from scraper.config.scalars import store_url
from scraper.errors import UsageError


def add_commands(app: typer.Typer) -> None:
    """Register the commands of this module."""
    app.command("verify-chain")(verify_chain_command)
    app.command("prove")(prove_command)


def verify_chain_command(
    store: Annotated[
        str | None,
        typer.Option(
            "--store",
            metavar="URL|DIR",
            help="The bucket to check, with no configuration but the environment's; else the configured one.",
            show_default=False,
        ),
    ] = None,
    since: Annotated[
        str | None, typer.Option("--since", metavar="DAY", help="First UTC day, YYYY-MM-DD.", show_default=False)
    ] = None,
    trust: Annotated[
        Path | None,
        typer.Option(
            "--trust",
            metavar="PEM",
            help="Root certificates that timestamps must lead to; else those kept beside them.",
            show_default=False,
        ),
    ] = None,
    read_data: Annotated[bool, typer.Option("--read-data", help="Read every body too.")] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
    verbose: VerboseOption = 0,
) -> None:
    """Check that nothing in the archive was changed.

    Needs nothing but the bucket, and names the first object that does not fit.
    """
    # Here, as in `prove`: what reads certificates takes a twentieth of a command's start, and the others do without it.
    from scraper.jobs.verify_chain import verify_chain  # noqa: PLC0415

    first = day(since, "--since")
    settings = _only(store) if store is not None else Common(config=config, as_json=as_json).load()
    quiet = as_json or not sys.stderr.isatty()
    with reporter(quiet=quiet, verbose=verbose, log_format=settings.settings.log_format) as progress:
        report = verify_chain(
            build.store(settings), build.clock(), progress, since=first, trust=trust, read_data=read_data
        )
    finish(report, as_json=as_json)


def prove_command(
    subject: Annotated[
        str,
        typer.Argument(
            metavar="URL|DIGEST", help="A URL, six or more hex digits of a snapshot, or the name of a record."
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="The directory to make; else proof-RECORD.", show_default=False),
    ] = None,
    capture: Annotated[
        str | None,
        typer.Option(
            "--capture", metavar="RECORD", help="Part of a record's name; else the newest.", show_default=False
        ),
    ] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
    verbose: VerboseOption = 0,
) -> None:
    """Write a bundle that proves a page, for anybody to check.

    It is checked with sha256sum and openssl alone; the commands are in it.
    """
    from scraper.jobs.prove import write_proof  # noqa: PLC0415 - see verify_chain_command

    with Common(config=config, as_json=as_json, verbose=verbose).services(processes=0, writes=False) as services:
        report = write_proof(services, subject, capture=capture, out=out)
    finish(report, as_json=as_json)


def _only(store: str) -> Config:
    """A configuration of which nothing counts but the store's address and what the environment says."""
    try:
        address = store_url(store if "://" in store else Path(store).absolute().as_uri())
    except ValueError as error:
        raise UsageError(f"--store: {error}") from error
    return load(shipped(), {**os.environ, "SCRAPER_STORE": address})
