"""Dates as the outlets write them, each reader giving an ISO string or None.

Hides the spellings (docs/sources.md, "Dates"): Juche years, day-first dates, English month names with and without a
full stop, datelines in four languages. Nothing here guesses a year: a dateline gives `--MM-DD`.
"""

# ruff: noqa: RUF001, RUF002
# Look-alikes of ASCII punctuation are what this file is about.

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import date

from scraper.model import Dateline

_JUCHE_EPOCH = 1911
_JUCHE_YEARS = range(1, 1000)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?"
    r"|Nov(?:ember)?|Dec(?:ember)?"
)

_DAY_FIRST = re.compile(r"(?<!\d)(\d{1,2})/(\d{1,2})/(\d{4})(?!\d)")
_DOTTED = re.compile(r"(?<![\d.])(\d{1,4})\.\s?(\d{1,2})\.\s?(\d{1,2})(?!\d)")
_MONTH_NAME = re.compile(
    rf"\b({_MONTH})\.?\s+(\d{{1,2}}),?\s+(?:Juche\s*(\d{{1,3}})\b\s*)?\(?(\d{{4}})?", re.IGNORECASE
)
# Capitalised words ("UNITED NATIONS", "Rio de Janeiro"), so that a sentence which quotes a dateline is none.
_PLACE = r"[A-Z][\w.'’/-]{0,30}(?:,? (?:of |the |de |do |da |la |el |al-)?[A-Z][\w.'’/-]{0,30}){0,5}?"
_DATELINES = (
    re.compile(
        rf"(?P<line>(?P<place>{_PLACE})\s?,\s*(?P<month>{_MONTH})\.?\s+(?P<day>\d{{1,2}})\s*\(\s?(?P<agency>KCNA|Xinhua)\s?\))"
        r"\s*(?:--|[-–—―])",
    ),
    re.compile(
        r"(?P<line>[【(]\s*(?P<place>\w{1,12}?)\s*(?P<month>\d{1,2})月\s*(?P<day>\d{1,2})日\s*発\s*(?P<agency>朝鮮中央通信)\s*[】)])"
    ),
    re.compile(
        r"(?P<line>(?P<agency>新华社|新華社|朝中社)(?P<place>\w{1,12}?)(?P<month>\d{1,2})月(?P<day>\d{1,2})日[电電])"
    ),
    re.compile(
        r"(?P<line>[(【]\s*(?P<place>\w{1,12}?)\s*(?P<month>\d{1,2})월\s*(?P<day>\d{1,2})일\s*발\s*(?P<agency>조선중앙통신)\s*[】)])"
    ),
)
# Agencies whose names tell the language; the day comes before the month there.
_MONTHS_OF = {
    "es": [
        "enero",
        "febrero",
        "marzo",
        "abril",
        "mayo",
        "junio",
        "julio",
        "agosto",
        "septiembre",
        "octubre",
        "noviembre",
        "diciembre",
    ],
    "ru": [
        "января",
        "февраля",
        "марта",
        "апреля",
        "мая",
        "июня",
        "июля",
        "августа",
        "сентября",
        "октября",
        "ноября",
        "декабря",
    ],
}
_DAY_FIRST_LINES = (
    re.compile(
        rf"(?P<line>(?P<place>{_PLACE})\s?,\s*(?P<day>\d{{1,2}})\s+de\s+(?P<month>{'|'.join(_MONTHS_OF['es'])})"
        r"\s*\(\s?(?P<agency>ACNC)\s?\))\s*(?:--|[-–—―])",
    ),
    re.compile(
        rf"(?P<line>(?P<place>[А-ЯЁ][\w-]{{1,30}}(?:\s[А-ЯЁ][\w-]{{1,30}}){{0,2}}),\s*(?P<day>\d{{1,2}})\s+"
        rf"(?P<month>{'|'.join(_MONTHS_OF['ru'])})\s*\.?\s*[/(]\s?(?P<agency>ЦТАК)\s?[/)])\s*(?:--|[-–—―])",
    ),
)
_YEAR_FIRST = re.compile(
    r"(?:(?:주체|主[体體])\s*(?P<juche>\d{1,3})\s*)?[(（]?(?P<year>(?<!\d)\d{4})?[)）]?"
    r"\s*[年년]\s*(?P<month>\d{1,2})\s*[月월]\s*(?P<day>\d{1,2})\s*[日일]"
)
_AGENCIES = ("KCNA", "Xinhua", "通信", "华社", "華社", "朝中社", "통신", "ACNC", "ЦТАК")
"""What every dateline has somewhere: where none is, no pattern needs to try how far a place's name may reach."""
_OTHER_DIGIT = re.compile(r"[^\D0-9]")
_LEAP_YEAR = 2000


