"""A first declaration of an outlet, as commented TOML.

Hides how TOML is written. Every line that was guessed says what it was guessed from, for a person to judge.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

FILL_IN = "FILL IN"
"""Stands in the comment of every line that a person must still write."""
NOTHING_YET = "^/FILL-IN/"
"""The pattern of articles where none could be guessed: it fits no address."""

_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f]")
_COMMENT = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A value and the comment beside it."""

    value: str
    comment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a declaration will say, in the order in which it says it; `remarks` are lines of comment at its end.

    `per_day` is empty where nothing is known; `articles` empty where no pattern could be guessed.
    """

    origin: str
    source_id: str
    name: Line
    language: Line
    timezone: Line
    hosts: tuple[str, ...]
    articles: tuple[Line, ...]
    articles_from: str
    listings: tuple[Line, ...]
    listing_dates: tuple[Line, ...]
    every: Line
    per_day: Line
    discover: tuple[Line, ...]
    backfill: tuple[Line, ...]
    gap: Line
    remarks: tuple[str, ...] = ()


def written(draft: Draft) -> str:
    """The declaration as text."""
    return "\n".join(_lines(draft)) + "\n"


def _lines(draft: Draft) -> Iterator[str]:
    yield from _comment(f"{draft.name.value}. {draft.origin} Read every line: what was guessed says from what.")
    yield from _comment("Each key is explained in docs/configuration.md; `scraper sources` checks the file.")
    yield "schema = 1"
    yield f"id = {_text(draft.source_id)}"
    yield _key("name", _text(draft.name.value), draft.name.comment)
    yield _key("parser", '"generic"', "reads what pages state of themselves (docs/sources.md, Generic)")
    yield _key("language", _text(draft.language.value), draft.language.comment)
    yield _key("timezone", _text(draft.timezone.value), draft.timezone.comment)
    yield _key("hosts", "[" + ", ".join(map(_text, draft.hosts)) + "]", "the scope; a host belongs to one source only")
    yield ""
    yield from _comment(f"Searched in path and query: these addresses are articles'. {draft.articles_from}")
    yield from _array("articles", draft.articles or (Line(value=NOTHING_YET, comment=f"{FILL_IN}: fits nothing yet"),))
    yield from _comment("These are listings, feeds and sitemaps.")
    yield from _array("listings", draft.listings)
    if draft.listing_dates:
        yield from _comment("The date of a row of a listing, where it has no `time` element.")
        yield from _array("listing_dates", draft.listing_dates)
    yield ""
    yield _key("every", _text(draft.every.value), draft.every.comment)
    if draft.per_day.value:
        yield _key("per_day", draft.per_day.value, draft.per_day.comment)
    else:
        yield from _comment(f"per_day = [1, 20]   {FILL_IN}: {draft.per_day.comment}")
    yield ""
    yield from _comment("Read at every tick.")
    yield from _tables("discover", draft.discover)
    if draft.backfill:
        yield from _comment("For `scraper backfill`.")
        yield from _tables("backfill", draft.backfill)
    yield ""
    yield "[politeness]"
    yield _key("gap", _text(draft.gap.value), draft.gap.comment)
    if draft.remarks:
        yield ""
        yield from (line for remark in draft.remarks for line in _comment(remark))


def _comment(text: str) -> Iterator[str]:
    """A comment, its words on as many lines as they need."""
    line = "#"
    for word in _UNPRINTABLE.sub(" ", text).split():
        if len(line) + len(word) > _COMMENT and line != "#":
            yield line
            line = "#"
        line += f" {word}"
    yield line


def _key(name: str, value: str, comment: str) -> str:
    return _beside(f"{name} = {value}", comment)


def _array(name: str, lines: Iterable[Line]) -> Iterator[str]:
    yield f"{name} = ["
    yield from (_beside(f"  {_pattern(line.value)},", line.comment) for line in lines)
    yield "]"


def _tables(name: str, lines: Iterable[Line]) -> Iterator[str]:
    yield f"{name} = ["
    yield from (_beside(f"  {{ {line.value} }},", line.comment) for line in lines)
    yield "]"


def table(**values: str) -> str:
    """The inside of an inline table of texts."""
    return ", ".join(f"{name} = {_text(value)}" for name, value in values.items())


def _beside(code: str, comment: str) -> str:
    plain = " ".join(_UNPRINTABLE.sub(" ", comment).split())
    return f"{code:<32}  # {plain}" if plain else code


def _pattern(text: str) -> str:
    """A pattern as a literal string, where TOML can hold it so."""
    return _text(text) if "'" in text or _UNPRINTABLE.search(text) else f"'{text}'"


def _text(text: str) -> str:
    """A basic string: JSON's escapes are TOML's, but for DEL, which JSON leaves as it is."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
