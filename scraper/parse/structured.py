"""What a page states of its article for machines: JSON-LD, OpenGraph and its kin, microdata, `<time>`.

Hides where each fact may stand and which statement goes first. Nothing is read from running text here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from scraper import urls
from scraper.parse import jsonld
from scraper.parse.dom import collapse, every, text
from scraper.parse.layout import View
from scraper.parse.stated import stated
from scraper.parse.text import fold

_TITLES = ("og:title", "twitter:title", "dc.title", "dcterms.title", "sailthru.title", "parsely-title")
_DATES = (
    "article:published_time",
    "og:article:published_time",
    "og:published_time",
    "datepublished",
    "date.published",
    "article.published",
    "parsely-pub-date",
    "sailthru.date",
    "dc.date.issued",
    "dcterms.created",
    "dcterms.date",
    "dc.date",
    "pubdate",
    "publishdate",
    "publish-date",
    "publication_date",
    "cxenseparse:recs:publishtime",
    "date",
)
_AUTHORS = ("author", "article:author", "parsely-author", "sailthru.author", "dc.creator", "byl")
_TAG = re.compile(r"[A-Za-z]{2,3}(?=[-_]|$)")
_OWN_TIME = 'time[pubdate], time[itemprop="datePublished"], time.entry-date.published, time.published'
_WHOLE = frozenset({"html", "body"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """A page's statements about its own article, strongest first; empty or None for what it does not state."""

    titles: tuple[str, ...]
    outlet: str | None
    published: tuple[str, ...]
    canonical: str | None
    language: str | None
    authors: tuple[str, ...]
    sections: tuple[str, ...]
    body: str


def structured(view: View, *, timezone: str) -> Stated:
    """All that a page states of its article; moments are told on the outlet's clock."""
    metas = _metas(view)
    item = _own_item(view, metas)
    data = _microdata(view)
    moments = (
        jsonld.words(item.get("datePublished") or item.get("dateCreated")),
        *_of(metas, _DATES),
        *data.get("datePublished", ()),
        *_times(view),
    )
    titles = (jsonld.words(item.get("headline")), *_of(metas, _TITLES), *data.get("headline", ()))
    shown = (text(node) for node in every(view.document, '[rel~="author"], .byline [href*="/author/"]'))
    authors = next(
        (
            found
            for given in (jsonld.names(item.get("author")), _of(metas, _AUTHORS), data.get("author", ()), shown)
            if (found := _people(given))
        ),
        (),
    )
    return Stated(
        titles=_distinct(titles),
        outlet=next(iter((*jsonld.names(item.get("publisher")), *_of(metas, ("og:site_name",)))), None),
        published=_distinct(_local(moment, timezone) for moment in moments),
        canonical=_canonical(view, metas, item),
        language=_language(view, metas),
        authors=authors,
        sections=_distinct((*jsonld.names(item.get("articleSection")), *metas.get("article:section", ()))),
        body=jsonld.words(item.get("articleBody")),
    )


def _metas(view: View) -> dict[str, list[str]]:
    """The contents of meta elements by their names in lower case."""
    found: dict[str, list[str]] = {}
    for node in every(view.document, "meta[content]"):
        given = node.attributes
        content = collapse(given.get("content") or "")
        for name in {given.get("property"), given.get("name"), given.get("itemprop")} - {None, ""}:
            if content and name:
                found.setdefault(name.lower(), []).append(content)
    return found


def _own_item(view: View, metas: dict[str, list[str]]) -> jsonld.Item:
    """The JSON-LD article that the page is: by its address, else the only one, else the one with the page's title."""
    scripts = (
        node.text() or ""
        for node in every(view.document, "script[type]")
        if "ld+json" in (node.attributes.get("type") or "").lower()
    )
    items = jsonld.articles(scripts)
    here = {_key(view.page.url, None), _key(_link(view), view.page.url)} - {None}
    ours = [item for item in items if any(_key(url, view.page.url) in here for url in jsonld.address(item))]
    if not ours and len(items) > 1:
        shown = {fold(each) for each in (*metas.get("og:title", ()), *map(text, every(view.document, "h1")))}
        ours = [item for item in items if fold(jsonld.words(item.get("headline"))) in shown]
    if not ours and len(items) == 1:
        ours = list(items)
    # Several of one article complete each other: sites and their plug-ins each write one.
    return {key: value for item in reversed(ours) for key, value in item.items() if value}


def _microdata(view: View) -> dict[str, list[str]]:
    """The properties of the page's only microdata article; nothing where it has several."""
    scopes = every(view.document, '[itemscope][itemtype*="Article"], [itemscope][itemtype*="BlogPosting"]')
    if len(scopes) != 1:
        return {}
    found: dict[str, list[str]] = {}
    for node in every(scopes[0], "[itemprop]"):
        given = node.attributes
        value = collapse(given.get("content") or given.get("datetime") or "") or text(node)
        for name in (given.get("itemprop") or "").split():
            if value and name in {"headline", "datePublished", "author"}:
                found.setdefault(name, []).append(value[:500])
    return found


def _times(view: View) -> list[str]:
    """The moment of the `time` element that says it is the publication's; else of the only one beside the only `h1`."""
    own = every(view.document, _OWN_TIME)
    if own:
        return [own[0].attributes.get("datetime") or text(own[0])]
    headings = every(view.document, "h1")
    at = headings[0].parent if len(headings) == 1 else None
    while at is not None and at.tag not in _WHOLE:
        days = {node.attributes.get("datetime") or "" for node in every(at, "time[datetime]")}
        if days:
            return list(days) if len(days) == 1 else []
        at = at.parent
    return []


def _canonical(view: View, metas: dict[str, list[str]], item: jsonld.Item) -> str | None:
    for url in (_link(view), *metas.get("og:url", ()), *jsonld.address(item)[:1]):
        try:
            return urls.canonical(url, view.page.url) if url else None
        except ValueError:
            continue
    return None


def _link(view: View) -> str:
    node = view.document.first('link[rel~="canonical"][href]')
    return (node.attributes.get("href") or "").strip() if node is not None else ""


def _language(view: View, metas: dict[str, list[str]]) -> str | None:
    root = view.document.first("html[lang]")
    for value in (root.attributes.get("lang") if root is not None else "", *_of(metas, ("og:locale", "language"))):
        tag = _TAG.match((value or "").strip())
        if tag:
            return tag[0].lower()
    return None


def _people(given: Iterable[str]) -> tuple[str, ...]:
    """Names of authors: not their addresses, and without the word before them."""
    names = (re.sub(r"^(?:by|von|par|por)\s+", "", name, flags=re.IGNORECASE) for name in given)
    return _distinct(name for name in names if "://" not in name and len(name) < 200)


def _of(metas: dict[str, list[str]], wanted: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(metas[name][0] for name in wanted if name in metas)


def _local(moment: str, timezone: str) -> str:
    """A stated date on the outlet's clock; empty where it states none."""
    said = stated(moment)
    if said is None or "T" not in said:
        return said or ""
    try:
        return datetime.fromisoformat(said).astimezone(ZoneInfo(timezone)).isoformat(timespec="seconds")
    except OverflowError:
        return ""


def _key(url: str | None, base: str | None) -> str | None:
    try:
        return urls.key(urls.canonical(url, base)) if url else None
    except ValueError:
        return None


def _distinct(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if value))
