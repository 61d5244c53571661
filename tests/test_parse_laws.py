"""Laws of the readers of KCNA Watch and Xinhua, on pages put together at random: no word of a text is lost, none added."""

from __future__ import annotations

from datetime import UTC, date, datetime
from html import escape

from hypothesis import given
from hypothesis import strategies as st

from scraper.errors import LayoutChanged
from scraper.model import Origin, Page, Parsed
from scraper.parse import parse

_WORDS = st.lists(st.sampled_from(("rice", "maize", "a & b", "“so”", "<", "3", "平壤")), min_size=1, max_size=4).map(
    " ".join
)
_TEXT = st.tuples(st.sampled_from(("p", "h2", "h3")), _WORDS)
_ASIDE = st.sampled_from(
    (
        '<div id="div_currpage">1 <a href="c_1_2.htm">2</a></div>',
        '<div class="zan-wap"><div>+1</div></div>',
        "<script>var x = 'not text';</script>",
        '<ul><li><a href="/20250712/0123456789abcdef0123456789abcde1/c.html">Another article</a></li></ul>',
        "<style>p { color: red }</style>",
        "<!-- a comment -->",
        "<div> date 2025-07-13 </div>",
        '<div><img src="a.jpg"></div>',
    )
)
_STRAY = st.tuples(st.sampled_from(("div", "span", "blockquote", "td")), _WORDS)


def xinhua(box: str) -> Parsed:
    """What is read of an English page with this in the box of its text."""
    html = (
        '<html><body><h1 class="Btitle">Title</h1><p>Source: Xinhua</p><p>2025-07-13 10:42:15</p>'
        f'<div id="detail">{box}</div></body></html>'
    )
    return _read(html, "https://english.news.cn/20250713/0123456789abcdef0123456789abcdef/c.html", "xinhua")


def _read(html: str, url: str, parser: str) -> Parsed:
    page = Page(
        method="GET",
        url=url,
        status=200,
        headers=(("Content-Type", "text/html; charset=utf-8"),),
        fetched_at=datetime(2025, 12, 19, tzinfo=UTC),
        body=html.encode(),
    )
    return parse(page, source=parser, parser=parser)


def element(tag: str, words: str) -> str:
    """The words in an element."""
    return f"<{tag}>{escape(words)}</{tag}>"


@given(parts=st.lists(st.one_of(_TEXT, _ASIDE), min_size=1, max_size=8), last=_WORDS)
def test_xinhua_every_paragraph_and_nothing_else(parts: list[str | tuple[str, str]], last: str) -> None:
    """Whatever stands between them, the paragraphs and headings are the text, in order, and what is known to be none is not."""
    texts = [part for part in parts if isinstance(part, tuple)]
    box = "".join(element(*part) if isinstance(part, tuple) else part for part in parts)
    (article,) = xinhua(box + element("p", last)).articles
    assert article.paragraphs == (*(words for _, words in texts), last)


@given(parts=st.lists(_TEXT, min_size=1, max_size=6), stray=_STRAY, at=st.integers(0, 6))
def test_xinhua_a_line_in_no_paragraph_is_an_alarm(
    parts: list[tuple[str, str]], stray: tuple[str, str], at: int
) -> None:
    """Text beside the paragraphs is never passed over without a word."""
    elements = [element(*part) for part in (*parts, ("p", "rice"))]
    elements.insert(at, element(*stray))
    try:
        xinhua("".join(elements))
    except LayoutChanged:
        return
    raise AssertionError(elements)


_ITEM = st.tuples(_WORDS, st.integers(0, 2), st.dates(date(2012, 1, 1), date(2026, 12, 31)), _WORDS)


def watch(items: list[tuple[str, int, date, str]], today: date, *, inside: bool) -> Parsed:
    """What is read of an article fetched on a day, with the newest items of its outlet under the text or in its box."""
    rows = "".join(
        "<article>"
        + element("h4", title) * doubled
        + f'<a href="/newstream/1766{number:06d}-{number}/x/"><img src="/t.jpg"></a>{element("p", excerpt)}'
        + f"<p><span>{day:%B %d, %Y}</span></p>{element('p', excerpt)}</article>"
        for number, (title, doubled, day, excerpt) in enumerate(items)
    )
    more = f"<section><h3>More From KCNA.kp (EN)</h3>{rows}<a>More Articles</a></section>" if items else ""
    html = (
        f"<html><body><div>{today:%B %d, %Y}</div><p>KCNA KCNA.kp (En)</p><h1>Title</h1>"
        '<p>Date: 04/03/2005 | Source: KCNA.kp (En) | <a href="http://www.kcna.kp/x">Read original version at source</a></p>'
        '<div class="article-content"><p>Samplong, March 3 (KCNA) -- Rice grows. -0-</p>'
        f"{more if inside else ''}</div>{'' if inside else more}<footer>{today:%B %d, %Y}</footer></body></html>"
    )
    return _read(html, "https://kcnawatch.org/newstream/1452005008-914741129/title/", "kcnawatch")


@given(items=st.lists(_ITEM, max_size=6), today=st.dates(date(2012, 1, 1), date(2026, 12, 31)), inside=st.booleans())
def test_kcnawatch_related_items_are_sightings_and_never_text(
    items: list[tuple[str, int, date, str]],
    today: date,
    inside: bool,  # noqa: FBT001 - a place drawn at random
) -> None:
    """Titles once, twice or left out, any number of items, any day of the fetch: the article is the same to the letter."""
    parsed = watch(items, today, inside=inside)
    (article,) = parsed.articles
    assert article.paragraphs == ("Samplong, March 3 (KCNA) -- Rice grows.",)
    assert [(item.kind, item.value) for item in article.evidence] == [
        ("aggregator", "2005-03-04"),
        ("dateline", "--03-03"),
    ]
    assert article.text_sha256 == watch([], date(2012, 1, 1), inside=False).articles[0].text_sha256
    assert [each.published for each in article.related] == [day.isoformat() for _, _, day, _ in items]
    assert [each.origin for each in parsed.sightings] == [Origin.MIRROR, *[Origin.RELATED] * len(items)]
