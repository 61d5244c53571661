"""KCNA Watch's listings: the rows of a source, home, search and category pages, and the television archive.

Hides where in a row its address and its date are (docs/sources.md, "KCNA Watch").
"""

from __future__ import annotations

import re
from datetime import date

from selectolax.lexbor import LexborNode

from scraper.errors import LayoutChanged
from scraper.model import ListingLink, Origin, Parsed, Sighting
from scraper.parse import dates, dom
from scraper.parse.layout import Grade, Layout, View, listing

_ARTICLE_LINK = re.compile(r"/newstream/\d+-\d+(?:/|$)")
_WHOLE_DATE = re.compile(r"[A-Z][a-z]{2,8}\.? \d{1,2}, \d{4}")


def whole_date(text: str) -> str | None:
    """`December 09, 2025` as an ISO date, where the text is nothing else."""
    return dates.month_name(text) if _WHOLE_DATE.fullmatch(text) else None


def _by_source(view: View) -> Parsed:
    """The rows of one source, ten at a time; past the end the answer is empty, which is no error."""
    rows = dom.every(view.document, ".article-desc")
    if not rows and view.html.strip():
        raise LayoutChanged(f"an answer without rows: {view.html.strip()[:40]!r} (WordPress says 0 when it refuses)")
    return Parsed(sightings=tuple(_dated_row(row, view.page.url) for row in rows))


def _dated_row(row: LexborNode, base: str) -> Sighting:
    anchor = dom.some(row, "a")[0]
    shown = dom.text(dom.one(row, ".articled-date > span"))
    published = whole_date(shown)
    if published is None:
        raise LayoutChanged(f"a row's date reads {shown[:40]!r}: the listing's template is a new one")
    title = dom.text(anchor) or None
    return Sighting(url=dom.link(anchor, base), origin=Origin.LISTING, title=title, published=published)


def _any_listing(view: View) -> Parsed:
    """Every link to an article, with its words; LayoutChanged where there is none.

    Rows that carry a date give it too.
    """
    found: dict[str, Sighting] = {}
    for anchor in dom.every(view.document, 'a[href*="/newstream/"]'):
        if not _ARTICLE_LINK.search(dom.attribute(anchor, "href")):
            continue
        url = dom.link(anchor, view.page.url)
        known = found.get(url)
        title = (known.title if known else None) or dom.text(anchor) or None
        published = (known.published if known else None) or _row_date(anchor)
        found[url] = Sighting(url=url, origin=Origin.LISTING, title=title, published=published)
    if not found:
        raise LayoutChanged("a listing without a link to an article: the page's template is a new one")
    return Parsed(sightings=tuple(found.values()), listings=_next_page(view))


def _row_date(anchor: LexborNode) -> str | None:
    row: LexborNode | None = anchor.parent
    while row is not None and "article-desc" not in (row.attributes.get("class") or "").split():
        row = row.parent
    shown = dom.maybe(row, ".articled-date > span") if row is not None else None
    return whole_date(dom.text(shown)) if shown is not None else None


def _next_page(view: View) -> tuple[ListingLink, ...]:
    links = (dom.link(each, view.page.url) for each in dom.every(view.document, 'a[rel="next"], a.next.page-numbers'))
    return tuple(ListingLink(url=url, kind="next-page") for url in dict.fromkeys(links))


def _television(view: View) -> Parsed:
    """The television archive: a film a row, the day of the broadcast in words, and which of its programmes it is."""
    rows = [row for row in dom.every(view.document, "article") if dom.has(row, 'a[href*="/kctv-archive/"]')]
    return listing(view, (_film(row, view.page.url) for row in rows))


def _film(row: LexborNode, base: str) -> Sighting:
    shown = dom.one(row, "h4 a")
    day = dom.text(shown)
    head = dom.maybe(row, ".broadcast-head")
    programme = dom.text(head) if head is not None else ""
    return Sighting(
        url=dom.link(shown, base),
        origin=Origin.LISTING,
        title=f"{programme}, {day}" if programme else day,
        published=dates.month_name(day),
        section="kctv-archive",
    )


LISTINGS = (
    Layout(
        name="kcnawatch/by-source",
        addresses="`/wp-admin/admin-ajax.php?action=get_cat_by_source&…&from=0&to=10&…`",
        grade=Grade.SELECTORS,
        version=1,
        kind="listing",
        urls=re.compile(r"^/wp-admin/admin-ajax\.php\?(?:.*&)?action=get_cat_by_source(?:&|$)"),
        since=date(2022, 1, 1),
        until=None,
        fits=lambda _document: True,
        read=_by_source,
    ),
    Layout(
        name="kcnawatch/television",
        addresses="`/kctv-archive/`",
        grade=Grade.FRAGMENTS,
        version=2,
        kind="listing",
        urls=re.compile(r"^/kctv-archive/?(?:\?|$)"),
        since=None,
        until=None,
        fits=lambda document: dom.has(document, 'a[href*="/kctv-archive/"]'),
        read=_television,
    ),
    Layout(
        name="kcnawatch/listing",
        addresses="home, search, category, paged lists",
        grade=Grade.DESCRIPTION,
        version=1,
        kind="listing",
        urls=re.compile(r"^/(?:\?|$|(?:page|category|search)(?:[/?]|$)|newstream/?(?:page/|\?|$))"),
        since=None,
        until=None,
        fits=lambda document: bool(dom.every(document, 'a[href*="/newstream/"]')),
        read=_any_listing,
    ),
)
"""The layouts of listings, in the order they are tried."""
