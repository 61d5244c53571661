"""Full disks, damaged objects and files that are no pages: what the commands say, and that the archive stays sound."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from scraper.model import Capture, Verdict
from tests.commands import Running, command, environment, scraper
from tests.fast_outlet import configure, fast_outlet
from tests.outside import Outside
from tests.small_archive import Small, assert_refused, small_archive

URL = "http://www.kcna.example/en"
MAY_MOUNT = sys.platform == "linux" and os.geteuid() == 0 and shutil.which("unshare") is not None
FULL = ("store", "store and catalogue") if MAY_MOUNT else ()
FILL = """
mount -t tmpfs -o size=2m tmpfs "$DISK" && head -c 1200000 /dev/zero > "$DISK/filler" || exit 99
"$@" crawl --config "$CONFIG"; echo "crawl $?"
rm "$DISK/filler"
"$@" check --read-data --since 2026-03-01 --until 2026-03-01 --config "$CONFIG" >/dev/null; echo "check $?"
"$@" crawl --limit 1 --config "$CONFIG" >/dev/null; echo "again $?"
"""
"""Runs in a mount namespace of its own: nothing of it is left when the shell ends."""


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Small]:
    """A small archive that all tests here leave as it is."""
    with small_archive(tmp_path_factory.mktemp("base") / "archive") as made:
        yield made


@pytest.fixture
def own(base: Small, tmp_path: Path) -> Small:
    """A copy of it to damage."""
    return base.copy(tmp_path / "own")


def articles(small: Small) -> list[Capture]:
    """One capture of each article."""
    captures = Outside(config=small.directory / "config").captures()
    return list({capture.url: capture for capture in captures if capture.verdict is Verdict.ARTICLE}.values())


def check_code(small: Small) -> int:
    """What `check --read-data` ends with."""
    return small.run("check", "--read-data").code


@pytest.mark.parametrize("on_disk", FULL)
def test_full_disk_is_said_and_survived(tmp_path: Path, on_disk: str) -> None:
    """A crawl onto a full disk ends with one line and exit code 3; once there is room again nothing is damaged, and it goes on."""
    disk = tmp_path / "disk"
    disk.mkdir()
    with fast_outlet(1, 400) as web:
        config = configure(tmp_path, f"127.0.0.1:{web.port}")
        env = {"DISK": str(disk), "CONFIG": str(config), "SCRAPER_STORE": f"file://{disk}/store"}
        if on_disk != "store":
            env["SCRAPER_CATALOGUE"] = f"sqlite:///{disk}/catalogue.sqlite3"
        words = ["unshare", "--mount", "sh", "-c", FILL, "sh", *command()]
        ran = subprocess.run(words, env=environment(env), capture_output=True, text=True, check=False)
    assert ran.stdout.splitlines() == ["crawl 3", "check 1", "again 0"], ran.stderr
    assert ran.stderr.startswith("error: ")
    assert ran.stderr.count("\n") == 1
    assert "full" in ran.stderr


def test_file_size_limit_is_said_and_survived(tmp_path: Path) -> None:
    """A limit on the size of files, met in the middle of a crawl, is one line and exit code 3; without it, all is well."""
    with fast_outlet(1, 60) as web:
        archive = Outside(config=configure(tmp_path, f"127.0.0.1:{web.port}"))
        assert scraper("crawl", "--limit", "1", "--config", archive.config).code == 0
        size = (tmp_path / "catalogue.sqlite3").stat().st_size
        limit = ("sh", "-c", f'ulimit -f {size // 512 + 16}; exec "$@"', "sh")
        assert_refused(scraper("crawl", "--config", archive.config, under=limit), 3, "catalogue.sqlite3", "room")
        assert archive.damage() == []
        assert scraper("crawl", "--config", archive.config).code == 0
        assert len(archive.held()) == 60
        archive.assert_rebuilds()


def snapshot(small: Small, capture: Capture) -> Path:
    """Where a capture's bytes are."""
    digest = capture.sha256 or ""
    return small.directory / "archive" / "store" / "snapshots" / "sha256" / digest[:2] / f"{digest}.zst"


def test_truncated_snapshot_is_named_by_every_command_that_needs_it(own: Small) -> None:
    """A snapshot cut in half is one line and exit code 4 for show and parse, and a finding for check until it is restored."""
    capture = articles(own)[0]
    file = snapshot(own, capture)
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    for arguments in (("show", capture.url, "--raw"), ("parse", capture.url), ("parse", file)):
        assert_refused(own.run(*arguments), 4, file.name, "restore")
    checked = own.run("check", "--read-data", "--json")
    damaged = [each for each in checked.report["findings"] if each["severity"] == "damaged"]
    assert checked.code == 4
    assert {file.name in each["subject"] or each["subject"] == capture.url for each in damaged} == {True}
    assert all(each["repair"] for each in damaged)
    assert own.run("reparse").code == 4
    file.write_bytes(whole)
    assert check_code(own) == own.code


