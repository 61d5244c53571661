"""Articles out of the catalogue's rows: found from any of their addresses, each once, whole, and on both databases alike."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scraper.catalogue.clusters import all_clusters, around, named, names
from scraper.catalogue.database import Database
from scraper.catalogue.holdings import by_article
from scraper.catalogue.merged import merged
from scraper.model import Article, Capture, MergedArticle, Origin, Verdict
from tests.catalogue_support import SOURCE, address, evidence, index, key, list_of, name, read, seen
from tests.policy_support import NOON, article

pytest_plugins = ["tests.catalogue_databases"]

BODY = ("The harvest began on the coast.", "It is to end in July.")


def text_of(title: str = "Wheat", day: str | None = "2026-08-22", page: str = "", **more: Any) -> Article:
    """An article of this title and day; `page` tells pages apart that hold the same text."""
    made = article(title, *more.pop("body", BODY), source=SOURCE, published=day, **more)
    return replace(made, snapshot_sha256=(made.snapshot_sha256[:32] + f"{abs(hash_of(page)):032x}")[:64])


def hash_of(page: str) -> int:
    """A number for a page's name, the same in every process."""
    return int.from_bytes(page.encode()[:12], "big")


def show(database: Database, at_address: str, read_there: Article, hours: float = 0, identity: str = "") -> Capture:
    """A capture of an address whose page holds an article."""
    at = NOON + timedelta(hours=hours)
    made = seen(at_address, Verdict.ARTICLE, at, sha256=read_there.snapshot_sha256)
    index(database, made, identity or None)
    return read(database, made, replace(read_there, url=address(at_address)))


def found(clusters: Any) -> list[set[str]]:
    """The names of the addresses, article by article."""
    return [{name(each.url) for each in cluster.addresses} for cluster in clusters]


def test_copies_are_found_from_any_of_their_addresses(database: Database) -> None:
    """By what was read there, by the outlet's key, and by both one after the other."""
    show(database, "a", text_of(page="a"))
    show(database, "b", text_of(page="b"), 1, identity="outlet:en:7")
    list_of(database, "c", identity="outlet:en:7")
    show(database, "d", text_of("Rice"), 2)
    for start in "abc":
        assert found(around(database, SOURCE, [key(start)])) == [{"a", "b", "c"}]
    assert found(around(database, SOURCE, [key("d")])) == [{"d"}]
    assert found(all_clusters(database, SOURCE)) == [{"a", "b", "c"}, {"d"}]


def test_a_redirect_over_two_hops_joins(database: Database) -> None:
    """From the address that was asked for to the one that answered; in vain it joins nothing."""
    first = index(database, seen("old", Verdict.MOVED))
    second = index(database, seen("hop", Verdict.MOVED, NOON + timedelta(seconds=1), redirected_from=first.record))
    page = text_of()
    target = seen("new", at=NOON + timedelta(seconds=2), sha256=page.snapshot_sha256, redirected_from=second.record)
    read(database, target, replace(page, url=address("new")))
    vain = index(database, seen("lost", Verdict.MOVED))
    index(database, seen("login", Verdict.BLOCKED_LOGIN, NOON + timedelta(seconds=1), redirected_from=vain.record))
    for start in ("old", "new"):
        assert found(around(database, SOURCE, [key(start)])) == [{"old", "new"}]
    assert found(around(database, SOURCE, [key("lost")])) == [{"lost"}]


def test_an_address_that_was_given_to_another_article_shows_two(database: Database) -> None:
    """Each keeps the captures that show it; the edit of the first stays with it."""
    show(database, "a", text_of("Wheat"), 0)
    show(database, "a", text_of("Wheat", body=("The harvest began at the coast.", "It is to end in July.")), 1)
    show(database, "a", text_of("Footbridge opened", body=("Two villages are joined now.",)), 2)
    wheat, bridge = merged(database, SOURCE, list(all_clusters(database, SOURCE)), [SOURCE])
    assert (wheat.title, wheat.captures, bridge.title, bridge.captures) == ("Wheat", 2, "Footbridge opened", 1)
    assert wheat.id == key("a")
    assert bridge.id.startswith(key("a") + "#")
    assert named(database, bridge.id) == named(database, wheat.id) == ((SOURCE, key("a")),)


