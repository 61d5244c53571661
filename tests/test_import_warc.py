"""`scraper import warc`: what others captured becomes captures of ours, once, whatever is damaged or killed on the way."""

from __future__ import annotations

import random
import signal
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scraper.archive import open_archive, open_store, warc
from scraper.archive.warc_records import Passed
from scraper.jobs.copies import sha1_name
from scraper.model import Capture, Channel, Verdict
from tests.commands import Running, scraper
from tests.fast_outlet import article_page, article_url, configure, day_url, days, list_page
from tests.outside import Outside
from tests.warc_files import HTML, WarcFile, chunked, packed

NOWHERE = "127.0.0.1:9"
SERIALS = [f"2026-01-0{day}-001" for day in range(1, 8)]


def archive_at(directory: Path) -> Outside:
    """A configured archive with nothing in it; its outlet is at an address where nobody listens."""
    return Outside(config=configure(directory, NOWHERE))


def imported(archive: Outside, *arguments: str | Path) -> dict[str, int]:
    """Run the import, and say its counts."""
    ran = scraper("import", "warc", *arguments, "--config", archive.config, "--json")
    assert ran.code == 0, ran.err + ran.text
    return dict(ran.report["counts"])


def body_of(archive: Outside, capture: Capture) -> bytes:
    """The bytes of a capture's snapshot."""
    return open_archive(open_store(archive.store), writable=False).body(capture.sha256 or "")


@pytest.fixture(scope="module")
def collection(tmp_path_factory: pytest.TempPathFactory) -> tuple[Outside, dict[str, Capture], dict[str, int]]:
    """A file with every kind of record, imported: the archive, its captures by serial and time, and the counts."""
    directory = tmp_path_factory.mktemp("warc")
    one, two, three, four, five, six, seven = map(article_url, SERIALS)
    pages = [article_page(serial) for serial in SERIALS]
    with WarcFile(directory / "others.warc.gz") as file:
        first_id = file.response(one, "2026-01-05T10:00:00.25Z", pages[0], asked=True)
        file.response(two, "2026-01-05T10:00:01Z", chunked(pages[1]), headers=(*HTML, ("Transfer-Encoding", "chunked")))
        file.response(three, "2026-01-05T10:00:02Z", packed(pages[2]), headers=(*HTML, ("Content-Encoding", "gzip")))
        file.response(four, "2026-01-05T10:00:03Z", pages[3], headers=(*HTML, ("Content-Encoding", "gzip")))
        file.response(five, "2026-01-05T10:00:04Z", pages[4][:150], more={"WARC-Truncated": "length"})
        file.resource(six, "2026-01-05T10:00:05Z", pages[5])
        file.revisit(one, "2026-02-05T10:00:00Z", sha1_name(pages[0]), (one, "2026-01-05T10:00:00.25Z"))
        file.revisit(seven, "2026-02-05T10:00:01Z", sha1_name(pages[6]))
        file.response(seven, "2026-03-05T10:00:00Z", pages[6])
        file.not_modified(seven, "2026-04-05T10:00:00Z")
        file.response(day_url(days(1)[0]), "2026-01-05T10:00:06Z", list_page(SERIALS[:2]))
        file.response("http://elsewhere.example/", "2026-01-05T10:00:00Z", b"<html>elsewhere</html>")
        file.response("http://news.example/login", "2026-01-05T10:00:00Z", b"<html>no page of articles</html>")
    archive = archive_at(directory)
    counts = imported(archive, directory / "others.warc.gz")
    found = {f"{capture.url} {capture.observed_at:%m-%d}": capture for capture in archive.captures()}
    assert found[f"{one} 01-05"].copied_from == f"others.warc.gz {first_id.strip('<>')}"
    return archive, found, counts


