"""Capture records as canonical JSON, format 1 (docs/archive-format.md).

Hides how a `Capture` is spelled in a file. Written by hand rather than with a schema library, because it runs once
for every page fetched. A record's key holds the first 16 hex digits of its own SHA-256, so writing it twice is
harmless and changing it is seen.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from datetime import UTC, datetime
from typing import Any

from scraper.errors import RecordCorrupt
from scraper.model import (
    Capture,
    Channel,
    Failure,
    Headers,
    Origin,
    Reason,
    RobotsDecision,
    Role,
    Sighting,
    Tls,
    Verdict,
)

PREFIX = "captures/"
FORMAT = 1
_DIGITS = 16
_SHA256 = re.compile(r"[0-9a-f]{64}").fullmatch

_TEXTS = ("source", "url", "key", "kind", "role", "reason", "method", "channel", "verdict", "judge")
_COUNTS = ("size", "wire_size")
_TIMES = ("observed_at", "recorded_at", "started_at")
# Left out of the file when None:
_GIVEN_TEXTS = (
    "sha256",
    "wire_sha256",
    "content_encoding",
    "truncated",
    "peer",
    "failure",
    "detail",
    "confirms",
    "redirected_from",
    "config",
    "copied_from",
    "payload_digest",
)
# Left out of the file when empty:
_FILLED_TEXTS = ("reason_phrase", "http_version", "request_line", "vantage")
_PAIRS = ("form", "request_headers", "headers")

_ALWAYS = _TEXTS + _COUNTS
_WHERE_GIVEN = ("status", *_GIVEN_TEXTS)
_WHERE_FILLED = (*_FILLED_TEXTS, *_PAIRS, "undecoded")

# Built once: `json.dumps` with these options would build an encoder for every record.
_spell = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False).encode
_spell_ascii = json.JSONEncoder(ensure_ascii=True, separators=(",", ":"), sort_keys=True, allow_nan=False).encode


def encode(capture: Capture) -> bytes:
    """Spell a capture as one line of canonical JSON: sorted names, no spaces, UTF-8, a newline at the end.

    What is None, empty or false is left out; `record` is the file's own name and is never in it. Raises ValueError
    for a time without zone.
    """
    document: dict[str, Any] = {name: getattr(capture, name) for name in _ALWAYS}
    document["format"] = FORMAT
    for name in _TIMES:
        document[name] = _stamp(getattr(capture, name))
    if capture.first_byte_at is not None:
        document["first_byte_at"] = _stamp(capture.first_byte_at)
    for name in _WHERE_GIVEN:
        value = getattr(capture, name)
        if value is not None:
            document[name] = value
    for name in _WHERE_FILLED:
        value = getattr(capture, name)
        if value:
            document[name] = value
    if capture.tls is not None:
        document["tls"] = _tls_document(capture.tls)
    if capture.robots is not None:
        document["robots"] = _robots_document(capture.robots)
    if capture.lead is not None:
        document["lead"] = _lead_document(capture.lead)
    return canonical_json(document)


def decode(data: bytes, name: str) -> Capture:
    """Read a record back from the bytes filed under the key `name`. Fields this version does not know are ignored.

    Raises RecordCorrupt, naming the key and what is wrong, where the bytes do not hash to the digest in the key, are
    not a record of format 1, or say that they belong under another key.
    """
    if not intact(data, name):
        raise _corrupt(name, "does not hash to the digest in its name")
    try:
        capture = _capture(json.loads(data), name)
        expected = record_key(capture, data)
    except KeyError as error:
        raise _corrupt(name, f"lacks the field {error}") from error
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise _corrupt(name, f"is not a record of format {FORMAT} ({' '.join(str(error).split())})") from error
    if expected != name:
        raise _corrupt(name, f"is filed under the wrong name (it belongs under {expected})")
    return capture


def intact(data: bytes, name: str) -> bool:
    """Whether bytes hash to the digest in a record's key."""
    return name.rpartition("-")[2] == f"{_digest(data)}.json"


def record_key(capture: Capture, data: bytes) -> str:
    """The record key of a capture whose encoded bytes are `data`: source, time of recording, digest."""
    at = capture.recorded_at.astimezone(UTC)
    day = f"{at.year:04d}/{at.month:02d}/{at.day:02d}"
    time = f"{at.hour:02d}{at.minute:02d}{at.second:02d}{at.microsecond // 1000:03d}"
    return f"{PREFIX}{capture.source}/{day}/{time}-{_digest(data)}.json"


def canonical_json(document: dict[str, Any]) -> bytes:
    """One JSON object as one line: sorted names, no spaces, UTF-8, a newline at the end."""
    try:
        return _spell(document).encode() + b"\n"
    except UnicodeEncodeError:
        # A lone surrogate (an exception's text, a broken title) has no UTF-8, but it has a JSON escape.
        return _spell_ascii(document).encode() + b"\n"


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:_DIGITS]


def _stamp(value: datetime) -> str:
    if value.tzinfo is not UTC:
        if value.utcoffset() is None:
            raise ValueError(f"a time without zone cannot be recorded: {value}")
        value = value.astimezone(UTC)
    # "…+00:00" is written "…Z".
    return f"{value.isoformat(timespec='microseconds')[:-6]}Z"