def test_a_page_of_several_articles_holds_each(database: Database) -> None:
    """They are told by their own keys; the one capture shows all of them."""
    one, other = text_of("Wheat", key=f"{key('day')}#1"), text_of("Rice", key="2")
    other = replace(other, snapshot_sha256=one.snapshot_sha256)
    read(database, seen("day", sha256=one.snapshot_sha256), one, other)
    both = list(merged(database, SOURCE, list(all_clusters(database, SOURCE)), [SOURCE]))
    assert {(each.title, each.id) for each in both} == {("Wheat", f"{key('day')}#1"), ("Rice", f"{key('day')}#2")}
    assert both[0].records == both[1].records


def test_a_merged_article_has_the_sections_of_all_addresses(database: Database) -> None:
    """Those its pages state and those its lists stand under; its dates and counts are of all addresses."""
    show(database, "a", text_of(page="a", sections=("Home",)))
    show(database, "b", text_of(page="b", sections=("World", "Home")), 5)
    made = seen("list", Verdict.LISTING, NOON - timedelta(hours=3), sha256="f" * 64)
    read(database, made, shown=(evidence("a", made, section="Latest"), evidence("b", made, section="Home")))
    (whole,) = merged(database, SOURCE, list(all_clusters(database, SOURCE)), [SOURCE])
    assert whole.sections == ("Home", "World", "Latest")
    assert (whole.languages, whole.captures, len(whole.records)) == (("en",), 2, 2)
    assert [(name(each.url), each.captures) for each in whole.aliases] == [("a", 1), ("b", 1)]
    assert [each.first_seen_at for each in whole.aliases] == [made.observed_at] * 2
    assert [each.last_seen_at for each in whole.aliases] == [NOON, NOON + timedelta(hours=5)]


def test_an_aggregators_copy_is_a_counterpart_and_no_alias(database: Database) -> None:
    """It is another outlet's copy of the same story; the texts are compared, and an original nobody holds is named."""
    show(database, "a", text_of(page="a"))
    copies = {"copy": BODY, "cut": BODY[:1], "orphan": BODY[1:]}
    for copy, body in copies.items():
        original = address("never" if copy == "orphan" else "a")
        made = text_of("Wheat", "2026-08-23", copy, body=body, original_url=original)
        made = replace(made, source="watch")
        read(database, seen(copy, sha256=made.snapshot_sha256, source="watch"), made)
    list_of(database, "never", origin=Origin.MIRROR)
    (whole,) = merged(database, SOURCE, list(all_clusters(database, SOURCE)), [SOURCE, "watch"])
    assert [(each.relation, each.source, name(each.url), each.text) for each in whole.counterparts] == [
        ("mirror", "watch", "copy", "equal"),
        ("mirror", "watch", "cut", "different"),
    ]
    watched = merged(database, "watch", list(all_clusters(database, "watch")), [SOURCE, "watch"])
    assert {
        (name(each.aliases[0].url), other.relation, name(other.url), other.text)
        for each in watched
        for other in each.counterparts
    } == {
        ("copy", "original", "a", "equal"),
        ("cut", "original", "a", "different"),
        ("orphan", "original", "never", "not-held"),
    }


