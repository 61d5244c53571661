"""Listings that no code knows: the links that a declared pattern takes for articles, each with the date of its row.

Hides what a row is: the largest element around a link that leads to no other article.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence

from selectolax.lexbor import LexborNode

from scraper import urls
from scraper.model import ListingLink, Origin, Parsed, Rules, Sighting
from scraper.parse import dates
from scraper.parse.dom import every, text
from scraper.parse.layout import View, listing
from scraper.parse.stated import stated
from scraper.parse.written import written

_WHOLE = frozenset({"html", "body", "main"})
"""Elements that hold the page, and so say nothing of one row."""

_FEEDS = frozenset({"application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml"})
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_READERS = (stated, written, dates.day_first)


def read_listing(view: View, rules: Rules) -> Parsed:
    """The rows of a listing: the words of the link as title, the date that the row, the address or its day's group states.

    Further listings are its next page (`rel="next"`), the feeds it names, and what fits `listings`, as sections. Raises LayoutChanged where no link fits `listing_links`, or where `listing_dates` are declared and find nothing.
    """
    links = _links(view, rules.listing_links)
    held = _held(links)
    rows = (_sighting(url, anchors, held, len(links), rules) for url, anchors in links.items())
    return listing(view, rows, _further(view, rules), dated_rows=bool(rules.listing_dates))


def related(view: View, rules: Rules, own: Collection[str]) -> tuple[Sighting, ...]:
    """The articles that an article's page leads to, but for those in its text (`own`) and itself."""
    itself = urls.key(view.page.url)
    found = ((url, _title(anchors)) for url, anchors in _links(view, rules.articles).items() if url not in own)
    return tuple(
        Sighting(url=url, origin=Origin.RELATED, title=title)
        for url, title in found
        if title and urls.key(url) != itself
    )


def _further(view: View, rules: Rules) -> tuple[ListingLink, ...]:
    """The listings that a listing leads to, each address once."""
    kinds = [
        (url, kind)
        for kind, selector in (("next-page", '[rel~="next"][href]'), ("feed", 'link[rel~="alternate"][type][href]'))
        for node in every(view.document, selector)
        if kind != "feed" or (node.attributes.get("type") or "").strip().lower() in _FEEDS
        if (url := _address(node, view.page.url))
    ]
    kinds.extend((url, "section") for url in _links(view, rules.listings))
    found = {url: kind for url, kind in reversed(kinds) if url != view.page.url}
    return tuple(ListingLink(url=url, kind=kind) for url, kind in reversed(found.items()))


def _links(view: View, patterns: Sequence[str]) -> dict[str, list[LexborNode]]:
    """The links to each article, by their addresses."""
    found: dict[str, list[LexborNode]] = defaultdict(list)
    for a in every(view.document, "a[href]"):
        url = _address(a, view.page.url)
        if url and any(re.search(pattern, urls.target(url)) for pattern in patterns):
            found[url].append(a)
    return found


def _address(node: LexborNode, base: str) -> str | None:
    """Where a link leads; None where that is no address on the web."""
    try:
        return urls.canonical((node.attributes.get("href") or "").strip(), base)
    except ValueError:
        return None


def _held(links: dict[str, list[LexborNode]]) -> dict[int, set[str]]:
    """Which articles each element around a link leads to."""
    held: dict[int, set[str]] = defaultdict(set)
    for url, anchors in links.items():
        for a in anchors:
            for node in _upwards(a):
                held[node.mem_id].add(url)
    return held


def _sighting(url: str, anchors: list[LexborNode], held: dict[int, set[str]], number: int, rules: Rules) -> Sighting:
    return Sighting(
        url=url,
        origin=Origin.LISTING,
        title=_title(anchors),
        published=_date(url, anchors, held, number, rules.listing_dates),
    )


def _title(anchors: list[LexborNode]) -> str | None:
    """The words of a link in a heading; else of the first that has any (a picture's has none, "Read more" comes last)."""
    headed = [a for a in anchors if any(node.tag in _HEADINGS for node in _upwards(a))]
    return next((words for words in map(text, (*headed, *anchors)) if words), None)


def _date(
    url: str, anchors: list[LexborNode], held: dict[int, set[str]], number: int, patterns: Sequence[str]
) -> str | None:
    """By a declared pattern in the row, the address, then the group of rows; else by the only `time` of the row."""
    rows = [_row(a, held) for a in anchors]
    # A title may speak of a day; what stands beside it is the row's own.
    beside = (_words(row, without=("a",)) for row in rows)
    for words in (*beside, *map(_words, rows), urls.target(url)):
        found = _found(words, patterns)
        if found:
            return found[0]
    for group in (node for a in anchors for node in _upwards(a) if 1 < len(held[node.mem_id]) < number):
        days = set(_found(text(group), patterns))
        if len(days) == 1:
            return days.pop()
    moments = {_moment(mark) for row in rows for mark in every(row, "time[datetime]")} - {None}
    return moments.pop() if len(moments) == 1 else None


def _row(a: LexborNode, held: dict[int, set[str]]) -> LexborNode:
    """The largest element around a link that leads to no other article."""
    return [node for node in _upwards(a) if len(held[node.mem_id]) == 1][-1]


def _words(row: LexborNode, *, without: tuple[str, ...] = ()) -> str:
    """The text of a row; a definition's row begins with its term."""
    before = row.prev
    while row.tag == "dd" and before is not None and before.tag != "dt":
        before = before.prev
    words = text(row, without=without)
    return f"{text(before)} {words}" if row.tag == "dd" and before is not None else words


def _moment(mark: LexborNode) -> str | None:
    return stated(mark.attributes.get("datetime"))


def _found(words: str, patterns: Sequence[str]) -> list[str]:
    """All dates that the patterns find in a text."""
    days = (_day(match) for pattern in patterns for match in re.finditer(pattern, words))
    return [day for day in days if day]


def _day(match: re.Match[str]) -> str | None:
    named = match.groupdict()
    if {"year", "month", "day"} <= set(named):
        written = f"{named['year']}.{named['month']}.{named['day']}"
        return dates.dotted(written) or dates.month_name(f"{named['month']} {named['day']}, {named['year']}")
    return next((day for day in (read(match[0].strip()) for read in _READERS) if day), None)


def _upwards(node: LexborNode) -> Iterator[LexborNode]:
    """An element and those around it, but for the ones that hold the whole page."""
    at: LexborNode | None = node
    while at is not None and at.tag not in _WHOLE:
        yield at
        at = at.parent
