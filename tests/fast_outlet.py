"""A loopback outlet in Rodong Sinmun's layout with as many small articles a day as a test likes, answered at once.

Its host is mapped to the scripted server of `web_server.py`, whose log says what was asked and when.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from scraper.parse.sites.rodong_tokens import token
from tests.web_server import Answer, Asked, Route, WebServer, page

HOST = "news.example"
FIRST = date(2026, 1, 1)
NEWS = date(2026, 3, 1)
"""The day of the articles in the list of the newest: outside the days that a test walks."""

_DAY = re.compile(r"1@@(\d{4})(\d\d)(\d\d)@1@").fullmatch
_SOURCE = """
schema = 1
id = "{id}"
name = "Fast outlet"
parser = "rodong"
language = "en"
timezone = "Asia/Pyongyang"
hosts = ["{host}"]
articles = ['^/en/index\\.php\\?MTJA']
listings = ['^/en/index\\.php\\?M[Uk]BA']
every = "{every}"
recheck_every = "1h"
discover = [{{ url = "{latest}" }}]
backfill = [{{ kind = "dated", token = true, url = "http://{host}/en/index.php?1@@{{date:%Y%m%d}}@1@" }}]
[politeness]
gap = "{gap}"
max_gap = "10s"
deadline = "{deadline}"
attempts = 1
[network.resolve]
"{host}" = "{address}"
"""


def article_url(serial: str, host: str = HOST) -> str:
    """The address of an article: `serial` is like 2026-01-01-001."""
    return f"http://{host}/en/index.php?{_article_query(serial)}"


def day_url(day: date, host: str = HOST) -> str:
    """The address of a day's list."""
    return f"http://{host}/en/index.php?{_query(f'1@@{day:%Y%m%d}@1@')}"


def latest_url(host: str = HOST) -> str:
    """The address of the list of the newest."""
    return f"http://{host}/en/index.php?{_query('2@@2@1@')}"


def days(number: int) -> list[date]:
    """The first days of the outlet."""
    return [FIRST + timedelta(days=count) for count in range(number)]


def fast_outlet(
    a_day: int, newest: int, *, robots: str = "User-agent: *\nAllow: /\n", routes: Mapping[str, Route] | None = None
) -> WebServer:
    """A server with `a_day` articles on every day asked for, and `newest` in the list of the newest.

    `routes` are answers of their own, by path and query; the rest is the outlet's.
    """

    def answer(asked: Asked) -> Answer:
        plain = token(urlsplit(asked.target).query) or ""
        found = _DAY(plain)
        if found:
            return page(list_page(_serials(date(int(found[1]), int(found[2]), int(found[3])), a_day)))
        if plain == "2@@2@1@":
            return page(list_page(_serials(NEWS, newest)))
        return page(article_page(plain.split("@")[1]))

    return WebServer({"/robots.txt": page(robots.encode()), "/en/index.php": answer, **(routes or {})})


def configure(
    directory: Path,
    address: str,
    *,
    hosts: Mapping[str, str] | None = None,
    gap: str = "0s",
    every: str = "1h",
    deadline: str = "2s",
    health: str = "off",
) -> Path:
    """Write a configuration with one source for each id and host in `hosts`; returns its directory."""
    place = directory / "config"
    (place / "sources").mkdir(parents=True)
    settings = {
        "schema": 1,
        "contact": "tests@archive.example.net",
        "store": (directory / "store").as_uri(),
        "catalogue": f"sqlite:///{directory / 'catalogue.sqlite3'}",
        "health": health,
    }
    (place / "scraper.toml").write_text(
        "".join(f"{key} = {json.dumps(value)}\n" for key, value in settings.items()), encoding="utf-8"
    )
    for source, host in (hosts or {"fast": HOST}).items():
        text = _SOURCE.format(
            id=source, host=host, address=address, latest=latest_url(host), gap=gap, every=every, deadline=deadline
        )
        (place / "sources" / f"{source}.toml").write_text(text, encoding="utf-8")
    return place


def _query(text: str) -> str:
    return b64encode(text.encode()).decode()


def _article_query(serial: str) -> str:
    return _query(f"12@{serial}@1@1@@0@8@")


def _serials(day: date, number: int) -> list[str]:
    return [f"{day.isoformat()}-{count:03d}" for count in range(1, number + 1)]


def list_page(serials: Iterable[str]) -> bytes:
    """A list of articles."""
    rows = "".join(
        f'<div class="row"><div class="media-body"><a href="index.php?{_article_query(serial)}">Story {serial}</a></div>'
        f'<div class="news_date">{serial[:10].replace("-", ".")}.</div></div>'
        for serial in serials
    )
    return f'<html><body><div class="date_news_list">{rows}</div></body></html>'.encode()


def article_page(serial: str, after: str = "") -> bytes:
    """The page of an article; `after` is said at its end."""
    return (
        f'<html lang="en"><body><div id="article-date">{serial[:10].replace("-", ".")}</div>'
        f'<div id="articleContent"><div id="ContDIV"><p class="TitleP">Story {serial}</p>'
        f'<p class="TextP">The choir of the {serial} terrace sang until the lamps were lit.</p>'
        f'<p class="TextP">Everybody went home by the lower bridge.{after}</p></div></div></body></html>'
    ).encode()
