"""The newest pages of a source and how they were read, on SQLite and on PostgreSQL alike."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256

from scraper import urls
from scraper.catalogue import writing
from scraper.catalogue.database import Database
from scraper.catalogue.newest import ListRead, lists_read, looked, newest_article_at, newest_read
from scraper.catalogue.reading import ARTICLES, LAYOUT_CHANGED, LISTING, Reading
from scraper.model import Capture, Parsed, Reason, Role, Verdict
from tests.catalogue_support import HOUR, SOURCE, address, index, read, seen
from tests.policy_support import NOON, article

pytest_plugins = ["tests.catalogue_databases"]


def list_page(name: str, at: int, verdict: Verdict = Verdict.LISTING, outcome: str = LISTING) -> tuple[Capture, str]:
    """A capture of a list, so many hours after noon, and how it was read."""
    url = address(name)
    digest = sha256(f"{name} {at}".encode()).hexdigest() if verdict is Verdict.LISTING else None
    made = seen(
        name,
        verdict,
        NOON + at * HOUR,
        role=Role.LISTING,
        reason=Reason.DISCOVERY,
        sha256=digest,
    )
    assert made.key == urls.key(url)
    return made, outcome


def told(database: Database, *pages: tuple[Capture, str]) -> None:
    """Tell the catalogue of lists."""
    for made, outcome in pages:
        index(database, made)
        if made.sha256:
            writing.add_reading(database, made, Reading(outcome=outcome, parsed=Parsed(), detail=outcome), ())


def test_articles_newest_first_each_address_once(database: Database) -> None:
    """Of several snapshots of one address the newest counts; other sources, lists and refusals do not."""
    read(database, seen("a", sha256="a" * 64), article("Old", snapshot_sha256="a" * 64))
    read(database, seen("b", at=NOON + HOUR, sha256="b" * 64), article("Other", snapshot_sha256="b" * 64))
    again = seen("a", at=NOON + 2 * HOUR, sha256="c" * 64, reason=Reason.RECHECK)
    two = [article(name, snapshot_sha256="c" * 64, key=name) for name in ("One", "Two")]
    read(database, again, *two)
    read(database, seen("c", source="another", sha256="d" * 64), article(source="another", snapshot_sha256="d" * 64))
    index(database, seen("e", Verdict.GONE, NOON + 3 * HOUR, sha256="e" * 64))
    found = list(newest_read(database, SOURCE))
    assert [(page.url, page.outcome) for page in found] == [(address("a"), ARTICLES), (address("b"), ARTICLES)]
    assert [[each.title for each in page.articles] for page in found] == [["One", "Two"], ["Other"]]


def test_an_article_is_new_when_it_is_first_given_however_often_it_is_given_again(database: Database) -> None:
    """A recheck that brings the whole page hides neither that it was new nor when; what cannot be read is no article."""
    assert newest_article_at(database, SOURCE) is None
    read(database, seen("a", sha256="a" * 64), article(snapshot_sha256="a" * 64))
    read(database, seen("b", at=NOON + HOUR, sha256="b" * 64), article(snapshot_sha256="b" * 64))
    for name, at, digest in (("b", 30, "c"), ("a", 31, "d")):
        again = seen(name, at=NOON + at * HOUR, sha256=digest * 64, reason=Reason.RECHECK)
        read(database, again, article(snapshot_sha256=digest * 64))
    made = index(database, seen("e", at=NOON + 40 * HOUR, sha256="e" * 64))
    writing.add_reading(database, made, Reading(outcome=LAYOUT_CHANGED, parsed=Parsed(), detail="fits none"), ())
    assert newest_article_at(database, SOURCE) == NOON + HOUR


def test_a_page_that_could_not_be_read_is_among_them(database: Database) -> None:
    """With the reason; it has no article."""
    made = index(database, seen("a", sha256="a" * 64))
    writing.add_reading(database, made, Reading(outcome=LAYOUT_CHANGED, parsed=Parsed(), detail="fits none"), ())
    (page,) = newest_read(database, SOURCE)
    assert (page.outcome, page.detail, page.articles) == (LAYOUT_CHANGED, "fits none", ())


def test_lists_are_told_by_their_newest_page(database: Database) -> None:
    """One that is answered "unchanged" is as its last page; one that nobody looked at lately is left out."""
    told(
        database,
        list_page("mended", 0, outcome=LAYOUT_CHANGED),
        list_page("mended", 5),
        list_page("broken", 0),
        list_page("broken", 1, outcome=LAYOUT_CHANGED),
        list_page("broken", 5, Verdict.UNCHANGED),
        list_page("old", 0, outcome=LAYOUT_CHANGED),
    )
    assert lists_read(database, SOURCE, NOON + 4 * HOUR) == (
        ListRead(url=address("broken"), outcome=LAYOUT_CHANGED, detail=LAYOUT_CHANGED),
        ListRead(url=address("mended"), outcome=LISTING, detail=LISTING),
    )
    assert lists_read(database, "another", NOON) == ()


def test_the_span_of_looks(database: Database) -> None:
    """From the first to the last list that came or was unchanged; a refused one is no look."""
    assert looked(database, SOURCE) is None
    told(database, list_page("a", 1), list_page("a", 3, Verdict.UNCHANGED), list_page("a", 9, Verdict.SERVER_ERROR))
    assert looked(database, SOURCE) == (NOON + HOUR, NOON + timedelta(hours=3))
