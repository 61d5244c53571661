"""The saved fragment of KCNA Watch's television archive, as far as the reader of listings goes."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from scraper.model import Origin, Page, Sighting
from scraper.parse import parse

pytestmark = pytest.mark.shared
FILE = "kcnawatch-kctv-archive-list-2026-09.fragment.html"
URL = "https://kcnawatch.org/kctv-archive/"


def test_films_are_rows(shared: Path) -> None:
    """Each film once, with the day of the broadcast and its programme; "Load More" is none."""
    page = Page(
        method="GET",
        url=URL,
        status=200,
        headers=(("Content-Type", "text/html; charset=UTF-8"),),
        fetched_at=datetime(2026, 9, 13, tzinfo=UTC),
        body=(shared / "pages" / "kcnawatch" / FILE).read_bytes(),
    )
    parsed = parse(page, source="kcnawatch", parser="kcnawatch")
    rows = (
        ("6aa409684b9ac", "Full Broadcast, Friday September 11, 2026", "2026-09-11"),
        ("6aa55b3c37ae8", "5pm Bulletin, Saturday September 12, 2026", "2026-09-12"),
    )
    assert parsed.sightings == tuple(
        Sighting(url=f"{URL}{name}", origin=Origin.LISTING, title=title, published=day, section="kctv-archive")
        for name, title, day in rows
    )
    assert (parsed.articles, parsed.listings, parsed.layout) == ((), (), "kcnawatch/television@2")
