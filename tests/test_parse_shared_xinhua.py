from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest

from scraper.model import Article, DateEvidence, Dateline, Page, Parsed
from scraper.parse import parse

pytestmark = pytest.mark.shared


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a saved page holds; texts as the first sixteen hex digits of their SHA-256."""

    file: str
    url: str
    layout: str
    key: str
    section: str
    title: str
    byline: str
    paragraphs: tuple[str, ...]
    evidence: tuple[tuple[str, str], ...]
    text_sha256: str
    dateline: Dateline | None = None
    images: tuple[tuple[str, str | None], ...] = ()


PAGES = (
    Facts(
        file="he.xinhuanet.com-2012-06-04-content_25340717.html",
        url="http://www.he.xinhuanet.com/news/2012-06/04/content_25340717.htm",
        layout="xinhua/tables@2",
        key="content_25340717",
        section="news",
        title="c469341b417821b9",
        byline="8e2267c8cc6b2cab",
        paragraphs=(
            "1c8c3efe4e3cb518",
            "b9a75d4131973d43",
            "b0d9a9906dae27af",
            "8970f056bf6bcfd4",
            "2d5a51c69a57711e",
            "94488190717e33f7",
        ),
        evidence=(("page-mark", "2012-06-04T09:20:26+08:00"), ("url", "2012-06-04")),
        text_sha256="6d413a9a742a7047",
    ),
    Facts(
        file="xinhuanet.com-2020-02-19-c_1125597921.html",
        url="http://www.xinhuanet.com/local/2020-02/19/c_1125597921.htm",
        layout="xinhua/h-title@2",
        key="c_1125597921",
        section="local",
        title="b0e0514edf8e4b2b",
        byline="04ed6431e8b2c709",
        paragraphs=(
            "39e7679e70e7f652",
            "51de1f5c64bf0bfc",
            "2e2cf915ca4eadf8",
            "cee9074e151cf7f8",
            "f7d2f801e82a1ea2",
            "ed5c1813a60571b1",
            "bfd4cd1b614aeebb",
            "c74d8b5cca5444b8",
            "6c687ddbd883f506",
            "f428864cae64ebbd",
            "05598ef29f6b7d27",
            "274a9fc22e627c33",
            "9c51bc63f9fb8880",
            "edee758836b649f0",
        ),
        evidence=(("page-mark", "2020-02-19T20:29:58+08:00"), ("url", "2020-02-19")),
        text_sha256="beb6890b8230debf",
        images=(
            ("1125597921_15821148894141n.jpg", "04844385f8ce4352"),
            ("1125597921_15821149269271n.jpg", None),
            ("1125597921_15821149778301n.jpg", None),
        ),
    ),
    Facts(
        file="news.cn-2023-11-17-c_1129981476.html",
        url="http://www.news.cn/fortune/2023-11/17/c_1129981476.htm",
        layout="xinhua/header-time@2",
        key="c_1129981476",
        section="fortune",
        title="e0aa46c65a56d2fd",
        byline="22c268740c973e1a",
        paragraphs=("225cbda2f3ed8151", "485061328cec3ba1", "77f8cea3e0595bcf", "589a87d427c7b260"),
        evidence=(("page-mark", "2023-11-17T20:52:15+08:00"), ("url", "2023-11-17"), ("dateline", "--11-17")),
        text_sha256="fd114e79418e29d5",
        dateline=Dateline(text="新华社北京11月17日电", place="北京", day="--11-17", agency="新华社"),
    ),
)


def digest(text: str) -> str:
    """A text's name here: third-party texts stay out of the project."""
    return sha256(text.encode()).hexdigest()[:16]


def parsed(shared: Path, facts: Facts) -> Parsed:
    """What a saved page holds; the header names no charset, as those servers do not."""
    page = Page(
        method="GET",
        url=facts.url,
        status=200,
        headers=(("Content-Type", "text/html"),),
        fetched_at=datetime(2026, 11, 1, tzinfo=UTC),
        body=(shared / "pages" / "xinhua" / facts.file).read_bytes(),
    )
    return parse(page, source="xinhua", parser="xinhua")


def read(shared: Path, facts: Facts) -> Article:
    """The one article of a saved page."""
    (article,) = parsed(shared, facts).articles
    return article


@pytest.mark.parametrize("facts", PAGES, ids=lambda facts: facts.key)
def test_title_and_text(shared: Path, facts: Facts) -> None:
    """Title and every paragraph are the saved page's, decoded and without the editor's form."""
    article = read(shared, facts)
    assert digest(article.title) == facts.title
    assert tuple(digest(paragraph) for paragraph in article.paragraphs) == facts.paragraphs


@pytest.mark.parametrize("facts", PAGES, ids=lambda facts: facts.key)
def test_dates(shared: Path, facts: Facts) -> None:
    """The visible time is Beijing time; the address states the day again; a Chinese dateline is read."""
    article = read(shared, facts)
    assert article.evidence == tuple(DateEvidence(kind=kind, value=value) for kind, value in facts.evidence)
    assert article.dateline == facts.dateline


@pytest.mark.parametrize("facts", PAGES, ids=lambda facts: facts.key)
def test_identity(shared: Path, facts: Facts) -> None:
    """Outlet, key, section, language and layout."""
    article = read(shared, facts)
    assert (article.outlet, article.language, article.parser) == ("Xinhua", "zh", facts.layout)
    assert (article.key, article.sections) == (facts.key, (facts.section,))
    assert digest(article.byline or "") == facts.byline


@pytest.mark.parametrize("facts", PAGES, ids=lambda facts: facts.key)
def test_images(shared: Path, facts: Facts) -> None:
    """Pictures are found beside the text, each with its caption, which is no paragraph."""
    article = read(shared, facts)
    folder = facts.url.rpartition("/")[0]
    found = tuple((image.url, digest(image.caption) if image.caption else None) for image in article.images)
    assert found == tuple((f"{folder}/{name}", caption) for name, caption in facts.images)


@pytest.mark.parametrize("facts", PAGES, ids=lambda facts: facts.key)
def test_what_stands_beside_is_left_out(shared: Path, facts: Facts) -> None:
    """Menus, other articles and the form for corrections are neither text nor links nor sightings; none has a mark."""
    whole = parsed(shared, facts)
    article = read(shared, facts)
    assert (article.links, article.related, article.end_mark, article.original_url) == ((), (), None, None)
    assert (whole.sightings, whole.listings, whole.layout) == ((), (), facts.layout)
    assert article.text_sha256[:16] == facts.text_sha256
    assert (article.url, article.source) == (facts.url, "xinhua")
