from __future__ import annotations

import hashlib
import json
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from scraper.archive import open_archive, open_store
from scraper.archive.manifests import Sealed, entries, manifest_key, seal
from scraper.errors import RecordCorrupt, SnapshotMissing
from scraper.model import Capture, Exchange, Verdict
from tests.archive_exchanges import NOON, exchange, failed, request

if TYPE_CHECKING:
    from scraper.archive import Archive, Store

DAY = timedelta(days=1)
MIDNIGHT = NOON.replace(hour=0, minute=0, second=0, microsecond=0)


class _Counting:
    """A store in front of another that counts what is read one object at a time."""

    def __init__(self, behind: Store) -> None:
        self.url = behind.url
        self.put, self.has, self.size, self.list = behind.put, behind.has, behind.size, behind.list
        self.mend = behind.mend
        self._behind = behind
        self.read: list[str] = []

    def get(self, key: str) -> bytes:
        """Read and count."""
        self.read.append(key)
        return self._behind.get(key)


@pytest.fixture
def store() -> _Counting:
    """An empty store in memory that counts reads."""
    return _Counting(open_store("memory://"))


@pytest.fixture
def archive(store: _Counting) -> Archive:
    """A new archive in that store."""
    return open_archive(store, writable=True)


def _save(archive: Archive, at: datetime, one: Exchange | None = None) -> Capture:
    return archive.save(one or exchange(), key="k", verdict=Verdict.ARTICLE, judge="1", config=None, recorded_at=at)


def _all(archive: Archive, source: str | None = None) -> list[Capture]:
    """Every capture, where none is damaged."""

    def fail(key: str, error: Exception) -> None:
        pytest.fail(f"{key}: {error}")

    return list(archive.captures(on_damage=fail, source=source))


def _header(store: Store, key: str) -> dict[str, Any]:
    header: dict[str, Any] = json.loads(store.get(key).split(b"\n")[0])
    return header


def test_manifest_holds_the_day_whole(archive: Archive, store: Store) -> None:
    """A manifest says what it is, and holds every record of the day byte for byte, failures too, in key order."""
    later = _save(archive, NOON + timedelta(hours=1), failed())
    first = _save(archive, NOON)
    _save(archive, NOON, exchange(request=request(source="other")))
    [key] = archive.seal("outlet", NOON + 2 * DAY)
    assert key == manifest_key("outlet", date(2026, 8, 22)) == "manifests/outlet/2026-08-22.jsonl"
    assert _header(store, key) == {"format": 1, "source": "outlet", "day": "2026-08-22", "previous": None, "records": 2}
    held = list(entries(store.get(key), key))
    assert held == [(capture.record, store.get(capture.record)) for capture in (first, later)]


@pytest.mark.parametrize(("hours", "due"), [(1.99, False), (2, True)])
def test_day_is_sealed_two_hours_after_its_end(archive: Archive, hours: float, *, due: bool) -> None:
    """A day is open until two hours after its last second, and today is never sealed."""
    _save(archive, NOON)
    _save(archive, NOON + DAY)
    written = archive.seal("outlet", MIDNIGHT + DAY + timedelta(hours=hours))
    assert written == ([manifest_key("outlet", date(2026, 8, 22))] if due else [])


def test_each_manifest_names_the_one_before(archive: Archive, store: Store) -> None:
    """Manifests of a source are a chain of digests over days with gaps, however they were sealed."""
    for day in (0, 1, 4):
        _save(archive, NOON + day * DAY)
    keys = archive.seal("outlet", NOON + 2 * DAY) + archive.seal("outlet", NOON + 9 * DAY)
    assert [key[-16:-6] for key in keys] == ["2026-08-22", "2026-08-23", "2026-08-26"]
    digests = [hashlib.sha256(store.get(key)).hexdigest() for key in keys]
    assert [_header(store, key)["previous"] for key in keys] == [None, *digests[:-1]]


