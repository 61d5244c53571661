"""Pages rebuilt from the seed texts beside the checkout: what the outlet's server may have sent for each.

The seeds are texts without markup. Each is dressed in two themes that share only what docs/sources.md vouches for: on
KCNA Watch the order of the text and `.article-content`, on Xinhua the boxes and lines others have read. What a seed
does not hold (title and header of two of them, addresses) is made up here; no text of a seed is in this file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from pathlib import Path

from scraper.model import Page

_DATE = re.compile(r"[A-Z][a-z]+ \d{2}, \d{4}")
_HEADER = re.compile(r"Date: (\d\d/\d\d/\d{4}) \| Source: (.+) \| Read original version at source")
_STRAY = " date 2025-07-13 "
_INDENT = "\u3000\u3000"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One teaser under "More From": the lines before its date, the date, the line after it."""

    before: tuple[str, ...]
    date: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Seed:
    """A seed taken apart: `body` holds every line between header and "More From", end marks and byline too."""

    number: str
    title: str
    date: str
    label: str
    original_url: str
    url: str
    fetched_at: datetime
    body: tuple[str, ...]
    items: tuple[Item, ...]


# Where a seed has no header of its own: its date and source as the issue states them.
_STATED = {
    "002": ("01/06/2018", "KCNA.kp (En)"),
    "003": ("20/10/2023", "Rodong Sinmun (En)"),
    "004": ("13/07/2025", "Xinhua"),
}
_FETCHED = {
    "000": datetime(2025, 12, 19, 9, tzinfo=UTC),
    "001": datetime(2025, 7, 15, 9, tzinfo=UTC),
    "002": datetime(2025, 12, 1, 9, tzinfo=UTC),
    "003": datetime(2024, 11, 7, 9, tzinfo=UTC),
    "004": datetime(2025, 7, 14, 9, tzinfo=UTC),
}


def load(shared: Path, number: str) -> Seed:
    """Read and take apart the seed with this number (`000` to `004`)."""
    (path,) = (shared / "seeds").glob(f"{number}_*.txt")
    lines = [line.strip() for line in path.read_text(encoding="utf-8").removeprefix(_STRAY).splitlines()]
    lines = [line for line in lines if line]
    header = next((at for at, line in enumerate(lines) if _HEADER.fullmatch(line)), None)
    more = next((at for at, line in enumerate(lines) if line.startswith("More From ")), len(lines))
    if header is None:
        date, label = _STATED[number]
        title = f"A title made up for seed {number}"
    else:
        found = _HEADER.fullmatch(lines[header])
        assert found is not None
        date, label, title = found[1], found[2], lines[header - 1]
    return Seed(
        number=number,
        title=title,
        date=date,
        label=label,
        original_url=f"http://original.example/article/{number}?of={number}&lang=en",
        url=f"https://kcnawatch.org/newstream/17523{number}00-9147{number}/reconstructed-{number}/",
        fetched_at=_FETCHED[number],
        body=tuple(lines[0 if header is None else header + 1 : more]),
        items=_items(lines[more + 1 :]),
    )


def _items(lines: list[str]) -> tuple[Item, ...]:
    found: list[Item] = []
    start = 0
    for at, line in enumerate(lines):
        if _DATE.fullmatch(line):
            found.append(Item(before=tuple(lines[start:at]), date=line, after=lines[at + 1]))
            start = at + 2
    assert lines[start:] in ([], ["More Articles"])
    return tuple(found)


def page(seed: Seed, html: str, *, url: str | None = None) -> Page:
    """The rebuilt page as it was fetched."""
    return Page(
        method="GET",
        url=url or seed.url,
        status=200,
        headers=(("Content-Type", "text/html; charset=UTF-8"),),
        fetched_at=seed.fetched_at,
        body=html.encode(),
    )


def item_url(seed: Seed, number: int) -> str:
    """The address given to a teaser, by its place."""
    return f"https://kcnawatch.org/newstream/17661{number:05d}-{seed.number}{number}/teaser-{number}/"


