"""Exchanges and captures to archive: one plain example, and hypothesis strategies for every shape they can take."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from hypothesis import strategies as st

from scraper.model import (
    Capture,
    Channel,
    Exchange,
    Failure,
    Origin,
    Reason,
    Request,
    RobotsDecision,
    Role,
    Sighting,
    Tls,
    Verdict,
)

NOON = datetime(2026, 8, 22, 12, 0, 0, 123456, tzinfo=UTC)
URL = "https://outlet.example/en/articles/1"


def request(**changes: Any) -> Request:
    """A request for an article; `changes` replaces fields."""
    fields: dict[str, Any] = {"source": "outlet", "url": URL, "role": Role.ARTICLE, "reason": Reason.NEW}
    return Request(**(fields | changes))


def exchange(body: bytes = b"<p>text</p>", **changes: Any) -> Exchange:
    """A whole answer with status 200; `changes` replaces fields."""
    fields: dict[str, Any] = {
        "request": request(),
        "url": URL,
        "started_at": NOON,
        "fetched_at": NOON + timedelta(seconds=1),
        "status": 200,
        "reason_phrase": "OK",
        "http_version": "HTTP/1.1",
        "headers": (("Content-Type", "text/html"), ("X-Twice", "a"), ("x-twice", "b")),
        "body": body,
        "wire_size": len(body),
    }
    return Exchange(**(fields | changes))


def failed(failure: Failure = Failure.TIMEOUT_CONNECT, **changes: Any) -> Exchange:
    """An attempt that brought no answer."""
    fields: dict[str, Any] = {
        "request": request(),
        "url": URL,
        "started_at": NOON,
        "fetched_at": NOON + timedelta(seconds=30),
        "failure": failure,
        "detail": "no connection within 30 s",
    }
    return Exchange(**(fields | changes))


_texts = st.text(max_size=20)
_given = st.none() | _texts
_digests = st.binary(min_size=32, max_size=32).map(bytes.hex)
_times = st.datetimes(
    min_value=datetime(1990, 1, 2),  # noqa: DTZ001 - hypothesis adds the zone
    max_value=datetime(2100, 1, 1),  # noqa: DTZ001 - as above
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=9)), timezone(timedelta(hours=-3, minutes=-30))]),
)
_latin = st.text(st.characters(max_codepoint=255), max_size=12)
_pairs = st.lists(st.tuples(_latin | st.sampled_from(["Content-Type", "ETag", "Via"]), _latin), max_size=4).map(tuple)
_forms = st.lists(st.tuples(_texts, _texts), max_size=3).map(tuple)
_sources = st.from_regex(r"[a-z0-9-]{1,32}", fullmatch=True)
_tls = st.builds(Tls, version=_texts, cipher=_texts, certificate_sha256=_digests, verified=st.booleans())
_robots = st.builds(
    RobotsDecision,
    allowed=st.booleans(),
    rule=_texts,
    capture=_given,
    crawl_delay=st.none() | st.floats(allow_nan=False, allow_infinity=False),
)
_leads = st.builds(
    Sighting,
    url=_texts,
    origin=st.sampled_from(Origin),
    title=_given,
    published=_given,
    section=_given,
    source=_texts,
    key=_texts,
    capture=_given,
)

captures = st.builds(
    Capture,
    source=_sources,
    url=_texts,
    key=_texts,
    kind=st.sampled_from(["response", "error"]),
    role=st.sampled_from(Role),
    reason=st.sampled_from(Reason),
    method=_texts,
    observed_at=_times,
    recorded_at=_times,
    started_at=_times,
    channel=st.sampled_from(Channel),
    verdict=st.sampled_from(Verdict),
    judge=_texts,
    form=_forms,
    status=st.none() | st.integers(100, 999),
    reason_phrase=_texts,
    http_version=_texts,
    request_headers=_pairs,
    headers=_pairs,
    sha256=st.none() | _digests,
    size=st.integers(0, 2**40),
    wire_size=st.integers(0, 2**40),
    wire_sha256=st.none() | _digests,
    content_encoding=_given,
    undecoded=st.booleans(),
    truncated=_given,
    peer=_given,
    tls=st.none() | _tls,
    robots=st.none() | _robots,
    failure=st.none() | st.sampled_from(Failure),
    detail=_given,
    confirms=_given,
    redirected_from=_given,
    lead=st.none() | _leads,
    config=st.none() | _digests,
    vantage=_texts,
    copied_from=_given,
    payload_digest=_given,
)
"""Captures of every shape, `record` empty."""

answers = st.builds(
    Exchange,
    request=st.builds(
        Request,
        source=_sources,
        url=_texts,
        role=st.sampled_from(Role),
        reason=st.sampled_from(Reason),
        method=st.sampled_from(["GET", "POST"]),
        form=_forms,
        confirms=_given,
        lead=st.none() | _leads,
    ),
    url=_texts,
    started_at=_times,
    fetched_at=_times,
    request_headers=_pairs,
    status=st.sampled_from([200, 204, 301, 304, 403, 404, 410, 429, 500]) | st.integers(100, 599),
    headers=_pairs,
    body=st.binary(max_size=300) | st.just(b""),
    truncated=_given,
    failure=st.none() | st.just(Failure.TIMEOUT_READ),
    undecoded=st.booleans(),
    robots=st.none() | _robots,
    channel=st.sampled_from(Channel),
)
"""Exchanges in which a page arrived (with any status, whole or cut short), without credentials in their headers."""
