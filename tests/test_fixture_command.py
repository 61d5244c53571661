"""`scraper fixture`: a page becomes a test of its parser, from a file and from the archive; and what a shell completes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from scraper.config import load, shipped
from scraper.jobs import fixture
from scraper.model import Parsed
from tests.commands import ROOT, Ran, environment, scraper
from tests.outside import Outside
from tests.small_archive import Small, assert_refused, small_archive

SITES = ROOT / "tests/sites"
RODONG = SITES / "rodong/2025-article"
TOLD = json.loads((RODONG / "capture.json").read_text())
WHENCE = ("--url", TOLD["url"], "--fetched-at", TOLD["fetched_at"])
HERALD = """schema = 1
id = "herald"
name = "The Herald"
parser = "generic"
language = "en"
timezone = "UTC"
hosts = ["www.herald.example"]
articles = ['^/news/']
listings = ['^/$']
"""
PAGE = """<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>A new bridge</title></head><body><main><article>
<h1>A new bridge</h1><time datetime="2026-04-01">April 1</time><p>A bridge over the river was opened on Wednesday morning.</p>
<p>It is six hundred metres long, and took four years to build.</p></article></main></body></html>"""


def make(into: Path, *more: str | Path, source: str = "rodong", page: Path = RODONG / "page.html") -> Ran:
    """The command on a saved page."""
    return scraper("fixture", source, page, *WHENCE, "--into", into, *more)


def test_a_page_is_written_with_what_is_read_from_it(tmp_path: Path) -> None:
    """The folder is what the tests read; its expectation is today's reading, and says that nobody has reviewed it."""
    ran = make(tmp_path, "--slug", "library", "--json")
    assert ran.code == 0, ran.err
    folder = tmp_path / "rodong/library"
    assert (ran.report["folder"], ran.report["reads_as"]) == (str(folder), "article")
    assert (folder / "page.html").read_bytes() == (RODONG / "page.html").read_bytes()
    path = fixture.expectation(folder)
    assert path == folder / "article.json"
    assert not fixture.is_reviewed(path)
    assert next(iter(json.loads(path.read_text()))) == "reviewed"
    assert fixture.expected(path) == json.loads((RODONG / "article.json").read_text())
    assert fixture.actual(fixture.load(folder).read()) == (path.name, fixture.expected(path))


def test_a_review_is_the_line_taken_out() -> None:
    """Expectations that say nothing of a review were reviewed by whoever wrote them."""
    assert fixture.is_reviewed(RODONG / "article.json")


def test_facts_hold_no_words(tmp_path: Path) -> None:
    """Digests in place of the outlet's words, which the same page fulfils and another does not; the page stays out of git."""
    assert make(tmp_path, "--slug", "library", "--facts").code == 0
    folder = tmp_path / "rodong/library"
    path = folder / "article.json"
    read = fixture.load(folder).read()
    assert isinstance(read, Parsed)
    (article,) = read.articles
    written = path.read_text()
    assert not [words for words in (article.title, *article.paragraphs) if words in written]
    assert fixture.holds_facts(path)
    assert fixture.actual(read, as_facts=True)[1] == fixture.expected(path)
    assert fixture.expected(path)["title"] == sha256(article.title.encode()).hexdigest()
    assert (folder / ".gitignore").read_text() == "page.*\n"
    page = folder / "page.html"
    page.write_text(page.read_text().replace(article.paragraphs[-1], "Another end."))
    assert fixture.actual(fixture.load(folder).read(), as_facts=True)[1] != fixture.expected(path)


def test_a_generic_source_brings_its_rules(tmp_path: Path) -> None:
    """A fixture of a source without code is read by the patterns that were declared when it was made."""
    for name, text in (("scraper.toml", "schema = 1\n"), ("sources/herald.toml", HERALD)):
        (tmp_path / "config" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "config" / name).write_text(text)
    page = tmp_path / "bridge.html"
    page.write_text(PAGE)
    whence = ("--url", "http://www.herald.example/news/1", "--fetched-at", "2026-04-01", "--header", "Set-Cookie: a=b")
    options = ("--into", tmp_path / "fixtures", "--config", tmp_path / "config")
    ran = scraper("fixture", "herald", page, *whence, *options)
    assert ran.code == 0, ran.err
    folder = tmp_path / "fixtures/generic/herald-news-1"
    assert fixture.load(folder).rules is not None
    assert fixture.expected(folder / "article.json")["title"] == "A new bridge"
    assert fixture.actual(fixture.load(folder).read())[1] == fixture.expected(folder / "article.json")
    assert json.loads((folder / "capture.json").read_text())["headers"] == []


