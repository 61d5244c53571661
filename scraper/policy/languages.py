"""In another language than its address says? Told from the script of the text alone, and only where that is beyond doubt.

Hides the scripts and the addresses' words for languages. `<html lang>` is not believed: it is the template's, and the same
on every page. Many servers keep the language in the session (docs/sources.md, "XML answers"), so an address that names no
language is never contradicted.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from scraper.model import Page
from scraper.parse.decode import decode

_ENOUGH = 200
"""Letters under which a page is not judged by its script."""
_MOST, _HARDLY = 0.7, 0.05
_ASCII = bytes(range(128))

_SCRIPTS = {
    "latin": re.compile(r"[A-Za-z\u00c0-\u024f]"),
    "cyrillic": re.compile(r"[\u0400-\u04ff]"),
    "hangul": re.compile(r"[\uac00-\ud7a3]"),
    "kana": re.compile(r"[\u3041-\u30ff]"),
    "han": re.compile(r"[\u4e00-\u9fff]"),
}
_WRITTEN = {
    "en": "latin",
    "es": "latin",
    "fr": "latin",
    "de": "latin",
    "ru": "cyrillic",
    "ko": "hangul",
    "ja": "kana",
    "zh": "han",
}
_NAMES = {
    "kp": "ko",
    "kr": "ko",
    "kor": "ko",
    "cn": "zh",
    "chn": "zh",
    "jp": "ja",
    "jpn": "ja",
    "eng": "en",
    "english": "en",
    "rus": "ru",
}
_NOT_TEXT = re.compile(
    r"<(script|style)\b.*?(?:</\1[^>]*(?:>|\Z)|\Z)|<!--.*?(?:-->|\Z)|<[^>]*(?:>|\Z)", re.DOTALL | re.IGNORECASE
)


def contradicts(page: Page, language: str) -> bool:
    """Whether an HTML page's text is written in another script than that of `language`, which its address names too."""
    script = _WRITTEN.get(language)
    if script is None or _named(page.url) != language or b"<xsync" in page.body[:512]:
        return False
    if script == "latin" and (page.body.isascii() or _foreign(page.body) * 10 < len(page.body)):
        return False
    text = _NOT_TEXT.sub(" ", decode(page))
    counts = {name: len(letters.findall(text)) for name, letters in _SCRIPTS.items()}
    letters = sum(counts.values())
    if letters < _ENOUGH:
        return False
    return counts[script] < _HARDLY * letters or (script == "latin" and letters - counts[script] > _MOST * letters)


def _foreign(body: bytes) -> int:
    """How many bytes are not ASCII."""
    return len(body.translate(None, delete=_ASCII))


def _named(url: str) -> str | None:
    """The language that a URL names in its first folder, or in its host's first label."""
    parts = urlsplit(url)
    for word in (parts.path.split("/", 2)[1:2] or [""])[0], (parts.hostname or "").partition(".")[0]:
        if word in _WRITTEN or word in _NAMES:
            return _NAMES.get(word, word)
    return None
