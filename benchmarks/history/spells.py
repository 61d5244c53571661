"""The script, first part: what befalls whole hosts, our own clock and this program. It comes first, for plans reckon with it.

Hides nothing: a table by day, and what each kind must be logged as.
"""

from __future__ import annotations

from datetime import timedelta

from benchmarks.history.incidents import ALARMS, CHECK, Expected
from benchmarks.history.stories import HERALD, PAPER
from benchmarks.history.times import FOREVER, TICK, Span, at
from benchmarks.history.world import World

_LOGGED = {
    "block-page": ("blocked",),
    "legal-block": ("blocked",),
    "geo-block": ("blocked",),
    "login-wall": ("blocked",),
    "captcha": ("blocked",),
    "outage": ("unreachable",),
    "burst": ("unreachable",),
    "throttled": ("throttled",),
    "ill": ("empty-listing",),
    "empty-host": ("empty-listing",),
    "redesign": ("layout-changed", "blind"),
}
"""What must be logged of each at a tick within it; of the others nothing."""
_CHECKED = {
    "block-page": "blocked-legal",
    "legal-block": "blocked-legal",
    "geo-block": "blocked-geo",
    "login-wall": "blocked-login",
    "captcha": "blocked-captcha",
    "outage": "reset",
}
"""What `scraper check` must say afterwards of why lists were not seen; shorter troubles stand in the log alone."""
_NOTHING_WRONG = ("other-order", "short-list", "euc-kr", "https", "robots-down")
_MAY_FOLLOW = ("unreachable", "unreachable-host", "throttled", "blocked", "empty-listing", "refused", "backing-off")
"""What may be logged besides while a host is in trouble: further pages, and the pause that it asked for."""

_SPELLS = (
    ("ill", PAPER, at(8, "06:30"), at(8, "07:30")),
    ("block-page", PAPER, at(10, "00:30"), at(12, "00:30")),
    ("legal-block", HERALD, at(14, "01:30"), at(14, "13:30")),
    ("outage", PAPER, at(16, "01:30"), at(16, "11:30")),
    ("burst", HERALD, at(18, "06:30"), at(18, "09:30")),
    ("throttled", PAPER, at(20, "03:30"), at(20, "05:30")),
    ("empty-host", HERALD, at(22, "06:30"), at(22, "07:30")),
    ("geo-block", HERALD, at(24, "00:30"), at(24, "10:30")),
    ("robots-down", HERALD, at(26, "06:30"), at(26, "12:30")),
    ("login-wall", HERALD, at(28, "08:30"), at(28, "20:30")),
    ("captcha", HERALD, at(32, "00:30"), at(32, "08:30")),
    ("short-list", PAPER, at(34, "00:30"), at(35, "00:30")),
    ("other-order", HERALD, at(36, "00:30"), at(37, "00:30")),
    ("euc-kr", PAPER, at(38, "00:30"), FOREVER),
    ("redesign", PAPER, at(42, "00:30"), FOREVER),
    ("https", HERALD, at(46, "00:30"), FOREVER),
)
_BLIND = frozenset(kind for kind in _LOGGED if kind != "redesign")
_AWAY = Span(at(5, "07:30"), at(5, "16:30"))
_AHEAD = (Span(at(50, "05:30"), at(50, "18:30")), timedelta(hours=5))
MENDED = at(44, "02:30")
"""When somebody has written a parser for the paper's new template."""
SUMMER, NORTH = at(7, "01:00"), at(47, "15:00")
"""When the clocks were changed in Berlin (+01:00 to +02:00) and in Pyongyang (+08:30 to +09:00)."""


def befall(world: World) -> None:
    """Write down all that befalls the hosts and ourselves within the days that are played."""
    end = world.ticks[-1]
    for kind, source, since, until in _SPELLS:
        if since < end:
            _spell(world, kind, source, Span(since, until))
    if _AWAY.since < end:
        world.truth.away.append(_AWAY)
        for source in (PAPER, HERALD):
            why = _why(world, source, _AWAY, "no list was asked for")
            world.add("own outage", source, _AWAY, "this program did not run for nine hours", why)
    if _AHEAD[0].since < end:
        world.truth.ahead.append(_AHEAD)
        world.add("own clock wrong", PAPER, _AHEAD[0], "our clock was five hours ahead, and was put back")
    for source, moment, about in (
        (HERALD, SUMMER, "summer time began in the outlet's zone"),
        (PAPER, NORTH, "the outlet's zone went from +08:30 to +09:00"),
    ):
        if moment < end:
            world.add("zone changed", source, Span(moment, moment), about)


def _spell(world: World, kind: str, source: str, span: Span) -> None:
    world.befall(kind, source, span, blind=kind in _BLIND)
    shown = Span(span.since, min(span.until, MENDED)) if kind == "redesign" else span
    logged = _LOGGED.get(kind, ())
    world.add(
        kind,
        source,
        shown,
        "",
        *(world.alarm(name, source, shown) for name in logged),
        *([_why(world, source, span, _CHECKED[kind])] if kind in _CHECKED else []),
        also=(_may(world, name, source, shown) for name in {*logged, *_MAY_FOLLOW} if kind not in _NOTHING_WRONG),
    )


def _may(world: World, kind: str, source: str, span: Span) -> Expected:
    alarm = world.alarm(kind, source, span)
    assert alarm.report == ALARMS
    # A host that asked for a pause, or was left alone for one, is not asked at the next tick either.
    return Expected(report=ALARMS, kind=kind, source=source, url=alarm.url, since=span.since, by=span.until + 2 * TICK)


def _why(world: World, source: str, span: Span, word: str) -> Expected:
    return Expected(report=CHECK, kind="no-list", source=source, url=word, since=span.since, by=world.ticks[-1])
