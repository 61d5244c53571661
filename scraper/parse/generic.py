"""Pages of outlets that no code knows: what they state of themselves, and the text that stands in them.

Hides trafilatura and htmldate, which nothing else imports, and how they are kept from remembering: the same bytes give the
same article in any order, in any process, at any date on the clock (docs/sources.md, "Generic").
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from htmldate import find_date
from selectolax.lexbor import LexborNode
from trafilatura import extract

from scraper import urls
from scraper.errors import LayoutChanged, NotAnArticle
from scraper.model import DateEvidence, Dateline, Image, Link, Page, Parsed, Rules
from scraper.parse.dates import first_dateline
from scraper.parse.decode import decode
from scraper.parse.dom import collapse, document, every, text
from scraper.parse.layout import View, article
from scraper.parse.listed import read_listing, related
from scraper.parse.passages import Passages, passages
from scraper.parse.structured import Stated, structured
from scraper.parse.text import fold, split_end_mark

ARTICLE = "generic/article@2"
LISTING = "generic/listing@1"
_DAY_IN_ADDRESS = re.compile(r"/((?:19|20)\d\d)[/-]?([01]\d)[/-]?([0-3]\d)(?=[/_-]|$)")
_SUFFIX = re.compile(r"\s+(?:[|·•:»/‹›–—-]|::)\s+")  # noqa: RUF001 - what stands before a site's name
_AFTER = re.compile(r"\s*[|·•:»/‹›_–—-]")  # noqa: RUF001 - as above
_LEAST = 10
_NAME_WORDS, _NAME_SIGNS = 4, 8
_WIDE_SITE = re.compile(r"\s*[-_|｜—–]\s*[^-_|｜—–\x00-\u0fff]{2,12}$")  # noqa: RUF001 - as above
_CUT = ("...", "…")


def read(page: Page, *, source: str, rules: Rules) -> Parsed:
    """The article of a page, or the rows of a listing, as the declared patterns say which of them it is.

    Raises NotAnArticle where the address is declared as neither, LayoutChanged where an article has no title or no text, or
    a listing no rows.
    """
    target = urls.target(page.url)
    if _fits(rules.articles, target):
        return _article(_view(page, source, ARTICLE), rules)
    if _fits(rules.listings, target):
        return read_listing(_view(page, source, LISTING), rules)
    raise NotAnArticle(f"{page.url} fits none of the patterns of {source} (`articles`, `listings`)")


def chosen(html: str) -> str:
    """The text that trafilatura takes for an article's; empty where it takes none.

    It is given decoded text and no language, and keeps no record of repeated texts (`deduplicate`): that is its one state
    which changes what comes out, its other caches are of pure functions. Its own metadata, whose dates depend on today's, is
    not asked for.
    """
    return extract(html, include_comments=False, deduplicate=False, with_metadata=False, output_format="txt") or ""


def _fits(patterns: Iterable[str], target: str) -> bool:
    return any(re.search(pattern, target) for pattern in patterns)


def _view(page: Page, source: str, parser: str) -> View:
    html = decode(page)
    return View(page=page, source=source, parser=parser, html=html, document=document(html))


def _article(view: View, rules: Rules) -> Parsed:
    stated = structured(view, timezone=rules.timezone)
    title = _title(view, stated, rules.outlet)
    found = passages(view, chosen=chosen(view.html), stated=stated.body, title=title, authors=stated.authors)
    paragraphs, end_mark = split_end_mark(found.paragraphs)
    dateline = first_dateline(paragraphs)
    links = _links(view, found)
    key, original = _identity(view, stated, rules)
    read = article(
        view,
        outlet=stated.outlet or rules.outlet,
        key=key,
        original_url=original,
        title=title,
        paragraphs=paragraphs,
        evidence=_evidence(view, (*stated.published, *((found.date,) if found.date else ())), dateline),
        language=stated.language or rules.language,
        dateline=dateline,
        byline=", ".join(stated.authors) or None,
        sections=stated.sections,
        end_mark=end_mark,
        images=_images(view, found),
        links=links,
        related=related(view, rules, {link.url for link in links}),
    )
    return Parsed(articles=(read,), layout=ARTICLE)


def _title(view: View, stated: Stated, outlet: str) -> str:
    """The heading that says what the page states; else what it states, its only `h1`, or its `title`, in this order.

    A stated title may be cut short or end in the site's name; the heading is what readers see. LayoutChanged where there is
    none of these.
    """
    headings = list(dict.fromkeys(words for words in (text(node) for node in every(view.document, "h1, h2")) if words))
    head = view.document.first("head > title")
    named = collapse(text(head)) if head is not None else ""
    for given in (*stated.titles, named):
        same = [heading for heading in headings if _same(fold(given), fold(heading))]
        if same:
            return max(same, key=len)
    if stated.titles:
        return _without_site(stated.titles[0], stated.outlet)
    only = {words for words in (text(node) for node in every(view.document, "h1")) if words}
    if len(only) == 1:
        return only.pop()
    title = _without_site(_WIDE_SITE.sub("", named), _SUFFIX.split(named)[-1])
    # Outlets name nothing but themselves there, on every page: what may be a name is no title.
    if fold(named) in {fold(outlet), fold(stated.outlet or "")} or (title == named and not _is_sentence(title)):
        raise LayoutChanged(f"{view.page.url}: states no title and has {len(only)} headings `h1` instead of one")
    return title


def _is_sentence(title: str) -> bool:
    """Whether a title has words enough, or signs of a script without spaces, to be no outlet's name."""
    return len(title.split()) >= _NAME_WORDS or len(re.findall(r"[^\W\x00-\u0fff]", title)) >= _NAME_SIGNS


