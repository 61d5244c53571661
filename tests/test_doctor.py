"""`scraper doctor`: what a store guarantees, asked of a real S3 server, a directory, and stores that do not keep their word."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from scraper.archive.probes import PREFIX
from scraper.archive.store import Retention, Store, open_store
from scraper.archive.store_memory import MemoryStore
from scraper.clock import SystemClock
from scraper.errors import StoreUnreachable
from scraper.jobs.doctor import doctor
from scraper.model import Report
from tests.commands import scraper

if TYPE_CHECKING:
    from tests.servers import S3Server

pytest_plugins = ["tests.servers"]


class SlowClock:
    """A clock that is ten minutes behind."""

    def now(self) -> datetime:
        """The wrong time."""
        return datetime.now(UTC) - timedelta(minutes=10)

    def sleep(self, seconds: float) -> None:
        """Nothing here sleeps."""


class Forgetful(MemoryStore):
    """Acknowledges every third object and keeps nothing of it."""

    def put(self, key: str, data: bytes) -> bool:
        """As a server that loses writes does."""
        return True if key.endswith(("3", "6", "9")) else super().put(key, data)


class Late(MemoryStore):
    """Keeps everything, but lists no object that was written just now."""

    def list(self, prefix: str = "") -> Iterator[str]:
        """All but the last."""
        yield from sorted(super().list(prefix))[:-1]


class Garbled(MemoryStore):
    """Gives back other bytes than it was given."""

    def get(self, key: str) -> bytes:
        """Its bytes in reverse."""
        return super().get(key)[::-1]


def outcomes(report: Report) -> dict[str, str]:
    """Each probe's outcome by its name."""
    return {finding.subject: finding.kind for finding in report.findings}


def test_a_directory_has_what_the_archive_relies_on(tmp_path: Path) -> None:
    """Everything needed holds in a directory; what was written stays below doctor/ and is no part of the archive."""
    store = open_store(str(tmp_path / "archive"))
    report = doctor(store, SystemClock())
    found = outcomes(report)
    assert {name for name, kind in found.items() if kind == "guaranteed"} >= {
        "read after write",
        "list after write",
        "one name, many writers",
        "never replaces an object",
    }
    assert found["latency"] == found["room"] == "measured"
    assert report.exit_code() == 0
    assert {key.split("/")[0] for key in store.list()} == {PREFIX.strip("/")}
    assert not list((tmp_path / "archive" / ".tmp").iterdir())


def test_a_real_s3_server_is_asked_and_not_believed(seaweedfs: S3Server, bucket_names: Iterator[str]) -> None:
    """Conditional puts, checksums and versions of the server are told as they are; turning versions on is seen."""
    name = next(bucket_names)
    store = open_store(f"s3://{name}/some/prefix", s3=seaweedfs.options())
    before = outcomes(doctor(store, SystemClock()))
    assert {name: before[name] for name in ("read after write", "list after write", "conditional put", "clock")} == {
        "read after write": "guaranteed",
        "list after write": "guaranteed",
        "conditional put": "guaranteed",
        "clock": "guaranteed",
    }
    assert before["refuses damaged bytes"] == before["keeps checksums"] == "guaranteed"
    assert before["versioning"] == before["object lock"] == "not-guaranteed"
    seaweedfs.client().put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    assert outcomes(doctor(store, SystemClock()))["versioning"] == "guaranteed"


def test_a_bucket_with_object_lock_is_seen(seaweedfs: S3Server, bucket_names: Iterator[str]) -> None:
    """A default retention is told with its span; a bucket that could lock but does not is told so."""
    name = next(bucket_names)
    client = seaweedfs.client()
    client.create_bucket(Bucket=name, ObjectLockEnabledForBucket=True)
    report = doctor(open_store(f"s3://{name}", s3=seaweedfs.options()), SystemClock())
    (bare,) = (finding for finding in report.findings if finding.subject == "object lock")
    assert bare.kind == "not-guaranteed"
    client.put_object_lock_configuration(
        Bucket=name,
        ObjectLockConfiguration={
            "ObjectLockEnabled": "Enabled",
            "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 30}},
        },
    )
    report = doctor(open_store(f"s3://{name}", s3=seaweedfs.options()), SystemClock())
    (locked,) = (finding for finding in report.findings if finding.subject == "object lock")
    assert (locked.kind, "30 days" in locked.reason) == ("guaranteed", True)
    assert "could not be deleted" in locked.reason


