"""How a backfill goes through an outlet's past: which listing next, when it ends, and what survives a restart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.model import Backfill, ListingLink, Parsed, Sighting
from scraper.parse.sites import rodong_tokens
from scraper.policy import walk
from scraper.policy.walk import Position
from tests.policy_support import sighting

SINCE, UNTIL = date(2026, 8, 1), date(2026, 8, 31)
DATED = Backfill(kind="dated", url="http://outlet.example/day?d={date:%Y-%m-%d}")
PAGED = Backfill(kind="paged", url="http://outlet.example/list?page={page}")
SITEMAP = Backfill(kind="sitemap", url="http://outlet.example/sitemap_index.xml")
INDEX = Backfill(kind="index", url="http://outlet.example/")
FORM = Backfill(kind="form", url="http://outlet.example/en/list")

_days = st.dates(date(1997, 1, 1), date(2099, 12, 31))


def rows(*published: str | None, start: int = 0) -> Parsed:
    """A listing with one row per date."""
    return Parsed(
        sightings=tuple(
            sighting(f"http://outlet.example/a/{start + number}", day) for number, day in enumerate(published)
        )
    )


def asked(
    way: Backfill, answer: Callable[[ListingLink], Parsed], *, since: date = SINCE, until: date = UNTIL
) -> list[str]:
    """The addresses a walk asks for, with a restart from the kept position before every one."""
    position, found = walk.start(way, since, until), []
    while (link := walk.ask(way, position, since, until)) is not None:
        found.append(link.url)
        position = Position.from_json(walk.move(way, position, answer(link), since=since, until=until).to_json())
        assert len(found) < 500
    return found


@given(since=_days, length=st.integers(0, 70))
def test_a_dated_walk_asks_for_each_day_once(since: date, length: int) -> None:
    """Every day from the first to the last, both included, in order, restarted before each; a dry run counts the same."""
    until = since + timedelta(days=length)
    found = asked(DATED, lambda _: Parsed(), since=since, until=until)
    assert found == [f"http://outlet.example/day?d={since + timedelta(days=n)}" for n in range(length + 1)]
    assert walk.planned(DATED, since, until) == (length + 1, found[0])


def test_a_paged_walk_stops_when_everything_is_older() -> None:
    """Listings run backwards: a page of which all rows lie before the asked-for days is the last one asked for."""
    pages = {
        1: rows("2026-09-02", "2026-08-20"),
        2: rows("2026-08-19", "2026-08-01", start=10),
        3: rows("2026-08-01", "2026-07-31", start=20),
        4: rows("2026-07-31", "2026-07-30", start=30),
    }
    found = asked(PAGED, lambda link: pages[int(link.url.rpartition("=")[2])])
    assert found == [f"http://outlet.example/list?page={n}" for n in range(1, 5)]


@given(
    pages=st.lists(st.booleans(), min_size=1, max_size=12),
    overlap=st.integers(0, 3),
)
def test_a_paged_walk_ends_where_it_overlaps_what_is_held(pages: list[bool], overlap: int) -> None:
    """After so many pages in a row that were all held before, over restarts too; never where no overlap is declared."""
    way = replace(PAGED, overlap=overlap)
    position, seen = walk.start(way, SINCE, UNTIL), 0
    for number, known in enumerate(pages):
        shown = rows("2026-08-20", start=number)
        position = walk.move(way, Position.from_json(position.to_json()), shown, since=SINCE, until=UNTIL, known=known)
        seen += 1
        if position.done:
            break
    ends = [end for end in range(overlap, len(pages) + 1) if overlap and all(pages[end - overlap : end])]
    assert (position.done, seen) == (bool(ends), ends[0] if ends else len(pages))


def test_an_undated_row_keeps_a_paged_walk_going() -> None:
    """Where one row states no day, nobody can say that the whole page is older."""
    pages = {1: rows("2026-07-01", None), 2: Parsed()}
    assert len(asked(PAGED, lambda link: pages[int(link.url[-1])])) == 2


def test_a_moment_in_another_zone_is_not_yet_older() -> None:
    """23:30 UTC on the eve is the outlet's next morning: neither the row nor the page lies before the day."""
    late = rows("2026-07-31T23:30:00+00:00")
    assert walk.wanted(late.sightings[0], SINCE, UNTIL)
    position = walk.start(PAGED, SINCE, UNTIL)
    assert not walk.move(PAGED, position, late, since=SINCE, until=UNTIL).done
    assert walk.move(PAGED, position, rows("2026-07-30T23:30:00+00:00"), since=SINCE, until=UNTIL).done


