"""A redesign is an alarm: with classes and ids renamed, no saved page gives a wrong or an empty article.

Every HTML page under tests/sites that a layout reads is read again with all its classes and ids renamed, as after a redesign,
and with some or one of them renamed. It must be refused, or read exactly as before. What is neither stands in a table here,
with its reason: it may lose what is named there, and nothing else. XML and JSON answers have no classes and are left out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import fields, replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scraper.errors import LayoutChanged, NotAnArticle
from scraper.jobs import fixture
from scraper.model import Parsed
from tests.test_sites import FIXTURES, outcome

_TAG = re.compile(rb"<[a-zA-Z][^<>]*>")
_ATTRIBUTE = re.compile(rb"""(?<![\w-])(class|id)(\s*=\s*)("[^"]*"|'[^']*'|[^\s"'>]+)""", re.IGNORECASE)
_NAME = re.compile(rb"[^\s\"']+")


WITHOUT_NAMES = {
    "mfa/numbered": "no page was seen, so no name is known: the only line that is a date, and the box around it",
    "mfa/listing": "no page was seen: links by their addresses, and those called Read More",
    "kcna/home-2026": "links by their addresses, dates beside them",
    "kcnawatch/listing": "links by their addresses",
    "kcnawatch/by-source": "an answer past the end has nothing in it",
    "kcnawatch/television": "films by their addresses",
    "rodong/2025-section": "links by the section in their tokens",
    "xinhua/listing": "links by their addresses, data files by a word in a script",
    "xinhua/further-page": "known by its address",
    "xinhua/tables": "the page is of a time before classes; only the editor has one",
}
"""Layouts that rest on the order of words or on addresses: renaming everything must change nothing in what they read."""

LOST: dict[tuple[str, str], tuple[frozenset[str], str]] = {
    ("kcna/detail-2026", "gallery_button"): (frozenset({"related", "row number"}), "not every article has a gallery"),
    ("kcna/q-home", "cat-title"): (frozenset({"row section"}), "rows stand in boxes without a title too"),
    ("kcnawatch/listing", "article-desc"): (frozenset({"row published"}), "the listing was never seen"),
    ("kcnawatch/listing", "articled-date"): (frozenset({"row published"}), "the listing was never seen"),
    ("kcnawatch/listing", "next"): (frozenset({"listings"}), "a last page has no next one"),
    ("kcnawatch/listing", "page-numbers"): (frozenset({"listings"}), "a last page has no next one"),
    ("kcnawatch/television", "broadcast-head"): (frozenset({"row title"}), "the title is whole only with its heading"),
    ("rodong/2022-list", "PathBar"): (frozenset({"row section"}), "lists before 2025 have no such line"),
    ("rodong/page-id-list", "ListNewsTitleLeft"): (
        frozenset({"row section"}),
        "one list was seen, others may have none",
    ),
    ("xinhua/h-title", "p-jc"): (frozenset({"byline"}), "not every article names an editor"),
    ("xinhua/header-time", "editor"): (frozenset({"byline"}), "not every article names an editor"),
    ("xinhua/header-time", "header-time"): (frozenset({"parser"}), "read the same by the layout of all years"),
    ("xinhua/header-time", "year"): (frozenset({"parser"}), "read the same by the layout of all years"),
    ("xinhua/tables", "topxian"): (frozenset({"byline"}), "not every article names an editor"),
}
"""What is lost without a word when one class or id is renamed: layout and name, the fields, and why it is not an alarm."""


def _name(folder: Path) -> str:
    return f"{folder.parent.name}/{folder.name}"


PAGES = [folder for folder in FIXTURES if (folder / "page.html").exists() and isinstance(outcome(folder), Parsed)]


@cache
def named(folder: Path) -> tuple[bytes, ...]:
    """Every class and id of a page, once."""
    body = fixture.load(folder).page.body
    values = (match[3] for tag in _TAG.findall(body) for match in _ATTRIBUTE.finditer(tag))
    return tuple(sorted({name for value in values for name in _NAME.findall(value)}))


