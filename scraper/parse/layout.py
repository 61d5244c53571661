"""A dated layout of one outlet, what it is given to read, and the one way an `Article` is made of what it read.

Hides the digests an article carries and the checks every article must pass. Layouts are values in
`sites/<outlet>.py`: a signature, a plain function, and the years in which the outlet's server used that template.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from hashlib import sha256
from typing import Literal

from selectolax.lexbor import LexborNode

from scraper import urls
from scraper.errors import LayoutChanged
from scraper.model import Article, DateEvidence, Dateline, Image, Link, ListingLink, Page, Parsed, Sighting
from scraper.parse.dom import Document, collapse, every, text
from scraper.parse.text import text_sha256

LANGUAGES = {
    "en": "en",
    "eng": "en",
    "kp": "ko",
    "ko": "ko",
    "kor": "ko",
    "cn": "zh",
    "zh": "zh",
    "chn": "zh",
    "jp": "ja",
    "ja": "ja",
    "jpn": "ja",
    "ru": "ru",
    "rus": "ru",
    "es": "es",
    "spn": "es",
}
"""The outlets' own language codes as language tags (BCP 47)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What a layout reads: the page, its decoded text, and the tree of it (an XML answer's tree is the HTML one)."""

    page: Page
    source: str
    parser: str
    html: str
    document: Document


class Grade(StrEnum):
    """What a layout's reader rests on, best first; docs/sources.md shows it for every layout."""

    REAL_PAGES = "real pages"
    """Whole pages as their server sent them."""
    FRAGMENTS = "fragments"
    """Trimmed pieces of such pages."""
    SELECTORS = "others' selectors"
    """No page was seen, but programs that read it agree."""
    DESCRIPTION = "description only"
    """Prose about the pages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """One template of an outlet's server.

    `urls` is searched in `urls.target(page.url)`, `fits` looks for the template's signature, `read` reads it. `since`
    and `until` say when the server used it: documentation and order of preference, never a reason to refuse a page.
    `addresses` shows a reader of docs/sources.md what `urls` is for; `grade` is what the reader rests on.
    A new template is a new layout; `version` grows when the same template is read in another way.
    """

    name: str
    addresses: str
    grade: Grade
    version: int
    kind: Literal["article", "listing"]
    urls: re.Pattern[str]
    since: date | None
    until: date | None
    fits: Callable[[Document], bool]
    read: Callable[[View], Parsed]

    @property
    def id(self) -> str:
        """Name and version, as articles cite it: `kcna/detail-2026@1`."""
        return f"{self.name}@{self.version}"


def article(
    view: View,
    *,
    outlet: str,
    key: str,
    title: str,
    paragraphs: Iterable[str],
    evidence: tuple[DateEvidence, ...],
    language: str,
    original_url: str | None = None,
    dateline: Dateline | None = None,
    byline: str | None = None,
    sections: tuple[str, ...] = (),
    end_mark: str | None = None,
    images: tuple[Image, ...] = (),
    captions: tuple[str, ...] = (),
    links: tuple[Link, ...] = (),
    related: tuple[Sighting, ...] = (),
    bodyless: bool = False,
) -> Article:
    """The article of a page, `published` left to `policy.resolve`; LayoutChanged without title or text (see `_filled`)."""
    body = _filled(view, title, paragraphs, bodyless=bodyless)
    return Article(
        source=view.source,
        outlet=outlet,
        key=key,
        url=view.page.url,
        original_url=original_url,
        title=title,
        evidence=evidence,
        dateline=dateline,
        byline=byline,
        sections=sections,
        language=language,
        paragraphs=body,
        end_mark=end_mark,
        images=images,
        captions=captions,
        links=links,
        related=related,
        parser=view.parser,
        snapshot_sha256=sha256(view.page.body).hexdigest(),
        text_sha256=text_sha256(title, body),
    )


def _filled(view: View, title: str, paragraphs: Iterable[str], *, bodyless: bool) -> tuple[str, ...]:
    """The paragraphs with something in them: none only where the layout's items have none (picture galleries).

    A dateline stays in the first one too, as published.
    """
    body = tuple(paragraph for paragraph in paragraphs if paragraph)
    if not title:
        raise LayoutChanged(f"{view.page.url}: {view.parser} found an empty title; write a new layout")
    if not body and not bodyless:
        raise LayoutChanged(f"{view.page.url}: {view.parser} found no text; write a new layout")
    return body


def dated(
    *,
    page_mark: str | None = None,
    url: str | None = None,
    aggregator: str | None = None,
    dateline: Dateline | None = None,
) -> tuple[DateEvidence, ...]:
    """The statements about an article's date that were found, strongest first (docs/sources.md, "Dates")."""
    found = (
        ("page-mark", page_mark),
        ("url", url),
        ("aggregator", aggregator),
        ("dateline", dateline and dateline.day),
    )
    return tuple(DateEvidence(kind=kind, value=value) for kind, value in found if value)


