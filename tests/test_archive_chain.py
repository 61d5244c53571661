"""The chain: an untouched bucket fits, and whatever is changed, cut, swapped or taken away is found and named."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scraper.archive import open_archive, open_store, timestamps
from scraper.archive.chain import Chain
from scraper.archive.snapshots import compress
from scraper.archive.timestamps import Certificates
from scraper.demo.clock import SteppedClock
from scraper.jobs.verify_chain import verify_chain
from scraper.model import Finding, Severity
from tests.archive_exchanges import NOON
from tests.sealed_archive import DAY, DAYS, NAMES, fail, record, sealed_archive
from tests.timestamp_authority import TimestampAuthority

if TYPE_CHECKING:
    from tests.servers import S3Server

pytest_plugins = ["tests.servers"]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TimestampAuthority]:
    """Who timestamped the archive."""
    with TimestampAuthority(tmp_path_factory.mktemp("authority")) as made:
        yield made


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, authority: TimestampAuthority) -> Path:
    """The directory of an archive that every test leaves as it is."""
    directory = tmp_path_factory.mktemp("archive")
    sealed_archive(directory, authority)
    return directory


def check(place: Path, since: date | None = None, trust: Certificates = ()) -> tuple[list[Finding], dict[str, int]]:
    """What does not fit, and how much was checked, with every body read."""
    steps: list[tuple[int, int]] = []
    chain = Chain(
        open_store(str(place)), since=since, trust=trust, read_data=True, tell=lambda *step: steps.append(step[:2])
    )
    findings = list(chain.findings())
    assert all(done <= total for done, total in steps)
    assert all(finding.repair for finding in findings if finding.severity is Severity.DAMAGED)
    return findings, dict(chain.counts)


def named(findings: list[Finding]) -> str:
    """Everything that is named by some findings."""
    return "\n".join(f"{one.subject} {one.reason} {one.evidence}" for one in findings)


def objects(place: Path) -> list[Path]:
    """Every object of a local archive."""
    return sorted(file for file in place.rglob("*") if file.is_file())


@contextmanager
def changed(file: Path, data: bytes | None) -> Iterator[None]:
    """The archive with one object changed, or taken away."""
    whole = file.read_bytes()
    if data is None:
        file.unlink()
    else:
        file.write_bytes(data)
    yield
    file.write_bytes(whole)


def test_an_untouched_archive_fits(place: Path, authority: TimestampAuthority) -> None:
    """Nothing is found where nothing was touched, and all there is was checked, also against the authority's own root."""
    findings, counts = check(place)
    assert findings == []
    assert counts == {
        "declarations": len(NAMES),
        "timestamps": 2,
        "roots": DAYS - 1,
        "manifests": len(NAMES) * (DAYS - 1),
        "records": 4 * len(NAMES) * DAYS,
        "records not sealed": 4 * len(NAMES),
        "snapshots": len(list((place / "snapshots").rglob("*.zst"))),
    }
    assert check(place, trust=timestamps.pem(authority.root.read_bytes()))[0] == []


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_one_flipped_byte_anywhere_is_found_and_named(place: Path, data: st.DataObject) -> None:
    """Any byte of any object, changed to any other: the object is named, and by the first finding."""
    file = data.draw(st.sampled_from(objects(place)))
    whole = bytearray(file.read_bytes())
    at = data.draw(st.integers(0, len(whole) - 1))
    whole[at] ^= data.draw(st.integers(1, 255))
    with changed(file, bytes(whole)):
        findings, _ = check(place)
    key = file.relative_to(place).as_posix()
    assert findings
    assert key in named(findings[:1]), named(findings)
    if not key.startswith("snapshots/"):
        assert findings[0].severity is Severity.DAMAGED


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_cut_object_is_found_and_named(place: Path, data: st.DataObject) -> None:
    """An object cut at any byte, or with bytes after its end, is named."""
    file = data.draw(st.sampled_from(objects(place)))
    whole = file.read_bytes()
    cut = data.draw(st.integers(0, len(whole) - 1).map(lambda at: whole[:at]) | st.just(whole + b"\n"))
    with changed(file, cut):
        findings, _ = check(place)
    assert file.relative_to(place).as_posix() in named(findings), named(findings)


def test_a_record_changed_inside_its_manifest_is_named(place: Path) -> None:
    """The first finding names the record and the manifest, what follows from it comes after, and its own file is not blamed."""
    file = place / "manifests" / "two" / "2026-08-23.jsonl"
    with changed(file, file.read_bytes().replace(b'\\"status\\":404', b'\\"status\\":200')):
        findings, _ = check(place)
        report = verify_chain(open_store(str(place)), SteppedClock(NOON), lambda _step: None)
    key = file.relative_to(place).as_posix()
    assert [(one.kind, one.subject) for one in findings] == [
        ("manifest-damaged", key),
        ("chain-broken", "manifests/two/2026-08-24.jsonl"),
    ]
    assert report.notes == (f"the first that does not fit: {findings[0].evidence} in {key}",)
    assert (findings[0].evidence or "").startswith("captures/two/2026/08/23/")
    assert report.exit_code() == 4


def test_damaged_certificates_are_named_and_not_their_token(place: Path) -> None:
    """Where the certificates of a token were changed, they are what does not fit."""
    for file in sorted((place / "timestamps").rglob("*.pem")):
        with changed(file, file.read_bytes()[1:]):
            [finding] = check(place)[0]
        assert (finding.kind, finding.subject) == ("timestamp-damaged", file.relative_to(place).as_posix())


