"""The Herald's pages: an outlet that no code knows, which states title, date, authors and section in JSON-LD.

Hides the markup. Under every article stands what is newest, which is other news at every visit.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from html import escape

from benchmarks.history.stories import HERALD, ZONES, Story, Wording

_ROWS, _BESIDE = 14, 5
NOT_FOUND = (
    "<main><h1>Page not found</h1><p>We are sorry, the page you are looking for is not here any more. It may have been moved,"
    " or the address may have been mistyped. Please try the search, or begin again at the front page.</p></main>"
)


def article(story: Story, wording: Wording, rows: Sequence[Story], now: datetime) -> str:
    """The page of an article. Its date is told on the clock of the day of the visit, as sites do that keep moments in UTC."""
    here = ZONES[HERALD]
    stated = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": wording.title,
        # The zone's offset now, not that of the day of publication.
        "datePublished": wording.dated.astimezone(now.astimezone(here).tzinfo).isoformat(),
        "author": {"@type": "Person", "name": wording.byline},
        "articleSection": [part for part in ("News", wording.section) if part],
        "publisher": {"@type": "Organization", "name": "The Herald"},
    }
    text = "".join(f"<p>{escape(line, quote=False)}</p>" for line in wording.paragraphs)
    beside = [row for row in rows if row is not story][:_BESIDE]
    return frame(
        wording.title,
        f'<main><article><h1>{escape(wording.title)}</h1><figure><img src="{wording.image}"><figcaption>A view'
        f'</figcaption></figure><div class="body">{text}</div></article>'
        f'<aside class="related"><h2>More from The Herald</h2>{_teasers(beside, now)}</aside></main>'
        f'<script type="application/ld+json">{json.dumps(stated, ensure_ascii=False)}</script>',
    )


def front(rows: Sequence[Story], now: datetime, most: int = _ROWS) -> str:
    """The front page: the newest rows."""
    return frame("News", f"<main><h2>Latest</h2>{_teasers(rows[:most], now)}</main>")


def frame(title: str, main: str) -> str:
    """A page of the outlet around something."""
    return (
        f'<!DOCTYPE html>\n<html lang="en-DE"><head><meta charset="utf-8"><title>{escape(title)} | The Herald</title>\n'
        '<meta property="og:site_name" content="The Herald"></head><body><header><nav><a href="/">Home</a> '
        f'<a href="/about/">About us</a></nav></header>{main}\n<footer><a href="/about/">Printed in the old town since 1920'
        "</a></footer></body></html>"
    )


def _teasers(rows: Sequence[Story], now: datetime) -> str:
    blocks = "".join(
        f'<div class="card"><h3><a href="{address}">{escape(row.at(now).title)}</a></h3>'
        f'<time datetime="{row.published.isoformat()}">{row.published:%d %B %Y}</time></div>'
        for row in rows
        for address in row.addresses(now)
    )
    return f'<section class="teasers">{blocks}</section>'
