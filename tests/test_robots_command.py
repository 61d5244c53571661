"""`scraper robots`, and what a run reports when robots.txt, a budget or the circuit breaker stops it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from scraper import app
from scraper.config import load
from scraper.jobs.crawl import crawl
from scraper.jobs.robots import explain
from scraper.jobs.services import Services
from scraper.model import Finding, Role, Severity
from tests.commands import scraper
from tests.fast_outlet import HOST, configure, fast_outlet
from tests.fetch_support import START, StepClock
from tests.web_server import Route, WebServer, moved, page, status

RULES = "User-agent: scraper\nDisallow: /private\nCrawl-delay: 7\n"
SEEN = "captures/fast/2026/08/22/"


@contextmanager
def outlet(
    directory: Path, *, robots: str = RULES, declared: str = "", routes: dict[str, Route] | None = None
) -> Iterator[tuple[WebServer, Path]]:
    """The fast outlet with a robots.txt, and its configuration with further lines under [politeness]."""
    with fast_outlet(2, 3, robots=robots, routes=routes) as web:
        place = configure(directory, f"127.0.0.1:{web.port}")
        declaration = place / "sources/fast.toml"
        text = declaration.read_text(encoding="utf-8").replace("attempts = 1", f"attempts = 1\n{declared}")
        declaration.write_text(text, encoding="utf-8")
        yield web, place


@contextmanager
def working(place: Path, clock: StepClock) -> Iterator[Services]:
    """A program that has just started."""
    with app.services(load(place, {}), clock=clock, processes=0) as services:
        yield services


def test_a_decision_is_explained_from_the_archive(tmp_path: Path) -> None:
    """First the file is asked for and archived; a later program reads it from there, with its age."""
    clock = StepClock()
    with outlet(tmp_path) as (web, place):
        with working(place, clock) as services:
            first = explain(services, f"http://{HOST}/private/1")
            assert services.archive.record(first.capture or "").role is Role.ROBOTS
        clock.sleep(3600)
        with working(place, clock) as services:
            again = explain(services, f"http://{HOST}/open")
        assert web.targets() == ["/robots.txt"]
    assert (first.origin, first.allowed, first.rule, first.group) == ("fetched", False, "Disallow: /private", "scraper")
    assert (again.origin, again.allowed, again.age, again.capture) == ("archive", True, 3600, first.capture)
    assert (again.crawl_delay, again.gap, again.asked_again_at) == (7, 7, START + timedelta(hours=12))
    assert (first.capture or "").startswith(SEEN)


def test_a_redirected_file_is_found_in_the_archive(tmp_path: Path) -> None:
    """The catalogue leads from the address that was asked to the file at the end of its redirects."""
    routes: dict[str, Route] = {"/robots.txt": moved("/r"), "/r": page(RULES.encode())}
    with outlet(tmp_path, routes=routes) as (web, place):
        for _ in range(2):
            with working(place, StepClock()) as services:
                found = explain(services, f"http://{HOST}/private/1")
            assert (found.allowed, found.rule) == (False, "Disallow: /private")
        assert web.targets() == ["/robots.txt", "/r"]
    assert found.origin == "archive"


def test_a_damaged_copy_is_asked_for_again(tmp_path: Path) -> None:
    """A snapshot that is gone decides nothing."""
    with outlet(tmp_path) as (web, place):
        with working(place, StepClock()) as services:
            explain(services, f"http://{HOST}/private/1")
        for snapshot in (tmp_path / "store").rglob("*.zst"):
            snapshot.unlink()
        with working(place, StepClock()) as services:
            assert explain(services, f"http://{HOST}/private/1").origin == "fetched"
        assert web.targets() == ["/robots.txt"] * 2


def test_the_command_prints_it_for_people_and_programs(tmp_path: Path) -> None:
    """File, group, rule and delay; 0 where the page may be asked for, else 5."""
    with outlet(tmp_path) as (_, place):
        no = scraper("robots", f"http://{HOST}/private/1", "--config", place)
        yes = scraper("robots", f"http://{HOST}/open", "--config", place, "--json")
        wrong = scraper("robots", "http://", "--config", place)
    assert (no.code, yes.code, wrong.code) == (5, 0, 2)
    assert "not allowed" in no.text
    assert "User-agent: scraper" in no.text
    assert "Disallow: /private" in no.text
    assert "7 s between requests" in no.text
    (told,) = yes.lines
    assert (told["allowed"], told["origin"], told["group"], told["gap"]) == (True, "archive", "scraper", 7.0)
    assert told["robots_url"] == f"http://{HOST}/robots.txt"


def stopped_by(place: Path, clock: StepClock) -> tuple[Finding, ...]:
    """What a crawl by a new program finds."""
    with working(place, clock) as services:
        return crawl(services, services.config.source("fast")).findings


@pytest.mark.parametrize(
    ("kind", "robots", "declared", "words"),
    [
        ("paused", "User-agent: *\nCrawl-delay: 600", "", "raise max_gap"),
        ("budget-spent", "", "daily_requests = 3", "daily_requests"),
        ("budget-spent", "", 'daily_bytes = "1KiB"', "daily_bytes"),
    ],
)
def test_a_source_that_is_stopped_says_so_in_its_report(
    kind: str, robots: str, declared: str, words: str, tmp_path: Path
) -> None:
    """One finding that names the rule and its end; nothing more is asked by the next program either."""
    clock = StepClock()
    with outlet(tmp_path, robots=robots, declared=declared) as (web, place):
        (finding,) = stopped_by(place, clock)
        before = len(web.log)
        stopped_by(place, clock)
        assert len(web.log) == before
    assert (finding.kind, finding.severity) == (kind, Severity.UNOBSERVED)
    assert words in finding.reason


def test_an_open_circuit_is_a_finding_and_outlives_the_program(tmp_path: Path) -> None:
    """Two failures open it; the next program asks for nothing until it may probe."""
    clock = StepClock()
    routes: dict[str, Route] = {"/en/index.php": status(500)}
    with outlet(tmp_path, robots="", declared="breaker_failures = 2", routes=routes) as (web, place):
        kinds = [tuple(finding.kind for finding in stopped_by(place, clock)) for _ in range(3)]
        assert len(web.log) == 3  # robots.txt, and two pages
        clock.sleep(300)
        stopped_by(place, clock)
        assert len(web.log) == 4
    assert kinds == [("unreachable",), ("unreachable",), ("circuit-open",)]


def test_quiet_hours_are_no_fault(tmp_path: Path) -> None:
    """They are noted, and the exit code stays 0; it is 21:00 in Pyongyang."""
    with outlet(tmp_path) as (web, place):
        declaration = place / "sources/fast.toml"
        text = declaration.read_text(encoding="utf-8").replace("[politeness]", 'quiet = ["20:00-23:00"]\n[politeness]')
        declaration.write_text(text, encoding="utf-8")
        with working(place, StepClock()) as services:
            report = crawl(services, services.config.source("fast"))
        assert web.log == []
    assert [(finding.kind, finding.severity) for finding in report.findings] == [("quiet-hours", Severity.NOTE)]
    assert report.exit_code() == 0


def test_a_seed_needs_no_pattern(tmp_path: Path) -> None:
    """An extra discovery page is in scope by the operator's word; what it links to is not."""
    with outlet(tmp_path, robots="", routes={"/odd": page(b"<html><main></main></html>")}) as (web, place):
        with working(place, StepClock()) as services:
            crawl(services, services.config.source("fast"), seeds=[f"http://{HOST}/odd"])
        assert "/odd" in web.targets()
