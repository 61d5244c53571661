"""Xinhua: the articles of news.cn and xinhuanet.com since 2012, Chinese and English.

Hides four templates of its publishing system (docs/sources.md, "Xinhua"). All show Beijing time, name the editor near
the end, and carry day and identity in the address: 32 hexadecimal digits now, `c_<n>` and `content_<n>` before.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date

from selectolax.lexbor import LexborNode

from scraper import urls
from scraper.errors import LayoutChanged
from scraper.model import ListingLink, Origin, Parsed, Sighting
from scraper.parse import dates, dom
from scraper.parse.dom import Document
from scraper.parse.layout import Grade, Layout, View, article, dated
from scraper.parse.sites.xinhua_beside import editor, is_beside, lines_about, moment, stated_time, times_above
from scraper.parse.sites.xinhua_body import Body, body_of, refuse_stray
from scraper.parse.sites.xinhua_lists import LISTINGS

_ADDRESS = re.compile(
    r"^/(?:.*/)?(?:(?P<day>\d{8})/(?:[\w-]+/)?(?P<hex>[0-9a-f]{32})/c\.html?"
    r"|(?P<year>\d{4})-(?P<month>\d{2})/(?P<of_month>\d{2})/(?P<number>(?:c|content)_\d+)\.html?)(?:\?|$)"
)
_PART = re.compile(r"/(?P<first>(?:c|content)_\d+)_\d+(?P<ending>\.html?)(?:\?|$)")
_NO_SECTION = re.compile(r"[\d-]+|[0-9a-f]{32}")
_END_MARK = re.compile(r"\s*(■|Enditem)$")
_CANDIDATES = (
    "#detailContent",
    "#detail",
    "#p-detail",
    "#Content",
    "#content",
    ".content",
    ".main-aticle",
    "#articleContent",
    ".article",
)
_IDS = tuple(name for name in _CANDIDATES if name[0] == "#")
_CLASSES = ", ".join(name for name in _CANDIDATES if name[0] == ".")
_TITLE_2012 = 'td[colspan="2"] > b'
_TITLE_2017 = ".h-title"
_TIME_2021 = ".header-time"
_HEADERS_2021 = frozenset({"head-line", "mheader"})
_LANGUAGES = {
    **dict.fromkeys(("english", "english2010"), "en"),
    "french": "fr",
    "spanish": "es",
    "russian": "ru",
    "german": "de",
    "arabic": "ar",
    "portuguese": "pt",
    "jp": "ja",
    "kr": "ko",
}


def _tables(view: View) -> Parsed:
    """2012: tables without a class; title and text are cells over two columns, the editor a line of his own."""
    title = dom.text(dom.one(view.document, _TITLE_2012))
    cell = dom.one(view.document, 'td[colspan="2"][height="700"]')
    mark = stated_time(dom.one(view.document, 'td[colspan="2"][bgcolor="#f3f3f3"]'))
    beside = [dom.text(each) for each in dom.every(view.document, "td.topxian")]
    return _article(view, title=title, body=body_of(view, cell), mark=mark, byline=editor(beside))


def _h_title(view: View) -> Parsed:
    """2017 to 2021: `.h-title`, `.h-time`, `#p-detail`."""
    title, box, time = (dom.one(view.document, name) for name in (_TITLE_2017, "#p-detail", ".h-time"))
    mark = stated_time(time)
    beside = [dom.text(each) for each in dom.every(box, ".p-jc")]
    return _article(view, title=dom.text(title), body=body_of(view, box), mark=mark, byline=editor(beside))


def _header_time(view: View) -> Parsed:
    """2021 to 2024: the time is split over spans, the title stands twice, the editor's form is inside `#detail`."""
    titles = {dom.text(each) for each in _titles_2021(view.document)}
    header, box = (dom.one(view.document, name) for name in (_TIME_2021, "#detail"))
    year, day, time = (dom.text(dom.one(header, name)) for name in (".year", ".day", ".time"))
    beside = [dom.text(each) for each in dom.every(box, ".editor")]
    mark = moment(f"{year}-{day.replace(' ', '').replace('/', '-')} {time}")
    if mark is None:
        raise LayoutChanged(f"{year!r}, {day!r}, {time!r} state no time: the page's template is a new one")
    return _article(view, title=_same(titles, "title"), body=body_of(view, box), mark=mark, byline=editor(beside))


