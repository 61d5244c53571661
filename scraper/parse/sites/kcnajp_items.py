"""A day's items in one file of kcna.co.jp, until September 2008: where each begins, and which of its lines are paragraphs.

Hides that items are divided by `<hr>` alone, and that lines are wrapped by hand: a paragraph begins at an indent, after
an empty line or a block, or where the line before ends in `&nbsp;`; any other line goes on with the one before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from selectolax.lexbor import LexborNode

from scraper import urls
from scraper.errors import LayoutChanged
from scraper.model import Link
from scraper.parse.dates import dateline
from scraper.parse.dom import BREAKS, SILENT, collapse, one, text
from scraper.parse.layout import View

_BLOCK = "\x1e"
_BR = "\x1f"
_NAVIGATION = re.compile(r"(?=.*\w)(?:(?:past|news|back|home|calendar)\b|copyright.*|\W)*", re.IGNORECASE | re.DOTALL)
"""All that stands on these pages beside the items."""
_SENTENCE_ENDS = re.compile(r"[.?!:;][\"'\u201d\u2019)\]]*$")
_LINE_END = re.compile(rf"([{_BLOCK}{_BR}\n])")
"""CR LF is LF in a tree (HTML §13.2.3.5)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One item: its first paragraph is the title."""

    title: str
    paragraphs: tuple[str, ...]
    images: tuple[LexborNode, ...]
    links: tuple[Link, ...]


@dataclass(slots=True)
class _Segment:
    """What stands between two rules."""

    pieces: list[str] = field(default_factory=list)
    images: list[LexborNode] = field(default_factory=list)
    anchors: list[LexborNode] = field(default_factory=list)


def items(view: View) -> list[Item]:
    """The items of a page in their order, what only leads to other pages left out; LayoutChanged where there is none."""
    found = []
    for segment in _segments(one(view.document, "body")):
        paragraphs = [each for each in _paragraphs("".join(segment.pieces)) if not _NAVIGATION.fullmatch(each)]
        if paragraphs:
            found.append(
                Item(
                    title=paragraphs[0],
                    paragraphs=tuple(paragraphs[1:]),
                    images=tuple(segment.images),
                    links=tuple(_links(view, segment.anchors)),
                )
            )
    if not found:
        raise LayoutChanged(f"{view.page.url}: a page without items; write a new layout")
    return found


def _links(view: View, anchors: list[LexborNode]) -> Iterator[Link]:
    for a in anchors:
        words = text(a)
        if words and not _NAVIGATION.fullmatch(words):
            try:
                yield Link(url=urls.canonical((a.attributes.get("href") or "").strip(), view.page.url), text=words)
            except ValueError:
                continue


def _segments(body: LexborNode) -> list[_Segment]:
    found = [_Segment()]
    # A stack instead of recursion: hand-made pages leave elements open, which nest as deep as the page is long.
    stack: list[LexborNode | str | None] = [body.first_child]
    while stack:
        node = stack.pop()
        if isinstance(node, str):
            found[-1].pieces.append(node)
        elif node is not None:
            stack.append(node.next)
            if node.is_text_node:
                found[-1].pieces.append(node.text_content or "")
            elif node.is_element_node and node.tag not in SILENT:
                stack.extend(_enter(node, found))
    return found


def _enter(node: LexborNode, found: list[_Segment]) -> tuple[LexborNode | str | None, ...]:
    """Note an element; what is to be walked of it, its break on both sides."""
    if node.tag == "hr":
        found.append(_Segment())
        return ()
    if node.tag == "img":
        found[-1].images.append(node)
    if node.tag == "a" and node.attributes.get("href"):
        found[-1].anchors.append(node)
    if node.tag == "br":
        return (_BR,)
    # `pre` holds wrapped lines like any other text here.
    mark = _BLOCK if node.tag in BREAKS else ""
    found[-1].pieces.append(mark)
    return (mark, node.first_child)


def _paragraphs(raw: str) -> list[str]:
    found: list[str] = []
    before, marks = "", _BLOCK
    for line, mark in _lines(raw):
        words = collapse(line)
        if not words:
            marks += mark
            continue
        if not found or _begins(line, words, before, marks, first=len(found) == 1):
            found.append(words)
        else:
            found[-1] = f"{found[-1]} {words}"
        before, marks = line, mark
    return found


def _lines(raw: str) -> Iterator[tuple[str, str]]:
    """Each line with what ends it: a block, a `<br>`, or the source's own line end."""
    parts = _LINE_END.split(raw)
    for at in range(0, len(parts), 2):
        yield parts[at], parts[at + 1] if at + 1 < len(parts) else ""


def _begins(line: str, words: str, before: str, marks: str, *, first: bool) -> bool:
    """Whether a line begins a paragraph, given the line before it and all that parts them; `first` after the title."""
    breaks = marks.count(_BR)
    if _BLOCK in marks or breaks > 1 or (not breaks and marks.count("\n") > 1):
        return True
    if line[0].isspace() or before.rstrip(" \t").endswith("\xa0"):
        return True
    if breaks:
        return first or _SENTENCE_ENDS.search(before.rstrip()) is not None
    return first and dateline(words) is not None
