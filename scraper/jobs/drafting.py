"""From what scouting found to a draft of a declaration. Every value says what it was guessed from.

Hides which evidence goes before which: what an operator says, then a feed, a news sitemap, the links of a page. Asks nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from scraper import urls
from scraper.config.draft import FILL_IN, Draft, Line, table
from scraper.discover import shapes
from scraper.discover.shapes import Guess
from scraper.jobs.scout import Looked, Robots, Scouted
from scraper.jobs.take import is_article
from scraper.model import Origin, Sighting, Source
from scraper.policy import outlet

_GAP = 5
_MANY = 20
_RULES_SHOWN = 12
_LISTED_WITHOUT_NAME = "und"
"""The language tag (BCP 47) of what nobody has determined."""
_ROBOTS_TOO_SLOW = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What the operator says instead of leaving it to be guessed."""

    url: str
    source_id: str | None = None
    language: str | None = None
    timezone: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafted:
    """A draft, the addresses of its discovery pages, and what a person must still fill in."""

    draft: Draft
    discover: tuple[str, ...]
    fill_in: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Evidence:
    """Sightings of articles, where they come from, and the dates among them."""

    sightings: tuple[Sighting, ...]
    origin: str

    @property
    def dates(self) -> list[str]:
        return [sighting.published for sighting in self.sightings if sighting.published]


def takes(source: Source, sighting: Sighting) -> bool:
    """Whether a sighting is of one of a source's articles, on one of its hosts."""
    return urls.host(sighting.url) in source.hosts and is_article(source, sighting)


def wanted(found: Scouted, source: Source) -> tuple[Sighting, ...]:
    """The articles that a declaration takes among what was found, in the order of the list, each once."""
    known = {each.url: each for each in reversed(_evidence(found).sightings) if takes(source, each)}
    return tuple(reversed(known.values()))


def draft(
    found: Scouted, source_id: str, wishes: Wishes, *, zones: Mapping[str, Sequence[str]], today: date
) -> Drafted:
    """Draft the declaration of what was found."""
    front, evidence = found.looked[0], _evidence(found)
    guesses = _patterns(found, evidence)
    seen = front.survey
    language = _language(wishes, seen.language)
    zone = _zone(found, wishes, evidence, zones)
    expected = outlet.per_day(evidence.dates, zone.value, today)
    discovers = _discovers(found)
    lines = Draft(
        origin=f"Drafted by `scraper new-source {wishes.url}` on {today.isoformat()}.",
        source_id=source_id,
        name=Line(value=seen.name or urls.host(front.url), comment=f"guessed from {seen.name_from or 'its host'}"),
        language=language,
        timezone=zone,
        hosts=found.hosts,
        articles=tuple(_article_line(guess, len(evidence.sightings)) for guess in guesses),
        articles_from=f"Guessed from {evidence.origin}." if guesses else f"Nothing to guess from: {evidence.origin}.",
        listings=tuple(Line(value=pattern, comment=why) for pattern, why in _listings(found).items()),
        listing_dates=_listing_dates(evidence),
        every=Line(value="30m" if expected and expected[1] > _MANY else "1h", comment="how often the lists are read"),
        per_day=_per_day(expected),
        discover=discovers,
        backfill=_backfill(found),
        gap=_gap(found.robots),
        remarks=(*_rules_shown(found.robots), *_unfitting(found, guesses)),
    )
    filled = {"articles": bool(guesses), "discover": bool(evidence.sightings)}
    return Drafted(
        draft=lines,
        discover=tuple(dict.fromkeys(looked.url for looked in _discovered(found))),
        fill_in=tuple(name for name, known in filled.items() if not known),
    )


def _evidence(found: Scouted) -> _Evidence:
    """The best evidence of articles: feeds, then dated sitemaps, then headlines on pages, then whatever a sitemap holds."""
    feeds = _sightings(found.of("feed"))
    if feeds:
        return _Evidence(sightings=feeds, origin=f"{len(feeds)} items of {_named(found.of('feed'), 'feed')}")
    sitemaps = _sightings(found.of("sitemap"))
    news = tuple(each for each in sitemaps if each.published)
    if news:
        return _Evidence(
            sightings=news, origin=f"{len(news)} dated addresses of {_named(found.of('sitemap'), 'sitemap')}"
        )
    headlines = tuple(
        Sighting(url=anchor.url, origin=Origin.LISTING, title=anchor.words)
        for page in found.of("page")
        for anchor in page.survey.anchors
        if anchor.headline
    )
    if headlines:
        return _Evidence(sightings=headlines, origin=f"{len(headlines)} links with words enough for a headline")
    varying = tuple(each for each in sitemaps if shapes.varies(each.url))
    if varying:
        return _Evidence(
            sightings=varying, origin=f"{len(varying)} addresses of {_named(found.of('sitemap'), 'sitemap')}"
        )
    return _Evidence(
        sightings=(), origin="no feed, no sitemap, no links with words enough for a headline (scripts may make them)"
    )


