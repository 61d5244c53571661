"""Between the nouns and the rows: how times, articles and visits are written down.

Hides the JSON of an article and the text of a time.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import UTC, datetime
from typing import Any

from scraper import urls
from scraper.model import Article, Capture, DateEvidence, Dateline, Image, Link, Origin, Sighting
from scraper.policy.fields import digest
from scraper.policy.visits import Visits, next_visit

Row = Mapping[Any, Any]


def moment(at: datetime) -> str:
    """A time as it is stored: `2026-08-22T04:05:06.000007Z`, always in UTC, always as wide."""
    utc = at if at.tzinfo is UTC else at.astimezone(UTC)
    return f"{utc.year:04d}-{utc.month:02d}-{utc.day:02d}T{utc.hour:02d}:{utc.minute:02d}:{utc.second:02d}.{utc.microsecond:06d}Z"


def at(text: str) -> datetime:
    """The time a stored text names."""
    return datetime.fromisoformat(text)


def maybe_at(text: str | None) -> datetime | None:
    """As `at`, for a column that may be null."""
    return at(text) if text else None


def maybe_moment(when: datetime | None) -> str | None:
    """As `moment`, for a value that may be missing."""
    return moment(when) if when else None


def capture_row(capture: Capture) -> dict[str, Any]:
    """The columns of `captures`; what else a record says is in the record."""
    return {
        "record": capture.record,
        "source": capture.source,
        "key": capture.key,
        "url": capture.url,
        "method": capture.method,
        "role": capture.role.value,
        "reason": capture.reason.value,
        "kind": capture.kind,
        "channel": capture.channel.value,
        "vantage": capture.vantage,
        "observed_at": moment(capture.observed_at),
        "recorded_at": moment(capture.recorded_at),
        "verdict": capture.verdict.value,
        "judge": capture.judge,
        "status": capture.status,
        "failure": capture.failure.value if capture.failure else None,
        "detail": capture.detail,
        "sha256": capture.sha256,
        "size": capture.size,
        "etag": _header(capture, "etag"),
        "last_modified": _header(capture, "last-modified"),
        "confirms": capture.confirms,
        "redirected_from": capture.redirected_from,
        "payload_digest": capture.payload_digest,
    }


def locator_row(source: str, key: str, address: tuple[str, str], visits: Visits) -> dict[str, Any]:
    """The columns of `locators`: `address` is (URL, identity); the fold of its captures, and when it is due next."""
    return {
        "source": source,
        "key": key,
        "url": address[0],
        "identity": address[1],
        "first_seen_at": moment(visits.first_seen_at),
        "next_visit_at": moment(next_visit(visits)),
        "attempts": visits.attempts,
        "failures": visits.failures,
        "gone": visits.gone,
        "first_good_at": maybe_moment(visits.first_good_at),
        "last_good_at": maybe_moment(visits.last_good_at),
        "last_attempt_at": maybe_moment(visits.last_attempt_at),
        "held": visits.held,
        "reason": visits.reason,
        "published_at": maybe_moment(visits.published_at),
    }


def visits(row: Row) -> Visits:
    """The fold a `locators` row holds."""
    return Visits(
        first_seen_at=at(row["first_seen_at"]),
        attempts=row["attempts"],
        failures=row["failures"],
        gone=row["gone"],
        first_good_at=maybe_at(row["first_good_at"]),
        last_good_at=maybe_at(row["last_good_at"]),
        last_attempt_at=maybe_at(row["last_attempt_at"]),
        held=row["held"],
        reason=row["reason"],
        published_at=maybe_at(row["published_at"]),
    )


def article_row(key: str, position: int, article: Article) -> dict[str, Any]:
    """The columns of `articles`."""
    return {
        "source": article.source,
        "key": key,
        "sha256": article.snapshot_sha256,
        "position": position,
        "article_key": article.key,
        "outlet": article.outlet,
        "language": article.language,
        "title": article.title,
        "published": article.published,
        "text_sha256": article.text_sha256,
        "compared": digest(article),
        "original_key": url_key(article.original_url),
        "parser": article.parser,
        "article": json.dumps(article_json(article), ensure_ascii=False, separators=(",", ":")),
    }


def url_key(url: str | None) -> str | None:
    """The key of an address somebody else wrote; None where it is none."""
    try:
        return urls.key(url) if url else None
    except ValueError:
        return None


def article_json(article: Article) -> dict[str, Any]:
    """An article as the one JSON object that the catalogue keeps and `scraper parse` prints."""
    document = asdict(article)
    document["related"] = [_without_empty(item) for item in document["related"]]
    return document


def article_from_json(text: str) -> Article:
    """The article a stored JSON text holds."""
    document = json.loads(text)
    document["evidence"] = tuple(DateEvidence(**item) for item in document["evidence"])
    document["dateline"] = Dateline(**document["dateline"]) if document["dateline"] else None
    document["links"] = tuple(Link(**item) for item in document["links"])
    document["sections"] = tuple(document["sections"])
    document["images"] = tuple(Image(**item) for item in document["images"])
    document["captions"] = tuple(document["captions"])
    document["related"] = tuple(_sighting(item) for item in document["related"])
    document["paragraphs"] = tuple(document["paragraphs"])
    return Article(**{field.name: document[field.name] for field in fields(Article)})


def _sighting(item: dict[str, Any]) -> Sighting:
    return Sighting(**{**item, "origin": Origin(item["origin"])})


def _without_empty(item: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in item.items() if value not in (None, "")}


def _header(capture: Capture, name: str) -> str | None:
    return next((value for header, value in capture.headers if header.lower() == name), None)
