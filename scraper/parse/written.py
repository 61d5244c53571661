"""Dates as people write them beside a headline, whatever the outlet; None where a day could be meant in two ways.

Hides the spellings that `parse.dates` knows and three more: `14 March 2026`, `2026-03-14`, and `14/03/2026` where only one
of the two numbers can be a month.
"""

from __future__ import annotations

import re
from datetime import date

from scraper.parse import dates

_DAY_MONTH = re.compile(r"(?<!\d)(\d{1,2})(?:st|nd|rd|th|\.)?\s+(?:of\s+)?([A-Z][a-z]{2,8})\.?,?\s+(\d{4})(?!\d)")
_ISO = re.compile(r"(?<!\d)(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?!\d)")
_NUMBERS = re.compile(r"(?<!\d)(\d{1,2})[./](\d{1,2})[./](\d{4})(?!\d)")
_MONTHS = 12


def written(text: str) -> str | None:
    """The day that a line states: `YYYY-MM-DD`."""
    numbers = _NUMBERS.search(text)
    if numbers:
        return _numbers(numbers)
    iso = _ISO.search(text)
    if iso:
        return _day(iso[1], iso[2], iso[3])
    turned = _DAY_MONTH.search(text)
    if turned:
        return dates.month_name(f"{turned[2]} {turned[1]}, {turned[3]}")
    return dates.year_first(text) or dates.month_name(text) or dates.dotted(text)


def _numbers(match: re.Match[str]) -> str | None:
    first, second = int(match[1]), int(match[2])
    if first <= _MONTHS and second <= _MONTHS and first != second:
        return None
    day, month = (second, first) if second > _MONTHS else (first, second)
    return _day(match[3], month, day)


def _day(year: str, month: str | int, day: str | int) -> str | None:
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return None