def renamed(body: bytes, only: frozenset[bytes]) -> bytes:
    """The page with all occurrences of some classes and ids renamed."""

    def name(match: re.Match[bytes]) -> bytes:
        return b"new-" + match[0][::-1] if match[0] in only else match[0]

    def attribute(match: re.Match[bytes]) -> bytes:
        return match[1] + match[2] + _NAME.sub(name, match[3])

    return _TAG.sub(lambda tag: _ATTRIBUTE.sub(attribute, tag[0]), body)


def changed(folder: Path, only: frozenset[bytes]) -> set[str] | None:
    """What a redesigned page is read as otherwise than before, by the names of the fields; None where it is refused."""
    before = outcome(folder)
    saved = fixture.load(folder)
    after = replace(saved, page=replace(saved.page, body=renamed(saved.page.body, only))).read()
    if isinstance(after, LayoutChanged | NotAnArticle):
        return None
    assert isinstance(after, Parsed), after
    assert isinstance(before, Parsed)
    found = _differing(before.articles, after.articles) - {"snapshot_sha256"}
    found |= {f"row {name}" for name in _differing(before.sightings, after.sightings)}
    return found | ({"listings"} if before.listings != after.listings else set())


def _differing(before: Sequence[Any], after: Sequence[Any]) -> set[str]:
    """The fields in which the items of two rows differ; `number` where there are more or fewer."""
    if len(before) != len(after):
        return {"number"}
    return {
        field.name
        for one, other in zip(before, after, strict=True)
        for field in fields(one)
        if getattr(one, field.name) != getattr(other, field.name)
    }


def layout(folder: Path) -> str:
    """The layout that reads a page, without its version."""
    read = outcome(folder)
    assert isinstance(read, Parsed)
    return read.layout.partition("@")[0]


def allowed(folder: Path, names: frozenset[bytes]) -> frozenset[str]:
    """What may be lost without an alarm when these are renamed."""
    tables = [LOST.get((layout(folder), name.decode("latin-1"))) for name in names]
    return frozenset().union(*(lost for lost, _why in filter(None, tables)))


@pytest.mark.parametrize("folder", PAGES, ids=_name)
def test_a_redesign_is_an_alarm(folder: Path) -> None:
    """With all classes and ids renamed a page is refused; only what rests on none of them is read, and as before."""
    names = frozenset(named(folder))
    found = changed(folder, names)
    if layout(folder) in WITHOUT_NAMES:
        assert found is None or found <= allowed(folder, names)
    else:
        assert found is None


@pytest.mark.parametrize("folder", PAGES, ids=_name)
def test_one_name_is_renamed(folder: Path) -> None:
    """With any one class or id renamed a page is refused, or read as before."""
    for name in named(folder):
        found = changed(folder, frozenset({name}))
        assert found is None or found <= allowed(folder, frozenset({name})), name


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_some_names_are_renamed(data: st.DataObject) -> None:
    """The same with any of them at a time."""
    folder = data.draw(st.sampled_from(PAGES))
    names = frozenset(data.draw(st.sets(st.sampled_from(named(folder) or (b"none",)))))
    found = changed(folder, names)
    assert found is None or found <= allowed(folder, names)


def test_exceptions_are_of_known_layouts() -> None:
    """No exception outlives its layout."""
    known = {layout(folder) for folder in PAGES}
    assert set(WITHOUT_NAMES) <= known
    assert {name for name, _class in LOST} <= known


def test_the_redesign_renames() -> None:
    """A page's classes and ids are found however they are written, and nothing else is touched."""
    body = b'<p CLASS=\'a b\' id=c data-id="a">class="a" <b class = "a">x</b></p>'
    assert renamed(body, frozenset({b"a", b"c"})) == (
        b'<p CLASS=\'new-a b\' id=new-c data-id="a">class="a" <b class = "new-a">x</b></p>'
    )
