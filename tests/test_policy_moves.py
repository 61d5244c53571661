"""Articles that leave their address: moves are told from deletions, swaps from edits, and neither is claimed from one side."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from scraper.model import Article, Change, ChangeKind, Verdict
from scraper.policy.compare import Observation, alike, changes
from scraper.policy.swaps import Turn, turns, with_swaps
from tests.policy_support import NOON, article

X = article("Wheat harvest begins", "The harvest began on the coast.", "It is to end in July.")
Y = article("Minister visits Wonsan", "A minister came to the pier.", "He left at night by boat.")
Z = article("Footbridge opened", "Two villages are joined now.", "School children walk over it.")
RETITLED = article("Wheat harvest opens", *X.paragraphs)
EDITED = article("Wheat harvest begins", "The harvest began on the coast today.", "It is to end in July.")

Answer = Article | Verdict


def seen(name: str, day: float, answer: Answer, **more: str | bool) -> Observation:
    """A capture of an address on a day: an article as read, or the verdict of an answer that held none."""
    fields = {
        "record": f"captures/outlet/{name}/{day}",
        "url": f"http://outlet.example/{name}",
        "key": name,
        "observed_at": NOON + timedelta(days=day),
        "verdict": answer if isinstance(answer, Verdict) else Verdict.ARTICLE,
        "article": None if isinstance(answer, Verdict) else answer,
    }
    return Observation(**(fields | more))  # type: ignore[arg-type]


def at(name: str, *answers: tuple[float, Answer]) -> list[Observation]:
    """The captures of one address."""
    return [seen(name, day, answer) for day, answer in answers]


def told(found: Iterable[Change]) -> list[tuple[str, str, str]]:
    """Kind, address and second address of each change."""
    return sorted((item.kind.value, item.url[-1], item.other[-1:]) for item in found)


# ---- moves


def test_gone_here_and_given_there_is_a_move() -> None:
    """It names both addresses and cites the last capture here and the first one there."""
    here, there = at("a", (0, X), (2, Verdict.GONE)), at("b", (3, X), (4, X))
    (found,) = changes(here, there)
    assert told([found]) == [("moved", "a", "b")]
    assert (found.key, found.title) == ("a", X.title)
    assert (found.before, found.after) == (here[0].record, there[0].record)
    assert (found.before_at, found.after_at) == (here[0].observed_at, there[0].observed_at)


def test_a_copy_that_still_stands_after_it_was_last_held_here_is_a_move() -> None:
    """Also by a 304, which confirms what was read before; a copy nobody has looked at since proves nothing."""
    here = at("a", (1, X), (2, Verdict.GONE))
    assert told(changes(here, at("b", (0, X)))) == [("suspect-gone", "a", "")]
    assert told(changes(here, at("b", (0, X), (1.5, Verdict.UNCHANGED)))) == [("moved", "a", "b")]
    assert told(changes(here, at("b", (0, X), (1.5, Verdict.GONE)))) == [("suspect-gone", "a", "")]


def test_an_article_that_was_edited_on_the_way_has_moved() -> None:
    """Another article at the other address is no sign of this one."""
    here = at("a", (0, X), (2, Verdict.SOFT_GONE))
    assert told(changes(here, at("b", (3, EDITED)))) == [("moved", "a", "b")]
    assert told(changes(here, at("b", (3, Y)))) == [("soft-gone", "a", "")]


def test_a_redirect_to_the_new_address_is_a_move() -> None:
    """Where the hop led there; a hop to a login page, or to the same address in another spelling, is nothing."""
    hop = seen("a", 2, Verdict.MOVED)
    assert told(changes([seen("a", 0, X), hop], [seen("b", 2, X, redirected_from=hop.record)])) == [("moved", "a", "b")]
    assert changes([seen("a", 0, X), hop], at("b", (2, X))) == ()
    assert changes([seen("a", 0, X), hop, seen("a", 2, X, redirected_from=hop.record)]) == ()


def test_a_front_page_instead_is_a_move_only_where_the_article_is_elsewhere() -> None:
    """On its own it is no deletion either."""
    here = at("a", (0, X), (2, Verdict.MOVED_HOME))
    assert changes(here) == ()
    assert told(changes(here, at("b", (3, X)))) == [("moved", "a", "b")]


def test_a_host_that_is_not_well_moves_nothing() -> None:
    """As it deletes nothing."""
    here = [seen("a", 0, X), seen("a", 2, Verdict.GONE, host_well=False)]
    assert changes(here, at("b", (3, X))) == ()


def test_a_move_is_told_once_and_a_return_after_it() -> None:
    """Whatever is answered in between."""
    here = at("a", (0, X), (2, Verdict.GONE), (3, Verdict.GONE), (4, X), (5, Verdict.GONE))
    found = changes(here, at("b", (3, X), (6, X)))
    assert [item.kind.value for item in found] == ["moved", "returned", "moved"]


# ---- swaps


def swapped(*histories: list[Observation]) -> tuple[Change, ...]:
    """What is told of some addresses of a source together."""
    found: list[Change] = []
    turned: list[Turn] = []
    for history in histories:
        here = changes(history)
        found.extend(here)
        turned.extend(turns(history, here))
    return with_swaps(found, turned)


def test_two_addresses_that_exchanged_their_articles_are_one_swap() -> None:
    """It names both addresses, cites all four captures, and stands for all changes of the two texts."""
    a, b = at("a", (0, X), (2, Y)), at("b", (0, Y), (2.5, X))
    (found,) = swapped(a, b)
    assert told([found]) == [("swapped", "a", "b")]
    assert (found.before, found.after) == (a[0].record, a[1].record)
    assert (found.other_before, found.other_after) == (b[0].record, b[1].record)
    assert (found.title, found.words_removed, found.words_added, found.operations) == (X.title, 0, 0, ())


def test_what_happens_before_and_after_a_swap_is_told_too() -> None:
    """An edit of the article at its first address, and a deletion at its second."""
    a = at("a", (0, X), (1, EDITED), (3, Y))
    b = at("b", (0, Y), (3, EDITED), (5, Verdict.GONE))
    assert told(swapped(a, b)) == [("edited", "a", ""), ("suspect-gone", "b", ""), ("swapped", "a", "b")]


def test_one_side_is_no_swap() -> None:
    """The second address was read only before, only after, never, or shows a third article: both changes of text stay."""
    a = at("a", (0, X), (2, Y))
    for b in (at("b", (0, Y)), at("b", (3, X)), [], at("b", (0, Y), (3, Z))):
        found = swapped(a, b)
        assert not [item for item in found if item.kind is ChangeKind.SWAPPED]
        assert [item.kind.value for item in found if item.key == "a"] == ["retitled", "edited"]


def test_a_side_that_was_looked_at_late_counts_where_both_may_have_changed_at_once() -> None:
    """Twenty days between its two captures hide the day; two stretches ten days apart do not meet."""
    a = at("a", (0, X), (2, Y))
    assert told(swapped(a, at("b", (1, Y), (21, X)))) == [("swapped", "a", "b")]
    assert "swapped" not in {kind for kind, *_ in told(swapped(a, at("b", (12, Y), (13, X))))}


def test_three_articles_in_a_ring_are_no_swap() -> None:
    """No two of them undo each other."""
    found = swapped(at("a", (0, X), (2, Y)), at("b", (0, Y), (2, Z)), at("c", (0, Z), (2, X)))
    assert [item.kind.value for item in found] == ["retitled", "edited"] * 3


def test_one_address_alone_swaps_nothing() -> None:
    """An article that is replaced and comes back was at no other address."""
    assert "swapped" not in {kind for kind, *_ in told(swapped(at("a", (0, X), (1, Y), (2, X))))}


def test_items_of_a_page_with_several_swap_nothing() -> None:
    """The second item of two days' pages was retitled in opposite ways; the first, by which a page is told, stayed."""
    pages = {
        name: [replace(seen(name, day, Z), further=(item,)) for day, item in enumerate(items)]
        for name, items in {"a": (X, RETITLED), "b": (RETITLED, X)}.items()
    }
    assert [item.kind.value for item in swapped(pages["a"], pages["b"])] == ["retitled", "retitled"]


