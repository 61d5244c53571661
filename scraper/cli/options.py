"""What every command takes, and how a command gets its services.

Hides typer's annotations.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from scraper import app
from scraper.cli.progress import reporter
from scraper.config import Config, load, with_overrides
from scraper.errors import ConfigError, UsageError
from scraper.jobs.services import Services
from scraper.model import Source

ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--config",
        metavar="DIR",
        help="Configuration directory; else ./config, else the shipped one.",
        show_default=False,
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print data as JSON on standard output.")]
VerboseOption = Annotated[
    int, typer.Option("-v", "--verbose", count=True, help="Log every step on standard error.", show_default=False)
]
ResolveOption = Annotated[
    list[str] | None,
    typer.Option(
        "--resolve",
        metavar="HOST[:PORT]=ADDR[:PORT]",
        help="Reach a host at another address; may be repeated.",
        show_default=False,
    ),
]
ProxyOption = Annotated[
    str | None,
    typer.Option("--proxy", metavar="URL", help="http, https or socks5 proxy for all requests.", show_default=False),
]
SinceOption = Annotated[
    str | None, typer.Option("--since", metavar="DAY", help="First outlet day, YYYY-MM-DD.", show_default=False)
]
UntilOption = Annotated[
    str | None, typer.Option("--until", metavar="DAY", help="Last outlet day, YYYY-MM-DD.", show_default=False)
]


def source_ids(context: typer.Context, incomplete: str) -> list[str]:
    """The ids that a shell offers in the place of a SOURCE: those of the configuration that the command would take."""
    try:
        config = load(context.params.get("config"), os.environ)
    except ConfigError:
        return []  # a shell that completes is no place for an error
    given = context.params.get("source") or ()
    return [one.id for one in config.sources if one.id.startswith(incomplete) and one.id not in given]


SourcesArgument = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="SOURCE",
        help="Source ids; all of them where none is given.",
        show_default=False,
        autocompletion=source_ids,
    ),
]
SourceArgument = Annotated[str, typer.Argument(metavar="SOURCE", help="Source id.", autocompletion=source_ids)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Common:
    """The options that every command takes."""

    config: Path | None
    as_json: bool
    verbose: int = 0
    resolve: Sequence[str] = ()
    proxy: str | None = None

    def load(self) -> Config:
        """The validated configuration with the command line's overrides. ConfigError, one line."""
        return with_overrides(load(self.config, os.environ), resolve=self.resolve, proxy=self.proxy)

    @contextmanager
    def services(
        self,
        *,
        ids: Sequence[str] | None = None,
        processes: int = 1,
        check_schema: bool = True,
        writes: bool = True,
    ) -> Iterator[Services]:
        """The services of this command, with progress on standard error; nothing is opened where an id is unknown."""
        config = self.load()
        chosen(config, ids)
        quiet = self.as_json or not sys.stderr.isatty()
        with (
            reporter(quiet=quiet, verbose=self.verbose, log_format=config.settings.log_format) as progress,
            app.services(
                config, progress=progress, processes=processes, check_schema=check_schema, writes=writes
            ) as services,
        ):
            yield services


def chosen(config: Config, ids: Sequence[str] | None) -> tuple[Source, ...]:
    """The named sources, or all. ConfigError for an id that is not declared."""
    return tuple(config.source(source_id) for source_id in dict.fromkeys(ids)) if ids else config.sources


def day(text: str | None, option: str) -> date | None:
    """A day given on the command line. UsageError where it is none."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{option} {text!r} is not a day: write it as YYYY-MM-DD") from error
