"""The text of a Xinhua article, and its pictures with their captions, which are paragraphs there too.

Hides how a caption is told from text: it follows a paragraph that is only a picture, and is set in navy or ends with
the photographer's credit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from selectolax.lexbor import LexborNode

from scraper import urls
from scraper.model import Image
from scraper.parse import dom
from scraper.parse.lines import lines

_NOT_TEXT = "#articleEdit, .p-tags, .zan-wap, .lb, .editor, .tiyi1"
_CREDIT = re.compile(r"(?:\((?:Xinhua/[^()]+|Photo by [^()]+)\)|新华社(?:记者|发).{0,40}摄.{0,4})$")


def body_of(box: LexborNode, base: str) -> tuple[tuple[str, ...], tuple[Image, ...]]:
    """Paragraphs and images of the box that holds an article, in order; `base` is the page's address.

    A text without `p` elements (before 2010) is read by its lines.
    """
    aside = {each.mem_id for unit in dom.every(box, _NOT_TEXT) for each in dom.every(unit, "p")}
    units = [each for each in dom.every(box, "p") if each.mem_id not in aside]
    if not units:
        return tuple(line.text for line in lines(box)), tuple(_images(box, base))
    paragraphs: list[str] = []
    images: list[Image] = []
    awaited = False
    pictured = dom.has(box, "img[src]")
    for unit in units:
        text, pictures = dom.text(unit), tuple(_images(unit, base)) if pictured else ()
        images.extend(pictures)
        if (pictures or awaited) and _is_caption(unit, text):
            images[-1] = replace(images[-1], caption=text)
        elif text:
            paragraphs.append(text)
        awaited = bool(pictures) or (awaited and not text)
    return tuple(paragraphs), tuple(images)


def _is_caption(unit: LexborNode, text: str) -> bool:
    if not text:
        return False
    navy = dom.every(unit, 'font[color="navy" i]')
    return "".join(map(dom.text, navy)) == text or _CREDIT.search(text) is not None


def _images(unit: LexborNode, base: str) -> Iterator[Image]:
    for each in dom.every(unit, "img[src]"):
        try:
            yield Image(url=urls.canonical(each.attributes.get("src") or "", base))
        except ValueError:
            continue  # a data: picture has no address
