"""Copies that others made never disturb what our own visits have found: laws of the fold, and what `changes` makes of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.model import Capture, Channel, Reason, Verdict
from scraper.policy import verdicts
from scraper.policy.visits import Visits, advance, next_visit
from tests.commands import scraper
from tests.fast_outlet import NEWS, article_page, article_url, configure, fast_outlet
from tests.outside import Outside
from tests.policy_support import NOON, capture
from tests.warc_files import WarcFile

COPIES = (Channel.IMPORT, Channel.WAYBACK)
LIVE = st.builds(
    lambda verdict, hours: capture(verdict, NOON + timedelta(hours=hours)),
    st.sampled_from(Verdict),
    st.integers(0, 2000),
)
COPY = st.builds(
    lambda verdict, hours, channel: capture(
        verdict, NOON + timedelta(hours=hours, minutes=30), channel=channel, recorded_at=NOON + timedelta(days=400)
    ),
    st.sampled_from(Verdict),
    st.integers(-90000, 2000),
    st.sampled_from(COPIES),
)


def fold(captures: list[Capture]) -> Visits:
    """What captures add up to, in the order given."""
    visits = Visits(first_seen_at=NOON)
    for each in captures:
        visits = advance(visits, each)
    return visits


def mixed(live: list[Capture], copies: list[Capture], places: list[int]) -> list[Capture]:
    """The captures of our visits in the order of time, with copies recorded in between."""
    order = sorted(live, key=lambda seen: seen.observed_at)
    for copy, place in zip(copies, places, strict=False):
        order.insert(place % (len(order) + 1), copy)
    return order


HISTORIES = st.tuples(
    st.lists(LIVE, max_size=8, unique_by=lambda seen: seen.observed_at),
    st.lists(COPY, max_size=8, unique_by=lambda seen: seen.observed_at),
    st.lists(st.integers(0, 100), min_size=8, max_size=8),
)


@given(HISTORIES)
def test_a_copy_is_no_visit(history: tuple[list[Capture], list[Capture], list[int]]) -> None:
    """Attempts, failures, deletions and the next visit are those of our own visits alone."""
    live, copies, places = history
    alone, together = fold(mixed(live, [], places)), fold(mixed(live, copies, places))
    unmoved = replace(together, held=alone.held, last_good_at=alone.last_good_at, reason=alone.reason)
    assert unmoved == alone
    if live:
        assert together.reason == alone.reason
        assert next_visit(together) == next_visit(alone)


@given(HISTORIES)
def test_what_is_held_is_the_good_page_seen_last(history: tuple[list[Capture], list[Capture], list[int]]) -> None:
    """Whenever it was recorded: an old copy never takes the place of a newer page, nor an old page that of a newer copy."""
    live, copies, places = history
    together = fold(mixed(live, copies, places))
    good = [seen for seen in (*live, *copies) if verdicts.consequence(verdicts.reason(seen)).replaces_held]
    newest = max(good, key=lambda seen: seen.observed_at, default=None)
    assert together.held == (newest.record if newest else None)
    assert together.due() is (Reason.RECHECK if newest else Reason.RETRY if live else Reason.NEW)


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> tuple[Outside, dict[str, list[str]]]:
    """Four articles crawled, and then an import of what others saw of them; the changes that are told, by article."""
    directory = tmp_path_factory.mktemp("copies")
    serials = [f"{NEWS}-{number:03d}" for number in range(1, 6)]
    with fast_outlet(1, 4) as web:
        archive = Outside(config=configure(directory, f"127.0.0.1:{web.port}"))
        assert scraper("crawl", "--config", archive.config).code == 0
    missing = b"<html><body><h1>404 Not Found</h1></body></html>"
    with WarcFile(directory / "others.warc.gz") as file:
        # The same text long ago; gone long ago and there today; another text long ago; and one that we never saw.
        file.response(article_url(serials[0]), "2026-03-02T00:00:00Z", article_page(serials[0]))
        file.response(article_url(serials[1]), "2026-03-02T00:00:00Z", missing, status="404 Not Found")
        file.response(article_url(serials[2]), "2026-03-02T00:00:00Z", article_page(serials[2], " Nobody knew why."))
        file.response(article_url(serials[4]), "2026-03-02T00:00:00Z", article_page(serials[4]))
        file.response(article_url(serials[4]), "2026-04-02T00:00:00Z", missing, status="404 Not Found")
        # An answer of others that is younger than anything we were given says nothing of our host.
        file.response(article_url(serials[3]), "2099-01-01T00:00:00Z", missing, status="404 Not Found")
    assert scraper("import", "warc", directory / "others.warc.gz", "--config", archive.config).code == 0
    changes: dict[str, list[str]] = {serial: [] for serial in serials}
    for line in scraper("changes", "--json", "--config", archive.config).lines:
        changes[next(serial for serial in serials if article_url(serial) == line["url"])].append(line["kind"])
    return archive, changes


def test_copies_tell_of_edits_in_the_order_of_time_and_of_no_deletion(
    lived: tuple[Outside, dict[str, list[str]]],
) -> None:
    """The text of long ago and that of today differ: an edit. Archived 404s are no deletion and no return."""
    assert [kinds for _, kinds in sorted(lived[1].items())] == [[], [], ["edited"], [], []]


def test_what_a_copy_holds_is_not_asked_for_again_as_missing(lived: tuple[Outside, dict[str, list[str]]]) -> None:
    """The article that only others saw is held; and the catalogue rebuilds."""
    archive, _ = lived
    assert len(archive.held()) == 5
    with fast_outlet(1, 5) as web:
        configure(archive.config.parent / "again", f"127.0.0.1:{web.port}")
        sources = "sources/fast.toml"
        (archive.config / sources).write_text((archive.config.parent / "again" / "config" / sources).read_text())
        assert scraper("crawl", "--config", archive.config).code == 0
        assert [target for target in web.targets() if "MTJA" in target] == []
    archive.assert_rebuilds()
