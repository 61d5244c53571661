"""Rodong Sinmun (rodong.rep.kp): the `strPageID` pages (to 1 November 2022) and the two base64 layouts after it.

Hides the three templates' markup and the tokens of its addresses (docs/sources.md, "Rodong Sinmun"). An article's key
is the outlet's own, date and serial (`2022-03-10-0002`, `2024-08-01-H003`): section, position and search words inside
a token change, so one article has many addresses. `myCalendar.setDate` in the pages is the day of the visit, never read.
"""

from __future__ import annotations

import base64
import re
from datetime import date
from urllib.parse import parse_qs, unquote, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from scraper import urls
from scraper.errors import LayoutChanged
from scraper.model import Article, ListingLink, Origin, Parsed, Sighting
from scraper.parse.dates import dotted, month_name, year_first
from scraper.parse.dom import attribute, distinct, every, has, link, maybe, one, some, text
from scraper.parse.layout import Grade, Layout, View, article, dated, images, language, listing

_KEY = re.compile(r"(\d{4}-\d{2}-\d{2})-[A-Z]?\d{3,4}")
_NEWS_ID = re.compile(r"(\d{4}-\d{2}-\d{2})")
_ARTICLE_TOKEN = re.compile(r"(?:12|8)@(\d{4}-\d{2}-\d{2}-[A-Z]?\d{3,4})@")
_WRITER = "WriterP"
_TEXT_2025 = frozenset({"TextP", "HeadP", "SubTitleP", "MarkP", "RevoTitleP", _WRITER})
"""Classes of the lines of an article since 2025; a leader's article may have `RevoTitleP` for its title."""
_LIST_TOKEN = re.compile(r"[12]@@\d*@(\d*)@")
_ROOTS = ".date_news_list, #RevoListDIV, #ThemeListDIV"
_ROWS = ".date_news_list .row, .date_news_list .media-body, #RevoListDIV li, #ThemeListDIV li"
_ARTICLE_OPEN = re.compile(r"^javascript:\s*article_open\('([^']+)'\)")


def token(query: str) -> str | None:
    """The text inside a base64 query (`12@2026-02-19-003@1@1@@0@8@`); None where it is none.

    Padding is stripped and put right first: links with too much of it are on record. Case matters.
    """
    bare = unquote(query).strip().rstrip("=")
    try:
        return base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True).decode()
    except ValueError:
        return None


def query(text: str) -> str:
    """The query that holds `text` as its token: `token(query(text)) == text`."""
    return base64.b64encode(text.encode()).decode("ascii")


def article_key(url: str) -> str | None:
    """Date and serial of the article an address names, in either of the two schemes; None where it names none."""
    parts = urlsplit(url)
    named = parse_qs(parts.query).get("newsID", [""])[0].strip()
    if named:
        return named if _KEY.fullmatch(named) else None
    match = _ARTICLE_TOKEN.match(token(parts.query) or "")
    return match[1] if match else None


def read_page_id_article(view: View) -> Parsed:
    """An article window of the `strPageID` pages: the first, centred paragraph is the title."""
    mark = text(one(view.document, ".ArticleMenuDate"))
    heading, *body = some(view.document, "p.ArticleContent")
    if heading.attributes.get("align") != "center":
        raise LayoutChanged(f"{view.page.url}: the first paragraph is not the centred title")
    return Parsed(articles=(_article(view, title=text(heading), mark=mark, body=body),))


def read_2022_article(view: View) -> Parsed:
    """An article of the first base64 layout (November 2022 to about 2024)."""
    return Parsed(
        articles=(
            _article(
                view,
                title=text(one(view.document, "div.news_Title")),
                mark=text(one(view.document, "span.NewsDate")),
                body=list(some(view.document, "p.ArticleContent")),
            ),
        ),
    )


