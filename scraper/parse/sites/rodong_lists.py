"""Lists of Rodong Sinmun: by menu, theme, class, day and search to 2022, by section and of today's paper since.

Hides the templates' markup and that their links are calls of a script or tokens (docs/sources.md, "Rodong Sinmun"). Rows of
the base64 layouts are known by their tokens and by the box they stand in, not by classes of their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from selectolax.lexbor import LexborNode

from scraper import urls
from scraper.errors import LayoutChanged, NotAnArticle
from scraper.model import ListingLink, Origin, Parsed, Sighting
from scraper.parse.beside import day_beside
from scraper.parse.dates import dotted
from scraper.parse.dom import Document, attribute, distinct, every, has, link, maybe, one, some, text
from scraper.parse.layout import View, listing
from scraper.parse.sites.rodong_tokens import article_key, list_page, opened, section_of

_ROOTS = ("#revoList", "#RevoListDIV", "#ThemeListDIV", ".date_news_list")
_LINKS = ", ".join(f"{root} a[href]" for root in _ROOTS)
_QUERIES = 'a[href*="?"]'
"""Links with a query: a token stands nowhere else, and to look into every link of a menu takes longer than its tree."""
_TOTAL = re.compile(r"(?<!\d)(\d{1,7})\s*[건件]\s*$")
_DAY = len("2026-02-19")


def read_page_id_list(view: View) -> Parsed:
    """A menu's, theme's, class's or day's list of the `strPageID` pages, whose links are calls of a script."""
    origin = Origin.INDEX if "strDate=" in view.page.url else Origin.LISTING
    heading = maybe(view.document, ".ListNewsTitleLeft")
    section = text(heading).lstrip("◇ ") if heading is not None else ""
    found = some(view.document, ".ListNewsContainer .ListNewsLineContainer")
    rows = [_page_id_row(view, row, origin, section or None) for row in found]
    menu = distinct(every(view.document, 'a[href*="strPageID=SF01_01_0"]'))
    return listing(view, rows, tuple(ListingLink(url=link(a, view.page.url), kind="section") for a in menu))


def _page_id_row(view: View, row: LexborNode, origin: Origin, section: str | None) -> Sighting:
    a = one(row, ".ListNewsLineTitleW a, .ListNewsLineTitle a")
    href = attribute(a, "href")
    if opened(href) == href:
        raise LayoutChanged(f"{view.page.url}: a row's link opens no article: {href[:80]!r}")
    return Sighting(
        url=urls.canonical(opened(href), view.page.url),
        origin=origin,
        title=text(a) or None,
        published=dotted(text(one(row, ".ListNewsLineDate"))),
        section=section,
    )


def read_token_list(view: View) -> Parsed:
    """A list of the base64 layouts: in its box, every titled link whose token is an article's.

    NotAnArticle where it says itself that it holds none ("0건"); with any other total an empty box is an alarm.
    """
    trail = maybe(view.document, "#PathBar")
    steps = [step.strip() for step in text(trail).split(">")] if trail is not None else []
    total = _TOTAL.search(steps[-1]) if steps else None
    rows = _rows(view, _listed(view.document), section=steps[-2] if total and len(steps) > 2 else None)
    if not rows and total and int(total[1]) == 0:
        raise NotAnArticle(f"{view.page.url}: the list says that it holds nothing")
    return listing(view, rows, _token_lists(view))


def _listed(tree: Document) -> tuple[LexborNode, ...]:
    """The links in the boxes of lists; of several boxes in the order of the page, which only a search of all of it tells."""
    roots = [root for name in _ROOTS for root in every(tree, name)]
    return every(roots[0], "a[href]") if len(roots) == 1 else every(tree, _LINKS)


def read_section(view: View) -> Parsed:
    """A list without a box of a known name: the titled links whose tokens are of the list's own section."""
    here = list_page(view.page.url)
    anchors = (a for a in every(view.document, _QUERIES) if here and section_of(_address(view, a)) == here.section)
    return listing(view, _rows(view, anchors), _token_lists(view))


def read_home(view: View) -> Parsed:
    """The front page: articles of all boxes, and the lists its menu leads to."""
    return listing(view, _rows(view, every(view.document, _QUERIES)), _token_lists(view))


def read_galleries(view: View) -> Parsed:
    """The lists of photographs and films: no articles, so no rows; they lead to the other lists."""
    lists = _token_lists(view)
    if not lists:
        raise LayoutChanged(f"{view.page.url}: a list that leads nowhere; look whether the page is a new template")
    return Parsed(listings=lists)


def _rows(view: View, anchors: Iterable[LexborNode], section: str | None = None) -> list[Sighting]:
    """A sighting for each link to an article that has words on it; pictures beside them are linked too."""
    found = []
    keys: dict[int, str | None] = {}

    def leads(a: LexborNode) -> str | None:
        # Asked again and again of the links about a link, from near to far.
        if a.mem_id not in keys:
            keys[a.mem_id] = article_key(_address(view, a))
        return keys[a.mem_id]

    for a in anchors:
        url = _address(view, a)
        key = keys[a.mem_id] = article_key(url)
        title = text(a) if key else ""
        if key and title:
            # Where a row shows no date, its token states one.
            published = day_beside(a, leads) or key[:_DAY]
            found.append(Sighting(url=url, origin=Origin.LISTING, title=title, published=published, section=section))
    return found


def _token_lists(view: View) -> tuple[ListingLink, ...]:
    """Menu entries and further pages: `1@@<section>@<page>@`, `2@@2@1@`."""
    found: dict[str, str] = {}
    for a in every(view.document, _QUERIES):
        if "index.php?M" not in (a.attributes.get("href") or ""):
            continue
        url = _address(view, a)
        named = list_page(url)
        if named:
            found[url] = "section" if named.page == 1 else "next-page"
    return tuple(ListingLink(url=url, kind=kind) for url, kind in found.items())


def _address(view: View, a: LexborNode) -> str:
    """Where a link leads; nothing where that is no page."""
    try:
        return urls.canonical(opened(a.attributes.get("href") or ""), view.page.url)
    except ValueError:
        return ""


def is_page_id_list(tree: Document) -> bool:
    """Whether a page is a list of the `strPageID` pages."""
    return bool(every(tree, ".ListNewsContainer"))


def is_token_list(tree: Document) -> bool:
    """Whether a page has one of the boxes in which the base64 layouts list articles."""
    return any(every(tree, root) for root in _ROOTS)


def is_section(tree: Document) -> bool:
    """Whether a page links to articles by token (`12@` is `MTJA`)."""
    return any("index.php?MTJA" in (a.attributes.get("href") or "") for a in every(tree, _QUERIES))


def is_home(tree: Document) -> bool:
    """Whether a page is the front page since 2025: boxes with a title and a link to the whole list."""
    return has(tree, ".TopClassBG .TopClassTitle")


def is_galleries(tree: Document) -> bool:
    """Whether a page lists photographs or films."""
    return has(tree, ".thumbnail .span-title")
