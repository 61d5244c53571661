"""`python -m benchmarks.parsing SECONDS [NAME]`: reading a page, beside building the bare tree of its text.

Hides how the small fixture pages are brought to a real page's size, that all is timed in turns, and what makes two timings of
one tree comparable.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from statistics import median

from selectolax.lexbor import LexborHTMLParser

from benchmarks.measure import table
from scraper.errors import ParseError
from scraper.jobs.fixture import load
from scraper.model import Page, Parsed, Source
from scraper.parse import parse_text
from scraper.parse.decode import decode
from scraper.policy.resolve import read

ROOT = Path(__file__).resolve().parents[1]
FIXTURES = ROOT / "tests/sites"
REAL = ROOT / "../shared/pages"
SIZE = 77_000
_BLOCK = 8 * 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A page to read, and its name in the table."""

    name: str
    parser: str
    page: Page

    def read(self) -> Parsed:
        """As the worker reads it."""
        return read(self.page, _source(self.parser))

    def stages(self) -> tuple[Callable[[], object], ...]:
        """The bare tree of the page's text; the outlet's parser on that text; the worker's whole reading of the bytes."""
        html = decode(self.page)
        # Without its bytes: their digest is no work of the parser's.
        page = replace(self.page, body=b"")
        return (
            lambda: LexborHTMLParser(html),
            lambda: parse_text(page, html, source=self.parser, parser=self.parser),
            self.read,
        )


@cache
def _source(parser: str) -> Source:
    """An outlet of that parser, of which nothing else is declared."""
    return Source(id=parser, name=parser, parser=parser, language="", timezone="Asia/Pyongyang", hosts=(), articles=())


