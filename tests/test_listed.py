"""What a real outlet's list says of its articles: taken off while the page lives, or still shown while it is gone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from scraper.jobs.rebuild import rebuild
from scraper.model import ChangeKind
from tests.living_outlet import Living, living
from tests.test_struggling_hosts import article
from tests.test_verdicts_in_runs import assert_rebuilt
from tests.web_server import status

DELISTED, GONE_WHILE_LISTED = ChangeKind.DELISTED, ChangeKind.GONE_WHILE_LISTED


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Living]:
    """An outlet with eight articles that are held."""
    with living(tmp_path) as made:
        yield made


def test_an_article_that_is_taken_off_the_list_while_its_page_is_there(here: Living) -> None:
    """Told with both looks at the list, and the answer that the page gave to the question that was asked because of it."""
    before = here.web.targets().count(article(3))
    here.show(0, 1, 2, 4, 5, 6, 7)
    here.tick()
    assert here.told() == []
    here.tick(times=2)
    (change,) = here.changes()
    assert (change.kind, change.title, change.detail) == (DELISTED, here.titles[3], here.source.discover[0].url)
    shown, missing, living_page = (
        here.services.archive.record(record) for record in (change.before, change.after, change.other_after)
    )
    assert article(3).encode() in here.services.archive.body(shown.sha256 or "")
    assert article(3).encode() not in here.services.archive.body(missing.sha256 or "")
    assert living_page.url.endswith(article(3))
    assert living_page.observed_at > missing.observed_at
    assert here.web.targets().count(article(3)) > before
    here.tick(times=3)
    assert here.changes() == (change,)
    assert_rebuilt(here.services)
    assert here.changes() == (change,)


def test_an_article_that_is_pushed_out_or_sorted_away_or_comes_back_is_not_delisted(here: Living) -> None:
    """New articles, a shorter page, another order, a list that lacks a row for one look, and one that cannot be had."""
    here.give(*range(20, 30))
    for rows in ((20, 0, 1, 2, 3, 4, 5), (22, 21, 20, 0, 1), (0, 22, 1, 20, 21), (0, 22, 20, 21), (0, 22, 1, 20, 21)):
        here.show(*rows)
        here.tick()
    here.web.routes["/en/article/list/aa00000000000000000000000000aa01"] = status(503)
    here.tick(times=2)
    here.show(*range(29, 19, -1))
    here.tick(times=3)
    assert here.told() == []


def test_an_article_that_is_deleted_is_not_delisted_too(here: Living) -> None:
    """Off the list and gone: a deletion."""
    here.show(0, 1, 2, 4, 5, 6, 7)
    here.answer(status(404), 3)
    here.tick(times=3)
    assert here.told() == [(ChangeKind.SUSPECT_GONE, 3)]


def test_a_page_that_is_gone_while_the_list_shows_it(here: Living) -> None:
    """Told with the answer and the first look at the list after it; nothing more is told of it when it is back."""
    here.answer(status(404), 5)
    here.tick(24)
    assert here.told() == [(ChangeKind.SUSPECT_GONE, 5)]
    here.tick()
    (gone, change) = here.changes()
    assert (change.kind, change.before, change.url) == (GONE_WHILE_LISTED, gone.after, gone.url)
    look = here.services.archive.record(change.after)
    assert look.url == change.detail
    assert look.observed_at > change.before_at
    here.give(5)
    here.tick(24, times=2)
    assert [kind for kind, _ in here.told()] == [ChangeKind.SUSPECT_GONE, GONE_WHILE_LISTED, ChangeKind.RETURNED]
    assert here.changes()[1] == change
    rebuild(here.services)
    assert here.changes()[1] == change
