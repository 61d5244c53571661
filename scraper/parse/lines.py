"""A document as the lines a reader sees, in their order, each with the links it stands in or holds.

Hides markup where an outlet's class names are not known but the order of its text is (docs/sources.md): such layouts
go by what comes before what. A full walk costs about as much as parsing, so it is for those layouts only.
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


@dataclass(frozen=True, slots=True)
class _Piece:
    text: str
    node: LexborNode
    anchor: LexborNode | None
    inside: bool


def lines(root: LexborNode, *, marked: LexborNode | None = None) -> tuple[Line, ...]:
    """The non-empty lines of an element; block elements and `<br>` end a line, inline elements do not.

    `marked` is an element whose lines are to be told from the others. White space is as in `dom.text`.
    """
    found: list[Line] = []
    pieces: list[_Piece] = []
    for piece in _pieces(root, marked.mem_id if marked is not None else None):
        if piece is not None:
            pieces.append(piece)
        elif pieces:
            found.extend(_line(pieces))
            pieces.clear()
    found.extend(_line(pieces))
    return tuple(found)


def _line(pieces: list[_Piece]) -> Iterator[Line]:
    text = collapse("".join(piece.text for piece in pieces))
    if not text:
        return
    spoken = [piece for piece in pieces if piece.text.strip()]
    anchors = {piece.anchor.mem_id: piece.anchor for piece in spoken if piece.anchor is not None}
    yield Line(text=text, node=spoken[0].node, links=tuple(anchors.values()), inside=spoken[0].inside)


def _pieces(root: LexborNode, marked: int | None) -> Iterator[_Piece | None]:
    """Runs of text, and None where a line ends; a loop, as hostile pages nest deeper than Python's stack."""
    frames: list[tuple[LexborNode | None, LexborNode, LexborNode | None, bool, bool]]
    frames = [(root.first_child, root, None, root.mem_id == marked, False)]
    while frames:
        node, parent, anchor, inside, breaks = frames.pop()
        if node is None:
            if breaks:
                yield None
            continue
        frames.append((node.next, parent, anchor, inside, breaks))
        if node.is_text_node:
            yield _Piece(node.text_content or "", parent, anchor, inside)
        elif node.is_element_node and node.tag not in SILENT:
            ends = node.tag in BREAKS
            if ends:
                yield None
            within = inside or node.mem_id == marked
            frames.append((node.first_child, node, node if node.tag == "a" else anchor, within, ends))