def day_first(text: str) -> str | None:
    """`13/07/2025` is 13 July 2025: `2025-07-13` (KCNA Watch's `Date:`)."""
    match = _DAY_FIRST.search(text)
    return _iso(match[3], match[2], match[1]) if match else None


def juche_year(year: int) -> int:
    """The Gregorian year of a Juche year: Juche 1 is 1912."""
    return year + _JUCHE_EPOCH


def dotted(text: str) -> str | None:
    """The first `2025.07.13.`, `[2026.9.8.]` or `Juche113.8.4.` in a text; a year below 1000 is a Juche year."""
    match = _DOTTED.search(_ascii_digits(text))
    if match is None:
        return None
    year = int(match[1])
    return _iso(juche_year(year) if year in _JUCHE_YEARS else year, match[2], match[3])


def month_name(text: str) -> str | None:
    """`Mar. 11, Juche 111 (2022) Friday`, `July 14, 2025`, `Sept. 3, 2025`; None where the two years contradict."""
    match = _MONTH_NAME.search(_ascii_digits(text))
    if match is None:
        return None
    years = {juche_year(int(match[3]))} if match[3] else set()
    years |= {int(match[4])} if match[4] else set()
    return _iso(years.pop(), _month(match[1]), match[2]) if len(years) == 1 else None


def dateline(text: str) -> Dateline | None:
    """The dateline at the start of a text.

    `Pyongyang, July 13 (KCNA) --`, `PYONGYANG, July 13 (Xinhua) --`, `【平壌７月５日発朝鮮中央通信】`,
    `新华社北京11月17日电`, `(평양 7월 13일발 조선중앙통신)`, `Pyongyang, 13 de julio (ACNC) --`,
    `Пхеньян, 13 июля. /ЦТАК/ --`. None where there is none, or its day does not exist.
    """
    start = text.lstrip()
    # Digit for digit, so that positions in both texts are the same.
    plain = _ascii_digits(start)
    if not any(agency in plain for agency in _AGENCIES):
        return None
    for pattern in (*_DATELINES, *_DAY_FIRST_LINES):
        match = pattern.match(plain)
        if match:
            day = _iso(_LEAP_YEAR, _month(match["month"]), match["day"])
            if day is None:
                return None
            return Dateline(
                text=start[match.start("line") : match.end("line")],
                place=start[match.start("place") : match.end("place")],
                day=f"-{day[4:]}",
                agency=start[match.start("agency") : match.end("agency")],
            )
    return None


def first_dateline(paragraphs: Sequence[str]) -> Dateline | None:
    """The `dateline` of a body's first paragraph; None where there is none."""
    return dateline(paragraphs[0]) if paragraphs else None


def year_first(text: str) -> str | None:
    """`2012年06月04日`, `주체111(2022)년 3월 11일`, `主体111（2022）年3月11日`, `주체111년 3월 11일`: `2022-03-11`.

    None where the two years contradict.
    """
    match = _YEAR_FIRST.search(_ascii_digits(text))
    if match is None:
        return None
    years = {juche_year(int(match["juche"]))} if match["juche"] else set()
    years |= {int(match["year"])} if match["year"] else set()
    return _iso(years.pop(), match["month"], match["day"]) if len(years) == 1 else None


def _ascii_digits(text: str) -> str:
    if text.isascii():
        return text
    return _OTHER_DIGIT.sub(lambda digit: str(unicodedata.decimal(digit[0])), text)


def _month(name: str) -> int:
    if name.isdecimal():
        return int(name)
    named = next((months for months in _MONTHS_OF.values() if name.lower() in months), None)
    return named.index(name.lower()) + 1 if named else _MONTHS.index(name[:3].lower()) + 1


def _iso(year: str | int, month: str | int, day: str | int) -> str | None:
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return None
