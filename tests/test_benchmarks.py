"""The benchmarks still run: no number of theirs is asserted anywhere."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.extraction import known, measured

ROOT = Path(__file__).resolve().parents[1]


def test_the_benchmarks_print_their_tables() -> None:
    """Twenty pages, one round: a row for every contender, or that it is not here, and one for every layout."""
    command = [
        sys.executable,
        "-m",
        "benchmarks",
        "--pages",
        "20",
        "--rounds",
        "1",
        "--seconds",
        "0.01",
        "--reparse",
        "40",
        "--verify",
        "20",
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in done.stdout.splitlines() if line[:1] == "|"
    ]
    names = {row[0] for row in rows}
    assert {"httpx, read and drop", "wget, WARC", "Scrapy, WARC by warcio", "this program"} <= names
    assert any(name.startswith("kcnawatch/newstream") for name in names)
    assert {"generic", "trafilatura alone", "bare tree"} <= names
    assert all(float(row[1]) > 0 for row in rows if row[0] == "this program")
    assert [row[1] for row in rows if row[0].startswith("2 processes")] == ["40", "40"]
    assert {row[0].partition(":")[0] for row in rows} >= {
        "check --read-data",
        "sha256sum of every file as it lies there",
    }


def test_any_folder_of_pages_can_be_measured(tmp_path: Path) -> None:
    """Pairs of page and truth, and the layout of scrapinghub's benchmark; a folder that is neither is said to be none."""
    html = "<title>Ferry | Bay</title><h1>Ferry</h1><article><p>{}</p></article>".format(
        "The ferry sails on Monday. " * 20
    )
    text = " ".join(("The ferry sails on Monday. " * 20).split())
    pairs, benchmark = tmp_path / "pairs", tmp_path / "benchmark"
    (pairs / "deeper").mkdir(parents=True)
    (pairs / "deeper/one.html").write_text(html, encoding="utf-8")
    (pairs / "deeper/one.json").write_text(json.dumps({"title": "Ferry", "text": text}), encoding="utf-8")
    (benchmark / "html").mkdir(parents=True)
    (benchmark / "html/abc.html.gz").write_bytes(gzip.compress(html.encode()))
    (benchmark / "ground-truth.json").write_text(
        json.dumps({"abc": {"url": "http://bay.example/1", "articleBody": text}}), encoding="utf-8"
    )
    for folder in (pairs, benchmark):
        table = measured(list(known(folder)))
        (row,) = (line for line in table.splitlines() if line.startswith("| generic"))
        assert [cell.strip() for cell in row.strip("|").split("|")][:3] == ["generic", "1", "1.000"]
    with pytest.raises(SystemExit, match="ground-truth"):
        list(known(tmp_path / "pairs/nothing"))
