"""Addresses, printings and what they show, for the tests of articles as clusters of addresses."""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from scraper.parse.text import text_sha256
from scraper.policy.clusters import Address, Text
from tests.policy_support import NOON


def printing(title: str = "Wheat", body: str = "The harvest began.", at: datetime = NOON, **changes: Any) -> Text:
    """One text as one snapshot holds it."""
    fields: dict[str, Any] = {
        "outlet": "Outlet",
        "language": "en",
        "day": "2026-08-22",
        "title": title,
        "text_sha256": text_sha256(title, (body,) if body else ()),
        "snapshot": sha256(repr((title, body, at)).encode()).hexdigest(),
        "first_at": at,
        "last_at": at,
    }
    return Text(**(fields | changes))


def address(name: str, *texts: Text, number: str = "", minutes: int = 0, **changes: Any) -> Address:
    """One address, with the outlet's own key where a `number` is given."""
    key = f"example,outlet)/en/{name}"
    fields: dict[str, Any] = {
        "key": key,
        "url": f"http://outlet.example/en/{name}",
        "identity": f"outlet:en:{number}" if number else key,
        "first_seen_at": NOON + timedelta(minutes=minutes),
        "texts": texts,
    }
    return Address(**(fields | changes))
