"""What changed between captures of one article: which answers count, and the word-level operations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.model import Article, Change, ChangeKind, Dateline, Image, Link, Verdict
from scraper.policy.compare import Observation, changes, words
from tests.policy_support import NOON, URL, article

SILENT = tuple(
    verdict
    for verdict in Verdict
    if verdict not in (Verdict.ARTICLE, Verdict.UNCHANGED, Verdict.GONE, Verdict.SOFT_GONE)
)
FIRST = article("Minister visits Wonsan", "The minister visited Wonsan on July 12.", "He was received at the pier.")
EDITED = article("Minister visits Wonsan", "The minister visited Wonsan on July 12.", "He was met at the old pier.")

Answer = Article | Verdict


def observed(answers: Sequence[Answer]) -> tuple[Observation, ...]:
    """Captures an hour apart: an article as read, or only the verdict of an answer that held none."""
    return tuple(
        Observation(
            record=f"captures/outlet/{number}",
            url=URL,
            key="k",
            observed_at=NOON + timedelta(hours=number),
            verdict=answer if isinstance(answer, Verdict) else Verdict.ARTICLE,
            article=None if isinstance(answer, Verdict) else answer,
        )
        for number, answer in enumerate(answers)
    )


def several(*pages: Sequence[Article]) -> tuple[Observation, ...]:
    """Captures of a page that holds several articles."""
    found = observed([page[0] for page in pages])
    return tuple(replace(seen, further=tuple(page[1:])) for seen, page in zip(found, pages, strict=True))


def test_each_item_of_a_page_is_compared_with_itself() -> None:
    """Of a page with several articles each is told of under its own address; one that moved up is not changed; one may be gone."""
    one, two, three = (
        replace(item, key=f"k#{number}", url=f"{URL}#{number}")
        for number, item in enumerate((article("Wheat"), article("Rice", "It grew.", "It is dry."), FIRST), start=1)
    )
    edited = replace(EDITED, key=three.key, url=three.url)
    (found,) = changes(several((one, two, three), (one, two, edited)))
    assert (found.kind, found.url, found.title) == (ChangeKind.EDITED, three.url, FIRST.title)
    retitled = replace(two, title="Rice is dry", url=two.url)
    assert [change.kind for change in changes(several((one, two, three), (one, retitled, three)))] == [
        ChangeKind.RETITLED
    ]
    up = replace(three, key=two.key, url=two.url)
    (gone,) = changes(several((one, two, three), (one, up)))
    assert (gone.kind, gone.url, gone.title) == (ChangeKind.SUSPECT_GONE, two.url, "Rice")
    assert not changes(several((one, two), (one, two, three)))
    later = replace(three, parser="outlet@2")
    assert not changes(several((one, two, three), (replace(one, parser="outlet@2"), later)))


def kinds(*answers: Answer) -> list[ChangeKind]:
    """The kinds of change in a history, in order."""
    return [change.kind for change in changes(observed(answers))]


def between(before: Article, after: Article) -> Change:
    """The one change between two articles."""
    (found,) = changes(observed((before, after)))
    return found


def test_an_edit_cites_both_captures_and_counts_the_words() -> None:
    """The change names source, address and title, both records and times, and how many words went and came."""
    found = between(FIRST, EDITED)
    assert (found.kind, found.source, found.url, found.title) == (ChangeKind.EDITED, "outlet", URL, FIRST.title)
    assert (found.before, found.after) == ("captures/outlet/0", "captures/outlet/1")
    assert (found.before_at, found.after_at) == (NOON, NOON + timedelta(hours=1))
    assert (found.words_removed, found.words_added) == (1, 2)
    changed = [(item.op, item.before, item.after) for item in found.operations if item.op != "equal"]
    assert changed in (
        [("replace", "received", "met"), ("insert", "", "old")],
        [("insert", "", "old"), ("replace", "received", "met")],
    )


def test_a_new_title_alone_is_a_retitling() -> None:
    """The text stayed, so it is no edit."""
    assert kinds(FIRST, article("Minister in Wonsan", *FIRST.paragraphs)) == [ChangeKind.RETITLED]


def test_title_and_text_are_two_changes() -> None:
    """Who asks for edits must not miss one because the title changed as well."""
    both = article("Minister in Wonsan", *EDITED.paragraphs)
    assert kinds(FIRST, both) == [ChangeKind.RETITLED, ChangeKind.EDITED]


def test_another_date_from_the_same_kind_of_evidence_is_a_redating() -> None:
    """The page mark says another day than it said before."""
    later = article(FIRST.title, *FIRST.paragraphs, published="2026-08-23")
    assert kinds(FIRST, later) == [ChangeKind.REDATED]


def test_better_evidence_for_the_date_is_no_redating() -> None:
    """A date that was a dateline's and is now a list row's says nothing about the outlet."""
    guessed = article(FIRST.title, *FIRST.paragraphs, published="2026-08-21", published_evidence="dateline")
    assert kinds(guessed, FIRST) == []


def test_a_dateline_seen_again_in_another_year_is_no_redating() -> None:
    """Its year is the capture's own, so a recheck a year later gives it another; another day is the outlet's doing."""
    first, again, other = (
        article(FIRST.title, *FIRST.paragraphs, published=day, published_evidence="dateline")
        for day in ("2026-03-15", "2027-03-15", "2027-03-16")
    )
    assert kinds(first, again) == []
    assert kinds(again, other) == [ChangeKind.REDATED]


def test_two_articles_that_swap_their_addresses_are_changed_at_both() -> None:
    """Rodong Sinmun swapped two newsIDs: title and text are others under each address, and nothing was deleted."""
    one, other = FIRST, article("Harvest ends", "The harvest ended in an invented county.")
    assert kinds(one, other) == kinds(other, one) == [ChangeKind.RETITLED, ChangeKind.EDITED]


@pytest.mark.parametrize(
    ("verdict", "kind"),
    [(Verdict.GONE, ChangeKind.SUSPECT_GONE), (Verdict.SOFT_GONE, ChangeKind.SOFT_GONE)],
)
def test_gone_and_returned(verdict: Verdict, kind: ChangeKind) -> None:
    """A suspicion is told once, however often it is repeated within a day; a return is told, and then the next one again."""
    history = (FIRST, verdict, verdict, verdict, FIRST, verdict)
    assert kinds(*history) == [kind, ChangeKind.RETURNED, kind]
    gone, returned, _ = changes(observed(history))
    assert (gone.before, gone.after) == ("captures/outlet/0", "captures/outlet/1")
    assert returned.after == "captures/outlet/4"


def days(*answers: tuple[float, Answer]) -> list[str]:
    """What is told of answers so many days after the first."""
    seen = observed([answer for _, answer in answers])
    history = [
        replace(each, observed_at=NOON + timedelta(days=day)) for each, (day, _) in zip(seen, answers, strict=True)
    ]
    return [f"{change.kind} {change.after.rpartition('/')[2]}" for change in changes(history)]


@given(
    st.lists(
        st.tuples(st.sampled_from([1, 12, 24, 37]), st.sampled_from([Verdict.GONE, *SILENT, Verdict.SOFT_GONE])),
        max_size=9,
    )
)
def test_a_deletion_is_confirmed_by_three_denials_over_72_hours_and_by_nothing_less(
    steps: list[tuple[int, Verdict]],
) -> None:
    """Only "not found" counts: no block, outage or soft 404 makes up a number or a time."""
    hours = 0
    history: list[tuple[float, Article | Verdict]] = [(0.0, FIRST)]
    denials: list[int] = []
    confirmed = False
    for wait, verdict in steps:
        hours += wait
        history.append((hours / 24, verdict))
        denials.extend([hours] if verdict is Verdict.GONE else [])
        confirmed = confirmed or (len(denials) >= 3 and denials[-1] - denials[0] >= 72)
    found = [each.partition(" ")[0] for each in days(*history)]
    assert found.count("confirmed-gone") == confirmed
    assert found.count("suspect-gone") == bool(denials)
    assert "returned" not in found


def test_from_a_suspicion_to_a_confirmed_deletion_to_a_return() -> None:
    """Each step once, shown by the last good capture and by the answer that told it."""
    gone = Verdict.GONE
    history = ((0, FIRST), (1, gone), (2, gone), (3, gone), (4, gone), (5, gone), (6, FIRST), (7, gone))
    assert days(*history) == ["suspect-gone 1", "confirmed-gone 4", "returned 6", "suspect-gone 7"]
    assert days((0, FIRST), (1, gone), (5, gone)) == ["suspect-gone 1"]
    assert days((0, FIRST), (1, Verdict.SOFT_GONE), (2, gone), (5, FIRST)) == [
        "soft-gone 1",
        "suspect-gone 2",
        "returned 3",
    ]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        (
            {"dateline": Dateline(text="Wonsan, July 13 (KCNA)", place="Wonsan", day="--07-13", agency="KCNA")},
            "dateline",
        ),
        ({"byline": "By Han Ju Sok"}, "byline"),
        ({"images": (Image(url="http://outlet.example/a/2.jpg"),)}, "images"),
        ({"captions": ("The pier.",)}, "captions"),
        ({"links": (Link(url="http://outlet.example/en/2", text="pier"),)}, "links"),
    ],
)
def test_an_edit_names_its_fields(changed: dict[str, Any], field: str) -> None:
    """What stands beside the text is edited too, and said by name; words are counted for title and text."""
    (found,) = changes(observed((FIRST, replace(FIRST, **changed))))
    assert (found.kind, field in found.fields, found.operations) == (ChangeKind.EDITED, True, ())
    both = article("Other title", "The minister visited Wonsan on July 12.", "He was met at the old pier.")
    assert [item.fields for item in changes(observed((FIRST, both)))] == [("title",), ("title", "text")]


def test_a_picture_that_is_served_from_elsewhere_is_no_edit() -> None:
    """Another host, another token: the same file."""
    one = replace(FIRST, images=(Image(url="http://one.example/photo/2.jpg?t=1"),))
    other = replace(FIRST, images=(Image(url="http://two.example/a/2.jpg?t=2"),))
    assert kinds(one, other) == []


def test_a_section_that_is_dropped_is_told_by_name() -> None:
    """A page filed under fewer sections; one more is no change of this kind."""
    before, after = replace(FIRST, sections=("Politics", "Wonsan")), replace(FIRST, sections=("Wonsan", "Sea"))
    (found,) = changes(observed((before, after)))
    assert (found.kind, found.detail, found.fields) == (ChangeKind.SECTION_DROPPED, "Politics", ("sections",))
    assert kinds(after, replace(after, sections=("Sea", "Wonsan"))) == []


def test_what_is_only_written_otherwise_is_cosmetic() -> None:
    """Recorded as such and never as an edit; beside a real edit it is nothing of its own."""
    quoted = article(FIRST.title, "The minister  visited Wonsan on July １２.", FIRST.paragraphs[1])
    (found,) = changes(observed((FIRST, quoted)))
    assert (found.kind, found.fields, found.operations) == (ChangeKind.COSMETIC, ("text",), ())
    assert kinds(quoted, EDITED) == [ChangeKind.EDITED]


def test_a_304_after_a_deletion_is_a_return() -> None:
    """The server says that what we hold is what it has: the article is back, and may be deleted again."""
    assert kinds(FIRST, Verdict.GONE, Verdict.UNCHANGED, Verdict.UNCHANGED, Verdict.GONE) == [
        ChangeKind.SUSPECT_GONE,
        ChangeKind.RETURNED,
        ChangeKind.SUSPECT_GONE,
    ]


def test_an_article_that_returns_edited_is_both() -> None:
    """A deletion does not hide the edit made during it."""
    assert kinds(FIRST, Verdict.GONE, EDITED) == [ChangeKind.SUSPECT_GONE, ChangeKind.RETURNED, ChangeKind.EDITED]


def test_what_was_never_held_cannot_be_deleted() -> None:
    """A 404 before the first good page is a missing article, not a deletion."""
    assert kinds(Verdict.GONE, Verdict.SOFT_GONE, FIRST) == []


@pytest.mark.parametrize("verdict", [*SILENT, Verdict.UNCHANGED])
def test_answers_that_say_nothing_change_nothing(verdict: Verdict) -> None:
    """Blocked, throttled, failed, empty, cut off or unchanged: never an edit, never a deletion."""
    assert kinds(FIRST, verdict, FIRST) == []
    assert kinds(FIRST, verdict) == []
    assert kinds(verdict, FIRST) == []
    assert kinds(FIRST, verdict, EDITED) == [ChangeKind.EDITED]


@pytest.mark.parametrize("verdict", SILENT)
def test_a_block_during_a_deletion_is_no_part_of_it(verdict: Verdict) -> None:
    """The deletion's capture is the 404, and a block neither ends nor repeats it."""
    found = changes(observed((FIRST, verdict, Verdict.GONE, verdict, Verdict.GONE, verdict, FIRST)))
    assert [(change.kind, change.after) for change in found] == [
        (ChangeKind.SUSPECT_GONE, "captures/outlet/2"),
        (ChangeKind.RETURNED, "captures/outlet/6"),
    ]


