"""`scraper new-source` on replica outlets: what is found, what is written, and what is said where nothing can be."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from scraper import app
from scraper.catalogue import queries
from scraper.config import Config, load, with_overrides
from scraper.errors import Refused, ScraperError, Transient, UsageError
from scraper.jobs.crawl import crawl
from scraper.jobs.drafting import Wishes
from scraper.jobs.new_source import NewSource, new_source
from scraper.jobs.services import Services
from scraper.model import Reason
from tests.commands import scraper
from tests.fast_outlet import configure
from tests.fetch_support import START, StepClock
from tests.herald_outlet import HOST, ROOT, routes, stories
from tests.small_archive import assert_refused
from tests.web_server import RESET, Answer, Route, WebServer, moved, page, status

NOTHING = page(b"<html><head><title>Nothing here</title></head><body><p>Under construction.</p></body></html>")


@contextmanager
def working(place: Path, web: WebServer, clock: StepClock | None = None) -> Iterator[Services]:
    """The program with the outlet's host mapped to the server, on a stepped clock."""
    config: Config = with_overrides(load(place, {}), resolve=[f"{HOST}=127.0.0.1:{web.port}"])
    with app.services(config, clock=clock or StepClock(), processes=0) as services:
        yield services


def herald(**changes: Route | None) -> WebServer:
    """The Herald with other answers for some paths (`feed_` is /feed/); None takes a path away."""
    answers = routes(START)
    for name, answer in changes.items():
        path = {"front": "/", "index": "/sitemap_index.xml", "robots": "/robots.txt"}.get(
            name, f"/{name.replace('_', '/')}"
        )
        if answer is None:
            del answers[path]
        else:
            answers[path] = answer
    return WebServer(answers)


def draft(services: Services, url: str = f"{ROOT}/", **more: Any) -> NewSource:
    """The job as the command calls it."""
    options: dict[str, Any] = {"environ": {}, "out": None, "dry_run": False} | more
    wishes = options.pop("wishes", Wishes(url=url))
    return new_source(services, url, wishes=wishes, **options)


