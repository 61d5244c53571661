"""Pages of outlets that no code knows: what they state of themselves, and the text that stands in them.

Hides how an article is found without a template (docs/sources.md, "Generic"). Which address is an article and which a
listing is declared, not guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from scraper import urls
from scraper.errors import LayoutChanged, NotAnArticle
from scraper.model import Page, Parsed, Rules
from scraper.parse.decode import decode
from scraper.parse.dom import document, every, text
from scraper.parse.layout import View, article, dated
from scraper.parse.listed import read_listing
from scraper.parse.structured import Stated, structured

ARTICLE = "generic/article@1"
LISTING = "generic/listing@1"


def read(page: Page, *, source: str, rules: Rules) -> Parsed:
    """The article of a page, or the rows of a listing, as the declared patterns say which of them it is.

    Raises NotAnArticle where the address is declared as neither, LayoutChanged where an article has no title or no text, or
    a listing no rows.
    """
    target = urls.target(page.url)
    if _fits(rules.articles, target):
        return _article(_view(page, source, ARTICLE), rules)
    if _fits(rules.listings, target):
        return read_listing(_view(page, source, LISTING), rules)
    raise NotAnArticle(f"{page.url} fits none of the patterns of {source} (`articles`, `listings`)")


def _fits(patterns: Iterable[str], target: str) -> bool:
    return any(re.search(pattern, target) for pattern in patterns)


def _view(page: Page, source: str, parser: str) -> View:
    html = decode(page)
    return View(page=page, source=source, parser=parser, html=html, document=document(html))


def _article(view: View, rules: Rules) -> Parsed:
    stated = structured(view)
    found = article(
        view,
        outlet=stated.outlet or rules.outlet,
        key=urls.key(view.page.url),
        title=_title(view, stated),
        paragraphs=[text(p) for p in every(view.document, "p")],
        evidence=dated(page_mark=stated.published),
        language=rules.language,
    )
    return Parsed(articles=(found,), layout=ARTICLE)


def _title(view: View, stated: Stated) -> str:
    if stated.title:
        return stated.title
    headings = [text(node) for node in every(view.document, "h1")]
    if len(headings) != 1:
        raise LayoutChanged(f"{view.page.url}: states no title and has {len(headings)} headings `h1` instead of one")
    return headings[0]
