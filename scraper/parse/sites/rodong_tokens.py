"""The addresses of Rodong Sinmun: `strPageID` queries to 1 November 2022, base64 tokens since.

Hides both grammars (docs/sources.md, "Token grammar"): what a token's fields mean, that a link may carry it with too much
padding, percent-encoded or in the URL-safe alphabet, and that none of this tells one article from another. Case matters.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import parse_qs, unquote, urlsplit

_KEY = r"\d{4}-\d{2}-\d{2}-[A-Z]?\d{3,4}"
_WHOLE_KEY = re.compile(_KEY)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_ARTICLE = re.compile(rf"(?:12|8)@(?P<key>{_KEY})@(?P<section>\d*)(?:@|\Z)")
_LIST = re.compile(r"[12]@@(?P<section>\d+)@(?P<page>\d*)(?:@|\Z)")
_PICTURE = re.compile(r"(?:2@@@@p|02@@@u)@0@(?P<path>\S+)")
_OPENED = re.compile(r"""^\s*javascript:\s*article_open\(\s*["']([^"']+)["']\s*\)""", re.IGNORECASE)
_STANDARD = str.maketrans("-_ ", "+/+")
_NO_SECTION = frozenset({"", "2", "15", "19"})
"""Ways to an article that file it nowhere: today's paper, the pictures beside lists, search."""


@dataclass(frozen=True, slots=True)
class ListPage:
    """Which page of which section's list an address is; both as the token has them."""

    section: str
    page: int


def token(query: str) -> str | None:
    """The text inside a base64 query (`12@2026-02-19-003@1@1@@0@8@`); None where it is none.

    Padding is stripped and put right first, as strict decoders refuse too much of it; `-` and `_` stand for `+` and `/`
    (RFC 4648 §5), and so does the space that some program made of a `+`.
    """
    bare = unquote(query.partition("&")[0]).strip("\r\n\t").rstrip("=").translate(_STANDARD)
    try:
        return base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True).decode()
    except ValueError:
        return None


def query(text: str) -> str:
    """The query that holds `text` as its token: `token(query(text)) == text`."""
    return base64.b64encode(text.encode()).decode("ascii")


def is_key(text: str) -> bool:
    """Whether a text is date and serial of an article, the serial with an optional letter: `2024-08-01-H003`."""
    return _WHOLE_KEY.fullmatch(text) is not None


def article_key(url: str) -> str | None:
    """Date and serial of the article an address names, in either of the two schemes; None where it names none."""
    named = _news_id(url)
    if named:
        return named if is_key(named) else None
    match = _ARTICLE.match(_inside(url))
    return match["key"] if match else None


def stated_day(url: str) -> str | None:
    """The day an article's address states (`YYYY-MM-DD`), also where a `newsID` lacks its serial."""
    match = _DAY.match(article_key(url) or _news_id(url))
    return match[0] if match else None


def section_of(url: str) -> str:
    """The section in an article's token, as it has it; empty where it has none."""
    match = _ARTICLE.match(_inside(url))
    return match["section"] if match else ""


def filed_under(url: str) -> tuple[str, ...]:
    """The section an article's token files it under, as `section 4`: one article has such a token in every list it stands in.

    Nothing where the number tells only the way that was taken, and nothing of the position in a list.
    """
    section = section_of(url)
    return () if section in _NO_SECTION else (f"section {section}",)


def list_page(url: str) -> ListPage | None:
    """The section and page of a list's address; None for every other token (`2@@@@p@0@…` is a picture)."""
    match = _LIST.match(_inside(url))
    return ListPage(section=match["section"], page=int(match["page"] or 1)) if match else None


def picture_path(url: str) -> str | None:
    """The file a picture's address names (`2026/02/19/1/2026-02-19-003/photo-1.jpg`); None where it names none."""
    match = _PICTURE.match(_inside(url))
    return match["path"] if match else None


def opened(href: str) -> str:
    """The address in a link that is a call (`javascript:article_open('index.php?…')`); any other link as it is."""
    call = _OPENED.match(href)
    return call[1] if call else href


# An article's address is asked for its key, its day and its section, and a link of a list for several kinds of token.
@lru_cache(maxsize=256)
def _inside(url: str) -> str:
    return token(urlsplit(url).query) or ""


def _news_id(url: str) -> str:
    if "newsID" not in url:
        return ""
    return parse_qs(urlsplit(url).query.replace("&amp;", "&")).get("newsID", [""])[0].strip()
