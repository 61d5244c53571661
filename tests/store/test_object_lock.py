"""Object Lock on a real S3 server: what is written stays, a repair adds a version, and a bucket without it is refused at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError

from scraper.archive import snapshots
from scraper.archive.store import Retention, open_store
from scraper.clock import SystemClock
from scraper.errors import ConfigError
from tests.commands import scraper

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from scraper.archive.store import S3Options
    from tests.servers import S3Server

pytest_plugins = ["tests.servers"]

BODY = b"<html>a page</html>" * 40
KEY = snapshots.snapshot_key(sha256(BODY).hexdigest())
PACKED = snapshots.compress(BODY)


def locking(server: S3Server, mode: str = "governance") -> S3Options:
    """How to reach the server, locking every object for ten years."""
    retention = Retention(
        mode="compliance" if mode == "compliance" else "governance", span=timedelta(days=3660), now=SystemClock().now
    )
    return replace(server.options(), retention=retention)


@pytest.mark.parametrize("mode", ["governance", "compliance"])
@pytest.mark.parametrize("checksums", ["when_supported", "when_required"])
def test_what_is_written_is_locked(seaweedfs: S3Server, bucket_names: Iterator[str], mode: str, checksums: str) -> None:
    """Mode and time are the object's own, and nobody without special rights deletes its version."""
    name, client = next(bucket_names), seaweedfs.client()
    options = replace(
        locking(seaweedfs, mode), checksums="when_required" if checksums == "when_required" else "when_supported"
    )
    store = open_store(f"s3://{name}/below", s3=options)
    assert store.put(KEY, PACKED)
    assert not store.put(KEY, PACKED)
    head = client.head_object(Bucket=name, Key=f"below/{KEY}")
    assert head["ObjectLockMode"] == mode.upper()
    assert abs(head["ObjectLockRetainUntilDate"] - datetime.now(UTC) - timedelta(days=3660)) < timedelta(minutes=5)
    with pytest.raises(ClientError, match="AccessDenied"):
        client.delete_object(Bucket=name, Key=f"below/{KEY}", VersionId=head["VersionId"])
    assert store.get(KEY) == PACKED


def test_a_repair_adds_a_version(seaweedfs: S3Server, bucket_names: Iterator[str]) -> None:
    """The damaged one stays for as long as it is locked; what is read is the newest, and it is locked too."""
    name, client = next(bucket_names), seaweedfs.client()
    store = open_store(f"s3://{name}", s3=locking(seaweedfs))
    store.put(KEY, PACKED)
    client.put_object(Bucket=name, Key=KEY, Body=b"damaged by somebody")
    assert store.get(KEY) == b"damaged by somebody"
    assert store.mend(KEY, PACKED)
    assert (store.get(KEY), store.get(f"quarantine/{KEY}")) == (PACKED, b"damaged by somebody")
    versions = client.list_object_versions(Bucket=name, Prefix=KEY)["Versions"]
    assert [version["IsLatest"] for version in versions] == [True, False, False]
    assert client.head_object(Bucket=name, Key=KEY)["ObjectLockMode"] == "GOVERNANCE"
    assert list(store.list("snapshots/")) == [KEY]


def test_a_bucket_without_lock_is_refused_when_it_is_opened(seaweedfs: S3Server, bucket_names: Iterator[str]) -> None:
    """Not at the first write: one that exists without Object Lock can never lock an object."""
    name = next(bucket_names)
    seaweedfs.client().create_bucket(Bucket=name)
    with pytest.raises(ConfigError, match="offers no Object Lock"):
        open_store(f"s3://{name}", s3=locking(seaweedfs))
    assert "Contents" not in seaweedfs.client().list_objects_v2(Bucket=name)


def test_the_configuration_says_so(seaweedfs: S3Server, bucket_names: Iterator[str], tmp_path: Path) -> None:
    """`retention` of scraper.toml, here by the environment: exit code 2 and one line where the bucket has no lock."""
    name = next(bucket_names)
    seaweedfs.client().create_bucket(Bucket=name)
    env = {
        "SCRAPER_STORE": f"s3://{name}",
        "SCRAPER_CATALOGUE": f"sqlite:///{tmp_path}/catalogue",
        "SCRAPER_S3_ENDPOINT": seaweedfs.endpoint,
        "SCRAPER_S3_ACCESS_KEY": seaweedfs.access_key,
        "SCRAPER_S3_SECRET_KEY": seaweedfs.secret_key,
        "SCRAPER_S3_RETENTION": "10y",
    }
    told = scraper("seal", env=env, cwd=tmp_path)
    assert (told.code, told.err.count("\n")) == (2, 1)
    assert "offers no Object Lock" in told.err
    wrong = scraper("seal", env={**env, "SCRAPER_S3_RETENTION": "10 years"}, cwd=tmp_path)
    assert (wrong.code, '"10y"' in wrong.err) == (2, True)