def read_2025_article(view: View) -> Parsed:
    """An article of the second base64 layout (about 2025 on): scripts stand inside the body, a class tells what a line is.

    LayoutChanged for a line of another class: it may be text or a caption, and neither losing nor adding words is an option.
    """
    body = one(view.document, "#articleContent #ContDIV")
    heading = maybe(body, "p.TitleP") or one(body, "p.RevoTitleP")
    rest = [p for p in every(body, "p") if p.mem_id != heading.mem_id]
    for p in rest:
        if text(p) and not _classes(p) & _TEXT_2025:
            name = p.attributes.get("class") or ""
            raise LayoutChanged(
                f"a line of the unknown class {name[:40]!r}: the template has changed, write a new layout"
            )
    mark = text(one(view.document, "#article-date"))
    return Parsed(articles=(_article(view, title=text(heading), mark=mark, body=rest),))


def _classes(node: LexborNode) -> frozenset[str]:
    return frozenset((node.attributes.get("class") or "").split())


def read_page_id_list(view: View) -> Parsed:
    """A section's, theme's or day's list of the `strPageID` pages, whose links are calls of a script."""
    origin = Origin.INDEX if "strDate=" in view.page.url else Origin.LISTING
    rows = [_page_id_row(view, row, origin) for row in some(view.document, ".ListNewsContainer .ListNewsLineContainer")]
    menu = distinct(every(view.document, '.TopMenu a[href*="strPageID=SF01_01_0"]'))
    return listing(view, rows, tuple(ListingLink(url=link(a, view.page.url), kind="section") for a in menu))


def read_2022_list(view: View) -> Parsed:
    """A list of the base64 layouts: every address whose token is an article's."""
    rows = some(view.document, _ROWS)
    sightings = [sighting for row in rows for sighting in _rows(view, row)]
    return listing(view, sightings, _token_lists(view))


def _token_lists(view: View) -> tuple[ListingLink, ...]:
    """Menu entries and further pages: `1@@<section>@<page>@`, `2@@2@1@`."""
    found: dict[str, str] = {}
    for a in every(view.document, 'a[href*="index.php?M"]'):
        url = link(a, view.page.url)
        match = _LIST_TOKEN.match(token(urlsplit(url).query) or "")
        if match:
            found[url] = "section" if match[1] in {"", "1"} else "next-page"
    return tuple(ListingLink(url=url, kind=kind) for url, kind in found.items())


def _article(view: View, *, title: str, mark: str, body: list[LexborNode]) -> Article:
    published = month_name(mark) or dotted(mark) or year_first(mark)
    stated = _stated_by(view.page.url)
    if published is None and stated is None:
        raise LayoutChanged(f"{view.page.url}: neither the page ({mark[:60]!r}) nor the address states a date")
    byline, own = _split_byline(body)
    return article(
        view,
        outlet="Rodong Sinmun",
        key=article_key(view.page.url) or urls.key(view.page.url),
        title=title,
        paragraphs=filter(None, map(text, own)),
        evidence=dated(page_mark=published, url=stated),
        language=language(view),
        byline=byline,
        images=images(view, (img for p in body for img in every(p, "img"))),
    )


def _stated_by(url: str) -> str | None:
    key = article_key(url) or parse_qs(urlsplit(url).query).get("newsID", [""])[0]
    match = _NEWS_ID.match(key)
    return match[1] if match else None


def _split_byline(body: list[LexborNode]) -> tuple[str | None, list[LexborNode]]:
    """The last paragraph is the byline where it is the writer's or aligned to the right: "Political News Team"."""
    filled = [p for p in body if text(p)]
    if filled and (_WRITER in _classes(filled[-1]) or _right_aligned(filled[-1])):
        return text(filled[-1]), filled[:-1]
    return None, filled


def _right_aligned(node: LexborNode) -> bool:
    style = (node.attributes.get("style") or "").replace(" ", "").lower()
    return node.attributes.get("align") == "right" or "text-align:right" in style