def _patterns(found: Scouted, evidence: _Evidence) -> tuple[Guess, ...]:
    """The patterns of articles: each of a twentieth of the evidence at least, for a stray item is no pattern."""
    front = found.looked[0].url
    others = [url for page in found.of("page") for url in page.survey.others()] + [front]
    mine = [each.url for each in evidence.sightings if urls.host(each.url) in found.hosts]
    least = max(1, len(mine) // 20)
    return tuple(guess for guess in shapes.guess(mine, others) if guess.count >= least)


def _article_line(guess: Guess, total: int) -> Line:
    also = f"; FITS ALSO {', '.join(guess.also[:3])}" if guess.also else ""
    return Line(value=guess.pattern, comment=f"{guess.count} of {total}, such as {guess.example}{also}")


def _listings(found: Scouted) -> dict[str, str]:
    """The patterns of discovery pages and of the children of a sitemap index, with what they are for."""
    patterns = {shapes.exactly(looked.url): looked.kind for looked in found.looked}
    children = [link.url for looked in found.of("sitemap") for link in looked.parsed.listings]
    patterns |= {guess.pattern: "the sitemaps of an index" for guess in shapes.guess(children)}
    menu = (
        shapes.exactly(anchor.url)
        for page in found.of("page")
        for anchor in page.survey.anchors
        if anchor.menu and not shapes.varies(anchor.url) and found.robots.allows(anchor.url)
    )
    return {**dict.fromkeys(menu, "of the menu; take it out if it lists nothing"), **patterns}


def _listing_dates(evidence: _Evidence) -> tuple[Line, ...]:
    """Where no feed tells dates and the addresses of all articles hold their day, that is the date of a row."""
    if evidence.dates:
        return ()
    pattern = shapes.day_in([each.url for each in evidence.sightings])
    return (Line(value=pattern, comment="the day in the address"),) if pattern else ()


def _discovered(found: Scouted) -> tuple[Looked, ...]:
    """The pages to read at every tick: feeds, dated sitemaps, then pages with lists."""
    news = tuple(each for each in found.of("sitemap") if any(item.published for item in each.parsed.sightings))
    pages = tuple(each for each in found.of("page") if each.survey.headlines()) or found.of("page")[:1]
    return (*found.of("feed"), *news, *pages)


def _discovers(found: Scouted) -> tuple[Line, ...]:
    lines: dict[str, Line] = {}
    for looked in _discovered(found):
        items = len(looked.parsed.sightings) or len(looked.survey.headlines())
        unit = "links that look like articles" if looked.kind == "page" else "items"
        lines.setdefault(looked.url, Line(value=table(url=looked.url), comment=f"{looked.kind}, {items} {unit}"))
    return tuple(lines.values())


def _backfill(found: Scouted) -> tuple[Line, ...]:
    """The sitemaps that were asked for by name; the children of an index are found in it."""
    children = {link.url for looked in found.of("sitemap") for link in looked.parsed.listings}
    return tuple(
        Line(value=table(kind="sitemap", url=looked.url), comment=_counted(looked))
        for looked in found.of("sitemap")
        if looked.url not in children
    )


def _counted(looked: Looked) -> str:
    children, entries = len(looked.parsed.listings), len(looked.parsed.sightings)
    return f"an index of {children} sitemaps" if children else f"{entries} addresses"


def _language(wishes: Wishes, stated: str) -> Line:
    if wishes.language:
        return Line(value=wishes.language, comment="given with --language")
    if stated:
        return Line(value=stated, comment="guessed from what its pages say of themselves")
    return Line(value=_LISTED_WITHOUT_NAME, comment=f'{FILL_IN}: a tag such as "en"; its pages name none')


def _zone(found: Scouted, wishes: Wishes, evidence: _Evidence, zones: Mapping[str, Sequence[str]]) -> Line:
    if wishes.timezone:
        return Line(value=wishes.timezone, comment="given with --timezone")
    front = found.looked[0]
    guess = outlet.zone(urls.host(front.url), front.survey.country, evidence.dates, zones)
    comment = f"guessed from {guess.reason}" if guess.reason else f'{FILL_IN}: the outlet\'s own, such as "Asia/Seoul"'
    return Line(value=guess.name, comment=comment)


def _per_day(expected: tuple[int, int] | None) -> Line:
    if expected is None:
        return Line(value="", comment="least and most articles a day; too few days were seen to guess")
    return Line(
        value=f"[{expected[0]}, {expected[1]}]", comment="half the least and twice the most of the whole days seen"
    )


def _gap(robots: Robots) -> Line:
    if robots.crawl_delay is None:
        return Line(value=f"{_GAP}s", comment="robots.txt asks for no delay")
    slow = "; raise max_gap, or this source is paused" if robots.crawl_delay > _ROBOTS_TOO_SLOW else ""
    return Line(
        value=f"{_GAP}s", comment=f"robots.txt asks for {robots.crawl_delay:g} s, and the longer one holds{slow}"
    )


def _rules_shown(robots: Robots) -> tuple[str, ...]:
    if not robots.lines:
        return ("robots.txt has no rules for us.",)
    shown = ", ".join(robots.lines[:_RULES_SHOWN])
    more = len(robots.lines) - _RULES_SHOWN
    return (f"robots.txt says to us: {shown}" + (f", and {more} more" if more > 0 else ""),)


def _unfitting(found: Scouted, guesses: Sequence[Guess]) -> tuple[str, ...]:
    """Links that look like articles and fit no pattern: another kind of article, or none."""
    left: Iterable[str] = dict.fromkeys(url for page in found.of("page") for url in page.survey.headlines())
    unfitting = [url for url in left if not any(re.search(guess.pattern, urls.target(url)) for guess in guesses)]
    if not unfitting:
        return ()
    return (
        f"{len(unfitting)} links with words enough for a headline fit no pattern, such as {' and '.join(unfitting[:2])}",
    )


def _sightings(looked: Iterable[Looked]) -> tuple[Sighting, ...]:
    return tuple(sighting for each in looked for sighting in each.parsed.sightings)


def _named(looked: Sequence[Looked], noun: str) -> str:
    return f"the {noun} {looked[0].url}" if len(looked) == 1 else f"{len(looked)} {noun}s"
