"""The one table of the hostile-server suite, and how docs/hostile.md shows it."""

from __future__ import annotations

from tests import (
    hostile_blocks,
    hostile_bodies,
    hostile_codings,
    hostile_network,
    hostile_redirects,
    hostile_robots,
    hostile_statuses,
    hostile_wire,
)
from tests.hostile_server import Row

ROWS: tuple[Row, ...] = (
    *hostile_wire.ROWS,
    *hostile_codings.CODINGS,
    *hostile_bodies.BODIES,
    *hostile_blocks.BLOCKS,
    *hostile_redirects.REDIRECTS,
    *hostile_statuses.STATUSES,
    *hostile_robots.ROBOTS,
    *hostile_network.NETWORK,
)


def cell(row: Row) -> str:
    """A row as a line of docs/hostile.md."""
    verdict = row.verdict.value + (f" ({row.failure.value})" if row.failure else "")
    stopped = f", {row.stop:g} s" if row.stop else ""
    does = row.does.replace("|", "\\|")
    return f"| {row.name} | {does} | {row.status or '–'} | {verdict} | {row.error or '–'}{stopped} | {row.deadlines} |"
