"""The saved pages of tests/generic/pages, each with what it holds; and a child process that reads them under another clock.

Run as a program it reads the pages in the order of a seed and prints what came of each, as one JSON object: a page's name to
its article. `--clock` sets what time the child's own modules believe it is, before anything else is imported.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from dataclasses import asdict
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent / "generic/pages"
SEEN = datetime(2026, 4, 1, 9, tzinfo=UTC)


def names() -> list[str]:
    """The names of the pages."""
    return sorted(path.stem for path in ROOT.glob("*.html"))


def truth(name: str) -> dict[str, Any]:
    """What a page holds: `url`, `language`, `title`, `date`, `paragraphs`, and `related`: texts of others on it."""
    told: dict[str, Any] = json.loads((ROOT / f"{name}.json").read_text(encoding="utf-8"))
    return told


def article(name: str) -> dict[str, Any]:
    """A page's article as the worker reads it."""
    from scraper.model import Page, Source  # noqa: PLC0415 - the child sets its clock before anything of the program is imported
    from scraper.policy.resolve import read  # noqa: PLC0415

    page = Page(
        method="GET",
        url=truth(name)["url"],
        status=200,
        headers=(("Content-Type", "text/html; charset=utf-8"),),
        fetched_at=SEEN,
        body=(ROOT / f"{name}.html").read_bytes(),
    )
    source = Source(
        id="any", name="", parser="generic", language="und", timezone="UTC", hosts=(), articles=(".",), listings=()
    )
    (found,) = read(page, source).articles
    return asdict(found)


def believe(moment: datetime) -> None:
    """Make this process take a moment for now: `time.time` and what `datetime` and `date` call now and today."""
    import datetime as dt  # noqa: PLC0415 - the module itself is changed

    real = dt.datetime

    class Then(real):  # type: ignore[misc, valid-type]
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Any:
            return moment.astimezone(tz) if tz else moment.replace(tzinfo=None)

        @classmethod
        def today(cls) -> Any:
            return moment.replace(tzinfo=None)

        @classmethod
        def utcnow(cls) -> Any:
            return moment.replace(tzinfo=None)

    class ThatDay(dt.date):
        @classmethod
        def today(cls) -> Any:
            return real(moment.year, moment.month, moment.day).date()

    dt.datetime = Then  # type: ignore[misc]
    dt.date = ThatDay  # type: ignore[misc]
    time.time = moment.timestamp


def main() -> None:
    """Read every page and print the articles."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--clock", type=datetime.fromisoformat)
    arguments = parser.parse_args()
    if arguments.clock:
        believe(arguments.clock)
    order = names()
    random.Random(arguments.seed).shuffle(order)
    found = {name: article(name) for name in order}
    json.dump({name: found[name] for name in sorted(found)}, sys.stdout, ensure_ascii=False, indent=1)


if __name__ == "__main__":
    main()
