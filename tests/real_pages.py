"""The saved pages of the real outlets, served on loopback under their own hosts and paths.

What is not saved is answered with 503, robots.txt with 404: none of them was saved, and a 503 there would forbid
everything (RFC 9309 §2.3.1.4). The addresses are those of PROVENANCE.md beside the pages.
"""

from __future__ import annotations

import re
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import trustme

from scraper.model import Page
from tests.web_server import Answer, Asked, WebServer, head, status

UTF8 = "text/html; charset=UTF-8"
HTML = "text/html"
XML = "text/xml;charset=UTF-8"

RODONG = "http://www.rodong.rep.kp/en/index.php?strPageID="
RODONG_LIST = f"{RODONG}SF01_01_02&iMenuID=2"
RODONG_HOME = "http://www.rodong.rep.kp/"
_SERIALS = ("10-0002", "10-0003", "10-0005", "10-0006", "11-0002", "11-0004", "11-0005")
RODONG_SAVED = tuple(f"2022-03-{tail}" for tail in _SERIALS)
RODONG_MISSING = f"{RODONG}SF01_02_01&newsID=2022-03-11-0003"
RODONG_UNNUMBERED = "rodong/rodong-en-2022-02-11-article.html"
"""Its address is not on record: its newsID lacks the serial. So it is read from the file alone."""

KCNA = "http://www.kcna.kp/en"
KCNA_LIST = f"{KCNA}/article/list/6a47505ba5268fd7749c0fe11e4b24b4"
KCNA_GALLERIES = f"{KCNA}/gallery/list/6837a75abf5c6249d0e39ee758e763ea"
KCNA_GALLERY = f"{KCNA}/gallery/detail/e5853b58a9f50651db72719c7a39fcb6"
# Asked for by POST in their time; the address of an article, as a sighting names it, has the code in its query.
AJAX = "http://kcna.kp/kcna.user.article."
AJAX_ARTICLE = f"{AJAX}retrieveArticleInfoFromArticleCode.kcmsf?article_code=AR0099775"
AJAX_LIST = f"{AJAX}retrieveArticleListForPage.kcmsf?page_start=0"
AJAX_PAST_THE_END = f"{AJAX}retrieveArticleListForPage.kcmsf?page_start=1000000"

AJAX_OPENING = "/kcna.user.home.retrieveHomeInfoList.kcmsf"
"""The POST that chooses a session's language. What the server answered is not on record, and nobody reads it."""
NOTHING = b"<?xml version='1.0' encoding='UTF-8'?><xsync></xsync>"
_CODE = re.compile(rb"article_code=AR\d+")

XINHUA = (
    "http://www.he.xinhuanet.com/news/2012-06/04/content_25340717.htm",
    "http://www.xinhuanet.com/local/2020-02/19/c_1125597921.htm",
    "http://www.news.cn/fortune/2023-11/17/c_1129981476.htm",
)
KCTV = "https://kcnawatch.org/kctv-archive/"
OTHER_TLS = "https://www.kcnawatch.org/"
"""Asked for without trusting our authority: a host of its own, because a robots.txt that cannot be had is held against it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """A saved page: where it lies under shared/pages, and which request is answered with it."""

    file: str
    url: str
    media: str = UTF8
    method: str = "GET"
    layout: str = ""
    """The layout that reads it; empty for what is no page of an outlet's."""

    @property
    def parser(self) -> str:
        """The parser the layout belongs to."""
        return self.layout.partition("/")[0]

    def page(self, shared: Path) -> Page:
        """It as a parser is given it."""
        return Page(
            method=self.method,
            url=self.url,
            status=200,
            headers=(("Content-Type", self.media),),
            fetched_at=datetime(2026, 9, 30, tzinfo=UTC),
            body=self.body(shared),
        )

    def body(self, shared: Path) -> bytes:
        """Its bytes."""
        return (shared / "pages" / self.file).read_bytes()

    def digest(self, shared: Path) -> str:
        """The name its snapshot must have."""
        return sha256(self.body(shared)).hexdigest()


