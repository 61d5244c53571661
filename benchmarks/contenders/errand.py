"""What every contender is told on its command line."""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.pages import address


def errand() -> tuple[str, list[str], Path]:
    """The server's address, the paths of the pages, and the directory to store them in."""
    base, pages, directory = sys.argv[1:4]
    return base, [address(number) for number in range(int(pages))], Path(directory)
