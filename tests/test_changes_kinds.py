"""Every kind of change on a real outlet, by real jobs: told once, with captures that show it; and what must never be one.

`tests/test_listed.py` has the kinds that lists show, `tests/test_second_vantage.py` what two vantages see.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from scraper.model import Change, ChangeKind
from scraper.policy.selection import Selection
from tests.living_outlet import Living, living
from tests.test_struggling_hosts import LIST, article
from tests.web_server import CLOSE, Answer, Route, moved, page, status

DAY = 24.2
BLOCKED = page(b"<html><head><title>Web Page Blocked</title></head><body>Access denied</body></html>")
GEO = status(
    403, body=b"<title>ERROR: The request could not be satisfied</title> configured to block access from your country."
)
LOGIN = moved("/free-member-form/")
SOFT = page("<html><script>alert('알수 없는 주소이다!')</script></html>".encode())
SILENT: dict[str, Route] = {
    "a block page": BLOCKED,
    "a geo-block": GEO,
    "a login wall": LOGIN,
    "an outage": status(503),
    "an outage of ours": Answer((CLOSE,)),
    "an empty page": page(b""),
    "the front page": moved("/en/"),
}


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Living]:
    """An outlet with eight articles that are held."""
    with living(tmp_path) as made:
        yield made


def swap(here: Living) -> None:
    """Two articles change their addresses."""
    one, other = here.web.routes[article(1)], here.web.routes[article(2)]
    here.web.routes.update({article(1): other, article(2): one})


def move(here: Living) -> None:
    """An article is given at another address, and not found at its own."""
    here.web.routes[article(20)] = here.web.routes[article(1)]
    here.answer(status(404), 1)
    here.show(0, 20, 2, 3, 4, 5, 6, 7)


def rewrite(here: Living) -> None:
    """Another title over the same text."""
    here.give(1, title="What nobody was told of the ferry")


def respell(here: Living) -> None:
    """Other spaces, and a full stop of another width."""
    here.give(1, said="The  work was finished in time\uff0e")


def delete(here: Living) -> None:
    """Off the list, and 404."""
    here.answer(status(404), 1)
    here.show(0, 2, 3, 4, 5, 6, 7)


@pytest.mark.parametrize(
    ("happens", "told"),
    [
        (lambda here: here.give(1, said="The work was given up."), {"edited": 1}),
        (rewrite, {"retitled": 1}),
        (respell, {}),
        (swap, {"swapped": 1}),
        (move, {"moved": 1}),
        (delete, {"suspect-gone": 1, "confirmed-gone": 1}),
        (lambda here: here.answer(SOFT, 1), {"soft-gone": 1}),
    ],
    ids=["edited", "retitled", "cosmetic", "swapped", "moved", "deleted", "soft-gone"],
)
def test_each_kind_is_told_once(here: Living, happens: Callable[[Living], None], told: dict[str, int]) -> None:
    """Within a week of daily looks, and no other kind with it; both captures are in the archive, in that order."""
    happens(here)
    here.tick(DAY, times=5)
    found = here.changes()
    assert {each.kind.value: [other.kind for other in found].count(each.kind) for each in found} == told
    for change in found:
        before, after = (here.services.archive.record(record) for record in (change.before, change.after))
        assert (before.observed_at, after.observed_at) == (change.before_at, change.after_at)
        assert before.observed_at < after.observed_at


def test_what_reads_the_same_is_told_where_it_is_asked_for(here: Living) -> None:
    """As cosmetic, with the field."""
    respell(here)
    here.tick(DAY)
    (change,) = here.changes(Selection(kinds=frozenset({ChangeKind.COSMETIC})))
    assert change.fields == ("text",)


def test_a_deletion_and_a_return(here: Living) -> None:
    """Suspected at once, confirmed after 72 hours, returned when it is there again."""
    delete(here)
    days: list[list[Change]] = []
    for _ in range(5):
        here.tick(DAY)
        days.append(list(here.changes()))
    assert [[change.kind.value for change in found] for found in days] == [
        *[["suspect-gone"]] * 3,
        *[["suspect-gone", "confirmed-gone"]] * 2,
    ]
    here.give(1)
    here.tick(31 * 24)
    assert [change.kind.value for change in here.changes()] == ["suspect-gone", "confirmed-gone", "returned"]


@pytest.mark.parametrize("what", SILENT)
def test_what_stands_between_is_no_edit_and_no_deletion(here: Living, what: str) -> None:
    """All articles, for four days, beside a list that answers: nothing is told, then or when they are back; all stay held."""
    pages = {target: here.web.routes[target] for target in here.web.routes if target != LIST}
    here.answer(SILENT[what], *range(8))
    here.tick(DAY, times=4)
    assert here.told() == []
    here.web.routes.update(pages)
    here.tick(8 * 24)
    assert here.told() == []


def test_an_outlet_that_answers_everything_with_404_has_deleted_nothing(here: Living) -> None:
    """Its lists too: an outage or a redesign, not a deletion; nor has one whose pages are all in another template."""
    pages = dict(here.web.routes)
    here.web.routes.update(dict.fromkeys(pages, status(404)))
    here.tick(DAY, times=5)
    assert here.told() == []
    redesigned = page(
        b"<html><body><div class='new'><p>All is new here, and nothing is where it was.</p></div></body></html>"
    )
    here.web.routes.update(dict.fromkeys(pages, redesigned))
    here.tick(DAY, times=5)
    here.web.routes.update(pages)
    here.tick(31 * 24, times=2)
    assert here.told() == []
