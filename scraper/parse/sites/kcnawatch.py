"""KCNA Watch: an aggregator that mirrors KCNA, Rodong Sinmun, the Ministry of Foreign Affairs and others.

Hides its text order and its traps (docs/sources.md, "KCNA Watch"): the first date is the day of the fetch, `Date:` is
day-first, the number in the URL is the time of ingest and no date, "More From" changes with every fetch, and end marks
are the original outlet's. No article page was seen as raw HTML, so the only class relied upon is `.article-content`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from urllib.parse import unquote

from selectolax.lexbor import LexborNode

from scraper import urls
from scraper.errors import LayoutChanged
from scraper.model import Article, Image, Origin, Parsed, Sighting
from scraper.parse import dates, dom
from scraper.parse.layout import LANGUAGES, Grade, Layout, View, article, dated, images, links
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
_OUTLETS = {
    **dict.fromkeys(("kcna.kp", "kcna.co.jp", "kcna", "korean central news agency", "조선중앙통신"), "KCNA"),
    **dict.fromkeys(("rodong sinmun", "로동신문", "노동신문"), "Rodong Sinmun"),
    **dict.fromkeys(("ministry of foreign affairs", "외무성"), "Ministry of Foreign Affairs"),
    **dict.fromkeys(("voice of korea", "조선의 소리"), "Voice of Korea"),
    **dict.fromkeys(("minju choson", "민주조선"), "Minju Choson"),
    **dict.fromkeys(("naenara", "내나라"), "Naenara"),
    **dict.fromkeys(("ryugyong", "류경"), "Ryugyong"),
}
"""The outlets by the labels that were seen, in any case; another label is its outlet's name as it stands."""
_TAGS = {**LANGUAGES, "kr": "ko", "ch": "zh", "sp": "es", "fr": "fr", "de": "de", "ar": "ar"}
_HANGUL = re.compile(r"[가-힣]")
_BYLINE = re.compile(r"(?:[A-Z][\w-]* ){1,3}News Team|Rodong Sinmun|본사정치보도반|본사기자(?: ?[가-힣]{2,4})?")
_READ = "Read original version at source"
_MORE = re.compile(r"More From (?P<label>.+)", re.IGNORECASE)
_END = "More Articles"
_FIGURES = "figure, .wp-caption"
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_MARKS = ("Date:", "More From ")
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
    figures = _figures(content)
    inside = tuple(line for line in page[header.end : related_at] if line.inside and not _is_of(line.node, figures))
    related = tuple(_related(page[related_at:], view.page.url))
    ends = page[related_at].node if related_at < len(page) else None
    read = _article(
        view,
        header,
        title=_title(page, header),
        inside=inside,
        related=related,
        pictures=_pictures(view, content, figures, ends),
    )
    return Parsed(articles=(read,), sightings=(*_mirrored(read, header), *related))


def _header(page: tuple[Line, ...], view: View) -> _Header:
    """The first place whose one to six lines read `Date: … | Source: …`, with the link to the original if it is there.

    The header stands before the body, so the first is the page's own.
    """
    for start, line in enumerate(page):
        if not line.text.startswith("Date:"):
            continue
        end, match = _header_at(page, start)
        if match is not None:
            published = dates.day_first(match["date"])
            if published is None:
                raise LayoutChanged(f"{match['date']!r} is no date, day first; look at the page")
            original = _original_url(page[start:end], view)
            return _Header(published=published, label=match["label"], original_url=original, start=start, end=end)
    raise LayoutChanged("no line `Date: DD/MM/YYYY | Source: …`: the page's template is a new one")


def _header_at(page: tuple[Line, ...], start: int) -> tuple[int, re.Match[str] | None]:
    """Where the header ends that starts at a line: with the link to the original if it can, else as soon as it can."""
    found: tuple[int, re.Match[str] | None] = (start, None)
    for end in range(start + 1, min(start + _HEADER_LINES, len(page)) + 1):
        match = _HEADER.fullmatch(" ".join(each.text for each in page[start:end]))
        if match is not None and match["read"]:
            return end, match
        if found[1] is None:
            found = (end, match)
    return found


