"""The pages that are fetched: about 77 KB of HTML each, 18 KB when gzipped, every one different.

Hides how thousands of them are made in seconds: the part all pages share is compressed once, and each page's own part after it.
"""

from __future__ import annotations

import random
import zlib
from functools import cache

_GZIP = 16 + zlib.MAX_WBITS
_SHARED_ROWS = 130
_RELATED_ROWS = 107
_PARAGRAPHS = 24
_WORDS_A_PARAGRAPH = 70


class Site:
    """An outlet's article pages, numbered from 0; the same number is always the same page."""

    def __init__(self) -> None:
        shared = _top().encode()
        self._compressor = zlib.compressobj(6, zlib.DEFLATED, _GZIP)
        self._head = self._compressor.compress(shared)
        self._shared = shared

    def plain(self, number: int) -> bytes:
        """The page as it is."""
        return self._shared + _own(number).encode()

    def gzipped(self, number: int) -> bytes:
        """The page as it is sent to whoever accepts gzip."""
        compressor = self._compressor.copy()
        return self._head + compressor.compress(_own(number).encode()) + compressor.flush()


def address(number: int) -> str:
    """The path of a page."""
    return f"/en/article/detail/{number:032x}"


def _top() -> str:
    chance = random.Random("shared")  # noqa: S311 - the same pages in every run
    menu = "\n".join(
        f'<li class="menu-item menu-item-{at} depth-{at % 3}"><a class="menu-link" href="/en/article/list/{_token(chance)}">'
        f'<span class="label">{_words(chance, 2)}</span></a></li>'
        for at in range(_SHARED_ROWS)
    )
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>The news</title></head>\n'
        f'<body class="article"><nav><ul class="menu">{menu}</ul></nav>\n'
    )


def _own(number: int) -> str:
    chance = random.Random(number)  # noqa: S311 - the same pages in every run
    paragraphs = "\n".join(f"<p>{_words(chance, _WORDS_A_PARAGRAPH)}.</p>" for _ in range(_PARAGRAPHS))
    related = "\n".join(
        f'<div class="related-row row-fluid"><div class="thumb col-sm-3"><a class="thumb-link" href="/en/article/detail/'
        f'{_token(chance)}"><img class="lazy img-responsive" src="/images/loading.gif" data-src="/images/{_token(chance)}.jpg"'
        f' alt=""></a></div><h5 class="block"><a href="/en/article/detail/{_token(chance)}">{_words(chance, 4)}</a>'
        f" <nobr>[2026.08.{at % 28 + 1:02d}]</nobr></h5></div>"
        for at in range(_RELATED_ROWS)
    )
    return (
        f'<main><article><div class="container"><h1>{_words(chance, 8)}</h1>\n{paragraphs}\n</div></article></main>\n'
        f'<aside class="related">{related}</aside><footer>Page {number}</footer></body></html>\n'
    )


def _token(chance: random.Random) -> str:
    return f"{chance.getrandbits(128):032x}"


def _words(chance: random.Random, count: int) -> str:
    return " ".join(chance.choices(_vocabulary(), k=count))


@cache
def _vocabulary() -> tuple[str, ...]:
    """Three thousand made-up words."""
    chance = random.Random("words")  # noqa: S311 - the same pages in every run
    parts = ("ka", "to", "re", "min", "sul", "an", "po", "ve", "ling", "dor", "e", "shi", "gan", "us", "ter", "na")
    return tuple("".join(chance.choices(parts, k=chance.randint(1, 3))) for _ in range(3000))
