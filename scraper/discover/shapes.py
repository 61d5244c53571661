"""From addresses to the patterns of a declaration: what the addresses of some articles have in common.

Hides how an address is taken apart: dates, numbers, hex digits and slugs are what differs from article to article, words are
what stays. Pure; a guess for a person to look at, never a rule.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from scraper import urls

_END = r"(?:\?|$)"
_ANY = r"[^/?]+"
_YEAR = re.compile(r"(?:19|20)\d\d")
_DAY8 = re.compile(r"(?:19|20)\d\d[01]\d[0-3]\d")
_HEX = re.compile(r"(?=.*\d)[0-9a-f]{16,}", re.IGNORECASE)
_TYPE = re.compile(r"(.+)(\.(?:s?html?|php|aspx?|jsp|do|xml(?:\.gz)?))", re.IGNORECASE)
_TYPE_PATTERN = re.compile(r"(?:\\\.[a-z]{2,5}){1,2}$")
_NO_TYPE = ("",)
_TRACKING = re.compile(r"utm_|fbclid$|gclid$", re.IGNORECASE)
_FEWEST_HYPHENS, _LONG = 2, 24
_MOST = 2000
"""Addresses looked at: a sitemap may hold fifty thousand of the same few forms."""
_PAIRS = 2
"""Pairs of a query that a pattern names: the first tell articles apart, and each more makes it slower to search."""
_LIMIT = 5
"""More patterns than these are no pattern."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """A pattern, how many of the addresses it was made from it fits, one of them, and others that it fits as well."""

    pattern: str
    count: int
    example: str
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Part:
    """A piece of an address: its pattern, and whether it is a word (which stays) or differs from article to article."""

    pattern: str
    word: bool = False


@dataclass(frozen=True, slots=True)
class _Shape:
    path: tuple[_Part, ...]
    query: tuple[_Part, ...]
    slash: bool

    def skeleton(self) -> tuple[object, ...]:
        """What addresses must share to be of one pattern: all but their words."""
        return tuple(part.pattern if not part.word else None for part in (*self.path, *self.query)), len(self.path)


def guess(wanted: Iterable[str], others: Iterable[str] = ()) -> tuple[Guess, ...]:
    """Patterns that fit the wanted URLs, those that fit most first; where it can be had, none of `others`.

    Each URL counts for the first pattern that fits it. Errors: none; what has no shape in common is left out.
    """
    targets = dict.fromkeys(map(urls.target, islice(wanted, _MOST)))
    against = [target for target in dict.fromkeys(map(urls.target, others)) if target not in targets]
    groups: dict[tuple[object, ...], list[str]] = defaultdict(list)
    for target in targets:
        groups[_shape(target).skeleton()].append(target)
    found: list[Guess] = []
    left = dict(targets)
    # An address of words alone is one page's; a slug may be short enough to look like a word.
    varied = [members for members in groups.values() if varies(members[0])]
    for members in sorted(varied or groups.values(), key=len, reverse=True):
        fresh = [target for target in members if target in left]
        if not fresh or len(found) == _LIMIT:
            continue
        pattern = _pattern([_shape(target) for target in members], members, against)
        fitting = [target for target in left if re.search(pattern, target)]
        left = {target: None for target in left if not re.search(pattern, target)}
        also = tuple(target for target in against if re.search(pattern, target))
        found.append(Guess(pattern=pattern, count=len(fitting), example=fresh[0], also=also))
    return tuple(sorted(found, key=lambda each: each.count, reverse=True))


def varies(url: str) -> bool:
    """Whether something in a URL or target is such as differs from article to article: a date, a number, a slug."""
    shape = _shape(url if url.startswith("/") else urls.target(url))
    return any(not part.word for part in (*shape.path, *shape.query))


def exactly(url: str) -> str:
    """The pattern of one page's own address, with any query where it has none itself."""
    path, mark, query = urls.target(url).partition("?")
    if mark:
        return f"^{_literal(path + mark + query)}$"
    folder = path.rstrip("/")
    return f"^{_literal(folder)}/{'?' if folder else ''}{_END}" if path.endswith("/") else f"^{_literal(path)}{_END}"


def day_in(addresses: Sequence[str]) -> str | None:
    """The pattern of the day in the addresses of articles, with its groups; None where not all have one."""
    for pattern in (
        r"/(?P<year>20\d\d)[/-]?(?P<month>[01]\d)[/-]?(?P<day>[0-3]\d)(?!\d)",
        r"(?<!\d)(?P<year>20\d\d)-(?P<month>[01]\d)-(?P<day>[0-3]\d)(?!\d)",
    ):
        if addresses and all(re.search(pattern, urls.target(url)) for url in addresses):
            return pattern
    return None


def _shape(target: str) -> _Shape:
    path, _, query = target.partition("?")
    slash = path.endswith("/")
    segments = path[1:].removesuffix("/").split("/") if path != "/" else []
    pairs = [pair for pair in query.split("&") if pair and not _TRACKING.match(pair.partition("=")[0])]
    return _Shape(
        path=tuple(_in_place(segments, place) for place in range(len(segments))),
        query=tuple(map(_asked, pairs[:_PAIRS])),
        slash=slash,
    )


