"""In which parts two readings of one article differ, and whether a reader would see it.

Hides how each part is compared: on the comparison form (`parse.text.fold`), a picture by its file's name, a link by the key
of its address. What differs only as written (spaces, quotes, dashes, widths) is cosmetic, and no edit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from hashlib import sha256
from types import MappingProxyType

from scraper import urls
from scraper.model import Article
from scraper.parse.text import fold

FIELDS: Mapping[str, Callable[[Article], Iterable[str]]] = MappingProxyType(
    {
        "title": lambda article: (article.title,),
        "text": lambda article: article.paragraphs,
        "dateline": lambda article: (article.dateline.text,) if article.dateline else (),
        "byline": lambda article: (article.byline or "",),
        "captions": lambda article: (*(image.caption or "" for image in article.images), *article.captions),
        # Outlets move their pictures from host to host and put tokens behind them; the file stays.
        "images": lambda article: (_file(image.url) for image in article.images),
        "links": lambda article: (part for link in article.links for part in (link.text, _key(link.url))),
    }
)
"""The parts of an article by name, each as the texts that are compared."""
_WRITTEN = ("title", "text", "dateline", "byline", "captions")


def differing(before: Article, after: Article) -> tuple[str, ...]:
    """The fields that a reader would find changed."""
    return tuple(name for name in FIELDS if _form(before, name) != _form(after, name))


def cosmetic(before: Article, after: Article) -> tuple[str, ...]:
    """The fields that are written otherwise and read the same."""
    return tuple(
        name
        for name in _WRITTEN
        if tuple(FIELDS[name](before)) != tuple(FIELDS[name](after)) and _form(before, name) == _form(after, name)
    )


def dropped_sections(before: Article, after: Article) -> tuple[str, ...]:
    """The sections that an article was filed under and is not any more."""
    kept = set(map(fold, after.sections))
    return tuple(section for section in before.sections if fold(section) not in kept)


def digest(article: Article) -> str:
    """Hex SHA-256 over all that is compared, as written: of two readings with one digest none was changed."""
    parts = ("\x1f".join(FIELDS[name](article)) for name in FIELDS)
    return sha256("\x1e".join((*parts, *sorted(article.sections))).encode("utf-8", "surrogatepass")).hexdigest()


def _form(article: Article, name: str) -> str:
    return fold("\n".join(FIELDS[name](article)))


def _file(url: str) -> str:
    return url.partition("?")[0].rstrip("/").rpartition("/")[2]


def _key(url: str) -> str:
    try:
        return urls.key(url)
    except ValueError:
        return url
