"""What a local directory does when the disk is full, read-only, taken away, or was left untidy by a crash."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from scraper.archive.store import open_store
from scraper.archive.store_local import LocalStore
from scraper.errors import ConfigError, StoreUnreachable

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[2]
FULL_DISK = ROOT / "tests" / "store" / "full_disk.py"


def _fill(fault: str, directory: Path, *before: str) -> dict[str, Any]:
    command = [*before, sys.executable, "-W", "error", str(FULL_DISK), fault, str(directory)]
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def _may_mount(directory: Path, *before: str) -> bool:
    trial = [*before, "mount", "-t", "tmpfs", "-o", "size=4k", "tmpfs", str(directory)]
    try:
        return subprocess.run(trial, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


def _assert_nothing_lost(report: dict[str, Any]) -> None:
    assert report["error"].count("\n") == 0
    assert report["acknowledged"]
    assert report["left"] == report["acknowledged"]
    assert report["temporary"] == 0


def test_file_size_limit_stops_cleanly(tmp_path: Path) -> None:
    """A write the system cuts short is told with its remedy; nothing acknowledged is lost, nothing half is left."""
    report = _fill("limit", tmp_path)
    assert "file size limit is reached: raise it" in report["error"]
    _assert_nothing_lost(report)


def test_full_disk_stops_cleanly(tmp_path: Path, record_property: Callable[[str, object], None]) -> None:
    """A disk that is really full is told with its remedy (where mounting is not permitted: a file size limit again)."""
    ways = (("unshare", "--mount"), ("unshare", "--user", "--map-root-user", "--mount"))
    way = next((way for way in ways if _may_mount(tmp_path, *way)), None)
    record_property("fault", "tmpfs" if way else "limit")
    report = _fill("tmpfs", tmp_path, *way) if way else _fill("limit", tmp_path)
    assert ("the disk is full: free some space" if way else "file size limit") in report["error"]
    _assert_nothing_lost(report)


def test_directory_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    """A root below a file is an unreachable store, in one line."""
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StoreUnreachable, match="cannot write a in file:///"):
        LocalStore(tmp_path / "file" / "archive").put("a", b"x")


def test_directory_taken_away_is_told(tmp_path: Path) -> None:
    """A directory that vanishes under a running program (an unmounted disk) is not quietly made anew."""
    store = LocalStore(tmp_path / "archive")
    store.put("a", b"x")
    (tmp_path / "archive").rename(tmp_path / "elsewhere")
    with pytest.raises(StoreUnreachable, match="put it back"):
        store.put("b", b"x")


def test_reading_makes_nothing(tmp_path: Path) -> None:
    """Opening and reading leave no trace: only the first put makes the directory."""
    store = LocalStore(tmp_path / "archive")
    assert list(store.list()) == []
    assert not store.has("a")
    assert not (tmp_path / "archive").exists()


def test_leftovers_are_swept_when_stale(tmp_path: Path) -> None:
    """Temporary files of crashed writers are never listed; those an hour old go at the next opening, fresh ones stay."""
    LocalStore(tmp_path).put("a", b"x")
    stale, fresh = tmp_path / ".tmp" / "stale", tmp_path / ".tmp" / "fresh"
    for path in (stale, fresh):
        path.write_bytes(b"half")
    an_hour_ago = fresh.stat().st_mtime - 3700
    os.utime(stale, (an_hour_ago, an_hour_ago))
    assert list(LocalStore(tmp_path).list()) == ["a"]
    assert (stale.exists(), fresh.exists()) == (False, True)


def test_nothing_is_visible_before_it_is_whole(tmp_path: Path) -> None:
    """Just before an object is published, it is neither listed nor readable, and its bytes are whole on disk."""
    seen: list[tuple[list[str], list[int]]] = []

    def look(_key: str) -> None:
        sizes = [path.stat().st_size for path in (tmp_path / ".tmp").iterdir()]
        seen.append((list(LocalStore(tmp_path).list()), sizes))

    LocalStore(tmp_path, before_publish=look).put("a/b", b"bytes")
    assert seen == [([], [5])]
    assert list(LocalStore(tmp_path).list()) == ["a/b"]


@pytest.mark.parametrize("durable", [True, False])
def test_acknowledged_means_synced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, durable: bool) -> None:
    """The bytes are synced before the object has its name, its directory after, and every new directory's parent too."""
    synced: list[tuple[str, bool]] = []
    real = os.fsync

    def fsync(descriptor: int) -> None:
        status = os.fstat(descriptor)
        paths = [tmp_path, *tmp_path.rglob("*")]
        path = next(path for path in paths if os.path.samestat(path.stat(), status))
        name = path.relative_to(tmp_path).as_posix()
        synced.append(("bytes" if path.is_file() else name, (tmp_path / "a" / "b" / "object").exists()))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    assert LocalStore(tmp_path, durable=durable).put("a/b/object", b"bytes")
    parents = [(".", False), (".", False), ("a", False)]
    assert synced == ([*parents, ("bytes", False), ("a/b", True)] if durable else [])
    synced.clear()
    assert not LocalStore(tmp_path, durable=durable).put("a/b/object", b"bytes")
    # Whoever was first may have been killed between the link and the directory's sync.
    assert synced == ([(".", True), ("a", True), ("a/b", True)] if durable else [])


def test_another_writer_in_between_wins(tmp_path: Path) -> None:
    """An object published by somebody else at the last moment is never replaced."""
    other = LocalStore(tmp_path)

    def overtake(key: str) -> None:
        other.put(key, b"one")

    store = LocalStore(tmp_path, before_publish=overtake)
    assert not store.put("objects/a", b"one")
    assert other.get("objects/a") == b"one"


def test_one_thread_writes(tmp_path: Path) -> None:
    """Of eight threads putting one object, exactly one is told that it wrote it."""
    store = LocalStore(tmp_path)
    with ThreadPoolExecutor(8) as pool:
        written = list(pool.map(lambda _: store.put("a", b"same" * 10_000), range(8)))
    assert sorted(written) == [False] * 7 + [True]


@pytest.mark.parametrize("url", ["ftp://host/dir", "s3://", "s3:///prefix", "file://host/dir", "memory://x"])
def test_unknown_urls_are_refused(url: str) -> None:
    """A URL that names no store is a configuration error that quotes it."""
    with pytest.raises(ConfigError, match=url):
        open_store(url)


def test_url_opens_the_same_store(tmp_path: Path) -> None:
    """A store's own url opens it again, with spaces and signs in the path."""
    store = open_store(str(tmp_path / "my archive #1 %20"))
    store.put("a", b"x")
    assert list(open_store(store.url).list()) == ["a"]
