"""Reparse: what it shows before it writes, that it writes only that, that a kill costs little, and what a deadly page costs."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from scraper import app
from scraper.archive.archive import Archive, open_archive
from scraper.archive.store_local import LocalStore
from scraper.catalogue import queries, writing
from scraper.catalogue.database import Database
from scraper.catalogue.reading import ARTICLES, CRASHED, Reading
from scraper.catalogue.rereading import all_read, how_many
from scraper.config import Config, Settings
from scraper.demo.clock import SteppedClock
from scraper.jobs.reader import Reader, ReadPage, read_page
from scraper.jobs.reparse import reparse
from scraper.jobs.services import Services, Step
from scraper.model import Exchange, Page, Parsed, Reason, Report, Request, Role, Sighting, Source, Verdict
from scraper.policy import compare
from scraper.policy.judge import JUDGE
from tests.catalogue_support import SOURCE as OUTLET
from tests.catalogue_support import derived, read, seen
from tests.deadly import KILLS, begun, deadly
from tests.policy_support import NOON, article
from tests.test_reader import ARTICLE, GOOD, kcna

pytest_plugins = ["tests.catalogue_databases"]

PAGES = 150


def later(layout: str) -> str:
    """A later version of a layout, whatever its version is today."""
    name, _, version = layout.partition("@")
    return f"{name}@{int(version) + 100}" if version else layout


def newer(page: Page, source: Source, lead: Sighting | None) -> Reading:
    """A later version of the parser, which reads another title and is not sure of one page in ten."""
    reading = read_page(page, source, lead)
    if page.url.endswith("0") and reading.parsed.articles:
        return Reading(outcome="layout-changed", parsed=Parsed(), detail=f"{page.url}: not read any more")
    layout = later(reading.parsed.layout)
    articles = tuple(
        replace(each, title=f"New {each.title}", parser=layout, text_sha256="1" * 64)
        for each in reading.parsed.articles
    )
    return replace(reading, parsed=replace(reading.parsed, articles=articles, layout=layout))


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    """An archive of pages of one layout, read by today's parser; the third kills a deadly one."""
    settings = Settings(store=(tmp_path / "store").as_uri(), catalogue=f"sqlite:///{tmp_path}/catalogue")
    config = Config(directory=tmp_path, settings=settings, sources=(kcna(),))
    archive = open_archive(LocalStore(tmp_path / "store", durable=False), writable=True)
    with app.services(config, clock=SteppedClock(NOON), processes=0, writes=False) as built:
        for number in range(PAGES):
            _keep(archive, built, number)
        yield built


def _keep(archive: Archive, services: Services, number: int) -> None:
    url, at = f"http://www.kcna.kp{ARTICLE}{number:03d}", NOON + timedelta(seconds=number)
    exchange = Exchange(
        request=Request(source="kcna", url=url, role=Role.ARTICLE, reason=Reason.NEW),
        url=url,
        started_at=at,
        fetched_at=at,
        status=200,
        body=GOOD + (KILLS if number == 2 else b"") + b"<!-- %d -->" % number,
    )
    capture = archive.save(
        exchange,
        key=f"kp,kcna){ARTICLE}{number:03d}",
        verdict=Verdict.ARTICLE,
        judge=JUDGE,
        config=None,
        recorded_at=at,
    )
    writing.add_capture(services.database, capture, capture.key)
    writing.add_reading(services.database, capture, services.reader.read(archive.load(capture), kcna()), ())


def run(services: Services, reads: ReadPage, *, processes: int = 0, dry_run: bool = False, samples: int = 0) -> Report:
    """Reparse with a parser of the test's own."""
    with closing(Reader(processes=processes, reads=reads)) as reader:
        return reparse(replace(services, reader=reader), services.config.sources, dry_run=dry_run, samples=samples)


def test_a_dry_run_shows_what_would_change_and_writes_nothing(services: Services) -> None:
    """Every difference with its number of pages, the layout before and after, and so many samples with their words."""
    before = derived(services.database)
    report = run(services, newer, dry_run=True, samples=2)
    assert derived(services.database) == before
    lost = PAGES // 10
    found = {each.field: each for each in report.differences}
    assert (found["outcome"].pages, found["title"].pages) == (lost, PAGES - lost)
    today = found["title"].before or ""
    assert today.startswith("kcna/detail-2026@")
    assert found["title"].after == later(today)
    assert (found["outcome"].after, len(found["outcome"].samples), len(found["title"].samples)) == ("", 2, 2)
    first, *others = found["title"].samples[0].operations
    assert (first.op, first.before, first.after) == ("insert", "", "New")
    assert {each.op for each in others} == {"equal"}
    assert not found["text_sha256"].samples
    unread = [finding for finding in report.findings if finding.kind == "layout-changed"]
    assert len(unread) == lost
    assert all(finding.reason.startswith("it was read before: ") for finding in unread)
    assert run(services, newer, dry_run=True).differences[0].samples == ()