def listing(
    view: View,
    rows: Iterable[Sighting],
    links: tuple[ListingLink, ...] = (),
    *,
    dated_rows: bool = True,
) -> Parsed:
    """A listing's rows, each address once (its first row), rows without a title left out.

    Raises LayoutChanged where no row is left, or where rows of this layout have dates (`dated_rows`) and none has:
    no rows are an alarm, not "no news".
    """
    found: dict[str, Sighting] = {}
    for row in rows:
        if row.title:
            found.setdefault(row.url, row)
    if not found:
        raise LayoutChanged(f"{view.page.url}: {view.parser} found no rows; look whether the page is a new template")
    if dated_rows and not any(row.published for row in found.values()):
        raise LayoutChanged(f"{view.page.url}: none of {len(found)} rows has a date; write a new layout")
    return Parsed(sightings=tuple(found.values()), listings=links)


def images(
    view: View,
    nodes: Iterable[LexborNode],
    *,
    captioned: bool = True,
    said: Callable[[LexborNode], str] | None = None,
) -> tuple[Image, ...]:
    """The pictures of `img` elements, each address once, with what is `said` below it as caption, else its `alt`.

    Left out are those that nobody could ask for: inlined as data, filled in by a script, on an editor's own disk.
    """
    found: dict[str, Image] = {}
    for node in nodes:
        source = (node.attributes.get("src") or "").strip()
        if not source or source[:5].lower() == "data:":
            continue
        try:
            url = urls.canonical(source, view.page.url)
        except ValueError:
            continue
        caption = said(node) if said else ""
        if not caption and captioned:
            caption = collapse(node.attributes.get("alt") or "")
        found.setdefault(url, Image(url=url, caption=caption or None))
    return tuple(found.values())


def links(view: View, nodes: Iterable[LexborNode], *, address: Callable[[str], str] = str.strip) -> tuple[Link, ...]:
    """The links of an article's text, given its boxes or the links themselves, each address once.

    Those count that have words on them and an address to ask for; `address` gives the one in an `href` that is a call of a
    script.
    """
    found: dict[str, Link] = {}
    for node in nodes:
        for a in (node,) if node.tag == "a" else every(node, "a[href]"):
            words = text(a)
            try:
                url = urls.canonical(address(a.attributes.get("href") or "").strip(), view.page.url)
            except ValueError:
                continue
            if words:
                found.setdefault(url, Link(url=url, text=words))
    return tuple(found.values())


def language(view: View) -> str:
    """The language named by the first segment of the path (`/en/`, `/kp/`); LayoutChanged where there is none."""
    segment = urls.target(view.page.url).strip("/").partition("/")[0].partition("?")[0]
    if segment not in LANGUAGES:
        raise LayoutChanged(f"{view.page.url}: {view.parser} needs the language as first segment of the path")
    return LANGUAGES[segment]