def declared(made: NewSource) -> dict[str, Any]:
    """The written declaration as a table."""
    text = Path(made.file).read_text(encoding="utf-8")
    assert text == made.declaration
    return tomllib.loads(text)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A configuration with another source in it."""
    return configure(tmp_path, "127.0.0.1:1")


def test_an_outlet_with_a_feed(place: Path) -> None:
    """Feed, news sitemap and front page are found, patterns, zone and counts guessed, three articles read."""
    with herald() as web, working(place, web) as services:
        made = draft(services)
        asked = web.targets()
    assert (made.exit_code(), made.notes, made.fill_in) == (0, (), ())
    told = declared(made)
    kinds = ("id", "name", "parser", "language", "timezone", "hosts", "per_day")
    assert [told[kind] for kind in kinds] == ["herald", "The Herald", "generic", "en", "Asia/Seoul", [HOST], [1, 8]]
    assert told["articles"] == [r"^/[^/?]+/\d{4}/\d{1,2}/\d{1,2}/[^/?]+/?(?:\?|$)"]
    assert [each["url"] for each in told["discover"]] == [
        f"{ROOT}{path}" for path in ("/feed/", "/sitemap-news.xml", "/")
    ]
    assert told["backfill"] == [{"kind": "sitemap", "url": f"{ROOT}/sitemap_index.xml"}]
    assert "listing_dates" not in told
    assert {(each.kind, each.rows, each.dated, each.articles) for each in made.lists} == {
        ("feed", 20, 20, 20),
        ("sitemap", 8, 8, 8),
        ("page", 10, 10, 10),
    }
    newest = stories(START)[:3]
    assert [sample.title for sample in made.samples] == [story.title for story in newest]
    assert [sample.published for sample in made.samples] == [story.published.isoformat() for story in newest]
    assert all(sample.first_words.startswith("The town council said") for sample in made.samples)
    assert not [path for path in asked if path.startswith(("/search", "/comments"))]
    assert asked[0] == "/robots.txt"


def test_what_was_fetched_is_the_new_sources_and_its_first_crawl_reads_it(place: Path) -> None:
    """Nothing is asked for twice: the pages lie in the archive, unread, until the declaration tells what they are."""
    clock = StepClock()
    with herald() as web:
        with working(place, web, clock) as services:
            draft(services)
            records = [
                record
                for story in stories(START)[:3]
                for record in queries.of_locator(services.database, key(story.path))
            ]
            assert {services.archive.record(record).source for record in records} == {"herald"}
            assert {services.archive.record(record).role.value for record in records} == {"article"}
        before = len(web.targets())
        with working(place, web, clock) as services:
            report = crawl(services, services.config.source("herald"), limit=1)
            due = queries.due(services.database, "herald", clock.now() + timedelta(hours=2), held=False, limit=99)
        asked = web.targets()[before:]
    assert "read 7 pages that an earlier run had archived but not read" in " ".join(report.notes)
    assert report.exit_code() == 0
    assert len(asked) == len({*asked}) == 4  # three lists and one article
    assert not {story.path for story in stories(START)[:3]} & {*asked}
    assert {locator.due for locator in due} == {Reason.NEW}
    assert len(due) == 20 - 3 - 1


def key(path: str) -> str:
    """The key under which an article of the Herald is filed."""
    return f"example,herald){path}"


def test_an_outlet_without_feed_or_sitemap(place: Path) -> None:
    """The links of its pages are the evidence: sections of the menu are lists too, and the day is read from the address."""
    plain = routes(START)
    front = plain["/"]
    assert isinstance(front, Answer)
    bare = {path: _without_marks(answer) for path, answer in plain.items() if isinstance(answer, Answer)}
    for path in ("/feed/", "/sitemap_index.xml", "/sitemap-news.xml", "/sitemap-pages.xml"):
        bare[path] = status(404)
    with WebServer({**bare, "/robots.txt": status(404)}) as web, working(place, web) as services:
        made = draft(services, wishes=Wishes(url=ROOT, language="en", timezone="Asia/Tokyo", source_id="paper"))
        asked = web.targets()
    told = declared(made)
    assert made.exit_code() == 0, made
    assert (told["id"], told["timezone"], Path(made.file).name) == ("paper", "Asia/Tokyo", "paper.toml")
    assert [each["url"] for each in told["discover"]] == [f"{ROOT}{path}" for path in ("/", "/news/", "/culture/")]
    assert told["listing_dates"] == [r"/(?P<year>20\d\d)[/-]?(?P<month>[01]\d)[/-]?(?P<day>[0-3]\d)(?!\d)"]
    assert "per_day" not in told
    assert all(each.dated == each.rows == each.articles > 0 for each in made.lists)
    assert asked[:3] == ["/robots.txt", "/", "/feed/"]
    assert "/sitemap.xml" in asked


def _without_marks(answer: Answer) -> Answer:
    """A page without what tells of feeds and dates beside its links."""
    *_, body = answer.steps
    assert isinstance(body, bytes)
    lines = [line for line in body.splitlines() if b'rel="alternate"' not in line]
    return page(b"\n".join(lines).replace(b"<time", b"<span").replace(b"</time", b"</span"))


@pytest.mark.parametrize(("path", "kind", "rows"), [("/feed/", "feed", 20), ("/sitemap-news.xml", "sitemap", 8)])
def test_a_feed_or_a_sitemap_is_enough(place: Path, path: str, kind: str, rows: int) -> None:
    """Where the pages of an outlet list nothing, the address of what does is given instead."""
    with herald() as web, working(place, web) as services:
        made = draft(services, ROOT + path, dry_run=True)
    assert (made.exit_code(), made.lists[0].kind, made.lists[0].url) == (0, kind, ROOT + path)
    assert (made.lists[0].rows, made.lists[0].articles) == (rows, rows)
    assert len({each.url for each in made.lists}) == len(made.lists)
    assert len(made.samples) == 3


def test_a_date_that_nobody_states_is_missing(place: Path) -> None:
    """What is only inferred from an undated page is shown, and said to be missing."""
    unlisted = {"/feed/": status(404), "/sitemap_index.xml": status(404), "/robots.txt": status(404)}
    text = (
        b"<p>The town council said that the work had taken three months to complete, and that it was a success.</p>" * 3
    )
    bare = {
        f"/news/the-story-of-{n}-long-days/": page(b"<title>T</title><h1>A story of %d</h1>%s" % (n, text))
        for n in range(4)
    }
    links = "".join(f'<p><a href="{path}">The long story of many days in the town</a></p>' for path in bare)
    with WebServer({**bare, **unlisted, "/": page(links.encode())}) as web, working(place, web) as services:
        made = draft(services, dry_run=True)
    assert made.exit_code() == 1
    assert all(sample.missing for sample in made.samples)
    assert len(made.samples) == 3


def test_an_outlet_with_nothing_to_go_by(place: Path) -> None:
    """A declaration is written all the same, says what to fill in, and is one that can be loaded; exit code 1."""
    with WebServer({"/": NOTHING}) as web, working(place, web) as services:
        made = draft(services)
    assert (made.exit_code(), made.fill_in, made.samples) == (1, ("articles", "discover"), ())
    assert made.declaration.count("FILL IN") == 4  # articles, per_day, language, timezone
    assert load(place, {}).source("herald").articles == ("^/FILL-IN/",)


def test_a_dry_run_writes_nothing(place: Path) -> None:
    """The pages are archived, as whatever comes from the web is: by hand, for no source is declared."""
    with herald() as web, working(place, web) as services:
        made = draft(services, dry_run=True)
        (record,) = queries.of_locator(services.database, "example,herald)/")
        assert services.archive.record(record).source == "adhoc"
    assert (made.exit_code(), made.file) == (0, "")
    assert tomllib.loads(made.declaration)["id"] == "herald"
    assert [each.id for each in load(place, {}).sources] == ["fast"]


def test_a_file_of_ones_own(place: Path, tmp_path: Path) -> None:
    """`--out` names it, whatever its name; what is there is not overwritten, and nobody is asked."""
    out = tmp_path / "drafts/one.toml"
    with herald() as web, working(place, web) as services:
        assert Path(draft(services, out=out).file) == out
        asked = len(web.targets())
        with pytest.raises(UsageError, match="not overwritten"):
            draft(services, out=out)
        assert len(web.targets()) == asked


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"robots": page(b"User-agent: *\nDisallow: /\n")}, Refused, "Disallow: /"),
        ({"robots": status(503)}, Transient, "robots.txt unreachable"),
        ({"front": Answer((RESET,))}, Transient, "failed"),
        ({"front": status(404)}, UsageError, "404"),
        ({"front": moved("https://elsewhere.example/")}, UsageError, "https://elsewhere.example/"),
    ],
    ids=["robots-denies", "robots-unreachable", "unreachable", "not-found", "moved"],
)
def test_an_outlet_that_cannot_be_had(
    place: Path, changes: dict[str, Route], error: type[ScraperError], words: str
) -> None:
    """The error says why, no declaration is written."""
    with herald(**changes) as web, working(place, web) as services, pytest.raises(error, match=words):
        draft(services)
    assert not (place / "sources/herald.toml").exists()


def test_what_fails_on_the_way_is_noted(place: Path) -> None:
    """A feed that is gone is a note; an outlet that asks to be left alone ends it, with what was found until then."""
    with herald(feed_=status(410)) as web, working(place, web) as services:
        made = draft(services, dry_run=True)
    assert [note for note in made.notes if "/feed/ answered 410" in note]
    assert {each.kind for each in made.lists} == {"sitemap", "page"}
    busy = status(429, ("Retry-After", "86400"))
    with herald(index=busy) as web, working(place, web) as services:
        made = draft(services)
    assert (made.exit_code(), bool(made.stopped)) == (5, True)
    assert all(sample.detail for sample in made.samples)
    assert load(place, {}).source("herald").discover


def test_an_article_that_cannot_be_read_is_said(place: Path) -> None:
    """What the parser did not find is named, and the exit code is 1."""
    first, second, _ = stories(START)[:3]
    undated = page(
        f"<html><head><title>x</title></head><body><h1>{first.title}</h1><p>Words.</p></body></html>".encode()
    )
    changed = {**routes(START), first.path: undated, second.path: status(404), "/feed/": status(404)}
    with WebServer(changed) as web, working(place, web) as services:
        made = draft(services)
    assert made.exit_code() == 1
    assert [sample.url for sample in made.samples if sample.detail] == [f"{ROOT}{second.path}"]


def test_what_is_declared_already(place: Path) -> None:
    """A host, an id and a file that are taken are told before anybody is asked, and what to do."""
    with herald() as web, working(place, web) as services:
        with pytest.raises(UsageError, match="belongs to source 'fast' already"):
            draft(services, "http://www.news.example/")
        with pytest.raises(UsageError, match="--id"):
            draft(services, wishes=Wishes(url=ROOT, source_id="fast"))
        with pytest.raises(UsageError, match="whole address"):
            draft(services, "herald")
        for wishes in (Wishes(url=ROOT, timezone="Asia/Nowhere"), Wishes(url=ROOT, source_id="The Herald")):
            with pytest.raises(UsageError, match=r"^--(timezone|id): '"):
                draft(services, wishes=wishes)
        assert web.log == []
        assert not (place / "sources/herald.toml").exists()


def test_the_shipped_configuration_is_not_written_to(tmp_path: Path) -> None:
    """Without a configuration of one's own there is no place for a source; and no contact, no request."""
    ran = scraper("new-source", f"{ROOT}/", cwd=tmp_path)
    assert_refused(ran, 2, "scraper init DIR", "--out")
    assert_refused(scraper("new-source", f"{ROOT}/", "--dry-run", cwd=tmp_path), 2, "contact")


def test_the_command_says_it_for_people_and_for_programs(place: Path) -> None:
    """JSON has all of it; the text names the file and the next command."""
    with herald(robots=status(404)) as web:
        options = ("--config", place, "--resolve", f"{HOST}=127.0.0.1:{web.port}")
        ran = scraper("new-source", f"{ROOT}/", "--json", "--dry-run", *options)
        assert ran.code == 0, ran.err
        assert ran.report["source"] == "herald"
        assert json.dumps(ran.report["samples"][0]["title"]) in ran.text