def _general(view: View) -> Parsed:
    """The English pages, old and new: one of the known boxes, and the lines about it ("Source: …", "Editor: …").

    Their markup was not seen; the boxes and titles are others' selectors.
    """
    box = _box(view.document)
    title = _same(next(filter(None, _titles(view.document)), set()), "title")
    body = body_of(view, box)
    head, text, tail = _split(body.paragraphs, title)
    # Before the text only: lists beside and after it carry times of their own.
    marks = {moment(line) for line in (*head, *body.stray)} - {None} or set(times_above(box))
    mark = _same(marks, "time") if marks else None
    within = (dom.text(each) for each in dom.every(box, ".editor"))
    byline = editor((*head, *body.stray, *tail, *within)) or editor(lines_about(box))
    return _article(view, title=title, body=replace(body, paragraphs=text), mark=mark, byline=byline)


def _further_page(view: View) -> Parsed:
    """A further page of an article (`c_<n>_2.htm`): no article of its own, but it points at the first page and at the others."""
    target = urls.target(view.page.url)
    part = _PART.search(target)
    assert part is not None, "the layout's `urls` found it"
    first = urls.canonical(f"{part['first']}{part['ending']}", view.page.url)
    return Parsed(sightings=(Sighting(url=first, origin=Origin.RELATED),), listings=_further_pages(view, part["first"]))


def _further_pages(view: View, number: str) -> tuple[ListingLink, ...]:
    """The other pages of an article that its pages link to."""
    if f"{number}_" not in view.html:
        return ()
    found = {}
    for anchor in dom.every(view.document, f'a[href*="{number}_"]'):
        try:
            url = urls.canonical(anchor.attributes.get("href") or "", view.page.url)
        except ValueError:
            continue
        part = _PART.search(urls.target(url))
        if part and part["first"] == number and url != view.page.url:
            found[url] = ListingLink(url=url, kind="next-page")
    return tuple(found.values())


def _article(view: View, *, title: str, body: Body, mark: str | None, byline: str | None) -> Parsed:
    target = urls.target(view.page.url)
    address = _ADDRESS.search(target)
    if address is None:
        raise LayoutChanged(f"{view.page.url}: not an address of this layout")
    refuse_stray(tuple(line for line in body.stray if not is_beside(line, title)))
    paragraphs, end_mark = _split_end_mark(_split(body.paragraphs, title)[1])
    dateline = dates.first_dateline(paragraphs)
    further = _further_pages(view, address["number"]) if address["number"] else ()
    read = article(
        view,
        outlet="Xinhua",
        key=address["hex"] or address["number"],
        title=title,
        paragraphs=paragraphs,
        evidence=dated(
            page_mark=mark,
            url=_url_day(address),
            dateline=dateline,
        ),
        language=_language(view.page.url),
        dateline=dateline,
        byline=byline,
        sections=_sections(target),
        end_mark=end_mark,
        images=body.images,
        links=body.links,
        # So that whoever reads the article sees that it goes on elsewhere.
        related=tuple(Sighting(url=each.url, origin=Origin.RELATED, section="further-page") for each in further),
    )
    return Parsed(articles=(read,), listings=further)


def _split(paragraphs: tuple[str, ...], title: str) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """The paragraphs, told apart from what is no text at either end: title, source, editor and time."""
    text = [at for at, paragraph in enumerate(paragraphs) if not is_beside(paragraph, title)]
    if not text:
        return paragraphs, (), ()
    return paragraphs[: text[0]], paragraphs[text[0] : text[-1] + 1], paragraphs[text[-1] + 1 :]


def _split_end_mark(paragraphs: tuple[str, ...]) -> tuple[tuple[str, ...], str | None]:
    """English items of recent years end with a black square, older ones with the wire's "Enditem"."""
    found = _END_MARK.search(paragraphs[-1]) if paragraphs else None
    if found is None:
        return paragraphs, None
    rest = paragraphs[-1][: found.start()]
    return (*paragraphs[:-1], *([rest] if rest else [])), found[1]


def _sections(target: str) -> tuple[str, ...]:
    """The folders of an address, but for those that name a day, an identity, or the language."""
    folders = target.partition("?")[0].split("/")[1:-1]
    return tuple(each for each in folders if each not in _LANGUAGES and not _NO_SECTION.fullmatch(each))


def _url_day(address: re.Match[str]) -> str | None:
    digits = address["day"] or f"{address['year']}{address['month']}{address['of_month']}"
    try:
        return date.fromisoformat(digits).isoformat()
    except ValueError:
        return None


