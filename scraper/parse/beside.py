"""The date that stands beside a link, in lists whose class names are not known or do not last.

Hides how far from a link its row reaches: as far as no other article is linked, to the end of a row that is one by its tag,
and no farther than a row has words.
"""

from __future__ import annotations

from collections.abc import Callable

from selectolax.lexbor import LexborNode

from scraper.parse.dates import dotted, month_name, year_first
from scraper.parse.dom import every, text

_ROWS = frozenset({"li", "tr"})
_LONGEST = 80
"""Letters beside the links of a row: a date, a writer, a number; more is a text."""


def day_beside(a: LexborNode, leads: Callable[[LexborNode], str | None]) -> str | None:
    """The date in the nearest element around a link that holds no link to another article; None without one.

    `leads` names the article a link leads to. Words of links are no date of theirs: titles hold dates too.
    """
    known = {None, leads(a)}
    at = a.parent
    while at is not None and at.tag not in {"body", "html"}:
        if any(leads(link) not in known for link in every(at, "a[href]")):
            return None
        words = text(at, without=("a",))
        if len(words) > _LONGEST:
            return None
        day = dotted(words) or year_first(words) or month_name(words)
        if day or at.tag in _ROWS:
            return day
        at = at.parent
    return None
