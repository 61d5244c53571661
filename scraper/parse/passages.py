"""The lines of a page that are an article's text, given what an extractor takes for it.

Hides how an extractor's choice is found again in the page, so that the text is the page's own to the letter, and what is
left out of it: captions, bylines, and everything that leads to other articles (docs/sources.md, "Generic").
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import takewhile
from statistics import median
from unicodedata import normalize

from selectolax.lexbor import LexborNode

from scraper import urls
from scraper.parse.dom import BREAKS, every, text
from scraper.parse.layout import View
from scraper.parse.lines import Line, lines
from scraper.parse.text import fold
from scraper.parse.written import written

_BESIDE = re.compile(
    r"(?:^|[\s_-])(?:related\w*|recommend\w*|recirc\w*|teasers?|promos?|newsletter\w*|subscri\w*|social\w*|share\w*|sharing"
    r"|also-?(?:read|see|like)|see-?also|read-?(?:more|next|also)|readmore|more-(?:from|on|in|news|stories|articles)"
    r"|most-\w+|trending|popular|sidebar|breadcrumbs?|by-?line|author(?:-\w+)?|(?:entry|post|article)-(?:meta|footer|tags)"
    r"|posted-on|timestamp|tags?|tag-?list|comments?(?:-\w+)?|disqus\w*|cookies?(?:-\w+)?|consent|gdpr|paywall\w*|adver\w*|ads?"
    r"|sponsor\w*|outbrain\w*|taboola\w*|(?:wp-)?caption(?:-\w+)?|credit|pagination|pager|up-?next|next-article)(?=$|[\s_-])",
    re.IGNORECASE,
)
_OTHERS = re.compile(
    r"(?:(?:you (?:may|might) )?also (?:like|read|see)|see also|read (?:also|more|next|on)|more (?:from|on|in|stories|news|articles)"
    r"|related\b|recommended\b|most (?:read|popular)|latest (?:news|stories)|trending|don.t miss|up next|in other news"
    r"|other (?:news|stories|articles)|also in|from the archive|top stories|for subscribers|editor.s (?:choice|picks?)|keep reading"
    r"|continue reading|(?:noticias |art[ií]culos |notas )?relacionad|lea tambi[eé]n|te puede interesar|m[aá]s (?:noticias|sobre)|lire aussi|à lire|sur le m[eê]me sujet"
    r"|mehr zum thema|lesen sie auch|читайте также|по теме|похожие|материалы по теме|другие новости"
    r"|관련\s?(?:기사|뉴스|글)|추천\s?기사|많이 본|相关(?:新闻|阅读|报道|文章|链接)|相關(?:新聞|閱讀|報導|文章)|推荐阅读|推薦閱讀|延伸閱讀|延伸阅读|猜你喜欢|热门"
    r"|関連記事|あわせて読みたい|おすすめ|اقرأ أيض|مواضيع ذات|أخبار ذات|ذات صلة|المزيد)",
    re.IGNORECASE,
)
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_ASIDE = frozenset({"aside", "nav", "footer", "figure", "figcaption", "button", "label", "time", "address", "select"})
_HEADED = "h1 a[href], h2 a[href], h3 a[href], h4 a[href], h5 a[href], h6 a[href], a[href] h2, a[href] h3, a[href] h4"
_BULLETS = "►▶•·-–—>»[(【 "  # noqa: RUF001 - what stands before a link to another article
_DASHES = ("—", "–", "―", "--")  # noqa: RUF001 - what stands before the name of who is quoted
_RIGHTS = re.compile(
    r"(?:©|ⓒ|Ⓒ|\(c\)|Copyright\b|All rights reserved|版权所有|\W?\s*责任编辑|저작권|무단\s?전재)", re.IGNORECASE
)
_BY = re.compile(r"^(?:by|von|par|por)\s+", re.IGNORECASE)
_ALL = 0.9
_FOUND_STATED = 0.5
_HEAD = 8
_CARD_LINES = 2
_CARD_SIZE = 300
_SHORT = 24
_LABEL = 60
_MOST = 0.5
_FOUND = 0.7
_TITLE_WORDS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Passages:
    """An article's paragraphs, the lines of the page they are, the element that holds them, and the date written over them."""

    paragraphs: tuple[str, ...]
    lines: tuple[Line, ...] = ()
    holder: LexborNode | None = None
    date: str | None = None


