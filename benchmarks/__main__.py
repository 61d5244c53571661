"""`python -m benchmarks`: the tables, on stdout. Numbers are for people: no test asserts them."""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
from pathlib import Path

from benchmarks.fetching import compare, growth

_LONG = (5_000, 20_000)
_PAGES = str(Path(__file__).resolve().parents[1] / "tests/generic/pages")


def main() -> None:
    """Measure and print."""
    arguments = _arguments()
    _say(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}; medians of {arguments.rounds}"
    )
    _say(f"Fetching and keeping {arguments.pages:,} pages of 77 KB (17 KB gzipped):\n")
    _say(compare(arguments.pages, arguments.rounds))
    if arguments.long:
        _say("\nMemory over the number of pages:\n")
        _say(growth(_LONG))
    _say("\nReading a page, beside building its bare tree:\n")
    # In processes of their own, so that what is measured above did not begin with the memory of a parser.
    subprocess.run([sys.executable, "-m", "benchmarks.parsing", str(arguments.seconds)], check=True)
    _say("\nThe article of a page that no code knows:\n")
    subprocess.run([sys.executable, "-m", "benchmarks.extraction", _PAGES], check=True)
    again = _LONG[-1] if arguments.long else arguments.reparse
    _say(f"\nReading {again:,} archived pages again:\n")
    subprocess.run([sys.executable, "-m", "benchmarks.reparse", str(again), "2"], check=True)
    _say(f"\nVerifying an archive of {arguments.verify:,} pages:\n")
    subprocess.run([sys.executable, "-m", "benchmarks.verifying", str(arguments.verify)], check=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="What this program costs beside others.")
    parser.add_argument("--pages", type=int, default=5_000, help="pages each contender fetches (%(default)s)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds, in turns; medians are shown (%(default)s)")
    parser.add_argument("--seconds", type=float, default=0.4, help="how long each page is read (%(default)s)")
    parser.add_argument("--reparse", type=int, default=2_000, help="archived pages that are read again (%(default)s)")
    parser.add_argument("--verify", type=int, default=5_000, help="archived pages that are verified (%(default)s)")
    parser.add_argument(
        "--long", action="store_true", help="this program over 5,000 and 20,000 pages too, 20,000 read again"
    )
    return parser.parse_args()


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    main()
