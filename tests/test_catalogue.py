"""What the jobs ask the catalogue for before they fetch or read, on SQLite and on PostgreSQL alike."""

from __future__ import annotations

from datetime import datetime

from scraper.catalogue import queries, writing
from scraper.catalogue.database import Database
from scraper.catalogue.holdings import holdings
from scraper.catalogue.reading import CRASHED, Reading
from scraper.catalogue.rereading import all_read
from scraper.model import Failure, Origin, Parsed, Reason, Verdict
from tests.catalogue_support import HOUR, SOURCE, index, key, list_of, name, read, seen
from tests.policy_support import NOON, article, sighting

pytest_plugins = ["tests.catalogue_databases"]


def due(database: Database, at: datetime, *, held: bool = False, limit: int = 10) -> list[tuple[str, Reason]]:
    """Which articles are due, and why."""
    return [(name(found.url), found.due) for found in queries.due(database, SOURCE, at, held=held, limit=limit)]


def test_new_articles_come_before_retries(database: Database) -> None:
    """What was never asked for is first, then what failed longest ago; what is not due yet is left alone."""
    list_of(database, "a", "b", "c", "d")
    index(database, seen("a", Verdict.SERVER_ERROR, NOON + HOUR))
    index(database, seen("c", Verdict.FAILED, NOON, failure=Failure.DNS))
    index(database, seen("d", Verdict.ARTICLE, NOON))
    assert due(database, NOON) == [("b", Reason.NEW)]
    assert due(database, NOON + 2 * HOUR) == [("b", Reason.NEW), ("c", Reason.RETRY), ("a", Reason.RETRY)]
    assert due(database, NOON + 2 * HOUR, limit=1) == [("b", Reason.NEW)]
    assert due(database, NOON + 2 * HOUR, held=True) == [("d", Reason.RECHECK)]
    assert queries.due(database, "another", NOON + 2 * HOUR, held=False, limit=9) == ()


def test_an_article_held_under_another_address_is_not_asked_for(database: Database) -> None:
    """Of several addresses of one article only one is fetched, and only that one is checked again."""
    list_of(database, "top", "home", "latest", identity="outlet:1")
    list_of(database, "other", identity="outlet:2", at=NOON + HOUR)
    assert {each for each, _ in due(database, NOON + HOUR)} == {"top", "home", "latest", "other"}
    index(database, seen("home", Verdict.SERVER_ERROR), "outlet:1")
    assert len(due(database, NOON + HOUR)) == 4
    index(database, seen("top", Verdict.ARTICLE, NOON + HOUR), "outlet:1")
    assert due(database, NOON + 9 * HOUR) == [("other", Reason.NEW)]
    assert due(database, NOON + 9 * HOUR, held=True) == [("top", Reason.RECHECK)]
    everything = [key(each) for each in ("latest", "home", "other", "top", "unknown")]
    assert [name(found.url) for found in queries.missing(database, SOURCE, everything, NOON + 9 * HOUR)] == ["other"]


def test_missing_keeps_the_order_it_was_asked_in(database: Database) -> None:
    """A backfill fetches in the order of the listing, each once, however long the list is."""
    names = [f"{number * 7919 % 1000:03d}" for number in range(1000)]
    list_of(database, *names)
    keys = [key(each) for each in names]
    found = queries.missing(database, SOURCE, [*keys, *keys], NOON)
    assert [each.key for each in found] == keys
    index(database, seen(names[0], Verdict.SERVER_ERROR))
    assert len(queries.missing(database, SOURCE, keys, NOON)) == 999


def test_a_redirect_is_a_visit_of_what_was_asked_for(database: Database) -> None:
    """What redirects led to is what we hold of the address that was asked for, and is held under its own as well."""
    list_of(database, "old")
    first = index(database, seen("old", Verdict.MOVED, NOON))
    hop = index(database, seen("hop", Verdict.MOVED, NOON + HOUR, redirected_from=first.record))
    last = index(database, seen("new", Verdict.ARTICLE, NOON + 2 * HOUR, redirected_from=hop.record, sha256="a" * 64))
    assert {name(each.url): (each.key, each.held) for each in holdings(database, SOURCE)} == {
        "old": (key("old"), last.record),
        "new": (key("new"), last.record),
    }


