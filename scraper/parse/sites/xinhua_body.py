"""The text of a Xinhua article, its links, and its pictures with their captions, which are paragraphs there too.

Hides how a caption is told from text (it follows a picture, and is set in navy or ends with the photographer's credit),
and what stands in the box of an article without being its text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from selectolax.lexbor import LexborNode

from scraper import urls
from scraper.errors import LayoutChanged
from scraper.model import Image, Link
from scraper.parse import dom
from scraper.parse.layout import View, links
from scraper.parse.lines import lines

_NOT_TEXT = "#articleEdit, .p-tags, .zan-wap, .lb, .editor, .tiyi1, #div_currpage, #div_page_roll1"
"""The form for corrections, the editor, applause, gallery and pager, which stand in the box of the text."""
_UNITS = "p, h1, h2, h3, h4, img"
_PASSED_OVER = frozenset({"p", "h1", "h2", "h3", "h4", "form", "iframe", "select", "button", "textarea", "video", "audio"})
_CREDIT = re.compile(r"(?:\((?:Xinhua(?:/[^()]+)?|Photo by [^()]+)\)|新华社(?:记者|发).{0,40}摄.{0,4})$")


@dataclass(slots=True)
class _Read:
    """What was read of a box so far: paragraphs and the elements they are, pictures, and whether a caption may follow."""

    paragraphs: list[str] = field(default_factory=list)
    units: list[LexborNode] = field(default_factory=list)
    images: list[Image] = field(default_factory=list)
    awaited: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """Paragraphs (title, source and time among them where the box holds these too), images and links, in order.

    `stray` are lines that stand in the box but in none of its paragraphs.
    """

    paragraphs: tuple[str, ...]
    stray: tuple[str, ...]
    images: tuple[Image, ...]
    links: tuple[Link, ...]


def body_of(view: View, box: LexborNode) -> Body:
    """What the box of an article holds. A text without `p` elements (before 2010) is read by its lines."""
    aside = {each.mem_id for each in dom.every(box, _NOT_TEXT)}
    linked = dom.has(box, "a[href]")
    if not dom.has(box, "p"):
        found = tuple(line.text for line in lines(box, without=_PASSED_OVER) if not _is_aside(line.node, box, aside))
        pictures = (each for each in dom.every(box, "img") if not _is_aside(each, box, aside))
        pictured = tuple(image for each in pictures if (image := _image(each, view.page.url)))
        return Body(paragraphs=found, stray=(), images=pictured, links=links(view, [box] if linked else []))
    read = _Read()
    for unit in dom.every(box, _UNITS):
        if not aside or not _is_aside(unit, box, aside):
            _take(read, unit, view.page.url)
    return Body(
        paragraphs=tuple(read.paragraphs),
        stray=_stray(box, aside),
        images=tuple(read.images),
        links=links(view, read.units if linked else []),
    )


def refuse_stray(stray: tuple[str, ...]) -> None:
    """LayoutChanged where a line stands outside the paragraphs: nobody knows whether it is text."""
    if stray:
        raise LayoutChanged(f"{stray[0][:60]!r} stands in the box of the text but in no paragraph; write a new layout")


def _take(read: _Read, unit: LexborNode, base: str) -> None:
    """Add a paragraph or a picture; a caption goes to the picture before it, or in the same paragraph."""
    if unit.tag == "img":
        image = _image(unit, base)
        # One in a paragraph came with it.
        if image is not None and all(image.url != known.url for known in read.images):
            read.images.append(image)
            read.awaited = True
        return
    text = dom.text(unit)
    pictures = [image for each in dom.every(unit, "img") if (image := _image(each, base))]
    read.images.extend(pictures)
    if (pictures or read.awaited) and _is_caption(unit, text):
        read.images[-1] = replace(read.images[-1], caption=text)
    elif text:
        read.paragraphs.append(text)
        read.units.append(unit)
    read.awaited = bool(pictures) or (read.awaited and not text)


def _stray(box: LexborNode, aside: set[int]) -> tuple[str, ...]:
    """The lines of a box outside its paragraphs, but for those that are links: menus and lists of other articles."""
    return tuple(
        line.text
        for line in lines(box, without=_PASSED_OVER)
        if "".join(map(dom.text, line.links)) != line.text and not _is_aside(line.node, box, aside)
    )


def _is_aside(node: LexborNode, box: LexborNode, aside: set[int]) -> bool:
    return any(each.mem_id in aside for each in _up_to(node, box))


def _up_to(node: LexborNode, box: LexborNode) -> Iterator[LexborNode]:
    at: LexborNode | None = node
    while at is not None and at.mem_id != box.mem_id:
        yield at
        at = at.parent


def _is_caption(unit: LexborNode, text: str) -> bool:
    if not text:
        return False
    navy = dom.every(unit, 'font[color="navy" i]')
    return "".join(map(dom.text, navy)) == text or _CREDIT.search(text) is not None


def _image(node: LexborNode, base: str) -> Image | None:
    try:
        return Image(url=urls.canonical((node.attributes.get("src") or "none:").strip() or "none:", base))
    except ValueError:
        return None  # a data: picture has no address
