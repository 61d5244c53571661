"""Dates as machines state them (feeds, sitemaps, `time` elements), turned into the hint a sighting carries.

Hides RFC 2822 and W3C date formats. Never completes what is not stated: a time without a zone keeps only its day.
"""

from __future__ import annotations

from datetime import date, datetime
from email.utils import parsedate_to_datetime


def stated(text: str | None) -> str | None:
    """Return `YYYY-MM-DD` or an ISO datetime with offset for a stated date; None where it states no whole day.

    Reads RFC 2822 ("Sun, 13 Jul 2025 06:00:00 +0900", RSS 2.0 §pubDate) and ISO 8601 (RFC 4287 §3.3, W3C datetime).
    """
    cleaned = (text or "").strip()
    if not cleaned:
        return None
    for reader in (_iso, _rfc2822):
        moment = reader(cleaned)
        if moment is not None:
            return moment
    return None


def _iso(text: str) -> str | None:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        pass
    try:
        return _shown(datetime.fromisoformat(text))
    except ValueError:
        return None


def _rfc2822(text: str) -> str | None:
    try:
        return _shown(parsedate_to_datetime(text))
    except (ValueError, OverflowError):
        return None


def _shown(moment: datetime) -> str:
    return moment.date().isoformat() if moment.tzinfo is None else moment.isoformat(timespec="seconds")
