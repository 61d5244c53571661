"""What the catalogue says of what is held, known and changed, on SQLite and on PostgreSQL alike."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select

from scraper.catalogue import named, queries, writing
from scraper.catalogue.database import Database
from scraper.catalogue.holdings import holdings
from scraper.catalogue.reading import ARTICLES
from scraper.catalogue.tables import locators
from scraper.model import ChangeKind, Failure, Origin, Reason, Role, Verdict
from scraper.policy.compare import changes
from tests.catalogue_support import HOUR, SOURCE, evidence, index, key, list_of, name, read, seen
from tests.policy_support import NOON, article

pytest_plugins = ["tests.catalogue_databases"]


def test_the_lead_is_the_best_evidence(database: Database) -> None:
    """One that states a date first; then an index or list before a related block."""
    made = index(database, seen("list", Verdict.LISTING, role=Role.LISTING))
    with database.write() as connection:
        for origin, published in (
            (Origin.RELATED, "2026-08-20"),
            (Origin.LISTING, None),
            (Origin.SITEMAP, "2026-08-21"),
        ):
            shown = evidence("a", made, origin=origin, published=published)
            writing.add_sightings(database, connection, [shown], NOON)
    found = queries.lead(database, SOURCE, key("a"))
    assert found is not None
    assert (found.origin, found.published, found.capture) == (Origin.SITEMAP, "2026-08-21", made.record)
    assert queries.lead(database, SOURCE, key("b")) is None


def test_a_cut_title_gives_way_to_the_whole_one(database: Database) -> None:
    """Lists cut titles at a number of characters; the earliest stated day stands, in its fullest form."""
    list_of(database, "a", title="Wheat harvest beg", published="2026-08-22")
    list_of(database, "a", title="Wheat harvest begins", published="2026-08-22T09:00:00+09:00", at=NOON + HOUR)
    list_of(database, "a", title=None, published="2026-08-23", at=NOON + 2 * HOUR)
    found = queries.lead(database, SOURCE, key("a"))
    assert found is not None
    assert (found.title, found.published) == ("Wheat harvest begins", "2026-08-22T09:00:00+09:00")
    assert (found.capture or "").endswith("120000-list")


def test_how_far_everything_is_held(database: Database) -> None:
    """One row per address: what was read of it, by which evidence it is known, or why it is not held."""
    listing = list_of(database, "a", "b", title="From the list", published="2026-08-20")
    held = read(database, seen("a", sha256="a" * 64), article("From the page", snapshot_sha256="a" * 64))
    index(database, seen("a", Verdict.UNCHANGED, NOON + HOUR, confirms=held.record))
    index(database, seen("b", Verdict.FAILED, NOON + HOUR, failure=Failure.TIMEOUT_READ))
    first, second = holdings(database, SOURCE)
    assert (first.title, first.published, first.sha256, first.outcome) == (
        "From the page",
        "2026-08-22",
        "a" * 64,
        ARTICLES,
    )
    assert (first.evidence, first.attempts) == (listing.record, 2)
    assert (second.title, second.published, second.held, second.reason) == (
        "From the list",
        "2026-08-20",
        None,
        "timeout-read",
    )


def test_when_somebody_looked(database: Database) -> None:
    """Listings that came, or had not changed; not articles, block pages or empty answers."""
    list_of(database, at=NOON + HOUR)
    for hours, verdict in enumerate((Verdict.EMPTY, Verdict.UNCHANGED, Verdict.BLOCKED_WAF, Verdict.FAILED), start=2):
        index(database, seen("list", verdict, NOON + hours * HOUR, role=Role.LISTING))
    index(database, seen("a", Verdict.ARTICLE, NOON))
    assert tuple(queries.looked_at(database, SOURCE)) == (NOON + HOUR, NOON + 3 * HOUR)


def test_which_addresses_may_have_changed(database: Database) -> None:
    """Two texts, two dates or a negative answer; the comparison then tells what happened."""
    texts = {
        "edited": (article("T", "one"), article("T", "two")),
        "redated": (article("T", "one"), article("T", "one", published="2026-08-23", snapshot_sha256="e" * 64)),
        "same": (article("T", "one"), article("T", "one", snapshot_sha256="f" * 64)),
    }
    for each, (before, after) in texts.items():
        read(database, seen(each, sha256=before.snapshot_sha256), before)
        read(database, seen(each, at=NOON + HOUR, sha256=after.snapshot_sha256), after)
    index(database, seen("gone", Verdict.GONE))
    index(database, seen("robots.txt", Verdict.GONE, role=Role.ROBOTS))
    found = queries.changed_locators(database, [SOURCE])
    assert [name(each) for _, each in found] == ["edited", "gone", "redated"]
    kinds = {
        name(each): [change.kind for change in changes(queries.observations(database, SOURCE, each))]
        for _, each in found
    }
    assert kinds == {"edited": [ChangeKind.EDITED], "gone": [], "redated": [ChangeKind.REDATED]}


@pytest.mark.parametrize(
    ("others", "claimed"),
    [
        ([], False),
        ([("list", Verdict.LISTING, -0.2, {"role": Role.LISTING})], True),
        ([("list", Verdict.UNCHANGED, -23, {"role": Role.LISTING})], True),
        ([("list", Verdict.LISTING, -25, {"role": Role.LISTING})], False),
        (
            [
                ("list", Verdict.LISTING, -0.2, {"role": Role.LISTING}),
                ("list", Verdict.GONE, -0.1, {"role": Role.LISTING}),
            ],
            False,
        ),
        ([("b", Verdict.ARTICLE, -2, {}), ("c", Verdict.SERVER_ERROR, -0.1, {})], False),
        ([("b", Verdict.ARTICLE, -2, {}), ("c", Verdict.GONE, -0.1, {})], True),
        ([("b", Verdict.ARTICLE, -2, {}), ("c", Verdict.FAILED, -0.1, {"failure": Failure.ROBOTS_DENIED})], True),
        ([("b", Verdict.ARTICLE, -2, {}), ("c", Verdict.FAILED, -0.1, {"failure": Failure.CONNECT})], False),
        ([("b", Verdict.ARTICLE, 0.5, {})], True),
        ([("b", Verdict.BLOCKED_WAF, 0.5, {}), ("c", Verdict.ARTICLE, 0.7, {})], False),
        ([("b", Verdict.ARTICLE, 2, {})], False),
        (
            [
                ("b", Verdict.ARTICLE, -2, {}),
                ("list", Verdict.SOFT_GONE, -0.1, {"role": Role.LISTING, "reason": Reason.BACKFILL}),
            ],
            True,
        ),
        ([("robots.txt", Verdict.ROBOTS, -0.1, {"role": Role.ROBOTS})], False),
    ],
)
def test_a_deletion_is_told_by_a_host_that_is_well(
    database: Database,
    others: list[tuple[str, Verdict, float, dict[str, Any]]],
    claimed: bool,  # noqa: FBT001 - a table's column
) -> None:
    """A 404 counts where the newest other answer of the day before, else the first of the hour after, was a good one."""
    read(database, seen("a", at=NOON - 48 * HOUR, sha256="a" * 64), article("T", "one", snapshot_sha256="a" * 64))
    index(database, seen("a", Verdict.GONE, NOON))
    for who, verdict, hours, rest in others:
        index(database, seen(who, verdict, NOON + hours * HOUR, **rest))
    found = [change.kind for change in changes(queries.observations(database, SOURCE, key("a")))]
    assert found == ([ChangeKind.SUSPECT_GONE] if claimed else [])


def test_finding_captures(database: Database) -> None:
    """By address, by digest, by role: oldest first, or the newest with a given verdict."""
    first = index(database, seen("a", sha256="abc" + "0" * 61))
    gone = index(database, seen("a", Verdict.GONE, NOON + HOUR, sha256="abd" + "0" * 61))
    rules = index(database, seen("robots.txt", Verdict.ROBOTS, role=Role.ROBOTS, status=200))
    broken = index(database, seen("robots.txt", Verdict.SERVER_ERROR, NOON + HOUR, role=Role.ROBOTS, status=503))
    assert queries.of_locator(database, key("a")) == (first.record, gone.record)
    assert queries.of_locator(database, key("a"), "another") == ()
    assert queries.newest(database, SOURCE, key("a")) == gone.record
    assert queries.newest(database, SOURCE, key("a"), verdicts=[Verdict.ARTICLE]) == first.record
    assert queries.by_digest(database, "ab") == (first.record, gone.record)
    assert queries.by_digest(database, "abd") == (gone.record,)
    assert [each.record for each in queries.robots(database, SOURCE, NOON)] == [rules.record, broken.record]
    assert [each.record for each in queries.robots(database, SOURCE, NOON + HOUR)] == [broken.record]
    assert dict(named.snapshots(database)) == {first.sha256: first.record, gone.sha256: gone.record}
    assert set(named.records(database)) == {each.record for each in (first, gone, rules, broken)}


def test_rechecks_count_from_the_moment_that_a_page_states(database: Database) -> None:
    """A day is no moment; of several readings the earliest counts; without any, the time when it was first held."""

    def wait(name: str) -> Any:
        with database.read() as connection:
            query = select(locators.c.next_visit_at).where(locators.c.key == key(name))
            return datetime.fromisoformat(connection.execute(query).scalar_one()) - NOON

    for stated, published in (("day", "2026-08-22"), ("moment", "2026-08-22T16:30:00+09:00")):
        sha = f"{stated:0>64}"
        read(database, seen(stated, sha256=sha), article("T", "one", published=published, snapshot_sha256=sha))
    assert (wait("day"), wait("moment")) == (HOUR / 4, 1.5 * HOUR)
    later = "e" * 64
    again = seen("moment", at=NOON + HOUR, sha256=later)
    read(database, again, article("T", "two", published="2026-08-22T11:30:00+00:00", snapshot_sha256=later))
    assert wait("moment") == 1.5 * HOUR


def test_an_address_is_asked_for_where_the_one_that_is_held_says_it_is_gone(database: Database) -> None:
    """Rodong Sinmun gives an article another address when it moves: not asked for while the first one answers."""
    index(database, seen("old"), "one")
    list_of(database, "before", at=NOON - HOUR, identity="one")
    list_of(database, "since", at=NOON + HOUR, identity="one")

    def due() -> list[str]:
        return [name(each.url) for each in queries.due(database, SOURCE, NOON + 48 * HOUR, held=False, limit=9)]

    assert due() == []
    index(database, seen("old", Verdict.GONE, NOON + 2 * HOUR), "one")
    assert due() == ["since"]
    index(database, seen("old", Verdict.ARTICLE, NOON + 3 * HOUR), "one")
    assert due() == []
