"""KCNA on kcna.co.jp, the mirror in Japan: one file a day with several items until September 2008, one file an item since.

Hides the grammar of its addresses, in which folder, file and text may each name another day (docs/sources.md, "KCNA on
kcna.co.jp"). An article's key is the URL's, with the item's number where a file holds several.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta

from selectolax.lexbor import LexborNode

from scraper import urls
from scraper.errors import LayoutChanged
from scraper.model import DateEvidence, Dateline, ListingLink, Origin, Parsed, Sighting
from scraper.parse.dates import first_dateline
from scraper.parse.dom import Document, every, has, lines, some, text
from scraper.parse.layout import Grade, Layout, View, article, dated, images, links, listing
from scraper.parse.sites import kcnajp_items
from scraper.parse.text import split_end_mark

_ITEMS = re.compile(r"^/item/(\d{4})/(?:\d\d)?(\d\d)(\d\d)/news(\d{1,2})/(\d\d)\.html?$")
_ITEM = re.compile(r"^/item/\d{4}/(\d{4})(\d\d)/news(\d\d)/(\d{4})(\d\d)(\d\d)-\d+ee?\.html$")
_DAY = re.compile(r"^/item/(\d{4})/\d{4}(?:\d\d)?/(?:\d{4}-?|\d\d)(\d\d)-?(\d\d)(?:ee?\.html|\.htm)$")
_CALENDAR = re.compile(r"^/item/\d{4}/calendar-\d{4}e\.html$")
_FILES = 'a[href*=".htm"]'
"""Links to the files that days and items are."""
_ROWS = 7
"""Rows of an item's table: the title stands in the fourth, the text in the seventh."""
_LATEST = timedelta(days=3)
"""How long after its dateline the mirror files an item: a day as a rule."""


def read_items(view: View) -> Parsed:
    """The items of one day, divided by rules. Folder and file of the address give the day, the place on the page the number."""
    found = []
    for number, item in enumerate(kcnajp_items.items(view), start=1):
        paragraphs, end_mark = split_end_mark(item.paragraphs)
        dateline = first_dateline(paragraphs)
        read = article(
            view,
            outlet="KCNA",
            key=f"{urls.key(view.page.url)}#{number}",
            title=item.title,
            paragraphs=paragraphs,
            evidence=_evidence(_days_of_items(view), dateline),
            language="en",
            dateline=dateline,
            end_mark=end_mark,
            images=images(view, item.images),
            links=item.links,
        )
        found.append(replace(read, url=f"{view.page.url}#{number}"))
    return Parsed(articles=tuple(found))


def read_item(view: View) -> Parsed:
    """One item since October 2008, all of tables."""
    rows = _item_rows(view.document)
    titles = [title for title in map(text, some(rows[3], "b")) if title]
    if len(titles) != 1:
        raise LayoutChanged(f"{view.page.url}: expected one title, found {len(titles)}")
    body = rows[_ROWS - 1]
    paragraphs, end_mark = split_end_mark(lines(body))
    dateline = first_dateline(paragraphs)
    found = article(
        view,
        outlet="KCNA",
        key=urls.key(view.page.url),
        title=titles[0],
        paragraphs=paragraphs,
        evidence=_evidence(_days_of_item(view), dateline),
        language="en",
        dateline=dateline,
        end_mark=end_mark,
        images=images(view, every(body, "img")),
        links=links(view, (body,)),
    )
    return Parsed(articles=(found,))


def read_day(view: View) -> Parsed:
    """The index of one day: its rows are of the day in its address. Items of one file are one address, named by the first."""
    day = _iso(_DAY, view)
    rows = [
        Sighting(url=url, origin=Origin.INDEX, title=text(a) or None, published=day)
        for a in every(view.document, _FILES)
        if (url := _address(view, a)) and (_ITEMS.search(urls.target(url)) or _ITEM.search(urls.target(url)))
    ]
    return listing(view, rows)


def read_calendar(view: View) -> Parsed:
    """The calendar of a year: the days that have an index, and the other years."""
    addresses = dict.fromkeys(url for a in every(view.document, _FILES) if (url := _address(view, a)))
    days = [ListingLink(url=url, kind="day") for url in addresses if _DAY.search(urls.target(url))]
    years = [ListingLink(url=url, kind="section") for url in addresses if _CALENDAR.search(urls.target(url))]
    if not days:
        raise LayoutChanged(f"{view.page.url}: a calendar without a day; look whether the page is a new template")
    return Parsed(listings=(*days, *(link for link in years if link.url != view.page.url)))


