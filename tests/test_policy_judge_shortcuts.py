"""Where the judge takes a shorter way than its pattern, both say the same of any page."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from scraper.model import Page, Verdict
from scraper.policy import languages, marks
from scraper.policy.judge import empty_main

_EMPTY_MAIN = re.compile(rb"<main\b[^<>]*>(?:\s|<!--[^<>]*-->)*</main>")
_KCSC = re.compile(rb"""<meta\b(?=[^<>]{0,200}\bname=["']?kcsc\b)(?=[^<>]{0,200}\bcontent=["']?blocking\b)""")

_MAINS = (
    b"<main",
    b"<main>",
    b"<mainly>",
    b" class='x'",
    b">",
    b"<!--",
    b"-->",
    b" \n",
    b"</main>",
    b"text",
    b"<main>\t</main>",
)
_HEADS = (
    b"<head>",
    b"<meta ",
    b"name=kcsc",
    b"name='kcsc'",
    b" content=blocking",
    b">",
    b"</head",
    b"<body",
    b"kcsc",
    b" x" * 4200,
)
_WORDS = (b"<p>", b"words in English ", "слова ".encode(), "말 ".encode(), "words “quoted” ".encode(), b"</p>")


def soup(pieces: tuple[bytes, ...]) -> st.SearchStrategy[bytes]:
    """Pages of a few pieces in any order."""
    return st.lists(st.sampled_from(pieces), max_size=14).map(b"".join)


@given(soup(_MAINS))
def test_a_main_without_anything_in_it_is_found_where_the_pattern_finds_it(page: bytes) -> None:
    """The pattern is tried only where a `<main` begins."""
    assert empty_main(page) == (_EMPTY_MAIN.search(page) is not None)


@given(soup(_HEADS))
def test_the_censors_mark_is_looked_for_in_the_head_alone(page: bytes) -> None:
    """No page is searched to its end for a word that counts in its head alone."""
    face = marks.Face(page)
    told = b"kcsc" in face.low and _KCSC.search(face.head) is not None
    assert (marks.by_face(face, listing=False) is Verdict.BLOCKED_LEGAL) == told


@given(soup(_WORDS).map(lambda body: body * 20))
def test_a_page_of_few_foreign_bytes_is_in_no_other_script_than_latin(body: bytes) -> None:
    """Bytes are not counted where all are ASCII."""
    few = sum(byte > 127 for byte in body) * 10 < len(body)
    page = Page(
        method="GET",
        url="http://a.example/en/x",
        status=200,
        headers=(),
        fetched_at=datetime(2026, 1, 1, tzinfo=UTC),
        body=body,
    )
    assert not (few and languages.contradicts(page, "en"))
