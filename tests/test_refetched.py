"""The text of an article is the same however often its unedited page is fetched: pairs of pages that share nothing else.

A pair is two folders `tests/sites/<parser>/<slug>` and `<slug>-refetched` (tests/test_sites.py says what is in them): one
article on two pages of one template, with other menus, related items, tokens, dates of the day, attributes, quotes, white
space and entities, as a server sends them weeks apart. What a pair may have in common beside the article is checked too.
"""

from __future__ import annotations

import re
from datetime import datetime
from functools import cache
from pathlib import Path

import pytest

from scraper.jobs.fixture import load
from scraper.model import Article, Page, Parsed
from scraper.parse import parse
from scraper.parse.decode import decode
from scraper.parse.text import fold

ROOT = Path(__file__).parent / "sites"
AGAIN = "-refetched"
PAIRS = sorted(
    path.parent.parent / path.parent.name.removesuffix(AGAIN) for path in ROOT.glob(f"*/*{AGAIN}/capture.json")
)
MOST_IN_COMMON = 0.1
"""Share of a page's lines outside the article that may be in the other page too."""

_FRAME = re.compile(r"(?:\s|</?\w+/?>|<!doctype html>)*", re.IGNORECASE)
"""A line of bare tags: every page has an `<html>`."""


def _name(folder: Path) -> str:
    return f"{folder.parent.name}/{folder.name}"


def _both(folder: Path) -> tuple[Path, Path]:
    return folder, folder.with_name(folder.name + AGAIN)


@cache
def _page(folder: Path) -> Page:
    return load(folder).page


@cache
def _read(folder: Path) -> Parsed:
    return parse(_page(folder), source=folder.parent.name, parser=folder.parent.name)


def _around(folder: Path) -> list[str]:
    """The lines of a page that are neither bare tags nor hold words of the article."""
    articles = _read(folder).articles
    words = {word for article in articles for text in (article.title, *article.paragraphs) for word in _words(text)}
    lines = (" ".join(line.split()) for line in decode(_page(folder)).splitlines())
    return [line for line in lines if not _FRAME.fullmatch(line) and len(words & set(_words(line))) < 3]


def _words(text: str) -> list[str]:
    return [word for word in re.findall(r"\w+", text) if len(word) > 2]


def _moments(article: Article) -> list[tuple[str, str | datetime]]:
    """The stated dates; a time is the same moment whichever zone it is written in."""
    return [
        (stated.kind, datetime.fromisoformat(stated.value) if "T" in stated.value else stated.value)
        for stated in article.evidence
    ]


def test_there_are_pairs() -> None:
    """Every folder of the second kind has its first, and KCNA alone has as many pairs as it has layouts of articles."""
    assert all((folder / "capture.json").exists() for folder in PAIRS)
    assert len([folder for folder in PAIRS if folder.parent.name in ("kcna", "kcnajp")]) >= 8


@pytest.mark.parametrize("folder", PAIRS, ids=_name)
def test_the_text_is_the_same(folder: Path) -> None:
    """Key, hash, title and paragraphs, in the comparison form, and the stated dates are those of the first fetch."""
    first, again = (_read(each) for each in _both(folder))
    assert first.layout == again.layout
    assert len(first.articles) == len(again.articles) > 0
    for one, other in zip(first.articles, again.articles, strict=True):
        assert one.key == other.key
        assert one.text_sha256 == other.text_sha256
        assert fold(one.title) == fold(other.title)
        assert list(map(fold, one.paragraphs)) == list(map(fold, other.paragraphs))
        assert _moments(one) == _moments(other)
        # Sections may be the address's, and an article has several: those of all are merged.
        assert (one.outlet, one.language) == (other.outlet, other.language)


@pytest.mark.parametrize("folder", PAIRS, ids=_name)
def test_the_pages_share_nothing_else(folder: Path) -> None:
    """The bytes differ, the fetches lie apart, and of the lines outside the article hardly any is in both pages."""
    first, again = _both(folder)
    assert (_page(again).fetched_at - _page(first).fetched_at).days >= 7
    one, other = _around(first), _around(again)
    assert one or other
    assert _page(first).body != _page(again).body
    common = set(one) & set(other)
    assert len(common) <= MOST_IN_COMMON * min(len(one), len(other)), sorted(common)
