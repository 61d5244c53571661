"""KCNA on kcna.kp until about 2019: XML answers to the scripts of the site (docs/sources.md, "KCNA").

Hides that an article is `<NData>` with HTML in CDATA, that a list is parallel arrays to be zipped by position, and
that neither names its language: it was the session's, so it is read off the script the text is written in.

An article has no address of its own there, only a POST with `article_code=AR...`. Its locator here is the endpoint
with that code as query: `http://kcna.kp/kcna.user.article.retrieveArticleInfoFromArticleCode.kcmsf?article_code=...`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import replace
from datetime import date
from xml.etree.ElementTree import Element, ParseError

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException
from selectolax.lexbor import LexborNode

from scraper import urls
from scraper.errors import LayoutChanged, NotAnArticle
from scraper.model import Origin, Parsed, Sighting
from scraper.parse.dates import dotted, first_dateline
from scraper.parse.dom import Document, document, every, has, lines, one, text
from scraper.parse.layout import Grade, Layout, View, article, dated, images, links, listing
from scraper.parse.text import split_end_mark

_ENDPOINT = "kcna.user.article.retrieveArticleInfoFromArticleCode.kcmsf"
_CODE = re.compile(r"AR\d+")
_CALL = re.compile(r"fn_showArticle\(\s*[\"'](AR\d+)[\"']")
_SCRIPTS = (
    ("ja", re.compile("[\u3040-\u30ff]")),
    ("ko", re.compile("[\uac00-\ud7a3]")),
    ("zh", re.compile("[\u4e00-\u9fff]")),
    ("ru", re.compile("[\u0400-\u04ff]")),
    ("es", re.compile(r"\(ACNC\)")),
)


def read_article(view: View) -> Parsed:
    """One article from `<NData>`. Empty, it is the server's "not found": NotAnArticle."""
    fields = {child.tag: child.text or "" for child in _answer(view, "NData")}
    if not fields:
        raise NotAnArticle(f"{view.page.url}: the server knows no such article (empty NData)")
    code = _field(view, fields, "articleCode")
    body = _html(_field(view, fields, "content"))
    paragraphs, end_mark = split_end_mark(lines(body))
    dateline = first_dateline(paragraphs)
    title = " ".join(lines(_html(_field(view, fields, "dispTitle"))))
    found = article(
        view,
        outlet="KCNA",
        key=code,
        title=title,
        paragraphs=paragraphs,
        # One article on record (AR0060168) has an unusable date, so this mark may be missing.
        evidence=dated(page_mark=dotted(fields.get("articleCreateDate", "")), dateline=dateline),
        language=_language(title + " ".join(paragraphs)),
        dateline=dateline,
        end_mark=end_mark,
        images=images(view, every(body, "img")),
        links=links(view, (body,)),
    )
    return Parsed(articles=(replace(found, url=_locator(view, code)),))


def read_list(view: View) -> Parsed:
    """The rows of `<NMultiData>`. Empty, it is the server's "nothing there", as past the last page: NotAnArticle."""
    columns: defaultdict[str, list[str]] = defaultdict(list)
    for child in _answer(view, "NMultiData"):
        columns[child.tag].append(child.text or "")
    if not columns:
        raise NotAnArticle(f"{view.page.url}: the server lists nothing here (empty NMultiData)")
    lengths = {name: len(values) for name, values in columns.items()}
    if len(set(lengths.values())) != 1 or not {"articleCode", "dispTitle", "sendInfo"} <= set(lengths):
        raise LayoutChanged(f"{view.page.url}: the list's columns do not match: {lengths}")
    rows = zip(columns["articleCode"], columns["dispTitle"], columns["sendInfo"], strict=True)
    return Parsed(sightings=tuple(_sighting(view, code, title, sent) for code, title, sent in rows))


def read_home(view: View) -> Parsed:
    """The front page of the scripts' site: its links are calls with the article's code, without dates as far as is known.

    To a script the same address answers XML, by which a session's language is chosen: no listing, and read as none.
    """
    if has(view.document, "xsync"):
        return Parsed()
    calls = ((a, _CALL.search(a.attributes.get("onclick") or "")) for a in every(view.document, "a[onclick]"))
    rows = [
        Sighting(url=_locator(view, call[1]), origin=Origin.LISTING, title=text(a) or None) for a, call in calls if call
    ]
    return listing(view, rows, dated_rows=False)


def _sighting(view: View, code: str, title: str, sent: str) -> Sighting:
    return Sighting(
        url=_locator(view, code),
        origin=Origin.LISTING,
        title=" ".join(lines(_html(title))) or None,
        published=dotted(sent.replace("-", ".")),
    )


def _answer(view: View, name: str) -> Element:
    try:
        root: Element = ElementTree.fromstring(view.html.strip())
    except (ParseError, DefusedXmlException) as error:
        raise LayoutChanged(f"{view.page.url}: not the XML this endpoint answers with: {error}") from error
    found = root.findall(name)
    if len(found) != 1:
        raise LayoutChanged(f"{view.page.url}: expected one <{name}>, found {len(found)}")
    return found[0]


def _field(view: View, fields: dict[str, str], name: str) -> str:
    value = fields.get(name, "").strip()
    if not value:
        raise LayoutChanged(f"{view.page.url}: the answer has no {name}")
    return value


def _html(fragment: str) -> LexborNode:
    return one(document(fragment), "body")


def _locator(view: View, code: str) -> str:
    if not _CODE.fullmatch(code.strip()):
        raise LayoutChanged(f"{view.page.url}: not an article code: {code[:40]!r}")
    return urls.canonical(f"/{_ENDPOINT}?article_code={code.strip()}", view.page.url)


def _language(text: str) -> str:
    return next((language for language, script in _SCRIPTS if script.search(text)), "en")


def _is_article(tree: Document) -> bool:
    return has(tree, "xsync ndata")


def _is_home(tree: Document) -> bool:
    return has(tree, 'a[onclick*="fn_showArticle"]') or has(tree, "xsync")


def _is_list(tree: Document) -> bool:
    return has(tree, "xsync nmultidata")


LAYOUTS = (
    Layout(
        name="kcna/ajax-article",
        addresses="POST `…retrieveArticleInfoFromArticleCode.kcmsf`",
        grade=Grade.REAL_PAGES,
        version=2,
        kind="article",
        urls=re.compile(r"retrieveArticleInfoFromArticleCode\.kcmsf"),
        since=date(2013, 1, 1),
        until=date(2019, 12, 31),
        fits=_is_article,
        read=read_article,
    ),
    Layout(
        name="kcna/ajax-list",
        addresses="POST `…retrieveArticleListForPage.kcmsf`",
        grade=Grade.REAL_PAGES,
        version=1,
        kind="listing",
        urls=re.compile(r"retrieveArticleListForPage\.kcmsf"),
        since=date(2013, 1, 1),
        until=date(2019, 12, 31),
        fits=_is_list,
        read=read_list,
    ),
    Layout(
        name="kcna/ajax-home",
        addresses="`…retrieveHomeInfoList.kcmsf`",
        grade=Grade.SELECTORS,
        version=1,
        kind="listing",
        urls=re.compile(r"retrieveHomeInfoList\.kcmsf|^/$"),
        since=date(2013, 1, 1),
        until=date(2019, 12, 31),
        fits=_is_home,
        read=read_home,
    ),
)
