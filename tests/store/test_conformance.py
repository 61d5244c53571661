"""One suite for every store: local directory, memory, and a real S3 server in both checksum modes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from scraper.archive.store import open_store
from tests.store.suite import CHECKS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from scraper.archive.store import Checksums, Store
    from tests.servers import S3Server

pytest_plugins = ["tests.servers"]

STORES = ("local", "memory", "s3", "s3-md5")


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """An empty store of each kind; the server is started only for the kinds that need it."""
    if request.param == "local":
        return open_store(str(tmp_path / "archive"))
    if request.param == "memory":
        return open_store("memory://")
    server: S3Server = request.getfixturevalue("seaweedfs")
    names: Iterator[str] = request.getfixturevalue("bucket_names")
    checksums: Checksums = "when_required" if request.param == "s3-md5" else "when_supported"
    return open_store(f"s3://{next(names)}/some/prefix", s3=replace(server.options(), checksums=checksums))


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_store_conforms(check: Callable[[Store], None], store: Store) -> None:
    """Every store does what the suite's function says."""
    check(store)
