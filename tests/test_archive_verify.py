from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from scraper.archive import open_archive, open_store, verify
from scraper.archive.snapshots import compress, snapshot_key
from scraper.errors import StoreUnreachable
from scraper.model import Capture, Exchange, Failure, Severity, Verdict
from tests.archive_exchanges import NOON, exchange, failed, request

if TYPE_CHECKING:
    from scraper.archive import Archive, Store
    from scraper.model import Finding


@pytest.fixture
def store() -> Store:
    """An empty store in memory."""
    return open_store("memory://")


@pytest.fixture
def archive(store: Store) -> Archive:
    """A new archive in it."""
    return open_archive(store, writable=True)


def _save(archive: Archive, one: Exchange, seconds: float = 0) -> Capture:
    at = NOON + timedelta(seconds=seconds)
    return archive.save(one, key="k", verdict=Verdict.ARTICLE, judge="1", config=None, recorded_at=at)


def _changed(store: Store, key: str, data: bytes | None) -> Archive:
    """The archive after somebody changed one object behind our back, or took it away."""
    copy = open_store("memory://")
    for name in store.list():
        held = data if name == key else store.get(name)
        if held is not None:
            copy.put(name, held)
    return open_archive(copy, writable=False)


def _told(findings: list[Finding]) -> list[tuple[str, Severity, str, str | None]]:
    return [(finding.kind, finding.severity, finding.subject, finding.evidence) for finding in findings]


def test_whole_archive_has_no_findings(archive: Archive) -> None:
    """An archive as it was written is clean, in its bytes too, with failures and confirmations in it."""
    first = _save(archive, exchange(b"a"))
    _save(archive, exchange(b"", status=304, request=request(confirms=first.record)), 1)
    _save(archive, exchange(b"a"), 2)
    _save(archive, failed(), 3)
    assert list(verify(archive, read_data=True)) == []
    archive.seal("outlet", NOON + timedelta(days=3))
    assert list(verify(archive, read_data=True)) == []


def test_missing_snapshot_is_found_once(archive: Archive, store: Store) -> None:
    """A body that is gone is one finding, with the first record that needs it."""
    saved = [_save(archive, exchange(b"a"), seconds) for seconds in (1, 2)]
    key = snapshot_key(saved[0].sha256 or "")
    [finding] = verify(_changed(store, key, None))
    assert _told([finding]) == [("snapshot-missing", Severity.DAMAGED, key, saved[0].record)]
    assert (finding.source, "\n" in finding.reason) == ("outlet", False)
    assert finding.repair


@pytest.mark.parametrize("data", [b"", b"rubbish", compress(b"other"), compress(b"a")[:-2]])
def test_corrupt_snapshot_is_found_by_reading(archive: Archive, store: Store, data: bytes) -> None:
    """A body that is not what its name says is found when the bytes are read, and only then."""
    saved = _save(archive, exchange(b"a"))
    changed = _changed(store, snapshot_key(saved.sha256 or ""), data)
    assert list(verify(changed)) == []
    findings = list(verify(changed, read_data=True))
    expected = ("snapshot-corrupt", Severity.DAMAGED, snapshot_key(saved.sha256 or ""), saved.record)
    assert _told(findings) == [expected]


def test_damaged_record_is_found(archive: Archive, store: Store) -> None:
    """A record that does not hash is a finding under its key; the body it named is then an orphan."""
    good, bad = _save(archive, exchange(b"a"), 1), _save(archive, exchange(b"b"), 2)
    changed = _changed(store, bad.record, store.get(bad.record).replace(b"200", b"404"))
    assert _told(list(verify(changed))) == [
        ("record-damaged", Severity.DAMAGED, bad.record, None),
        ("snapshot-orphan", Severity.NOTE, snapshot_key(bad.sha256 or ""), None),
    ]
    assert good.record not in {finding.subject for finding in verify(changed)}


def test_orphan_is_only_a_note(archive: Archive, store: Store) -> None:
    """A body without record, as a crash leaves it, is noted; a damaged one is told as damaged when read."""
    _save(archive, exchange(b"a"))
    orphan = snapshot_key(hashlib.sha256(b"orphan").hexdigest())
    store.put(orphan, compress(b"orphan"))
    assert _told(list(verify(archive, read_data=True))) == [("snapshot-orphan", Severity.NOTE, orphan, None)]
    changed = _changed(store, orphan, b"rubbish")
    assert [finding.kind for finding in verify(changed, read_data=True)] == ["snapshot-corrupt"]


def test_one_source_can_be_looked_at_alone(archive: Archive, store: Store) -> None:
    """With one source given, neither the damage of others nor their bodies are reported."""
    _save(archive, exchange(b"a"))
    other = _save(archive, exchange(b"b", request=request(source="other")))
    changed = _changed(store, snapshot_key(other.sha256 or ""), None)
    assert list(verify(changed, source="outlet", read_data=True)) == []
    assert [finding.source for finding in verify(changed, source="other")] == ["other"]


def test_truncated_page_is_noted(archive: Archive) -> None:
    """A page of which only the beginning came is a note, not damage."""
    cut = _save(archive, exchange(b"<p>half", failure=Failure.RESET))
    assert _told(list(verify(archive))) == [("capture-truncated", Severity.NOTE, cut.record, cut.record)]


def test_damaged_manifest_is_found(archive: Archive, store: Store) -> None:
    """A damaged manifest is a finding of its source."""
    _save(archive, exchange(b"a"))
    [key] = archive.seal("outlet", NOON + timedelta(days=3))
    [finding] = verify(_changed(store, key, b"rubbish"))
    assert (finding.kind, finding.source, finding.subject) == ("record-damaged", "outlet", key)


class _Dead:
    """A store whose server went away after it was opened."""

    def __init__(self, behind: Store) -> None:
        self.url = behind.url
        self.put, self.has, self.size, self.list = behind.put, behind.has, behind.size, behind.list
        self.mend = behind.mend
        self._get = behind.get

    def get(self, key: str) -> bytes:
        """Answer for the format, then no more."""
        if key == "format.json":
            return self._get(key)
        raise StoreUnreachable("no answer")


def test_unreachable_store_is_not_damage(archive: Archive, store: Store) -> None:
    """A store that stops answering stops the verification; nothing is called damaged for it."""
    _save(archive, exchange(b"a"))
    with pytest.raises(StoreUnreachable):
        list(verify(open_archive(_Dead(store), writable=False), read_data=True))