def test_a_page_that_is_refused_gets_no_expectation(tmp_path: Path) -> None:
    """What should be read from it can only be said once a layout reads it: exit code 1, and the page is there."""
    page = tmp_path / "new.html"
    page.write_text("<html><body><h1>Another template</h1></body></html>")
    ran = make(tmp_path / "fixtures", "--slug", "new", page=page)
    assert (ran.code, "write a layout" in ran.text) == (1, True)
    folder = tmp_path / "fixtures/rodong/new"
    assert sorted(each.name for each in folder.iterdir()) == ["capture.json", "page.html"]


def test_what_cannot_be_done_is_said_in_a_line(tmp_path: Path) -> None:
    """A fixture that is there, a source that is not, a file that is not, and no place to write to."""
    assert make(tmp_path, "--slug", "one").code == 0
    assert_refused(make(tmp_path, "--slug", "one"), 2, "--slug", "not overwritten")
    assert_refused(make(tmp_path, source="herald"), 2, "unknown source 'herald'")
    assert_refused(make(tmp_path, page=tmp_path / "none.html"), 2, "none.html")
    assert_refused(scraper("fixture", "rodong", RODONG / "page.html", *WHENCE, cwd=tmp_path), 2, "--into")
    assert_refused(scraper("fixture", "rodong", RODONG / "page.html", "--into", tmp_path), 2, "--fetched-at")


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Small]:
    """A small archive, of which a fixture only reads."""
    with small_archive(tmp_path_factory.mktemp("base") / "archive") as made:
        yield made


def test_an_archived_page_needs_no_telling(base: Small, tmp_path: Path) -> None:
    """By its URL and by its digest the same page is found, with the address and the time of its capture."""
    found = Outside(config=base.directory / "config").captures()
    first = next(each for each in found if each.verdict.value == "article" and each.sha256)
    same = [each for each in found if (each.url, each.sha256) == (first.url, first.sha256)]
    capture = max(same, key=lambda each: each.observed_at)
    for slug, subject in (("by-url", capture.url), ("by-digest", capture.sha256 or "")):
        ran = base.run("fixture", capture.source, subject, "--into", tmp_path, "--slug", slug, "--json")
        assert ran.code == 0, ran.err
        folder = Path(ran.report["folder"])
        assert sha256((folder / "page.html").read_bytes()).hexdigest() == capture.sha256
        told = json.loads((folder / "capture.json").read_text())
        assert (told["url"], told["fetched_at"]) == (capture.url, capture.observed_at.isoformat())
    ran = base.run("fixture", capture.source, "http://www.kcna.kp/never", "--into", tmp_path)
    assert_refused(ran, 2, "nothing is archived", "scraper fetch")


def completed(*words: str) -> list[str]:
    """What a shell offers for the last of the words."""
    typed = ["scraper", *words]
    asked = {"_SCRAPER_COMPLETE": "complete_bash", "COMP_WORDS": " ".join(typed), "COMP_CWORD": str(len(typed) - 1)}
    program = Path(sys.executable).with_name("scraper")
    done = subprocess.run([program], env=environment(asked), cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return done.stdout.split()


def test_a_shell_completes_ids_of_sources() -> None:
    """Ids of the configuration in force, not those that are named already, nothing and no error where there is none."""
    ids = [source.id for source in load(shipped(), {}).sources if source.id.startswith("k")]
    assert len(ids) > 1
    assert completed("crawl", "k") == ids
    assert completed("crawl", ids[0], "k") == ids[1:]
    assert completed("fixture", "xi") == ["xinhua"]
    assert completed("backfill", "ro") == ["rodong"]
    assert completed("crawl", "--config", os.devnull, "k") == []
    assert completed("fixt") == ["fixture"]
