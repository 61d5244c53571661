"""`python -m benchmarks.history [--days 60] [--seed N] [--json]`: plays the history and prints what was named of it.

Exit code 1 where a claimed kind was missed, invented or late.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator
from typing import Any

from benchmarks.history.incidents import Incident
from benchmarks.history.play import Played, played_in_memory
from benchmarks.history.scoring import DELETIONS, EDITS, NOT_YET, Row, Scored, in_hours, score
from benchmarks.history.script import scripted
from benchmarks.history.times import FIRST_DAY, FOREVER
from benchmarks.history.world import World


def main() -> None:
    """Play, score, print."""
    arguments = _arguments()
    world = scripted(arguments.days, arguments.seed)
    began = time.monotonic(), time.process_time()
    played = played_in_memory(world)
    took = time.monotonic() - began[0], time.process_time() - began[1]
    scored = score(world, played)
    if arguments.json:
        print(json.dumps(as_data(world, played, scored), ensure_ascii=False, indent=1))
    else:
        print("\n".join(_lines(world, played, scored)))
        print(f"\n{took[0]:.0f} s, of them {took[1]:.0f} s CPU (the server of both outlets included)")
    sys.exit(not scored.holds)


def as_data(world: World, played: Played, scored: Scored) -> dict[str, Any]:
    """All that is printed, for another program."""
    return {
        "days": world.days,
        "ticks": played.ticks,
        "requests": played.requests,
        "incidents": len(world.truth.incidents),
        "named": sum(not gone for _, gone in scored.missed),
        "false_edits": scored.false(EDITS),
        "false_deletions": scored.false(DELETIONS),
        "not_claimed_yet": NOT_YET,
        "kinds": [_row_data(row) for row in _ordered(scored)],
        "missed": [
            {"incident": incident.kind, "about": incident.about, "not_named": [each.kind for each in gone]}
            for incident, gone in scored.missed
            if gone
        ],
        "holds": scored.holds,
    }


def _row_data(row: Row) -> dict[str, Any]:
    return {
        "report": row.report,
        "kind": row.kind,
        "expected": row.expected,
        "named": row.named,
        "precision": row.precision,
        "recall": row.recall,
        "invented": row.false,
        "late": row.late,
        "hours_to_notice": in_hours(row.delays),
        "hours_over_plan": in_hours(row.over_plan),
    }


def _lines(world: World, played: Played, scored: Scored) -> Iterator[str]:
    last = world.ticks[-1]
    yield (
        f"{world.days} days from {FIRST_DAY}, {len(world.stories)} articles, {played.ticks} ticks, {played.requests:,} requests,"
        f" {len(world.truth.incidents)} incidents\n"
    )
    for incident, gone in sorted(scored.missed, key=lambda each: each[0].since):
        yield _of_incident(incident, [each.kind for each in gone], open_end=incident.until in (FOREVER, last))
    yield "\n| report | kind | there were | named | precision | recall | noticed after, median | longest | over plan |"
    yield "| :-- | :-- | --: | --: | --: | --: | --: | --: | --: |"
    yield from map(_table_row, _ordered(scored))
    yield f"\nfalse edits: {len(scored.false(EDITS))}, false deletions: {len(scored.false(DELETIONS))}"
    for row in _ordered(scored):
        yield from (f"invented: {row.report} {row.kind}: {line}" for line in row.false)
        yield from (f"late: {row.report} {row.kind}: {line}" for line in row.late)
    yield from (f"not claimed yet: {kind} ({why})" for kind, why in NOT_YET.items())


def _of_incident(incident: Incident, gone: list[str], *, open_end: bool) -> str:
    until = "" if open_end or incident.until == incident.since else f" to {incident.until:%m-%d %H:%M}"
    kinds = dict.fromkeys(each.kind for each in incident.expects if each.kind not in NOT_YET)
    told = (
        f"NOT NAMED: {', '.join(dict.fromkeys(gone))}"
        if gone
        else f"named: {', '.join(kinds)}"
        if kinds
        else "nothing told"
    )
    return f"{incident.since:%m-%d %H:%M}{until}  {incident.source}  {incident.kind}  {incident.about}  {told}".replace(
        "    ", "  "
    )


def _table_row(row: Row) -> str:
    noticed, over = in_hours(row.delays), in_hours(row.over_plan)
    hours = (f"{noticed[0]:.1f} h", f"{noticed[1]:.1f} h") if noticed else ("", "")
    cells = (
        row.report,
        row.kind + (" (not claimed yet)" if row.kind in NOT_YET else ""),
        str(row.expected),
        str(row.named),
        f"{row.precision:.3f}",
        f"{row.recall:.3f}",
        *hours,
        f"{over[1]:.1f} h" if over else "",
    )
    return f"| {' | '.join(cells)} |"


def _ordered(scored: Scored) -> list[Row]:
    order = {"changes": 0, "check": 1, "alarms": 2}
    return sorted(scored.rows.values(), key=lambda row: (order[row.report], row.kind))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.history", description="A replayed history, and what was named of its incidents."
    )
    parser.add_argument("--days", type=int, default=60, help="days of the history that are played (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="which articles the incidents befall (%(default)s)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    return parser.parse_args()


if __name__ == "__main__":
    main()