GONE = {
    "format.json": "format-damaged",
    "manifests/one/2026-08-23.jsonl": "manifest-missing",
    "roots/2026-08-22.jsonl": "root-missing",
    "roots/2026-08-23.jsonl": "chain-broken",
    "roots/2026-08-24.jsonl": "root-missing",
}


@pytest.mark.parametrize("key", GONE)
def test_a_missing_object_is_found(place: Path, key: str) -> None:
    """What was sealed cannot be taken away unseen: the manifest, the root, the timestamp that is over it say so."""
    with changed(place / key, None):
        findings, _ = check(place)
    assert findings[0].kind == GONE[key]
    assert key in named(findings) or findings[0].kind == "chain-broken"


def test_a_bucket_on_a_server_is_checked_in_the_same_way(
    place: Path, seaweedfs: S3Server, bucket_names: Iterator[str]
) -> None:
    """Read from an S3 server, several objects at a time, the archive fits, and what does not is named."""
    store = open_store(f"s3://{next(bucket_names)}/archive", s3=seaweedfs.options())
    broken = min((place / "captures" / "two").rglob("*.json"))
    for file in objects(place):
        data = file.read_bytes()
        store.put(file.relative_to(place).as_posix(), data + b" " if file == broken else data)
    chain = Chain(store, since=None, read_data=True, tell=lambda *_step: None)
    [damaged] = chain.findings()
    assert (damaged.kind, damaged.subject) == ("record-damaged", broken.relative_to(place).as_posix())
    assert dict(chain.counts) == check(place)[1]


def test_a_missing_record_or_body_is_found(place: Path) -> None:
    """A sealed record whose own file is gone, and a body that a record names, are each named."""
    record_file = min((place / "captures" / "one" / "2026" / "08" / "22").iterdir())
    body = min((place / "snapshots").rglob("*.zst"))
    for file, kind in ((record_file, "record-missing"), (body, "snapshot-missing")):
        with changed(file, None):
            findings, _ = check(place)
        assert {one.kind for one in findings} == {kind}
        assert {one.subject for one in findings} == {file.relative_to(place).as_posix()}


def test_a_rewritten_history_is_found(place: Path, tmp_path: Path) -> None:
    """Who makes a day anew, with manifests and roots that fit each other, cannot make the timestamps over it."""
    forged = tmp_path / "forged"
    archive = sealed_archive(forged)
    record(archive, "one", 0, 5)
    shutil.rmtree(forged / "manifests")
    shutil.rmtree(forged / "roots")
    again = open_archive(open_store(str(forged)), writable=True)
    for name in NAMES:
        again.seal(name, NOON + 3 * DAY)
    again.seal_days(NOON + 3 * DAY, fail)
    assert check(forged)[0] == []
    shutil.copytree(place / "timestamps", forged / "timestamps")
    findings, _ = check(forged)
    assert [(one.kind, one.subject) for one in findings] == [
        ("root-damaged", "roots/2026-08-22.jsonl"),
        ("root-damaged", "roots/2026-08-24.jsonl"),
    ]


def test_a_timestamp_by_somebody_else_is_found(place: Path, tmp_path: Path) -> None:
    """With `trust`, a token counts only where it leads to that root, whatever is kept beside it."""
    with TimestampAuthority(tmp_path / "other") as other:
        findings, _ = check(place, trust=timestamps.pem(other.root.read_bytes()))
    assert {one.kind for one in findings} == {"timestamp-damaged"}
    assert len(findings) == 2


def test_since_leaves_out_what_is_older(place: Path) -> None:
    """Days before `since` are not looked at, but the first day that is must follow the one before it."""
    since = date(2026, 8, 24)
    findings, counts = check(place, since)
    assert findings == []
    assert (counts["roots"], counts["timestamps"], counts["records"]) == (1, 1, 24)
    old = min((place / "captures" / "one" / "2026" / "08" / "22").iterdir())
    with changed(old, b"{}\n"):
        assert check(place, since)[0] == []
        assert check(place)[0] != []
    before = place / "roots" / "2026-08-23.jsonl"
    with changed(before, before.read_bytes() + b"\n"):
        [broken] = check(place, since)[0]
    assert (broken.kind, broken.subject) == ("chain-broken", "roots/2026-08-24.jsonl")


def test_a_body_packed_otherwise_is_a_note(place: Path) -> None:
    """A body that another compressor packed is what its name says: it is told, and is no damage."""
    file = min((place / "snapshots").rglob("*.zst"))
    body = zstandard.ZstdDecompressor().decompress(file.read_bytes())
    with changed(file, zstandard.ZstdCompressor(level=19, write_checksum=False).compress(body)):
        [note] = check(place)[0]
    assert (note.kind, note.severity) == ("snapshot-repacked", Severity.NOTE)
    assert note.subject == file.relative_to(place).as_posix()
    with changed(file, compress(body + b" ")):
        [damage] = check(place)[0]
    assert damage.kind == "snapshot-corrupt"


def test_an_archive_without_roots_fits(tmp_path: Path) -> None:
    """An archive from before there were roots is checked by its manifests and names."""
    sealed_archive(tmp_path)
    shutil.rmtree(tmp_path / "roots")
    findings, counts = check(tmp_path)
    assert findings == []
    assert counts["manifests under no root"] == counts["manifests"] == len(NAMES) * (DAYS - 1)
