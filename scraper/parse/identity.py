"""Which article an address is of, by the outlet's own key: one article may have many addresses.

Hides the places where the outlets write their keys (docs/sources.md, "Identity"). An address that tells nothing stands for
itself; pages are then told to be one article only by what is read from them.
"""

from __future__ import annotations

import re

from scraper import urls
from scraper.parse.sites import rodong_tokens

_PATTERNS = {
    "kcna": re.compile(r"[?&]article_code=(?P<key>AR\d+)"),
    "kcnawatch": re.compile(r"/newstream/(?P<key>\d+-\d+)/"),
    "mfa": re.compile(r"/view/article/(?P<key>\d+)(?:[/?]|$)"),
    "xinhua": re.compile(r"/(?P<key>[0-9a-f]{32})/c\.html?(?:\?|$)|/(?P<older>c(?:ontent)?_\d+)\.html?(?:\?|$)"),
}

_SCHEMES = {
    "newsID": re.compile(r"\d{4}-\d{2}-\d{2}-\d{4}"),
    "token": re.compile(r"\d{4}-\d{2}-\d{2}-H?\d{3}"),
    "hex": re.compile(r"[0-9a-f]{32}"),
    "content": re.compile(r"content_\d+"),
    "c": re.compile(r"c_\d+"),
}
"""Where an outlet has numbered its articles in several ways; whoever has one way only needs no line."""


def identity(url: str, parser: str) -> str:
    """The outlet's key of the article at `url`, with the language where languages share keys; else the URL's own key.

    Rodong: date and serial; KCNA's AJAX era: AR code; ministry: number; KCNA Watch: ingest time and digits; Xinhua: 32 hex
    digits or c_N. KCNA's later hashes are of pages, not of articles, and stand for themselves.
    """
    try:
        itself = urls.key(url)
    except ValueError:
        return url
    found = rodong_tokens.article_key(url) if parser == "rodong" else _by_pattern(url, parser)
    if found is None:
        return itself
    # A first folder of two letters is a section at Xinhua (`tw`, `jp`): its numbers are one row for all, as the ministry's are.
    language = re.match(r"/([a-z]{2})/", urls.target(url)) if parser not in {"xinhua", "mfa"} else None
    return f"{parser}:{language.group(1) if language else ''}:{found}"


def _by_pattern(url: str, parser: str) -> str | None:
    pattern = _PATTERNS.get(parser)
    match = pattern.search(urls.target(url)) if pattern else None
    return next((value for value in match.groups() if value), None) if match else None


def own(name: str) -> bool:
    """Whether an identity is the outlet's own key, and not just the key of an address (which has a `)` after its host)."""
    return ")" not in name and "://" not in name


def scheme(name: str) -> str:
    """Which way of numbering an outlet's own key belongs to: two keys of one way are two articles, whatever they say."""
    number = name.rpartition(":")[2]
    return next((label for label, pattern in _SCHEMES.items() if pattern.fullmatch(number)), "")
