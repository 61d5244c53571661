"""A document as the lines a reader sees, in their order, each with the links it stands in or holds.

Hides markup where an outlet's class names are not known but the order of its text is (docs/sources.md): such layouts
go by what comes before what. Walking a whole page costs several times as much as building its tree, so `around` and
`without` leave out of it what has nothing to say.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from selectolax.lexbor import LexborNode

from scraper.parse.dom import BREAKS, SILENT, collapse


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of text: its links in order, the element of its first word, and whether it is inside the marked one."""

    text: str
    node: LexborNode
    links: tuple[LexborNode, ...] = ()
    inside: bool = False


_Piece = tuple[str, LexborNode, LexborNode | None, bool]
"""A run of text, its element, the link it stands in, and whether it is inside the marked element."""


def around(node: LexborNode, marks: tuple[str, ...]) -> LexborNode:
    """The smallest block around an element that holds every one of the words `marks` on the page, and some text before the first.

    A layout that looks for these marks need not read what is outside of it.
    """
    body = node.parser.body
    wanted = sum(map(body.text().count, marks)) if body is not None else 0
    at = node
    while at.tag != "body" and at.parent is not None:
        if at.tag in BREAKS and _holds(at.text(), marks, wanted):
            break
        at = at.parent
    return at


def _holds(text: str, marks: tuple[str, ...], wanted: int) -> bool:
    number, first = _found(text, marks)
    return first is not None and bool(text[:first].strip()) and number == wanted


def _found(text: str, marks: tuple[str, ...]) -> tuple[int, int | None]:
    """How many of the marks a text holds, and where the first is."""
    places = [at for word in marks if (at := text.find(word)) != -1]
    return sum(map(text.count, marks)), min(places, default=None)


def lines(
    root: LexborNode, *, marked: LexborNode | None = None, without: frozenset[str] = frozenset()
) -> tuple[Line, ...]:
    """The non-empty lines of an element; block elements and `<br>` end a line, inline elements do not.

    `marked` is an element whose lines are to be told from the others. Block elements of the tags `without` are passed
    over. White space is as in `dom.text`.
    """
    found: list[Line] = []
    pieces: list[_Piece] = []
    for piece in _pieces(root, marked.mem_id if marked is not None else None, SILENT | without):
        if piece is None:
            if pieces:
                found.append(_line(pieces))
                pieces.clear()
        elif pieces or not piece[0].isspace():
            pieces.append(piece)
    return (*found, _line(pieces)) if pieces else tuple(found)


def _line(pieces: list[_Piece]) -> Line:
    """The line of some pieces, of which the first is not only white space."""
    words, node, anchor, inside = pieces[0]
    if len(pieces) == 1:
        return Line(text=collapse(words), node=node, links=(anchor,) if anchor else (), inside=inside)
    anchors = {each.mem_id: each for text, _, each, _ in pieces if each is not None and not text.isspace()}
    text = collapse("".join([piece[0] for piece in pieces]))
    return Line(text=text, node=node, links=tuple(anchors.values()), inside=inside)


def _pieces(root: LexborNode, marked: int | None, silent: frozenset[str]) -> Iterator[_Piece | None]:
    """Runs of text, and None where a line ends; a loop, as hostile pages nest deeper than Python's stack."""
    frames: list[tuple[LexborNode | None, LexborNode, LexborNode | None, bool, bool]]
    frames = [(root.first_child, root, None, root.mem_id == marked, False)]
    while frames:
        at, parent, anchor, inside, breaks = frames.pop()
        while at is not None:
            node, at = at, at.next
            if node.is_text_node:
                words = node.text_content
                if words:
                    yield words, parent, anchor, inside
            elif node.is_element_node:
                tag = node.tag
                ends = tag in BREAKS
                if ends:
                    yield None
                if tag not in silent:
                    frames.append((at, parent, anchor, inside, breaks))
                    inside = inside or node.mem_id == marked
                    at, parent, anchor, breaks = node.first_child, node, node if tag == "a" else anchor, ends
        if breaks:
            yield None
