"""The hostile-server suite: every row through fetcher, judge, archive and reader, in one process of its own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from scraper.model import Verdict
from tests.hostile_run import LIMITS, STEP
from tests.hostile_server import Row
from tests.hostile_table import ROWS, cell

ROOT = Path(__file__).resolve().parent.parent
MARGIN = 5
"""A row may take so many times its deadlines before it counts as hung: the machine may be busy."""
PEAK_MIB = 150


@pytest.fixture(scope="module")
def outcome() -> dict[str, dict[str, Any]]:
    """What came of each row, by name; under `peak_mib` what the process used."""
    ran = subprocess.run(
        [sys.executable, "-m", "tests.hostile_run"],
        cwd=ROOT,
        # As in the image: one heap for all threads, so that what one has given back another may use.
        env={**os.environ, "MALLOC_ARENA_MAX": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    lines = [json.loads(line) for line in ran.stdout.splitlines()]
    return {line.get("name", "process"): line for line in lines}


@pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])
def test_behaviour(row: Row, outcome: dict[str, dict[str, Any]]) -> None:
    """The row's status, verdict, failure and error; nothing too large, too slow, out of scope, or taken for another page."""
    came = outcome[row.name]
    expected = {
        "status": row.status,
        "verdict": row.verdict.value,
        "failure": row.failure.value if row.failure else None,
        "error": row.error,
        "pages": row.pages,
        "stop": row.stop,
        "words": row.verdict is Verdict.ARTICLE or came["words"],
        "then": True,
        "trapped": 0,
    }
    assert {key: came[key] for key in expected} == expected
    assert came["largest"] <= LIMITS.max_bytes + STEP
    assert came["seconds"] <= row.deadlines * LIMITS.deadline * MARGIN


def test_memory(outcome: dict[str, dict[str, Any]]) -> None:
    """The process that ran all rows (and served them) never used more than 150 MiB."""
    assert outcome["process"]["peak_mib"] < PEAK_MIB


def test_the_table_is_of_the_promised_size() -> None:
    """There are at least 60 behaviours, no two of one name."""
    names = {row.name for row in ROWS}
    assert len(names) == len(ROWS) >= 60


def test_the_page_shows_the_table() -> None:
    """docs/hostile.md lists exactly the rows that are run, with what is expected of each."""
    page = (ROOT / "docs" / "hostile.md").read_text(encoding="utf-8")
    shown = [line for line in page.splitlines() if re.match(r"\| [a-z0-9.-]+ \|", line)]
    assert shown[1:] == [cell(row) for row in ROWS]
    assert f"{len(ROWS)} behaviours" in page
