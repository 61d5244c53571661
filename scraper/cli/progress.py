"""Progress of long work on standard error: bars where somebody watches, log lines where `-v` asks for them.

Hides rich's progress display and structlog's set-up.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from scraper.jobs.services import Step

_TEXT = 70


@contextmanager
def reporter(*, quiet: bool, verbose: int, log_format: str = "text") -> Iterator[Callable[[Step], None]]:
    """A function to tell of every step; draws a bar per job and source unless `quiet`."""
    log = logger(log_format)

    def tell(step: Step) -> None:
        log.info("step", job=step.job, source=step.source, done=step.done, total=step.total, at=step.text)

    if verbose or quiet:
        yield tell if verbose else _nobody
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[at]}"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        yield _drawing(bars)


def logger(log_format: str = "text") -> structlog.typing.FilteringBoundLogger:
    """The program's log: one line per event on standard error, times in UTC; `log_format` is `text` or `json`."""
    as_json = log_format == "json"
    renderer = (
        structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            renderer,
        ],
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )
    log: structlog.typing.FilteringBoundLogger = structlog.get_logger()
    return log


def _nobody(_step: Step) -> None:
    return


def _drawing(bars: Progress) -> Callable[[Step], None]:
    tasks: dict[tuple[str, str], TaskID] = {}

    def draw(step: Step) -> None:
        task = tasks.get((step.job, step.source))
        if task is None:
            task = tasks[step.job, step.source] = bars.add_task(f"{step.job} {step.source}", at="")
        bars.update(task, completed=step.done, total=step.total, at=step.text[:_TEXT])

    return draw
