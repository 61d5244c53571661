"""Every page of the replica is read by the outlets' own parsers, and its configuration is an ordinary one."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from scraper import discover, urls
from scraper.config import Config, load
from scraper.demo.clock import SteppedClock
from scraper.demo.outlets.kcna import SECTIONS, section_path
from scraper.demo.outlets.rodong import list_path
from scraper.demo.replica import SOURCES, Replica
from scraper.demo.script import END, KCNA, RODONG, START, WATCH, local
from scraper.demo.sources import write_config
from scraper.demo.stories import Story, shown
from scraper.model import Channel, Origin, Page, Parsed
from tests.demo.asking import ask

MOMENTS = (START, local(2, "13:00"), local(5, "10:30"), local(8, "23:59"), END)
OUTLETS = {KCNA: "KCNA", RODONG: "Rodong Sinmun"}


@pytest.fixture
def clock() -> SteppedClock:
    """A clock at the demo's first moment."""
    return SteppedClock(START)


@pytest.fixture
def replica(clock: SteppedClock) -> Iterator[Replica]:
    """A running replica."""
    with Replica(clock) as running:
        yield running


@pytest.fixture
def config(replica: Replica, tmp_path: Path) -> Config:
    """The demo's configuration, written and loaded like any other."""
    write_config(tmp_path / "config", replica.address)
    return load(tmp_path / "config", {})


def read(replica: Replica, config: Config, url: str) -> Parsed:
    """What the source that owns the URL reads from the page as it is now."""
    got = ask(replica, url)
    assert got.status == 200, url
    page = Page(
        method="GET",
        url=url,
        status=got.status,
        headers=tuple(got.headers.items()),
        fetched_at=replica.now(),
        body=got.body,
    )
    source = config.owner(url)
    assert source is not None, url
    return discover.read(page, source=source.id, parser=source.parser)


def readable(replica: Replica) -> list[Story]:
    """The stories whose pages can be read now: shown, and neither failing nor blocked."""
    troubled = {"vanished", "blocked"}
    spoiled = {each.story for each in replica.expectations if each.kind in troubled and replica.now() < each.since}
    hidden = {each.story for each in replica.expectations if each.kind == "vanished"} | spoiled
    return [each for each in replica.stories if each.live(replica.now()) and each.id not in hidden]


@pytest.mark.parametrize("moment", range(len(MOMENTS)))
def test_every_article_is_read_as_it_was_written(
    replica: Replica, clock: SteppedClock, config: Config, moment: int
) -> None:
    """Title, paragraphs, byline and end mark come out of each page as the generator put them in."""
    clock.move_to(MOMENTS[moment])
    for story in readable(replica):
        version = story.at(clock.now())
        (article,) = read(replica, config, story.url).articles
        dated = (f"{story.dateline} {version.paragraphs[0]}".strip(), *version.paragraphs[1:])
        assert (article.title, article.paragraphs) == (version.title, dated), story.id
        assert (article.end_mark or "", article.byline or "") == (story.end_mark, story.byline), story.id
        assert (article.dateline.text if article.dateline else "") == story.dateline.removesuffix(" --"), story.id
        assert article.outlet == OUTLETS[story.mirrors.host if story.mirrors else story.host], story.id
        assert article.original_url == (story.mirrors.url if story.mirrors else None), story.id


def test_an_article_is_the_same_under_both_addresses(replica: Replica, clock: SteppedClock, config: Config) -> None:
    """The outlet's own key, date and serial, tells that two addresses are one article."""
    clock.move_to(END)
    for story in shown(replica.stories, RODONG, END):
        both = {read(replica, config, url).articles[0].key for url in story.urls}
        assert both == {f"2026-{story.id[7:9]}-{story.id[9:]}"}


@pytest.mark.parametrize("moment", range(len(MOMENTS)))
def test_every_listing_is_read(replica: Replica, clock: SteppedClock, config: Config, moment: int) -> None:
    """The first pages of all lists show the newest stories with title and outlet day, and nothing else."""
    clock.move_to(MOMENTS[moment])
    for host, first, rows in (
        (KCNA, f"http://{KCNA}{section_path('Latest News')}", 15),
        (KCNA, f"http://{KCNA}/en", 5),
        (RODONG, f"http://{RODONG}{list_path('2@@2', 1)}", 10),
    ):
        found = read(replica, config, first).sightings
        newest = shown(replica.stories, host, clock.now())[:rows]
        assert [each.url for each in found] == [story.url for story in newest], first
        assert [each.title for each in found] == [story.at(clock.now()).title for story in newest]
        assert [each.published for each in found] == [story.day.date().isoformat() for story in newest]


@pytest.mark.parametrize("moment", range(len(MOMENTS)))
def test_sections_together_show_what_the_newest_list_shows(
    replica: Replica, clock: SteppedClock, config: Config, moment: int
) -> None:
    """From the first moment on no section is empty: an empty list would be an alarm."""
    clock.move_to(MOMENTS[moment])
    for listed in (
        [f"http://{KCNA}{section_path(name)}" for name, section in SECTIONS if section],
        [f"http://{RODONG}{list_path(section, 1)}" for section in ("1@@15", "1@@16")],
    ):
        assert all(read(replica, config, url).sightings for url in listed)


