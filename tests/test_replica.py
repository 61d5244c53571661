"""A second copy of the archive: what is copied, what is mended from it, and what is never taken for good."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from scraper.archive import open_store
from scraper.archive.snapshots import compress
from scraper.archive.store_memory import MemoryStore
from scraper.config import load
from scraper.errors import ConfigError, StoreUnreachable, UsageError
from scraper.jobs.repair import repair
from scraper.jobs.replicate import replicate
from scraper.jobs.verify_chain import verify_chain
from scraper.model import Report
from tests.commands import ROOT, scraper
from tests.kept_twice import Twice, files, kept_twice

if TYPE_CHECKING:
    from tests.servers import S3Server

pytest_plugins = ["tests.servers"]

KINDS = ("snapshots/", "captures/", "manifests/", "roots/", "configs/")


class Forgetful(MemoryStore):
    """Acknowledges what it does not keep."""

    def put(self, key: str, data: bytes) -> bool:
        """As a server that loses writes does."""
        return True if key.startswith("captures/") else super().put(key, data)


@pytest.fixture
def twice(tmp_path: Path) -> Iterator[Twice]:
    """An archive and its replica."""
    with kept_twice(tmp_path) as made:
        yield made


def told(report: Report) -> dict[str, str]:
    """The kind of each finding by its object."""
    return {finding.subject: finding.kind for finding in report.findings}


def sound(twice: Twice) -> bool:
    """Whether every object of the store is what it was written as."""
    report = verify_chain(open_store(str(twice.store)), twice.services.clock, lambda _step: None, read_data=True)
    return report.exit_code() == 0


def test_a_replica_is_the_whole_archive(twice: Twice) -> None:
    """Every object is copied, byte for byte, and a second run has nothing to do; what comes later is copied alone."""
    assert files(twice.copy) == files(twice.store)
    assert dict(replicate(twice.services, twice.replica).counts) == {"to copy": 0, "copied": 0, "bytes": 0}
    body = b"a new page"
    name = hashlib.sha256(body).hexdigest()
    twice.services.archive.store.put(f"snapshots/sha256/{name[:2]}/{name}.zst", compress(body))
    assert dict(replicate(twice.services, twice.replica).counts)["copied"] == 1
    assert files(twice.copy) == files(twice.store)


def test_a_dry_run_counts_and_writes_nothing(tmp_path: Path) -> None:
    """What would be copied is counted; the replica is not even begun."""
    with kept_twice(tmp_path, copied=False) as twice:
        report = replicate(twice.services, twice.replica, dry_run=True)
        assert dict(report.counts) == {"to copy": len(files(twice.store)), "copied": 0, "bytes": 0}
        assert not twice.copy.exists()


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_damaged_is_not_copied(tmp_path: Path, kind: str) -> None:
    """A damaged object is named and left out, all others are copied; evidence of damage is no part of a replica."""
    with kept_twice(tmp_path, copied=False) as twice:
        key = twice.key(kind)
        twice.damage(key, b"rubbish")
        twice.services.archive.store.put("quarantine/some/object", b"rubbish")
        report = replicate(twice.services, twice.replica)
        assert told(report) == {key: "not-replicated"}
        assert report.exit_code() == 4
        assert set(files(twice.store)) - set(files(twice.copy)) == {key}


def test_a_replica_that_loses_writes_is_refused(tmp_path: Path) -> None:
    """Each copy is read back: a replica that does not keep what it took is not relied on."""
    with kept_twice(tmp_path, copied=False) as twice, pytest.raises(StoreUnreachable, match="does not give it back"):
        replicate(twice.services, Forgetful())


@pytest.mark.parametrize("data", [None, b"", b"rubbish"], ids=["missing", "empty", "other"])
@pytest.mark.parametrize("kind", KINDS)
def test_one_object_is_mended(twice: Twice, kind: str, data: bytes | None) -> None:
    """Missing or damaged, it is put back byte for byte; what it held is in quarantine; nothing else is touched."""
    before = files(twice.store)
    key = twice.key(kind)
    twice.damage(key, data)
    would = repair(twice.services, twice.replica, dry_run=True)
    assert (told(would), would.exit_code()) == ({key: "repairable"}, 4)
    report = repair(twice.services, twice.replica)
    assert (told(report), report.exit_code()) == ({key: "repaired"}, 0)
    assert files(twice.store) == before
    kept = twice.store / "quarantine" / key
    assert (kept.read_bytes() if kept.exists() else None) == data
    assert told(repair(twice.services, twice.replica)) == {}


def test_an_archive_in_ruins_is_mended(twice: Twice) -> None:
    """Every object but format.json damaged or gone, each in its own way: all are back, and the chain holds."""
    before = files(twice.store)
    keys = [key for key in twice.keys("") if key != "format.json"]
    for number, key in enumerate(keys):
        whole = before[key]
        flipped = bytes([*whole[:-9], whole[-9] ^ 1, *whole[-8:]])
        twice.damage(key, (None, whole[: len(whole) // 2], flipped)[number % 3])
    report = repair(twice.services, twice.replica)
    assert dict(report.counts)["repaired"] == len(keys)
    assert files(twice.store) == before
    assert sound(twice)


@pytest.mark.parametrize("kind", KINDS)
def test_a_damaged_replica_mends_nothing(twice: Twice, kind: str) -> None:
    """Bytes that do not hash right are taken from nowhere: the object stays as it is, and is told."""
    key = twice.key(kind)
    for place in (twice.store, twice.copy):
        (place / key).unlink()
        (place / key).write_bytes(b"rubbish")
    if kind == "captures/":
        (manifest,) = [one for one in twice.keys("manifests/") if key.encode() in (twice.store / one).read_bytes()]
        for place in (twice.store, twice.copy):
            (place / manifest).unlink()
    report = repair(twice.services, twice.replica, [key])
    assert (told(report), report.exit_code()) == ({key: "unrepaired"}, 4)
    assert (twice.store / key).read_bytes() == b"rubbish"


def test_a_record_is_mended_from_its_manifest(twice: Twice) -> None:
    """A sealed record needs no replica; one of an open day does."""
    before = files(twice.store)
    records = twice.keys("captures/")
    twice.damage(records[0], b"rubbish")
    twice.damage(records[-1], b"rubbish")
    report = repair(twice.services, None)
    assert told(report) == {records[0]: "repaired", records[-1]: "unrepaired"}
    assert {key for key, data in before.items() if files(twice.store).get(key) != data} == {records[-1]}


def test_a_manifest_is_what_its_root_says(twice: Twice) -> None:
    """A manifest that was made anew, whole and well spelled, is told from the one that the root is over."""
    key = twice.keys("manifests/")[0]
    whole = (twice.store / key).read_bytes()
    header, *lines = whole.splitlines(keepends=True)
    twice.damage(key, b"".join((header.replace(b'"records":4', b'"records":3'), *lines[:-1])))
    assert told(repair(twice.services, twice.replica)) == {key: "repaired"}
    assert (twice.store / key).read_bytes() == whole


def test_only_keys_of_the_archive_are_mended(twice: Twice) -> None:
    """What is no object of an archive is refused."""
    for key in ("quarantine/captures/x.json", "format.json", "../x"):
        with pytest.raises(UsageError, match="not the key of an object that can be repaired"):
            repair(twice.services, twice.replica, [key])


def test_commands_copy_and_mend(tmp_path: Path) -> None:
    """From the command line, with the replica named by the environment."""
    with kept_twice(tmp_path, copied=False) as twice:
        env = {
            "SCRAPER_STORE": twice.store.as_uri(),
            "SCRAPER_REPLICA": twice.copy.as_uri(),
            "SCRAPER_CATALOGUE": f"sqlite:///{tmp_path}/catalogue.sqlite3",
        }
        where = ("--config", ROOT / "config")
        assert scraper("replicate", "--json", *where, env=env).report["counts"]["copied"] == len(files(twice.store))
        for kind in ("snapshots/", "configs/"):
            for key in twice.keys(kind):
                twice.damage(key, b"rubbish")
        key = twice.key("snapshots/")
        assert scraper("repair", key, "--dry-run", *where, env=env).code == 4
        mended = scraper("repair", *where, env=env)
        assert mended.code == 0
        assert "put back from file://" in mended.text
        assert scraper("replicate", *where, env=env | {"SCRAPER_REPLICA": ""}).code == 2


def test_a_replica_is_another_place() -> None:
    """The store itself is no replica of it."""
    same = {"SCRAPER_STORE": "s3://bucket/a", "SCRAPER_REPLICA": "s3://bucket/a/"}
    with pytest.raises(ConfigError, match="is the store itself"):
        load(ROOT / "config", same)
    assert load(ROOT / "config", same | {"SCRAPER_REPLICA_S3_ENDPOINT": "http://127.0.0.1:1"}).settings.replica


def test_a_server_is_a_replica(twice: Twice, seaweedfs: S3Server, bucket_names: Iterator[str]) -> None:
    """A bucket holds the copy, and mends the directory; and the other way about."""
    bucket = open_store(f"s3://{next(bucket_names)}/copy", s3=seaweedfs.options())
    assert dict(replicate(twice.services, bucket).counts)["copied"] == len(files(twice.store))
    assert {key: bucket.get(key) for key in bucket.list()} == files(twice.store)
    before = files(twice.store)
    for key in twice.keys("captures/")[-3:]:
        twice.damage(key, b"rubbish")
    assert dict(repair(twice.services, bucket).counts)["repaired"] == 3
    assert files(twice.store) == before


def test_a_root_is_what_the_one_after_it_says(twice: Twice) -> None:
    """A root that reads whole but is another than the next one names gives way to the copy that is."""
    first, second, *_ = twice.keys("roots/")
    whole = (twice.store / second).read_bytes()
    other = (twice.store / first).read_bytes().replace(first[6:16].encode(), second[6:16].encode())
    twice.damage(second, other)
    assert told(repair(twice.services, twice.replica)) == {second: "repaired"}
    assert (twice.store / second).read_bytes() == whole