def _original_url(header: tuple[Line, ...], view: View) -> str | None:
    """The original's address; None where the link is not there, or leads back to KCNA Watch itself."""
    anchors = [link for line in header for link in line.links if dom.text(link) == _READ]
    if not anchors:
        return None
    url = dom.link(anchors[0], view.page.url)
    return None if urls.host(url) == urls.host(view.page.url) else url


def _title(page: tuple[Line, ...], header: _Header) -> str:
    """The line over the header, or the heading it ends; the one before it is "KCNA <source name>", which is no title."""
    line = page[header.start - 1] if header.start else None
    heading = next((each for each in _upwards(line.node) if each.tag in _HEADINGS), None) if line else None
    title = dom.text(heading) if heading else line.text if line else ""
    if not title or title.casefold() == f"KCNA {header.label}".casefold():
        raise LayoutChanged("no title over `Date: … | Source: …`: the page's template is a new one")
    return title


def _related_at(page: tuple[Line, ...], header: _Header) -> int:
    """Where "More From <source name>" stands, whatever its language tag; the end of the page where it does not."""
    wanted = _split_label(header.label)[0].casefold()
    for at in range(header.end, len(page)):
        heading = _MORE.fullmatch(page[at].text)
        if heading and _split_label(heading["label"])[0].casefold() == wanted:
            return at
    return len(page)


def _split_label(label: str) -> tuple[str, str]:
    """`KCNA.kp (En)` as name and language tag; the tag is empty where there is none."""
    found = _LABEL.fullmatch(label)
    return (found["name"], found["language"] or "") if found else (label, "")


def _figures(content: LexborNode) -> set[int]:
    """The elements of the text that are a picture with its caption: by their kind, or holding one of each and no more."""
    boxes = (next(each for each in _upwards(picture) if each.tag == "div") for picture in dom.every(content, "div img"))
    pictured = {box.mem_id: box for box in boxes if box.mem_id != content.mem_id}
    captioned = (box for box in pictured.values() if len(dom.every(box, "img")) == len(dom.lines(box)) == 1)
    return {each.mem_id for each in (*dom.every(content, _FIGURES), *captioned)}


def _is_of(node: LexborNode, elements: set[int]) -> bool:
    return bool(elements) and any(each.mem_id in elements for each in _upwards(node))


def _pictures(view: View, content: LexborNode, figures: set[int], ends: LexborNode | None) -> tuple[Image, ...]:
    """The pictures of the text, which ends where "More From" begins, each with what its figure says."""
    found: dict[str, Image] = {}
    for node in dom.every(content, "img" if ends is None else f"img, {ends.tag}"):
        if ends is not None and node.mem_id == ends.mem_id:
            break
        for image in images(view, [node] if node.tag == "img" else ()):
            figure = next((each for each in _upwards(node) if each.mem_id in figures), None)
            said = dom.text(figure) if figure is not None else ""
            found.setdefault(image.url, replace(image, caption=said or image.caption))
    return tuple(found.values())


def _article(
    view: View,
    header: _Header,
    *,
    title: str,
    inside: tuple[Line, ...],
    related: tuple[Sighting, ...],
    pictures: tuple[Image, ...],
) -> Article:
    name, tag = _split_label(header.label)
    outlet = _OUTLETS.get(name.casefold(), name)
    text = tuple(line.text for line in inside)
    paragraphs, end_mark = split_end_mark(text) if outlet == "KCNA" else (text, None)
    byline = None
    if outlet == "Rodong Sinmun" and paragraphs and _BYLINE.fullmatch(paragraphs[-1]):
        paragraphs, byline = paragraphs[:-1], paragraphs[-1]
    dateline = dates.first_dateline(paragraphs)
    return article(
        view,
        outlet=outlet,
        key=_key(view.page.url),
        title=title,
        paragraphs=paragraphs,
        evidence=dated(
            page_mark=dates.dotted(end_mark) if end_mark else None,
            aggregator=header.published,
            dateline=dateline,
        ),
        language=_language(tag, paragraphs),
        original_url=header.original_url,
        dateline=dateline,
        byline=byline,
        sections=_sections(view.page.url),
        end_mark=end_mark,
        images=pictures,
        links=links(view, (each for line in inside for each in line.links if _leads_away(each))),
        related=related,
    )


