"""The lines about a Xinhua article that are none of its text: source, editor, and the time, which is Beijing time.

Hides how they are found where the markup about the text is not known: on the way from the box of the text outwards, so
that what stands nearest counts and the rest of the page need not be read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime

from selectolax.lexbor import LexborNode

from scraper.errors import LayoutChanged
from scraper.parse import dom

_BEIJING = "+08:00"
_TIME = re.compile(r"(\d{4})-(\d{2})-(\d{2})\s+(\d{2}):(\d{2})(?::(\d{2}))?")
_EDITOR = re.compile(r"(?:责任编辑|编辑|Editor)\s*[:：]\s*([^\s【】\]|][^【】\]|]*)")  # noqa: RUF001 - as printed
_BESIDE = re.compile(
    r"(?:(?:(?:Source|Editor)\s*[:：]\s*[^|]{1,40}?|\d{4}-\d{2}-\d{2}\s+\d{2}:\d{2}(?::\d{2})?|date \d{4}-\d{2}-\d{2})"  # noqa: RUF001 - as printed
    r"(?:\s*\|?\s*|$))+"
)
"""A line about the article, which some boxes hold before or after its text; "date" with a day stands stray in some."""


def is_beside(text: str, title: str) -> bool:
    """Whether a line is about the article: its title, or source, editor and time."""
    return text == title or _BESIDE.fullmatch(text) is not None


def moment(text: str) -> str | None:
    """`2020-02-19 20:29:58` in Beijing time as an ISO datetime with its offset."""
    found = _TIME.search(text)
    if found is None:
        return None
    year, month, day, hour, minute, second = found.groups(default="00")
    try:
        return datetime.fromisoformat(f"{year}-{month}-{day}T{hour}:{minute}:{second}{_BEIJING}").isoformat()
    except ValueError:
        return None


def stated_time(node: LexborNode) -> str:
    """The time an element is there for; LayoutChanged where it states none."""
    text = dom.text(node)
    time = moment(text)
    if time is None:
        raise LayoutChanged(f"{text[:60]!r} states no time: the page's template is a new one")
    return time


def editor(texts: Iterable[str]) -> str | None:
    """Who the first of some lines names as editor ("责任编辑", "编辑", "Editor:")."""
    found = (_EDITOR.search(text) for text in texts)
    return next((match.group(1).strip() for match in found if match), None)


def times_above(box: LexborNode) -> set[str]:
    """The times before a box in the smallest element about it that has any there."""
    for siblings in _levels_above(box):
        stated = (moment(line) for each in siblings if _TIME.search(_raw(each)) for line in _lines(each))
        found = {each for each in stated if each}
        if found:
            return found
    return set()


def lines_about(box: LexborNode) -> Iterator[str]:
    """The lines about a box that may name an editor, from near to far."""
    at: LexborNode | None = box
    while at is not None and at.tag != "body":
        for each in (*_siblings(at, backwards=True), *_siblings(at, backwards=False)):
            if _EDITOR.search(_raw(each)):
                yield from _lines(each)
        at = at.parent


def _levels_above(box: LexborNode) -> Iterator[list[LexborNode]]:
    at: LexborNode | None = box
    while at is not None and at.tag != "body":
        yield _siblings(at, backwards=True)
        at = at.parent


def _siblings(node: LexborNode, *, backwards: bool) -> list[LexborNode]:
    found = []
    at = node.prev if backwards else node.next
    while at is not None:
        found.append(at)
        at = at.prev if backwards else at.next
    return found


def _raw(node: LexborNode) -> str:
    """An element's text in no form to be shown, quickly: to see whether it is worth reading."""
    if node.is_text_node:
        return node.text_content or ""
    return (node.text() or "") if node.is_element_node and node.tag not in dom.SILENT else ""


def _lines(node: LexborNode) -> tuple[str, ...]:
    return (dom.collapse(node.text_content or ""),) if node.is_text_node else dom.lines(node)
