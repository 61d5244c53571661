"""What can go wrong between us and an S3 server, against a real one: each is told apart and says the remedy."""

from __future__ import annotations

import hashlib
import http.server
import socket
import threading
import time
from base64 import b64encode
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError

from scraper.archive.store import S3Options, open_store
from scraper.errors import ConfigError, StoreUnreachable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.servers import S3Server

pytest_plugins = ["tests.servers"]


@pytest.fixture
def bucket(bucket_names: Iterator[str]) -> str:
    """The name of a bucket that is not there yet."""
    return next(bucket_names)


def test_wrong_secret_is_told(seaweedfs: S3Server, bucket: str) -> None:
    """A wrong secret key is named as refused credentials, and the secret is not repeated."""
    open_store(f"s3://{bucket}", s3=seaweedfs.options())
    with pytest.raises(StoreUnreachable, match="credentials refused") as caught:
        open_store(f"s3://{bucket}", s3=replace(seaweedfs.options(), secret_key="wrong-secret"))
    assert "wrong-secret" not in str(caught.value)
    assert "wrong-secret" not in repr(replace(seaweedfs.options(), secret_key="wrong-secret"))


def test_unknown_access_key_is_told(seaweedfs: S3Server, bucket: str) -> None:
    """An access key the server does not know is named as refused credentials."""
    with pytest.raises(StoreUnreachable, match="credentials refused"):
        open_store(f"s3://{bucket}", s3=replace(seaweedfs.options(), access_key="nobody"))


def test_missing_bucket_is_told(seaweedfs: S3Server, bucket: str) -> None:
    """A bucket that is not there is named, and not made unless asked for."""
    with pytest.raises(StoreUnreachable, match=f"no bucket '{bucket}'"):
        open_store(f"s3://{bucket}", s3=replace(seaweedfs.options(), create_bucket=False))
    assert bucket not in {entry["Name"] for entry in seaweedfs.client().list_buckets()["Buckets"]}


def test_bucket_that_vanishes_is_told(seaweedfs: S3Server, bucket: str) -> None:
    """A bucket taken away under a running program is named by every reader, never taken for an empty archive.

    (A put is not asked: SeaweedFS makes the bucket anew for an administrator's key.)
    """
    store = open_store(f"s3://{bucket}", s3=seaweedfs.options())
    seaweedfs.client().delete_bucket(Bucket=bucket)
    asks: tuple[Callable[[], object], ...] = (
        lambda: store.get("a"),
        lambda: list(store.list()),
    )
    for ask in asks:
        with pytest.raises(StoreUnreachable, match=f"no bucket '{bucket}'"):
            ask()


def test_bad_bucket_name_is_told(seaweedfs: S3Server) -> None:
    """A name no bucket can have is told as such."""
    for name in ("b1", "no_such_thing!"):
        with pytest.raises(StoreUnreachable, match="cannot be a bucket's name"):
            open_store(f"s3://{name}", s3=seaweedfs.options())


def test_dead_endpoint_answers_quickly() -> None:
    """A port nobody listens on is told within seconds, with the endpoint in the message."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        endpoint = f"http://127.0.0.1:{unused.getsockname()[1]}"
        started = time.monotonic()
        with pytest.raises(StoreUnreachable, match=f"at {endpoint}: no answer"):
            open_store("s3://bucket", s3=S3Options(endpoint=endpoint, access_key="a", secret_key="b"))
        assert time.monotonic() - started < 8


def test_endpoint_that_is_no_url_is_told() -> None:
    """An endpoint without scheme is a configuration error, not an unreachable store."""
    with pytest.raises(ConfigError, match="localhost:9000"):
        open_store("s3://bucket", s3=S3Options(endpoint="localhost:9000", access_key="a", secret_key="b"))


def test_server_rejects_wrong_checksum(seaweedfs: S3Server, bucket: str) -> None:
    """The server does check the digest sent with the bytes, so a confirmed put proves what it holds."""
    open_store(f"s3://{bucket}", s3=seaweedfs.options())
    wrong = b64encode(hashlib.sha256(b"other").digest()).decode()
    with pytest.raises(ClientError, match=r"(?i)digest|checksum"):
        seaweedfs.client().put_object(Bucket=bucket, Key="a", Body=b"bytes", ChecksumSHA256=wrong)
    assert "Contents" not in seaweedfs.client().list_objects_v2(Bucket=bucket)


def test_put_sends_the_digest(seaweedfs: S3Server, bucket: str) -> None:
    """An object put by us carries its SHA-256 on the server."""
    open_store(f"s3://{bucket}/below", s3=seaweedfs.options()).put("a", b"bytes")
    head = seaweedfs.client().head_object(Bucket=bucket, Key="below/a", ChecksumMode="ENABLED")
    assert head["ChecksumSHA256"] == b64encode(hashlib.sha256(b"bytes").digest()).decode()


def test_object_without_checksum_is_compared(seaweedfs: S3Server, bucket: str) -> None:
    """An object another tool put, without a SHA-256, is compared by its bytes, not by its ETag."""
    store = open_store(f"s3://{bucket}", s3=seaweedfs.options())
    seaweedfs.client().put_object(Bucket=bucket, Key="a", Body=b"bytes")
    assert not store.put("a", b"bytes")


def test_prefixes_keep_apart(seaweedfs: S3Server, bucket: str) -> None:
    """Two archives in one bucket do not see each other, and a reopened one is the same."""
    one = open_store(f"s3://{bucket}/one", s3=seaweedfs.options())
    two = open_store(f"s3://{bucket}/one-b/", s3=seaweedfs.options())
    one.put("a", b"1")
    two.put("b", b"2")
    assert (list(one.list()), list(two.list())) == (["a"], ["b"])
    assert list(open_store(two.url, s3=seaweedfs.options()).list()) == ["b"]


class _Forgetful(http.server.BaseHTTPRequestHandler):
    """A server that says yes to every write and keeps nothing (peers.md: one lost writes for weeks)."""

    def do_HEAD(self) -> None:
        self.send_response(200 if self.path.strip("/") == "bucket" else 404)
        self.end_headers()

    def do_PUT(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""


@pytest.fixture
def forgetful() -> Iterator[str]:
    """The endpoint of a server that loses every write."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Forgetful) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_lost_write_is_seen(forgetful: str) -> None:
    """A server that acknowledges a write without keeping it is found out before put returns."""
    for checksums in ("when_supported", "when_required"):
        options = S3Options(endpoint=forgetful, access_key="a", secret_key="b")
        store = open_store("s3://bucket", s3=replace(options, checksums=checksums))
        with pytest.raises(StoreUnreachable, match="loses writes"):
            store.put("a", b"bytes")
