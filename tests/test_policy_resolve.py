"""Which date is the article's: the rank of evidence, the year of a dateline, and what a lead may say."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.errors import LayoutChanged
from scraper.model import DateEvidence, Origin, Page, Sighting, Source
from scraper.policy.resolve import LEADS, RANK, choose, dated, read
from tests.policy_support import article, sighting

AUGUST = date(2026, 8, 22)


def said(*pairs: tuple[str, str]) -> tuple[DateEvidence, ...]:
    """Evidence of these kinds and values, in this order."""
    return tuple(DateEvidence(kind=kind, value=value) for kind, value in pairs)


def test_the_strongest_kind_of_evidence_wins_in_any_order() -> None:
    """With one statement of every kind, taking away the strongest lets the next one decide."""
    values = {kind: f"20{10 + place}-01-0{place + 1}" for place, kind in enumerate(RANK)}
    values["dateline"] = "--01-09"
    stated = {**values, "dateline": "2026-01-09"}
    for weakest_known in range(len(RANK)):
        kinds = RANK[weakest_known:]
        for order in (kinds, kinds[::-1]):
            evidence = said(*((kind, values[kind]) for kind in order))
            assert choose(evidence, seen_on=AUGUST) == (stated[kinds[0]], kinds[0])


def test_rank_is_the_documented_one() -> None:
    """Page mark, list row, address, aggregator, feed, dateline, and last what is not stated; an ingest number is no kind of evidence."""
    assert RANK == ("page-mark", "list-row", "url", "aggregator", "feed", "dateline", "inferred")


def test_the_first_statement_of_a_kind_counts() -> None:
    """Two statements of one kind are told apart by their order on the page alone."""
    assert choose(said(("url", "2022-03-10"), ("url", "2022-03-11")), seen_on=AUGUST) == ("2022-03-10", "url")


def test_no_evidence_is_no_date() -> None:
    """An article nobody dates stays undated: the day it was seen is not its date."""
    assert choose((), seen_on=AUGUST) == (None, None)


@pytest.mark.parametrize(
    ("dateline", "seen_on", "published"),
    [
        ("--08-22", date(2026, 8, 22), "2026-08-22"),
        ("--07-13", date(2026, 8, 22), "2026-07-13"),
        ("--12-31", date(2027, 1, 2), "2026-12-31"),
        ("--12-02", date(2027, 1, 31), "2026-12-02"),
        ("--01-01", date(2026, 12, 31), "2027-01-01"),
        ("--01-02", date(2026, 12, 31), "2026-01-02"),
        ("--08-23", date(2026, 8, 22), "2026-08-23"),
        ("--08-24", date(2026, 8, 22), "2025-08-24"),
        ("--02-29", date(2026, 8, 22), "2024-02-29"),
        ("--02-29", date(2024, 2, 28), "2024-02-29"),
        ("--02-29", date(2024, 2, 27), "2020-02-29"),
        ("--02-29", date(2104, 2, 27), "2096-02-29"),
    ],
)
def test_year_of_a_dateline(dateline: str, seen_on: date, published: str) -> None:
    """It is the capture's; the one before where the day would lie more than a day ahead; a leap year for 29 February."""
    assert choose(said(("dateline", dateline)), seen_on=seen_on) == (published, "dateline")


@given(day=st.dates(date(1998, 1, 1), date(2098, 12, 31)), after=st.integers(-1, 363))
def test_a_dateline_less_than_a_year_old_gets_its_own_year(day: date, after: int) -> None:
    """Seen from the day before to a year later, month and day alone give back the whole date."""
    seen_on = day + timedelta(days=after)
    assert choose(said(("dateline", f"--{day:%m-%d}")), seen_on=seen_on) == (day.isoformat(), "dateline")


