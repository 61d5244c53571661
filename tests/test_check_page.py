"""`scraper check --html`: one file that shows what the report holds, runs nothing of others', and fetches nothing."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from scraper.cli.check_page import page
from scraper.model import DayCount, Finding, Report, Severity
from tests.small_archive import assert_refused, small_archive

NOW = datetime(2026, 9, 11, 3, 0, tzinfo=UTC)
FIRST = date(2026, 1, 1)


def counted(source: str, day: date, expected: int, readable: int, unobserved: str = "") -> DayCount:
    """A day of which some articles are readable and the rest not even held."""
    return DayCount(
        source=source,
        day=day,
        expected=expected,
        known=expected,
        held=readable,
        intact=readable,
        readable=readable,
        unobserved=unobserved,
    )


def report(days: tuple[DayCount, ...] = (), findings: tuple[Finding, ...] = ()) -> Report:
    """A check's report."""
    return Report(
        job="check", started_at=NOW, ended_at=NOW, counts=(("expected", 1_234),), days=days, findings=findings
    )


def finding(subject: str, reason: str = "not yet fetched") -> Finding:
    """Something that is missing."""
    return Finding(
        kind="missing",
        severity=Severity.MISSING,
        source="paper",
        subject=subject,
        reason=reason,
        repair="scraper fetch x",
    )


@pytest.mark.parametrize(
    ("day", "shown"),
    [
        (counted("paper", FIRST, 3, 3), "whole"),
        (counted("paper", FIRST, 3, 1), "part"),
        (counted("paper", FIRST, 3, 0), "none"),
        (counted("paper", FIRST, 3, 3, "04:00-09:00"), "unseen"),
        (counted("paper", FIRST, 0, 0, "00:00-24:00"), "blind"),
        (counted("paper", FIRST, 0, 0), "quiet"),
    ],
)
def test_a_day_is_told_by_its_colour_and_its_words(day: DayCount, shown: str) -> None:
    """Complete, partly and not at all; nobody looking is never shown as no news."""
    tree = LexborHTMLParser(page(report((day,))))
    (cell,) = tree.css(".weeks .day")
    assert shown in (cell.attributes["class"] or "").split()
    title = cell.attributes["title"] or ""
    assert title.startswith(f"2026-01-01 Thu: {day.expected} expected")
    assert title.endswith(day.unobserved)


def test_every_day_has_its_place_of_week_and_weekday() -> None:
    """Ten years of days are ten rows of weeks, and no two days share a place."""
    days = tuple(counted("paper", FIRST + timedelta(days=number), 1, 1) for number in range(3_653))
    years = LexborHTMLParser(page(report(days))).css(".weeks")
    assert len(years) == 11
    places = [[cell.attributes["style"] for cell in year.css(".day")] for year in years]
    assert sum(map(len, places)) == len(days)
    assert all(len(set(each)) == len(each) for each in places)
    # Thursday, 1 January 2026: fourth day (below the row of months) of the first week.
    assert places[0][0] == "grid-column:1;grid-row:5"


@given(st.text(min_size=1), st.text())
def test_what_others_wrote_is_text(subject: str, reason: str) -> None:
    """An address or a reason is shown as it stands, whatever it holds, and makes no element of its own."""
    tree = LexborHTMLParser(page(report(findings=(finding(subject, f"<script>alert(1)</script>{reason}"),))))
    assert len(tree.css("tbody tr")) == 1
    assert len(tree.css("script")) == 1
    assert not tree.css("tbody script")
    (why, *_) = tree.css("tbody td p")
    assert "<script>alert(1)</script>" in why.text()


def test_nothing_is_fetched() -> None:
    """No address in it is followed by a browser, and the page's own policy forbids it."""
    text = page(report((counted("paper", FIRST, 1, 0),), (finding("http://paper.example/1"),)))
    tree = LexborHTMLParser(text)
    assert not tree.css("link, img, iframe, [src], [href]")
    assert "default-src 'none'" in text
    assert not re.search(r"url\(|@import", text)


def test_equal_reports_give_equal_pages() -> None:
    """The page is a function of the report, and says how many findings it leaves out."""
    many = report(findings=tuple(finding(f"http://paper.example/{number}") for number in range(5_003)))
    assert page(many) == page(many)
    assert "and 3 more" in page(many)
    assert "Findings (5,003)" in page(many)
    assert "None: nothing is missing" in page(report())


def test_the_command_writes_the_file_beside_what_it_prints(tmp_path: Path) -> None:
    """The file is there whole, the exit code is the report's, and a place that cannot be written is told."""
    with small_archive(tmp_path / "archive") as archive:
        target = tmp_path / "report.html"
        assert archive.run("check", "--html", target).code == archive.code
        (heading,) = LexborHTMLParser(target.read_text(encoding="utf-8")).css("h1")
        assert heading.text() == "Completeness report"
        assert [path.name for path in tmp_path.glob(".report*")] == []
        assert_refused(archive.run("check", "--html", tmp_path / "none" / "report.html"), 2, "report.html")
