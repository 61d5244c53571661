"""Bad input at the command line: one line that names the thing and the remedy, the documented code, an archive as before."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.commands import Ran, scraper
from tests.small_archive import ALONE, Small, assert_refused, small_archive

if TYPE_CHECKING:
    from tests.servers import S3Server

pytest_plugins = ["tests.servers"]

URL = "http://www.kcna.example/en"

REFUSED: dict[str, tuple[str, ...]] = {
    "crawl nobody": ("'nobody'", "scraper sources"),
    "check replica-kcna nobody": ("'nobody'", "scraper sources"),
    "backfill nobody --since 2026-09-01 --until 2026-09-02": ("'nobody'", "scraper sources"),
    "check --since 2026-09-05 --until 2026-09-01": ("2026-09-05", "2026-09-01", "give the earlier day"),
    "backfill replica-rodong --since 2026-09-05 --until 2026-09-01": ("2026-09-05", "give the earlier day"),
    "backfill replica-rodong --since 2026-09-05": ("--until", "needs both"),
    "check --since 05/09/2026": ("--since", "'05/09/2026'", "YYYY-MM-DD"),
    "changes --since yesterday": ("'yesterday'", "YYYY-MM-DD"),
    "crawl --seed http://www.kcna.example/en": ("--seed", "name it"),
    "crawl replica-kcna replica-rodong --seed http://www.kcna.example/en": ("--seed", "name it"),
    "crawl replica-kcna --seed kcna": ("--seed", "'kcna'", "whole address"),
    "crawl replica-kcna --seed http://elsewhere.example/": ("--seed", "elsewhere.example", "www.kcna.example"),
    "crawl replica-kcna --resolve www.kcna.example": ("--resolve", "write HOST"),
    "crawl replica-kcna --proxy ftp://proxy.example": ("--proxy", "ftp://proxy.example", "socks5"),
    "crawl --limit many": ("--limit", "integer", "scraper crawl --help"),
    "fetch kcna": ("'kcna'", "whole address"),
    "show nothing": ("'nothing'", "name one of them"),
    "show 0123456789abcdef": ("0123456789abcdef", "scraper show URL"),
    "show http://www.kcna.example/nothing": ("http://www.kcna.example/nothing", "scraper fetch"),
    "diff nothing": ("'nothing'", "name one of them"),
    f"diff {URL}": (URL, "scraper show"),
    "parse nowhere/page.html": ("nowhere/page.html", "name a file"),
    "parse README.md": ("README.md", "--url URL"),
    f"parse README.md --url {URL} --fetched-at today": ("--fetched-at", "'today'", "2026-08-22T04:05:06Z"),
    f"parse README.md --url {URL} --fetched-at 0001-01-01": ("--fetched-at", "0001-01-01", "see the year"),
    f"parse README.md --url {URL} --fetched-at 9999-12-31T23:59:59-10:00": (
        "--fetched-at",
        "9999-12-31",
        "see the year",
    ),
    f"parse README.md --url {URL} --fetched-at 2026-09-01 --header nonsense": ("'nonsense'", "Name: value"),
    "parse README.md --url http://nobody.example/ --fetched-at 2026-09-01": ("nobody.example", "scraper sources"),
    "crwl": ("'crwl'", "crawl", "scraper --help"),
    "crawl --sed x": ("--sed", "scraper crawl --help"),
    "backfill": ("SOURCE", "scraper backfill --help"),
}
"""Command lines that cannot be meant, and what the one line says of each."""


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Small]:
    """A small archive that all tests here leave as it is."""
    with small_archive(tmp_path_factory.mktemp("base") / "archive") as made:
        yield made


@pytest.fixture(scope="module")
def refusals(base: Small) -> dict[str, Ran]:
    """What came of each of them; some are run at the same time."""
    with ThreadPoolExecutor(4) as threads:
        return dict(zip(REFUSED, threads.map(base.run_line, REFUSED), strict=True))


@pytest.mark.parametrize("line", REFUSED)
def test_a_word_that_cannot_be_meant_is_refused(refusals: dict[str, Ran], line: str) -> None:
    """Every bad argument is named, with what to write instead; exit code 2."""
    assert_refused(refusals[line], 2, *REFUSED[line])


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (("scraper.toml", "schema = 1", "schema = = 1"), ("scraper.toml", "malformed TOML", "line", "mend")),
        (("scraper.toml", "workers = 1", 'workers = "many"'), ("scraper.toml", "workers", "'many'")),
        (("scraper.toml", "workers = 1", "workrs = 1"), ("scraper.toml", "workrs", "workers")),
        (("sources/replica-kcna.toml", "gap = ", "gapp = "), ("replica-kcna.toml", "gapp", "'gap'")),
        (("sources/replica-kcna.toml", 'parser = "kcna"', 'parser = "nobody"'), ("parser", "'nobody'", "use one of")),
        (("sources/replica-kcna.toml", 'id = "replica-kcna"', 'id = "Replica"'), ("kcna.toml", "id", "'Replica'")),
    ],
)
def test_a_configuration_that_cannot_be_used_is_refused(
    base: Small, tmp_path: Path, edit: tuple[str, str, str], words: tuple[str, ...]
) -> None:
    """File and key are named, with the remedy; exit code 2."""
    config = base.config(tmp_path / "config", edit)
    assert_refused(scraper("crawl", "replica-kcna", "--config", config, under=ALONE), 2, *words)


def test_no_configuration_is_refused(tmp_path: Path) -> None:
    """A directory that is not there is named, with the command that makes one."""
    assert_refused(scraper("check", "--config", tmp_path / "none"), 2, str(tmp_path / "none"), "scraper init")


@pytest.mark.parametrize("arguments", [("crawl",), ("run",), ("fetch", "http://1.1.1.1/"), ("recheck",)])
def test_nobody_is_asked_without_a_contact(base: Small, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """Without a contact no other machine is asked: refused before any connection (there is no network here to try)."""
    config = base.config(tmp_path / "config", ("scraper.toml", 'contact = "demo@replica.example"', 'contact = ""'))
    ran = scraper(*arguments, "--resolve", "www.kcna.example=1.1.1.1", "--config", config, under=ALONE)
    assert (ran.code, ran.out) == (2, b"")
    *_log, error = ran.err.splitlines()
    assert error.startswith("error: ")
    assert "contact" in error
    assert "Traceback" not in ran.err


def _s3(endpoint: str, bucket: str, secret: str) -> dict[str, str]:
    return {
        "SCRAPER_STORE": f"s3://{bucket}",
        "SCRAPER_S3_ENDPOINT": endpoint,
        "SCRAPER_S3_ACCESS_KEY": "testkey",
        "SCRAPER_S3_SECRET_KEY": secret,
    }


def test_a_store_that_does_not_answer_is_refused(base: Small) -> None:
    """A closed port is named, with what to check; exit code 3."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        endpoint = f"http://127.0.0.1:{probe.getsockname()[1]}"
    ran = scraper("crawl", "replica-kcna", "--config", base.directory / "config", env=_s3(endpoint, "archive", "x"))
    assert_refused(ran, 3, "s3://archive", endpoint, "check the endpoint")


