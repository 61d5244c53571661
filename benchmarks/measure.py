"""What a process cost, with its children: CPU, wall clock, memory, and the bytes it left.

Hides `wait4`. Imports nothing heavy, because a child begins with its parent's peak memory.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Of one run: seconds of user and system CPU, seconds of wall clock, peak RSS in MB, bytes and files left behind."""

    cpu: float
    wall: float
    rss: float
    stored: int
    files: int


def run(command: list[str], directory: Path) -> Cost:
    """Run a command whose output is nobody's, and say what it cost; SystemExit where it fails."""
    silence = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    began = time.perf_counter()
    child = os.posix_spawn(command[0], command, os.environ, file_actions=silence)
    _, status, used = os.wait4(child, 0)
    wall = time.perf_counter() - began
    if status:
        sys.exit(f"{' '.join(command)}: ended with {os.waitstatus_to_exitcode(status)}")
    files = [path for path in directory.rglob("*") if path.is_file()]
    return Cost(
        cpu=used.ru_utime + used.ru_stime,
        wall=wall,
        rss=used.ru_maxrss / 1024,
        stored=sum(path.stat().st_size for path in files),
        files=len(files),
    )


def middle(costs: Sequence[Cost]) -> Cost:
    """The medians, each figure by itself."""
    return Cost(
        cpu=median(cost.cpu for cost in costs),
        wall=median(cost.wall for cost in costs),
        rss=median(cost.rss for cost in costs),
        stored=round(median(cost.stored for cost in costs)),
        files=round(median(cost.files for cost in costs)),
    )


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table, its columns as wide as they need be; the first is text, the others are numbers."""
    widths = [max(len(row[at]) for row in (heads, *rows)) for at in range(len(heads))]
    marks = [f":{'-' * (widths[0] - 1)}", *(f"{'-' * (width - 1)}:" for width in widths[1:])]
    return "\n".join(_line(row, widths) for row in (heads, marks, *rows))


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
    return f"| {' | '.join(cells)} |"