def test_every_kind_of_answer_is_imported_as_it_was(
    collection: tuple[Outside, dict[str, Capture], dict[str, int]],
) -> None:
    """Plain, chunked, packed, unpacked under a header that says packed, by another way, and the same again."""
    archive, found, counts = collection
    assert counts["imported"] == 11
    assert counts["outside every scope"] == 2
    pages = [article_page(serial) for serial in SERIALS]
    for number in (0, 1, 2, 3, 5):
        capture = found[f"{article_url(SERIALS[number])} 01-05"]
        assert (body_of(archive, capture), capture.verdict) == (pages[number], Verdict.ARTICLE), number
    assert body_of(archive, found[f"{article_url(SERIALS[0])} 02-05"]) == pages[0]
    assert body_of(archive, found[f"{article_url(SERIALS[6])} 02-05"]) == pages[6]
    assert found[f"{article_url(SERIALS[4])} 01-05"].verdict is Verdict.TRUNCATED
    assert found[f"{article_url(SERIALS[6])} 04-05"].verdict is Verdict.UNCHANGED
    assert found[f"{article_url(SERIALS[6])} 04-05"].confirms == found[f"{article_url(SERIALS[6])} 03-05"].record
    assert found[f"{day_url(days(1)[0])} 01-05"].verdict is Verdict.LISTING


def test_the_record_tells_that_it_is_a_copy(collection: tuple[Outside, dict[str, Capture], dict[str, int]]) -> None:
    """Channel, time, peer, digest and request are those of the file."""
    _, found, _ = collection
    assert {capture.channel for capture in found.values()} == {Channel.IMPORT}
    first = found[f"{article_url(SERIALS[0])} 01-05"]
    assert first.observed_at.isoformat() == "2026-01-05T10:00:00.250000+00:00"
    assert first.recorded_at > first.observed_at
    assert (first.peer, first.payload_digest) == ("203.0.113.9", sha1_name(article_page(SERIALS[0])))
    assert first.request_line == "GET /x HTTP/1.1"
    assert ("User-Agent", "other/1") in first.request_headers


def test_a_second_import_brings_nothing_and_the_catalogue_rebuilds(
    collection: tuple[Outside, dict[str, Capture], dict[str, int]],
) -> None:
    """Whatever is there is known by address, moment, status and body; also what waited for its payload."""
    archive, found, counts = collection
    again = imported(archive, archive.config.parent / "others.warc.gz")
    assert again["known already"] == counts["imported"]
    assert "imported" not in again
    assert len(archive.captures()) == len(found)
    archive.assert_rebuilds()


def test_what_no_source_declares_is_taken_with_all_and_a_dry_run_takes_nothing(tmp_path: Path) -> None:
    """`--all` files it under `adhoc`; `--source` takes one source's alone; `--dry-run` counts."""
    with WarcFile(tmp_path / "a.warc", packed=False) as file:
        file.response("http://elsewhere.example/", "2026-01-05T10:00:00Z", b"<html>elsewhere</html>")
        file.response(article_url(SERIALS[0]), "2026-01-05T10:00:00Z", article_page(SERIALS[0]))
    archive = archive_at(tmp_path)
    assert imported(archive, tmp_path / "a.warc", "--dry-run", "--all")["to import"] == 2
    assert archive.captures() == []
    assert imported(archive, tmp_path / "a.warc", "--source", "fast")["imported"] == 1
    assert imported(archive, tmp_path / "a.warc", "--all") == {
        "answers": 2,
        "imported": 1,
        "listing": 1,
        "known already": 1,
        "articles": 0,
    }
    assert [capture.source for capture in archive.captures()] == ["adhoc", "fast"]
    assert scraper("import", "warc", tmp_path / "none.warc", "--config", archive.config).code == 2


