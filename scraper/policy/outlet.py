"""What may be guessed of an outlet that nobody has declared: an id, its time zone, how many articles a day it has.

Hides the rules of thumb. Every guess comes with what it rests on; a person reads it. Pure.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from ipaddress import ip_address
from zoneinfo import ZoneInfo

_LONGEST = 32
_PREFIXES = frozenset({"www", "m", "en", "eng", "english"})
_SECOND_LEVEL = frozenset({"ac", "co", "com", "edu", "go", "gov", "ne", "net", "or", "org"})
_COUNTRY = re.compile(r"[a-z]{2}")
_NAMED_OTHERWISE = {"UK": "GB"}
"""Country domains that are not the country's ISO code."""
_NO_COUNTRY = frozenset({"AI", "CC", "CO", "EU", "FM", "IO", "ME", "SU", "TV", "WS"})
"""Country domains that anybody takes."""
_ENOUGH_DAYS = 3
_SPARE = 2
"""Half of the least and twice the most that was seen: an outlet has its weekends and its congresses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """A time zone (IANA name) and what it was guessed from; `UTC` and nothing where nothing tells."""

    name: str
    reason: str = ""


def identifier(host: str) -> str:
    """An id for a source from its host: `www.herald.co.kr` is `herald`."""
    try:
        ip_address(host)
    except ValueError:
        labels = host.lower().split(".")
        while len(labels) > 2 and labels[0] in _PREFIXES:
            labels = labels[1:]
        labels = labels[:-1] or labels
        if len(labels) > 1 and labels[-1] in _SECOND_LEVEL:
            labels = labels[:-1]
    else:
        labels = re.split(r"[.:]", host)
    return re.sub(r"[^a-z0-9]+", "-", "-".join(labels)).strip("-")[:_LONGEST].strip("-") or "outlet"


def zone(host: str, country: str, moments: Sequence[str], zones: Mapping[str, Sequence[str]]) -> Zone:
    """The outlet's time zone: that of its country, and of several there the one that the stated moments fit, else the first.

    The country is that of the domain, else the one its pages name with their language. `zones` are the IANA names by
    country (ISO 3166).
    """
    offsets = _offsets(moments)
    for code, reason in ((_domain_country(host), "its domain"), (country, "the country its pages name")):
        names = zones.get(code, ())
        fitting = [name for name in names if offsets and offsets == _offsets_there(moments, name)]
        if fitting:
            return Zone(name=fitting[0], reason=f"{reason} and the offset of its dates")
        if names:
            others = f", the first of {len(names)} there" if len(names) > 1 else ""
            return Zone(name=names[0], reason=f"{reason}{others}")
    return Zone(name="UTC")


def per_day(published: Iterable[str], timezone: str, today: date) -> tuple[int, int] | None:
    """The least and most articles to expect a day, from the dates of a feed; None where it holds fewer than three days.

    The first day of a feed may have been cut, and today is not over: neither counts.
    """
    days = Counter(day for stated in published if (day := _day(stated, timezone)) is not None and day <= today)
    first, last = min(days, default=today), today - timedelta(days=1)
    whole = [days[first + timedelta(days=number)] for number in range(1, (last - first).days + 1)]
    if len(whole) < _ENOUGH_DAYS:
        return None
    return min(whole) // _SPARE, max(max(whole) * _SPARE, 1)


def _day(stated: str, timezone: str) -> date | None:
    try:
        if "T" not in stated:
            return date.fromisoformat(stated)
        return datetime.fromisoformat(stated).astimezone(ZoneInfo(timezone)).date()
    except ValueError:
        return None


def _domain_country(host: str) -> str:
    domain = host.rpartition(".")[2]
    code = domain.upper() if _COUNTRY.fullmatch(domain) else ""
    return "" if code in _NO_COUNTRY else _NAMED_OTHERWISE.get(code, code)


def _offsets(moments: Sequence[str]) -> list[timedelta | None]:
    """The offsets of moments that state one of their own; none where all are in UTC, which says nothing of the place."""
    found = [datetime.fromisoformat(moment).utcoffset() for moment in moments if "T" in moment]
    return found if any(found) else []


def _offsets_there(moments: Sequence[str], name: str) -> list[timedelta | None]:
    there = ZoneInfo(name)
    return [datetime.fromisoformat(moment).astimezone(there).utcoffset() for moment in moments if "T" in moment]
