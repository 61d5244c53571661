"""A backfill of Xinhua: from the home page through its sections to their data files, and the articles they list."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.commands import scraper
from tests.outside import Outside
from tests.web_server import Answer, WebServer, page, status

HOST = "xinhua.example"
_HEX = "{:032x}".format
_SOURCE = """
schema = 1
id = "xinhua"
name = "Xinhua on loopback"
parser = "xinhua"
language = "en"
timezone = "Asia/Shanghai"
hosts = ["{host}"]
articles = ['^/(?:[\\w-]+/)*\\d{{8}}/[0-9a-f]{{32}}/c\\.html', '^/english/\\d{{4}}-\\d\\d/\\d\\d/c_\\d+\\.htm']
listings = ['^/$', '^/(?:[\\w-]+/)*ds_[0-9a-f]{{32}}\\.json', '^/[\\w-]+/index\\.htm$', '^/english/.*/c_\\d+_\\d+\\.htm']
titles = '\\bDPRK\\b'
backfill = [{{ kind = "index", url = "http://{host}/" }}]
[politeness]
gap = "0s"
deadline = "2s"
attempts = 1
[network.resolve]
"{host}" = "{address}"
"""


def configure(directory: Path, address: str) -> Path:
    """Write a configuration with the one source."""
    place = directory / "config"
    (place / "sources").mkdir(parents=True)
    (place / "scraper.toml").write_text(
        'schema = 1\ncontact = "tests@archive.example.net"\nhealth = "off"\n'
        f'store = "{(directory / "store").as_uri()}"\ncatalogue = "sqlite:///{directory / "catalogue.sqlite3"}"\n'
    )
    (place / "sources" / "xinhua.toml").write_text(_SOURCE.format(host=HOST, address=address))
    return place


def hub(*links: str, source: int | None = None) -> Answer:
    """A page of links that names a data file."""
    script = f'<script>load({{datasource:"{_HEX(source)}", size: 20}})</script>' if source else ""
    anchors = "".join(f'<a href="{link}">{link}</a> ' for link in links)
    return page(f"<html><body>{anchors}{script}</body></html>".encode())


def data(*rows: tuple[str, str, str]) -> Answer:
    """A data file with rows of address, title and time."""
    listed = [{"publishUrl": url, "title": title, "publishTime": time} for url, title, time in rows]
    return page(json.dumps({"datasource": listed}).encode(), headers=[("X-Kind", "json")])


def article(title: str, time: str, after: str = "") -> Answer:
    """An article's page."""
    return page(
        f'<html><body><h1 class="Btitle">{title}</h1><p>Source: Xinhua</p><p>{time}</p><p>Editor: huaxia</p>'
        f'<div id="detail"><p>SAMPLONG (Xinhua) -- The text of {title}.</p>{after}</div></body></html>'.encode()
    )


NEW, PAGED, LATE, OTHER = (
    f"/20250713/{_HEX(1)}/c.html",
    "/english/2025-07/12/c_131.htm",
    f"/20250801/{_HEX(3)}/c.html",
    f"/20250713/{_HEX(4)}/c.html",
)
ROUTES = {
    "/robots.txt": status(404),
    "/": hub("/asiapacific/index.htm", "/europe/index.htm", "/video/index.htm", source=10),
    "/asiapacific/index.htm": hub("/", "/europe/index.htm", source=11),
    "/europe/index.htm": status(404),
    f"/ds_{_HEX(10)}.json": data(
        (NEW, "DPRK &amp; sample: <b>one</b>", "2025-07-13 10:00:00"), (OTHER, "Shanghai stocks", "2025-07-13 11:00:00")
    ),
    f"/asiapacific/ds_{_HEX(11)}.json": data(
        (f"http://{HOST}{NEW}", "DPRK again", "2025-07-13 10:00:00"),
        (f"..{PAGED}", "DPRK in pictures", "2025-07-12 23:30:00"),
        (LATE, "DPRK later", "2025-08-01 10:00:00"),
        ("", "an advertisement of the DPRK", "2025-07-13 10:00:00"),
    ),
    NEW: article("DPRK one", "2025-07-13 10:00:00"),
    PAGED: article(
        "DPRK in pictures", "2025-07-12 23:30:00", '<div id="div_currpage"><a href="c_131_2.htm">2</a></div>'
    ),
    "/english/2025-07/12/c_131_2.htm": article(
        "DPRK in pictures (2)", "2025-07-12 23:30:00", '<div id="div_currpage"><a href="c_131.htm">1</a></div>'
    ),
}


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[str], list[str], Outside, dict[str, object]]:
    """What was asked for in a first and in a second backfill, the archive, and the first report."""
    directory = tmp_path_factory.mktemp("index")
    with WebServer(ROUTES) as web:
        archive = Outside(config=configure(directory, f"127.0.0.1:{web.port}"))
        days = ("--since", "2025-07-10", "--until", "2025-07-20", "--config", archive.config)
        first = scraper("backfill", "xinhua", *days, "--json")
        asked = [target for target in web.targets() if target != "/robots.txt"]
        assert scraper("backfill", "xinhua", *days).code == 0
        again = [target for target in web.targets() if target != "/robots.txt"][len(asked) :]
    assert first.code == 0, first.err
    return asked, again, archive, first.report


def test_sections_and_data_files_are_asked_for_once(
    walked: tuple[list[str], list[str], Outside, dict[str, object]],
) -> None:
    """The home page's sections and data files, a section that is gone among them; films are left alone."""
    asked, again, _, _ = walked
    listings = [target for target in asked if target.endswith(("/", "index.htm", ".json"))]
    assert sorted(listings) == sorted(
        ["/", "/asiapacific/index.htm", "/europe/index.htm", f"/ds_{_HEX(10)}.json", f"/asiapacific/ds_{_HEX(11)}.json"]
    )
    assert sorted(again) == sorted(listings)


def test_articles_of_the_days_about_the_country_are_held(
    walked: tuple[list[str], list[str], Outside, dict[str, object]],
) -> None:
    """Neither another day's nor another country's article is asked for; the further page of one is kept too."""
    asked, _, archive, _ = walked
    assert [target for target in asked if "c.html" in target or "/c_" in target] == [
        NEW,
        PAGED,
        "/english/2025-07/12/c_131_2.htm",
    ]
    kept = {capture.url.removeprefix(f"http://{HOST}") for capture in archive.captures()}
    assert {NEW, PAGED, "/english/2025-07/12/c_131_2.htm"} <= kept
    assert len(archive.held()) == 2
    archive.assert_rebuilds()


def test_the_report_says_how_far_back_the_index_goes(
    walked: tuple[list[str], list[str], Outside, dict[str, object]],
) -> None:
    """Days before the oldest row were not looked at, and nobody may think so."""
    notes = walked[3]["notes"]
    assert isinstance(notes, list)
    assert (
        "xinhua: the oldest row shown is of 2025-07-12; what this index does not reach comes by `scraper fetch`"
        in notes
    )