def test_two_parser_versions_are_never_compared() -> None:
    """An upgrade that reads more of the page must not invent an edit; the next capture is compared to the upgrade's."""
    upgraded = article(FIRST.title, "Another reading of the same bytes.", parser="outlet@2")
    edited = article(FIRST.title, "Another reading of other bytes.", parser="outlet@2")
    assert kinds(FIRST, upgraded) == []
    assert kinds(FIRST, upgraded, edited) == [ChangeKind.EDITED]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Kim Jong Un , general secretary", "Kim Jong Un, general secretary"),
        ("the people’s “own” way", 'the people\'s "own" way'),
        ("the 75 th founding anniversary", "the 75th founding anniversary"),
        ("on July １２, ２０２６", "on July 12, 2026"),
        ("two  spaces\u3000and\xa0more", "two spaces and more"),
        ("North–South", "North-South"),
        ("soft\u00adhyphen and zero\u200bwidth", "softhyphen and zerowidth"),
    ],
)
def test_printing_differences_are_no_edit(before: str, after: str) -> None:
    """Quotes, dashes, spaces of inline tags and digit widths differ between two printings of one text."""
    assert kinds(article(before, before), article(after, after)) == [ChangeKind.COSMETIC]


def test_the_same_text_in_other_paragraphs_is_no_edit() -> None:
    """Hard-wrapped lines joined by a redesign are not the outlet's words."""
    assert kinds(article("T", "one two", "three"), article("T", "one", "two three")) == [ChangeKind.COSMETIC]