def test_where_a_redirect_led_in_vain_is_no_article(database: Database) -> None:
    """A login form that an article's address leads to is neither expected nor asked for: the article is blocked."""
    list_of(database, "a")
    first = index(database, seen("a", Verdict.BLOCKED_LOGIN, NOON))
    index(database, seen("free-member-form", Verdict.BLOCKED_LOGIN, NOON, redirected_from=first.record))
    (only,) = holdings(database, SOURCE)
    assert (name(only.url), only.held, only.reason, only.attempts) == ("a", None, "blocked-login", 2)
    assert due(database, NOON + 24 * HOUR) == [("a", Reason.RETRY)]


def test_validators_are_those_of_the_snapshot_a_304_confirms(database: Database) -> None:
    """A recheck of a recheck still sends what came with the bytes we hold."""
    headers = (("ETag", '"v1"'), ("Last-Modified", "Sat, 22 Aug 2026 04:00:00 GMT"))
    whole = index(database, seen("a", headers=headers, sha256="a" * 64))
    again = index(
        database, seen("a", Verdict.UNCHANGED, NOON + HOUR, confirms=whole.record, headers=(("ETag", 'W/"x"'),))
    )
    found = queries.locator(database, SOURCE, key("a"))
    assert found is not None
    assert (found.confirms, found.etag, found.last_modified) == (whole.record, headers[0][1], headers[1][1])
    assert queries.validators(database, again.record)[0] == whole.record
    assert queries.validators(database, "captures/unknown") == (None, None, None)
    index(database, seen("b", sha256="b" * 64))
    plain = queries.locator(database, SOURCE, key("b"))
    assert plain is not None
    assert (plain.confirms, plain.due) == (None, Reason.RECHECK)
    assert queries.locator(database, SOURCE, key("unknown")) is None


def test_whether_a_snapshot_was_read_and_dated(database: Database) -> None:
    """Not at all; read, but dated by its dateline alone; read and dated."""
    assert queries.is_read(database, SOURCE, key("a"), "a" * 64) is None
    guessed = article(published_evidence="dateline", snapshot_sha256="a" * 64)
    made = read(database, seen("a", sha256="a" * 64), guessed)
    assert queries.is_read(database, SOURCE, key("a"), "a" * 64) is False
    settled = article(published_evidence="list-row", snapshot_sha256="a" * 64)
    read(database, made, settled)
    assert queries.is_read(database, SOURCE, key("a"), "a" * 64) is True
    assert queries.articles_of(database, SOURCE, key("a"), "a" * 64) == (settled,)
    assert queries.is_read(database, SOURCE, key("b"), "a" * 64) is None


def test_what_a_kill_left_unread(database: Database) -> None:
    """Good pages with a snapshot and no reading, oldest first; a page that crashed its reader counts as read."""
    later = index(database, seen("b", at=NOON + HOUR, sha256="b" * 64))
    first = index(database, seen("a", sha256="a" * 64))
    index(database, seen("c", Verdict.GONE, sha256="c" * 64))
    index(database, seen("a", Verdict.UNCHANGED, NOON + HOUR, confirms=first.record))
    index(database, seen("d", source="another", sha256="d" * 64))
    assert queries.unread(database, SOURCE) == (first.record, later.record)
    writing.add_reading(database, first, Reading(outcome=CRASHED, parsed=Parsed(), detail="it died"), ())
    assert queries.unread(database, SOURCE) == (later.record,)
    assert [each.record for each in all_read(database, SOURCE)] == [first.record]


def test_articles_survive_being_written_down(database: Database) -> None:
    """Several articles of one page come back in page order, equal in every field; a new reading replaces them."""
    related = (sighting(published="2026-08-22", title="“Wheat”", origin=Origin.RELATED),)
    one = article("One", "밀 수확", related=related, snapshot_sha256="a" * 64, byline="조선", published=None)
    two = article("Two", snapshot_sha256="a" * 64, key="2")
    made = read(database, seen("a", sha256="a" * 64), one, two)
    assert queries.articles_of(database, SOURCE, key("a"), "a" * 64) == (one, two)
    read(database, made, two)
    assert queries.articles_of(database, SOURCE, key("a"), "a" * 64) == (two,)
    assert queries.counts(database, SOURCE) == {"captures": 1, "locators": 1, "held": 1, "articles": 1}


def test_cursors(database: Database) -> None:
    """A walk's position is kept, replaced and forgotten; a rebuild does not lose it."""
    assert queries.cursor(database, "walk") is None
    for position in ("one", "two"):
        writing.keep_cursor(database, "walk", position)
    database.clear()
    assert queries.cursor(database, "walk") == "two"
    writing.drop_cursor(database, "walk")
    assert queries.cursor(database, "walk") is None
