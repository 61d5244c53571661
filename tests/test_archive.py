from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings

from scraper.archive import open_archive, open_store, redact
from scraper.archive.snapshots import snapshot_key
from scraper.errors import RecordCorrupt, SnapshotCorrupt, StoreError, StoreUnreachable
from scraper.model import Capture, Exchange, Failure, Source, Verdict
from tests.archive_exchanges import NOON, answers, exchange, failed, request

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scraper.archive import Archive, Store
    from tests.servers import S3Server

pytest_plugins = ["tests.servers"]

COOKIES = (("Set-Cookie", "session=secret1"), ("set-cookie", "b=secret2"), ("ETag", '"1"'))
ASKED = (
    ("Authorization", "Basic secret3"),
    ("proxy-authorization", "secret4"),
    ("COOKIE", "secret5"),
    ("Accept", "*/*"),
)


def _save(archive: Archive, one: Exchange, seconds: float = 2.0) -> Capture:
    return archive.save(
        one,
        key="example,outlet)/1",
        verdict=Verdict.ARTICLE,
        judge="judge-1",
        config="ab" * 32,
        recorded_at=NOON + timedelta(seconds=seconds),
    )


@pytest.fixture
def store() -> Store:
    """An empty store in memory."""
    return open_store("memory://")


@pytest.fixture
def archive(store: Store) -> Archive:
    """A new archive in memory."""
    return open_archive(store, writable=True)