@pytest.mark.parametrize(
    ("zone", "published"), [("Asia/Pyongyang", "2026-12-31"), ("America/New_York", "2025-12-31"), ("UTC", "2025-12-31")]
)
def test_the_capture_is_seen_on_the_outlets_day(zone: str, published: str) -> None:
    """Whether a dateline lies ahead is asked of the outlet's own calendar."""
    seen_at = datetime(2026, 12, 29, 15, 30, tzinfo=UTC)
    found = dated(article(evidence=said(("dateline", "--12-31"))), lead=None, seen_at=seen_at, timezone=zone)
    assert found.published == published


@pytest.mark.parametrize("origin", list(Origin))
def test_what_a_lead_says_depends_on_where_it_stood(origin: Origin) -> None:
    """A row of a list is dated by the outlet's list, a mirror's by the aggregator, a feed's by when it took the item in."""
    kind = {Origin.FEED: "feed", Origin.SITEMAP: "feed", Origin.MIRROR: "aggregator"}.get(origin, "list-row")
    lead = sighting(published="2026-08-20", origin=origin)
    seen_at = datetime(2026, 8, 22, tzinfo=UTC)
    found = dated(article(evidence=()), lead=lead, seen_at=seen_at, timezone="Asia/Pyongyang")
    assert (found.published, found.published_evidence) == ("2026-08-20", kind)
    assert found.evidence == said((kind, "2026-08-20"))
    assert LEADS.get(origin, "list-row") == kind


def test_the_row_of_an_aggregator_is_no_row_of_the_outlet() -> None:
    """What KCNA Watch's page says comes before what its lists say, and neither is the outlet's own list."""
    found = dated(
        article(evidence=said(("aggregator", "2025-07-13"))),
        lead=sighting(published="2025-07-14", origin=Origin.RELATED),
        seen_at=datetime(2025, 12, 19, tzinfo=UTC),
        timezone="Asia/Pyongyang",
    )
    assert (found.published, found.published_evidence) == ("2025-07-13", "aggregator")
    assert found.evidence == said(("aggregator", "2025-07-13"), ("aggregator", "2025-07-14"))


def test_a_lead_without_a_date_says_nothing() -> None:
    """A bare link adds no evidence."""
    found = dated(article(evidence=()), lead=sighting(), seen_at=datetime(2026, 8, 22, tzinfo=UTC), timezone="UTC")
    assert (found.published, found.published_evidence, found.evidence) == (None, None, ())


@given(
    order=st.sampled_from(
        list(permutations(said(("dateline", "--07-13"), ("url", "2025-07-14"), ("feed", "2025-07-15"))))
    )
)
def test_all_evidence_is_kept_strongest_first(order: tuple[DateEvidence, ...]) -> None:
    """Nothing said is thrown away, and what was read in which order does not show."""
    found = dated(
        article(evidence=order),
        lead=sighting(published="2025-07-13", origin=Origin.MIRROR),
        seen_at=datetime(2026, 8, 22, tzinfo=UTC),
        timezone="UTC",
    )
    assert found.evidence == said(
        ("url", "2025-07-14"), ("aggregator", "2025-07-13"), ("feed", "2025-07-15"), ("dateline", "--07-13")
    )
    assert (found.published, found.published_evidence) == ("2025-07-14", "url")


