"""Roots: what a day's root is over, how they follow each other, and what is late."""

from __future__ import annotations

import hashlib
import json
from datetime import date, datetime, timedelta

import pytest

from scraper.archive import merkle, open_archive, open_store, roots
from scraper.archive.archive import Archive
from scraper.archive.manifests import entries
from scraper.archive.store import Store
from scraper.errors import RecordCorrupt, StoreError
from scraper.model import Capture, Verdict
from tests.archive_exchanges import NOON, exchange, failed, request

DAY = timedelta(days=1)


@pytest.fixture
def store() -> Store:
    """An empty store in memory."""
    return open_store("memory://")


@pytest.fixture
def archive(store: Store) -> Archive:
    """A new archive in that store."""
    return open_archive(store, writable=True)


def save(archive: Archive, at: datetime, source: str = "outlet", *, answered: bool = True) -> Capture:
    """Archive one attempt of a source, an answer or a failure."""
    asked = request(source=source)
    one = exchange(request=asked) if answered else failed(request=asked)
    return archive.save(one, key="k", verdict=Verdict.ARTICLE, judge="1", config=None, recorded_at=at)


def seal(archive: Archive, now: datetime, *sources: str) -> list[str]:
    """Seal some sources (all, where none is named) and the days; the new roots."""
    for source in sources or archive.sources():
        archive.seal(source, now)
    return archive.seal_days(now, no_damage)


def no_damage(key: str, error: StoreError) -> None:
    """Nothing may be damaged."""
    pytest.fail(f"{key}: {error}")


def read(store: Store, key: str) -> roots.Root:
    """The root under a key."""
    return roots.decode(store.get(key), key)


def tree(store: Store, root: roots.Root) -> str:
    """The Merkle root over the records of a root's manifests, made anew."""
    made = merkle.Tree()
    for part in root.parts:
        for _, record in entries(store.get(part.key), part.key):
            made.add(merkle.leaf(record))
    return made.root().hex()


def test_a_root_is_over_every_record_of_the_day(archive: Archive, store: Store) -> None:
    """Every record of every source is under the day's root, those of attempts that failed too."""
    saved = [save(archive, NOON, source, answered=answered) for source in ("one", "two") for answered in (True, False)]
    [key] = seal(archive, NOON + 2 * DAY)
    root = read(store, key)
    assert key == "roots/2026-08-22.jsonl"
    assert (root.day, root.previous, root.records) == (date(2026, 8, 22), None, 4)
    assert root.root == tree(store, root)
    under = {name for part in root.parts for name, _ in entries(store.get(part.key), part.key)}
    assert under == {capture.record for capture in saved} == set(store.list("captures/"))
    assert [hashlib.sha256(store.get(part.key)).hexdigest() for part in root.parts] == [
        part.sha256 for part in root.parts
    ]


def test_each_root_names_the_one_before(archive: Archive, store: Store) -> None:
    """Roots are a chain of digests over days with gaps; the bytes are those docs/archive-format.md shows."""
    for day in (0, 1, 4):
        save(archive, NOON + day * DAY)
    keys = seal(archive, NOON + 2 * DAY) + seal(archive, NOON + 9 * DAY)
    assert [key[6:16] for key in keys] == ["2026-08-22", "2026-08-23", "2026-08-26"]
    digests = [hashlib.sha256(store.get(key)).hexdigest() for key in keys]
    assert [read(store, key).previous for key in keys] == [None, *digests[:-1]]
    header, line = map(json.loads, store.get(keys[1]).splitlines())
    assert set(header) == {"day", "format", "previous", "records", "root"}
    assert set(line) == {"key", "records", "sha256"}


def test_sealing_again_does_nothing(archive: Archive) -> None:
    """A day has one root, however often it is sealed, and none before it is over."""
    save(archive, NOON)
    assert seal(archive, NOON + timedelta(hours=13)) == []
    assert len(seal(archive, NOON + 2 * DAY)) == 1
    assert seal(archive, NOON + 2 * DAY) == seal(archive, NOON + 9 * DAY) == []


