"""Xinhua: the articles of news.cn and xinhuanet.com since 2012, Chinese and English.

Hides four templates of its publishing system (docs/sources.md, "Xinhua"). All show Beijing time, name the editor near
the end, and carry day and identity in the address: 32 hexadecimal digits now, `c_<n>` and `content_<n>` before.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime

from selectolax.lexbor import LexborHTMLParser, LexborNode

from scraper import urls
from scraper.errors import LayoutChanged
from scraper.model import Parsed
from scraper.parse import dates, dom
from scraper.parse.layout import Grade, Layout, View, article, dated
from scraper.parse.lines import around, lines
from scraper.parse.sites.xinhua_body import body_of
from scraper.parse.sites.xinhua_lists import LISTINGS

_BEIJING = "+08:00"
_ADDRESS = re.compile(
    r"^/(?:.*/)?(?:(?P<day>\d{8})/(?P<hex>[0-9a-f]{32})/c\.html?"
    r"|(?P<year>\d{4})-(?P<month>\d{2})/(?P<of_month>\d{2})/(?P<number>(?:c|content)_\d+)\.html?)(?:\?|$)"
)
_FOLDER = re.compile(r"([^/]+)/(?:\d{8}|\d{4}-\d{2})/")
_TIME = re.compile(r"(\d{4})-(\d{2})-(\d{2})\s+(\d{2}):(\d{2})(?::(\d{2}))?")
_EDITOR = re.compile(r"(?:责任编辑|编辑|Editor)\s*[:：]\s*([^\s【】|][^【】|]*)")  # noqa: RUF001 - as printed
_BESIDE = r"(?:(?:Source|Editor)\s*[:：]\s*[^|]{1,40}?|\d{4}-\d{2}-\d{2}\s+\d{2}:\d{2}(?::\d{2})?)"  # noqa: RUF001 - as printed
_NO_TEXT = re.compile(rf"{_BESIDE}(?:\s*\|?\s*{_BESIDE})*")
"""A line about the article, which some boxes hold before or after its text."""
_MARKS = re.compile(r"-\d{2}-\d{2}\s+\d{2}:|编辑|Editor")
"""The part of `_TIME` and of `_EDITOR` by which their places are found."""
_END_MARK = "■"
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
_TITLES = (".Btitle", "#bltitle", "#Title", "td.hei22", ".head-line h1 .title, .mheader h1 .title", "h1")
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
    title = dom.text(dom.one(view.document, 'td[colspan="2"] > b'))
    cell = dom.one(view.document, 'td[colspan="2"][height="700"]')
    mark = _stated_time(dom.one(view.document, 'td[colspan="2"][bgcolor="#f3f3f3"]'))
    beside = [dom.text(each) for each in dom.every(view.document, "td.topxian")]
    return _article(view, title=title, box=cell, mark=mark, byline=_editor(beside))


def _h_title(view: View) -> Parsed:
    """2017 to 2021: `.h-title`, `.h-time`, `#p-detail`."""
    title = dom.text(dom.one(view.document, ".h-title"))
    box = dom.one(view.document, "#p-detail")
    mark = _stated_time(dom.one(view.document, ".h-time"))
    beside = [dom.text(each) for each in dom.every(box, ".p-jc")]
    return _article(view, title=title, box=box, mark=mark, byline=_editor(beside))


def _header_time(view: View) -> Parsed:
    """2021 to 2024: the time is split over spans, the title stands twice, the editor's form is inside `#detail`."""
    titles = {dom.text(each) for each in dom.some(view.document, ".head-line h1 .title, .mheader h1 .title")}
    header = dom.one(view.document, ".header-time")
    year, day, time = (dom.text(dom.one(header, name)) for name in (".year", ".day", ".time"))
    box = dom.one(view.document, "#detail")
    beside = [dom.text(each) for each in dom.every(box, ".editor")]
    mark = _time(f"{year}-{day.replace(' ', '').replace('/', '-')} {time}")
    if mark is None:
        raise LayoutChanged(f"{year!r}, {day!r}, {time!r} state no time: the page's template is a new one")
    return _article(view, title=_same(titles, "title"), box=box, mark=mark, byline=_editor(beside))


def _general(view: View) -> Parsed:
    """The English pages, old and new: one of the known boxes, and the lines about it ("Source: …", "Editor: …").

    Their markup was not seen; the boxes and titles are others' selectors.
    """
    box = _box(view.document)
    titles = next((found for name in _TITLES if (found := _texts(view.document, name))), set())
    page = lines(around(box, _MARKS), marked=box)
    title = _same(titles, "title")
    first = next((at for at, line in enumerate(page) if line.inside and not _is_head(line.text, title)), len(page))
    # Before the text only: lists beside and after it carry times of their own.
    marks = {_time(line.text) for line in page[:first]} - {None}
    mark = _same(marks, "time") if marks else None
    byline = _editor(line.text for line in page)
    return _article(view, title=title, box=box, mark=mark, byline=byline)


def _is_head(text: str, title: str) -> bool:
    return text == title or _NO_TEXT.fullmatch(text) is not None


