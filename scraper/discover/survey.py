"""What a page of an unknown outlet tells of the outlet: its feeds, its links, its name and language.

Hides the markup that states them. Pure: which of the links are articles is for `shapes` and a person to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from selectolax.lexbor import LexborNode

from scraper import urls
from scraper.discover.shapes import varies
from scraper.model import Page
from scraper.parse.decode import decode
from scraper.parse.dom import Document, document, every, text

FEED_PATHS = ("/feed/", "/rss.xml", "/feed.xml", "/atom.xml", "/rss")
"""Where feeds are that no page names, most usual first."""

_FEED_TYPES = frozenset({"application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml"})
_MENUS = frozenset({"nav", "header", "footer", "aside", "menu"})
_MENU_NAMES = re.compile(
    r"(?:^|[\s_-])(?:nav|navbar|menu|gnb|lnb|foot|footer|breadcrumbs?|sidebar)(?:$|[\s_-])", re.IGNORECASE
)
_SITEMAP_LINE = re.compile(r"^\s*sitemap\s*:\s*(\S+)", re.IGNORECASE | re.MULTILINE)
_TAG = re.compile(r"([A-Za-z]{2,3})(?:[-_]([A-Za-z]{2}))?(?:[-_].*)?")
_SEPARATOR = re.compile(r"\s+[|\u2013\u2014\u00b7-]\s+")
_NAME = 3
_HEADLINE, _WIDE_HEADLINE = 20, 8
_WIDE = re.compile(r"[\u3041-\u30ff\u4e00-\u9fff\uac00-\ud7a3]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """A link of a page: its address and words, and whether it stands in a menu."""

    url: str
    words: str
    menu: bool = False

    @property
    def headline(self) -> bool:
        """Whether it looks like one to an article: words enough for a headline, and an address that varies."""
        needed = _WIDE_HEADLINE if _WIDE.search(self.words) else _HEADLINE
        return not self.menu and len(self.words) >= needed and varies(self.url)


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What a page states: feeds it names, its links (each address once), the outlet's name, language and country."""

    feeds: tuple[str, ...] = ()
    anchors: tuple[Anchor, ...] = ()
    name: str = ""
    name_from: str = ""
    language: str = ""
    country: str = ""

    def headlines(self) -> tuple[str, ...]:
        """The addresses that look like articles'."""
        return tuple(anchor.url for anchor in self.anchors if anchor.headline)

    def others(self) -> tuple[str, ...]:
        """The addresses that do not."""
        return tuple(anchor.url for anchor in self.anchors if not anchor.headline)


def survey(page: Page, hosts: tuple[str, ...]) -> Survey:
    """Survey a page; of its links those to `hosts` count. Never fails: a page that states nothing gives an empty survey."""
    tree = document(decode(page))
    name, name_from = _name(tree, page.url)
    language, country = _language(tree)
    return Survey(
        feeds=tuple(dict.fromkeys(_feeds(tree, page.url))),
        anchors=tuple(_anchors(tree, page.url, hosts)),
        name=name,
        name_from=name_from,
        language=language,
        country=country,
    )


def sitemap_lines(robots: str, base: str) -> tuple[str, ...]:
    """The addresses of the Sitemap lines of a robots.txt (sitemaps.org, "Specifying the Sitemap location")."""
    return tuple(dict.fromkeys(url for line in _SITEMAP_LINE.findall(robots) if (url := _address(line, base))))


def _feeds(tree: Document, base: str) -> Iterator[str]:
    for node in every(tree, "link[rel][href]"):
        relations = (node.attributes.get("rel") or "").lower().split()
        kind = (node.attributes.get("type") or "").lower().partition(";")[0].strip()
        if "alternate" in relations and kind in _FEED_TYPES:
            url = _address(node.attributes.get("href") or "", base)
            # WordPress names the feed of comments beside that of articles.
            if url and "comment" not in urls.target(url):
                yield url


def _anchors(tree: Document, base: str, hosts: tuple[str, ...]) -> Iterator[Anchor]:
    found: dict[str, Anchor] = {}
    for node in every(tree, "a[href]"):
        url = _address(node.attributes.get("href") or "", base)
        if not url or urls.host(url) not in hosts or url == base:
            continue
        anchor = Anchor(url=url, words=text(node), menu=_in_menu(node))
        # A picture's link has no words: that of the headline beside it says more.
        if url not in found or len(anchor.words) > len(found[url].words):
            found[url] = anchor
    yield from found.values()


def _in_menu(node: LexborNode) -> bool:
    at: LexborNode | None = node
    while at is not None and at.tag != "body":
        named = f"{at.attributes.get('class') or ''} {at.attributes.get('id') or ''}"
        if at.tag in _MENUS or _MENU_NAMES.search(named):
            return True
        at = at.parent
    return False


def _name(tree: Document, url: str) -> tuple[str, str]:
    named = tree.first('meta[property="og:site_name"]')
    if named is not None and (content := (named.attributes.get("content") or "").strip()):
        return " ".join(content.split()), "og:site_name"
    title = tree.first("title")
    pieces = _SEPARATOR.split(text(title)) if title is not None else [""]
    # "The Herald | News" or "News | The Herald": the piece that shares a word with the host, else the last.
    labels = {label for label in urls.host(url).split(".") if len(label) >= _NAME}
    sharing = [piece for piece in pieces if labels & set(re.findall(r"\w+", piece.lower()))]
    name = (sharing or pieces)[-1]
    return name, "its title" if name else ""


def _language(tree: Document) -> tuple[str, str]:
    """Language and country as `<html lang>` or `og:locale` states them; empty where neither does."""
    places = (("html[lang]", "lang"), ('meta[property="og:locale"]', "content"))
    for selector, attribute in places:
        node = tree.first(selector)
        stated = _TAG.fullmatch((node.attributes.get(attribute) or "").strip()) if node is not None else None
        if stated:
            return stated[1].lower(), (stated[2] or "").upper()
    return "", ""


def _address(reference: str, base: str) -> str:
    try:
        return urls.canonical(reference.strip(), base)
    except ValueError:
        return ""
