"""KCNA Watch: an aggregator that mirrors KCNA, Rodong Sinmun, the Ministry of Foreign Affairs and others.

Hides its text order and its traps (docs/sources.md, "KCNA Watch"): the first date is the day of the fetch, `Date:` is
day-first, the number in the URL is the time of ingest and no date, "More From" changes with every fetch, and end marks
are the original outlet's. No article page was seen as raw HTML, so the only class relied upon is `.article-content`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from scraper import urls
from scraper.errors import LayoutChanged
from scraper.model import Article, Origin, Parsed, Sighting
from scraper.parse import dates, dom
from scraper.parse.layout import LANGUAGES, Layout, View, article, dated
from scraper.parse.lines import Line, around, lines
from scraper.parse.sites.kcnawatch_lists import LISTINGS, whole_date
from scraper.parse.text import split_end_mark

_ARTICLE = re.compile(r"^/newstream/(\d+-\d+)(?:/|$)")
_HEADER = re.compile(
    r"Date:\s*(?P<date>\d{1,2}/\d{1,2}/\d{4})\s*\|?\s*Source:\s*(?P<label>[^|]{1,80}?)\s*\|?\s*"
    r"(?P<read>Read original version at source)?"
)
_HEADER_LINES = 6
_LABEL = re.compile(r"(?P<name>.+?)\s*(?:\((?P<language>\w{2,3})\))?")
_OUTLETS = {"KCNA.kp": "KCNA", "KCNA.co.jp": "KCNA", "KCNA": "KCNA"}
_BYLINE = re.compile(r"(?:[A-Z][\w-]* ){1,3}News Team|Rodong Sinmun")
_READ = "Read original version at source"
_END = "More Articles"
_MARKS = re.compile(r"Date:|More From ")
"""Where the header and the related items begin; the title stands before the first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Header:
    """The line over an article, and the lines it takes (`start` to `end`, exclusive)."""

    published: str
    label: str
    original_url: str | None
    start: int
    end: int


def _newstream(view: View) -> Parsed:
    """Title, `Date: | Source: | Read original …`, body, "More From": by their order, body in `.article-content`."""
    content = dom.one(view.document, ".article-content")
    page = lines(around(content, _MARKS), marked=content)
    header = _header(page, view)
    related_at = _related_at(page, header)
    inside = tuple(line.text for line in page[header.end : related_at] if line.inside)
    related = tuple(_related(page[related_at + 1 :], view.page.url))
    read = _article(view, header, title=_title(page, header), inside=inside, related=related)
    return Parsed(articles=(read,), sightings=(*_mirrored(read, header), *related))


def _header(page: tuple[Line, ...], view: View) -> _Header:
    """The first place whose one to six lines read `Date: … | Source: …`, with the link to the original if it is there.

    The header stands before the body, so the first is the page's own.
    """
    for start, line in enumerate(page):
        if not line.text.startswith("Date:"):
            continue
        spans = range(start + 1, min(start + _HEADER_LINES, len(page)) + 1)
        found = [(end, _HEADER.fullmatch(" ".join(each.text for each in page[start:end]))) for end in spans]
        matches = [(end, match) for end, match in found if match]
        for end, match in sorted(matches, key=lambda pair: pair[1]["read"] is None)[:1]:
            published = dates.day_first(match["date"])
            if published is None:
                raise LayoutChanged(f"{match['date']!r} is no date, day first; look at the page")
            original = _original_url(page[start:end], view)
            return _Header(published=published, label=match["label"], original_url=original, start=start, end=end)
    raise LayoutChanged("no line `Date: DD/MM/YYYY | Source: …`: the page's template is a new one")


def _original_url(header: tuple[Line, ...], view: View) -> str | None:
    """The original's address; None where the link is not there, or leads back to KCNA Watch itself."""
    anchors = [link for line in header for link in line.links if dom.text(link) == _READ]
    if not anchors:
        return None
    url = dom.link(anchors[0], view.page.url)
    return None if urls.host(url) == urls.host(view.page.url) else url