def test_a_retention_of_ours_is_seen(seaweedfs: S3Server, bucket_names: Iterator[str]) -> None:
    """Without a default of the bucket: our own writes carry the lock, and a locked object outlives an attempt to delete it."""
    retention = Retention(mode="compliance", span=timedelta(days=3), now=SystemClock().now)
    store = open_store(f"s3://{next(bucket_names)}", s3=replace(seaweedfs.options(), retention=retention))
    (locked,) = (finding for finding in doctor(store, SystemClock()).findings if finding.subject == "object lock")
    assert (locked.kind, "3 days (COMPLIANCE)" in locked.reason) == ("guaranteed", True)


def test_a_wrong_clock_is_seen(seaweedfs: S3Server, bucket_names: Iterator[str]) -> None:
    """Ten minutes are not tolerated: an S3 server refuses everything at fifteen."""
    store = open_store(f"s3://{next(bucket_names)}", s3=seaweedfs.options())
    (clock,) = (finding for finding in doctor(store, SlowClock()).findings if finding.subject == "clock")
    assert (clock.kind, "ahead of" in clock.reason) == ("not-guaranteed", True)


def test_without_sha256_the_md5_is_asked(seaweedfs: S3Server, bucket_names: Iterator[str]) -> None:
    """With `checksums = "when_required"` the probe damages a body with a Content-MD5, as the store sends it."""
    options = replace(seaweedfs.options(), checksums="when_required")
    report = doctor(open_store(f"s3://{next(bucket_names)}", s3=options), SystemClock())
    (damage,) = (finding for finding in report.findings if finding.subject == "refuses damaged bytes")
    assert "ContentMD5" in damage.reason
    assert outcomes(report)["keeps checksums"] == "measured"


@pytest.mark.parametrize(
    ("store", "probe"),
    [
        (Forgetful(), "read after write"),
        (Garbled(), "read after write"),
        (Garbled(), "one name, many writers"),
        (Late(), "list after write"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_a_store_that_does_not_keep_its_word_is_refused(store: Store, probe: str) -> None:
    """What the archive relies on and is not there weighs as no store at all."""
    try:
        report = doctor(store, SystemClock())
    except StoreUnreachable:
        pytest.fail("a probe must tell what it met, not end")
    assert outcomes(report)[probe] == "not-guaranteed"
    assert report.exit_code() == 3


def test_the_command_prints_one_line_a_probe(tmp_path: Path) -> None:
    """As text for people and as one report for programs; the configured store is the one that is asked."""
    env = {
        "SCRAPER_STORE": (tmp_path / "archive").as_uri(),
        "SCRAPER_CATALOGUE": f"sqlite:///{tmp_path}/none/catalogue",
    }
    told = scraper("doctor", env=env, cwd=tmp_path)
    assert (told.code, told.err) == (0, "")
    assert "read after write: 32 objects from 8 writers were there at once, whole" in told.text
    report = scraper("doctor", "--json", env=env, cwd=tmp_path).report
    assert (report["job"], report["exit_code"], report["counts"]["not guaranteed"]) == ("doctor", 0, 0)
    assert not (tmp_path / "none").exists()


def test_a_store_that_is_not_there_is_told(tmp_path: Path) -> None:
    """No traceback: exit code 3 and what to do."""
    (tmp_path / "file").write_text("no directory")
    told = scraper("doctor", env={"SCRAPER_STORE": (tmp_path / "file" / "below").as_uri()}, cwd=tmp_path)
    assert told.code == 3
    assert told.err.startswith("error: ")
