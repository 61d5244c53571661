"""A store that acknowledges writes and loses them is found the same day, by what the catalogue knows was written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from scraper import app
from scraper.archive.archive import Archive
from scraper.archive.store import Store, open_store
from scraper.jobs.reconcile import reconcile
from scraper.jobs.repair import repair
from scraper.jobs.replicate import replicate
from tests.commands import scraper
from tests.story_archive import KCNA, Story, q_page, story

if TYPE_CHECKING:
    from tests.servers import S3Server

pytest_plugins = ["tests.servers"]


class Losing:
    """A store in front of another that acknowledges every third write below a prefix and passes it on to nobody."""

    def __init__(self, behind: Store, prefix: str) -> None:
        self.url = behind.url
        self.get, self.has, self.size, self.list = behind.get, behind.has, behind.size, behind.list
        self.mend = behind.mend
        self.lost: list[str] = []
        self._behind, self._prefix = behind, prefix
        self._writes = 0

    def put(self, key: str, data: bytes) -> bool:
        """As a server does whose cache is never written out."""
        if key.startswith(self._prefix):
            self._writes += 1
            if self._writes % 3 == 0:
                self.lost.append(key)
                return True
        return self._behind.put(key, data)


@pytest.fixture
def told(tmp_path: Path) -> Iterator[Story]:
    """An empty archive."""
    with story(tmp_path) as begun:
        yield begun


def days(told: Story, store: Store, number: int) -> None:
    """So many pages archived in a store, one every two hours."""
    told.services = replace(told.services, archive=Archive(store=store, writable=True))
    for page in range(number):
        told.answer(f"{KCNA}/q/{page:032x}.kcmsf", q_page(f"Page {page}", f"Text {page}."), days=1 / 12)


def lost(told: Story) -> set[str]:
    """What a reconciliation finds lost."""
    return {finding.subject for finding in reconcile(told.services).findings}


def test_nothing_is_lost_in_a_good_store(told: Story) -> None:
    """Every record and body of the last two days (to the second) is looked for and found; older ones are not asked for."""
    days(told, told.services.archive.store, 36)
    report = reconcile(told.services)
    assert dict(report.counts) == {"records": 25, "bodies": 25, "lost": 0}
    assert report.exit_code() == 0
    assert dict(reconcile(told.services, timedelta(days=9)).counts)["records"] == 36


@pytest.mark.parametrize("prefix", ["snapshots/", "captures/", ""])
def test_lost_writes_are_found_the_same_day(told: Story, prefix: str) -> None:
    """Whatever was acknowledged and not kept is named, and nothing else; the exit code is that of damage."""
    store = Losing(told.services.archive.store, prefix)
    days(told, store, 12)
    assert store.lost
    assert lost(told) == set(store.lost)
    assert reconcile(told.services).exit_code() == 4


def test_lost_writes_of_a_server_are_found(told: Story, seaweedfs: S3Server, bucket_names: Iterator[str]) -> None:
    """The same in front of a real S3 server."""
    bucket = open_store(f"s3://{next(bucket_names)}", s3=seaweedfs.options())
    store = Losing(bucket, "")
    days(told, store, 6)
    assert store.lost
    assert lost(told) == set(store.lost)


def test_what_was_lost_comes_back_from_the_replica(told: Story, tmp_path: Path) -> None:
    """Objects that a replica got before the store lost them are put back, and the command line ends clean."""
    days(told, told.services.archive.store, 4)
    settings = replace(told.services.config.settings, replica=(tmp_path / "copy").as_uri())
    replica = app.replica(replace(told.services.config, settings=settings))
    assert replica is not None
    replicate(told.services, replica)
    gone = [
        told.captures[1].record,
        f"snapshots/sha256/{(told.captures[2].sha256 or '')[:2]}/{told.captures[2].sha256}.zst",
    ]
    for key in gone:
        (tmp_path / "store" / key).unlink()
    assert lost(told) == set(gone)
    assert dict(repair(told.services, replica, gone).counts)["repaired"] == 2
    assert lost(told) == set()


def test_the_command_looks_as_far_back_as_it_is_told(told: Story) -> None:
    """From the command line: what is older than the time given is not asked for."""
    days(told, told.services.archive.store, 2)
    (Path(told.services.archive.store.url.removeprefix("file://")) / told.captures[0].record).unlink()
    for wrong in ("soon", "99999999d"):
        assert scraper("reconcile", "--within", wrong, "--config", told.config).code == 2
    found = scraper("reconcile", "--within", "9000d", "--json", "--config", told.config)
    assert found.code == 4
    assert [finding["subject"] for finding in found.report["findings"]] == [told.captures[0].record]
    assert scraper("reconcile", "--within", "1s", "--config", told.config).code == 0
