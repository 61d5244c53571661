"""The Ministry's lists, and the lists beside its articles: home, categories and their pages, latest and related items.

Hides that no page was seen (docs/sources.md, "Ministry of Foreign Affairs"): numbered articles are told by their addresses,
WordPress's by its "Read More". A teaser ("... ... ...") is never text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from selectolax.lexbor import LexborNode

from scraper import urls
from scraper.errors import LayoutChanged
from scraper.model import ListingLink, Origin, Parsed, Sighting
from scraper.parse import dom
from scraper.parse.beside import day_beside
from scraper.parse.layout import View

NUMBERED = re.compile(r"^/(?:(?P<language>[a-z]{2})/)?view/article/(?P<number>\d+)/?(?:\?|$)")
TEASER = re.compile(r"(?:(?:\.\.\.|…)\s*){2,}(?:read more\W*)?$", re.IGNORECASE)
_CATEGORY = re.compile(r"^/[a-z]{2}/category/[^/?]+/?$")
_PAGE = re.compile(r"/page/(\d+)/?$")
_READ_MORE = "read more"
_READS_ON = ("Read", "READ", "read more", "read&nbsp;more", "read\xa0more")
"""What a page with such a link has somewhere: looked for as it stands, as lower-casing a page takes as long as its tree."""
_TOLD = 'a[href*="view/article/"], a[href][rel]'
_READ = 'a[href]:lexbor-contains("read" i)'
_LISTS = 'a[href*="/category/"], a[href*="/page/"]'
_NUMBER = "a number"
_BESIDE = frozenset({"prev", "next"})

_Anchors = tuple[tuple[str, LexborNode], ...]
"""Links with their canonical addresses."""


def read_listing(view: View) -> Parsed:
    """Links to numbered articles, and those of "Read More" (the teaser's heading is the other link there)."""
    sightings = tuple(_rows(view, _leading(view), Origin.LISTING))
    if not sightings:
        raise LayoutChanged("a listing without a link to an article: the page's template is a new one")
    addresses = dict.fromkeys(url for url, _ in _addressed(view, _LISTS))
    return Parsed(sightings=sightings, listings=(*_sections(addresses), *_next_page(view, addresses)))


def beside(view: View, text: Iterable[LexborNode]) -> tuple[Sighting, ...]:
    """The articles an article's page leads to, those linked in its own text apart: latest ones, teasers, the next and the last."""
    inside = {a.mem_id for node in text for a in dom.every(node, "a[href]")}
    found = _addressed(view, f"{_TOLD}, {_READ}")
    if any(NUMBERED.search(urls.target(url)) is None for url, a in found if _is_article(url, a)):
        reads_on = any(words in view.html for words in _READS_ON)
        found = _leading(view) if reads_on else _addressed(view, _TOLD)
    anchors = tuple((url, a) for url, a in found if a.mem_id not in inside)
    own = urls.key(view.page.url)
    return tuple(row for row in _rows(view, anchors, Origin.RELATED) if not _is_key(own, row.url))


def _is_key(key: str, url: str) -> bool:
    # A key holds the path of its address, which tells most apart in a tenth of the time.
    return urls.target(url).partition("?")[0] in key and urls.key(url) == key


def _rows(view: View, anchors: _Anchors, origin: Origin) -> Iterator[Sighting]:
    articles: dict[str, list[LexborNode]] = {url: [] for url, a in anchors if _is_article(url, a)}
    for url, a in anchors:
        if url in articles:
            articles[url].append(a)
    led = {a.mem_id: url for url, a in anchors}

    def leads(a: LexborNode) -> str | None:
        # Asked again and again of the links about a link, from near to far.
        url = led.get(a.mem_id)
        if url is None:
            url = led[a.mem_id] = _address(view, a)
        return url if url in articles else None

    for url, own in articles.items():
        named = [a for a in own if not _leads_on(a)]
        title = next(filter(None, map(dom.text, named)), None)
        days = (day_beside(a, leads) for a in own)
        yield Sighting(url=url, origin=origin, title=title, published=next(filter(None, days), None))


def _is_article(url: str, a: LexborNode) -> bool:
    beside = _BESIDE & set((a.attributes.get("rel") or "").lower().split())
    return NUMBERED.search(urls.target(url)) is not None or _leads_on(a) or bool(beside and not _PAGE.search(url))


def _leading(view: View) -> _Anchors:
    """The links that tell of an article by address, `rel` or words, and the others to the same articles: their headings.

    Lexbor looks for them: menus have hundreds of links, and to make each canonical takes longer than building the tree.
    """
    telling = _addressed(view, f"{_TOLD}, {_READ}")
    names = {_name(url) for url, a in telling if _is_article(url, a)}
    if names <= {_NUMBER}:
        return telling
    if any("%" in name or not name for name in names):
        # Escapes may be spelt in several ways, and the home page has no name.
        return _addressed(view, "a[href]")
    return _addressed(view, ", ".join((_TOLD, _READ, *(f'a[href*="{name}"]' for name in names - {_NUMBER}))))


def _name(url: str) -> str:
    """The last part of an address's path; one name for all numbered articles, each link to which tells of itself."""
    target = urls.target(url)
    return _NUMBER if NUMBERED.search(target) else target.partition("?")[0].rstrip("/").rpartition("/")[2]


def _addressed(view: View, selector: str) -> _Anchors:
    """Every link of a kind that leads to a page, with its canonical address."""
    # One that matches several selectors of a list is found as often.
    found = {a.mem_id: a for a in dom.every(view.document, selector)}
    return tuple((url, a) for a in found.values() if (url := _address(view, a)))


def _address(view: View, a: LexborNode) -> str:
    """Where a link leads; nothing where that is no page."""
    href = (a.attributes.get("href") or "").strip()
    if not href or href.startswith("#"):
        return ""
    try:
        return urls.canonical(href, view.page.url)
    except ValueError:
        return ""


def _leads_on(a: LexborNode) -> bool:
    # Lexbor's own text first: it is had in a seventh of the time.
    return "read" in a.text().casefold() and dom.text(a).casefold().startswith(_READ_MORE)


def _sections(addresses: Iterable[str]) -> Iterator[ListingLink]:
    return (ListingLink(url=url, kind="section") for url in addresses if _CATEGORY.search(urls.target(url)))


def _next_page(view: View, addresses: Iterable[str]) -> tuple[ListingLink, ...]:
    """The page after this one (`/page/144/` after `/page/143/`), where a link leads there."""
    here = _PAGE.search(urls.target(view.page.url))
    first = _PAGE.sub("/", view.page.url).rstrip("/")
    following = f"{first}/page/{int(here.group(1)) + 1 if here else 2}"
    return tuple(ListingLink(url=url, kind="next-page") for url in addresses if url.rstrip("/") == following)