def passages(view: View, *, chosen: str, stated: str, title: str, authors: tuple[str, ...]) -> Passages:
    """The lines that `chosen` (an extractor's) or `stated` (the page's own articleBody) names, without what is beside them.

    Where the choice cannot be found again in the page, its own lines are the paragraphs.
    """
    body = view.document.body
    page = lines(body, without=frozenset({"nav"})) if body is not None else ()
    picked = _picked(page, chosen, stated)
    missing = len(_squash(chosen)) * _FOUND > sum(len(_squash(page[at].text)) for at in picked)
    if missing:
        return Passages(paragraphs=tuple(line for line in _cut(chosen) if fold(line) != fold(title)))
    weights = _weights([page[at] for at in picked])
    held = _Held(view, page, weights, _squash(stated))
    kept = [at for at in picked if not held.beside(page[at])]
    kept = _with_left_out(page, kept, held)
    kept = _without_ends(page, _as_stated(page, kept, stated, chosen), title, authors)
    found = tuple(page[at] for at in kept)
    return Passages(
        paragraphs=tuple(line.text for line in found),
        lines=found,
        holder=_holder(found),
        date=_written(page, kept, title),
    )


@dataclass(frozen=True, slots=True)
class _Weights:
    """How many characters of the choice stand in each element around them."""

    of: dict[int, int]
    total: int


class _Held:
    """Tells lines of the text from what stands beside it, by the elements around them."""

    def __init__(self, view: View, page: tuple[Line, ...], weights: _Weights, said: str) -> None:
        self._here = urls.key(view.page.url)
        self._base = view.page.url
        self._weights = weights
        self._whole = weights.total
        self._said = said
        self._known: dict[int, bool] = {}
        self._dropped = {node.mem_id for line in page if self._is_label(line) for node in self._led(_heading(line))}
        self._dropped |= self._cards(page)

    def beside(self, line: Line) -> bool:
        """Whether a line belongs to another article, to a picture, or to nothing; never where the page's own text has it."""
        own = _squash(line.text)
        if len(own) > _SHORT and own in self._said:
            return False
        within = block(line).mem_id
        inline = takewhile(lambda node: node.mem_id != within, _upwards(line.node))
        return (
            self._is_lead(line)
            or any(node.mem_id in self._dropped for node in inline)
            or any(self._is_beside(node) for node in self.around(line))
        )

    def _is_label(self, line: Line) -> bool:
        return len(line.text) <= _LABEL and _OTHERS.match(line.text) is not None

    def _cards(self, page: tuple[Line, ...]) -> set[int]:
        """Small boxes that begin with a line which is nothing but a link, an excerpt after it: one article led to in each."""
        inside: dict[int, list[Line]] = defaultdict(list)
        for line in page:
            for node in (block(line), block(line).parent):
                if node is not None and self._weights.of.get(node.mem_id, 0) <= self._whole * _MOST:
                    inside[node.mem_id].append(line)
        return {key for key, held in inside.items() if self._is_card(held)}

    def _is_card(self, held: list[Line]) -> bool:
        rest = held[1:]
        short = len(rest) <= _CARD_LINES and sum(len(line.text) for line in rest) <= _CARD_SIZE
        return bool(rest) and short and self._is_lead(held[0])

    def around(self, line: Line) -> Iterator[LexborNode]:
        """The elements from a line's own block up to, and without, the first that holds most of the text."""
        for node in _upwards(block(line)):
            if self._weights.of.get(node.mem_id, 0) > self._whole * _MOST:
                return
            yield node

    def _is_lead(self, line: Line) -> bool:
        """A line that is nothing but a link of some words, or says "See also" and has one."""
        if not line.links or _is_source(line):
            return False
        if _OTHERS.match(line.text.lstrip(_BULLETS)):
            return True
        linked = _squash("".join(text(a) for a in line.links))
        away = any(self._away(a) for a in line.links)
        return away and len(line.text) >= _SHORT and len(linked) >= len(_squash(line.text)) - 2

    def _is_beside(self, node: LexborNode) -> bool:
        known = self._known.get(node.mem_id)
        if known is None:
            known = self._known[node.mem_id] = self._judge(node)
        return known

    def _judge(self, node: LexborNode) -> bool:
        if node.tag in _ASIDE or node.mem_id in self._dropped:
            return True
        given = node.attributes
        marks = f"{given.get('class') or ''} {given.get('id') or ''}"
        if _BESIDE.search(marks) or given.get("role") in {"navigation", "complementary"}:
            return True
        return any(self._away(_link_of(each)) and _long(each) for each in every(node, _HEADED))

    def _away(self, a: LexborNode | None) -> bool:
        """Whether a link leads to another page."""
        if a is None:
            return False
        try:
            return urls.key(urls.canonical((a.attributes.get("href") or "").strip(), self._base)) != self._here
        except ValueError:
            return False

    def _led(self, heading: LexborNode) -> Iterator[LexborNode]:
        """What a heading such as "Related" leads: the box it is in, or what follows it until the text goes on."""
        box = heading.parent
        if (
            box is not None
            and self._weights.of.get(box.mem_id, 0) <= self._whole * _MOST
            and box.tag not in {"body", "p"}
        ):
            found = [box]
        else:
            found = [heading]
            at = heading.next
            while at is not None and not (at.is_element_node and self._goes_on(at)):
                found.append(at)
                at = at.next
        # A heading with these words that leads nowhere is the article's own.
        if any(
            self._away(a)
            for node in found
            if node.is_element_node
            for a in (node, *every(node, "a[href]"))
            if a.tag == "a"
        ):
            yield from found

    def _goes_on(self, node: LexborNode) -> bool:
        """A paragraph that is no link, another heading, or an element with most of the text."""
        if node.tag in _HEADINGS or self._weights.of.get(node.mem_id, 0) > self._whole * _MOST:
            return True
        linked = _squash("".join(text(a) for a in every(node, "a")))
        return node.tag == "p" and len(linked) * 2 < len(_squash(text(node)))


