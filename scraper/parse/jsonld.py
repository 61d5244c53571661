"""Articles as JSON-LD states them (schema.org), whole or broken, alone, in lists, in graphs.

Hides how sites write it: comments and CDATA around it, trailing commas, line breaks in strings, types with their address,
people and publishers by reference. Only a page's own article is wanted: items of lists and updates of a live blog are others'.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

Item = dict[str, Any]

_ARTICLE = re.compile(r"(?:Article|Posting|Report)$")
_NOT_OURS = frozenset({"JobPosting", "DiscussionForumPosting", "UserComments"})
_WRAPPED = re.compile(r"^\s*(?:<!--|<!\[CDATA\[|//\s*<!\[CDATA\[)|(?://\s*)?(?:-->|\]\]>)\s*$|;\s*$")
_TRAILING_COMMA = re.compile(r",(\s*[}\]])")
_FIELD = re.compile(r'"(headline|datePublished|articleSection|url)"\s*:\s*"((?:[^"\\]|\\.){1,1000})"')
_HOLDERS = ("@graph", "mainEntity", "mainEntityOfPage")
_DEEPEST = 6


def articles(scripts: Iterable[str]) -> tuple[Item, ...]:
    """The article items of a page's JSON-LD scripts, references to other items filled in."""
    items = [item for script in scripts for item in _walk(_loaded(script), 0)]
    named = {item["@id"]: item for item in items if isinstance(item.get("@id"), str) and len(item) > 1}
    return tuple(_filled(item, named) for item in items if _is_article(item))


def words(value: object) -> str:
    """A string's text on one line, entities read; empty for anything else."""
    return " ".join(html.unescape(value).split()) if isinstance(value, str) else ""


def names(value: object) -> tuple[str, ...]:
    """The names in a value: a string, an item with a `name`, or a list of these."""
    if isinstance(value, list):
        return tuple(name for each in value[:50] for name in names(each))
    name = words(value.get("name")) if isinstance(value, dict) else words(value)
    return (name,) if name else ()


def address(item: Item) -> tuple[str, ...]:
    """The addresses an item gives as its own."""
    page = item.get("mainEntityOfPage")
    page = page.get("@id") or page.get("url") if isinstance(page, dict) else page
    return tuple(each for each in (item.get("url"), page, item.get("@id")) if isinstance(each, str) and each)


def _loaded(script: str) -> object:
    bare = _WRAPPED.sub("", _WRAPPED.sub("", script)).strip()
    for text in (bare, _TRAILING_COMMA.sub(r"\1", bare)):
        try:
            return json.loads(text, strict=False)
        except (ValueError, RecursionError):
            continue
    return _salvaged(bare)


def _salvaged(text: str) -> Item:
    """What can be told of one broken article: the first of each field that is whole."""
    if not re.search(r'"@type"\s*:\s*\[?\s*"[^"]*Article"', text):
        return {}
    found: Item = {"@type": "Article"}
    for name, value in _FIELD.findall(text):
        try:
            found.setdefault(name, json.loads(f'"{value}"', strict=False))
        except ValueError:
            continue
    return found


def _walk(value: object, depth: int) -> Iterator[Item]:
    """The items that stand at the top, in a graph, or as what a page is about."""
    if depth > _DEEPEST:
        return
    if isinstance(value, list):
        for each in value:
            yield from _walk(each, depth + 1)
    elif isinstance(value, dict):
        yield value
        for holder in _HOLDERS:
            yield from _walk(value.get(holder), depth + 1)


def _is_article(item: Item) -> bool:
    kinds = item.get("@type")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    last = [re.split(r"[/#:]", kind)[-1] for kind in kinds if isinstance(kind, str)]
    return any(_ARTICLE.search(kind) and kind not in _NOT_OURS for kind in last)


def _filled(item: Item, named: dict[str, Item]) -> Item:
    return {key: _resolved(value, named) if key in {"author", "publisher"} else value for key, value in item.items()}


def _resolved(value: object, named: dict[str, Item]) -> object:
    if isinstance(value, list):
        return [_resolved(each, named) for each in value]
    if isinstance(value, dict) and "name" not in value and isinstance(value.get("@id"), str):
        return named.get(value["@id"], value)
    return value
