"""The command line: arguments in, jobs called, report out.

Hides typer. Data goes to standard output, log and progress to standard error; exit codes are those of docs/operations.md.
"""

from __future__ import annotations

import io
import os
import signal
import sys
from collections.abc import Callable
from typing import Annotated

import typer

from scraper import __version__
from scraper.cli import adding, collecting, evidence, importing, keeping, looking, reading, setting_up, telling
from scraper.errors import ScraperError

_INTERRUPTED = "interrupted: nothing is lost, the same command goes on where it stopped"
_PIPE_CLOSED = 141  # 128 and the number of SIGPIPE, which not every system has

app = typer.Typer(
    name="scraper",
    help="Archive state media: fetch politely, keep the raw bytes, read them with one parser, prove what is held and what changed.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    epilog="Exit codes: 0 clean, 1 missing, 2 usage or configuration, 3 store or catalogue unreachable, 4 damaged, 5 unobserved, 130 interrupted, 141 the reader of the output went away.",
)
for module in (collecting, importing, evidence, keeping, looking, telling, reading, adding, setting_up):
    module.add_commands(app)


@app.callback(invoke_without_command=True)
def _top(version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False) -> None:
    if version:
        typer.echo(f"scraper {__version__}")
        raise typer.Exit


def main() -> None:
    """Run the command line; every error of ours is one line, and an exit code that means something."""
    command = typer.main.get_command(app)
    # A supervisor's SIGTERM is a ^C: what is under way is recorded and its host's lease given back (`run` has its own).
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # What a terminal's encoding lacks is written as an escape (which JSON reads), never an error.
            stream.reconfigure(errors="backslashreplace")
    if len(sys.argv) == 1:
        sys.argv.append("--help")
    try:
        code = _run(command.main)
    except ScraperError as error:
        _fail(f"error: {error}", error.exit_code)
    except typer.TyperException as error:
        _fail(f"error: {_said(error)}", 2)
    except (typer.Abort, KeyboardInterrupt):
        _fail(_INTERRUPTED, 130)
    except BrokenPipeError:
        # `| head` has read enough: nobody is left to tell. What is still buffered goes nowhere. Not 0: a pipeline that
        # asks for the worst code of its parts must not take a report that was cut off for a clean one.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(_PIPE_CLOSED)
    else:
        if code == 130:  # typer has swallowed the interrupt
            _fail(_INTERRUPTED, 130)
        sys.exit(code if isinstance(code, int) else 0)


def _run(main: Callable[..., object]) -> object:
    """Carry the command out by typer's `main`; its exit code. BrokenPipeError where the reader of our output has gone."""
    try:
        code = main(standalone_mode=False)
        sys.stdout.flush()
    except SystemExit as left:
        # typer leaves with 1 then, which means that something is missing.
        if isinstance(left.__context__, BrokenPipeError):
            raise left.__context__ from None
        raise
    return code


def _said(error: typer.TyperException) -> str:
    """What is wrong with the command line, in one line, and which help says more."""
    format_message = getattr(error, "format_message", None)
    said = str(format_message() if format_message else error)
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "scraper"
    return f"{' '.join(said.split()).rstrip('.')}; see `{command} --help`"


def _fail(message: str, code: int) -> None:
    sys.stderr.write(message + "\n")
    sys.exit(code)
