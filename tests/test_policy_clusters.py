"""Which addresses are of one article: the rules one by one, and the laws that hold for any addresses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.policy.clusters import Address, Cluster, Text, clusters, lineages
from tests.cluster_support import address, printing
from tests.policy_support import NOON

WHEAT, RICE = printing("Wheat", "The harvest began."), printing("Rice", "The planting began.")


def together(*addresses: Address) -> list[set[str]]:
    """The addresses' names, article by article."""
    return [{each.key.rpartition("/")[2] for each in cluster.addresses} for cluster in clusters(addresses)]


def test_copies_of_one_text_are_one_article() -> None:
    """Nothing in their addresses says so: date, title and text do."""
    assert together(address("a", WHEAT), address("b", WHEAT), address("c", RICE)) == [{"a", "b"}, {"c"}]


@pytest.mark.parametrize(
    "other",
    [
        {"day": "2026-08-23"},
        {"day": None},
        {"language": "ko"},
        {"outlet": "Another outlet"},
        {"title": "Wheat again", "text_sha256": printing("Wheat again", "The harvest began.").text_sha256},
        {"text_sha256": printing("Wheat", "The harvest begins.").text_sha256},
    ],
)
def test_whatever_differs_keeps_texts_apart(other: dict[str, Any]) -> None:
    """A press review of the next day, with the same words, is another article; so is nearly the same text of the same day."""
    assert together(address("a", WHEAT), address("b", replace(WHEAT, **other))) == [{"a"}, {"b"}]


def test_without_a_body_or_a_date_nothing_is_joined() -> None:
    """Two galleries of one title and day may show other pictures; two texts without a date may be years apart."""
    for text in (printing("Photos", ""), replace(WHEAT, day=None)):
        assert together(address("a", text), address("b", text)) == [{"a"}, {"b"}]


def test_the_outlets_own_key_joins_whatever_is_read() -> None:
    """Also addresses that were never read."""
    found = together(address("a", WHEAT, number="7"), address("b", RICE, number="7"), address("c", number="7"))
    assert found == [{"a", "b", "c"}]


def test_two_numbers_of_one_way_are_two_articles_with_the_same_words() -> None:
    """The outlet says so; addresses without a number that show these words are told from both."""
    one, other = address("a", WHEAT, number="7"), address("b", WHEAT, number="8")
    assert together(one, other) == [{"a"}, {"b"}]
    assert together(one, other, address("c", WHEAT), address("d", WHEAT)) == [{"c", "d"}, {"a"}, {"b"}]


def test_a_new_way_of_numbering_is_joined_by_date_title_and_text() -> None:
    """A ministry's slug and its number; a newspaper's plain serial and its token."""
    assert together(address("slug", WHEAT), address("n", WHEAT, number="14134")) == [{"slug", "n"}]
    plain, token = "2022-10-30-0003", "2022-10-30-H003"
    assert together(address("p", WHEAT, number=plain), address("t", WHEAT, number=token)) == [{"p", "t"}]
    assert together(address("p", WHEAT, number=plain), address("t", RICE, number=token)) == [{"p"}, {"t"}]


def test_an_edit_seen_at_one_address_joins_both_texts() -> None:
    """One copy was read before the edit, one after it, one on both days."""
    edited = printing("Wheat", "The harvest was begun.", NOON + timedelta(days=1))
    assert together(address("a", WHEAT), address("b", WHEAT, edited), address("c", edited)) == [{"a", "b", "c"}]


def test_a_redirect_joins_unless_two_articles_are_shown() -> None:
    """The outlet itself says where an article went; a landing page for everything is no article's address."""
    new = address("new", WHEAT)
    led = frozenset({new.key})
    edited = printing("Wheat", "Quite other words.")
    assert together(address("old", led_to=led), new) == [{"new", "old"}]
    assert together(address("old", edited, led_to=led), new) == [{"new", "old"}]
    assert together(address("old", RICE, led_to=led), new) == [{"new"}, {"old"}]


def test_addresses_that_swapped_their_articles_are_two_articles() -> None:
    """Each with both addresses, one after the other."""
    later = NOON + timedelta(days=1)
    wheat, rice = replace(WHEAT, first_at=later), replace(RICE, first_at=later)
    found = clusters(
        (
            address("a", WHEAT),
            address("a", rice, part="rice", first_seen_at=later),
            address("b", RICE, minutes=1),
            address("b", wheat, part="wheat", first_seen_at=later),
        )
    )
    assert [cluster.id for cluster in found] == ["example,outlet)/en/a", "example,outlet)/en/b"]
    assert together(*found[0].addresses) == together(*found[1].addresses) == [{"a", "b"}]
    assert {text.title for each in found[0].addresses for text in each.texts} == {"Wheat"}


