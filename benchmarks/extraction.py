"""`python -m benchmarks.extraction FOLDER`: the generic parser on pages whose text is known, beside trafilatura and the bare tree.

Hides two layouts of folders: pairs `name.html` and `name.json` (`title`, `date`, `text` or `paragraphs`; `url`, `language` and
`related` where known), and `ground-truth.json` with `html/*.html.gz` (scrapinghub's article-extraction-benchmark).
"""

from __future__ import annotations

import gzip
import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import mean
from typing import Any

from selectolax.lexbor import LexborHTMLParser
from trafilatura import bare_extraction

from benchmarks.measure import table
from benchmarks.scoring import Score, leak, score, together
from scraper.errors import ParseError
from scraper.model import Page, Source
from scraper.parse.decode import decode
from scraper.parse.text import fold
from scraper.policy.resolve import read

SEEN = datetime(2026, 11, 1, tzinfo=UTC)
GENERIC = Source(
    id="any", name="", parser="generic", language="und", timezone="UTC", hosts=(), articles=(".",), listings=()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A page and what it holds; None for what its truth does not say."""

    name: str
    page: Page
    text: str
    title: str | None
    date: str | None
    related: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a reader made of a page."""

    text: str = ""
    title: str | None = None
    date: str | None = None


def ours(page: Page) -> Found:
    """As the worker reads a page; nothing where it refuses to."""
    try:
        articles = read(page, GENERIC).articles
    except ParseError:
        return Found()
    return Found(text="\n".join(articles[0].paragraphs), title=articles[0].title, date=articles[0].published)


def trafilatura_alone(page: Page) -> Found:
    """Trafilatura with its own title and date, comments left out."""
    read_by = bare_extraction(decode(page), url=page.url, include_comments=False, with_metadata=True)
    if read_by is None or isinstance(read_by, dict):
        return Found()
    return Found(text=read_by.text or "", title=read_by.title, date=read_by.date)


def bare_tree(page: Page) -> Found:
    """All text of the page and its `title`."""
    tree = LexborHTMLParser(decode(page))
    head = tree.css_first("title")
    return Found(text=tree.body.text(separator=" ") if tree.body else "", title=head.text() if head else None)


READERS: dict[str, Callable[[Page], Found]] = {
    "generic": ours,
    "trafilatura alone": trafilatura_alone,
    "bare tree": bare_tree,
}


def known(folder: Path) -> Iterator[Known]:
    """The pages of a folder, by name; SystemExit where it has none."""
    truth = folder / "ground-truth.json"
    pairs = _benchmark(truth) if truth.is_file() else _pairs(folder)
    found = sorted(pairs, key=lambda pair: pair[0])
    if not found:
        sys.exit(f"{folder}: holds neither name.html with name.json nor ground-truth.json with html/*.html.gz")
    for name, body, told in found:
        page = Page(
            method="GET",
            url=told.get("url") or f"http://pages.example/{name}.html",
            status=200,
            headers=(("Content-Type", "text/html"),),
            fetched_at=SEEN,
            body=body,
        )
        yield Known(
            name=name,
            page=page,
            text=told.get("articleBody") or told.get("text") or "\n".join(told.get("paragraphs", ())),
            title=told.get("title") or told.get("headline"),
            date=(told.get("date") or told.get("datePublished") or "")[:10] or None,
            related=tuple(told.get("related", ())),
        )


def main() -> None:
    """Read every page by every reader and print the table."""
    if len(sys.argv) != 2:
        sys.exit("usage: python -m benchmarks.extraction FOLDER")
    pages = list(known(Path(sys.argv[1])))
    print(measured(pages))


def measured(pages: list[Known]) -> str:
    """The table of all readers over some pages."""
    heads = ("", "pages", "F1", "precision", "recall", "title", "date", "leak", "CPU ms / page")
    return table(heads, [(name, str(len(pages)), *_row(reader, pages)) for name, reader in READERS.items()])


def _row(reader: Callable[[Page], Found], pages: list[Known]) -> tuple[str, ...]:
    reader(pages[0].page)  # imports and first use are no page's cost
    began = time.process_time()
    found = [reader(each.page) for each in pages]
    took = time.process_time() - began
    pairs = list(zip(pages, found, strict=True))
    all_of: Score = together(score(each.text, made.text) for each, made in pairs)
    leaks = [leak(each.text, made.text, each.related) for each, made in pairs if each.related]
    return (
        f"{all_of.f1:.3f}",
        f"{all_of.precision:.3f}",
        f"{all_of.recall:.3f}",
        _right([fold(each.title) == fold(made.title or "") for each, made in pairs if each.title]),
        _right([each.date == (made.date or "")[:10] for each, made in pairs if each.date]),
        f"{mean(leaks):.1%}" if leaks else "",
        f"{took / len(pages) * 1e3:.2f}",
    )


def _right(answers: list[bool]) -> str:
    return f"{sum(answers)} of {len(answers)}" if answers else ""


def _pairs(folder: Path) -> Iterator[tuple[str, bytes, dict[str, Any]]]:
    for truth in folder.rglob("*.json"):
        for path in (truth.with_suffix(".html"), truth.with_suffix(".html.gz")):
            if path.is_file():
                yield path.relative_to(folder).as_posix(), _body(path), json.loads(truth.read_text(encoding="utf-8"))


def _benchmark(truth: Path) -> Iterator[tuple[str, bytes, dict[str, Any]]]:
    for name, told in json.loads(truth.read_text(encoding="utf-8")).items():
        path = truth.parent / "html" / f"{name}.html.gz"
        if path.is_file():
            yield name, _body(path), told


def _body(path: Path) -> bytes:
    raw = path.read_bytes()
    return gzip.decompress(raw) if path.suffix == ".gz" else raw


if __name__ == "__main__":
    main()
