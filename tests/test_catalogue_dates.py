"""A dateline states no year: the article has that of the first sight of its address, whatever is captured later."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import permutations

import pytest

from scraper.catalogue import queries
from scraper.catalogue.database import Database
from scraper.model import Article, ChangeKind, DateEvidence
from scraper.policy.compare import changes
from scraper.policy.resolve import as_first_seen, dated
from tests.catalogue_support import SOURCE, key, list_of, read, seen
from tests.policy_support import article

pytest_plugins = ["tests.catalogue_databases"]

DECEMBER = datetime(2024, 12, 20, 9, tzinfo=UTC)
LATER = datetime(2026, 2, 20, 9, tzinfo=UTC)
"""Fourteen months after."""


def page(body: str, at: datetime, **more: object) -> Article:
    """An article that only its dateline dates, as it is read from a page that was fetched then."""
    found = article("Wheat", body, source=SOURCE, evidence=(DateEvidence(kind="dateline", value="--12-19"),), **more)
    return dated(found, lead=None, seen_at=at, timezone="Asia/Pyongyang")


FIRST, SECOND = page("The harvest began.", DECEMBER), page("The harvest was begun.", LATER)


def capture(database: Database, found: Article, at: datetime) -> None:
    """A capture of the address `a`, and what was read from it."""
    read(database, seen("a", at=at, sha256=found.snapshot_sha256), found)


def published(database: Database) -> set[str | None]:
    """The dates of all that was read at the address."""
    found = queries.observations(database, SOURCE, key("a"))
    return {each.article.published for each in found if each.article}


def test_a_capture_a_year_later_does_not_move_the_article(database: Database) -> None:
    """It was edited in the meantime, and is not redated: its dateline is what it was."""
    assert SECOND.published == "2025-12-19"
    capture(database, FIRST, DECEMBER)
    capture(database, SECOND, LATER)
    assert published(database) == {"2024-12-19"}
    told = changes(queries.observations(database, SOURCE, key("a")))
    assert [each.kind for each in told] == [ChangeKind.EDITED]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_in_whatever_order_it_is_learned(database: Database, order: tuple[int, ...]) -> None:
    """Two captures, and a list that showed the address before both: an import of older captures dates the newer ones."""
    steps = (
        lambda: capture(database, SECOND, LATER),
        lambda: capture(
            database, page("The harvest began.", datetime(2026, 1, 5, tzinfo=UTC)), datetime(2026, 1, 5, tzinfo=UTC)
        ),
        lambda: list_of(database, "a", at=DECEMBER),
    )
    for step in order:
        steps[step]()
    assert published(database) == {"2024-12-19"}


def test_only_a_datelines_year_is_moved() -> None:
    """What any other evidence says stands, and so does an article that nothing dates."""
    marked = replace(FIRST, published="2023-12-19", published_evidence="page-mark")
    nothing = replace(FIRST, published=None, published_evidence=None, published_timezone=None)
    assert as_first_seen(marked, LATER) == marked
    assert as_first_seen(nothing, LATER) == nothing
    assert as_first_seen(FIRST, LATER) == replace(FIRST, published="2025-12-19")
