"""Plays ten days: the daemon's own jobs over the replica outlets, with a clock that is stepped instead of waited for.

Hides the stepping. What it leaves is an ordinary archive and configuration; only the channel of its captures says
`simulated`.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from scraper import app
from scraper.catalogue.holdings import obstacles
from scraper.config import Config, load
from scraper.demo.clock import SteppedClock
from scraper.demo.replica import Replica
from scraper.demo.script import END, START
from scraper.demo.sources import write_config
from scraper.errors import UsageError
from scraper.jobs.check import check
from scraper.jobs.crawl import crawl, recheck
from scraper.jobs.look import changes
from scraper.jobs.seal import seal
from scraper.jobs.services import Services, Step
from scraper.model import Report

_MARK = ".scraper-demo"
_STEP = timedelta(hours=2)
_SETTLE = timedelta(hours=14)
"""Simulated time after the last day, so that the rechecks of its articles come to pass."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """What a demonstration came to. `requests` counts what the replica was asked, `obstacles` what came instead of pages; `config` is the directory for `--config`."""

    directory: Path
    config: Path
    ticks: int
    requests: int
    obstacles: tuple[tuple[str, int], ...]
    checked: Report
    changed: Report


def play(directory: Path, progress: Callable[[Step], None], *, until: datetime = END) -> Played:
    """Archive the replica's history from its first noon to `until` into `directory`, made anew if it holds an older demo.

    Errors: UsageError where the directory holds something else.
    """
    prepare(directory)
    clock = SteppedClock(START)
    with Replica(clock) as replica:
        write_config(directory / "config", replica.address, archive=directory / "archive")
        config = load(directory / "config", {})
        with app.services(config, clock=clock, progress=_nobody) as services:
            ticks = _tick_through(services, clock, progress, until + _SETTLE)
            for source in config.sources:
                recheck(services, source)
            seal(services, config.sources)
            return Played(
                directory=directory,
                config=directory / "config",
                ticks=ticks,
                requests=len(replica.log),
                obstacles=obstacles(services.database),
                checked=check(services, config.sources),
                changed=changes(services, config.sources),
            )


def _tick_through(services: Services, clock: SteppedClock, progress: Callable[[Step], None], end: datetime) -> int:
    total = (end - START) // _STEP
    counts: Counter[str] = Counter()
    for number in range(total):
        clock.move_to(max(clock.now(), START + number * _STEP))
        for report in _tick(services, services.config):
            counts.update(dict(report.counts))
        text = f"{clock.now():%d %B, %H:%M} UTC: {counts['requests']} requests, {counts['articles']} articles read"
        progress(Step(job="demo", source="", done=number + 1, total=total, text=text))
    return total


def _tick(services: Services, config: Config) -> list[Report]:
    """What the daemon does at a tick, one source after the other: the stepped clock has one hand."""
    return [job(services, source) for source in config.sources for job in (crawl, recheck)]


def prepare(directory: Path) -> None:
    """Make a place for a demonstration, empty where an older one left its own. UsageError where it holds something else."""
    mark = directory / _MARK
    if directory.is_file() or (directory.is_dir() and any(directory.iterdir()) and not mark.exists()):
        raise UsageError(f"{directory} holds something that is not a demo: choose another place with --directory")
    for part in ("archive", "config"):
        shutil.rmtree(directory / part, ignore_errors=True)
    try:
        directory.mkdir(parents=True, exist_ok=True)
        mark.write_text("made by `scraper demo`, which makes it anew each time\n", encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{directory}: {error.strerror}; choose another place with --directory") from error


def _nobody(_step: Step) -> None:
    return
