"""The table of layouts in docs/sources.md: what is read of each, from how many pages, on what grade of evidence.

Hides how it is made: from the layouts themselves, the fixtures under tests/sites and the list of saved real pages.
`make docs` (or `python -m tests.sources_table`) writes it anew; tests/test_sources_table.py sees that it is as it would be written.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from scraper.model import Article, Parsed, Sighting
from scraper.parse import LAYOUTS
from scraper.parse.layout import Layout
from tests.real_pages import REAL
from tests.test_sites import FIXTURES, outcome

PAGE = Path(__file__).resolve().parents[1] / "docs" / "sources.md"
BEGIN, END = "<!-- layouts: made by `make docs`, do not edit -->", "<!-- end of layouts -->"
_BLOCK = re.compile(f"{re.escape(BEGIN)}.*?{re.escape(END)}", re.DOTALL)

ARTICLE: dict[str, Callable[[Article], object]] = {
    "title": lambda article: article.title,
    "text": lambda article: article.paragraphs,
    "dateline": lambda article: article.dateline,
    "byline": lambda article: article.byline,
    "sections": lambda article: article.sections,
    "end mark": lambda article: article.end_mark,
    "images": lambda article: article.images,
    "captions": lambda article: [image for image in article.images if image.caption],
    "links": lambda article: article.links,
    "original address": lambda article: article.original_url,
    "related": lambda article: article.related,
}
ROW: dict[str, Callable[[Sighting], object]] = {
    "row titles": lambda row: row.title,
    "row dates": lambda row: row.published,
    "row sections": lambda row: row.section,
}


@dataclass
class Reads:
    """How many pages a layout read, and in how many of them each field was filled."""

    pages: int = 0
    filled: Counter[str] = field(default_factory=Counter)

    def add(self, parsed: Parsed) -> None:
        """Count one page."""
        self.pages += 1
        self.filled.update(_filled(parsed))

    def fields(self) -> str:
        """The fields, those first that every page fills; in brackets those that some do."""
        names = dict.fromkeys((*ARTICLE, *ROW, *sorted(self.filled)))
        always = [name for name in names if self.filled[name] == self.pages]
        sometimes = [name for name in names if 0 < self.filled[name] < self.pages]
        return (
            " ".join(filter(None, (", ".join(always), f"({', '.join(sometimes)})" if sometimes else ""))) or "nothing"
        )


def _filled(parsed: Parsed) -> set[str]:
    found: set[str] = set()
    for article in parsed.articles:
        found |= {name for name, value in ARTICLE.items() if value(article)}
        found |= {f"date by {evidence.kind}" for evidence in article.evidence if evidence.kind != "dateline"}
    if not parsed.articles:
        found |= {name for name, value in ROW.items() if any(map(value, parsed.sightings))}
    return found | {f"{link.kind} links" for link in parsed.listings}


def table() -> str:
    """The whole block, from its first marker to its last."""
    reads: dict[str, Reads] = defaultdict(Reads)
    for folder in FIXTURES:
        parsed = outcome(folder)
        if isinstance(parsed, Parsed):
            reads[parsed.layout].add(parsed)
    real = Counter(saved.layout for saved in REAL)
    head = (
        "outlet",
        "layout",
        "addresses",
        "used",
        "fields (in some pages)",
        "own pages",
        "real pages",
        "grade of evidence",
    )
    rows = [
        (
            parser,
            f"`{layout.id}`",
            layout.addresses,
            used(layout),
            reads[layout.id].fields(),
            str(reads[layout.id].pages),
            str(real[layout.id] or "none"),
            layout.grade.value,
        )
        for parser, layouts in LAYOUTS.items()
        for layout in layouts
    ]
    lines = [_line(head), _line("---" for _ in head), *map(_line, rows)]
    return "\n".join((BEGIN, "", *lines, "", END))


def used(layout: Layout) -> str:
    """The years in which the outlet's server used a layout: `2022-11 to 2024-12`, `2026-07 to date`."""
    if layout.since is layout.until is None:
        return "all years"
    since = _month(layout.since, whole_year=(1, 1)) if layout.since else ""
    until = _month(layout.until, whole_year=(12, 31)) if layout.until else "date"
    return f"{since} to {until}".strip()


def _month(day: date, *, whole_year: tuple[int, int]) -> str:
    return f"{day:%Y}" if (day.month, day.day) == whole_year else f"{day:%Y-%m}"


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def written(text: str) -> str:
    """The page with the table as it should be."""
    made, count = _BLOCK.subn(lambda _: table(), text)
    assert count == 1, f"{PAGE} must have one block from {BEGIN!r} to {END!r}, has {count}"
    return made


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