@pytest.mark.parametrize("packed_file", [True, False], ids=["gz", "plain"])
def test_damage_costs_the_record_it_hits_and_is_named(tmp_path: Path, *, packed_file: bool) -> None:
    """A flipped byte in the third record, and a file cut off in its last: the rest is imported."""
    path = tmp_path / ("a.warc.gz" if packed_file else "a.warc")
    starts = []
    with WarcFile(path, packed=packed_file) as file:
        for serial in SERIALS:
            starts.append(file.offset())
            file.response(article_url(serial), "2026-01-05T10:00:00Z", article_page(serial))
    data = bytearray(path.read_bytes())
    data[(starts[2] + starts[3]) // 2 + 40] ^= 0xFF
    path.write_bytes(data[:-90])
    archive = archive_at(tmp_path)
    ran = scraper("import", "warc", path, "--config", archive.config, "--json")
    assert ran.code == 4
    named = [(finding["kind"], finding["subject"]) for finding in ran.report["findings"]]
    assert named == [("damaged-warc", f"{path} at byte {start}") for start in (starts[2], starts[6])]
    assert archive.held() == {article_url(serial) for serial in SERIALS if serial not in (SERIALS[2], SERIALS[6])}


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[bool, tuple[bytes, list[int]]]:
    """Two files of one answer a serial, packed and plain: their bytes, and where each record begins and the last ends."""
    found = {}
    for packed_file in (True, False):
        path = tmp_path_factory.mktemp("whole") / "a.warc"
        with WarcFile(path, packed=packed_file) as file:
            starts = []
            for serial in SERIALS:
                starts.append(file.offset())
                file.response(article_url(serial), "2026-01-05T10:00:00Z", article_page(serial))
        found[packed_file] = (path.read_bytes(), [*starts, path.stat().st_size])
    return found


@settings(max_examples=80, deadline=None)
@given(
    hits=st.dictionaries(st.integers(0, len(SERIALS) - 1), st.tuples(st.floats(0, 1), st.integers(0, 7)), max_size=3),
    packed_file=st.booleans(),
)
def test_no_damage_makes_an_answer_that_was_not_there(
    written: dict[bool, tuple[bytes, list[int]]],
    tmp_path_factory: pytest.TempPathFactory,
    *,
    hits: dict[int, tuple[float, int]],
    packed_file: bool,
) -> None:
    """Whatever bit of a record is flipped, what is read is what was written, and no other record is lost."""
    whole, starts = bytearray(written[packed_file][0]), written[packed_file][1]
    for number, (part, bit) in hits.items():
        whole[starts[number] + int(part * (starts[number + 1] - starts[number] - 1))] ^= 1 << bit
    path = tmp_path_factory.mktemp("damage") / "a.warc"
    path.write_bytes(whole)
    payloads = [entry.payload for entry in warc.read(path) if not isinstance(entry, Passed)]
    assert set(payloads) <= {article_page(serial) for serial in SERIALS}
    assert {article_page(serial) for number, serial in enumerate(SERIALS) if number not in hits} <= set(payloads)


def test_a_killed_import_goes_on_and_imports_nothing_twice(tmp_path: Path) -> None:
    """SIGKILL at random moments, four times; then to the end."""
    serials = [f"2026-01-{day:02d}-{number:03d}" for day in range(1, 29) for number in range(1, 9)]
    with WarcFile(tmp_path / "many.warc.gz") as file:
        for serial in serials:
            file.response(article_url(serial), "2026-02-05T10:00:00Z", article_page(serial))
    archive, chance = archive_at(tmp_path), random.Random(5)
    killed = 0
    for _ in range(4):
        with Running("import", "warc", tmp_path / "many.warc.gz", "--config", archive.config) as running:
            time.sleep(1.2 + chance.random())  # noqa: TID251 - the moment of the kill
            if running.alive():
                running.signal(signal.SIGKILL)
                killed += 1
    assert killed
    imported(archive, tmp_path / "many.warc.gz")
    captures = archive.captures()
    assert len(captures) == len(serials)
    assert archive.held() == {article_url(serial) for serial in serials}
    archive.assert_rebuilds()
