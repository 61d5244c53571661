"""KCNA on kcna.kp since July 2026: the `list/detail` pages (docs/sources.md, "KCNA").

Hides the template's markup and its paging by POST form. An article's page states no date; its list rows do.
"""

from __future__ import annotations

import re
from datetime import date

from selectolax.lexbor import LexborNode

from scraper import urls
from scraper.errors import LayoutChanged
from scraper.model import ListingLink, Origin, Parsed, Sighting
from scraper.parse.dates import dotted, first_dateline
from scraper.parse.dom import BREAKS, Document, attribute, distinct, every, has, link, one, some, text
from scraper.parse.layout import Grade, Layout, View, article, dated, images, language, links, listing
from scraper.parse.text import split_end_mark

_CONTAINER = "main > article > div.container"
_LISTS = re.compile(r"/(?:article|gallery|video)/list/")
# The word first, then that it is one: the other way about, the search takes longer than building the tree.
_PAGE_COUNT = re.compile(r"page_cnt(?<!\wpage_cnt)\s*=\s*[\"']?(\d+)")


def read_detail(view: View) -> Parsed:
    """An article of 2026: no date on the page, only list rows have one. Its gallery, if any, is a related sighting."""
    container = one(view.document, _CONTAINER)
    titles = [title for title in map(text, some(container, "h1")) if title]
    if len(titles) != 1:
        raise LayoutChanged(f"{view.page.url}: expected one filled h1, found {len(titles)}")
    own = [p for p in some(container, "p") if _is_own(p, container)]
    paragraphs, end_mark = split_end_mark(filter(None, map(text, own)))
    dateline = first_dateline(paragraphs)
    related = tuple(
        Sighting(url=link(a, view.page.url), origin=Origin.RELATED, section="gallery")
        for a in every(container, "a.gallery_button")
    )
    found = article(
        view,
        outlet="KCNA",
        key=urls.key(view.page.url),
        title=titles[0],
        paragraphs=paragraphs,
        evidence=dated(dateline=dateline),
        language=language(view),
        dateline=dateline,
        end_mark=end_mark,
        images=images(view, every(container, "img"), said=lambda image: _caption(image, container)),
        links=links(view, own if has(container, "a[href]") else ()),
        related=related,
    )
    return Parsed(articles=(found,), sightings=related)


def _is_own(p: LexborNode, container: LexborNode) -> bool:
    """Captions are paragraphs too, but nested in a block of the picture's; a name's element may go around whole paragraphs."""
    at = p.parent
    while at is not None and at.mem_id != container.mem_id and at.tag not in BREAKS:
        at = at.parent
    return at is not None and at.mem_id == container.mem_id


def _caption(image: LexborNode, container: LexborNode) -> str:
    """The words in the block of a picture, where it is the only one there; None of the article's own paragraphs are."""
    block = image.parent
    while block is not None and block.mem_id != container.mem_id and len(every(block, "img")) == 1:
        words = " ".join(filter(None, (text(p) for p in every(block, "p, figcaption"))))
        if words and not any(_is_own(p, container) for p in every(block, "p")):
            return words
        block = block.parent
    return ""


def read_list(view: View) -> Parsed:
    """A section's page of 2026, articles or galleries, with the POST form that leads to the next page."""
    rows = [_row(view, h5) for h5 in some(view.document, "div.article > h5.block, div.gallery > h5, div.video > h5")]
    return listing(view, rows, (*_sections(view), *_next_page(view)))


def read_home(view: View) -> Parsed:
    """The front page of 2026: whatever links to an article, and the sections."""
    anchors = [a for a in some(view.document, 'a[href*="/article/detail/"]') if text(a)]
    rows = [_home_row(view, a) for a in anchors]
    return listing(view, rows, _sections(view), dated_rows=False)


def _row(view: View, row: LexborNode) -> Sighting:
    a = one(row, 'a[href*="/detail/"]')
    # A row can hold a second <nobr> with a name in it: the one with a date counts.
    return Sighting(
        url=link(a, view.page.url),
        origin=Origin.LISTING,
        title=text(a) or None,
        published=dotted(text(row, without=("a",))),
    )


def _home_row(view: View, a: LexborNode) -> Sighting:
    """A link, and the date beside it where no other article is there: its picture and its gallery may be."""
    around = a.parent
    alone = around is not None and len(distinct(every(around, 'a[href*="/article/detail/"]'))) == 1
    published = dotted(text(around, without=("a",))) if around is not None and alone else None
    return Sighting(url=link(a, view.page.url), origin=Origin.LISTING, title=text(a), published=published)


def _sections(view: View) -> tuple[ListingLink, ...]:
    anchors = distinct(
        a for a in every(view.document, 'a[href*="/list/"]') if _LISTS.search(a.attributes.get("href") or "")
    )
    return tuple(ListingLink(url=link(a, view.page.url), kind="section") for a in anchors)


def _next_page(view: View) -> tuple[ListingLink, ...]:
    """The form of the next page (docs/sources.md, "KCNA"); nothing on the last page, or where there is no form."""
    form = next((form for form in every(view.document, "form") if has(form, 'input[name="page_num"]')), None)
    count = _PAGE_COUNT.search(view.html) if form is not None else None
    if form is None or count is None:
        return ()
    fields = {attribute(field, "name"): field.attributes.get("value") or "" for field in some(form, "input[name]")}
    if not fields["page_num"].isdecimal():
        raise LayoutChanged(f"{view.page.url}: the page number is {fields['page_num'][:40]!r}; write a new layout")
    page = int(fields["page_num"]) + 1
    if page > int(count[1]):
        return ()
    fields["page_num"] = str(page)
    action = link(form, view.page.url, name="action") if form.attributes.get("action") else view.page.url
    return (ListingLink(url=action, kind="next-page", method="POST", form=tuple(fields.items()), volatile=("_csrf",)),)


def _is_detail(tree: Document) -> bool:
    headings = ((h1.parent, box) for box in every(tree, _CONTAINER) for h1 in every(box, "h1"))
    return any(parent is not None and parent.mem_id == box.mem_id for parent, box in headings)


def _is_list(tree: Document) -> bool:
    return has(tree, "main")


def _is_home(tree: Document) -> bool:
    return has(tree, 'a[href*="/article/detail/"]')


_SINCE = date(2026, 7, 2)

LAYOUTS = (
    Layout(
        name="kcna/detail-2026",
        addresses="`/en/article/detail/<32 hex>`",
        grade=Grade.SELECTORS,
        version=2,
        kind="article",
        urls=re.compile(r"/article/detail/[0-9a-f]+"),
        since=_SINCE,
        until=None,
        fits=_is_detail,
        read=read_detail,
    ),
    Layout(
        name="kcna/list-2026",
        addresses="`/en/article/list/<32 hex>`, `/en/gallery/list/<32 hex>`, `/en/video/list/<32 hex>`",
        grade=Grade.FRAGMENTS,
        version=2,
        kind="listing",
        urls=re.compile(r"/(?:article|gallery|video)/list/[0-9a-f]+"),
        since=_SINCE,
        until=None,
        fits=_is_list,
        read=read_list,
    ),
    Layout(
        name="kcna/home-2026",
        addresses="`/en`",
        grade=Grade.DESCRIPTION,
        version=2,
        kind="listing",
        urls=re.compile(r"^/(?:(?:kp|en|cn|ru|es|jp)/?)?$"),
        since=_SINCE,
        until=None,
        fits=_is_home,
        read=read_home,
    ),
)
