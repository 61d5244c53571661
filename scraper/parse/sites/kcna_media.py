"""KCNA's galleries and videos on kcna.kp, of both generations that had pages for them: items of pictures, without text.

Hides where a page keeps its title, its pictures and the file of its film. A film's file is the item's only link.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from selectolax.lexbor import LexborNode

from scraper import urls
from scraper.errors import LayoutChanged
from scraper.model import Image, Link, Origin, Parsed, Sighting
from scraper.parse.dates import dotted
from scraper.parse.dom import Document, Node, distinct, every, link, maybe, one, some, text
from scraper.parse.layout import Grade, Layout, View, article, dated, images, language, listing

_TITLE_PREFIX = re.compile(r"^[^|]{1,40}\|\s*(?:(?:Photo|Video|사진|동영상)\s*\|\s*)?")
"""The agency's name in the page's language, and on some pages the kind of page."""
_FILM = re.compile(r"""source\s+src\s*=\s*\\?["']([^"'\\]+)\\?["'][^>]*?type\s*=\s*\\?["']video/mp4""")
_SLIDES = "main .gallery .slider img"
_FILM_BOX = "main .video"
_FILMS = ".video-wrapper"
_Q_TITLE = ".title .main span"
_MARKS = (".publish-time", ".datemark")
_MEDIA = 'a[href*="/media/photo/q/"], a[href*="/media/video/q/"]'


def read_gallery(view: View) -> Parsed:
    """A picture gallery of 2026: no text. The title is that of the page, as `alt` breaks at its unescaped quotes."""
    pictures = images(view, some(view.document, _SLIDES), captioned=False)
    return _item(view, _page_title(view), section="gallery", pictures=pictures)


def read_video(view: View) -> Parsed:
    """A film of 2026: its title is that of the page, its picture the poster."""
    return _film(view, _page_title(view), one(view.document, _FILM_BOX))


def read_q_media(view: View) -> Parsed:
    """A gallery or a film of the `q/` pages, dated where the page has a mark."""
    title = text(some(view.document, _Q_TITLE)[0])
    if "/media/video/" in urls.target(view.page.url):
        return _film(view, title, view.document)
    pictures = images(view, some(view.document, ".content img"), captioned=False)
    return _item(view, title, section="gallery", pictures=pictures)


def read_q_list(view: View) -> Parsed:
    """The `q/` pages' list of films."""
    return listing(view, _rows(view, some(view.document, _FILMS), section=False))


def media_rows(view: View) -> tuple[Sighting, ...]:
    """The galleries and films that the front page of the `q/` pages links to, each with the date beside its link."""
    beside = (a.parent for a in every(view.document, _MEDIA) if text(a))
    return _rows(view, filter(None, beside), section=True)


def _rows(view: View, boxes: Iterable[LexborNode], *, section: bool) -> tuple[Sighting, ...]:
    """The item of each box, with the date that stands in it."""
    found: dict[str, Sighting] = {}
    for box in boxes:
        published = dotted(text(box, without=("a",)))
        for a in distinct(a for a in every(box, _MEDIA) if text(a)):
            url = link(a, view.page.url)
            kind = "gallery" if "/media/photo/" in urls.target(url) else "video"
            row = Sighting(
                url=url, origin=Origin.LISTING, title=text(a, without=_MARKS), section=kind if section else None
            )
            found.setdefault(url, replace(row, published=published))
    return tuple(found.values())


def _film(view: View, title: str, box: Node) -> Parsed:
    files = dict.fromkeys(
        url for address in (*_sources(box), *_FILM.findall(view.html)) if (url := _url(view, address))
    )
    if len(files) != 1:
        raise LayoutChanged(f"{view.page.url}: expected one film, found {len(files)}; write a new layout")
    posters = (video.attributes.get("poster") or "" for video in every(box, "video[poster]"))
    pictures = tuple(Image(url=url) for poster in posters if (url := _url(view, poster)))
    films = tuple(Link(url=url, text=title) for url in files)
    return _item(view, title, section="video", pictures=pictures, films=films)


def _item(view: View, title: str, *, section: str, pictures: tuple[Image, ...], films: tuple[Link, ...] = ()) -> Parsed:
    mark = maybe(view.document, ".publish-time")
    found = article(
        view,
        outlet="KCNA",
        key=urls.key(view.page.url),
        title=title,
        paragraphs=(),
        evidence=dated(page_mark=dotted(text(mark)) if mark else None),
        language=language(view),
        sections=(section,),
        images=pictures,
        links=films,
        bodyless=True,
    )
    return Parsed(articles=(found,))


def _page_title(view: View) -> str:
    return _TITLE_PREFIX.sub("", text(one(view.document, "title")))


def _sources(box: Node) -> tuple[str, ...]:
    return tuple(node.attributes.get("src") or "" for node in every(box, "video[src], video source[src]"))


def _url(view: View, address: str) -> str | None:
    """An address one can ask for; None for one inlined as data, or none at all."""
    try:
        return urls.canonical(address, view.page.url) if address.strip() else None
    except ValueError:
        return None


def _is_gallery(tree: Document) -> bool:
    return bool(every(tree, _SLIDES))


def _is_video(tree: Document) -> bool:
    return bool(every(tree, _FILM_BOX))


def _is_q_media(tree: Document) -> bool:
    return bool(every(tree, _Q_TITLE))


def _is_q_list(tree: Document) -> bool:
    return bool(every(tree, _FILMS))


_SINCE = date(2026, 7, 2)

LAYOUTS = (
    Layout(
        name="kcna/gallery-2026",
        addresses="`/en/gallery/detail/<32 hex>`",
        grade=Grade.FRAGMENTS,
        version=1,
        kind="article",
        urls=re.compile(r"/gallery/detail/[0-9a-f]+"),
        since=_SINCE,
        until=None,
        fits=_is_gallery,
        read=read_gallery,
    ),
    Layout(
        name="kcna/video-2026",
        addresses="`/en/video/detail/<32 hex>`",
        grade=Grade.DESCRIPTION,
        version=1,
        kind="article",
        urls=re.compile(r"/video/detail/[0-9a-f]+"),
        since=_SINCE,
        until=None,
        fits=_is_video,
        read=read_video,
    ),
    Layout(
        name="kcna/q-media",
        addresses="`/en/media/photo/q/<hex>.kcmsf`, `/en/media/video/q/<hex>.kcmsf`",
        grade=Grade.SELECTORS,
        version=1,
        kind="article",
        urls=re.compile(r"/media/(?:photo|video)/q/[0-9a-f]+\.kcmsf"),
        since=date(2019, 1, 1),
        until=_SINCE,
        fits=_is_q_media,
        read=read_q_media,
    ),
    Layout(
        name="kcna/q-videos",
        addresses="`/en/category/videos.kcmsf`",
        grade=Grade.SELECTORS,
        version=1,
        kind="listing",
        urls=re.compile(r"/category/videos"),
        since=date(2019, 1, 1),
        until=_SINCE,
        fits=_is_q_list,
        read=read_q_list,
    ),
)