def _language(url: str) -> str:
    """By host (`english.news.cn`) or first folder (`/english/2019-03/25/…`); all others are Chinese."""
    host, folder = urls.host(url).split(".")[0], urls.target(url).split("/")[1]
    return _LANGUAGES.get(host) or _LANGUAGES.get(folder) or "zh"


def _box(document: Document) -> LexborNode:
    for name in _CANDIDATES:
        found = dom.maybe(document, name)
        if found is not None:
            return found
    raise LayoutChanged(f"none of {', '.join(_CANDIDATES)}: the page's template is a new one")


def _titles(document: Document) -> Iterator[set[str]]:
    """What may be the title, by where it stands, the surest first."""
    for name in (".Btitle", "#bltitle", "#Title", "td.hei22"):
        yield _texts(dom.every(document, name))
    yield _texts(_titles_2021(document))
    yield _texts(dom.every(document, "h1"))


def _titles_2021(document: Document) -> Iterator[LexborNode]:
    """`.head-line h1 .title` and `.mheader h1 .title`; by tag first, as two such selectors take as long as four of one class."""
    for h1 in dom.every(document, "h1"):
        if any(_HEADERS_2021.intersection((each.attributes.get("class") or "").split()) for each in dom.above(h1)):
            yield from dom.every(h1, ".title")


def _texts(nodes: Iterable[LexborNode]) -> set[str]:
    return {dom.text(each) for each in nodes} - {""}


def _same(found: set[str] | set[str | None], what: str) -> str:
    """The one text that all copies of a thing have (desktop and mobile headers repeat it)."""
    shown = [each for each in found if each]
    if len(shown) != 1:
        raise LayoutChanged(f"expected one {what}, found {len(shown)}: the page's template is a new one")
    return shown[0]


def _has_box(document: Document) -> bool:
    # All ids are known from one search.
    return any(dom.every(document, name) for name in _IDS) or dom.has(document, _CLASSES)


LAYOUTS = (
    Layout(
        name="xinhua/header-time",
        addresses="`…/YYYY-MM/DD/c_<n>.htm`, `…/YYYYMMDD/<32 hex>/c.html`",
        grade=Grade.REAL_PAGES,
        version=2,
        kind="article",
        urls=_ADDRESS,
        since=date(2021, 1, 1),
        until=None,
        fits=lambda document: (
            dom.has(document, "#detail") and any(dom.has(each, ".year") for each in dom.every(document, _TIME_2021))
        ),
        read=_header_time,
    ),
    Layout(
        name="xinhua/h-title",
        addresses="`…/YYYY-MM/DD/c_<n>.htm`, `…/YYYYMMDD/<32 hex>/c.html`",
        grade=Grade.REAL_PAGES,
        version=2,
        kind="article",
        urls=_ADDRESS,
        since=date(2017, 1, 1),
        until=date(2021, 12, 31),
        fits=lambda document: dom.has(document, "#p-detail") and bool(dom.every(document, _TITLE_2017)),
        read=_h_title,
    ),
    Layout(
        name="xinhua/tables",
        addresses="`…/YYYY-MM/DD/content_<n>.htm`",
        grade=Grade.REAL_PAGES,
        version=2,
        kind="article",
        urls=_ADDRESS,
        since=date(2012, 1, 1),
        until=date(2016, 12, 31),
        fits=lambda document: bool(dom.every(document, _TITLE_2012)) and not _has_box(document),
        read=_tables,
    ),
    Layout(
        name="xinhua/english",
        addresses="`…/YYYY-MM/DD/c_<n>.htm`, `…/YYYYMMDD/<32 hex>/c.html`, `english.news.cn`, `/english/`, `/english2010/`",
        grade=Grade.SELECTORS,
        version=2,
        kind="article",
        urls=_ADDRESS,
        since=None,
        until=None,
        fits=_has_box,
        read=_general,
    ),
    Layout(
        name="xinhua/further-page",
        addresses="`…/YYYY-MM/DD/c_<n>_<page>.htm`",
        grade=Grade.DESCRIPTION,
        version=1,
        kind="listing",
        urls=_PART,
        since=None,
        until=None,
        fits=lambda _document: True,
        read=_further_page,
    ),
    *LISTINGS,
)
"""Xinhua's layouts in the order they are tried."""
