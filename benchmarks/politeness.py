"""`python -m benchmarks.politeness`: what a host sees of daemon, backfill and recheck as three processes, as a table.

The log is the server's own (the set-up is that of tests/fetch/test_pace_processes.py, which holds these numbers): every 50th
answer asks for a rest, every 31st fails, every 9th is slow.
"""

from __future__ import annotations

import argparse
import tempfile
from itertools import pairwise
from pathlib import Path

from tests.fetch.test_pace_processes import GAP, keep_running, outlet, too_early


def table(seconds: float) -> str:
    """Let the three work for so many seconds; the measured row and the allowed one as Markdown."""
    with tempfile.TemporaryDirectory() as directory, outlet(Path(directory)) as (web, moody, place):
        before = len(web.log)
        keep_running(place, seconds)
        log = sorted(web.log[before:], key=lambda seen: seen.started)
    gaps = [after.started - first.ended for first, after in pairwise(log)]
    early = too_early(log, moody.rests)
    overlaps = sum(gap < 0 for gap in gaps)
    return "\n".join(
        (
            "| | seconds | requests | overlaps | smallest gap | rests asked for | requests during a rest |",
            "|---|--:|--:|--:|--:|--:|--:|",
            f"| measured | {seconds:g} | {len(log)} | {overlaps} | {min(gaps) * 1000:.1f} ms | {len(moody.rests)} | {len(early)} |",
            f"| allowed | | | 0 | {GAP * 1000:g} ms | | 0 |",
        )
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.politeness", description=__doc__)
    parser.add_argument("--seconds", type=float, default=20, help="how long the three work (%(default)s)")
    print(table(parser.parse_args().seconds), flush=True)


if __name__ == "__main__":
    main()
