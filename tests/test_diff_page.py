"""`scraper diff --html`: both versions whole and side by side, words marked, and nothing of the outlet's that could run."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from scraper.cli.diff_page import page
from scraper.jobs.look import difference, sides
from scraper.model import Article
from scraper.parse.text import fold
from scraper.policy.beside import Row, Runs, rows
from scraper.policy.compare import words
from tests.commands import scraper
from tests.living_outlet import living
from tests.policy_support import article
from tests.test_struggling_hosts import article as path_of

TEXTS = st.lists(
    st.lists(
        st.sampled_from(["Wheat", "barley", "\u201crye\u201d", "oats,", "and", "<b>", "corn", "&", "--", "1"]),
        min_size=1,
        max_size=6,
    ).map(" ".join),
    min_size=1,
    max_size=6,
)


def text(runs: Runs | None) -> str:
    """The words of a paragraph."""
    return " ".join(words for words, _ in runs or ())


def beside(before: Article, after: Article) -> tuple[Row, ...]:
    """Two versions side by side."""
    return rows(before, after, words(before, after))


@given(TEXTS, TEXTS)
def test_every_word_of_both_is_shown_once_and_in_order(old: list[str], new: list[str]) -> None:
    """Whatever was changed: the left side is the older version, the right side the newer; unmarked words are the same on both."""
    before, after = article(*old), article(*new)
    shown = beside(before, after)
    assert [text(row.before) for row in shown if row.before] == [
        " ".join(part.split()) for part in (before.title, *before.paragraphs)
    ]
    assert [text(row.after) for row in shown if row.after] == [
        " ".join(part.split()) for part in (after.title, *after.paragraphs)
    ]
    unmarked = [
        " ".join(words for row in shown for words, marked in getattr(row, side) or () if not marked)
        for side in ("before", "after")
    ]
    assert fold(unmarked[0]) == fold(unmarked[1])


def test_paragraphs_stand_beside_what_became_of_them() -> None:
    """One that was taken out has nothing beside it, and those after it stay level."""
    before = article("Wheat", "The harvest began on the coast.", "Nobody had expected it.", "It is to end in July.")
    after = article("Wheat", "The harvest began on the coast.", "It is to end in August.")
    shown = beside(before, after)
    assert [(text(row.before), text(row.after)) for row in shown] == [
        ("Wheat", "Wheat"),
        ("The harvest began on the coast.", "The harvest began on the coast."),
        ("Nobody had expected it.", ""),
        ("It is to end in July.", "It is to end in August."),
    ]
    assert shown[3].before == (("It is to end in", False), ("July.", True))
    assert shown[3].after == (("It is to end in", False), ("August.", True))
    assert shown[2].before == (("Nobody had expected it.", True),)


def test_the_file_of_a_real_change(tmp_path: Path) -> None:
    """It names both captures by time, address, record and digest, marks the words, and is the same each time."""
    with living(tmp_path, range(2)) as here:
        here.give(1, said="The work was <script>alert(1)</script> never finished &amp; given up.")
        here.tick(24)
        (change,) = here.changes()
        one, other = sides(here.services, difference(here.services, change.url))
        made = page(change, one, other)
        url = here.web.url(path_of(1))
    tree = LexborHTMLParser(made)
    assert [node.text() for node in tree.css("td del")] == ["in time."]
    assert " ".join(node.text() for node in tree.css("td ins")) == "never & given up."
    assert tree.css("script") == []
    for side in (one, other):
        for said in (
            side.article.snapshot_sha256,
            side.capture.record,
            f"{side.capture.observed_at:%Y-%m-%d %H:%M:%S}",
        ):
            assert said in made
    ran = scraper("diff", url, "--html", tmp_path / "diff.html", "--config", tmp_path / "config")
    assert ran.code == 0, ran.err
    assert (tmp_path / "diff.html").read_text(encoding="utf-8") == made
    assert "[-in time.-]" in ran.text
