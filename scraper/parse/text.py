"""The comparison form of a text, and what is not text although it stands at its end.

Hides which differences between two printings of one text say nothing (docs/sources.md, "Text form"). What is stored is
always the text as published; only hashes and comparisons use the folded form.
"""

# ruff: noqa: RUF001, RUF002
# Look-alikes of ASCII punctuation are what this file is about.

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from hashlib import sha256

_PLAIN = {
    **dict.fromkeys("‘’‚‛`´′‵ʼ", "'"),
    **dict.fromkeys("“”„‟″‶«»", '"'),
    **dict.fromkeys("‐‑‒–—―−─", "-"),
    # Invisible: zero-width space, marks of direction, word joiner, byte order mark, soft hyphen.
    **dict.fromkeys("\u200b\u200e\u200f\u2060\ufeff\u00ad", ""),
}
_FULL_WIDTH = (*((chr(ord(mark) + 0xFEE0), mark) for mark in ",:;!?()%0123456789"), ("…", "..."))
"""What Chinese and Japanese texts are full of, and what NFKC makes of it: without them most texts are in that form already."""
_CLOSING = tuple(",.;:!?)]}%、。』」】》")
_OPENING = tuple("([{『「【《")
_POSSESSIVE = re.compile(r" ('s\b)")
_ORDINAL = re.compile(r"([0-9]) ((?:st|nd|rd|th)\b)")

_DATE_MARK = r"\(\s*(?:Juche|주체)?\s*\d{2,4}\.\s*\d{1,2}\.\s*\d{1,2}\.?\s*\)"
# Three of one kind and no more: four, or two kinds in a row, are a rule or a gap in the text.
_THREE = "|".join(rf"(?<!{dash}){dash}{{3}}(?!{dash})" for dash in "－‐―")
_MARK = rf"(?:-\s?[0０]\s?-|{_THREE}|(?:www\.)?kcna\.kp\s*{_DATE_MARK})"
_TRAILING = re.compile(rf"\s*({_MARK}(?:\s*{_MARK})*)\s*$")
_DATE_ALONE = re.compile(rf"\s*({_DATE_MARK})\s*$")
_LAST_SIGNS = frozenset("-－‐―)")
"""With what a mark ends."""


def fold(text: str) -> str:
    """The comparison form: NFKC, one kind of quote and dash (`--` is one too), single spaces and none that only inline tags made.

    "Kim Jong Un , general" equals "Kim Jong Un, general", "14 th" equals "14th", full-width digits equal ASCII ones.
    Case is kept. `fold(fold(x)) == fold(x)`.
    """
    return _folded((text,))


def text_sha256(title: str, paragraphs: Iterable[str]) -> str:
    """Hex SHA-256 over the folded title and paragraphs, one to a line: equal for two printings of one text."""
    return sha256(_folded((title, *paragraphs)).encode()).hexdigest()


def split_end_mark(paragraphs: Iterable[str]) -> tuple[tuple[str, ...], str | None]:
    """Paragraphs without the agency's marks at their end, and these marks joined by a space (None where none is).

    Marks are `-0-`, `－－－`, `‐‐‐`, `―――`, `www.kcna.kp (2025.07.13.)`, `www.kcna.kp (Juche108.12.10.)`
    (docs/sources.md, "Text form"); a paragraph made of nothing else is dropped.
    """
    kept = list(paragraphs)
    marks: list[str] = []
    # The last sign first: the pattern is tried at every place of a paragraph, which takes longer than all else here.
    while kept and kept[-1].rstrip()[-1:] in _LAST_SIGNS:
        match = _TRAILING.search(kept[-1]) or _DATE_ALONE.fullmatch(kept[-1])
        if match is None:
            break
        marks.insert(0, match.group(1))
        rest = kept.pop()[: match.start()].rstrip()
        if rest:
            kept.append(rest)
            break
    return tuple(kept), " ".join(marks) or None


def _folded(parts: Iterable[str]) -> str:
    """The parts folded, one to a line: all at once, which is several times faster than one by one."""
    folded = "\n".join(" ".join(part.split()) for part in parts)
    if not folded.isascii() or "`" in folded:
        plain = _plain(folded)
        # Most English texts are ASCII by now: curly quotes and dashes were all that they had beyond it.
        for wide, mark in _FULL_WIDTH if not plain.isascii() else ():
            plain = plain.replace(wide, mark)
        if not unicodedata.is_normalized("NFKC", plain):
            # Again: compatibility forms decompose into quotes and dashes, and some of these into a space and an accent.
            plain = _plain(unicodedata.normalize("NFKC", plain))
        folded = "\n".join(" ".join(line.split()) for line in plain.split("\n"))
    while "--" in folded:
        folded = folded.replace("--", "-")
    # Whether a sign is there at all is told in a tenth of the time that two signs are looked for in.
    for mark in _CLOSING:
        if mark in folded:
            folded = folded.replace(f" {mark}", mark)
    for mark in _OPENING:
        if mark in folded:
            folded = folded.replace(f"{mark} ", mark)
    if " 's" in folded:
        folded = _POSSESSIVE.sub(r"\1", folded)
    return _ORDINAL.sub(r"\1\2", folded)


def _plain(text: str) -> str:
    # One search for each mark: most are not there, and all of them together take less time than one pass that stops at each.
    for mark, plain in _PLAIN.items():
        text = text.replace(mark, plain)
    return text
