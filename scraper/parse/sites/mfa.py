"""The Ministry of Foreign Affairs: numbered articles since 2022, WordPress pages before.

Hides that no page of either was seen as raw HTML (docs/sources.md, "Ministry of Foreign Affairs"): the readers go by
what descriptions and WordPress itself vouch for, and refuse whatever is not exactly that.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import unquote

from selectolax.lexbor import LexborNode

from scraper import urls
from scraper.errors import LayoutChanged
from scraper.model import Image, Parsed
from scraper.parse import dates, dom
from scraper.parse.layout import LANGUAGES, Grade, Layout, View, article, dated, images, links
from scraper.parse.lines import Line, lines
from scraper.parse.sites import mfa_lists
from scraper.parse.sites.mfa_lists import NUMBERED, TEASER
from scraper.parse.stated import stated

_OUTLET = "Ministry of Foreign Affairs"
_SLUG = re.compile(
    r"^/(?P<language>[a-z]{2})/(?!(?:category|tag|page|feed|author|wp-[a-z]+|view)(?:[/?]|$))(?P<slug>[^/?]+)/?(?:\?|$)"
)
_LISTING = re.compile(r"^/(?:\?|$|[a-z]{2}/?(?:\?|$)|(?:[a-z]{2}/)?(?:category|tag|page|view)(?:[/?]|$))")
_DATE_ALONE = re.compile(r"[\[(]?\s*\d{4}\.\s?\d{1,2}\.\s?\d{1,2}\.?\s*[\])]?")
_RUSSIAN = re.compile(
    r"(\d{1,2})\s+(январ|феврал|март|апрел|ма[йя]|июн|июл|август|сентябр|октябр|ноябр|декабр)\w*\s+(\d{4})",
    re.IGNORECASE,
)
_RUSSIAN_MONTHS = ("янв", "фев", "мар", "апр", "ма", "июн", "июл", "авг", "сен", "окт", "ноя", "дек")
_HEADINGS = "h1, h2, h3, h4, h5, h6"
_ASIDE = frozenset({"li", "nav", "aside", "footer", "tr"})
_SCRIPTS = {
    "ko": re.compile("[가-힣]"),
    "ja": re.compile("[\u3041-\u30ff]"),
    "zh": re.compile("[一-鿿]"),
    "ru": re.compile(r"[\u0400-\u04ff]"),
    "": re.compile(r"[A-Za-z\u00c0-\u024f]"),
}
_MOST = 0.5
_KANA = 0.1
"""Of the letters of a Japanese text; a Chinese one has none."""


@dataclass(frozen=True, slots=True)
class _Paragraph:
    """A paragraph of a text and its words, which are asked for several times."""

    node: LexborNode
    words: str


def _numbered(view: View) -> Parsed:
    """The date stands alone on a line before the text; title and text share the smallest box that holds all three."""
    address = _match(NUMBERED, view.page.url)
    mark = _date_line(view)
    box = _box(mark.node)
    heading = dom.one(box, _HEADINGS)
    title = dom.text(heading)
    paragraphs = [each for each in _worded(box) if each.words not in {mark.text, title}]
    captions = _captions(box, paragraphs)
    spoken = _spoken(paragraphs, captions)
    _nothing_else(box, [*(each.node for each in paragraphs), heading, mark.node], without=_ASIDE - {"li", "tr"})
    words = [each.words for each in spoken]
    read = article(
        view,
        outlet=_OUTLET,
        key=address["number"],
        title=title,
        paragraphs=words,
        evidence=dated(page_mark=dates.dotted(mark.text)),
        language=_language(view, address["language"], " ".join((title, *words))),
        images=_captioned(view, box, captions),
        links=links(view, [each.node for each in spoken]),
        related=mfa_lists.beside(view, [each.node for each in spoken]),
    )
    return Parsed(articles=(read,))


def _date_line(view: View) -> Line:
    """The only line that is a date and nothing else, those of menus, rows and links apart."""
    body = view.document.body
    shown = lines(body, without=_ASIDE) if body is not None else ()
    alone = [line for line in shown if not line.links and _DATE_ALONE.fullmatch(line.text)]
    if len(alone) != 1:
        raise LayoutChanged(f"expected one line that is a date, found {len(alone)}: the page's template is a new one")
    return alone[0]


def _box(node: LexborNode) -> LexborNode:
    """The nearest ancestor that holds a heading and a paragraph beside the date's own."""
    at = node.parent
    while at is not None:
        spoken = (each for each in dom.every(at, "p") if not _DATE_ALONE.fullmatch(dom.text(each) or "-"))
        if any(spoken) and dom.has(at, _HEADINGS):
            return at
        at = at.parent
    raise LayoutChanged("no box holds date, heading and paragraphs: the page's template is a new one")


