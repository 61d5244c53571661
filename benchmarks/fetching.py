"""Everybody fetches the same pages from one server, in turns, several rounds: the medians as a table.

Hides how each is started, and that one who is not installed is left out with a word about it.
"""

from __future__ import annotations

import http.client
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from benchmarks.measure import Cost, middle, run, table
from benchmarks.pages import address

HEADS = ("", "CPU s / 1,000 pages", "wall s / 1,000", "peak RSS MB", "bytes a page", "files")
OURS = "this program"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender:
    """Who is measured: its name in the table, whether it is here, and its command for (server, pages, directory)."""

    name: str
    here: bool
    command: Callable[[str, int, Path], list[str]]


def contenders() -> tuple[Contender, ...]:
    """All of them, in the order of the table."""
    wget = shutil.which("wget")
    scrapy = find_spec("scrapy") is not None and find_spec("warcio") is not None
    return (
        Contender(name="httpx, read and drop", here=True, command=_module("httpx_read")),
        Contender(name="wget, WARC", here=wget is not None, command=lambda *to: _wget(wget or "", *to)),
        Contender(name="httpx + sha256 + gzip + SQLite", here=True, command=_module("httpx_loop")),
        Contender(name="Scrapy, WARC by warcio", here=scrapy, command=_module("scrapy_warc")),
        Contender(name=OURS, here=True, command=_module("ours")),
        Contender(name=f"{OURS}, nothing synced", here=True, command=_module("ours", "unsynced")),
    )


def compare(pages: int, rounds: int) -> str:
    """The table of all contenders that are here."""
    costs: dict[str, list[Cost]] = {contender.name: [] for contender in contenders()}
    with serving(pages) as base, _room() as place:
        for _ in range(rounds):
            for contender in contenders():
                if contender.here:
                    costs[contender.name].append(measured(contender, base, pages, place))
    rows = [_row(name, pages, middle(found)) if found else _absent(name) for name, found in costs.items()]
    return table(HEADS, rows)


def growth(sizes: tuple[int, ...]) -> str:
    """The table of this program alone over numbers of pages: what grows with them shows."""
    ours = next(contender for contender in contenders() if contender.name == OURS)
    with serving(max(sizes)) as base, _room() as place:
        rows = [_row(f"this program, {pages:,} pages", pages, measured(ours, base, pages, place)) for pages in sizes]
    return table(HEADS, rows)


def measured(contender: Contender, base: str, pages: int, place: str) -> Cost:
    """One run of one contender, in a directory of its own under `place`; SystemExit where it did not get every page."""
    directory = Path(tempfile.mkdtemp(dir=place))
    # Whoever syncs should wait for its own bytes, not for those its predecessor left to the kernel.
    os.sync()
    _asked_since(base)
    cost = run(contender.command(base, pages, directory), directory)
    asked = _asked_since(base)
    if asked != pages:
        sys.exit(f"{contender.name}: got {asked} of {pages} pages")
    return cost


@contextmanager
def serving(pages: int) -> Iterator[str]:
    """The server in a process of its own; gives its address."""
    command = [sys.executable, "-m", "benchmarks.server", str(pages)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            yield server.stdout.readline().strip()
        finally:
            server.terminate()


def _room() -> tempfile.TemporaryDirectory[str]:
    """Where all runs keep what they keep until the last has ended: for minutes after files were removed ext4 makes new ones slowly."""
    return tempfile.TemporaryDirectory(prefix="bench-")


def _asked_since(base: str) -> int:
    """How many pages were served since this was asked last."""
    connection = http.client.HTTPConnection(base.removeprefix("http://"))
    try:
        connection.request("GET", "/served")
        return int(connection.getresponse().read())
    finally:
        connection.close()


def _module(name: str, *more: str) -> Callable[[str, int, Path], list[str]]:
    def command(base: str, pages: int, directory: Path) -> list[str]:
        return [sys.executable, "-m", f"benchmarks.contenders.{name}", base, str(pages), str(directory), *more]

    return command


def _wget(program: str, base: str, pages: int, directory: Path) -> list[str]:
    addresses = directory / "addresses.txt"
    addresses.write_text("".join(f"{base}{address(number)}\n" for number in range(pages)))
    options = ("--quiet", "--no-warc-keep-log", f"--warc-file={directory / 'pages'}", "--output-document=/dev/null")
    return [program, *options, f"--input-file={addresses}"]


def _row(name: str, pages: int, cost: Cost) -> tuple[str, ...]:
    thousands = pages / 1000
    return (
        name,
        f"{cost.cpu / thousands:.2f}",
        f"{cost.wall / thousands:.2f}",
        f"{cost.rss:.0f}",
        f"{cost.stored / pages:,.0f}",
        f"{cost.files:,}",
    )


def _absent(name: str) -> tuple[str, ...]:
    return (name, "not here", *[""] * (len(HEADS) - 2))
