"""Is a source still read as it was? Fill rates and lengths of what was read lately, held against what was read before.

Hides the one test that both rest on. An outlet never announces a new template, and a layout that still fits may find half
of what it found: no single page shows that, only their numbers do.

For each layout, and each fact that an article has or has not, the newest articles are held against those before them. It is
an alarm where at least half had the fact, it has become at most half as frequent, and chance would deal so few of it to the
newest in less than one of `1 / CHANCE` shuffles of all of them (the hypergeometric distribution, Fisher's exact test).
Lengths are facts of this kind too: not shorter than half, and not longer than twice, the middle of all of them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import comb
from statistics import median_low

from scraper.model import Article, FieldRate, Finding, LayoutVitals, Severity

RECENT, BEFORE = 20, 200
"""Articles of one layout that count as lately read, and of how many before them they are held against: numbers, not days,
so that an outlet of one item a week is judged as one of forty a day. Ten articles without it are enough to miss a field."""
FEWEST, FEWEST_BEFORE = 8, 20
"""Articles that must be there, lately and before: of fewer nothing is said."""
CHANCE = 1e-5
"""How seldom an alarm may come by chance alone. Twenty facts of five layouts over a window that moves on by ten articles a day
are some 40,000 different questions a year: at this level a false alarm in two years or so."""
_HALF = 2
SHORT, LONG = "not cut short", "not overlong"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What one article has, and how long it is: all that is kept of it here. `facts` are names of fields."""

    layout: str
    facts: frozenset[str]
    paragraphs: int
    characters: int


def measured(article: Article) -> Measured:
    """The facts of an article: which of its fields say anything, and by which evidence it is dated."""
    facts = {name for name in FIELDS if getattr(article, name)}
    facts.update(f"dated by {item.kind}" for item in article.evidence)
    return Measured(
        layout=article.parser,
        facts=frozenset(facts),
        paragraphs=len(article.paragraphs),
        characters=sum(map(len, article.paragraphs)),
    )


FIELDS = (
    "title",
    "paragraphs",
    "published",
    "dateline",
    "byline",
    "sections",
    "images",
    "links",
    "end_mark",
    "original_url",
    "related",
)
"""The fields whose fill rate is told; the others are never empty."""


def vitals(source: str, newest_first: Iterable[Measured]) -> tuple[LayoutVitals, ...]:
    """Rates and lengths of each layout that read any of the articles; two versions of a layout are one."""
    found: dict[str, list[Measured]] = defaultdict(list)
    for each in newest_first:
        found[each.layout.partition("@")[0]].append(each)
    return tuple(
        _of_layout(source, name, articles[:RECENT], articles[RECENT : RECENT + BEFORE])
        for name, articles in sorted(found.items())
    )


def alarms(vitals: Iterable[LayoutVitals]) -> tuple[Finding, ...]:
    """A finding for each fact that has collapsed."""
    return tuple(_finding(layout, rate) for layout in vitals for rate in layout.rates if rate.collapsed)


def collapsed(has: int, of: int, had: int, had_of: int) -> bool:
    """Whether a fact that `had` of `had_of` articles before, and `has` of `of` lately, has gone: see the module's docstring."""
    few = of < FEWEST or had_of < FEWEST_BEFORE
    # What fewer than half of the articles have follows the news, not the template: pictures come with a festival, and go.
    if few or _HALF * had < had_of or _HALF * has * had_of > had * of:
        return False
    return chance(has, of, has + had, of + had_of) < CHANCE


def chance(has: int, of: int, all_have: int, all_of: int) -> float:
    """How likely at most `has` of `of` articles, drawn from `all_of` of which `all_have` a fact, have it."""
    ways = sum(
        comb(all_have, n) * comb(all_of - all_have, of - n) for n in range(max(0, of + all_have - all_of), has + 1)
    )
    return ways / comb(all_of, of)


def _of_layout(source: str, name: str, recent: Sequence[Measured], before: Sequence[Measured]) -> LayoutVitals:
    middle = median_low([each.characters for each in (*recent, *before)])
    has, had = _counted(recent, middle), _counted(before, middle)
    return LayoutVitals(
        source=source,
        layout=name,
        versions=tuple(sorted({each.layout.partition("@")[2] for each in recent})),
        recent=len(recent),
        before=len(before),
        paragraphs=_middles([each.paragraphs for each in recent], [each.paragraphs for each in before]),
        characters=_middles([each.characters for each in recent], [each.characters for each in before]),
        rates=tuple(
            FieldRate(
                field=fact,
                recent=has[fact],
                before=had[fact],
                collapsed=collapsed(has[fact], len(recent), had[fact], len(before)),
            )
            for fact in sorted({*has, *had}, key=_place)
        ),
    )


def _counted(articles: Iterable[Measured], middle: int) -> Counter[str]:
    found: Counter[str] = Counter()
    for each in articles:
        found.update(each.facts)
        found[SHORT] += _HALF * each.characters >= middle
        found[LONG] += each.characters <= _HALF * middle
    return found


def _middles(recent: Sequence[int], before: Sequence[int]) -> tuple[int, int]:
    return (median_low(recent) if recent else 0, median_low(before) if before else 0)


def _place(fact: str) -> tuple[int, str]:
    return (FIELDS.index(fact) if fact in FIELDS else len(FIELDS), fact)


def _finding(layout: LayoutVitals, rate: FieldRate) -> Finding:
    lengths = f"; the middle length went from {layout.characters[1]} to {layout.characters[0]} characters"
    return Finding(
        kind="collapsed",
        severity=Severity.MISSING,
        source=layout.source,
        subject=layout.layout,
        reason=(
            f"{rate.field}: {rate.recent} of the last {layout.recent} articles, {rate.before} of the {layout.before} before"
            + (lengths if rate.field in (SHORT, LONG) else "")
        ),
        repair=f"look at one: scraper vitals {layout.source}; mend its layout, then: scraper reparse --dry-run",
    )