def test_sealing_again_does_nothing(archive: Archive, store: Store) -> None:
    """Sealing is deterministic and idempotent, whether in one step or day by day."""
    other = open_store("memory://")
    for one in (archive, open_archive(other, writable=True)):
        for day in range(3):
            _save(one, NOON + day * DAY)
    archive.seal("outlet", NOON + 9 * DAY)
    for day in range(9):
        seal(other, "outlet", NOON + day * DAY)
    assert archive.seal("outlet", NOON + 9 * DAY) == []
    assert {key: store.get(key) for key in store.list()} == {key: other.get(key) for key in other.list()}


def test_a_sealed_day_costs_no_reading(archive: Archive, store: _Counting) -> None:
    """The daemon seals every hour: until another day has ended no manifest is read, however many there are."""
    for day in range(3):
        _save(archive, NOON + day * DAY)
    assert len(archive.seal("outlet", NOON + 3 * DAY)) == 3
    _save(archive, NOON + 3 * DAY)
    store.read.clear()
    assert archive.seal("outlet", NOON + 3 * DAY + timedelta(hours=13)) == []
    assert store.read == []
    assert len(archive.seal("outlet", NOON + 3 * DAY + timedelta(hours=14))) == 1


def test_late_record_goes_into_the_next_manifest(archive: Archive, store: Store) -> None:
    """A record of a day already sealed is sealed with the next one, under its own key and date."""
    _save(archive, NOON)
    archive.seal("outlet", NOON + 2 * DAY)
    late = _save(archive, NOON + timedelta(hours=3))
    _save(archive, NOON + 2 * DAY)
    assert [capture.record for capture in _all(archive)].count(late.record) == 1
    [key] = archive.seal("outlet", NOON + 4 * DAY)
    assert _header(store, key)["day"] == "2026-08-24"
    assert next(name for name, _ in entries(store.get(key), key)) == late.record
    assert len(_all(archive)) == len({capture.record for capture in _all(archive)}) == 3


def test_late_record_does_not_wait_for_news(archive: Archive, store: Store) -> None:
    """A late record of a source that fell silent is sealed with the last day that is due."""
    _save(archive, NOON)
    archive.seal("outlet", NOON + 2 * DAY)
    _save(archive, NOON + timedelta(hours=3))
    assert archive.seal("outlet", NOON + DAY + timedelta(hours=13)) == []
    [key] = archive.seal("outlet", NOON + 4 * DAY)
    assert (_header(store, key)["day"], _header(store, key)["records"]) == ("2026-08-25", 1)
    assert archive.seal("outlet", NOON + 9 * DAY) == []


def test_sealed_records_are_not_read_one_by_one(archive: Archive, store: _Counting) -> None:
    """Reading a sealed day costs one request, and only the records in no manifest are read by themselves."""
    for hour in range(5):
        _save(archive, NOON + timedelta(hours=hour))
    before = _all(archive)
    [key] = archive.seal("outlet", NOON + 2 * DAY)
    loose = _save(archive, NOON + 3 * DAY)
    store.read.clear()
    assert _all(archive) == [*before, loose]
    assert store.read == [key, loose.record]


def test_order_is_that_of_record_keys(archive: Archive) -> None:
    """Captures of each source come in the order of their record keys, sealed days first."""
    for source in ("kcna", "kcna-w"):
        for hour in (30, 3, 60, 1):
            _save(archive, NOON + timedelta(hours=hour), exchange(request=request(source=source)))
        archive.seal(source, NOON + 2 * DAY)
    for source in ("kcna", "kcna-w"):
        keys = [capture.record for capture in _all(archive) if capture.source == source]
        assert keys == sorted(keys)
        assert keys == [capture.record for capture in _all(archive, source)]
        assert len(keys) == 4


def _rewritten(store: Store, key: str, data: bytes) -> Store:
    """A copy of the store in which one object has other bytes."""
    copy = open_store("memory://")
    for name in store.list():
        copy.put(name, data if name == key else store.get(name))
    return copy


