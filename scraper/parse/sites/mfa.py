"""The Ministry of Foreign Affairs: numbered articles since 2022, WordPress pages before.

Hides that no page of either was seen as raw HTML (docs/sources.md, "Ministry of Foreign Affairs"): the readers go by
what descriptions and WordPress itself vouch for, and refuse whatever is not exactly that.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date

from selectolax.lexbor import LexborNode

from scraper import urls
from scraper.errors import LayoutChanged
from scraper.model import ListingLink, Origin, Parsed, Sighting
from scraper.parse import dates, dom
from scraper.parse.layout import LANGUAGES, Grade, Layout, View, article, dated
from scraper.parse.lines import Line, lines
from scraper.parse.stated import stated

_OUTLET = "Ministry of Foreign Affairs"
_NUMBERED = re.compile(r"^/(?:(?P<language>[a-z]{2})/)?view/article/(?P<number>\d+)/?(?:\?|$)")
_SLUG = re.compile(
    r"^/(?P<language>[a-z]{2})/(?!(?:category|tag|page|feed|author|wp-[a-z]+|view)(?:[/?]|$))(?P<slug>[^/?]+)/?(?:\?|$)"
)
_LISTING = re.compile(r"^/(?:\?|$|[a-z]{2}/?(?:\?|$)|(?:[a-z]{2}/)?(?:category|tag|page|view)(?:[/?]|$))")
_PAGE = re.compile(r"/page/(\d+)/?$")
_DATE_ALONE = re.compile(r"[\[(]?\s*\d{4}\.\s?\d{1,2}\.\s?\d{1,2}\.?\s*[\])]?")
_HEADINGS = "h1, h2, h3, h4, h5, h6"
_ASIDE = frozenset({"li", "nav", "aside", "footer", "tr"})
_SCRIPTS = (("ko", re.compile("[가-힣]")), ("zh", re.compile("[一-鿿]")), ("ru", re.compile(r"[\u0400-\u04ff]")))
_READ_MORE = "read more"


def _numbered(view: View) -> Parsed:
    """The date stands alone on a line before the text; title and text share the smallest box that holds all three."""
    address = _match(_NUMBERED, view.page.url)
    mark = _date_line(view)
    box = _box(mark.node)
    title = dom.text(dom.one(box, _HEADINGS))
    paragraphs = [dom.text(each) for each in dom.some(box, "p")]
    kept = [text for text in paragraphs if text and text not in {mark.text, title}]
    read = article(
        view,
        outlet=_OUTLET,
        key=address["number"],
        title=title,
        paragraphs=kept,
        evidence=dated(page_mark=dates.dotted(mark.text)),
        language=_language(view, address["language"], " ".join(kept)),
    )
    return Parsed(articles=(read,))


def _date_line(view: View) -> Line:
    """The only line that is a date and nothing else, those of menus, rows and links apart."""
    body = dom.one(view.document, "body")
    shown = lines(body, without=_ASIDE)
    alone = [line for line in shown if not line.links and _DATE_ALONE.fullmatch(line.text)]
    if len(alone) != 1:
        raise LayoutChanged(f"expected one line that is a date, found {len(alone)}: the page's template is a new one")
    return alone[0]


def _box(node: LexborNode) -> LexborNode:
    """The nearest ancestor that holds a heading and a paragraph beside the date's own."""
    at = node.parent
    while at is not None:
        spoken = [each for each in dom.every(at, "p") if not _DATE_ALONE.fullmatch(dom.text(each) or "-")]
        if spoken and dom.has(at, _HEADINGS):
            return at
        at = at.parent
    raise LayoutChanged("no box holds date, heading and paragraphs: the page's template is a new one")


def _language(view: View, folder: str | None, text: str) -> str:
    """By the address or the page's own `lang`, else by script: the numbers are shared by all languages."""
    declared = (dom.one(view.document, "html").attributes.get("lang") or "").lower()[:2]
    for name in (folder, declared):
        if name in LANGUAGES:
            return LANGUAGES[name]
    return next((language for language, script in _SCRIPTS if script.search(text)), "en")