def test_missing_snapshot_is_found_without_reading(own: Small) -> None:
    """A snapshot that is not there is exit code 4 for a plain `check`, with the command that repairs it."""
    capture = articles(own)[0]
    kept = snapshot(own, capture).rename(own.directory / "kept")
    ran = own.run("check", "--json")
    found = [each for each in ran.report["findings"] if each["severity"] == "damaged"]
    assert ran.code == 4
    assert any((capture.sha256 or "?") in each["subject"] for each in found)
    kept.rename(snapshot(own, capture))
    assert check_code(own) == own.code


def test_unreadable_record_is_named_by_every_command_that_needs_it(own: Small) -> None:
    """A record that is cut, changed or emptied is one line and exit code 4, and a finding for check until it is restored."""
    store = own.directory / "archive" / "store"
    kept: dict[Path, bytes] = {}
    for damage, capture in zip(("cut", "changed", "emptied"), articles(own), strict=False):
        file = store / capture.record
        whole = kept[file] = file.read_bytes()
        wrong = {"cut": whole[:100], "changed": whole.replace(b'"status":200', b'"status":404'), "emptied": b""}
        file.write_bytes(wrong[damage])
        for arguments in (("show", capture.url), ("parse", file)):
            assert_refused(own.run(*arguments), 4, file.name, "restore")
    found = own.run("check", "--read-data", "--json").report
    assert found["exit_code"] == 4
    damaged = {each["subject"] for each in found["findings"] if each["severity"] == "damaged"}
    assert {file.relative_to(store).as_posix() for file in kept} <= damaged
    for file, whole in kept.items():
        file.write_bytes(whole)
    assert check_code(own) == own.code


def test_a_sealed_record_that_is_damaged_is_read_from_its_manifest_and_found(own: Small) -> None:
    """Where a record's own file is damaged and its manifest holds it, it can still be shown, and `check --read-data` names it."""
    assert own.run("seal").code == 0
    capture = articles(own)[0]
    file = own.directory / "archive" / "store" / capture.record
    whole = file.read_bytes()
    file.write_bytes(whole[:100])
    shown = own.run("show", capture.url, "--json")
    assert (shown.code, shown.err) == (0, "")
    assert capture.record in {each["record"] for each in shown.lines}
    found = own.run("check", "--read-data", "--json").report
    assert [each["subject"] for each in found["findings"] if each["severity"] == "damaged"] == [capture.record]
    assert found["exit_code"] == 4
    file.write_bytes(whole)
    assert check_code(own) == own.code


def test_a_damaged_manifest_stops_neither_the_other_sources_nor_the_daemon(own: Small) -> None:
    """It is a finding of its source: the days of the others are sealed, and the daemon goes on."""
    manifest = own.directory / "archive" / "store" / "manifests" / "replica-kcna" / "2026-08-31.jsonl"
    manifest.parent.mkdir(parents=True)
    manifest.write_bytes(b"{")
    with Running("run", "--config", own.directory / "config") as daemon:
        others = manifest.parent.parent / "replica-watch"
        daemon.wait_until(others.exists, 60, "it has sealed another source's day")
        daemon.signal(signal.SIGTERM)
        assert daemon.end().code == 0
    sealed = own.run("seal", "--json")
    assert (sealed.code, [each["source"] for each in sealed.report["findings"]]) == (4, ["replica-kcna"])


def test_damage_to_pages_fetched_by_hand_is_found(own: Small) -> None:
    """`check --read-data` looks at what no declared source has asked for too."""
    assert own.run("fetch", "http://no name/").code == 5
    (file,) = (own.directory / "archive" / "store" / "captures" / "adhoc").rglob("*.json")
    file.write_bytes(b"{")
    found = own.run("check", "--read-data", "--json").report
    damaged = [each["subject"] for each in found["findings"] if each["severity"] == "damaged"]
    assert any(file.name in subject for subject in damaged)
    assert found["exit_code"] == 4


@pytest.mark.parametrize(
    ("content", "what"),
    [(b"%PDF-1.7 ...", "binary"), (b"\x89PNG\r\n", "binary"), (b" \n", "empty"), (b"\x7fELF\x02\x01", "binary")],
)
def test_a_file_that_is_no_page_is_refused(base: Small, tmp_path: Path, content: bytes, what: str) -> None:
    """Pictures, documents, programs and empty files are named as what they are; exit code 2."""
    file = tmp_path / "page.html"
    file.write_bytes(content)
    ran = base.run("parse", file, "--url", URL, "--fetched-at", "2026-09-01")
    assert_refused(ran, 2, str(file), what, "give the page's own bytes")


def test_a_text_that_is_no_page_is_no_article(base: Small, tmp_path: Path) -> None:
    """A text without markup is read, and said to hold no article in one line; exit code 1, no data."""
    file = tmp_path / "notes.txt"
    file.write_text("Only some notes, and no markup at all.", encoding="utf-8")
    address = articles(base)[0].url
    ran = base.run("parse", file, "--url", address, "--fetched-at", "2026-09-01")
    assert (ran.code, ran.out, ran.err.count("\n")) == (1, b"", 1)
    assert address in ran.err
