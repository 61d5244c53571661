"""Outlets to walk through by every kind of backfill, small and at once, and what each of them holds.

Pages are in the layouts of Rodong Sinmun (`dated`, `paged`, `sitemap`, `serial`), of KCNA (`form`, `post`) and of Xinhua
(`index`). Each has a source declaration of its own.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from scraper import app
from scraper.config import load
from scraper.jobs.backfill import backfill
from scraper.jobs.backfill_serial import backfill_serial
from scraper.model import Report
from scraper.parse.sites.rodong_tokens import token
from tests.ajax_outlet import ARTICLE, CODES, LIST, Ajax
from tests.ajax_outlet import HOME as OPENING
from tests.fast_outlet import HOST, article_page, article_url, list_page
from tests.web_server import Answer, Asked, WebServer, page, status

SINCE, UNTIL = "2026-01-01", "2026-01-06"
_HEX = "{:032x}".format
_SECTION = f"/en/article/list/{_HEX(7)}"
_PAGES = 5
_EXCUSES = frozenset({OPENING, _SECTION})
"""What belongs to a session: asked for again by whoever begins a new one."""

_HEAD = """
schema = 1
id = "fast"
name = "Walked outlet"
parser = "{parser}"
language = "en"
timezone = "Asia/Pyongyang"
hosts = ["{host}"]
{keys}
[politeness]
gap = "0s"
deadline = "2s"
attempts = 1
[network.resolve]
"{host}" = "{address}"
"""
_RODONG = """
articles = ['^/en/index\\.php\\?MTJA']
listings = ['^/en/index\\.php\\?M[Uk]BA', '^/sitemap']
backfill = [{ways}]
"""
_KCNA = f"""
articles = ['^/en/article/detail/', '^/kcna\\.user\\.article\\.retrieveArticleInfoFromArticleCode\\.kcmsf']
listings = ['^/en/article/list/', '^/kcna\\.user\\.']
stable_form_fields = ["article_code", "page_num", "page_start", "fromDate", "toDate", "lang"]
session = true
posted = [{{ path = "{ARTICLE}" }}]
opening = {{ path = "{OPENING}", before = '^/kcna\\.user\\.article\\.', form = {{ lang = "eng" }} }}
backfill = [{{ways}}]
"""
_XINHUA = """
articles = ['^/\\d{8}/[0-9a-f]{32}/c\\.html']
listings = ['^/$', '^/(?:[\\w-]+/)*ds_[0-9a-f]{32}\\.json', '^/[\\w-]+/index\\.htm$']
backfill = [{ways}]
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Walked:
    """One kind of walk: the declaration's own keys, what the server answers, the articles it holds, and the command."""

    parser: str
    keys: str
    answer: Callable[[Asked], Answer]
    held: int
    since: str = SINCE
    until: str = UNTIL
    serial: bool = False

    def server(self) -> WebServer:
        """The outlet."""
        return WebServer({"/robots.txt": status(404)}, otherwise=self.answer)

    def configure(self, directory: Path, address: str) -> Path:
        """Write its configuration; the configuration's directory."""
        place = directory / "config"
        (place / "sources").mkdir(parents=True)
        settings = {
            "schema": 1,
            "contact": "tests@archive.example.net",
            "store": (directory / "store").as_uri(),
            "catalogue": f"sqlite:///{directory / 'catalogue.sqlite3'}",
            "health": "off",
        }
        text = "".join(f"{key} = {json.dumps(value)}\n" for key, value in settings.items())
        (place / "scraper.toml").write_text(text, encoding="utf-8")
        source = _HEAD.format(parser=self.parser, host=HOST, address=address, keys=self.keys)
        (place / "sources" / "fast.toml").write_text(source, encoding="utf-8")
        return place

    def walk(self, config: Path) -> Report:
        """Walk through it, as `scraper backfill` does."""
        with app.services(load(config, {}), processes=0) as services:
            source = services.config.source("fast")
            way = backfill_serial if self.serial else backfill
            return way(services, source, since=date.fromisoformat(self.since), until=date.fromisoformat(self.until))


