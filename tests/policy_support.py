"""Values for the tests of the policy room: articles with only what a test cares about, and sightings."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from scraper.model import Article, Capture, Channel, Origin, Reason, Role, Sighting, Verdict
from scraper.parse.text import text_sha256

NOON = datetime(2026, 8, 22, 12, 0, tzinfo=UTC)
URL = "http://outlet.example/en/article/1"


def article(title: str = "Wheat harvest begins", *paragraphs: str, **changes: Any) -> Article:
    """An article with a text; `changes` replaces fields."""
    body = paragraphs or ("The harvest began on the coast.", "It is to end in July.")
    fields: dict[str, Any] = {
        "source": "outlet",
        "outlet": "Outlet",
        "key": "1",
        "url": URL,
        "original_url": None,
        "title": title,
        "published": "2026-08-22",
        "published_evidence": "page-mark",
        "published_precision": "day",
        "published_timezone": "Asia/Pyongyang",
        "evidence": (),
        "dateline": None,
        "byline": None,
        "sections": (),
        "language": "en",
        "paragraphs": body,
        "end_mark": None,
        "images": (),
        "links": (),
        "related": (),
        "parser": "outlet@1",
        "snapshot_sha256": sha256(repr((title, body)).encode()).hexdigest(),
        "text_sha256": text_sha256(title, body),
    }
    return Article(**(fields | changes))


def capture(verdict: Verdict = Verdict.ARTICLE, at: datetime = NOON, **changes: Any) -> Capture:
    """One record of one attempt; its record key follows from its time unless given."""
    fields: dict[str, Any] = {
        "source": "outlet",
        "url": URL,
        "key": "example,outlet)/en/article/1",
        "kind": "error" if verdict is Verdict.FAILED else "response",
        "role": Role.ARTICLE,
        "reason": Reason.NEW,
        "method": "GET",
        "observed_at": at,
        "recorded_at": at,
        "started_at": at,
        "channel": Channel.DIRECT,
        "verdict": verdict,
        "judge": "judge@1",
        "record": f"captures/outlet/{at:%Y/%m/%d/%H%M%S}{at.microsecond // 1000:03d}-0123456789abcdef.json",
    }
    return Capture(**(fields | changes))


def sighting(url: str = URL, published: str | None = None, origin: Origin = Origin.LISTING, **changes: Any) -> Sighting:
    """Evidence that an article exists, as a pure reader returns it."""
    return Sighting(url=url, origin=origin, published=published, **changes)