def test_the_id_is_the_name_of_the_address_seen_first() -> None:
    """A later address never changes it, nor does a later number."""
    old = address("slug", WHEAT)
    (alone,), (grown,) = clusters([old]), clusters([old, address("n", WHEAT, number="14134", minutes=5)])
    assert alone.id == grown.id == "example,outlet)/en/slug"
    (numbered,) = clusters([address("z", number="7"), address("a", number="7", minutes=5)])
    assert numbered.id == "outlet:en:7"


def lines(*texts: Text) -> list[list[str]]:
    """The bodies' names, article by article; two texts are alike where their titles begin alike."""
    found = lineages(texts, lambda one, other: one.title[0] == other.title[0])
    return [[text.title for text in line] for line in found]


def test_one_address_shows_one_article_after_another() -> None:
    """An edit goes on; another article is another; what comes back is the one that was there before."""
    titles = ("Wheat", "Wheat, edited", "Rice", "Wheat, edited", "Rice", "Maize")
    assert lines(*map(printing, titles)) == [["Wheat", "Wheat, edited", "Wheat, edited"], ["Rice", "Rice"], ["Maize"]]
    assert lines() == []


# ---- laws

_TEXTS = st.builds(
    printing,
    st.sampled_from(["Wheat", "Rice"]),
    st.sampled_from(["One.", "Two.", ""]),
    day=st.sampled_from([None, "2026-08-22", "2026-08-23"]),
)


@st.composite
def worlds(draw: st.DrawFn, numbers: Sequence[str] = ("", "", "7", "8", "2022-10-30-0003")) -> tuple[Address, ...]:
    """A few addresses of one source that share texts, numbers and redirects in any way."""
    names = draw(st.lists(st.sampled_from("abcdefgh"), unique=True, max_size=8))
    return tuple(
        address(
            name,
            *draw(st.lists(_TEXTS, max_size=2)),
            number=draw(st.sampled_from(numbers)),
            minutes=draw(st.integers(0, 3)),
            led_to=frozenset(
                f"example,outlet)/en/{other}" for other in draw(st.lists(st.sampled_from("abcdefgh"), max_size=1))
            ),
        )
        for name in names
    )


def joined(found: Sequence[Cluster]) -> dict[str, frozenset[str]]:
    """Of each address, the addresses of its article."""
    sets = [frozenset(each.key for each in cluster.addresses) for cluster in found]
    return {key: members for members in sets for key in members}


@given(world=worlds(), data=st.data())
def test_the_order_never_shows(world: tuple[Address, ...], data: st.DataObject) -> None:
    """Ids, members and their order are the same in whatever order addresses come."""
    assert clusters(data.draw(st.permutations(world))) == clusters(world)


@given(world=worlds())
def test_every_address_is_of_exactly_one_article(world: tuple[Address, ...]) -> None:
    """None is lost, none is in two, and an article's id is the name of one of its addresses and of no other's."""
    found = clusters(world)
    assert sorted(each.key for cluster in found for each in cluster.addresses) == sorted(each.key for each in world)
    assert len({cluster.id for cluster in found}) == len(found)
    assert all(cluster.id in {each.name for each in cluster.addresses} for cluster in found)


@given(world=worlds())
def test_clustering_again_changes_nothing(world: tuple[Address, ...]) -> None:
    """The addresses of one article alone are that article."""
    for cluster in clusters(world):
        assert clusters(cluster.addresses) == (cluster,)


@given(world=worlds())
def test_no_article_has_two_numbers_of_one_way(world: tuple[Address, ...]) -> None:
    """Whatever chain of texts and redirects leads from one to the other."""
    for cluster in clusters(world):
        identities = {each.identity for each in cluster.addresses}
        assert not {"outlet:en:7", "outlet:en:8"} <= identities


@given(world=worlds(numbers=("",)), data=st.data())
def test_without_numbers_more_is_never_less_joined(world: tuple[Address, ...], data: st.DataObject) -> None:
    """Where an outlet has no numbers, a further address may join articles and never parts any.

    With numbers it may: a second number shows that what was held for one article is two.
    """
    some = data.draw(st.lists(st.sampled_from(world), unique=True)) if world else []
    before, after = joined(clusters(some)), joined(clusters(world))
    assert all(members <= after[key] for key, members in before.items())


@given(world=worlds(numbers=("",)), data=st.data())
def test_later_addresses_leave_ids_alone(world: tuple[Address, ...], data: st.DataObject) -> None:
    """An id that was cited goes on being the id, unless two articles turn out to be one or an earlier address appears."""
    split = data.draw(st.integers(0, 3))
    early = [each for each in world if each.first_seen_at <= NOON + timedelta(minutes=split)]
    ids = {cluster.id for cluster in clusters(early)}
    assert {cluster.id for cluster in clusters(world) if cluster.addresses[0] in early} <= ids