def _is_source(line: Line) -> bool:
    """Whose words a quotation is, below it: text, even where all of it is a link to where they were said."""
    return line.text.startswith(_DASHES) and block(line).tag == "blockquote"


def _heading(line: Line) -> LexborNode:
    """The block that a line fills, or the element it fills within one."""
    around = block(line)
    return around if fold(text(around)) == fold(line.text) else line.node


def block(line: Line) -> LexborNode:
    """The block element a line stands in."""
    return next((node for node in _upwards(line.node) if node.tag in BREAKS and node.tag != "br"), line.node)


def _picked(page: tuple[Line, ...], chosen: str, stated: str) -> list[int]:
    """Where in the page the chosen lines stand: those with the same words, the one nearest to the others if there are several."""
    segments = {_squash(each) for each in _cut(chosen)}
    whole = (_squash(chosen), _squash(stated))
    squashed = [_squash(line.text) for line in page]
    found: dict[str, list[int]] = defaultdict(list)
    for at, words in enumerate(squashed):
        if words and (words in segments or (len(words) > _SHORT and any(words in each for each in whole))):
            found[words].append(at)
    alone = [places[0] for places in found.values() if len(places) == 1]
    middle = median(alone) if alone else 0
    parents = Counter(_parent(page[at]) for at in alone)

    def strangeness(at: int) -> tuple[int, float]:
        return -parents[_parent(page[at])], abs(at - middle)

    wanted = Counter(_squash(each) for each in _cut(chosen))
    kept = [at for words, places in found.items() for at in sorted(places, key=strangeness)[: max(1, wanted[words])]]
    return sorted(kept)


def _with_left_out(page: tuple[Line, ...], kept: list[int], held: _Held) -> list[int]:
    """Also the paragraphs between the chosen ones that are of the same element as several of them."""
    if not kept:
        return kept
    parents = Counter(_parent(page[at]) for at in kept)
    have = set(kept)
    added = [
        at
        for at in range(kept[0], kept[-1])
        if at not in have
        and block(page[at]).tag == "p"
        and parents[_parent(page[at])] > 1
        and not held.beside(page[at])
    ]
    return sorted([*kept, *added])