def _evidence(days: Iterable[str | None], dateline: Dateline | None) -> tuple[DateEvidence, ...]:
    """Every day the address names, that which the dateline bears out first; the folder's before the file's otherwise."""
    named = dict.fromkeys(day for day in days if day)
    ordered = sorted(named, key=lambda day: not _borne_out(day, dateline))
    return (*(DateEvidence(kind="url", value=day) for day in ordered), *dated(dateline=dateline))


def _borne_out(day: str, dateline: Dateline | None) -> bool:
    if dateline is None:
        return False
    last = date.fromisoformat(day)
    possible = (last - timedelta(days=back) for back in range(_LATEST.days + 1))
    return any(f"--{each:%m-%d}" == dateline.day for each in possible)


def _days_of_items(view: View) -> tuple[str | None, ...]:
    """`/item/2000/200012/news12/31.htm`: year, folder's year and month, month again, day."""
    found = _ITEMS.search(urls.target(view.page.url))
    assert found is not None
    year, short, month, again, day = found.groups()
    return _day(year, month, day), _day(year, again, day), _day(year[:2] + short, month, day)


def _days_of_item(view: View) -> tuple[str | None, ...]:
    """`/item/2010/201008/news01/20100708-04ee.html`: the folder of the day it was filed on, and the day in its name."""
    found = _ITEM.search(urls.target(view.page.url))
    assert found is not None
    return _day(*found.groups()[:3]), _day(*found.groups()[3:])


def _iso(pattern: re.Pattern[str], view: View) -> str | None:
    found = pattern.search(urls.target(view.page.url))
    return _day(*found.groups()) if found else None


def _day(year: str, month: str, day: str) -> str | None:
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return None


def _address(view: View, a: LexborNode) -> str | None:
    try:
        return urls.canonical((a.attributes.get("href") or "").strip(), view.page.url)
    except ValueError:
        return None


def _item_rows(tree: Document) -> list[LexborNode]:
    """The rows of the only outer table that has as many as an item's."""
    found = [rows for table in every(tree, "table") if not _inner(table) and len(rows := _rows(table)) >= _ROWS]
    if len(found) != 1:
        raise LayoutChanged(f"expected one table of {_ROWS} rows, found {len(found)}: write a new layout")
    return found[0]


def _rows(table: LexborNode) -> list[LexborNode]:
    # Lexbor puts the rows of every table into a `tbody`.
    return [row for row in every(table, "tr") if row.parent and row.parent.parent and _same(row.parent.parent, table)]


def _same(one: LexborNode, other: LexborNode) -> bool:
    return one.mem_id == other.mem_id


def _inner(table: LexborNode) -> bool:
    at = table.parent
    while at is not None and at.tag != "table":
        at = at.parent
    return at is not None


def _is_items(tree: Document) -> bool:
    return has(tree, "hr")


def _has_table(tree: Document) -> bool:
    return bool(every(tree, "table"))


def _has_link(tree: Document) -> bool:
    return has(tree, "a[href]")


_FIRST, _LAST = date(1997, 1, 1), date(2008, 9, 30)
_SINCE = date(2008, 10, 1)

LAYOUTS = (
    Layout(
        name="kcnajp/item-2008",
        addresses="`/item/2008/200812/news31/20081231-12ee.html`",
        grade=Grade.SELECTORS,
        version=1,
        kind="article",
        urls=_ITEM,
        since=_SINCE,
        until=None,
        fits=_has_table,
        read=read_item,
    ),
    Layout(
        name="kcnajp/items-1997",
        addresses="`/item/1997/9701/news1/05.htm`, `/item/2000/200012/news12/31.htm`",
        grade=Grade.SELECTORS,
        version=1,
        kind="article",
        urls=_ITEMS,
        since=_FIRST,
        until=_LAST,
        fits=_is_items,
        read=read_items,
    ),
    Layout(
        name="kcnajp/day",
        addresses="`/item/1997/9701/970105.htm`, `/item/2000/200012/20001231.htm`, `/item/2008/200812/2008-12-31ee.html`",
        grade=Grade.SELECTORS,
        version=1,
        kind="listing",
        urls=_DAY,
        since=_FIRST,
        until=None,
        fits=_has_link,
        read=read_day,
    ),
    Layout(
        name="kcnajp/calendar",
        addresses="`/item/2019/calendar-2019e.html`",
        grade=Grade.SELECTORS,
        version=1,
        kind="listing",
        urls=_CALENDAR,
        since=_FIRST,
        until=None,
        fits=_has_link,
        read=read_calendar,
    ),
)
"""kcna.co.jp's layouts in the order they are tried."""