@pytest.fixture(scope="module", params=["local", "memory", "s3"])
def any_archive(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Archive:
    """An archive in each kind of store, shared by the examples of a law."""
    if request.param == "s3":
        server: S3Server = request.getfixturevalue("seaweedfs")
        names: Iterator[str] = request.getfixturevalue("bucket_names")
        return open_archive(open_store(f"s3://{next(names)}", s3=server.options()), writable=True)
    url = "memory://" if request.param == "memory" else str(tmp_path_factory.mktemp("law"))
    return open_archive(open_store(url), writable=True)


@given(one=answers)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_archived_page_is_the_live_page(any_archive: Archive, one: Exchange) -> None:
    """What is loaded from the archive is the page that arrived, in every kind of store."""
    capture = _save(any_archive, one)
    assert any_archive.load(capture) == one.page()
    assert any_archive.record(capture.record) == capture
    assert capture.page(one.body) == one.page()


def test_body_is_under_its_digest(archive: Archive, store: Store) -> None:
    """The snapshot is named after the body, the record names the snapshot, and nothing else is written."""
    capture = _save(archive, exchange(b"<p>body</p>"))
    assert capture.sha256 == hashlib.sha256(b"<p>body</p>").hexdigest()
    assert capture.size == 11
    assert archive.body(capture.sha256) == b"<p>body</p>"
    assert list(store.list()) == sorted([capture.record, "format.json", snapshot_key(capture.sha256)])


def test_saving_twice_is_harmless(archive: Archive, store: Store) -> None:
    """The same attempt saved again is the same record; the same body at another time shares its snapshot."""
    first = _save(archive, exchange())
    assert _save(archive, exchange()) == first
    later = _save(archive, exchange(), seconds=60)
    assert (later.sha256, later.record) == (first.sha256, later.record)
    assert len(list(store.list())) == 4


@pytest.mark.parametrize("status", [200, 204, 301, 403, 404, 410, 429, 503])
def test_every_answer_keeps_its_body(archive: Archive, status: int) -> None:
    """Bodies of errors and block pages are kept, and an empty body is a body."""
    for body in (b"not here", b""):
        capture = _save(archive, exchange(body, status=status))
        assert capture.kind == "response"
        assert capture.sha256 is not None
        assert archive.body(capture.sha256) == body


def test_not_modified_names_what_it_confirms(archive: Archive) -> None:
    """A 304 has no snapshot and names the capture it confirms; another answer to that request confirms nothing."""
    first = _save(archive, exchange())
    asked = request(confirms=first.record, etag='"1"')
    again = _save(archive, exchange(b"", request=asked, status=304), seconds=60)
    assert (again.sha256, again.confirms, again.kind) == (None, first.record, "response")
    assert archive.load(again).body == b""
    changed = _save(archive, exchange(b"new", request=asked), seconds=120)
    assert changed.confirms is None


@pytest.mark.parametrize("failure", Failure)
def test_every_failure_leaves_a_record(archive: Archive, store: Store, failure: Failure) -> None:
    """An attempt without an answer is a record of kind error, without snapshot, and is no page."""
    capture = _save(archive, failed(failure))
    assert (capture.kind, capture.failure, capture.sha256) == ("error", failure, None)
    assert archive.record(capture.record) == capture
    assert list(store.list("snapshots/")) == []
    with pytest.raises(ValueError, match="no page arrived"):
        archive.load(capture)


def test_bytes_before_a_failure_are_kept(archive: Archive) -> None:
    """What arrived before the connection broke is kept, and marked as not whole."""
    cut = _save(archive, exchange(b"<p>half", failure=Failure.RESET))
    assert (cut.kind, cut.truncated, cut.status) == ("error", "reset", 200)
    assert archive.load(cut).body == b"<p>half"
    told = _save(archive, exchange(b"<p>half", failure=Failure.TOO_LARGE, truncated="length"))
    assert told.truncated == "length"
    nothing = _save(archive, exchange(b"", failure=Failure.TIMEOUT_READ))
    assert (nothing.sha256, nothing.truncated) == (None, None)


def test_credentials_are_never_written(archive: Archive, store: Store) -> None:
    """Values of cookies and authorisations are replaced in the record; everything else of the headers stays."""
    capture = _save(archive, exchange(headers=COOKIES, request_headers=ASKED))
    assert capture.headers == redact(COOKIES)
    assert capture.headers == (("Set-Cookie", "[redacted]"), ("set-cookie", "[redacted]"), ("ETag", '"1"'))
    assert [value for _, value in capture.request_headers] == ["[redacted]"] * 3 + ["*/*"]
    assert not any(b"secret" in store.get(key) for key in store.list())


def test_record_says_all_the_exchange_knew(archive: Archive) -> None:
    """The facts of an exchange and of its request are all in the capture."""
    one = exchange(peer="192.0.2.1:443", vantage="home", content_encoding="gzip", redirected_from="https://a.example/")
    capture = _save(archive, one)
    shared = {"peer", "vantage", "content_encoding", "redirected_from", "wire_size", "http_version", "reason_phrase"}
    assert {name: getattr(capture, name) for name in shared} == {name: getattr(one, name) for name in shared}
    assert (capture.observed_at, capture.started_at) == (one.fetched_at, one.started_at)
    assert (capture.source, capture.role, capture.reason) == ("outlet", one.request.role, one.request.reason)


class _Failing:
    """A store in front of another that refuses the puts of one prefix: a disk that fills up at the worst moment."""

    def __init__(self, behind: Store, prefix: str) -> None:
        self.url = behind.url
        self.get, self.has, self.size, self.list = behind.get, behind.has, behind.size, behind.list
        self.mend = behind.mend
        self._behind, self._prefix = behind, prefix

    def put(self, key: str, data: bytes) -> bool:
        """Refuse the prefix, pass on the rest."""
        if key.startswith(self._prefix):
            raise StoreUnreachable(f"no space for {key}")
        return self._behind.put(key, data)


def test_no_record_without_its_snapshot(store: Store) -> None:
    """Where the body cannot be kept no record is written; where the record cannot, only an orphan body is left."""
    open_archive(store, writable=True)
    for refused, left in (("snapshots/", []), ("captures/", [snapshot_key(hashlib.sha256(b"x").hexdigest())])):
        with pytest.raises(StoreUnreachable, match=refused):
            _save(open_archive(_Failing(store, refused), writable=True), exchange(b"x"))
        assert [key for key in store.list() if key != "format.json"] == left


def test_damaged_snapshot_in_the_way_stops_the_save(archive: Archive, store: Store) -> None:
    """A body whose snapshot is there but damaged is not acknowledged, and the damaged bytes are kept as evidence."""
    key = snapshot_key(hashlib.sha256(b"body").hexdigest())
    store.put(key, b"rubbish")
    with pytest.raises(SnapshotCorrupt, match=key):
        _save(archive, exchange(b"body"))
    assert store.get(f"quarantine/{key}") == b"rubbish"
    assert list(store.list("captures/")) == []


def test_config_is_kept_once(archive: Archive, store: Store) -> None:
    """A declaration is kept byte for byte under its digest."""
    declaration = b'id = "outlet"\n'
    source = Source(
        id="outlet",
        name="Outlet",
        parser="generic",
        language="en",
        timezone="UTC",
        hosts=("outlet.example",),
        articles=("/",),
        declaration=declaration,
    )
    digest = archive.save_config(source)
    assert archive.save_config(source) == digest == hashlib.sha256(declaration).hexdigest()
    assert store.get(f"configs/{digest}.toml") == declaration


def test_new_archive_says_what_it_is(store: Store) -> None:
    """The first thing in an archive is its format, and opening it again changes nothing."""
    open_archive(store, writable=True)
    assert json.loads(store.get("format.json")) == {"format": "scraper-archive", "version": 1, "min_reader": 1}
    open_archive(store, writable=True)
    open_archive(store, writable=False)
    assert list(store.list()) == ["format.json"]


def test_nothing_to_read_is_told(store: Store) -> None:
    """Reading where there is no archive says so, and leaves nothing behind."""
    with pytest.raises(StoreUnreachable, match="no archive at memory://"):
        open_archive(store, writable=False)
    assert list(store.list()) == []


@pytest.mark.parametrize(("min_reader", "may_read"), [(1, True), (2, False)])
def test_newer_format_is_not_written(store: Store, min_reader: int, *, may_read: bool) -> None:
    """An archive of a newer version is never written, and read only where it says that this version may."""
    document = {"format": "scraper-archive", "version": 2, "min_reader": min_reader}
    store.put("format.json", json.dumps(document).encode())
    with pytest.raises(StoreUnreachable, match="format version 2, this program knows 1"):
        open_archive(store, writable=True)
    if may_read:
        assert not open_archive(store, writable=False).writable
    else:
        with pytest.raises(StoreUnreachable, match="upgrade"):
            open_archive(store, writable=False)


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b'{"format":"other","version":1,"min_reader":1}', b"\xff"])
def test_foreign_format_is_refused(store: Store, data: bytes) -> None:
    """A format.json that is not ours is told, not written over."""
    store.put("format.json", data)
    with pytest.raises(RecordCorrupt, match=r"format\.json in memory:// is not that of an archive"):
        open_archive(store, writable=True)


