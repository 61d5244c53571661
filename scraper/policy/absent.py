"""By what a page is known that says "there is no such page" with status 200, at an outlet of which nothing else is known.

Hides the wordings. It is the page's whole title, or all of it but the outlet's name, never a word in a text; and a page that
states when it was published is an article, whatever it is called.
"""

from __future__ import annotations

import re

from scraper.policy.marks import Face

_WORDS = frozenset(
    {
        "404",
        "404 error",
        "404 not found",
        "404 page not found",
        "article not found",
        "error 404",
        "not found",
        "page cannot be found",
        "page not found",
        "page not found 404",
        "the page cannot be found",
        "the page you requested was not found",
        "seite nicht gefunden",
        "page introuvable",
        "page non trouvée",
        "página no encontrada",
        "страница не найдена",
        "존재하지 않는 페이지입니다",
        "페이지를 찾을 수 없습니다",
        "요청하신 페이지를 찾을 수 없습니다",
        "页面不存在",
        "页面未找到",
        "您访问的页面不存在",
        "ページが見つかりません",
        "お探しのページは見つかりませんでした",
    }
)
_PARTS = re.compile(r"\s*[|·•»«_]\s*|\s+[/–—-]\s+")  # noqa: RUF001 - what stands before or after an outlet's name
_NAME = 4
"""Words that an outlet's name has at most: what stands beside more of them is part of a sentence."""
_DATED = (b"datepublished", b"published_time")


def says_absent(face: Face) -> bool:
    """Whether a page's title says that there is no such page, on a page with little else that names no date of publication."""
    if not face.title or any(mark in face.low for mark in _DATED):
        return False
    return bool(_WORDS.intersection(_segments(face.title))) and face.slight


def _segments(title: bytes) -> set[str]:
    try:
        words = title.decode()
    except UnicodeDecodeError:
        words = title.decode("euc-kr", "replace")
    parts = [" ".join(part.split()).casefold().rstrip(" .!…") for part in _PARTS.split(words)]
    names = [part for part in parts if part not in _WORDS]
    return set(parts) | {" ".join(parts)} if all(len(name.split()) <= _NAME for name in names) else set()
