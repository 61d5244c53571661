"""Pictures of Rodong Sinmun: linked, inlined as data with their addresses in a script, or sent by an endpoint of its own.

Hides where a picture's address stands (docs/sources.md, "Pictures"). A picture inlined as data has no address: the page
itself holds it, and only its caption is kept apart.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from selectolax.lexbor import LexborNode

from scraper import urls
from scraper.errors import LayoutChanged, NotAnArticle
from scraper.model import Image, Parsed
from scraper.parse.dom import Document, collapse, document, every, text
from scraper.parse.layout import View, article, dated, language
from scraper.parse.sites.rodong_tokens import is_key, picture_path

_OPENS = "fancybox.open"
_SHOWN = re.compile(r"""\bhref\s{0,9}:\s{0,9}["']([^"'\\\s]{1,4096})["']""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pictured:
    """A line of pictures and the caption it has on the page; an empty one where it has none."""

    images: tuple[LexborNode, ...]
    caption: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pictures:
    """An article's pictures that have an address, and the captions of those that have none."""

    images: tuple[Image, ...]
    captions: tuple[str, ...]


def pictured(view: View, lines: Iterable[Pictured], key: str | None) -> Pictures:
    """The pictures of an article's lines, each address once, and those its script opens.

    The script's addresses are those of the inlined pictures where there are as many of them; a line's caption is its last
    picture's. A caption on the page is taken before an `alt`.
    """
    found: dict[str, Image] = {}
    inlined: list[str] = []
    for line in lines:
        for number, node in enumerate(line.images, start=1):
            caption = line.caption if number == len(line.images) else ""
            caption = caption or collapse(node.attributes.get("alt") or "")
            source = _source(node)
            url = _address(view, source)
            if url:
                found.setdefault(url, Image(url=url, caption=caption or None))
            elif source[:5].lower() == "data:" or caption:
                inlined.append(caption)
    opened = list(dict.fromkeys(_opened(view, key))) if key else []
    paired = len(opened) == len(inlined)
    for url, caption in zip(opened, inlined if paired else [""] * len(opened), strict=True):
        found.setdefault(url, Image(url=url, caption=caption or None))
    return Pictures(images=tuple(found.values()), captions=() if paired else tuple(filter(None, inlined)))


def _source(node: LexborNode) -> str:
    """Where a picture is or, where a script puts it in only when the reader gets there, will be."""
    return (node.attributes.get("src") or node.attributes.get("data-src") or "").strip()


def _address(view: View, source: str) -> str | None:
    if not source or source[:5].lower() == "data:":
        return None
    try:
        return urls.canonical(source, view.page.url)
    except ValueError:
        return None


def _opened(view: View, key: str) -> Iterator[str]:
    """The addresses a script shows large, as far as they are this article's: their path names its key."""
    for script in every(view.document, "script") if _OPENS in view.html else ():
        words = script.text()
        for match in _SHOWN.finditer(words) if _OPENS in words else ():
            url = _address(view, match[1])
            if url and f"/{key}/" in (picture_path(url) or ""):
                yield url


def read_gallery(view: View) -> Parsed:
    """What the endpoint `05@@@@` answers to the POST of an article's page: the pictures of that article.

    A gallery of its own beside the article, with no text. NotAnArticle where its HTML shows no title.
    """
    row = _row(view)
    inner = document(str(row.get("strHTML") or ""))
    titles = list(dict.fromkeys(filter(None, map(text, every(inner, "h1, h2, h3, h4, .span-title")))))
    if len(titles) != 1:
        raise NotAnArticle(f"{view.page.url}: the pictures of {row['strNewsID']} have {len(titles)} titles")
    within = replace(view, document=inner)
    found = pictured(within, [Pictured(images=every(inner, "img"))], row["strNewsID"])
    if not found.images:
        raise LayoutChanged(f"{view.page.url}: a gallery without a picture; look whether the answer is a new one")
    gallery = article(
        view,
        outlet="Rodong Sinmun",
        key=f"{row['strNewsID']}:pictures",
        title=titles[0],
        paragraphs=(),
        evidence=dated(url=row["strNewsID"][: len("2026-08-17")]),
        language=language(view),
        images=found.images,
        captions=found.captions,
        bodyless=True,
    )
    return Parsed(articles=(gallery,))


def _row(view: View) -> dict[str, Any]:
    """The one row of the answer, which is JSON or, as some are sent, JSON of JSON."""
    try:
        answer = json.loads(view.html)
        answer = json.loads(answer) if isinstance(answer, str) else answer
        (row,) = answer["rows"]
        named = is_key(row["strNewsID"])
    except (ValueError, KeyError, TypeError) as error:
        raise LayoutChanged(f"{view.page.url}: not one row of a gallery: {view.html[:40]!r}") from error
    if not named:
        raise LayoutChanged(f"{view.page.url}: the gallery is of no article: {row['strNewsID']!r}")
    return dict(row)


def is_gallery(tree: Document) -> bool:
    """Whether an answer is JSON."""
    return tree.body is not None and tree.body.text().lstrip()[:1] in {"{", '"'}
