"""`scraper backfill --via serial` from outside: numbers no list shows; what is none is on record and no article of anybody's."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from scraper.model import Reason, Role, Verdict
from tests.commands import scraper
from tests.outside import Outside
from tests.walked_outlets import WALKED, asked, counted_url
from tests.web_server import Answer, Asked, moved, status

SERIAL = WALKED["serial"]
DAYS = ("--since", SERIAL.since, "--until", SERIAL.until)


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Outside, list[str], list[str]]:
    """An archive after a walk, what was asked for, and what a second walk asked for."""
    with SERIAL.server() as web:
        directory = tmp_path_factory.mktemp("serial")
        archive = Outside(config=SERIAL.configure(directory, f"127.0.0.1:{web.port}"))
        assert SERIAL.walk(archive.config).findings == ()
        first = asked(web)
        assert SERIAL.walk(archive.config).findings == ()
        return archive, first, asked(web)[len(first) :]


def test_every_number_is_asked_for_until_two_in_a_row_are_none(walked: tuple[Outside, list[str], list[str]]) -> None:
    """Four a day, one of them skipped, and two misses at the end of each day; then the known ones cost nothing."""
    archive, first, again = walked
    assert len(first) == len(set(first)) == 6 * 6
    assert len(archive.held()) == 23
    assert len(again) == 13  # what was none then is asked again by a walk of its own


def test_what_is_none_is_on_record_and_nowhere_else(walked: tuple[Outside, list[str], list[str]]) -> None:
    """Captures say `guess` and gone; no locator, no expectation, no gap, no deletion."""
    archive, _, _ = walked
    none = [seen for seen in archive.captures() if seen.verdict is Verdict.GONE and seen.role is Role.ARTICLE]
    assert {capture.reason for capture in none} == {Reason.GUESS}
    assert len(none) == 26
    rows = archive.derived()
    assert len(rows["locators"]) == 23
    assert rows["sightings"] == []
    report = scraper("check", "--json", *DAYS, "--config", archive.config).report
    assert not [finding for finding in report["findings"] if finding["severity"] in ("missing", "damaged")]
    assert sum(day["known"] for day in report["days"]) == 23
    assert "404" not in json.dumps(report)
    assert scraper("changes", "--json", "--config", archive.config).text == ""
    archive.assert_rebuilds()


def test_a_dry_run_counts_and_asks_for_nothing(walked: tuple[Outside, list[str], list[str]]) -> None:
    """Of what is known it counts the rest, and says how long that takes at least."""
    archive, _, _ = walked
    report = scraper("backfill", "fast", "--via", "serial", *DAYS, "--dry-run", "--json", "--config", archive.config)
    assert report.report["counts"] == {"numbers": 36, "to ask": 13}
    assert any(note.startswith("at least 0:00:00") for note in report.report["notes"])
    plain = scraper("backfill", "fast", *DAYS, "--dry-run", "--config", archive.config)
    assert (plain.code, "no [[backfill]]" in plain.err) == (2, True)


def test_a_redirect_counts_for_what_it_leads_to(tmp_path: Path) -> None:
    """To an article: that is known. To nothing: neither address is. A number nobody answers for is told."""
    routes = {
        "002": moved(counted_url("2026-01-01-101")),
        "003": moved(counted_url("2026-01-01-091")),
        "004": status(503),
    }

    def answer(seen: Asked) -> Answer:
        found = next(
            (each for name, each in routes.items() if counted_url(f"2026-01-01-{name}").endswith(seen.target)), None
        )
        return found or SERIAL.answer(seen)

    outlet = replace(SERIAL, answer=answer, until="2026-01-01")
    with outlet.server() as web:
        archive = Outside(config=outlet.configure(tmp_path, f"127.0.0.1:{web.port}"))
        report = outlet.walk(archive.config)
    assert [finding.subject for finding in report.findings] == [counted_url("2026-01-01-004")]
    known = {row[2] for row in archive.derived()["locators"]}
    assert known == {counted_url(f"2026-01-01-{name}") for name in ("001", "101")}
    archive.assert_rebuilds()