def asked(web: WebServer) -> list[str]:
    """What was asked for, one name for one thing: a session's token left out, robots.txt and what opens a session too."""
    found = []
    for seen in web.log:
        body = sorted((name, value) for name, value in parse_qsl(seen.asked.body.decode()) if name != "_csrf")
        if seen.target != "/robots.txt" and not (seen.target in _EXCUSES and not body):
            found.append(f"{seen.method} {seen.target} {body}")
    return [name for name in found if OPENING not in name]


def _serials(day: int, first: int, number: int) -> list[str]:
    return [f"2026-01-{day:02d}-{count:03d}" for count in range(first, first + number)]


def _rodong(asked: Asked) -> Answer:
    if asked.target.startswith("/sitemap"):
        return _sitemap(asked.target)
    kind, *parts = (token(urlsplit(asked.target).query) or "").split("@")
    if kind == "1":
        return page(list_page(_serials(int(parts[1][-2:]), 1, 3)))
    if kind == "2":
        number = int(parts[2])
        return page(list_page(_serials(3, 100 + number * 3, 3))) if number <= _PAGES else status(404)
    day, number = int(parts[0][8:10]), int(parts[0][11:])
    # Counting finds the first four of a day but one, and those that lists show of other numbers.
    return page(article_page(parts[0])) if number >= 100 or (number <= 4 and (day, number) != (2, 2)) else status(404)