def _page_id_row(view: View, row: LexborNode, origin: Origin) -> Sighting:
    a = one(row, ".ListNewsLineTitleW a")
    call = _ARTICLE_OPEN.match(attribute(a, "href"))
    if call is None:
        raise LayoutChanged(f"{view.page.url}: a row's link opens no article: {attribute(a, 'href')[:80]!r}")
    return Sighting(
        url=urls.canonical(call[1], view.page.url),
        origin=origin,
        title=text(a) or None,
        published=dotted(text(one(row, ".ListNewsLineDate"))),
    )


def _rows(view: View, row: LexborNode) -> list[Sighting]:
    found = []
    for a in every(row, 'a[href*="index.php?"]'):
        url = link(a, view.page.url)
        key = article_key(url)
        if key and text(a):
            day = next((day for day in (dotted(text(mark)) for mark in every(row, ".news_date, .date")) if day), None)
            # Where a row shows no date, its token states one.
            found.append(Sighting(url=url, origin=Origin.LISTING, title=text(a), published=day or key[:10]))
    return found


def _is_page_id_article(tree: LexborHTMLParser) -> bool:
    return has(tree, ".ArticleMenuDate") and has(tree, "p.ArticleContent")


def _is_page_id_list(tree: LexborHTMLParser) -> bool:
    return has(tree, ".ListNewsContainer")


def _is_2022_article(tree: LexborHTMLParser) -> bool:
    return has(tree, "div.news_Title")


def _is_2025_article(tree: LexborHTMLParser) -> bool:
    return has(tree, "#articleContent #ContDIV")


def _is_2022_list(tree: LexborHTMLParser) -> bool:
    return has(tree, _ROOTS)


# Base64 of three characters is four: `12@` is always `MTJA`, `8@2` is `OEAy`, `1@@` is `MUBA`, `2@@` is `MkBA`.
_TOKEN_ARTICLE_URL = re.compile(r"index\.php\?(?:MTJA|OEAy)")
_TOKEN_LIST_URL = re.compile(r"index\.php\?M[Uk]BA|^/(?:(?:ko|en|cn)/?)?(?:index\.php)?$")
_REDESIGN = date(2022, 11, 2)

LAYOUTS = (
    Layout(
        name="rodong/2025-article",
        addresses="`index.php?<base64 of 12@… or 8@…>`",
        grade=Grade.SELECTORS,
        version=1,
        kind="article",
        urls=_TOKEN_ARTICLE_URL,
        since=date(2025, 1, 1),
        until=None,
        fits=_is_2025_article,
        read=read_2025_article,
    ),
    Layout(
        name="rodong/2022-article",
        addresses="`index.php?<base64 of 12@… or 8@…>`",
        grade=Grade.SELECTORS,
        version=1,
        kind="article",
        urls=_TOKEN_ARTICLE_URL,
        since=_REDESIGN,
        until=date(2024, 12, 31),
        fits=_is_2022_article,
        read=read_2022_article,
    ),
    Layout(
        name="rodong/2022-list",
        addresses="`index.php?<base64 of 1@@… or 2@@…>`, front page",
        grade=Grade.SELECTORS,
        version=1,
        kind="listing",
        urls=_TOKEN_LIST_URL,
        since=_REDESIGN,
        until=None,
        fits=_is_2022_list,
        read=read_2022_list,
    ),
    Layout(
        name="rodong/page-id-article",
        addresses="`index.php?strPageID=SF01_02_01&newsID=…`",
        grade=Grade.REAL_PAGES,
        version=1,
        kind="article",
        urls=re.compile(r"strPageID=SF01_02_01\b"),
        since=None,
        until=_REDESIGN,
        fits=_is_page_id_article,
        read=read_page_id_article,
    ),
    Layout(
        name="rodong/page-id-list",
        addresses="`index.php?strPageID=SF01_01_0N&…`",
        grade=Grade.REAL_PAGES,
        version=1,
        kind="listing",
        urls=re.compile(r"strPageID=SF01_01_0[1-4]\b"),
        since=None,
        until=_REDESIGN,
        fits=_is_page_id_list,
        read=read_page_id_list,
    ),
)
