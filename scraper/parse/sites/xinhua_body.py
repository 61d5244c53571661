"""The text of a Xinhua article, its links, and its pictures with their captions, which are paragraphs there too.

Hides how a caption is told from text (it follows a picture, and is set in navy or ends with the photographer's credit),
and what stands in the box of an article without being its text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

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
_PASSED_OVER = frozenset(
    {"p", "h1", "h2", "h3", "h4", "form", "iframe", "select", "button", "textarea", "video", "audio"}
)
_NO_STRAY = _PASSED_OVER | dom.SILENT | {"a"}
_CREDIT = re.compile(r"(?:\((?:Xinhua(?:/[^()]+)?|Photo by [^()]+)\)|新华社(?:记者|发).{0,40}摄.{0,4})$")


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
    if not dom.has(box, "p"):
        return _lines_of(view, box, aside)
    paragraphs: list[LexborNode] = []
    texts: list[str] = []
    images: list[Image] = []
    awaited = False
    for unit, pictured in _units(box, aside):
        text = dom.text(unit) if unit is not None else ""
        pictures = [image for each in pictured if (image := _image(each, view.page.url))]
        images.extend(pictures)
        if unit is not None and text and (pictures or awaited) and _is_caption(unit, text):
            images[-1] = replace(images[-1], caption=text)
        elif unit is not None and text:
            texts.append(text)
            paragraphs.append(unit)
        awaited = bool(pictures) or (awaited and not text)
    linked = {each.mem_id for a in dom.every(box, "a[href]") for each in _up_to(a, box)}
    return Body(
        paragraphs=tuple(texts),
        stray=tuple(_stray(box, aside)),
        images=tuple(images),
        links=links(view, [each for each in paragraphs if each.mem_id in linked]),
    )


def refuse_stray(stray: tuple[str, ...]) -> None:
    """LayoutChanged where a line stands outside the paragraphs: nobody knows whether it is text."""
    if stray:
        raise LayoutChanged(f"{stray[0][:60]!r} stands in the box of the text but in no paragraph; write a new layout")


def _lines_of(view: View, box: LexborNode, aside: set[int]) -> Body:
    """A box without paragraphs: its lines are the text."""
    found = tuple(line.text for line in lines(box, without=_PASSED_OVER) if not _is_aside(line.node, box, aside))
    pictures = (_image(each, view.page.url) for each in dom.every(box, "img") if not _is_aside(each, box, aside))
    return Body(paragraphs=found, stray=(), images=tuple(filter(None, pictures)), links=links(view, [box]))


def _units(box: LexborNode, aside: set[int]) -> list[tuple[LexborNode | None, list[LexborNode]]]:
    """Paragraphs and headings in order, each with the pictures in it; None for pictures outside of any."""
    found: list[tuple[LexborNode | None, list[LexborNode]]] = []
    for node in dom.every(box, _UNITS):
        if aside and _is_aside(node, box, aside):
            continue
        if node.tag != "img":
            found.append((node, []))
        elif found and (unit := found[-1][0]) is not None and _holds(unit, node, box):
            found[-1][1].append(node)
        else:
            found.append((None, [node]))
    return found


def _stray(box: LexborNode, aside: set[int]) -> Iterator[str]:
    """The lines of a box outside its paragraphs, but for those that are links: menus and lists of other articles."""
    at = box.first_child
    while at is not None:
        if at.is_text_node:
            words = dom.collapse(at.text_content or "")
            if words:
                yield words
        elif at.is_element_node and at.tag not in _NO_STRAY and at.mem_id not in aside:
            for line in lines(at, without=_PASSED_OVER):
                if not _is_aside(line.node, box, aside) and "".join(map(dom.text, line.links)) != line.text:
                    yield line.text
        at = at.next


def _holds(unit: LexborNode, node: LexborNode, box: LexborNode) -> bool:
    return any(each.mem_id == unit.mem_id for each in _up_to(node, box))


def _is_aside(node: LexborNode, box: LexborNode, aside: set[int]) -> bool:
    return any(each.mem_id in aside for each in _up_to(node, box))


def _up_to(node: LexborNode, box: LexborNode) -> Iterator[LexborNode]:
    at: LexborNode | None = node
    while at is not None and at.mem_id != box.mem_id:
        yield at
        at = at.parent


def _is_caption(unit: LexborNode, text: str) -> bool:
    navy = dom.every(unit, 'font[color="navy" i]')
    return "".join(map(dom.text, navy)) == text or _CREDIT.search(text) is not None


def _image(node: LexborNode, base: str) -> Image | None:
    try:
        return Image(url=urls.canonical((node.attributes.get("src") or "none:").strip() or "none:", base))
    except ValueError:
        return None  # a data: picture has no address
