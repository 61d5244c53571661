from __future__ import annotations

import hashlib
import json
import math
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given

from scraper.archive.records import decode, encode, record_key
from scraper.errors import RecordCorrupt
from scraper.model import Capture, Channel, Origin, Reason, RobotsDecision, Role, Sighting, Verdict
from tests.archive_exchanges import NOON, captures

PLAIN = Capture(
    source="outlet",
    url="https://outlet.example/ko/1",
    key="example,outlet)/ko/1",
    kind="response",
    role=Role.ARTICLE,
    reason=Reason.NEW,
    method="GET",
    observed_at=NOON,
    recorded_at=NOON + timedelta(seconds=2),
    started_at=NOON,
    channel=Channel.DIRECT,
    verdict=Verdict.ARTICLE,
    judge="1",
    status=200,
    headers=(("Content-Type", "text/html"), ("content-type", "twice")),
    lead=Sighting(url="https://outlet.example/ko/1", origin=Origin.LISTING, title="새 소식"),
)


def _spelled(document: dict[str, Any]) -> tuple[bytes, str]:
    """Bytes of a document, with a name that has their right digest."""
    data = json.dumps(document).encode()
    return data, f"captures/outlet/2026/08/22/120002123-{hashlib.sha256(data).hexdigest()[:16]}.json"


@given(captures)
def test_decode_undoes_encode(capture: Capture) -> None:
    """Every capture comes back from its record as it was, with the record key filled in."""
    data = encode(capture)
    name = record_key(capture, data)
    assert decode(data, name) == replace(capture, record=name)


@given(captures)
def test_encoding_is_canonical(capture: Capture) -> None:
    """A record is one line of sorted, compact UTF-8 JSON without nulls, whatever `record` says, and stable."""
    data = encode(capture)
    document = json.loads(data)
    spelled = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False) + "\n"
    assert data == spelled.encode()
    assert b":null" not in re.sub(rb'"(?:[^"\\]|\\.)*"', b'""', data)
    assert document["format"] == 1
    assert encode(decode(data, record_key(capture, data))) == data


@given(captures)
def test_record_key_is_in_the_alphabet(capture: Capture) -> None:
    """A record key says source, UTC time of recording to the millisecond, and the record's own digest."""
    data = encode(capture)
    at = capture.recorded_at.astimezone(UTC)
    stamp = f"{at:%Y/%m/%d/%H%M%S}{at.microsecond // 1000:03d}"
    assert record_key(capture, data) == (
        f"captures/{capture.source}/{stamp}-{hashlib.sha256(data).hexdigest()[:16]}.json"
    )


def test_record_is_readable_by_people() -> None:
    """Texts are UTF-8, times end in Z with microseconds, headers are pairs, and what is not there is not written."""
    data = encode(PLAIN)
    assert "새 소식".encode() in data
    document = json.loads(data)
    assert document["recorded_at"] == "2026-08-22T12:00:02.123456Z"
    assert document["headers"] == [["Content-Type", "text/html"], ["content-type", "twice"]]
    assert not {"record", "tls", "failure", "undecoded", "form", "detail"} & document.keys()


def test_times_are_written_in_utc() -> None:
    """A time of another zone is written as the same instant in UTC, and one without zone is refused."""
    seoul = NOON.astimezone(timezone(timedelta(hours=9)))
    assert encode(replace(PLAIN, started_at=seoul)) == encode(PLAIN)
    with pytest.raises(ValueError, match="without zone"):
        encode(replace(PLAIN, started_at=NOON.replace(tzinfo=None)))


def test_broken_text_does_not_cost_the_record() -> None:
    """A lone surrogate, which UTF-8 cannot spell, and an endless crawl-delay still make a record."""
    endless = RobotsDecision(allowed=True, rule="", crawl_delay=math.inf)
    capture = replace(PLAIN, detail="bad \udc80 name", robots=endless)
    data = encode(capture)
    read = decode(data, record_key(capture, data))
    assert read.detail == "bad \udc80 name"
    assert read.robots == replace(endless, crawl_delay=None)


def test_unknown_fields_are_ignored() -> None:
    """A record with fields of a later minor version is read as far as it is known."""
    data, name = _spelled(json.loads(encode(PLAIN)) | {"mood": "good", "nested": {"a": [1]}})
    assert decode(data, name) == replace(PLAIN, record=name)


def test_changed_byte_is_seen() -> None:
    """A record with one byte changed is refused by its name, and the error says which."""
    data = encode(PLAIN)
    name = record_key(PLAIN, data)
    with pytest.raises(RecordCorrupt, match=f"{re.escape(name)} does not hash"):
        decode(data.replace(b"200", b"404"), name)


def test_record_under_another_name_is_seen() -> None:
    """A whole record filed under another source or day is refused, and the error says where it belongs."""
    data = encode(PLAIN)
    name = record_key(PLAIN, data)
    for wrong in (name.replace("outlet", "other"), name.replace("/22/", "/23/")):
        with pytest.raises(RecordCorrupt, match=f"belongs under {re.escape(name)}"):
            decode(data, wrong)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"format": 2}, "a newer program wrote it"),
        ({"url": None}, "url is not text"),
        ({"url": ...}, "lacks the field 'url'"),
        ({"verdict": "delicious"}, "delicious"),
        ({"size": "1"}, "size is not a whole number"),
        ({"status": True}, "status is not a whole number"),
        ({"undecoded": 1}, "undecoded is not true or false"),
        ({"started_at": "2026-08-22T12:00:00"}, "started_at has no zone"),
        ({"recorded_at": "yesterday"}, "yesterday"),
        ({"headers": [["a", "b", "c"]]}, "too many values"),
        ({"headers": [["a", 1]]}, "headers is not a list of pairs"),
        ({"headers": 5}, "not iterable"),
        ({"lead": {"url": "x"}}, "lacks the field 'origin'"),
        ({"lead": []}, "not a record"),
        ({"robots": {"allowed": True, "rule": "", "crawl_delay": "3"}}, "crawl_delay is not a number"),
        ({"sha256": "../../x"}, "sha256 is not a digest"),
    ],
)
def test_wrong_field_is_named(changes: dict[str, Any], said: str) -> None:
    """A record whose digest is right but whose content is not says in one line what is wrong."""
    document = {name: value for name, value in (json.loads(encode(PLAIN)) | changes).items() if value is not ...}
    data, name = _spelled(document)
    with pytest.raises(RecordCorrupt, match=said) as caught:
        decode(data, name)
    assert name in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("data", [b"", b"[]", b"null", b"{", b"\xff\xfe", b"[" * 100_000, b'{"format":1}'])
def test_what_is_no_record_is_refused(data: bytes) -> None:
    """Bytes that are no JSON object with a record's fields are refused under whatever name hashes right."""
    name = f"captures/outlet/2026/08/22/120002123-{hashlib.sha256(data).hexdigest()[:16]}.json"
    with pytest.raises(RecordCorrupt, match=name):
        decode(data, name)


def test_early_and_late_years_have_names() -> None:
    """The folders of a record key have four digits for the year at both ends of time."""
    for year in (1, 9999):
        capture = replace(PLAIN, recorded_at=datetime(year, 12, 31, tzinfo=UTC))
        assert record_key(capture, b"").startswith(f"captures/outlet/{year:04d}/12/31/000000000-")
