"""What the three outlets of the replica answer: real markup (docs/sources.md), synthetic text, one file an outlet.

Each has one function: what was asked (with the time it is asked at) and the stories in; an `Answer` out, or None for a
page that never existed.
"""

from __future__ import annotations

from collections.abc import Callable

from scraper.demo.outlets import kcna, rodong, watch
from scraper.demo.outlets.answer import Answer, Asked
from scraper.demo.script import KCNA, RODONG, WATCH
from scraper.demo.stories import Story

ANSWERS: dict[str, Callable[[Asked, tuple[Story, ...]], Answer | None]] = {
    KCNA: kcna.answer,
    RODONG: rodong.answer,
    WATCH: watch.answer,
}
"""The outlet of each host."""