def _in_place(segments: Sequence[str], place: int) -> _Part:
    """A segment as its neighbours let it be read: a year is followed by something, a month and a day follow a year."""
    text = segments[place]
    if _YEAR.fullmatch(text) and place + 1 < len(segments):
        return _Part(r"\d{4}")
    if re.fullmatch(r"\d\d?", text) and any(_YEAR.fullmatch(before) for before in segments[max(0, place - 2) : place]):
        return _Part(r"\d{1,2}")
    return _segment(text)


def _asked(pair: str) -> _Part:
    """A pair of a query: its name stays, its value is read like a segment."""
    name, sign, value = pair.partition("=")
    part = _segment(value)
    return _Part(f"{_literal(name)}{sign}{part.pattern.replace(_ANY, '[^&]+')}", word=part.word)


def _segment(text: str) -> _Part:
    typed = _TYPE.fullmatch(text)
    if typed:
        stem = _segment(typed[1])
        return _Part(stem.pattern + _literal(typed[2]), stem.word)
    if text.isascii() and text.isdigit():
        return _Part(r"\d{8}" if _DAY8.fullmatch(text) else r"\d+")
    if _HEX.fullmatch(text):
        return _Part(rf"[0-9a-f]{{{len(text)}}}")
    hyphens = text.count("-") + text.count("_")
    number = re.search(r"(?:^\d{4,}(?=[-_]))|(?:(?<=[-_])\d{4,}$)", text)
    if number and hyphens > 1:
        return _Part(rf"\d+[-_]{_ANY}" if number.start() == 0 else rf"{_ANY}[-_]\d+")
    if hyphens >= _FEWEST_HYPHENS or len(text) > _LONG or not text.isascii() or "%" in text:
        return _Part(r"\d{4}-\d\d-\d\d" if re.fullmatch(r"\d{4}-\d\d-\d\d", text) else _ANY)
    if len(re.findall(r"\d+", text)) > 2 and text.isalnum():
        return _Part("[0-9A-Za-z]+")
    if re.search(r"\d{2}", text):
        return _Part(re.sub(r"\d+", r"\\d+", _literal(text)))
    return _Part(_literal(text), word=True)


def _pattern(shapes: Sequence[_Shape], members: Sequence[str], against: Sequence[str]) -> str:
    """The loosest pattern that fits none of `against`; the strictest there is where each fits some."""
    fitting = [made for made in _candidates(shapes, members) if all(re.search(made, member) for member in members)]
    return next((made for made in fitting if not any(re.search(made, target) for target in against)), fitting[-1])


def _candidates(shapes: Sequence[_Shape], members: Sequence[str]) -> Iterator[str]:
    """Any word for the words that differ; then those that were seen; then slugs of as many words as the members have."""
    yield _written(shapes, loose=True)
    yield _written(shapes, loose=False)
    hyphens = min(max(map(_hyphens, member.partition("?")[0].split("/"))) for member in members)
    if hyphens:
        longer = rf"[^/?-]+(?:-[^/?-]+){{{hyphens},}}"
        yield _written(shapes, loose=False).replace(_ANY, longer)


def _hyphens(segment: str) -> int:
    return segment.count("-")


def _written(shapes: Sequence[_Shape], *, loose: bool) -> str:
    first = shapes[0]
    path = [_together([shape.path[place] for shape in shapes], loose=loose) for place in range(len(first.path))]
    query = [part.pattern for part in first.query]
    slash = "/?" if any(shape.slash for shape in shapes) or not path else ""
    end = rf"\?(?:.*&)?{'&(?:.*&)?'.join(query)}" if query else _END
    return "^/" + "/".join(path) + (slash if path else "") + end


def _together(parts: Sequence[_Part], *, loose: bool) -> str:
    """One pattern for a place: what is the same everywhere, every word that was seen, or, `loose`, any.

    What all begin and end with stays: `sitemap-posts.xml` and `sitemap-news.xml` are not any file.
    """
    values = sorted({part.pattern for part in parts})
    if len(values) == 1:
        return values[0]
    if not loose:
        return f"(?:{'|'.join(values)})"
    types = {(_TYPE_PATTERN.search(value) or _NO_TYPE)[0] for value in values}
    # Of sorted texts, what the first and the last begin with, all do.
    shared = next((at for at, pair in enumerate(zip(values[0], values[-1])) if len(set(pair)) > 1), len(values[0]))  # noqa: B905 - the shorter one decides
    begin = re.match(r"(?:\w+[-_])*", values[0][:shared])
    return (begin[0] if begin else "") + _ANY + (types.pop() if len(types) == 1 else "")


def _literal(text: str) -> str:
    """The text as a pattern; a hyphen needs no backslash outside of a set."""
    return re.escape(text).replace(r"\-", "-")
