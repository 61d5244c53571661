"""What `scraper demo` prints: progress while it plays, then the report, the changes, and what to try next."""

from __future__ import annotations

import sys
from pathlib import Path

from scraper.cli.output import console, emit, program
from scraper.cli.progress import reporter
from scraper.cli.render import report_json, show_report
from scraper.demo.play import Played, play, prepare
from scraper.jobs.services import Step
from scraper.model import ChangeKind

_PLAIN_EVERY = 12


def show(directory: Path, *, as_json: bool, verbose: int) -> int:
    """Play the demonstration and print what it found; the exit code, 0."""
    prepare(directory)
    watched = sys.stderr.isatty()
    if not as_json:
        sys.stderr.write(
            "Archiving ten simulated days of three replica outlets on this machine (no other host is asked)\n"
        )
    with reporter(quiet=not watched, verbose=verbose) as progress:
        played = play(directory, progress if watched or verbose else _plain)
    if as_json:
        emit([report_json(played.checked), report_json(played.changed)])
    else:
        _print(played)
    return 0


def _plain(step: Step) -> None:
    """A line now and then, where nobody watches a bar (a log, a pipe)."""
    if step.done % _PLAIN_EVERY == 0 or step.done == step.total:
        sys.stderr.write(f"  day {step.done / _PLAIN_EVERY:4.1f}  {step.text}\n")


def _print(played: Played) -> None:
    out = console()
    out.print("\nWhat was expected, what is held, and why anything is missing")
    show_report(out, played.checked)
    out.print("\nWhat the outlets changed or deleted without saying so")
    show_report(out, played.changed)
    met = ", ".join(f"{times} {what}" for what, times in played.obstacles)
    out.print(f"\nMet on the way, each kept as evidence and none taken for an edit: {met}", soft_wrap=True)
    out.print(
        f"\n{played.requests} requests in {played.ticks} ticks; the archive is an ordinary one, its captures are marked `simulated`:"
    )
    kept = {
        f"{played.directory}/archive/store": "raw pages (snapshots/) and capture records (captures/)",
        f"{played.directory}/archive/catalogue.sqlite3": "the index, which `scraper rebuild` can restore from the store",
        f"{played.config}": "the configuration it was made with",
    }
    width = max(map(len, kept))
    for place, what in kept.items():
        out.print(f"  {place:{width}}  {what}", soft_wrap=True)
    edited = next((change for change in played.changed.changes if change.kind is ChangeKind.EDITED), None)
    url = edited.url if edited else "URL"
    out.print("\nThree commands to try next")
    out.print(f"  {program()} diff --config {played.config} '{url}'", soft_wrap=True)
    out.print(f"  {program()} show --config {played.config} '{url}'", soft_wrap=True)
    out.print(f"  {program()} check --config {played.config} --read-data", soft_wrap=True)