def _title(page: tuple[Line, ...], header: _Header) -> str:
    """The line over the header; the one before it is "KCNA <source name>", which is no title."""
    title = page[header.start - 1].text if header.start else ""
    if not title or title.casefold() == f"KCNA {header.label}".casefold():
        raise LayoutChanged("no title over `Date: … | Source: …`: the page's template is a new one")
    return title


def _related_at(page: tuple[Line, ...], header: _Header) -> int:
    heading = f"More From {header.label}".casefold()
    places = (at for at in range(header.end, len(page)) if page[at].text.casefold() == heading)
    return next(places, len(page))


def _article(
    view: View, header: _Header, *, title: str, inside: tuple[str, ...], related: tuple[Sighting, ...]
) -> Article:
    label = _LABEL.fullmatch(header.label)
    name = label["name"] if label else header.label
    outlet = _OUTLETS.get(name, name)
    paragraphs, end_mark = split_end_mark(inside) if outlet == "KCNA" else (inside, None)
    byline = None
    if outlet == "Rodong Sinmun" and paragraphs and _BYLINE.fullmatch(paragraphs[-1]):
        paragraphs, byline = paragraphs[:-1], paragraphs[-1]
    dateline = dates.dateline(paragraphs[0]) if paragraphs else None
    return article(
        view,
        outlet=outlet,
        key=_key(view.page.url),
        title=title,
        paragraphs=paragraphs,
        evidence=dated(
            page_mark=dates.dotted(end_mark) if end_mark else None,
            aggregator=header.published,
            dateline=dateline[1] if dateline else None,
        ),
        # A language the label does not name is undetermined (BCP 47 `und`), not English.
        language=LANGUAGES.get((label["language"] or "").lower(), "und") if label else "und",
        original_url=header.original_url,
        dateline=dateline[0] if dateline else None,
        byline=byline,
        end_mark=end_mark,
        related=related,
    )


def _key(url: str) -> str:
    match = _ARTICLE.search(urls.target(url))
    if match is None:
        raise LayoutChanged(f"{url}: no number after /newstream/")
    return match.group(1)


def _mirrored(read: Article, header: _Header) -> tuple[Sighting, ...]:
    if header.original_url is None:
        return ()
    return (Sighting(url=header.original_url, origin=Origin.MIRROR, title=read.title, published=header.published),)


def _related(page: tuple[Line, ...], base: str) -> list[Sighting]:
    """The items under "More From", each with its one date: titles may be doubled or missing, excerpts come twice."""
    ends = (at for at, line in enumerate(page) if line.text.casefold() == _END.casefold())
    rows = page[: next(ends, len(page))]
    found: list[Sighting] = []
    start = 0
    for at, line in enumerate(rows):
        published = whole_date(line.text)
        if published is None or at < start:
            continue
        item = rows[start:at]
        follows = rows[at + 1].text if at + 1 < len(rows) else None
        repeated = bool(item) and item[-1].text == follows
        found.append(_teaser(item, published, excerpt=follows if repeated else None, base=base))
        start = at + 2 if repeated else at + 1
    return found


def _teaser(item: tuple[Line, ...], published: str, *, excerpt: str | None, base: str) -> Sighting:
    links = [dom.link(link, base) for line in item for link in line.links]
    articles = dict.fromkeys(url for url in links if _ARTICLE.search(urls.target(url)))
    if len(articles) != 1:
        raise LayoutChanged(f"a related item of {published} has {len(articles)} article links instead of one")
    title = item[0].text if item[0].text != excerpt else None
    return Sighting(url=next(iter(articles)), origin=Origin.RELATED, title=title, published=published)


LAYOUTS = (
    Layout(
        name="kcnawatch/newstream",
        version=1,
        kind="article",
        urls=_ARTICLE,
        since=None,
        until=None,
        fits=lambda document: dom.has(document, ".article-content"),
        read=_newstream,
    ),
    *LISTINGS,
)
"""KCNA Watch's layouts in the order they are tried."""