def _as_stated(page: tuple[Line, ...], kept: list[int], stated: str, chosen: str) -> list[int]:
    """Only the lines of the page's own articleBody and headings, where the page shows all of it and it is no mere beginning."""
    own = _squash(stated)
    shown = [at for at in kept if _squash(page[at].text) in own]
    size = sum(len(_squash(page[at].text)) for at in shown)
    if not own or size < len(own) * _ALL or len(own) < len(_squash(chosen)) * _FOUND_STATED:
        return kept
    return [at for at in kept if at in set(shown) or block(page[at]).tag in _HEADINGS]


def _without_ends(page: tuple[Line, ...], kept: list[int], title: str, authors: tuple[str, ...]) -> list[int]:
    """Without the title and what is over it, byline and date before the text, and notices of rights after it."""
    at_title = _title_at(page, title)
    after = [at for at in kept if at_title is None or at > at_title]
    kept = after if len(after) > len(kept) * _MOST else kept
    own = fold(title)
    kept = [at for at in kept if fold(page[at].text) != own or block(page[at]).tag == "p"]
    names = {fold(name) for name in authors}
    while len(kept) > 1 and _is_head(page[kept[0]], names):
        kept = kept[1:]
    while len(kept) > 1 and _RIGHTS.match(page[kept[-1]].text):
        kept = kept[:-1]
    return kept


def _title_at(page: tuple[Line, ...], title: str) -> int | None:
    """Where the title stands as a heading: the last place, as a teaser of the same article may stand before it."""
    own = fold(title)
    found = [at for at, line in enumerate(page) if _in_heading(line) and fold(line.text) == own]
    return found[-1] if found else None


def _in_heading(line: Line) -> bool:
    return any(node.tag in _HEADINGS for node in (block(line), line.node))


def _is_head(line: Line, names: set[str]) -> bool:
    bare = _BY.sub("", fold(line.text))
    return (
        bare in names or block(line).tag == "h1" or (len(line.text) <= _LABEL // 2 and written(line.text) is not None)
    )


def _written(page: tuple[Line, ...], kept: list[int], title: str) -> str | None:
    """The only date in the short lines between the title and the text, or else around the title."""
    at = _title_at(page, title)
    if at is None or not kept:
        return None
    between = page[at + 1 : max(kept[0], at + 1)] if kept[0] - at <= _HEAD else page[at + 1 : at + 4]
    for lines_over in (between, page[max(0, at - 2) : at]):
        days = {written(line.text) for line in lines_over if len(line.text) <= 2 * _LABEL} - {None}
        if len(days) == 1:
            return days.pop()
    return None


def _weights(found: Iterable[Line]) -> _Weights:
    weights: Counter[int] = Counter()
    total = 0
    for line in found:
        size = len(line.text)
        total += size
        for node in _upwards(line.node):
            weights[node.mem_id] += size
    return _Weights(dict(weights), total)


def _holder(found: tuple[Line, ...]) -> LexborNode | None:
    """The smallest element that holds all lines of a text."""
    if not found:
        return None
    counts = Counter(node.mem_id for line in found for node in _upwards(line.node))
    return next((node for node in _upwards(found[0].node) if counts[node.mem_id] == len(found)), None)


def _parent(line: Line) -> int:
    parent = block(line).parent
    return parent.mem_id if parent is not None else 0


def _link_of(node: LexborNode) -> LexborNode | None:
    return next((each for each in _upwards(node) if each.tag == "a"), None)


def _long(node: LexborNode) -> bool:
    """A title rather than a label: some words, or as many signs of a script without spaces."""
    words = text(node)
    return len(words.split()) >= _TITLE_WORDS or (not words.isascii() and len(words) >= 2 * _TITLE_WORDS)


def _cut(chosen: str) -> list[str]:
    """The lines of an extractor's text, without the signs it writes before items and between cells."""
    pieces = (piece.strip() for line in chosen.split("\n") for piece in line.split("|"))
    return [piece for piece in (each.removeprefix("- ") for each in pieces) if piece]


def _squash(words: str) -> str:
    """What an extractor leaves of words whatever it does to their spaces: its signs are composed, and can be printed."""
    bare = "".join(words.split())
    return bare if bare.isascii() else "".join(filter(str.isprintable, normalize("NFC", bare)))


def _upwards(node: LexborNode) -> Iterator[LexborNode]:
    at: LexborNode | None = node
    while at is not None and at.tag != "html":
        yield at
        at = at.parent