def _wordpress(view: View) -> Parsed:
    """WordPress's own classes: `.entry-title`, `.entry-content`, and the date of `time` or of the meta element."""
    found = _match(_SLUG, view.page.url)
    read = article(
        view,
        outlet=_OUTLET,
        key=found["slug"],
        title=dom.text(dom.one(view.document, ".entry-title")),
        paragraphs=[dom.text(each) for each in dom.some(dom.one(view.document, ".entry-content"), "p")],
        evidence=dated(page_mark=_wordpress_date(view)),
        language=LANGUAGES.get(found["language"], found["language"]),
    )
    return Parsed(articles=(read,))


def _wordpress_date(view: View) -> str:
    meta = dom.maybe(view.document, 'meta[property="article:published_time"]')
    if meta is not None:
        shown = stated(dom.attribute(meta, "content"))
    else:
        # `time.updated` stands beside the first one and tells of modification.
        mark = dom.one(view.document, "time:not(.updated), .entry-date:not(time)")
        words = dom.text(mark)
        shown = stated(mark.attributes.get("datetime")) or dates.dotted(words) or dates.month_name(words)
    if shown is None:
        raise LayoutChanged("the date of the article cannot be read: the page's template is a new one")
    return shown


def _listing(view: View) -> Parsed:
    """Links to numbered articles, and those of "Read More" (the teaser's heading is the other link there)."""
    anchors = tuple(_addressed(view))
    rows = dict.fromkeys(url for url, anchor in anchors if _NUMBERED.search(urls.target(url)) or _leads_on(anchor))
    titles: dict[str, str] = {}
    for url, anchor in anchors:
        if url in rows and not _leads_on(anchor) and (words := dom.text(anchor)):
            titles.setdefault(url, words)
    if not rows:
        raise LayoutChanged("a listing without a link to an article: the page's template is a new one")
    sightings = tuple(Sighting(url=url, origin=Origin.LISTING, title=titles.get(url)) for url in rows)
    return Parsed(sightings=sightings, listings=_next_page(view, dict.fromkeys(url for url, _ in anchors)))


def _addressed(view: View) -> Iterator[tuple[str, LexborNode]]:
    """Every link that leads to a page, with its canonical address."""
    for anchor in dom.every(view.document, "a[href]"):
        href = (anchor.attributes.get("href") or "").strip()
        if href and not href.lower().startswith(("javascript:", "mailto:", "tel:", "#")):
            yield dom.link(anchor, view.page.url), anchor


def _leads_on(anchor: LexborNode) -> bool:
    # Lexbor's own text first: it is had in a seventh of the time.
    return "read" in anchor.text().casefold() and dom.text(anchor).casefold().startswith(_READ_MORE)


def _next_page(view: View, links: Iterable[str]) -> tuple[ListingLink, ...]:
    """The page after this one (`/page/144/` after `/page/143/`), where a link leads there."""
    here = _PAGE.search(urls.target(view.page.url))
    first = _PAGE.sub("/", view.page.url).rstrip("/")
    following = f"{first}/page/{int(here.group(1)) + 1 if here else 2}"
    return tuple(ListingLink(url=url, kind="next-page") for url in links if url.rstrip("/") == following)


def _match(pattern: re.Pattern[str], url: str) -> re.Match[str]:
    found = pattern.search(urls.target(url))
    if found is None:
        raise LayoutChanged(f"{url}: not an address of this layout")
    return found


LAYOUTS = (
    Layout(
        name="mfa/numbered",
        addresses="`/view/article/<number>`",
        grade=Grade.DESCRIPTION,
        version=1,
        kind="article",
        urls=_NUMBERED,
        since=date(2022, 1, 1),
        until=None,
        fits=lambda document: dom.has(document, _HEADINGS) and dom.has(document, "p"),
        read=_numbered,
    ),
    Layout(
        name="mfa/wordpress",
        addresses="`/<language>/<slug>/`",
        grade=Grade.DESCRIPTION,
        version=1,
        kind="article",
        urls=_SLUG,
        since=date(2017, 6, 22),
        until=date(2022, 1, 31),
        fits=lambda document: dom.has(document, ".entry-title") and dom.has(document, ".entry-content"),
        read=_wordpress,
    ),
    Layout(
        name="mfa/listing",
        addresses="home, `/en/category/<name>/page/<n>/`",
        grade=Grade.DESCRIPTION,
        version=1,
        kind="listing",
        urls=_LISTING,
        since=date(2017, 6, 22),
        until=None,
        fits=lambda document: dom.has(document, "a[href]"),
        read=_listing,
    ),
)
"""The Ministry's layouts in the order they are tried."""
