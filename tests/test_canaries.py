"""Canaries: frozen, heard by `check`, `vitals` and `reparse`, and in the way of a parser that spoils them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from scraper import app
from scraper.catalogue.reading import Reading
from scraper.config import load
from scraper.config.canaries import canaries, freeze, path_of
from scraper.errors import ConfigError, UsageError
from scraper.jobs.canaries import add, sing
from scraper.jobs.check import check
from scraper.jobs.look import captures
from scraper.jobs.reader import Reader, read_page
from scraper.jobs.reparse import reparse
from scraper.jobs.services import Services
from scraper.jobs.vitals import measure
from scraper.model import Canary, FrozenArticle, Page, Severity, Sighting, Source, Verdict
from tests.commands import scraper
from tests.small_archive import Small, small_archive

RODONG = "replica-rodong"


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Small]:
    """Half a day of the replica outlets."""
    with small_archive(tmp_path_factory.mktemp("base") / "archive") as made:
        yield made


@pytest.fixture
def own(base: Small, tmp_path: Path) -> Small:
    """A copy to freeze canaries in."""
    return base.copy(tmp_path / "own")


@pytest.fixture
def services(own: Small) -> Iterator[Services]:
    """The services of a command on it."""
    with app.services(load(own.directory / "config", {}), processes=0, writes=False) as built:
        yield built


@pytest.fixture
def url(services: Services) -> str:
    """An article that is held and read."""
    found = [
        capture
        for key in services.archive.store.list(f"captures/{RODONG}/")
        if (capture := services.archive.record(key)).verdict is Verdict.ARTICLE
    ]
    return found[0].url


def spoils(page: Page, source: Source, lead: Sighting | None) -> Reading:
    """A parser that loses the last paragraph of every article and does not know it."""
    reading = read_page(page, source, lead)
    shorter = tuple(
        replace(article, paragraphs=article.paragraphs[:-1], text_sha256="0" * 64)
        for article in reading.parsed.articles
    )
    return replace(reading, parsed=replace(reading.parsed, articles=shorter))


def test_a_canary_is_frozen_and_heard(own: Small, services: Services, url: str) -> None:
    """The command writes a file of digests; nothing is said of it while it reads the same."""
    ran = own.run("canary", "add", RODONG, url)
    assert ran.code == 0
    (canary,) = canaries(services.config.directory, RODONG)
    (capture,) = [each for each in captures(services, url) if each.record == canary.record]
    assert (canary.url, canary.snapshot) == (url, capture.sha256)
    text = path_of(services.config.directory, RODONG).read_text(encoding="utf-8")
    reading = services.reader.read(services.archive.load(capture), services.config.source(RODONG), capture.lead)
    (article,) = reading.parsed.articles
    assert article.title not in text
    assert canary.articles == (
        FrozenArticle(
            title_sha256=canary.articles[0].title_sha256,
            text_sha256=article.text_sha256,
            published=article.published,
        ),
    )
    assert list(sing(services, services.config.sources)) == []
    assert own.run("sources").code == 0


def test_a_parser_that_spoils_a_canary_is_heard_and_not_applied(services: Services, url: str) -> None:
    """`check` and `vitals` name it, `reparse` writes nothing until it is frozen anew; a dry run shows the rest."""
    source = services.config.source(RODONG)
    add(services, source, url)
    with closing(Reader(processes=0, reads=spoils)) as reader:
        worse = replace(services, reader=reader)
        for report in (check(worse, [source]), measure(worse, [source]), reparse(worse, [source], dry_run=True)):
            (finding,) = [each for each in report.findings if each.kind == "canary"]
            assert (finding.subject, finding.severity) == (url, Severity.MISSING)
            assert "text" in finding.reason
            assert report.exit_code() == 1
        refused = reparse(worse, [source])
        assert (refused.counts, refused.exit_code()) == ((), 1)
        assert "changed text_sha256" not in dict(reparse(services, [source]).counts)
        add(worse, source, url)
        assert dict(reparse(worse, [source]).counts)["changed text_sha256"] >= 1
    assert len(canaries(services.config.directory, RODONG)) == 1


def test_a_canary_whose_bytes_are_gone_is_damage(services: Services, url: str) -> None:
    """Its record or snapshot is missing: that is said as damage, not as a mistake of the parser."""
    source = services.config.source(RODONG)
    add(services, source, url)
    (canary,) = canaries(services.config.directory, RODONG)
    record = canary.record.replace("captures/", "captures/x", 1)
    freeze(services.config.directory, RODONG, replace(canary, record=record))
    (finding,) = sing(services, [source])
    assert (finding.kind, finding.severity) == ("canary", Severity.DAMAGED)


def test_what_cannot_be_read_cannot_be_frozen(services: Services) -> None:
    """A list has no article; an address that is not archived has nothing at all."""
    source = services.config.source(RODONG)
    with pytest.raises(UsageError, match="nothing to freeze"):
        add(services, source, source.discover[0].url)
    with pytest.raises(UsageError, match="nothing is archived"):
        add(services, source, "http://www.rodong.example/en/index.php?none")


def test_canaries_survive_being_written_down(tmp_path: Path) -> None:
    """What is frozen is read back equal, several to a file, several articles to a page."""
    articles = (
        FrozenArticle(title_sha256="a" * 64, text_sha256="b" * 64, published="2026-08-22"),
        FrozenArticle(title_sha256="c" * 64, text_sha256="d" * 64),
    )
    one = Canary(url='http://outlet.example/"1"', record="captures/outlet/1", snapshot="e" * 64, articles=articles)
    other = replace(one, url="http://outlet.example/조선", articles=articles[1:])
    for canary in (one, other, one):
        freeze(tmp_path, "outlet", canary)
    assert canaries(tmp_path, "outlet") == (other, one)
    assert canaries(tmp_path, "another") == ()


def test_a_file_of_canaries_that_is_no_good_is_refused_in_one_line(own: Small, url: str) -> None:
    """File and key are named, as for any configuration."""
    assert own.run("canary", "add", RODONG, url).code == 0
    path = path_of(own.directory / "config", RODONG)
    path.write_text(path.read_text().replace("snapshot", "snapshto"), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"replica-rodong\.toml: canary\[0\]"):
        canaries(own.directory / "config", RODONG)
    ran = scraper("vitals", RODONG, "--config", own.directory / "config")
    assert (ran.code, ran.err.count("\n")) == (2, 1)