def main() -> None:
    """Read every case again and again for as long as the command line says, and print the table."""
    _keep_memory()
    seconds, wanted = float(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else ""
    rows = []
    for case in (case for case in (*fixtures(), *real()) if wanted in case.name):
        tree, *others = times = _in_turns(case.stages(), seconds)
        shown = (f"{median(each) * 1e3:.2f}" for each in times)
        ratios = (median(own / bare for own, bare in zip(each, tree, strict=True)) for each in others)
        rows.append((case.name, f"{len(case.page.body) / 1000:.0f}", *shown, *(f"{each:.2f}" for each in ratios)))
    heads = ("", "KB", "bare tree CPU ms", "site parser", "whole reading", "parser / tree", "reading / tree")
    print(table(heads, rows))


_WHOLE = ("kcnajp/items-1997@",)
"""Layouts that read all a page says, so that a menu would be text: their pages are read at their own size."""


def fixtures() -> Iterator[Case]:
    """One fixture page for every layout that reads HTML, the longest, brought to the size of a real page."""
    longest: dict[str, Case] = {}
    for folder in sorted(FIXTURES.glob("*/*")):
        case = _fixture(folder)
        layout = _layout(case) if case else None
        if case and layout and len(case.page.body) >= len(longest.get(layout, case).page.body):
            longest[layout] = replace(case, name=f"{layout}, filled up")
    for layout, case in longest.items():
        if layout.startswith(_WHOLE):
            yield replace(case, name=layout)
            continue
        filled = replace(case, page=replace(case.page, body=_filled(case.page.body)))
        assert _told(filled) == _told(case), f"{case.name}: reads otherwise when it is filled up"
        yield filled


def real() -> Iterator[Case]:
    """The outlets' own pages, where they lie beside the checkout."""
    if not REAL.is_dir():
        return
    for name, parser, url in _REAL:
        page = Page(
            method="GET",
            url=url,
            status=200,
            headers=(("content-type", "text/html"),),
            fetched_at=datetime(2026, 9, 30, tzinfo=UTC),
            body=(REAL / name).read_bytes(),
        )
        case = Case(name=name.rpartition("/")[2][:44], parser=parser, page=page)
        assert _layout(case), f"{name}: is not read"
        yield case


_RODONG = "http://www.rodong.rep.kp/en/index.php?strPageID="
_REAL = (
    ("rodong/rodong-en-newsID-2022-03-10-0002.html", "rodong", f"{_RODONG}SF01_02_01&newsID=2022-03-10-0002"),
    ("rodong/rodong-en-2022-03-11-list-SF01_01_02-iMenuID-2.html", "rodong", f"{_RODONG}SF01_01_02&iMenuID=2"),
    ("kcna/kcna-en-home-2024-08-04.html", "kcna", "http://www.kcna.kp/en"),
    (
        "kcna/kcna-ajax-2017-article-AR0099775-ja.xml",
        "kcna",
        "http://kcna.kp/kcna.user.article.retrieveArticleInfoFromArticleCode.kcmsf?article_code=AR0099775",
    ),
    (
        "xinhua/he.xinhuanet.com-2012-06-04-content_25340717.html",
        "xinhua",
        "http://www.he.xinhuanet.com/news/2012-06/04/content_25340717.htm",
    ),
    (
        "xinhua/xinhuanet.com-2020-02-19-c_1125597921.html",
        "xinhua",
        "http://www.xinhuanet.com/local/2020-02/19/c_1125597921.htm",
    ),
    (
        "xinhua/news.cn-2023-11-17-c_1129981476.html",
        "xinhua",
        "http://www.news.cn/fortune/2023-11/17/c_1129981476.htm",
    ),
)


def _fixture(folder: Path) -> Case | None:
    path = folder / "page.html"
    if not path.is_file() or b"<body" not in path.read_bytes():
        return None
    return Case(name=folder.name, parser=folder.parent.name, page=load(folder).page)


def _layout(case: Case) -> str | None:
    try:
        return case.read().layout
    except ParseError:
        return None


def _told(case: Case) -> tuple[object, ...]:
    """What a page says, but for its digest."""
    parsed = case.read()
    return (
        *((each.title, each.paragraphs, each.related) for each in parsed.articles),
        parsed.sightings,
        parsed.listings,
    )


def _filled(body: bytes) -> bytes:
    """The page in a box between a menu before it and teasers after it, as long and as full of links as the outlets' are."""
    rows = [_TEASER.replace(b"%d", b"%04d" % at) for at in range(max(0, SIZE - len(body)) // len(_TEASER))]
    head, opening, rest = body.partition(b"<body")
    tag, end, content = rest.partition(b">")
    inner, closing, tail = content.rpartition(b"</body>")
    menu, footer = _list(b"nav", rows[: len(rows) // 2]), _list(b"footer", rows[len(rows) // 2 :])
    box = b'<div class="page">%s</div>' % (inner if closing else tail)
    return b"".join((head, opening, tag, end, menu, box, footer, closing, tail if closing else b""))


_TEASER = (
    b'<li class="menu-item menu-item-type-taxonomy depth-2"><a class="menu-link" href="/about/%d/" title="Section %d">'
    b'<img class="lazy" src="/images/loading.gif" data-src="/images/%d-120x80.jpg" width="120" height="80" alt=""></a>'
    b'<div class="teaser"><span class="label">Section %d of the menu</span><div class="excerpt">What the section holds is'
    b" said here in a line or two, as it is beside most links of such pages.</div></div></li>\n"
)


def _list(element: bytes, rows: list[bytes]) -> bytes:
    return b"<%s><ul>%s</ul></%s>\n" % (element, b"".join(rows), element)


def _in_turns(functions: Sequence[Callable[[], object]], seconds: float) -> list[list[float]]:
    """The CPU seconds of each function in every round: timed alternately, so that a busy machine is busy for all of them."""
    times: list[list[float]] = [[] for _ in functions]
    ends = time.perf_counter() + seconds
    while time.perf_counter() < ends or not times[0]:
        for function, taken in zip(functions, times, strict=True):
            began = time.thread_time()
            function()
            taken.append(time.thread_time() - began)
    return times


def _keep_memory() -> None:
    """Make the C library keep what it is given back, as it does in a reading child that has seen some pages.

    Until a process has freed a large block, glibc returns the memory of each tree to the system, and asking for it again takes longer
    than building the tree: the ratios would be those of page faults.
    """
    block = bytearray(_BLOCK)
    del block


if __name__ == "__main__":
    main()
