"""docs/archive-format.md under test: its fields are the record's, its commands find damage without this program."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import fields
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from scraper.archive import open_archive, open_store
from scraper.archive.snapshots import compress
from scraper.model import Capture, Verdict
from tests.archive_exchanges import NOON, exchange, failed

if TYPE_CHECKING:
    from collections.abc import Callable

DOCUMENT = (Path(__file__).resolve().parents[1] / "docs" / "archive-format.md").read_text(encoding="utf-8")
SHIM = """#!{python}
import sys, zstandard
zstandard.ZstdDecompressor().copy_stream(open(sys.argv[1], "rb"), sys.stdout.buffer)
"""


def _commands() -> str:
    """The shell commands of the last section, as a reader would paste them."""
    section = DOCUMENT.partition("## Verifying without this program")[2]
    return "\n".join(line[4:] for line in section.splitlines() if line.startswith("    "))


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A local archive with three sealed days in it."""
    archive = open_archive(open_store(str(tmp_path / "archive")), writable=True)
    for number in range(6):
        archive.save(
            failed() if number == 2 else exchange(b"body %d" % (number // 2)),
            key="k",
            verdict=Verdict.ARTICLE,
            judge="1",
            config=None,
            recorded_at=NOON + timedelta(hours=12 * number),
        )
    assert len(archive.seal("outlet", NOON + timedelta(days=9))) == 4
    assert len(archive.seal_days(NOON + timedelta(days=9), lambda key, _error: pytest.fail(key))) == 4
    return tmp_path / "archive"


@pytest.fixture
def verify_by_hand(directory: Path, tmp_path: Path) -> Callable[[], str]:
    """Run the document's commands in the archive; a machine without zstdcat gets a plain Zstandard reader for it."""
    programs = tmp_path / "bin"
    programs.mkdir()
    if shutil.which("zstdcat") is None:
        (programs / "zstdcat").write_text(SHIM.format(python=sys.executable), encoding="utf-8")
        (programs / "zstdcat").chmod(0o755)
    environment = {**os.environ, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}

    def run() -> str:
        done = subprocess.run(
            ["/bin/sh", "-c", _commands()], cwd=directory, env=environment, capture_output=True, text=True, check=True
        )
        assert done.stderr == ""
        return done.stdout

    return run


def test_whole_archive_prints_nothing(verify_by_hand: Callable[[], str]) -> None:
    """On an archive as it was written, the commands print nothing."""
    assert verify_by_hand() == ""


def test_every_kind_of_damage_is_printed(directory: Path, verify_by_hand: Callable[[], str]) -> None:
    """A body, a record, a manifest or a root that was changed, and a body that is gone, are each named by the commands."""
    wrong, gone = sorted(directory.glob("snapshots/sha256/*/*.zst"))[:2]
    record = min(directory.glob("captures/outlet/*/*/*/*.json"))
    first, second = sorted(directory.glob("manifests/outlet/*.jsonl"))[:2]
    root, later = sorted(directory.glob("roots/*.jsonl"))[-2:]
    wrong.write_bytes(compress(b"other"))
    gone.unlink()
    record.write_bytes(record.read_bytes().replace(b"200", b"404"))
    first.write_bytes(first.read_bytes().replace(b"200", b"404"))
    root.write_bytes(root.read_bytes().replace(b'"format":1', b'"format":2'))
    assert set(verify_by_hand().splitlines()) == {
        f"damaged: {wrong.relative_to(directory)}",
        f"damaged: {record.relative_to(directory)}",
        f"missing: {gone.stem}",
        f"broken chain: {second.relative_to(directory)}",
        f"damaged: {first.relative_to(directory)}",
        f"broken chain: {later.relative_to(directory)}",
    }


def test_every_field_is_documented() -> None:
    """Each field of a capture, but the record's own name, is in a table of the document."""
    rows = [line.split("|")[1] for line in DOCUMENT.splitlines() if line.startswith("| `")]
    documented = {name for row in rows for name in re.findall(r"`([^`]+)`", row)}
    assert {field.name for field in fields(Capture)} - {"record"} <= documented
