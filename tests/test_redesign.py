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
from tests.real_pages import REAL, Saved
from tests.test_sites import FIXTURES, outcome

_TAG = re.compile(rb"<[a-zA-Z][^<>]*>")
_ATTRIBUTE = re.compile(rb"""(?<![\w-])(class|id)(\s*=\s*)("[^"]*"|'[^']*'|[^\s"'>]+)""", re.IGNORECASE)
_NAME = re.compile(rb"[^\s\"']+")


WITHOUT_NAMES = {
    "mfa/numbered": "no page was seen, so no name is known: the only line that is a date, and the box around it",
    "mfa/listing": "no page was seen: links by their addresses, and those called Read More",
    "kcna/ajax-home": "links by the calls of their scripts",
    "kcnajp/item-2008": "the page is of tables without classes: rows are counted",
    "kcnajp/items-1997": "the page is of a time before classes: rules and lines",
    "kcnajp/day": "links by their addresses",
    "kcnajp/calendar": "links by their addresses",
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
    ("kcna/q-article", "media-icon"): (frozenset({"related", "row number"}), "not every article has a gallery"),
    ("kcna/q-media", "publish-time"): (frozenset({"evidence"}), "no page was seen: rows of lists date it"),
    ("kcna/q-videos", "datemark"): (frozenset({"row published"}), "its reader takes rows without a date"),
    ("kcna/q-videos", "publish-time"): (frozenset({"row published"}), "its reader takes rows without a date"),
    **{
        ("kcna/q-home", name): (frozenset({"row number"}), "the front page has articles beside its pictures and films")
        for name in ("gallery-container", "photo", "video-container", "video-item")
    },
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
def named(body: bytes) -> tuple[bytes, ...]:
    """Every class and id of a page, once."""
    values = (match[3] for tag in _TAG.findall(body) for match in _ATTRIBUTE.finditer(tag))
    return tuple(sorted({name for value in values for name in _NAME.findall(value)}))


def renamed(body: bytes, only: frozenset[bytes]) -> bytes:
    """The page with all occurrences of some classes and ids renamed."""

    def name(match: re.Match[bytes]) -> bytes:
        return b"new-" + match[0][::-1] if match[0] in only else match[0]

    def attribute(match: re.Match[bytes]) -> bytes:
        return match[1] + match[2] + _NAME.sub(name, match[3])

    return _TAG.sub(lambda tag: _ATTRIBUTE.sub(attribute, tag[0]), body)


def changed(saved: fixture.Saved, only: frozenset[bytes]) -> set[str] | None:
    """What a redesigned page is read as otherwise than before, by the names of the fields; None where it is refused."""
    before = as_it_was(saved)
    after = replace(saved, page=replace(saved.page, body=renamed(saved.page.body, only))).read()
    if isinstance(after, LayoutChanged | NotAnArticle):
        return None
    assert isinstance(after, Parsed), after
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


@cache
def as_it_was(saved: fixture.Saved) -> Parsed:
    """What is read from the page before its redesign."""
    read = saved.read()
    assert isinstance(read, Parsed)
    return read


def layout(saved: fixture.Saved) -> str:
    """The layout that reads a page, without its version."""
    return as_it_was(saved).layout.partition("@")[0]


def allowed(saved: fixture.Saved, names: frozenset[bytes]) -> frozenset[str]:
    """What may be lost without an alarm when these are renamed."""
    tables = [LOST.get((layout(saved), name.decode("latin-1"))) for name in names]
    return frozenset().union(*(lost for lost, _why in filter(None, tables)))


def hold_redesigned(saved: fixture.Saved) -> None:
    """Assert that a page with all classes and ids renamed is refused; what rests on none of them is read, and as before."""
    names = frozenset(named(saved.page.body))
    found = changed(saved, names)
    assert found is None or (layout(saved) in WITHOUT_NAMES and found <= allowed(saved, names))


def hold_name_by_name(saved: fixture.Saved) -> None:
    """Assert that a page with any one class or id renamed is refused or read as before."""
    for name in named(saved.page.body):
        found = changed(saved, frozenset({name}))
        assert found is None or found <= allowed(saved, frozenset({name})), name


@pytest.mark.parametrize("folder", PAGES, ids=_name)
def test_a_redesign_is_an_alarm(folder: Path) -> None:
    """With all classes and ids renamed a page is refused."""
    hold_redesigned(fixture.load(folder))


@pytest.mark.parametrize("folder", PAGES, ids=_name)
def test_one_name_is_renamed(folder: Path) -> None:
    """With any one class or id renamed a page is refused, or read as before."""
    hold_name_by_name(fixture.load(folder))


@pytest.mark.shared
@pytest.mark.parametrize("real", [real for real in REAL if real.file.endswith(".html")], ids=lambda real: real.file)
def test_real_pages_redesigned(shared: Path, real: Saved) -> None:
    """The same of the outlets' own pages."""
    saved = fixture.Saved(page=real.page(shared), parser=real.parser)
    hold_redesigned(saved)
    hold_name_by_name(saved)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_some_names_are_renamed(data: st.DataObject) -> None:
    """The same with any of them at a time."""
    saved = fixture.load(data.draw(st.sampled_from(PAGES)))
    names = frozenset(data.draw(st.sets(st.sampled_from(named(saved.page.body) or (b"none",)))))
    found = changed(saved, names)
    assert found is None or found <= allowed(saved, names)


def test_exceptions_are_of_known_layouts() -> None:
    """No exception outlives its layout."""
    known = {layout(fixture.load(folder)) for folder in PAGES}
    assert set(WITHOUT_NAMES) <= known
    assert {name for name, _class in LOST} <= known


def test_the_redesign_renames() -> None:
    """A page's classes and ids are found however they are written, and nothing else is touched."""
    body = b'<p CLASS=\'a b\' id=c data-id="a">class="a" <b class = "a">x</b></p>'
    assert renamed(body, frozenset({b"a", b"c"})) == (
        b'<p CLASS=\'new-a b\' id=new-c data-id="a">class="a" <b class = "new-a">x</b></p>'
    )