def test_wrong_credentials_are_refused(base: Small, seaweedfs: S3Server, bucket_names: Iterator[str]) -> None:
    """A real server that refuses the secret key: bucket and remedy are named, the key is not; exit code 3."""
    bucket = next(bucket_names)
    seaweedfs.client().create_bucket(Bucket=bucket)
    for command_ in ("crawl", "check"):
        config = base.directory / "config"
        ran = scraper(command_, "--config", config, env=_s3(seaweedfs.endpoint, bucket, "not-the-secret"))
        assert_refused(ran, 3, f"s3://{bucket}", "credentials refused", "check the access key")
        assert "not-the-secret" not in ran.err


@pytest.mark.parametrize("variable", ["SCRAPER_STORE", "SCRAPER_CATALOGUE"])
def test_a_place_that_is_no_directory_is_refused(base: Small, tmp_path: Path, variable: str) -> None:
    """A store or catalogue below a file is named, with the remedy; exit code 3."""
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    place = f"{'file' if variable == 'SCRAPER_STORE' else 'sqlite'}:///{tmp_path}/file/below".replace(
        "file:////", "file:///"
    )
    assert_refused(base.run("crawl", "replica-kcna", env={variable: place}), 3, "file/below", "director")


def test_a_catalogue_that_is_none_is_refused(base: Small, tmp_path: Path) -> None:
    """A file that is no database is named, with the remedy; exit code 3."""
    (tmp_path / "c.sqlite3").write_text("this is not a database, " * 100, encoding="utf-8")
    assert_refused(
        base.run("check", env={"SCRAPER_CATALOGUE": f"sqlite:///{tmp_path}/c.sqlite3"}), 3, "c.sqlite3", "check"
    )