def _article(view: View, *, title: str, box: LexborNode, mark: str | None, byline: str | None) -> Parsed:
    address = _ADDRESS.search(urls.target(view.page.url))
    if address is None:
        raise LayoutChanged(f"{view.page.url}: not an address of this layout")
    found, images = body_of(box, view.page.url)
    paragraphs, end_mark = _split_end_mark(_without_head(found, title))
    dateline = dates.first_dateline(paragraphs)
    folder = _FOLDER.search(urls.target(view.page.url))
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
        sections=(folder.group(1),) if folder else (),
        end_mark=end_mark,
        images=images,
    )
    return Parsed(articles=(read,))


def _without_head(paragraphs: tuple[str, ...], title: str) -> tuple[str, ...]:
    """The paragraphs without what is no text at either end: title, source, editor and time."""
    text = [at for at, paragraph in enumerate(paragraphs) if not _is_head(paragraph, title)]
    return paragraphs[text[0] : text[-1] + 1] if text else ()


def _split_end_mark(paragraphs: tuple[str, ...]) -> tuple[tuple[str, ...], str | None]:
    """English items of recent years end with a black square."""
    if not paragraphs or not paragraphs[-1].endswith(_END_MARK):
        return paragraphs, None
    rest = paragraphs[-1].removesuffix(_END_MARK).rstrip()
    return (*paragraphs[:-1], *([rest] if rest else [])), _END_MARK


def _time(text: str) -> str | None:
    """`2020-02-19 20:29:58` in Beijing time as an ISO datetime with its offset."""
    found = _TIME.search(text)
    if found is None:
        return None
    year, month, day, hour, minute, second = found.groups(default="00")
    try:
        return datetime.fromisoformat(f"{year}-{month}-{day}T{hour}:{minute}:{second}{_BEIJING}").isoformat()
    except ValueError:
        return None


def _stated_time(node: LexborNode) -> str:
    text = dom.text(node)
    time = _time(text)
    if time is None:
        raise LayoutChanged(f"{text[:60]!r} states no time: the page's template is a new one")
    return time


def _url_day(address: re.Match[str]) -> str | None:
    digits = address["day"] or f"{address['year']}{address['month']}{address['of_month']}"
    try:
        return date.fromisoformat(digits).isoformat()
    except ValueError:
        return None


def _editor(texts: Iterable[str]) -> str | None:
    found = (_EDITOR.search(text) for text in texts)
    return next((match.group(1).strip() for match in found if match), None)


def _language(url: str) -> str:
    """By host (`english.news.cn`) or first folder (`/english/2019-03/25/…`); all others are Chinese."""
    host, folder = urls.host(url).split(".")[0], urls.target(url).split("/")[1]
    return _LANGUAGES.get(host) or _LANGUAGES.get(folder) or "zh"


def _box(document: LexborHTMLParser) -> LexborNode:
    for name in _CANDIDATES:
        found = dom.maybe(document, name)
        if found is not None:
            return found
    raise LayoutChanged(f"none of {', '.join(_CANDIDATES)}: the page's template is a new one")


def _texts(document: LexborHTMLParser, selector: str) -> set[str]:
    return {dom.text(each) for each in dom.every(document, selector)} - {""}


def _same(found: set[str] | set[str | None], what: str) -> str:
    """The one text that all copies of a thing have (desktop and mobile headers repeat it)."""
    shown = [each for each in found if each]
    if len(shown) != 1:
        raise LayoutChanged(f"expected one {what}, found {len(shown)}: the page's template is a new one")
    return shown[0]


def _has_box(document: LexborHTMLParser) -> bool:
    return dom.has(document, ", ".join(_CANDIDATES))


LAYOUTS = (
    Layout(
        name="xinhua/header-time",
        addresses="`…/YYYY-MM/DD/c_<n>.htm`, `…/YYYYMMDD/<32 hex>/c.html`",
        grade=Grade.REAL_PAGES,
        version=1,
        kind="article",
        urls=_ADDRESS,
        since=date(2021, 1, 1),
        until=None,
        fits=lambda document: dom.has(document, ".header-time .year") and dom.has(document, "#detail"),
        read=_header_time,
    ),
    Layout(
        name="xinhua/h-title",
        addresses="`…/YYYY-MM/DD/c_<n>.htm`, `…/YYYYMMDD/<32 hex>/c.html`",
        grade=Grade.REAL_PAGES,
        version=1,
        kind="article",
        urls=_ADDRESS,
        since=date(2017, 1, 1),
        until=date(2021, 12, 31),
        fits=lambda document: dom.has(document, ".h-title") and dom.has(document, "#p-detail"),
        read=_h_title,
    ),
    Layout(
        name="xinhua/tables",
        addresses="`…/YYYY-MM/DD/content_<n>.htm`",
        grade=Grade.REAL_PAGES,
        version=1,
        kind="article",
        urls=_ADDRESS,
        since=date(2012, 1, 1),
        until=date(2016, 12, 31),
        fits=lambda document: dom.has(document, 'td[colspan="2"] > b') and not _has_box(document),
        read=_tables,
    ),
    Layout(
        name="xinhua/english",
        addresses="`…/YYYY-MM/DD/c_<n>.htm`, `…/YYYYMMDD/<32 hex>/c.html`, `english.news.cn`, `/english/`, `/english2010/`",
        grade=Grade.SELECTORS,
        version=1,
        kind="article",
        urls=_ADDRESS,
        since=None,
        until=None,
        fits=_has_box,
        read=_general,
    ),
    *LISTINGS,
)
"""Xinhua's layouts in the order they are tried."""