def _read_with_damage(store: Store) -> tuple[list[Capture], list[str]]:
    """What can be read of an archive, and the keys that were reported as damaged."""
    damage: list[str] = []
    read = list(open_archive(store, writable=False).captures(on_damage=lambda key, _: damage.append(key)))
    return read, damage


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"https://", b"https:!!"),
        (b'"records":3', b'"records":4'),
        (b'"format":1,"pre', b'"format":2,"pre'),
        (b'{"day"', b"{day"),
        (b'{"key":"captures/', b'{"key":"capture_/'),
    ],
)
def test_damaged_manifest_falls_back_to_the_records(
    archive: Archive, store: Store, before: bytes, after: bytes
) -> None:
    """A damaged manifest is reported by key, and its records are read from their own files: none is lost."""
    saved = [_save(archive, NOON + timedelta(hours=hour)) for hour in range(3)]
    [key] = archive.seal("outlet", NOON + 2 * DAY)
    assert before in store.get(key)
    read, damage = _read_with_damage(_rewritten(store, key, store.get(key).replace(before, after, 1)))
    assert damage == [key]
    assert sorted(capture.record for capture in read) == [capture.record for capture in saved]


def test_cut_manifest_falls_back_to_the_records(archive: Archive, store: Store) -> None:
    """A manifest cut anywhere is noticed, and nothing is read twice or lost."""
    saved = [_save(archive, NOON + timedelta(hours=hour)) for hour in range(3)]
    [key] = archive.seal("outlet", NOON + 2 * DAY)
    whole = store.get(key)
    for length in range(0, len(whole), 97):
        read, damage = _read_with_damage(_rewritten(store, key, whole[:length]))
        assert damage == [key]
        assert sorted(capture.record for capture in read) == [capture.record for capture in saved]


def test_sealed_record_survives_the_loss_of_its_file(archive: Archive, store: Store) -> None:
    """A record whose own file is damaged is read from its manifest."""
    saved = _save(archive, NOON)
    archive.seal("outlet", NOON + 2 * DAY)
    copy = open_archive(_rewritten(store, saved.record, b"rubbish"), writable=False)
    assert _all(copy) == [saved]


def test_damaged_record_is_not_sealed(archive: Archive, store: Store) -> None:
    """A record that does not hash is left out of the manifest, and a day with nothing else gets none."""
    saved = _save(archive, NOON)
    copy = _rewritten(store, saved.record, b"rubbish")
    assert seal(copy, "outlet", NOON + 2 * DAY) == []
    copy.put("captures/outlet/2026/08/22/note.txt", b"a stray file")
    copy.put("captures/outlet/2026/99/99/120000123-0123456789abcdef.json", b"{}")
    assert seal(copy, "outlet", NOON + 2 * DAY) == []


def test_sealing_stops_at_a_damaged_chain(archive: Archive, store: Store) -> None:
    """No manifest is chained to one that cannot be read."""
    _save(archive, NOON)
    [key] = archive.seal("outlet", NOON + 2 * DAY)
    _save(archive, NOON + 3 * DAY)
    with pytest.raises(RecordCorrupt, match=key):
        seal(_rewritten(store, key, b"rubbish"), "outlet", NOON + 9 * DAY)
    copy = _rewritten(store, "", b"")
    copy.put("manifests/outlet/readme.jsonl", store.get(key))
    with pytest.raises(RecordCorrupt, match=r"readme\.jsonl is not the name of a manifest"):
        seal(copy, "outlet", NOON + 9 * DAY)


def test_million_sealed_records_are_known_in_little_memory() -> None:
    """What is sealed is known by eight bytes a record, and only true record keys are taken."""
    sealed = Sealed()
    name = "captures/outlet/2026/08/22/120000123-{:016x}.json".format
    for number in range(1000):
        sealed.add(name(number))
    assert list(sealed.loose([name(999), name(1000), name(5).replace("outlet", "other")])) == [
        name(1000),
        name(5).replace("outlet", "other"),
    ]
    with pytest.raises(ValueError, match="not a record key"):
        sealed.add("captures/outlet/2026/08/22/x.json")


def test_missing_manifest_is_told() -> None:
    """Reading what is not there is an error that names it."""
    with pytest.raises(SnapshotMissing, match="2026-08-22"):
        open_store("memory://").get(manifest_key("outlet", date(2026, 8, 22)))