@pytest.mark.parametrize("last", [Parsed(), rows("2026-08-20", "2026-08-19")])
def test_a_paged_walk_stops_at_an_empty_or_repeated_page(last: Parsed) -> None:
    """Past the end some outlets show nothing, others the last page for ever; a restart does not make us forget it."""
    pages = {1: rows("2026-08-20", "2026-08-19")}
    assert len(asked(PAGED, lambda link: pages.get(int(link.url[-1]), last))) == 2


def test_a_walk_in_circles_ends() -> None:
    """Two pages that take turns for ever are left at the bound."""
    way = replace(PAGED, step=10, first=0)
    far = Position(page=walk.MAX_PAGES * 10 + 1, day=SINCE)
    assert walk.move(way, far, rows("2026-08-20"), since=SINCE, until=UNTIL).done


def test_pages_count_by_the_declared_step() -> None:
    """`{page}` and `{next}` bound one slice of the list."""
    way = Backfill(kind="paged", url="http://outlet.example/ajax?from={page}&to={next}", first=0, step=10)
    pages = iter([rows("2026-08-20"), rows("2026-08-19", start=9), Parsed()])
    assert asked(way, lambda _: next(pages)) == [
        f"http://outlet.example/ajax?from={n}&to={n + 10}" for n in (0, 10, 20)
    ]


def index(*children: tuple[str, str | None]) -> Parsed:
    """A sitemap index."""
    links = (
        ListingLink(url=f"http://outlet.example/{name}", kind="sitemap", last_modified=at) for name, at in children
    )
    return Parsed(listings=tuple(links))


def test_a_sitemap_walk_skips_children_that_cannot_list_the_days() -> None:
    """A child last modified before the days is passed over; one without a readable date never is."""
    found = asked(
        SITEMAP,
        lambda link: (
            index(
                ("old.xml", "2026-07-30T23:59:59+00:00"),
                ("eve.xml", "2026-07-31T23:30:00+00:00"),
                ("new.xml", "2026-08-20"),
                ("later.xml", "2026-11-01T10:00:00+09:00"),
                ("month.xml", "2026-08"),
                ("last-month.xml", "2026-06"),
                ("unknown.xml", None),
                ("odd.xml", "01/08/2026"),
            )
            if link.url == SITEMAP.url
            else rows("2026-08-20")
        ),
    )
    names = [url.rpartition("/")[2] for url in found]
    assert names == ["sitemap_index.xml", "eve.xml", "new.xml", "later.xml", "month.xml", "unknown.xml", "odd.xml"]


def test_sitemaps_that_name_each_other_are_read_once() -> None:
    """An index in circles, or a child named twice, costs no second request."""
    circle = index(("sitemap_index.xml", None), ("a.xml", None), ("b.xml", None), ("a.xml", None))
    assert len(asked(SITEMAP, lambda _: circle)) == 3


def test_an_index_walk_reads_sections_and_data_files_once() -> None:
    """Sections name each other and their data files; a link of another kind is none of the walk's."""
    kinds = (("asia/", "section"), ("ds_1.json", "datasource"), ("2026/08/", "day"), ("page2", "next-page"))
    links = tuple(ListingLink(url=f"http://outlet.example/{name}", kind=kind) for name, kind in kinds)
    found = asked(INDEX, lambda _: Parsed(listings=links))
    assert found == [f"http://outlet.example/{name}" for name in ("", "asia/", "ds_1.json", "2026/08/")]


def test_how_far_back_a_listing_goes() -> None:
    """The first of the days its rows state; rows without one say nothing."""
    assert walk.oldest(rows("2026-08-20T09:00:00+08:00", None, "2026-08-02")) == "2026-08-02"
    assert walk.oldest(rows(None)) is None


def form(page: int, token: str) -> Parsed:
    """A page of a list that is paged by a form, as the outlet's reader returns it."""
    link = ListingLink(
        url="http://outlet.example/en/list",
        kind="next-page",
        method="POST",
        form=(("page_num", str(page + 1)), ("cnt_per_page", "15"), ("_csrf", token)),
        volatile=("_csrf",),
    )
    shown = sighting(f"http://outlet.example/a/{page}", (UNTIL - timedelta(days=page)).isoformat())
    return Parsed(sightings=(shown,), listings=(link,))