def _same(given: str, heading: str) -> bool:
    """Whether a stated title is a heading's: equal, cut off, or with the site's name after it."""
    if given == heading:
        return True
    if given.endswith(_CUT):
        bare = given.rstrip(".…").rstrip()
        return len(bare) > _LEAST and heading.startswith(bare)
    rest = given[len(heading) :] if given.startswith(heading) and len(heading) >= _LEAST // 2 else ""
    return _AFTER.match(rest) is not None


def _without_site(title: str, outlet: str | None) -> str:
    parts = _SUFFIX.split(title)
    ends = outlet is not None and len(parts) > 1 and fold(parts[-1]).casefold() == fold(outlet).casefold()
    return title[: title.rindex(parts[-1])].rstrip(" |·•:»/‹›–—-") if ends else title  # noqa: RUF001 - as above


def _identity(view: View, stated: Stated, rules: Rules) -> tuple[str, str | None]:
    """The key of the address the page calls its own, and that of the original where it is another site's.

    An address that is not declared as an article's is a site's mistake: many name their front page on every page.
    """
    here = view.page.url
    if stated.canonical is None or urls.host(stated.canonical) == "":
        return urls.key(here), None
    if _site(stated.canonical) != _site(here):
        return urls.key(here), stated.canonical
    return urls.key(stated.canonical if _fits(rules.articles, urls.target(stated.canonical)) else here), None


def _site(url: str) -> str:
    return urls.host(url).removeprefix("www.")


def _evidence(view: View, published: tuple[str, ...], dateline: Dateline | None) -> tuple[DateEvidence, ...]:
    """What the page, its address and its dateline state; where neither of the first two does, what htmldate infers."""
    marks = tuple(DateEvidence(kind="page-mark", value=value) for value in published)
    day = _day_in_address(view.page.url)
    filed = (DateEvidence(kind="dateline", value=dateline.day),) if dateline else ()
    if marks or day:
        return (*marks, *((DateEvidence(kind="url", value=day),) if day else ()), *filed)
    inferred = _inferred(view)
    return (*filed, DateEvidence(kind="inferred", value=inferred)) if inferred else filed


def _day_in_address(url: str) -> str | None:
    match = _DAY_IN_ADDRESS.search(urls.target(url))
    try:
        return date(int(match[1]), int(match[2]), int(match[3])).isoformat() if match else None
    except ValueError:
        return None


def _inferred(view: View) -> str | None:
    """The day that htmldate takes for the publication's, no later than a day after the page was seen.

    Its search through running text is off: that asks dateparser, which completes dates by today's and remembers languages.
    """
    seen = view.page.fetched_at
    latest = datetime(seen.year, seen.month, seen.day, 23, 59, 59) + timedelta(days=1)  # noqa: DTZ001 - htmldate's own are naive
    return find_date(view.html, extensive_search=False, original_date=True, url=view.page.url, max_date=latest)


def _images(view: View, found: Passages) -> tuple[Image, ...]:
    """The pictures of the article, each with the caption under it, else its `alt`."""
    holder = found.holder
    around = next((node for node in _upwards(holder) if node.tag in {"article", "main"}), holder)
    pictures: dict[str, Image] = {}
    for img in every(around, "img, amp-img") if around is not None else ():
        given = img.attributes
        source = next(
            (given[name] for name in ("src", "data-src") if (given.get(name) or "data:")[:5] != "data:"), None
        )
        figure = next((node for node in _upwards(img) if node.tag == "figure"), None)
        if source is None or (figure is None and img.parent is not None and _in_link(img)):
            continue
        try:
            url = urls.canonical(source, view.page.url)
        except ValueError:
            continue
        under = [text(node) for node in every(figure, "figcaption")] if figure is not None else []
        caption = next(iter(under), "") or collapse(given.get("alt") or "")
        pictures.setdefault(url, Image(url=url, caption=caption or None))
    return tuple(pictures.values())


def _in_link(img: LexborNode) -> bool:
    return any(node.tag == "a" for node in _upwards(img))


def _links(view: View, found: Passages) -> tuple[Link, ...]:
    """The links in the lines of the text, each address once."""
    links: dict[str, Link] = {}
    for a in (each for line in found.lines for each in line.links):
        words = text(a)
        try:
            url = urls.canonical((a.attributes.get("href") or "").strip(), view.page.url)
        except ValueError:
            continue
        if words:
            links.setdefault(url, Link(url=url, text=words))
    return tuple(links.values())


def _upwards(node: LexborNode | None) -> Iterable[LexborNode]:
    at = node
    while at is not None:
        yield at
        at = at.parent
