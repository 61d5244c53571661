"""Where a command's result goes: text or JSON on standard output, and the exit code."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

import typer
from rich.console import Console

from scraper.cli.render import report_json, show_report
from scraper.model import Report


def console() -> Console:
    """Standard output for people; as wide as it takes where nobody watches."""
    return Console(file=sys.stdout, width=None if sys.stdout.isatty() else 160, highlight=False, markup=False)


def finish(report: Report, *, as_json: bool) -> None:
    """Print a report and leave with its exit code."""
    if as_json:
        emit([report_json(report)])
    else:
        show_report(console(), report)
    raise typer.Exit(report.exit_code())


def program() -> str:
    """This program as it was called, so that a command printed by it can be typed as it stands."""
    return "scraper" if Path(sys.argv[0]).name != "scraper" or shutil.which("scraper") == sys.argv[0] else sys.argv[0]


def emit(lines: Iterable[str]) -> None:
    """Write lines of data."""
    for line in lines:
        sys.stdout.write(line + "\n")
    sys.stdout.flush()
