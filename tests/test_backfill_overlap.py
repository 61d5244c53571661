"""A paged backfill that ends where it meets what is held, from outside; and what a dry run says of the time it takes."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from tests.commands import scraper
from tests.fast_outlet import HOST, article_url, configure, day_url, fast_outlet
from tests.outside import Outside

DATED = 'kind = "dated", token = true, url = "http://news.example/en/index.php?1@@{date:%Y%m%d}@1@"'
PAGED = (
    'kind = "paged", token = true, first = 20260101, overlap = 1, url = "http://news.example/en/index.php?1@@{page}@1@"'
)


def test_a_paged_walk_ends_at_the_page_that_is_held(tmp_path: Path) -> None:
    """The third page's articles came by another way before: it is the last one asked for, and nothing is fetched of it."""
    with fast_outlet(2, 0) as web:
        archive = Outside(config=configure(tmp_path, f"127.0.0.1:{web.port}"))
        third: list[str | Path] = ["--since", "2026-01-03", "--until", "2026-01-03", "--config", archive.config]
        assert scraper("backfill", "fast", *third).code == 0
        declaration = archive.config / "sources" / "fast.toml"
        text = declaration.read_text(encoding="utf-8")
        assert DATED in text
        declaration.write_text(text.replace(DATED, PAGED), encoding="utf-8")
        before = len(web.log)
        days: list[str | Path] = ["--since", "2026-01-01", "--until", "2026-01-31", "--config", archive.config]
        assert scraper("backfill", "fast", *days).code == 0
        asked = [target for target in web.targets()[before:] if target != "/robots.txt"]
    lists = [day_url(date(2026, 1, day)).removeprefix(f"http://{HOST}") for day in (1, 2, 3)]
    assert [target for target in asked if target in lists] == lists
    fetched = {f"http://{HOST}{target}" for target in asked} - {f"http://{HOST}{target}" for target in lists}
    assert fetched == {article_url(f"2026-01-0{day}-00{number}") for day in (1, 2) for number in (1, 2)}


def test_a_dry_run_says_how_long_it_takes(tmp_path: Path) -> None:
    """31 lists of days, at one request in two seconds."""
    config = configure(tmp_path, "127.0.0.1:9", gap="2s")
    days: list[str | Path] = ["--since", "2026-01-01", "--until", "2026-01-31", "--config", config]
    report = scraper("backfill", "fast", *days, "--dry-run", "--json").report
    assert report["counts"]["listings"] == 31
    assert any(note.startswith("at least 0:01:02 at one request in 2 s") for note in report["notes"])