def _language(tag: str, paragraphs: tuple[str, ...]) -> str:
    """The label's language; where it names none, Korean is told by its letters, and all else is undetermined (`und`)."""
    if tag.lower() in _TAGS:
        return _TAGS[tag.lower()]
    text = "".join(paragraphs)
    return "ko" if 2 * len(_HANGUL.findall(text)) > sum(map(str.isalpha, text)) else "und"


def _leads_away(anchor: LexborNode) -> bool:
    """Whether a link leads to another place than one on its own page."""
    return not (anchor.attributes.get("href") or "#").startswith("#")


def _sections(url: str) -> tuple[str, ...]:
    """The folders between the number and the words of an older address."""
    return tuple(unquote(each) for each in urls.target(url).partition("?")[0].split("/")[3:-2])


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
    """The items under "More From", the first line: each has one date; titles come twice or not at all, excerpts twice."""
    ends = (at for at, line in enumerate(page) if line.text.casefold() == _END.casefold())
    rows = page[: next(ends, len(page))]
    dates_at = {at: published for at, line in enumerate(rows) if (published := whole_date(line.text))}
    held = Counter(each.mem_id for at in (0, *dates_at) for each in _upwards(rows[at].node)) if dates_at else Counter()
    found: list[Sighting] = []
    start = 1
    for at, published in dates_at.items():
        if at < start:
            continue
        item = rows[start:at]
        follows = rows[at + 1].text if at + 1 < len(rows) else None
        repeated = bool(item) and item[-1].text == follows
        own = _addresses((link for line in item for link in line.links), base)
        addresses = own or _addresses(dom.every(_row(rows[at].node, held), "a"), base)
        title = item[0].text if item and item[0].text != (follows if repeated else None) else None
        found.append(_teaser(addresses, published, title=title))
        start = at + 2 if repeated else at + 1
    return found


def _row(day: LexborNode, held: Counter[int]) -> LexborNode:
    """The largest element around an item's date that holds neither another date nor the heading, as `held` counts them.

    Its links are the item's where these have no words: a picture's, or that of a title which was left out.
    """
    return [day, *(each for each in _upwards(day) if held[each.mem_id] == 1)][-1]


def _upwards(node: LexborNode) -> Iterator[LexborNode]:
    at: LexborNode | None = node
    while at is not None:
        yield at
        at = at.parent


def _addresses(links: Iterable[LexborNode], base: str) -> list[str]:
    """The articles that links lead to, each once."""
    led = [dom.link(link, base) for link in links if "/newstream/" in (link.attributes.get("href") or "")]
    return list(dict.fromkeys(url for url in led if _ARTICLE.search(urls.target(url))))


def _teaser(addresses: list[str], published: str, *, title: str | None) -> Sighting:
    if len(addresses) != 1:
        raise LayoutChanged(f"a related item of {published} has {len(addresses)} article links instead of one")
    return Sighting(url=addresses[0], origin=Origin.RELATED, title=title, published=published)


LAYOUTS = (
    Layout(
        name="kcnawatch/newstream",
        addresses="`/newstream/<unix>-<digits>/<slug>/`, older ones with a further folder",
        grade=Grade.SELECTORS,
        version=2,
        kind="article",
        urls=_ARTICLE,
        since=None,
        until=None,
        fits=lambda document: bool(dom.every(document, ".article-content")),
        read=_newstream,
    ),
    *LISTINGS,
)
"""KCNA Watch's layouts in the order they are tried."""
