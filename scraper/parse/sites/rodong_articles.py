"""Articles of Rodong Sinmun: one reader for each of its three templates, and what they have in common.

Hides the templates' markup and what in a body is not text: captions, bylines, end marks, the pictures' addresses
(docs/sources.md, "Rodong Sinmun"). `myCalendar.setDate` in the pages is the day of the visit, never read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from selectolax.lexbor import LexborNode

from scraper import urls
from scraper.errors import LayoutChanged
from scraper.model import Article, Origin, Parsed, Sighting
from scraper.parse.dates import dotted, first_dateline, month_name, year_first
from scraper.parse.dom import Document, every, has, link, maybe, one, some, text
from scraper.parse.layout import View, article, dated, language, links
from scraper.parse.sites.rodong_bylines import is_byline
from scraper.parse.sites.rodong_pictures import Pictured, pictured
from scraper.parse.sites.rodong_tokens import article_key, filed_under, opened, stated_day
from scraper.parse.text import split_end_mark

_WRITER = "WriterP"
_TEXT_2025 = frozenset({"TextP", "HeadP", "SubTitleP", "MarkP", "RevoTitleP", _WRITER})
"""Classes of the lines of an article since 2025; a leader's article may have `RevoTitleP` for its title."""
_ALIGNED = re.compile(r"text-align\s*:\s*(center|right)", re.IGNORECASE)
_LINES = "p.ArticleContent"
_DATE_PAGE_ID = ".ArticleMenuDate"
_TITLE_2022 = "div.news_Title"
_BOX_2025 = "#articleContent #ContDIV"
_AROUND_2022 = (_TITLE_2022, ".News_Detail", ".NewsDetail", "#moveNews")
"""What stands in the box of a text of 2022 to 2024 beside its lines."""
_HEADINGS = frozenset({"HeadP", "SubTitleP", "MarkP", "RevoTitleP", _WRITER})
_MOST_NAMES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """One `p` of a body: its words, its pictures, how it is aligned, and its classes.

    A picture between the lines is one without words.
    """

    node: LexborNode
    words: str
    images: tuple[LexborNode, ...]
    align: str
    classes: frozenset[str]


def read_page_id_article(view: View) -> Parsed:
    """An article window of the `strPageID` pages: the first line, centred by its attribute, is the title."""
    mark = text(one(view.document, _DATE_PAGE_ID))
    box = _box(some(view.document, _LINES))
    found = _lines(box, _LINES)
    title = next((line for line in found if line.words), found[0])
    if title.node.attributes.get("align") != "center" or not has(title.node, "font"):
        raise LayoutChanged(f"{view.page.url}: the first paragraph is not the centred title")
    _nothing_else(box, found)
    body = [line for line in found if line is not title]
    return Parsed(articles=(_article(view, title=title.words, mark=mark, box=box, body=body),))


def read_2022_article(view: View) -> Parsed:
    """An article of the first base64 layout (November 2022 to about 2024): title and date stand over the lines."""
    heading = one(view.document, _TITLE_2022)
    mark = one(view.document, "span.NewsDate")
    box = _box(some(view.document, _LINES))
    body = _lines(box, _LINES, without=_AROUND_2022)
    _nothing_else(box, body, without=_AROUND_2022)
    beside = tuple(_beside(view, maybe(view.document, "#moveNews")))
    return Parsed(articles=(_article(view, title=text(heading), mark=text(mark), box=box, body=body, related=beside),))


def read_2025_article(view: View) -> Parsed:
    """An article of the second base64 layout (about 2025 on): scripts stand inside the body, a class tells what a line is.

    LayoutChanged for a line of another class: it may be text or a caption, and neither losing nor adding words is an option.
    """
    box = one(view.document, _BOX_2025)
    found = _lines(box, "p")
    title = _title_2025(found)
    body = [line for line in found if line is not title]
    for line in body:
        if line.words and not line.classes & _TEXT_2025:
            name = line.node.attributes.get("class") or ""
            raise LayoutChanged(
                f"a line of the unknown class {name[:40]!r}: the template has changed, write a new layout"
            )
    _nothing_else(box, found)
    mark = text(one(view.document, "#article-date"))
    return Parsed(articles=(_article(view, title=title.words, mark=mark, box=box, body=body),))


def _title_2025(found: Sequence[_Line]) -> _Line:
    for name in ("TitleP", "RevoTitleP"):
        titles = [line for line in found if line.words and name in line.classes]
        if len(titles) == 1:
            return titles[0]
        if titles:
            raise LayoutChanged(f"{len(titles)} titles of the class {name!r}: the template has changed")
    raise LayoutChanged("no line of the class 'TitleP': the template has changed, write a new layout")


def _lines(box: LexborNode, selector: str, without: tuple[str, ...] = ()) -> list[_Line]:
    """The lines of a box and the pictures between them, in their order; what is in the elements `without` is passed over."""
    nodes = every(box, f"{selector}, img")
    own = {node.mem_id for node in nodes if node.tag != "img"}
    pictures: dict[int, list[LexborNode]] = {}
    if len(own) < len(nodes):
        boxes = own.union(node.mem_id for name in without for node in every(box, name))
        for node in nodes:
            if node.mem_id not in own:
                # A picture between the lines stands for itself.
                pictures.setdefault(_around(node, boxes) or node.mem_id, []).append(node)
    return [
        _line(node, tuple(pictures.get(node.mem_id, ())))
        for node in nodes
        if node.mem_id in own or node.mem_id in pictures
    ]