def test_a_late_manifest_goes_under_the_next_root(archive: Archive, store: Store) -> None:
    """What is sealed after its day has a root is under the next one, or under one of the last day that is over."""
    save(archive, NOON, "one")
    save(archive, NOON, "two")
    assert seal(archive, NOON + DAY + timedelta(hours=2), "one") == ["roots/2026-08-22.jsonl"]
    assert seal(archive, NOON + DAY + timedelta(hours=3), "two") == []
    [late] = seal(archive, NOON + 3 * DAY, "two")
    assert (late, [part.key for part in read(store, late).parts]) == (
        "roots/2026-08-24.jsonl",
        ["manifests/two/2026-08-22.jsonl"],
    )


def test_an_archive_without_roots_gets_them(archive: Archive, store: Store) -> None:
    """An archive that was sealed before there were roots gets one a day, and reads as before until then."""
    saved = [save(archive, NOON + day * DAY).record for day in range(3)]
    archive.seal("outlet", NOON + 9 * DAY)
    assert not list(store.list("roots/"))
    assert [capture.record for capture in archive.captures(on_damage=no_damage)] == saved
    assert len(archive.seal_days(NOON + 9 * DAY, no_damage)) == 3
    assert [capture.record for capture in archive.captures(on_damage=no_damage)] == saved


def test_the_root_over_a_record_is_found_with_its_path(archive: Archive, store: Store) -> None:
    """Each record of a sealed day leads to its root; one of an open day to none."""
    saved = [save(archive, NOON + timedelta(minutes=number), f"s{number % 3}") for number in range(7)]
    saved.append(save(archive, NOON + DAY))
    seal(archive, NOON + 3 * DAY)
    fresh = save(archive, NOON + 3 * DAY)
    for capture in saved:
        found = roots.over(store, capture.record)
        assert found is not None
        assert found.key == f"roots/{capture.recorded_at:%Y-%m-%d}.jsonl"
        assert found.record == store.get(capture.record)
        assert merkle.follow(merkle.leaf(found.record), found.path).hex() == read(store, found.key).root
    assert roots.over(store, fresh.record) is None


def test_a_damaged_manifest_waits_for_a_later_root(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A manifest that cannot be read is told and left out; restored, it goes under the next root."""
    place = tmp_path_factory.mktemp("archive")
    archive = open_archive(open_store(str(place)), writable=True)
    for source in ("one", "two"):
        save(archive, NOON, source)
        archive.seal(source, NOON + 2 * DAY)
    file = place / "manifests" / "one" / "2026-08-22.jsonl"
    whole = file.read_bytes()
    file.write_bytes(whole.replace(b'\\"status\\":200', b'\\"status\\":404'))
    told: list[str] = []
    [key] = archive.seal_days(NOON + 2 * DAY, lambda key, error: told.append(f"{key} {error}"))
    assert [part.key for part in read(archive.store, key).parts] == ["manifests/two/2026-08-22.jsonl"]
    assert len(told) == 1
    assert told[0].startswith("manifests/one/2026-08-22.jsonl ")
    file.write_bytes(whole)
    [key] = archive.seal_days(NOON + 3 * DAY, no_damage)
    assert [part.key for part in read(archive.store, key).parts] == ["manifests/one/2026-08-22.jsonl"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"records":2', b'"records":3'),
        (b'"day":"2026-08-22"', b'"day":"2026-08-23"'),
        (b'"format":1', b'"format":2'),
        (b'"format":1', b'"format": 1'),
        (b'"root":"', b'"root":"x'),
        (b"manifests/one", b"manifests/zzz"),
        (b'"records":1', b'"records":true'),
        (b'"sha256"', b'"sha255"'),
        (b"\n", b"\r\n"),
        (b'"}\n', b'"}'),
    ],
)
def test_a_damaged_root_is_named(archive: Archive, store: Store, old: bytes, new: bytes) -> None:
    """Whatever is wrong with a root file is an error that names it."""
    for source in ("one", "two"):
        save(archive, NOON, source)
    [key] = seal(archive, NOON + 2 * DAY)
    data = store.get(key)
    assert old in data
    with pytest.raises(RecordCorrupt, match=r"roots/2026-08-22\.jsonl is not a root"):
        roots.decode(data.replace(old, new, 1) if old != b'"}\n' else data.removesuffix(b"\n"), key)
