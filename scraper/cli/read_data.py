"""How much `check` reads: `--read-data`, `--read-data=n/t` and `--max-duration`.

Hides that an option of this command line either takes a value or takes none: `--read-data=n/t` is `--read-data --share n/t`.
"""

from __future__ import annotations

import re
from typing import Annotated

import typer
from typer.core import TyperCommand

from scraper.config.scalars import duration
from scraper.errors import UsageError
from scraper.jobs.verified import Share

_OPTION = "--read-data="
_SHARE = re.compile(r"(\d{1,3})/(\d{1,3})", re.ASCII).fullmatch

ShareOption = Annotated[
    str | None,
    typer.Option("--share", metavar="N/T", help="The same as --read-data=N/T.", show_default=False),
]
MaxDurationOption = Annotated[
    str | None,
    typer.Option(
        "--max-duration",
        metavar="TIME",
        help="Read for so long (2h, 30m); the next run goes on. Implies --read-data.",
        show_default=False,
    ),
]


class CheckCommand(TyperCommand):
    """The command `check`, whose `--read-data` may be given a share."""

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]
        """Take `--read-data=n/t` apart before the options are read."""
        end = args.index("--") if "--" in args else len(args)
        taken = [part for one in args[:end] for part in _apart(one)]
        return super().parse_args(ctx, [*taken, *args[end:]])


def to_read(share: str | None, max_duration: str | None, *, everything: bool) -> Share | None:
    """How much is to be read, of what the options say; None for nothing. UsageError for what they cannot mean."""
    if share is None and max_duration is None and not everything:
        return None
    found = _SHARE("1/1" if share is None else share)
    if found is None:
        raise UsageError(f"--read-data={share}: write n/t, such as 1/7 for a seventh of all objects")
    try:
        within = duration(max_duration) if max_duration is not None else None
    except ValueError as error:
        raise UsageError(f"--max-duration {max_duration}: {error}") from error
    wanted = Share(part=int(found[1]), of=int(found[2]), within=within)
    wanted.shards()
    return wanted


def _apart(argument: str) -> list[str]:
    if argument.startswith(_OPTION):
        return ["--read-data", "--share", argument.removeprefix(_OPTION)]
    return [argument]