def _around(node: LexborNode, wanted: set[int]) -> int | None:
    """The nearest element around a node that is one of those wanted."""
    at = node.parent
    while at is not None and at.mem_id not in wanted:
        at = at.parent
    return at.mem_id if at is not None else None


def _line(node: LexborNode, images: tuple[LexborNode, ...]) -> _Line:
    # With a picture inlined as data, only walking the line leaves its megabytes where they are.
    words = text(node, without=("img",)) if images else text(node)
    attributes = node.attributes
    styled = _ALIGNED.search(attributes.get("style") or "")
    align = ((styled[1] if styled else attributes.get("align")) or "").lower()
    classes = frozenset((attributes.get("class") or "").split())
    return _Line(node=node, words=words, images=images, align=align, classes=classes)


def _box(found: Sequence[LexborNode]) -> LexborNode:
    """The smallest element around all lines of an article."""
    at = found[0].parent
    while at is not None and len(every(at, _LINES)) != len(found):
        at = at.parent
    if at is None or at.tag in {"body", "html"}:
        raise LayoutChanged("the lines of the article stand in no box of their own: the template has changed")
    return at


def _nothing_else(box: LexborNode, found: Sequence[_Line], without: tuple[str, ...] = ()) -> None:
    """LayoutChanged where a box has words outside of the lines read: they would be lost without a word."""
    # White space apart: only words count here, and where block elements part them is told in other ways.
    plain = not without and not has(box, "script, style, noscript, template")
    whole = "".join((box.text() if plain else text(box, without=("script", *without))).split())
    read = "".join("".join(line.words.split()) for line in found)
    if whole != read:
        raise LayoutChanged(
            f"the box of the text has {len(whole)} letters, its lines {len(read)}: the template has changed"
        )


def _article(
    view: View, *, title: str, mark: str, box: LexborNode, body: Sequence[_Line], related: tuple[Sighting, ...] = ()
) -> Article:
    published = month_name(mark) or dotted(mark) or year_first(mark)
    stated = stated_day(view.page.url)
    if published is None and stated is None:
        raise LayoutChanged(f"{view.page.url}: neither the page ({mark[:60]!r}) nor the address states a date")
    spoken, shown = _parted(body)
    paragraphs, byline, end_mark = _signed(spoken)
    dateline = first_dateline(paragraphs)
    key = article_key(view.page.url)
    pictures = pictured(view, shown, key)
    text_of = {line.node.mem_id for line in spoken}
    return article(
        view,
        outlet="Rodong Sinmun",
        key=key or urls.key(view.page.url),
        title=title,
        paragraphs=paragraphs,
        evidence=dated(page_mark=published, url=stated, dateline=dateline),
        language=language(view),
        dateline=dateline,
        byline=byline,
        sections=filed_under(view.page.url),
        end_mark=end_mark,
        images=pictures.images,
        captions=pictures.captions,
        links=links(view, (a for a in every(box, "a[href]") if _around(a, text_of)), address=opened),
        related=related,
        bodyless=bool(shown),
    )


def _parted(body: Sequence[_Line]) -> tuple[list[_Line], list[Pictured]]:
    """Text and pictures. A centred line with or right below a picture is its caption; blank lines and headings are none.

    Text of an article is justified, and in a line of text a picture only stands beside it.
    """
    spoken: list[_Line] = []
    shown: list[Pictured] = []
    below = False
    for line in body:
        captions = line.align == "center" and not line.classes & _HEADINGS and not is_byline(line.words)
        if line.images:
            shown.append(Pictured(images=line.images, caption=line.words if captions else ""))
        elif line.words and below and captions:
            shown[-1] = replace(shown[-1], caption=line.words)
        if line.words and not (captions and (line.images or below)):
            spoken.append(line)
        below = bool(line.images) and not line.words
    return spoken, shown


def _signed(spoken: Sequence[_Line]) -> tuple[tuple[str, ...], str | None, str | None]:
    """Paragraphs, byline and end mark: the last lines of the body that name writers, and the mark before or after them."""
    kept, after = split_end_mark(line.words for line in spoken)
    names: list[str] = []
    while kept and len(names) < _MOST_NAMES and _signs(spoken[len(kept) - 1], kept[-1], last=not names):
        names.insert(0, kept[-1])
        kept = kept[:-1]
    kept, before = split_end_mark(kept)
    return kept, " ".join(names) or None, " ".join(filter(None, (before, after))) or None


def _signs(line: _Line, words: str, *, last: bool) -> bool:
    return _WRITER in line.classes or is_byline(words) or (last and line.align == "right")


def _beside(view: View, box: LexborNode | None) -> Iterator[Sighting]:
    """The articles before and after this one, whose links say only that."""
    for a in every(box, "a[href]") if box is not None else ():
        url = link(a, view.page.url)
        key = article_key(url)
        if key:
            yield Sighting(url=url, origin=Origin.RELATED, published=key[: len("2024-08-01")])


def is_page_id_article(tree: Document) -> bool:
    """Whether a page is an article window of the `strPageID` pages."""
    return bool(every(tree, _DATE_PAGE_ID)) and bool(every(tree, _LINES))


def is_2022_article(tree: Document) -> bool:
    """Whether a page is an article of the first base64 layout."""
    return bool(every(tree, _TITLE_2022))


def is_2025_article(tree: Document) -> bool:
    """Whether a page is an article of the second base64 layout."""
    return bool(every(tree, _BOX_2025))