def test_deletions_inside_the_text_are_single_operations() -> None:
    """One lost word is shown as one lost word."""
    found = between(article("T", "in the course of the talk"), article("T", "the course of the talk"))
    assert [(item.op, item.before) for item in found.operations if item.op != "equal"] == [("delete", "in")]
    assert (found.words_removed, found.words_added) == (1, 0)


def test_spaces_of_inline_tags_beside_an_edit_are_no_part_of_it() -> None:
    """What only the markup of names changed is neither shown as changed nor counted."""
    before = article("T", "Ann , the DPRK 's envoy ( 75 th ) \u200b stayed in the city .")
    found = between(before, article("T", "Ann, the DPRK's envoy (75th) stayed the city."))
    assert [(item.op, item.before) for item in found.operations if item.op != "equal"] == [("delete", "in")]
    assert (found.words_removed, found.words_added) == (1, 0)


_vocabulary = st.lists(
    st.sampled_from(["Kim", "the", "people’s", "people's", "met", "14", "th", ",", "peace", "\u200b"]), max_size=12
)
_texts = st.lists(_vocabulary.map(" ".join) | st.text(max_size=30), max_size=4)


@given(st.text(max_size=20), _texts, st.text(max_size=20), _texts)
def test_the_operations_rebuild_both_texts(old_title: str, old: list[str], new_title: str, new: list[str]) -> None:
    """All `before` words in order are the old text, all `after` words the new one; neighbours are never of one kind."""
    before, after = article(old_title, paragraphs=tuple(old)), article(new_title, paragraphs=tuple(new))
    found = words(before, after)
    assert " ".join(item.before for item in found if item.before).split() == "\n".join((old_title, *old)).split()
    assert " ".join(item.after for item in found if item.after).split() == "\n".join((new_title, *new)).split()
    assert all(item.op in ("equal", "delete", "insert", "replace") for item in found)
    assert all((left.op == "equal") != (right.op == "equal") for left, right in pairwise(found))
    assert all(
        bool(item.before) == (item.op != "insert") and bool(item.after) == (item.op != "delete") for item in found
    )


@given(_texts)
def test_equal_texts_have_only_equal_operations(text: list[str]) -> None:
    """Nothing is shown where nothing changed."""
    same = article("Title", paragraphs=tuple(text))
    assert [item.op for item in words(same, same)] == ["equal"]


@given(st.lists(st.sampled_from([FIRST, EDITED, Verdict.GONE, Verdict.UNCHANGED, *SILENT]), max_size=10))
def test_silent_answers_can_be_left_out_of_any_history(history: list[Answer]) -> None:
    """The story told with them is the story told without them; a deletion and a return take turns."""
    kept = [item for item in history if item not in SILENT]
    found = kinds(*history)
    assert found == kinds(*kept)
    turns = [kind for kind in found if kind in (ChangeKind.SUSPECT_GONE, ChangeKind.RETURNED)]
    assert turns == [(ChangeKind.SUSPECT_GONE, ChangeKind.RETURNED)[number % 2] for number in range(len(turns))]