def test_lost_format_is_not_replaced(store: Store) -> None:
    """Objects without a format.json may be of any version: the archive is not begun over them."""
    store.put("captures/outlet/2026/08/22/x.json", b"")
    with pytest.raises(StoreUnreachable, match="restore that file"):
        open_archive(store, writable=True)


def test_reader_cannot_write(archive: Archive, store: Store) -> None:
    """An archive opened for reading refuses to save."""
    _save(archive, exchange())
    reader = open_archive(store, writable=False)
    with pytest.raises(StoreError, match="opened for reading"):
        _save(reader, exchange(b"other"))
    assert len(list(store.list("captures/"))) == 1


def test_captures_come_in_order_and_damage_is_told(archive: Archive, store: Store) -> None:
    """All captures come in the order they were recorded; a damaged record is reported by key and passed over."""
    saved = [_save(archive, exchange(b"%d" % number), seconds=number) for number in (5, 1, 3)]
    other = _save(archive, exchange(request=request(source="another")))
    store.put("captures/outlet/2026/08/22/000000000-0000000000000000.json", b"{}")
    damage: list[str] = []
    read = list(archive.captures(on_damage=lambda key, _: damage.append(key)))
    assert read == [other, *sorted(saved, key=lambda capture: capture.recorded_at)]
    assert damage == ["captures/outlet/2026/08/22/000000000-0000000000000000.json"]
    assert list(archive.captures(on_damage=lambda *_: None, source="another")) == [other]