def _tls_document(tls: Tls) -> dict[str, Any]:
    document: dict[str, Any] = {
        "version": tls.version,
        "cipher": tls.cipher,
        "certificate_sha256": tls.certificate_sha256,
        "verified": tls.verified,
    }
    if tls.chain_sha256:
        document["chain_sha256"] = tls.chain_sha256
    return document


def _robots_document(robots: RobotsDecision) -> dict[str, Any]:
    document: dict[str, Any] = {"allowed": robots.allowed, "rule": robots.rule}
    if robots.capture is not None:
        document["capture"] = robots.capture
    # A delay of "inf" has no JSON, and must not cost us the record.
    if robots.crawl_delay is not None and math.isfinite(robots.crawl_delay):
        document["crawl_delay"] = robots.crawl_delay
    return document


def _lead_document(lead: Sighting) -> dict[str, Any]:
    document: dict[str, Any] = {"url": lead.url, "origin": lead.origin}
    given = (("title", lead.title), ("published", lead.published), ("section", lead.section), ("capture", lead.capture))
    document.update((name, value) for name, value in given if value is not None)
    document.update((name, value) for name, value in (("source", lead.source), ("key", lead.key)) if value)
    return document


def _capture(document: Any, record: str) -> Capture:
    if not isinstance(document, dict):
        raise TypeError("not a JSON object")
    if document["format"] != FORMAT:
        raise ValueError(f"it says format {document['format']}: a newer program wrote it")
    fields: dict[str, Any] = {name: _text(document, name) for name in _TEXTS}
    fields |= {name: _count(document, name) for name in _COUNTS}
    fields |= {name: _time(document, name) for name in _TIMES}
    fields |= {name: _text(document, name) for name in _GIVEN_TEXTS if name in document}
    fields |= {name: _text(document, name) for name in _FILLED_TEXTS if name in document}
    fields |= {name: _pairs(document, name) for name in _PAIRS if name in document}
    fields |= {name: kind(fields[name]) for name, kind in _ENUMERATIONS if name in fields}
    fields |= {name: read(document[name]) for name, read in _NESTED if name in document}
    if "first_byte_at" in document:
        fields["first_byte_at"] = _time(document, "first_byte_at")
    if "status" in document:
        fields["status"] = _count(document, "status")
    if "undecoded" in document:
        fields["undecoded"] = _flag(document, "undecoded")
    if "sha256" in fields and _SHA256(fields["sha256"]) is None:
        raise ValueError("sha256 is not a digest")
    return Capture(record=record, **fields)


def _tls(document: dict[str, Any]) -> Tls:
    return Tls(
        version=_text(document, "version"),
        cipher=_text(document, "cipher"),
        certificate_sha256=_text(document, "certificate_sha256"),
        verified=_flag(document, "verified"),
        chain_sha256=_texts(document, "chain_sha256"),
    )


def _robots(document: dict[str, Any]) -> RobotsDecision:
    delay = document.get("crawl_delay")
    if delay is not None and type(delay) not in {int, float}:
        raise TypeError("crawl_delay is not a number")
    return RobotsDecision(
        allowed=_flag(document, "allowed"),
        rule=_text(document, "rule"),
        capture=_text(document, "capture") if "capture" in document else None,
        crawl_delay=delay,
    )


def _lead(document: dict[str, Any]) -> Sighting:
    names = ("title", "published", "section", "source", "key", "capture")
    texts: dict[str, Any] = {name: _text(document, name) for name in names if name in document}
    return Sighting(url=_text(document, "url"), origin=Origin(document["origin"]), **texts)


_ENUMERATIONS = (
    ("role", Role),
    ("reason", Reason),
    ("channel", Channel),
    ("verdict", Verdict),
    ("failure", Failure),
)
_NESTED = (("tls", _tls), ("robots", _robots), ("lead", _lead))


def _text(document: dict[str, Any], name: str) -> str:
    value = document[name]
    if type(value) is not str:
        raise TypeError(f"{name} is not text")
    return value


def _texts(document: dict[str, Any], name: str) -> tuple[str, ...]:
    values = document.get(name, [])
    if type(values) is not list or any(type(value) is not str for value in values):
        raise TypeError(f"{name} is not a list of text")
    return tuple(values)


def _count(document: dict[str, Any], name: str) -> int:
    value = document[name]
    if type(value) is not int:
        raise TypeError(f"{name} is not a whole number")
    return value


def _flag(document: dict[str, Any], name: str) -> bool:
    value = document[name]
    if type(value) is not bool:
        raise TypeError(f"{name} is not true or false")
    return value


def _time(document: dict[str, Any], name: str) -> datetime:
    value = datetime.fromisoformat(_text(document, name))
    if value.utcoffset() is None:
        raise ValueError(f"{name} has no zone")
    return value


def _pairs(document: dict[str, Any], name: str) -> Headers:
    pairs = tuple((first, second) for first, second in document[name])
    if any(type(part) is not str for pair in pairs for part in pair):
        raise TypeError(f"{name} is not a list of pairs of text")
    return pairs


def _corrupt(name: str, what: str) -> RecordCorrupt:
    return RecordCorrupt(f"{name} {what}: restore it from its manifest or from a good copy of the archive")