def test_it_writes_what_reads_otherwise_and_only_once(services: Services) -> None:
    """After it, the catalogue has what the new parser reads; done again, nothing differs and no row changes."""
    report = run(services, newer)
    assert dict(report.counts)["changed title"] == PAGES - PAGES // 10
    rows = {each.key: each for each in all_read(services.database, "kcna")}
    assert {each.articles[0].title[:4] for each in rows.values() if each.articles} == {"New "}
    assert sum(not each.articles for each in rows.values()) == PAGES // 10
    before = derived(services.database)
    again = run(services, newer)
    assert not [name for name, _ in again.counts if name.startswith("changed")]
    assert (again.differences, derived(services.database)) == ((), before)


def test_a_killed_run_is_begun_again(services: Services) -> None:
    """Killed at any page, what was written is whole pages, and the next run ends where one run would have."""

    def killed(step: Step) -> None:
        if step.done == PAGES // 2:
            raise KeyboardInterrupt

    with closing(Reader(processes=0, reads=newer)) as reader, pytest.raises(KeyboardInterrupt):
        reparse(replace(services, reader=reader, progress=killed), services.config.sources)
    halfway = {each.layout for each in all_read(services.database, "kcna") if each.articles}
    assert halfway == {min(halfway, key=len), later(min(halfway, key=len))}
    assert len(halfway) == 2
    second = run(services, newer)
    assert 0 < dict(second.counts)["changed title"] < PAGES - PAGES // 10
    resumed = derived(services.database)
    run(services, read_page)
    run(services, newer)
    assert derived(services.database) == resumed


def test_one_deadly_page_among_many_costs_little_and_is_named(services: Services, tmp_path: Path) -> None:
    """In two processes: it is reported by its address, every other page is read, and no more than a few twice."""
    log = tmp_path / "read.log"
    report = run(services, deadly(log), processes=2)
    (finding,) = report.findings
    assert (finding.kind, finding.subject) == (CRASHED, f"http://www.kcna.kp{ARTICLE}002")
    assert dict(report.counts)[ARTICLES] == PAGES - 1
    assert len(begun(log)) <= PAGES + 8


def test_many_findings_are_counted_and_not_all_named(services: Services) -> None:
    """A parser that reads nothing any more does not make a report of a million lines: a hundred are named."""
    report = run(services, _reads_nothing, dry_run=True)
    assert len(report.findings) == 100
    assert dict(report.counts)["layout-changed"] == PAGES
    assert any(f"kcna: {PAGES - 100} more pages are layout-changed" in note for note in report.notes)


def _reads_nothing(page: Page, _source: Source, _lead: Sighting | None) -> Reading:
    return Reading(outcome="layout-changed", parsed=Parsed(), detail=page.url)


def test_a_page_that_eats_memory_dies_alone(tmp_path: Path) -> None:
    """Its child is refused the memory, and the page is `crashed` in a line; this process has not grown by it."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    page = Page(method="GET", url=f"http://www.kcna.kp{ARTICLE}1", status=200, headers=(), fetched_at=NOON, body=GOOD)
    with closing(Reader(reads=_eats)) as reader:
        reading = reader.read(page, kcna())
    assert reading.outcome == CRASHED
    assert "MemoryError" in (reading.detail or "")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000


def _eats(page: Page, source: Source, lead: Sighting | None) -> Reading:
    held = bytearray(16 * 2**30)
    return read_page(replace(page, body=page.body + bytes(held[:1])), source, lead)


def test_pages_are_gone_through_in_batches(database: Database) -> None:
    """However many there are, each once, of the source alone, with its articles in page order."""
    one, two = article("One", snapshot_sha256="a" * 64), article("Two", key="2", snapshot_sha256="a" * 64)
    for number in range(450):
        made = seen(f"{number:04d}", sha256="a" * 64, at=NOON + timedelta(seconds=number))
        read(database, made, *((one, two) if number == 7 else ()))
    read(database, seen("other", source="another", sha256="a" * 64))
    found = list(all_read(database, OUTLET))
    assert len({each.record for each in found}) == len(found) == how_many(database, [OUTLET]) == 450
    assert [each.articles for each in found if each.articles] == [(one, two)]


def test_two_parsers_make_no_change(database: Database) -> None:
    """One address seen twice, one capture read by the old parser and one by the new: no edit; under one parser, the edit."""
    old = article("Wheat", "The harvest began.", snapshot_sha256="a" * 64)
    new = article("Wheat harvest", "The harvest has begun.", snapshot_sha256="b" * 64)
    first = seen("a", sha256="a" * 64)
    second = seen("a", sha256="b" * 64, at=NOON + timedelta(hours=1))
    for parser, kinds in (("outlet@2", []), ("outlet@1", ["retitled", "edited"])):
        database.clear()
        read(database, first, old)
        read(database, second, replace(new, parser=parser))
        history = queries.observations(database, OUTLET, first.key)
        assert [change.kind for change in compare.changes(history)] == kinds
