"""Bytes, headers and time in; articles, sightings and further listings out. Pure.

Hides which of an outlet's dated layouts reads a page. The worker and `scraper parse` call the same function on the
live page and on the stored one; it cannot tell which it was given.
"""

from __future__ import annotations

from dataclasses import replace

from scraper import urls
from scraper.errors import LayoutChanged, NotAnArticle
from scraper.model import Page, Parsed, Rules
from scraper.parse.decode import decode
from scraper.parse.dom import document
from scraper.parse.layout import Layout, View
from scraper.parse.sites import kcna, kcnajp, kcnawatch, mfa, rodong, xinhua

LAYOUTS: dict[str, tuple[Layout, ...]] = {
    "kcna": kcna.LAYOUTS,
    "kcnajp": kcnajp.LAYOUTS,
    "kcnawatch": kcnawatch.LAYOUTS,
    "mfa": mfa.LAYOUTS,
    "rodong": rodong.LAYOUTS,
    "xinhua": xinhua.LAYOUTS,
}
"""Every parser a source may name, with its layouts in the order they are tried."""

GENERIC = "generic"
"""The parser of sources without code of their own (`parse/generic.py`)."""

PARSERS = frozenset({*LAYOUTS, GENERIC})


def parse(page: Page, *, source: str, parser: str, rules: Rules | None = None) -> Parsed:
    """What a page of `source` holds, read by the first layout of `parser` whose URL pattern and signature fit.

    `rules` are what the generic parser goes by; others do not look at them.

    Raises NotAnArticle where no layout is for such an address, LayoutChanged where layouts are for the address but
    none knows the page (naming URL and layouts), ValueError for an unknown parser or a generic one without rules.
    """
    if parser == GENERIC:
        return _generic(page, source, rules)
    if parser not in LAYOUTS:
        raise ValueError(f"no parser is called {parser!r}: use one of {', '.join(sorted(PARSERS))}")
    return parse_text(page, decode(page), source=source, parser=parser)


def parse_text(page: Page, html: str, *, source: str, parser: str) -> Parsed:
    """What the decoded text of a page holds: `parse` of an outlet's own layouts without the decoding."""
    target = urls.target(page.url)
    candidates = [layout for layout in LAYOUTS[parser] if layout.urls.search(target)]
    if not candidates:
        raise NotAnArticle(f"no layout of {parser} is for {page.url}")
    tree = document(html)
    for layout in candidates:
        if layout.fits(tree):
            view = View(page=page, source=source, parser=layout.id, html=html, document=tree)
            return replace(_read(layout, view), layout=view.parser)
    tried = ", ".join(layout.id for layout in candidates)
    raise LayoutChanged(f"{page.url}: fits none of {tried}; write a new layout")


def _generic(page: Page, source: str, rules: Rules | None) -> Parsed:
    # Here, not at the top: what it is made of takes longer to import than everything else in the pure rooms.
    from scraper.parse import generic  # noqa: PLC0415

    if rules is None:
        raise ValueError(f"{page.url}: the generic parser needs the rules of source {source!r}")
    return generic.read(page, source=source, rules=rules)


def _read(layout: Layout, view: View) -> Parsed:
    try:
        return layout.read(view)
    except LayoutChanged as error:
        if view.page.url in str(error):
            raise
        raise LayoutChanged(f"{view.page.url}: {layout.id}: {error}") from error