def test_a_form_walk_sends_what_the_page_says_and_resumes_in_a_new_session() -> None:
    """The first page is asked for again for its token, then the kept page with it: no page is passed over."""
    position = walk.start(FORM, SINCE, UNTIL)
    assert walk.ask(FORM, position, SINCE, UNTIL) == ListingLink(url=FORM.url, kind="section")
    for page in (1, 2):
        position = walk.move(FORM, position, form(page, "first"), since=SINCE, until=UNTIL)
    sent = walk.ask(FORM, position, SINCE, UNTIL)
    assert sent is not None
    assert (sent.method, dict(sent.form)["page_num"], position.page) == ("POST", "3", 3)

    restarted = Position.from_json(position.to_json())
    assert walk.ask(FORM, restarted, SINCE, UNTIL) == ListingLink(url=FORM.url, kind="section")
    again = walk.move(FORM, restarted, form(1, "second"), since=SINCE, until=UNTIL)
    sent = walk.ask(FORM, again, SINCE, UNTIL)
    assert sent is not None
    assert sent.form == (("page_num", "3"), ("cnt_per_page", "15"), ("_csrf", "second"))
    onward = walk.move(FORM, again, form(3, "second"), since=SINCE, until=UNTIL)
    assert onward.link is not None
    assert (onward.page, dict(onward.link.form)["page_num"]) == (4, "4")


def test_a_form_walk_ends_where_no_page_follows() -> None:
    """The last page has no form for another; a page that is older ends it as well."""
    last = replace(form(1, "t"), listings=())
    assert walk.move(FORM, walk.start(FORM, SINCE, UNTIL), last, since=SINCE, until=UNTIL).done
    older = walk.move(FORM, walk.start(FORM, UNTIL + timedelta(days=9), UNTIL), form(1, "t"), since=UNTIL, until=UNTIL)
    assert older.done


_positions = st.builds(
    Position,
    page=st.integers(0, 10**7),
    day=_days,
    queue=st.lists(st.text(max_size=30), max_size=4).map(tuple),
    shown=st.lists(st.text(max_size=30), max_size=4).map(tuple),
    done=st.booleans(),
    link=st.none() | st.just(ListingLink(url="http://outlet.example/", kind="next-page", form=(("_csrf", "secret"),))),
)


@given(_positions)
def test_a_position_survives_being_written_down(position: Position) -> None:
    """All of it but the form, whose token belongs to a session."""
    assert Position.from_json(position.to_json()) == replace(position, link=None)
    assert "secret" not in position.to_json()


@given(page=st.integers(1, 10**5))
def test_token_addresses_decode_to_what_was_meant(page: int) -> None:
    """Rodong Sinmun's lists are asked for by a base64 query that its own reader understands."""
    way = Backfill(kind="paged", url="http://www.rodong.rep.kp/en/index.php?2@@2@{page}@", token=True)
    link = walk.ask(way, Position(page=page, day=SINCE), SINCE, UNTIL)
    assert link is not None
    head, _, query = link.url.partition("?")
    assert head == "http://www.rodong.rep.kp/en/index.php"
    assert rodong_tokens.token(query) == f"2@@2@{page}@"


@pytest.mark.parametrize(
    ("published", "wanted"),
    [
        (None, True),
        ("2026-07-31", False),
        ("2026-08-01", True),
        ("2026-08-31", True),
        ("2026-09-01", False),
        ("2026-09-01T00:30:00+09:00", True),
        ("2026-09-02T00:30:00+09:00", False),
    ],
)
def test_which_articles_a_backfill_asks_for(published: str | None, wanted: bool) -> None:  # noqa: FBT001 - a table's column
    """Those of the asked-for days, and those that may be of them."""
    assert walk.wanted(Sighting(url="u", origin=sighting().origin, published=published), SINCE, UNTIL) is wanted


def test_how_far_a_way_of_walking_reaches() -> None:
    """The days asked for, cut to those the way declares; None where the two have no day in common."""
    way = replace(DATED, since=date(2026, 8, 10), until=date(2026, 8, 20))
    assert walk.reach(way, SINCE, UNTIL) == (date(2026, 8, 10), date(2026, 8, 20))
    assert walk.reach(DATED, SINCE, UNTIL) == (SINCE, UNTIL)
    assert walk.reach(way, date(2026, 8, 20), UNTIL) == (date(2026, 8, 20), date(2026, 8, 20))
    assert walk.reach(way, date(2026, 8, 21), UNTIL) is None
