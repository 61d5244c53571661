"""The feed of changes is Atom (RFC 4287) to a reader that knows it, keeps its ids, and holds whatever a title may hold."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from xml.etree.ElementTree import Element

import feedparser
import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given
from hypothesis import strategies as st

from scraper.errors import UsageError
from scraper.export.atom import NEWEST, feed
from scraper.export.files import write
from scraper.model import ChangeKind, WordOp
from tests.living_outlet import living
from tests.test_policy_mass import suspected

ATOM = "{http://www.w3.org/2005/Atom}"
OPERATIONS = (WordOp(op="equal", before="It was", after="It was"), WordOp(op="replace", before="good", after="<bad>"))


def of(text: str) -> Element:
    """The feed as XML."""
    root = fromstring(text.encode())
    assert isinstance(root, Element)
    return root


def the(parent: Element, name: str) -> str:
    """The text of the one child of that name, as RFC 4287 wants it to be."""
    (found,) = parent.findall(f"{ATOM}{name}")
    return found.text or ""


def test_what_the_standard_asks_for_is_there() -> None:
    """Feed and entries have one id, title and updated each, the feed an author; the newest entry is first and dates the feed."""
    early, late = suspected([1.0, 30.0])
    late = replace(late, kind=ChangeKind.EDITED, operations=OPERATIONS, words_removed=1, words_added=1)
    root = of(feed([early, late], author="archive@example.org"))
    entries = root.findall(f"{ATOM}entry")
    assert [the(entry, "title") for entry in entries] == ["outlet: edited: T", "outlet: suspect-gone: T"]
    assert the(root, "updated") == the(entries[0], "updated") == "2026-08-23T18:00:00Z"
    ids = [the(each, "id") for each in (root, *entries)]
    assert len(set(ids)) == 3
    assert all(each.startswith("urn:uuid:") for each in ids)
    (author,) = root.findall(f"{ATOM}author")
    assert the(author, "name") == "archive@example.org"
    assert "[-good-] {+<bad>+}" in the(entries[0], "content")
    read = feedparser.parse(feed([early, late], author="a").encode())
    assert (read.bozo, read.version) == (False, "atom10")
    assert [entry.link for entry in read.entries] == [late.url, early.url]


def test_an_id_stays_and_the_same_changes_give_the_same_file() -> None:
    """Whatever comes after; of many, the newest hundred."""
    many = suspected(float(number) for number in range(NEWEST + 5))
    before, after = of(feed(many[:3], author="a")), of(feed(many[:4], author="a"))
    assert [the(each, "id") for each in after.findall(f"{ATOM}entry")][1:] == [
        the(each, "id") for each in before.findall(f"{ATOM}entry")
    ]
    assert feed(many, author="a") == feed(reversed(many), author="a")
    assert len(of(feed(many, author="a")).findall(f"{ATOM}entry")) == NEWEST
    assert of(feed([], author="a")).findall(f"{ATOM}entry") == []


@given(st.text(alphabet=st.characters(codec=None)), st.text())
def test_whatever_an_outlet_writes_is_held(title: str, url: str) -> None:
    """Control characters, lone surrogates, markup: the feed stays XML."""
    (change,) = suspected([1.0])
    root = of(feed([replace(change, title=title, url=f"http://outlet.example/{url}", detail=title)], author=title))
    assert len(root.findall(f"{ATOM}entry")) == 1


def test_a_file_is_whole_or_as_it_was(tmp_path: Path) -> None:
    """Nothing half-written is left, and what cannot be written is an error that says so."""
    path = tmp_path / "changes.atom"
    write(path, "one")
    write(path, "two")
    assert path.read_text(encoding="utf-8") == "two"
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(UsageError, match="cannot write"):
        write(tmp_path / "missing" / "changes.atom", "one")


def test_the_feed_of_a_real_archive(tmp_path: Path) -> None:
    """What `changes` lists is in the feed."""
    with living(tmp_path, range(3)) as here:
        here.give(1, said="It came otherwise.")
        here.tick(24)
        (entry,) = of(feed(here.changes(), author="a")).findall(f"{ATOM}entry")
    assert the(entry, "title") == f"outlet: edited: {here.titles[1]}"