def test_listings_lead_to_further_pages(replica: Replica, clock: SteppedClock, config: Config) -> None:
    """The home leads to sections, a long list to its next page: by POST form, by token, by sitemap."""
    clock.move_to(END)
    home = read(replica, config, f"http://{KCNA}/en").listings
    assert {each.url for each in home} == {f"http://{KCNA}{section_path(name)}" for name, _section in SECTIONS}
    latest = read(replica, config, f"http://{KCNA}{section_path('Latest News')}").listings
    (form,) = (each for each in latest if each.kind == "next-page")
    assert (form.method, dict(form.form)["page_num"], form.volatile) == ("POST", "2", ("_csrf",))
    newest = read(replica, config, f"http://{RODONG}{list_path('2@@2', 1)}").listings
    assert f"http://{RODONG}{list_path('2@@2', 2)}" in {each.url for each in newest if each.kind == "next-page"}
    index = read(replica, config, f"http://{WATCH}/sitemap_index.xml").listings
    found = [sighting.url for each in index for sighting in read(replica, config, each.url).sightings]
    assert set(found) == {story.url for story in replica.stories if story.host == WATCH}


def test_aggregator_shows_its_items_in_feed_and_fragment(replica: Replica, clock: SteppedClock, config: Config) -> None:
    """The feed gives moments of ingest, the fragment the day; past its end the fragment is empty, without alarm."""
    clock.move_to(END)
    newest = shown(replica.stories, WATCH, END)
    feed = read(replica, config, f"http://{WATCH}/feed/").sightings
    assert [each.url for each in feed] == [story.url for story in newest[:10]]
    assert [each.published for each in feed] == [story.published.isoformat() for story in newest[:10]]
    ajax = f"http://{WATCH}/wp-admin/admin-ajax.php?action=get_cat_by_source&die=true&from={{}}&to={{}}&sort=&id=189660"
    kcna = [story for story in newest if story.mirrors is not None and story.mirrors.host == KCNA]
    rows = read(replica, config, ajax.format(0, 10)).sightings
    assert [(each.url, each.published) for each in rows] == [
        (story.url, story.day.date().isoformat()) for story in kcna
    ]
    assert read(replica, config, ajax.format(10, 10)).sightings == ()


def test_mirror_points_to_the_original_and_to_its_neighbours(
    replica: Replica, clock: SteppedClock, config: Config
) -> None:
    """A mirrored page is evidence of its original, and of the newest items of the same source."""
    clock.move_to(END)
    story = next(each for each in replica.stories if each.id == "watch-rodong-0905-002")
    parsed = read(replica, config, story.url)
    origins = {each.origin: each for each in parsed.sightings}
    assert story.mirrors is not None
    assert (origins[Origin.MIRROR].url, origins[Origin.MIRROR].published) == (story.mirrors.url, "2026-09-05")
    related = {each.url for each in parsed.sightings if each.origin is Origin.RELATED}
    assert len(related) == 5
    assert related <= {each.url for each in replica.stories if each.host == WATCH}


def test_configuration_declares_the_three_outlets(replica: Replica, config: Config, tmp_path: Path) -> None:
    """Three simulated sources, each host resolved to the replica, their digests those of the files written."""
    assert {source.hosts[0]: source.id for source in config.sources} == SOURCES
    for source in config.sources:
        assert source.channel is Channel.SIMULATED
        assert dict(source.network.resolve) == dict.fromkeys(source.hosts, replica.address)
        written = (tmp_path / "config" / "sources" / f"{source.id}.toml").read_bytes()
        assert source.digest == hashlib.sha256(written).hexdigest()
        assert (source.every, source.politeness.gap) == (timedelta(hours=2), 2.0)
        assert (source.politeness.deadline, source.politeness.attempts) == (1.0, 2)


def test_archive_is_where_it_was_asked_for(replica: Replica, tmp_path: Path) -> None:
    """Store and catalogue have absolute addresses: in `archive`, or beside the configuration; odd names are kept."""
    odd = tmp_path / 'a "quoted" föld er'
    write_config(odd / "config", replica.address)
    assert load(odd / "config", {}).settings.catalogue == f"sqlite:///{odd}/archive/catalogue.sqlite3"
    write_config(odd / "config", replica.address, archive=odd / "elsewhere")
    settings = load(odd / "config", {}).settings
    assert settings.store == (odd / "elsewhere" / "store").as_uri()
    assert settings.catalogue == f"sqlite:///{odd}/elsewhere/catalogue.sqlite3"


def test_declared_patterns_tell_articles_from_listings(replica: Replica, config: Config) -> None:
    """Every story's address is an article's by its source's patterns, every discovery page a listing's."""
    for story in replica.stories:
        for url in story.urls:
            source = config.owner(url)
            assert source is not None
            target = urls.target(urls.canonical(url))
            assert urls.canonical(url) == url
            assert any(re.search(pattern, target) for pattern in source.articles), url
            assert not any(re.search(pattern, target) for pattern in source.listings), url
    for source in config.sources:
        for page in source.discover:
            target = urls.target(urls.canonical(page.url))
            assert any(re.search(pattern, target) for pattern in source.listings), page.url