def wordpress_theme(seed: Seed) -> str:
    """Classes and headings as a WordPress theme has them; names stand in elements of their own."""
    body = "\n".join(f"<p>{_named(line, '<strong>', '</strong>')}</p>" for line in seed.body)
    items = "\n".join(_wordpress_item(seed, number, item) for number, item in enumerate(seed.items))
    return f"""<!DOCTYPE html><html lang="en-US"><head><meta charset="UTF-8">
<title>{escape(seed.title)} | KCNA Watch</title><script>var fetched = "Date: 01/02/2003 | Source: none";</script></head>
<body class="single single-newstream"><header><nav><a href="/">Home</a><a href="/newstream/">Newest</a></nav>
<div class="today">{seed.fetched_at:%B %d, %Y}<span>{seed.fetched_at:%b %d, %Y}</span></div></header>
<main><div class="source">KCNA {seed.label}</div><h1 class="article-title">{escape(seed.title)}</h1>
<p class="article-meta">Date: {seed.date} | Source: {seed.label} | <a href="{escape(seed.original_url)}">Read original
version at source</a></p><div class="article-content">{body}</div>
<section><h3>More From {seed.label}</h3>{items}<button>More Articles</button></section></main>
<footer><p>{seed.fetched_at:%B %d, %Y}</p></footer></body></html>"""


def _wordpress_item(seed: Seed, number: int, item: Item) -> str:
    link = f'<a href="{item_url(seed, number)}">'
    words = "".join(f"<h4>{link}{escape(line)}</a></h4>" for line in item.before)
    return (
        f'<article><div class="article-desc">{words}<p class="articled-date"><span>{item.date}</span></p>'
        f"<p>{escape(item.after)}</p></div></article>"
    )


def bare_theme(seed: Seed) -> str:
    """Tables, line breaks and other classes: only the order of the text and `.article-content` are as before."""
    body = "<br><br>\n".join(_named(line, "<nobr><font size='3'>", "</font></nobr>") for line in seed.body)
    items = "".join(_bare_item(seed, number, item) for number, item in enumerate(seed.items))
    return f"""<html><head><title>Watch</title></head><body><div>{seed.fetched_at:%B %d, %Y}</div>
<table><tr><td>{seed.fetched_at:%b %d, %Y}</td></tr><tr><td>KCNA {seed.label}</td></tr>
<tr><td class=x1><b>{escape(seed.title)}</b></td></tr><tr><td>Date: {seed.date}</td><td>| Source: {seed.label} |</td>
<td><a href='{escape(seed.original_url)}'><i>Read original version</i> at source</a></td></tr></table>
<div class="x2 article-content">{body}<div><b>More From</b> {seed.label}</div>
<ul>{items}</ul><a href="#more">More Articles</a></div></body></html>"""


def _bare_item(seed: Seed, number: int, item: Item) -> str:
    words = "".join(f"<div>{escape(line)}</div>" for line in item.before)
    return (
        f"<li><a href='/newstream/{item_url(seed, number).partition('/newstream/')[2]}'>{words}<em>{item.date}</em>"
        f"<div>{escape(item.after)}</div></a></li>"
    )


def xinhua_current(seed: Seed) -> str:
    """english.news.cn: the stray date of the seed stands over the box of the text."""
    paragraphs = "\n".join(f"<p>{_INDENT}{escape(line)}</p>" for line in seed.body)
    return f"""<!DOCTYPE html><html><head><meta charset="utf-8"><title>{escape(seed.title)}-Xinhua</title></head><body>
<div class="conBox"><h1 class="Btitle">{escape(seed.title)}</h1><div class="bar"><p>Source: Xinhua</p>
<p>Editor: huaxia</p><p>2025-07-13 10:42:15</p></div><div> date 2025-07-13 </div>
<div id="detail">{paragraphs}<div id="articleEdit"><p>Write to us</p></div></div></div>
<ul><li>Other news 2025-07-14 08:00:00</li></ul></body></html>"""


def xinhua_numbered(seed: Seed) -> str:
    """The `c_<n>` years: other box, other title, and the stray date inside the box."""
    paragraphs = "\n".join(f"<p>{escape(line)}</p>" for line in seed.body)
    return f"""<html><head><title>{escape(seed.title)} - Xinhua | English.news.cn</title></head><body>
<table><tr><td id="bltitle">{escape(seed.title)}</td></tr></table>
<div>Source: Xinhua| 2025-07-13 10:42:15|Editor: huaxia</div>
<div id="Content"> date 2025-07-13 {paragraphs}</div></body></html>"""


def _named(line: str, before: str, after: str) -> str:
    """The line with a name in an element of its own, as the outlets print it."""
    return escape(line).replace("Kim Jong Un", f"{before}Kim Jong Un{after}")
