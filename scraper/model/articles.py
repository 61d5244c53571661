"""What a parser reads from a page."""

from __future__ import annotations

from dataclasses import dataclass

from scraper.model.pages import ListingLink, Sighting


@dataclass(frozen=True, slots=True, kw_only=True)
class DateEvidence:
    """One statement about when an article was published.

    `kind` is `page-mark`, `list-row`, `url`, `aggregator`, `feed`, `dateline` or `inferred`. `value` is `YYYY-MM-DD`, an ISO
    datetime with offset, or `--MM-DD` where the evidence states no year (datelines).
    """

    kind: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dateline:
    """Where, when and by whom a dispatch was filed, as its first words say: `Pyongyang, July 13 (KCNA)`.

    `text` is as published, without the dash after it; `place` and `agency` are its parts, as published; `day` is `--MM-DD`, for a
    dateline states no year.
    """

    text: str
    place: str
    day: str
    agency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link in an article's own text: its address as absolute URL, and the words it is on."""

    url: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """A picture of an article: its address as absolute URL, and the caption as published."""

    url: str
    caption: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """What one parser read from one snapshot.

    `outlet` is the original publisher, also on an aggregator. `key` is the outlet's own identity of the article
    (Rodong date and serial, MFA number, Xinhua hex or c_N, KCNA AR code), else the URL key. `published` is an ISO
    date or datetime in the outlet's zone, chosen by `policy.resolve` from `evidence`; `published_evidence` says
    which kind decided, `published_precision` what it states (`day`, `minute` or `second`), and `published_timezone` the
    outlet's zone (IANA name) that a bare date is meant in. `sections` are the tags the page files the article under.
    `paragraphs` are as published, without end marks and byline, which are kept beside them; `links` stand in them. `captions` are
    those of pictures inlined as data, which have no address to be an `Image` by.
    """

    source: str
    outlet: str
    key: str
    url: str
    original_url: str | None
    title: str
    published: str | None = None
    published_evidence: str | None = None
    published_precision: str | None = None
    published_timezone: str | None = None
    evidence: tuple[DateEvidence, ...]
    dateline: Dateline | None
    byline: str | None
    sections: tuple[str, ...]
    language: str
    paragraphs: tuple[str, ...]
    end_mark: str | None
    images: tuple[Image, ...]
    captions: tuple[str, ...] = ()
    links: tuple[Link, ...]
    related: tuple[Sighting, ...]
    parser: str
    snapshot_sha256: str
    text_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """All that a page holds: articles (none for a listing), sightings, and further discovery pages."""

    articles: tuple[Article, ...] = ()
    sightings: tuple[Sighting, ...] = ()
    listings: tuple[ListingLink, ...] = ()
    layout: str = ""
