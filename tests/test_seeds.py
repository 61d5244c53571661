from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pytest

from scraper.model import Article, DateEvidence, Dateline, Origin, Parsed, Sighting
from scraper.parse import parse
from tests.seed_pages import (
    Seed,
    bare_theme,
    item_url,
    load,
    page,
    wordpress_theme,
    xinhua_current,
    xinhua_numbered,
)

pytestmark = pytest.mark.shared

THEMES: tuple[Callable[[Seed], str], ...] = (wordpress_theme, bare_theme)
XINHUA: tuple[tuple[Callable[[Seed], str], str], ...] = (
    (xinhua_current, "https://english.news.cn/20250713/00000000000000000000000000000004/c.html"),
    (xinhua_numbered, "http://www.xinhuanet.com/english/2025-07/13/c_1310000004.htm"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a seed states, counted and read off by hand."""

    outlet: str
    evidence: tuple[DateEvidence, ...]
    paragraphs: int
    related: int
    related_dates: tuple[str, str]
    related_sha256: str
    text_sha256: str
    titled: bool = False
    dateline: Dateline | None = None
    end_mark: str | None = None
    byline: str | None = None


def said(**stated: str) -> tuple[DateEvidence, ...]:
    """Evidence by kind, `_` standing for the hyphen."""
    return tuple(DateEvidence(kind=kind.replace("_", "-"), value=value) for kind, value in stated.items())


FACTS = {
    "000": Facts(
        outlet="Ministry of Foreign Affairs",
        evidence=said(aggregator="2025-07-13"),
        paragraphs=12,
        related=9,
        related_dates=("2025-12-18", "2025-12-09"),
        related_sha256="33b4f1114daa0000",
        text_sha256="d4aecf6629282061",
        titled=True,
    ),
    "001": Facts(
        outlet="KCNA",
        evidence=said(page_mark="2025-07-13", aggregator="2025-07-13", dateline="--07-13"),
        paragraphs=11,
        related=20,
        related_dates=("2025-07-15", "2025-07-13"),
        related_sha256="b53dc3a7f02cc251",
        text_sha256="2738c4bffade4504",
        dateline=Dateline(text="Pyongyang, July 13 (KCNA)", place="Pyongyang", day="--07-13", agency="KCNA"),
        end_mark="-0- www.kcna.kp (2025.07.13.)",
    ),
    "002": Facts(
        outlet="KCNA",
        evidence=said(aggregator="2018-06-01", dateline="--06-01"),
        paragraphs=12,
        related=20,
        related_dates=("2025-12-01", "2025-11-29"),
        related_sha256="df3a3f1759a41aec",
        text_sha256="7911a47827bffcb5",
        dateline=Dateline(text="Pyongyang, June 1 (KCNA)", place="Pyongyang", day="--06-01", agency="KCNA"),
        end_mark="-0-",
    ),
    "003": Facts(
        outlet="Rodong Sinmun",
        evidence=said(aggregator="2023-10-20"),
        paragraphs=9,
        related=20,
        related_dates=("2024-11-07", "2024-11-05"),
        related_sha256="e661637673635ac3",
        text_sha256="22b84f32c413e258",
        byline="Political News Team",
    ),
}
CASES = [pytest.param(number, theme, id=f"{number}-{theme.__name__}") for number in FACTS for theme in THEMES]


def read(shared: Path, number: str, theme: Callable[[Seed], str]) -> tuple[Seed, Parsed, Article]:
    """A seed, what its rebuilt page holds, and the article of it."""
    seed = load(shared, number)
    parsed = parse(page(seed, theme(seed)), source="kcnawatch", parser="kcnawatch")
    (article,) = parsed.articles
    return seed, parsed, article


def without_marks(seed: Seed, facts: Facts) -> tuple[str, ...]:
    """The seed's body, its marks and byline cut off as plain strings."""
    lines = list(seed.body)
    for mark in ("www.kcna.kp (2025.07.13.)", facts.byline):
        if lines[-1] == mark:
            lines.pop()
    return (*lines[:-1], lines[-1].removesuffix(" -0-"))


@pytest.mark.parametrize(("number", "theme"), CASES)
def test_title_outlet_and_language(shared: Path, number: str, theme: Callable[[Seed], str]) -> None:
    """The original publisher is told from the label, whatever the case of its language tag."""
    seed, _, article = read(shared, number, theme)
    assert (article.title, article.outlet, article.language) == (seed.title, FACTS[number].outlet, "en")


@pytest.mark.parametrize(("number", "theme"), CASES)
def test_date_is_what_the_page_states(shared: Path, number: str, theme: Callable[[Seed], str]) -> None:
    """13/07/2025 is 13 July, a text of 2018 stays one of 2018, and neither ingest nor fetch is evidence."""
    _, _, article = read(shared, number, theme)
    assert article.evidence == FACTS[number].evidence
    assert article.dateline == FACTS[number].dateline


@pytest.mark.parametrize(("number", "theme"), CASES)
def test_body_is_the_seeds(shared: Path, number: str, theme: Callable[[Seed], str]) -> None:
    """Every paragraph is as in the seed, spaces of inline tags too, and nothing else is among them."""
    seed, _, article = read(shared, number, theme)
    assert article.paragraphs == without_marks(seed, FACTS[number])
    assert len(article.paragraphs) == FACTS[number].paragraphs
    text = "\n".join(article.paragraphs)
    assert not any(mark in text for mark in ("More From", "More Articles", "-0-", "kcna.kp", "Political News Team"))


@pytest.mark.parametrize(("number", "theme"), CASES)
def test_marks_stand_beside_the_body(shared: Path, number: str, theme: Callable[[Seed], str]) -> None:
    """End mark and byline are kept, each in its own field."""
    _, _, article = read(shared, number, theme)
    assert (article.end_mark, article.byline) == (FACTS[number].end_mark, FACTS[number].byline)


@pytest.mark.parametrize(("number", "theme"), CASES)
def test_original_is_linked_and_sighted(shared: Path, number: str, theme: Callable[[Seed], str]) -> None:
    """The link to the original is the article's, and evidence for the original outlet that the article exists."""
    seed, parsed, article = read(shared, number, theme)
    assert article.original_url == seed.original_url
    mirrored = [sighting for sighting in parsed.sightings if sighting.origin is Origin.MIRROR]
    published = next(each.value for each in article.evidence if each.kind == "aggregator")
    assert mirrored == [
        Sighting(url=seed.original_url, origin=Origin.MIRROR, title=seed.title, published=published),
    ]


@pytest.mark.parametrize(("number", "theme"), CASES)
def test_related_items_are_sightings(shared: Path, number: str, theme: Callable[[Seed], str]) -> None:
    """Each teaser is a sighting with its own date; a title printed twice is one, a missing one is none."""
    seed, parsed, article = read(shared, number, theme)
    facts = FACTS[number]
    assert len(article.related) == facts.related == len(seed.items)
    assert (article.related[0].published, article.related[-1].published) == facts.related_dates
    assert [each.url for each in article.related] == [item_url(seed, at) for at in range(facts.related)]
    titles = [item.before[0] if facts.titled else None for item in seed.items]
    assert [each.title for each in article.related] == titles
    assert {each.origin for each in article.related} == {Origin.RELATED}
    assert [each for each in parsed.sightings if each.origin is not Origin.MIRROR] == list(article.related)


@pytest.mark.parametrize(("number", "theme"), CASES)
def test_text_and_related_items_are_these_and_no_others(
    shared: Path, number: str, theme: Callable[[Seed], str]
) -> None:
    """To the letter, by digest: the folded text, and day and title of each related item in order."""
    _, _, article = read(shared, number, theme)
    items = "\n".join(f"{each.published} {each.title or ''}" for each in article.related)
    assert sha256(items.encode()).hexdigest()[:16] == FACTS[number].related_sha256
    assert article.text_sha256[:16] == FACTS[number].text_sha256


@pytest.mark.parametrize(("number", "theme"), CASES)
def test_what_a_seed_does_not_hold_is_empty(shared: Path, number: str, theme: Callable[[Seed], str]) -> None:
    """The number in the address is the key; there is no folder in it, and neither links nor pictures in the text."""
    seed, parsed, article = read(shared, number, theme)
    assert (article.key, article.url) == (f"17523{number}00-9147{number}", seed.url)
    assert (article.sections, article.links, article.images) == ((), (), ())
    assert (article.published, parsed.listings, parsed.layout) == (None, (), article.parser)


@pytest.mark.parametrize("number", FACTS)
def test_theme_and_day_of_the_fetch_do_not_change_the_text(shared: Path, number: str) -> None:
    """Two themes, and a page without its related block, give one text."""
    seed, _, article = read(shared, number, wordpress_theme)
    other = read(shared, number, bare_theme)[2]
    html = wordpress_theme(seed)
    cut = html[: html.index("<section>")] + html[html.index("</section>") :]
    (alone,) = parse(page(seed, cut), source="kcnawatch", parser="kcnawatch").articles
    assert article.text_sha256 == other.text_sha256 == alone.text_sha256
    assert alone.related == ()


@pytest.mark.parametrize(("theme", "url"), XINHUA, ids=["current", "numbered"])
def test_xinhua_seed(shared: Path, theme: Callable[[Seed], str], url: str) -> None:
    """The dispatch is read under both addresses: text without the stray date, Beijing time, dateline, editor."""
    seed = load(shared, "004")
    (article,) = parse(page(seed, theme(seed), url=url), source="xinhua", parser="xinhua").articles
    assert (article.outlet, article.title, article.language) == ("Xinhua", seed.title, "en")
    assert article.paragraphs == seed.body
    assert len(article.paragraphs) == 8
    assert article.paragraphs[0].startswith("PYONGYANG, July 13 (Xinhua) -- ")
    assert article.dateline == Dateline(
        text="PYONGYANG, July 13 (Xinhua)", place="PYONGYANG", day="--07-13", agency="Xinhua"
    )
    assert (article.byline, article.end_mark) == ("huaxia", None)
    assert article.evidence == said(page_mark="2025-07-13T10:42:15+08:00", url="2025-07-13", dateline="--07-13")
    assert (article.original_url, article.related, article.links, article.images) == (None, (), (), ())
    assert (article.sections, article.text_sha256[:16]) == ((), "8c8a1e51fa6ce9b9")
    assert article.key == ("00000000000000000000000000000004" if "news.cn" in url else "c_1310000004")