@pytest.mark.parametrize(
    ("said_by_page", "seen_at", "published", "kind"),
    [
        # A ministry statement mirrored by an aggregator that prints its date day first; no dateline.
        ((("aggregator", "2025-07-13"),), datetime(2025, 12, 19, 3, tzinfo=UTC), "2025-07-13", "aggregator"),
        # An agency dispatch with its own end mark beside the aggregator's date and a dateline.
        (
            (("aggregator", "2025-07-13"), ("page-mark", "2025-07-13"), ("dateline", "--07-13")),
            datetime(2025, 12, 19, 3, tzinfo=UTC),
            "2025-07-13",
            "page-mark",
        ),
        # A dispatch of 2018 taken from a copy of December 2025: the year is the aggregator's, never the capture's.
        (
            (("dateline", "--06-01"), ("aggregator", "2018-06-01")),
            datetime(2025, 12, 19, 3, tzinfo=UTC),
            "2018-06-01",
            "aggregator",
        ),
        # A report from abroad whose address carries the day.
        (
            (("dateline", "--07-13"), ("url", "2025-07-13")),
            datetime(2025, 7, 13, 20, tzinfo=UTC),
            "2025-07-13",
            "url",
        ),
    ],
)
def test_the_stories_told_by_several_outlets(
    said_by_page: tuple[tuple[str, str], ...], seen_at: datetime, published: str, kind: str
) -> None:
    """One visit told by ministry, agency and a foreign agency, and an earlier one: each gets the day it was of."""
    found = dated(article(evidence=said(*said_by_page)), lead=None, seen_at=seen_at, timezone="Asia/Pyongyang")
    assert (found.published, found.published_evidence) == (published, kind)
    assert (found.published_precision, found.published_timezone) == ("day", "Asia/Pyongyang")


@pytest.mark.parametrize(
    ("stated", "states"),
    [
        ("2025-07-13", "day"),
        ("2025-07-13T10:42+08:00", "minute"),
        ("2025-07-13T10:42:15+08:00", "second"),
    ],
)
def test_precision_is_what_the_evidence_states(stated: str, states: str) -> None:
    """A day, a minute or a second, and never more than was stated."""
    found = dated(
        article(evidence=said(("page-mark", stated))),
        lead=None,
        seen_at=datetime(2025, 12, 19, tzinfo=UTC),
        timezone="Asia/Shanghai",
    )
    assert (found.published, found.published_precision, found.published_timezone) == (stated, states, "Asia/Shanghai")


RODONG = Source(id="rodong", name="", parser="rodong", language="en", timezone="Asia/Pyongyang", hosts=(), articles=())


def rodong(lead: Sighting | None, body: str) -> Page:
    """A page in an outlet's own markup, for the one entry that live and offline reading share."""
    return Page(
        method="GET",
        url=lead.url if lead else "http://www.rodong.rep.kp/en/index.php?strPageID=SF01_02_01&newsID=2022-03-10-0002",
        status=200,
        headers=(("Content-Type", "text/html; charset=utf-8"),),
        fetched_at=datetime(2022, 3, 11, 2, tzinfo=UTC),
        body=body.encode(),
    )


ARTICLE = """<html><head><title>Rodong Sinmun</title></head><body>
<div class="ArticleMenuDate">Mar. 10,&nbsp;Juche 111 (2022)&nbsp;&nbsp;Thursday</div>
<div><p class="ArticleContent" align="center"><font>Saplings Are Planted</font></p>
<p class="ArticleContent">Schoolchildren planted saplings along the river.</p>
<p class="ArticleContent" align="right">Rodong Sinmun</p></div></body></html>"""


def test_read_dates_what_the_layout_found() -> None:
    """The entry reads the page by its outlet's layout and chooses among page mark, address and lead."""
    lead = sighting(
        url="http://www.rodong.rep.kp/en/index.php?strPageID=SF01_02_01&newsID=2022-03-10-0002", published="2022-03-11"
    )
    parsed = read(rodong(lead, ARTICLE), RODONG, lead)
    (found,) = parsed.articles
    assert (found.title, found.published, found.published_evidence) == (
        "Saplings Are Planted",
        "2022-03-10",
        "page-mark",
    )
    assert DateEvidence(kind="list-row", value="2022-03-11") in found.evidence
    again = read(rodong(lead, ARTICLE), RODONG, lead)
    assert again == parsed
    without = read(rodong(None, ARTICLE), RODONG)
    assert replace(without.articles[0], evidence=found.evidence) == found


def test_read_passes_the_layouts_complaint_on() -> None:
    """A page no layout fits stays an error with its class: somebody must look at it."""
    with pytest.raises(LayoutChanged):
        read(rodong(None, "<html><body><p>new design</p></body></html>"), RODONG)
