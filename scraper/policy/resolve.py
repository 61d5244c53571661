"""Which of several dates is the article's, and the one entry by which a page becomes a reading.

Hides the rank of date evidence (docs/sources.md, "Dates"): page mark, list row, URL, aggregator, then the dateline, whose
year is that of its first sight, moved back where that would be in the future, and last what was only inferred. An ingest
number is never a date.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from scraper import discover, urls
from scraper.model import Article, DateEvidence, Origin, Page, Parsed, Rules, Sighting, Source
from scraper.parse import GENERIC

RANK = ("page-mark", "list-row", "url", "aggregator", "feed", "dateline", "inferred")
"""Kinds of date evidence, strongest first."""

LEADS = {Origin.FEED: "feed", Origin.SITEMAP: "feed", Origin.MIRROR: "aggregator"}
"""The kind of a sighting's date hint, where it is not a row of the outlet's own list. A feed states when it took an item in."""


def read(page: Page, source: Source, lead: Sighting | None = None) -> Parsed:
    """Read a page: the same call for the live worker, the command line and every offline re-reading.

    `lead` is the sighting that led to the page; its date hint is evidence too (`LEADS`). Errors: NotAnArticle,
    LayoutChanged.
    """
    # The rules are made anew for each page, and an outlet's own layouts do not look at them.
    generic = rules(source) if source.parser == GENERIC else None
    parsed = discover.read(page, source=source.id, parser=source.parser, rules=generic)
    if not parsed.articles:
        return parsed
    articles = tuple(
        dated(article, lead=lead, seen_at=page.fetched_at, timezone=source.timezone) for article in parsed.articles
    )
    return replace(parsed, articles=articles)


def rules(source: Source) -> Rules:
    """What of a declaration the generic reader goes by; the addresses of its discovery pages are listings'."""
    pages = (urls.target(urls.canonical(each.url)) for each in source.discover)
    return Rules(
        outlet=source.name,
        language=source.language,
        timezone=source.timezone,
        articles=source.articles,
        listings=(*source.listings, *(f"^{re.escape(page)}$" for page in pages)),
        listing_links=source.listing_links or source.articles,
        listing_dates=source.listing_dates,
    )


def dated(article: Article, *, lead: Sighting | None, seen_at: datetime, timezone: str) -> Article:
    """Return the article with `published` and `published_evidence` chosen from all its evidence."""
    evidence = article.evidence
    if lead is not None and lead.published:
        evidence = (*evidence, DateEvidence(kind=_kind(lead, article), value=lead.published))
    evidence = tuple(sorted(evidence, key=lambda item: RANK.index(item.kind)))
    published, kind = choose(evidence, seen_on=seen_at.astimezone(ZoneInfo(timezone)).date())
    return replace(
        article,
        evidence=evidence,
        published=published,
        published_evidence=kind,
        published_precision=precision(published) if published else None,
        published_timezone=timezone if published else None,
    )


def as_first_seen(article: Article, first_seen_at: datetime) -> Article:
    """The article with the year its dateline had when it was first seen; as it is where anything else dates it.

    A page that is captured again after more than a year still shows the same dateline.
    """
    if article.published_evidence != "dateline" or article.published_timezone is None:
        return article
    seen_on = first_seen_at.astimezone(ZoneInfo(article.published_timezone)).date()
    return replace(article, published=choose(article.evidence, seen_on=seen_on)[0])


def precision(published: str) -> str:
    """What an ISO date or datetime states: the `day`, the `minute` or the `second`."""
    clock = published.partition("T")[2]
    if not clock:
        return "day"
    return "second" if clock[5:6] == ":" else "minute"


def _kind(lead: Sighting, article: Article) -> str:
    """The kind of a lead's date; the rows of an aggregator are the aggregator's, and say no more than its own page."""
    kind = LEADS.get(lead.origin, "list-row")
    aggregated = any(item.kind == "aggregator" for item in article.evidence)
    return "aggregator" if kind == "list-row" and aggregated else kind


def choose(evidence: tuple[DateEvidence, ...], *, seen_on: date) -> tuple[str | None, str | None]:
    """Choose (ISO date or datetime, kind) from evidence; (None, None) where there is none at all."""
    for kind in RANK:
        for item in evidence:
            if item.kind == kind:
                return _with_year(item.value, seen_on) if kind == "dateline" else item.value, kind
    return None, None


def _with_year(month_day: str, seen_on: date) -> str:
    """Give `--MM-DD` the year of the capture; the year before where that day lies more than a day ahead of it.

    One day of grace, because the outlet's day begins before ours. February 29 goes back to a leap year.
    """
    month, day = int(month_day[2:4]), int(month_day[5:7])
    latest = seen_on + timedelta(days=1)
    for year in range(latest.year, latest.year - 9, -1):
        try:
            candidate = date(year, month, day)
        except ValueError:
            continue
        if candidate <= latest:
            return candidate.isoformat()
    message = f"no year fits the dateline {month_day}"
    raise ValueError(message)