def _nothing_else(box: LexborNode, read: Sequence[LexborNode], *, without: frozenset[str] = frozenset()) -> None:
    """LayoutChanged where a box has a line in none of the elements read: its words would be lost.

    Lines that are a link and nothing else lead away from the text, and so do rows of a list that hold one.
    """
    known = {node.mem_id for node in read}
    rows = {node.mem_id for node in dom.every(box, "li, tr")}
    for line in lines(box, without=without):
        if _within(line.node, known):
            continue
        alone = line.text == " ".join(filter(None, map(dom.text, line.links)))
        if not (line.links and (alone or _within(line.node, rows))):
            raise LayoutChanged(
                f"words outside of every paragraph, {len(line.text)} letters: the template is a new one"
            )


def _within(node: LexborNode, known: set[int]) -> bool:
    at: LexborNode | None = node
    while at is not None:
        if at.mem_id in known:
            return True
        at = at.parent
    return False


def _worded(box: LexborNode) -> list[_Paragraph]:
    """The paragraphs of a box with words in them; LayoutChanged where there is not even an empty one."""
    return [_Paragraph(node=p, words=words) for p in dom.some(box, "p") if (words := dom.text(p))]


def _spoken(paragraphs: Iterable[_Paragraph], captions: dict[int, str]) -> list[_Paragraph]:
    """Those that are text: no captions, no teasers."""
    return [each for each in paragraphs if each.node.mem_id not in captions and not TEASER.search(each.words)]


def _captions(box: LexborNode, paragraphs: Iterable[_Paragraph]) -> dict[int, str]:
    """The paragraphs that stand with a picture in a box of their own within the text's, and what they say of it."""
    found: dict[int, str] = {}
    if not dom.has(box, "img"):
        return found
    for each in paragraphs:
        p, around = each.node, each.node.parent
        if around is None or around.mem_id == box.mem_id or dom.has(p, "img"):
            continue
        if dom.has(around, "img") and len(dom.every(around, "p")) == 1:
            found[p.mem_id] = each.words
    return found


def _captioned(view: View, box: LexborNode, captions: dict[int, str]) -> tuple[Image, ...]:
    """The pictures of a text with the captions below them, or the `figcaption` of their `figure`, or their `alt`."""
    found: dict[str, Image] = {}
    for node in dom.every(box, "img"):
        for image in images(view, (node,)):
            caption = _caption(node, box, captions) or image.caption
            found.setdefault(image.url, Image(url=image.url, caption=caption))
    return tuple(found.values())


def _caption(node: LexborNode, box: LexborNode, captions: dict[int, str]) -> str | None:
    at = node.parent
    while at is not None and at.mem_id != box.mem_id:
        told = [captions[p.mem_id] for p in dom.every(at, "p") if p.mem_id in captions]
        told += filter(None, map(dom.text, dom.every(at, "figcaption")))
        if told:
            return " ".join(told)
        at = at.parent
    return None


def _language(view: View, folder: str | None, text: str) -> str:
    """By the address, else by script, as far as it tells; the page's `lang` is the template's, which languages may share."""
    if folder in LANGUAGES:
        return LANGUAGES[folder]
    if text.isascii():
        return _declared(view)
    counts = {language: len(letters.findall(text)) for language, letters in _SCRIPTS.items()}
    whole = sum(counts.values())
    if counts["ja"] > _KANA * whole:
        return "ja"
    written = max(counts, key=lambda language: counts[language])
    if written and counts[written] > _MOST * whole:
        return written
    return _declared(view)