def test_every_article_comes_once_with_all_its_addresses(database: Database) -> None:
    """However its addresses are tied: by text, by the outlet's key, or not at all; each with the evidence for it."""
    show(database, "a", text_of(page="a"))
    show(database, "b", text_of(page="b"), 1)
    show(database, "c", text_of("Rice"), 1, identity="outlet:en:7")
    list_of(database, "d", identity="outlet:en:7", at=NOON + timedelta(hours=2))
    list_of(database, "e", origin=Origin.MIRROR)
    for _ in range(2):
        found = [
            (article, [(name(each.url), each.origins) for each in all_of])
            for article, all_of in by_article(database, SOURCE)
        ]
        assert sorted(found) == [
            (key("a"), [("a", ()), ("b", ())]),
            (key("e"), [("e", ("mirror",))]),
            ("outlet:en:7", [("c", ()), ("d", ("listing",))]),
        ]


def test_names_are_of_addresses_that_go_by_another_one(database: Database) -> None:
    """What completeness is counted by: an address of another's article, never its own."""
    show(database, "a", text_of(page="a"))
    show(database, "b", text_of(page="b"), 1)
    show(database, "c", text_of("Rice"), 1, identity="outlet:en:7")
    list_of(database, "d", identity="outlet:en:7", at=NOON + timedelta(hours=2))
    posted = f"{key('form')} POST article_code=AR1"
    made = replace(seen("form", sha256="9" * 64), key=posted)
    index(database, made, key("form"))
    read(database, made, replace(text_of("Bridge"), snapshot_sha256="9" * 64))
    assert names(database, SOURCE) == {key("b"): key("a"), posted: posted}


def test_days_are_those_of_the_newest_text(database: Database) -> None:
    """An article that was redated is told once, on the day it has now; one without a date only where no day is given."""
    show(database, "a", text_of("Wheat", "2026-08-20"), 0)
    show(database, "a", text_of("Wheat", "2026-08-25T10:00:00+09:00", page="2"), 1)
    show(database, "b", text_of("Rice", "2026-08-22"), 2)
    show(database, "u", text_of("Bridge", None), 3)
    assert found(all_clusters(database, SOURCE)) == [{"b"}, {"a"}, {"u"}]
    assert found(all_clusters(database, SOURCE, "2026-08-20", "2026-08-22")) == [{"b"}]
    assert found(all_clusters(database, SOURCE, "2026-08-25")) == [{"a"}]
    assert found(all_clusters(database, SOURCE, until="2026-08-21")) == []


_SHOWN = st.lists(
    st.tuples(
        st.sampled_from("abcdef"),
        st.sampled_from(["Wheat", "Rice"]),
        st.sampled_from([None, "2026-08-20", "2026-08-22", "2026-08-22T10:00:00+09:00"]),
        st.sampled_from([BODY, ("Quite other words stand here.", "None of them is known.")]),
    ),
    max_size=10,
)
_NUMBERS = st.fixed_dictionaries({each: st.sampled_from(["", "outlet:en:7", "outlet:en:8"]) for each in "abcdef"})


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(shown=_SHOWN, numbers=_NUMBERS, chunk=st.integers(1, 3), data=st.data())
def test_any_part_gives_what_the_whole_gives(
    shared_database: Database,
    shown: list[tuple[str, str, str | None, tuple[str, ...]]],
    numbers: dict[str, str],
    chunk: int,
    data: st.DataObject,
) -> None:
    """Stretch by stretch, from any address, and all at once: the same articles, each once, with every capture of theirs."""
    shared_database.clear()
    captures = [
        show(shared_database, where, text_of(title, day, f"{hours}", body=body), hours, numbers[where])
        for hours, (where, title, day, body) in enumerate(shown)
    ]
    whole = around(shared_database, SOURCE, {made.key for made in captures})
    by_stretch = list(all_clusters(shared_database, SOURCE, chunk=chunk))
    assert sorted(by_stretch, key=lambda each: each.id) == list(whole)
    for cluster in whole:
        start = data.draw(st.sampled_from(cluster.addresses))
        assert cluster in around(shared_database, SOURCE, [start.key])
    articles: list[MergedArticle] = list(merged(shared_database, SOURCE, by_stretch, [SOURCE]))
    assert Counter(record for each in articles for record in each.records) == Counter(made.record for made in captures)