ARTICLES = (
    *(
        Saved(
            file=f"rodong/rodong-en-newsID-{name}.html",
            url=f"{RODONG}SF01_02_01&newsID={name}",
            media=HTML,
            layout="rodong/page-id-article@2",
        )
        for name in RODONG_SAVED
    ),
    Saved(
        file="kcna/kcna-ajax-2017-article-AR0099775-ja.xml",
        url=AJAX_ARTICLE,
        media=XML,
        method="POST",
        layout="kcna/ajax-article@2",
    ),
    Saved(
        file="kcna/fragments/kcna-en-gallery-detail-2026-09-28-quoted-title.fragment.html",
        url=KCNA_GALLERY,
        layout="kcna/gallery-2026@1",
    ),
    Saved(
        file="xinhua/he.xinhuanet.com-2012-06-04-content_25340717.html",
        url=XINHUA[0],
        media=HTML,
        layout="xinhua/tables@2",
    ),
    Saved(
        file="xinhua/xinhuanet.com-2020-02-19-c_1125597921.html", url=XINHUA[1], media=HTML, layout="xinhua/h-title@2"
    ),
    Saved(file="xinhua/news.cn-2023-11-17-c_1129981476.html", url=XINHUA[2], media=HTML, layout="xinhua/header-time@2"),
)
LISTINGS = (
    Saved(
        file="rodong/rodong-en-2022-03-11-list-SF01_01_02-iMenuID-2.html",
        url=RODONG_LIST,
        media=HTML,
        layout="rodong/page-id-list@2",
    ),
    Saved(file="kcna/kcna-en-home-2024-08-04.html", url=KCNA, layout="kcna/q-home@2"),
    Saved(file="kcna/fragments/kcna-en-article-list-2026-09.fragment.html", url=KCNA_LIST, layout="kcna/list-2026@2"),
    Saved(
        file="kcna/fragments/kcna-en-gallery-list-2026-07-19.fragment.html",
        url=KCNA_GALLERIES,
        layout="kcna/list-2026@2",
    ),
    Saved(file="kcna/kcna-ajax-2017-list-ja-1.xml", url=AJAX_LIST, media=XML, layout="kcna/ajax-list@1"),
    Saved(
        file="kcnawatch/kcnawatch-kctv-archive-list-2026-09.fragment.html", url=KCTV, layout="kcnawatch/television@2"
    ),
)
REAL = (
    Saved(
        file=RODONG_UNNUMBERED,
        url=f"{RODONG}SF01_02_01&newsID=2022-02-11-0001",
        media=HTML,
        layout="rodong/page-id-article@2",
    ),
    *ARTICLES,
    *LISTINGS,
)
"""All that are read; the first one's serial is made up."""
EMPTY = (
    Saved(file="kcna/kcna-ajax-2017-list-empty.xml", url=AJAX_PAST_THE_END, media=XML),
    Saved(
        file="kcna/fragments/kcna-en-article-list-2026-09-no-session-200.fragment.html", url=KCNA_LIST, method="POST"
    ),
)
BLOCK_PAGE = Saved(file="blockpages/kcsc-warning-2022-01-04.head-only.fragment.html", url=RODONG_HOME)


class Outlets:
    """Both servers, plain and TLS. While `censored`, whatever is asked of Rodong Sinmun is answered with the block page."""

    def __init__(self, shared: Path, authority: trustme.CA, names: list[str]) -> None:
        self.censored = False
        self._blocked = _whole(BLOCK_PAGE, shared)
        pages = (*ARTICLES, *LISTINGS, *EMPTY)
        self._answers = {(saved.method, saved.url): _whole(saved, shared) for saved in pages}
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(*names).configure_cert(tls)
        self.plain = WebServer({"/robots.txt": status(404)}, otherwise=lambda asked: self._answer("http", asked))
        self.secure = WebServer(
            {"/robots.txt": status(404)}, otherwise=lambda asked: self._answer("https", asked), tls=tls
        )

    def _answer(self, scheme: str, asked: Asked) -> Answer:
        host = asked.header("host") or ""
        if asked.target == AJAX_OPENING:
            return Answer((head(200, "OK", [("Content-Type", XML), ("Content-Length", str(len(NOTHING)))]), NOTHING))
        if self.censored and host == "www.rodong.rep.kp":
            return self._blocked
        url = f"{scheme}://{host}{asked.target}"
        code = _CODE.search(asked.body)
        return self._answers.get((asked.method, f"{url}?{code[0].decode()}" if code else url), status(503))


def _whole(saved: Saved, shared: Path) -> Answer:
    body = saved.body(shared)
    return Answer((head(200, "OK", [("Content-Type", saved.media), ("Content-Length", str(len(body)))]), body))
