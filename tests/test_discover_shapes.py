"""Patterns guessed from addresses: laws of every guess, and what comes of the schemes that outlets use."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper import urls
from scraper.discover.shapes import day_in, exactly, guess, varies

ROOT = "http://www.herald.example"
_words = st.sampled_from(
    ["news", "culture", "c_12345678", "view.php", "a-new-bridge.html", "2026", "04", "17", "%EC%A0%95", "a.b"]
)
_segments = st.one_of(
    _words, st.text(st.characters(codec="ascii", exclude_characters="/?#\\"), min_size=1, max_size=12)
)
_addresses = st.builds(
    lambda segments, query: urls.canonical(f"{ROOT}/{'/'.join(segments)}{query}"),
    st.lists(_segments, max_size=4),
    st.sampled_from(["", "?id=7", "?id=8&lang=en", "?utm_source=x", "?a", "?q=a+b%20c", "?no=1&utm_medium=y&c=%EC"]),
)


@given(st.lists(_addresses, max_size=12), st.lists(_addresses, max_size=4))
def test_a_guess_fits_what_it_was_made_from(wanted: list[str], others: list[str]) -> None:
    """Every pattern can be searched, fits its example and as many as it says, and owns up to what else it fits."""
    found = guess(wanted, others)
    targets = {urls.target(url) for url in wanted}
    assert sum(each.count for each in found) <= len(targets)
    assert bool(found) is bool(targets)
    for each in found:
        assert each.pattern.startswith("^/")
        assert re.search(each.pattern, each.example)
        assert each.count <= sum(bool(re.search(each.pattern, target)) for target in targets)
        assert all(re.search(each.pattern, target) for target in each.also)
        stranger = {urls.target(url) for url in others} - targets
        assert set(each.also) == {target for target in stranger if re.search(each.pattern, target)}


@given(_addresses)
def test_a_page_is_named_exactly(url: str) -> None:
    """The pattern of one page fits its address, and none below it."""
    assert re.search(exactly(url), urls.target(url))
    assert not re.search(exactly(url), urls.target(url).rstrip("/") + "/below")


def numbered(*forms: str) -> list[str]:
    """Addresses of a form with several numbers in it."""
    return [ROOT + form.format(n=n, month=n % 12 + 1, day=n + 10) for form in forms for n in range(1, 9)]


@pytest.mark.parametrize(
    ("wanted", "others", "pattern", "new", "never"),
    [
        (numbered("/news/202604{day}/{n}.html"), ["/news/"], r"^/news/\d{8}/\d+\.html", "/news/20270101/112.html", "/news/"),
        (
            numbered("/news/2026/{month:02}/{day}/story-{n}-of-many/", "/culture/2026/{month:02}/{day}/story-{n}-of-many/"),
            ["/news/", "/culture/"],
            r"^/[^/?]+/\d{4}/\d{1,2}/\d{1,2}/[^/?]+/?",
            "/sport/2027/1/1/won/",
            "/news/",
        ),
        (
            numbered("/index.php?id={n}&utm_source=feed"),
            ["/index.php?page=2"],
            r"^/index\.php\?(?:.*&)?id=\d+",
            "/index.php?x=1&id=4711",
            "/index.php?page=3",
        ),
        (
            numbered("/the-story-of-number-{n}-and-more/"),
            ["/about-us/"],
            r"^/[^/?-]+(?:-[^/?-]+){6,}/?",
            "/a-story-of-eight-words-and-no-less/",
            "/about-us/",
        ),
        (
            [f"{ROOT}/en/article/detail/{n:032x}" for n in range(10**30, 10**30 + 4)],
            [],
            r"^/en/article/detail/[0-9a-f]{32}",
            f"/en/article/detail/{'0f' * 16}",
            "/en/article/list/1",
        ),
        ([f"{ROOT}/sitemap-{name}.xml" for name in ("posts", "news")], [], r"^/sitemap-[^/?]+\.xml", "/sitemap-x.xml", "/about"),
    ],
    ids=["day-serial", "dated-slug", "query", "slug-at-the-root", "hex", "sitemaps"],
)  # fmt: skip
def test_schemes(wanted: list[str], others: list[str], pattern: str, new: str, never: str) -> None:
    """One pattern, which fits tomorrow's article too, and no list."""
    (found,) = guess(wanted, [ROOT + other for other in others])
    assert found.pattern.startswith(pattern)
    assert (found.count, found.also) == (len(wanted), ())
    assert re.search(found.pattern, new)
    assert not re.search(found.pattern, never)


def test_what_a_pattern_cannot_leave_out_is_said() -> None:
    """A slug of three words cannot be told from a page about the outlet: the guess names it."""
    (found,) = guess([f"{ROOT}/a-new-bridge/", f"{ROOT}/an-old-ferry/"], [f"{ROOT}/about-our-house/"])
    assert found.also == ("/about-our-house/",)


def test_a_slug_of_one_word_is_no_pattern() -> None:
    """It is fitted by that of the longer ones; a page's own address is nothing to go by."""
    (found,) = guess([f"{ROOT}/2026/04/{name}/" for name in ("a-new-bridge", "an-old-ferry", "flood")])
    assert (found.pattern, found.count) == (r"^/\d{4}/\d{1,2}/[^/?]+/?(?:\?|$)", 3)


def test_sections_that_must_not_be_any_word_are_named() -> None:
    """Where any word would fit pages that are no articles, the words that were seen are the pattern."""
    wanted = [f"{ROOT}/{section}/a-story-of-some-words" for section in ("news", "culture")]
    (found,) = guess(wanted, [f"{ROOT}/about/our-house-and-its-people"])
    assert (found.pattern, found.also) == (r"^/(?:culture|news)/[^/?]+(?:\?|$)", ())


def test_what_differs_from_article_to_article() -> None:
    """Numbers, dates, slugs and digests do; words do not."""
    differing = ("/news/17", "/2026/04/x", "/a-new-bridge", "/c_1129981476.htm", "/p?id=3", f"/{'0f' * 16}")
    assert all(varies(ROOT + path) for path in differing)
    assert not any(
        varies(ROOT + path) for path in ("/", "/news/", "/about", "/news/world.html", "/list?section=culture")
    )


def test_the_day_in_addresses() -> None:
    """Found where all have one, as groups that the generic parser reads."""
    for path in ("/2026/04/01/x", "/news/20260401/17.html", "/a/2026-04-01/b"):
        pattern = day_in([ROOT + path])
        assert pattern is not None
        match = re.search(pattern, path)
        assert match is not None
        assert match.groupdict() == {"year": "2026", "month": "04", "day": "01"}
    assert day_in([f"{ROOT}/2026/04/01/x", f"{ROOT}/about"]) is None
    assert day_in([]) is None
