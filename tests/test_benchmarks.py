"""The benchmarks still run: no number of theirs is asserted anywhere."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def test_the_benchmarks_print_their_tables() -> None:
    """Twenty pages, one round: a row for every contender, or that it is not here, and one for every layout."""
    command = [sys.executable, "-m", "benchmarks", "--pages", "20", "--rounds", "1", "--seconds", "0.01"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in done.stdout.splitlines() if line[:1] == "|"
    ]
    names = {row[0] for row in rows}
    assert {"httpx, read and drop", "wget, WARC", "Scrapy, WARC by warcio", "this program"} <= names
    assert any(name.startswith("kcnawatch/newstream") for name in names)
    assert all(float(row[1]) > 0 for row in rows if row[0] == "this program")