def _sitemap(target: str) -> Answer:
    if target == "/sitemap.xml":
        parts = [("old", "2025-01-01"), *((str(number), "2026-01-05") for number in range(1, 5))]
        rows = "".join(
            f"<sitemap><loc>http://{HOST}/sitemap-{name}.xml</loc><lastmod>{at}</lastmod></sitemap>"
            for name, at in parts
        )
        return page(f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</sitemapindex>'.encode())
    number = int(target.removeprefix("/sitemap-").removesuffix(".xml"))
    fresh, stale = _serials(4, 200 + 3 * number, 3), _serials(4, 300 + number, 1)
    entries = [*((serial, "2026-01-05T10:00:00Z") for serial in fresh), *((serial, "2025-11-30") for serial in stale)]
    rows = "".join(f"<url><loc>{article_url(serial)}</loc><lastmod>{at}</lastmod></url>" for serial, at in entries)
    return page(f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</urlset>'.encode())


def _kcna(ajax: Ajax) -> Callable[[Asked], Answer]:
    def answer(asked: Asked) -> Answer:
        if asked.target.startswith("/kcna."):
            return ajax.answer(asked)
        if asked.target == _SECTION:
            return _section(asked)
        title = f"Item {asked.target[-4:]}"
        return page(
            f'<html><head><title>KCNA | {title}</title></head><body><main><article><div class="container">'
            f'<h1 class="text-center text-danger">{title}</h1><h1 class="text-center text-danger"></h1>'
            f"<p>Samplong, January 3 (KCNA) -- The text of {title}.</p></div></article></main></body></html>".encode()
        )

    return answer


def _section(asked: Asked) -> Answer:
    number = int(dict(parse_qsl(asked.body.decode())).get("page_num", "1"))
    if asked.method == "POST" and "JSESSIONID=" not in (asked.header("cookie") or ""):
        return page(b"<html><body><main></main></body></html>")
    rows = "".join(
        f'<div class="article"><h5 class="block"><a href="/en/article/detail/{_HEX(number * 100 + row)}">Item {row}</a>'
        "<span><nobr>[2026.1.3.]</nobr></span></h5></div>"
        for row in range(3)
    )
    form = "".join(
        f'<input type="hidden" name="{name}" value="{value}">'
        for name, value in (("page_num", number), ("cnt_per_page", 3), ("_csrf", "5eed"))
    )
    script = f"var total = 15; var cur_page = {number}; var per_page = 3; var page_cnt = {_PAGES};"
    return page(
        f"<html><head><title>KCNA | News</title><script>{script}</script></head><body><main>{rows}</main>"
        f'<form id="article_form" method="POST" action="{_SECTION}">{form}</form></body></html>'.encode(),
        headers=[("Set-Cookie", "JSESSIONID=7; Path=/")],
    )


def _xinhua(asked: Asked) -> Answer:
    if asked.target == "/":
        links = "".join(f'<a href="/part{number}/index.htm">part</a>' for number in range(1, 6))
        return page(f'<html><body>{links}<script>load({{datasource:"{_HEX(9)}"}})</script></body></html>'.encode())
    if asked.target.endswith("index.htm"):
        number = int(asked.target.removeprefix("/part").removesuffix("/index.htm"))
        return page(f'<html><script>load({{datasource:"{_HEX(number)}", size: 20}})</script></html>'.encode())
    if asked.target.endswith(".json"):
        number = int(asked.target[-10:-5], 16)
        rows = [(f"/20260103/{_HEX(number * 100 + row)}/c.html", f"Item {row}") for row in range(3)]
        listed = [{"publishUrl": url, "title": title, "publishTime": "2026-01-03 10:00:00"} for url, title in rows]
        return page(json.dumps({"datasource": listed}).encode())
    return page(
        b'<html><body><h1 class="Btitle">Item</h1><p>Source: Xinhua</p><p>2026-01-03 10:00:00</p><p>Editor: huaxia</p>'
        b'<div id="detail"><p>SAMPLONG (Xinhua) -- The text of it.</p></div></body></html>'
    )


def _way(kind: str, url: str, more: str = "") -> str:
    return f'{{ kind = "{kind}", url = "http://{HOST}{url}"{more} }}'


_TOKEN = ", token = true"
_POSTED = ', first = 0, step = 10, form = { page_start = "{page}", fromDate = "{since:%Y.%m.%d}", toDate = "{until:%Y.%m.%d}" }'
WALKED = {
    "dated": Walked(
        parser="rodong",
        keys=_RODONG.replace("{ways}", _way("dated", "/en/index.php?1@@{date:%Y%m%d}@1@", _TOKEN)),
        answer=_rodong,
        held=17,
    ),
    "paged": Walked(
        parser="rodong",
        keys=_RODONG.replace("{ways}", _way("paged", "/en/index.php?2@@2@{page}@", _TOKEN)),
        answer=_rodong,
        held=15,
    ),
    "sitemap": Walked(
        parser="rodong", keys=_RODONG.replace("{ways}", _way("sitemap", "/sitemap.xml")), answer=_rodong, held=12
    ),
    "serial": Walked(
        parser="rodong",
        keys=_RODONG.replace(
            "{ways}",
            _way("serial", "/en/index.php?12@{date:%Y-%m-%d}-{number:03d}@1@1@@0@8@", _TOKEN + ", misses = 2"),
        ),
        answer=_rodong,
        held=23,
        serial=True,
    ),
    "form": Walked(parser="kcna", keys=_KCNA.replace("{ways}", _way("form", _SECTION)), answer=_kcna(Ajax()), held=15),
    "post": Walked(
        parser="kcna",
        keys=_KCNA.replace("{ways}", _way("post", LIST, _POSTED)),
        answer=_kcna(Ajax()),
        held=len(CODES),
        since="2017-07-01",
        until="2017-07-31",
    ),
    "index": Walked(parser="xinhua", keys=_XINHUA.replace("{ways}", _way("index", "/")), answer=_xinhua, held=18),
}


def counted_url(serial: str) -> str:
    """The address that counting makes of a number."""
    query = b64encode(f"12@{serial}@1@1@@0@8@".encode()).decode()
    return f"http://{HOST}/en/index.php?{query}"