def test_copies_swap_in_pairs() -> None:
    """Two addresses of each article: each is in one swap, with the one nearest in time."""
    a, b = at("a", (0, X), (2, Y)), at("b", (3, X), (5, Y))
    c, d = at("c", (3, Y), (5, X)), at("d", (0, Y), (2, X))
    assert told(swapped(a, b, c, d)) == [("swapped", "a", "d"), ("swapped", "b", "c")]


_HISTORIES = st.lists(
    st.lists(st.tuples(st.integers(0, 20), st.sampled_from([X, Y, Z, EDITED, Verdict.GONE])), max_size=4),
    max_size=4,
)


@given(drawn=_HISTORIES, data=st.data())
def test_the_order_of_addresses_never_shows(drawn: list[list[tuple[int, Answer]]], data: st.DataObject) -> None:
    """The same swaps are told in whatever order the addresses are looked at."""
    histories = [
        at(name, *sorted(answers, key=lambda pair: pair[0])) for name, answers in zip("abcd", drawn, strict=False)
    ]
    found = swapped(*data.draw(st.permutations(histories)))
    assert sorted(found, key=_named) == sorted(swapped(*histories), key=_named)
    sides = [(item.key, item.after) for item in found if item.kind is ChangeKind.SWAPPED]
    assert len(sides) == len(set(sides))


def _named(change: Change) -> tuple[str, str, datetime, str]:
    return change.key, change.kind.value, change.after_at, change.other


# ---- one article or two


def test_alike_are_a_text_and_its_edit() -> None:
    """The title stayed, or half of the words in their order; without spaces between words, half of the characters."""
    retitled = article("Harvest", *EDITED.paragraphs)
    assert alike(X, article(X.title, "Entirely new words.", "Nothing stayed."))
    assert alike(X, retitled)
    assert not alike(X, Y)
    one, other = article("小麦", "小麦の収穫が海岸で始まった。"), article("収穫", "小麦の収穫が東の海岸で始まった。")
    assert alike(one, other)
    assert not alike(one, article("港", "大臣は港を訪れ、夜に船で去った。"))