def _declared(view: View) -> str:
    """The page's own `lang` where it is one that the script does not tell, else English."""
    root = view.document.first("html")
    declared = ((root.attributes.get("lang") if root is not None else "") or "").lower()[:2]
    return (
        LANGUAGES[declared]
        if declared in LANGUAGES and declared not in {"ko", "kp", "zh", "cn", "ja", "jp", "ru"}
        else "en"
    )


def _wordpress(view: View) -> Parsed:
    """WordPress's own classes: `.entry-title`, `.entry-content`, and the date of `time` or of the meta element."""
    found = _match(_SLUG, view.page.url)
    content = dom.one(view.document, ".entry-content")
    paragraphs = _worded(content)
    captions = _captions(content, paragraphs)
    spoken = _spoken(paragraphs, captions)
    _nothing_else(content, [*(each.node for each in paragraphs), *dom.every(content, "figcaption")])
    read = article(
        view,
        outlet=_OUTLET,
        key=unquote(found["slug"]),
        title=dom.text(dom.one(view.document, ".entry-title")),
        paragraphs=[each.words for each in spoken],
        evidence=dated(page_mark=_wordpress_date(view)),
        language=LANGUAGES.get(found["language"], found["language"]),
        sections=tuple(dict.fromkeys(filter(None, map(dom.text, dom.every(view.document, 'a[rel~="category"]'))))),
        images=_captioned(view, content, captions),
        links=links(view, [each.node for each in spoken]),
        related=mfa_lists.beside(view, [each.node for each in spoken]),
    )
    return Parsed(articles=(read,))


def _wordpress_date(view: View) -> str:
    # By tag first: Lexbor takes twice as long to look for an attribute's value.
    metas = [m for m in dom.every(view.document, "meta") if m.attributes.get("property") == "article:published_time"]
    if len(metas) > 1:
        raise LayoutChanged(f"{len(metas)} times of publication are stated: the page's template is a new one")
    if metas:
        shown = stated(dom.attribute(metas[0], "content"))
    else:
        # `time.updated` stands beside the first one and tells of modification.
        mark = dom.one(view.document, "time:not(.updated), .entry-date:not(time)")
        words = dom.text(mark)
        shown = stated(mark.attributes.get("datetime")) or _shown(words)
    if shown is None:
        raise LayoutChanged("the date of the article cannot be read: the page's template is a new one")
    return shown


def _shown(words: str) -> str | None:
    """A visible date in any of the languages: "June 4, 2018", "2018.6.4.", "2018년 6월 4일", "4 июня 2018"."""
    russian = _RUSSIAN.search(words)
    if russian:
        month = next(n for n, name in enumerate(_RUSSIAN_MONTHS, start=1) if russian[2].lower().startswith(name))
        return dates.dotted(f"{russian[3]}.{month}.{russian[1]}.")
    return dates.dotted(words) or dates.month_name(words) or dates.year_first(words)


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
        version=2,
        kind="article",
        urls=NUMBERED,
        since=date(2022, 1, 1),
        until=None,
        fits=lambda document: dom.has(document, _HEADINGS) and dom.has(document, "p"),
        read=_numbered,
    ),
    Layout(
        name="mfa/wordpress",
        addresses="`/<language>/<slug>/`",
        grade=Grade.DESCRIPTION,
        version=2,
        kind="article",
        urls=_SLUG,
        since=date(2017, 6, 22),
        until=date(2022, 1, 31),
        fits=lambda document: bool(dom.every(document, ".entry-title")) and bool(dom.every(document, ".entry-content")),
        read=_wordpress,
    ),
    Layout(
        name="mfa/listing",
        addresses="home, `/en/category/<name>/page/<n>/`",
        grade=Grade.DESCRIPTION,
        version=2,
        kind="listing",
        urls=_LISTING,
        since=date(2017, 6, 22),
        until=None,
        fits=lambda document: dom.has(document, "a[href]"),
        read=mfa_lists.read_listing,
    ),
)
"""The Ministry's layouts in the order they are tried."""
