"""What the parser reads from the real saved pages of KCNA and Rodong Sinmun, as facts and digests.

The digests were made from the pages' bytes by regular expressions of their own, not by the parser. A digest is the
SHA-256 of lines joined by a newline: the paragraphs of an article, or `url title date` for each row of a list.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest

from scraper.errors import LayoutChanged, NotAnArticle
from scraper.model import Article, DateEvidence, Image, ListingLink, Origin, Page, Parsed, Sighting
from scraper.parse import parse

pytestmark = pytest.mark.shared

RODONG = "http://www.rodong.rep.kp/en/index.php?strPageID="
KCNA = "http://www.kcna.kp/en"
AJAX = "http://kcna.kp/kcna.user.article."


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a saved article of Rodong Sinmun holds. `name` is the page's newsID where that is on record.

    `text` is its `text_sha256`, `images` the digest of its pictures' addresses; no picture of these has a caption.
    """

    name: str
    title: str
    count: int
    paragraphs: str
    text: str
    images: str = ""

    @property
    def file(self) -> str:
        """The saved page."""
        known = len(self.name) > len("2022-02-11")
        return f"rodong/rodong-en-newsID-{self.name}.html" if known else f"rodong/rodong-en-{self.name}-article.html"


ARTICLES = (
    Facts(
        name="2022-02-11",
        title="27bfec572981ed8355b15415ffa574002cf1c592ea3d245e5dff8342788a9502",
        count=20,
        paragraphs="16b6379700633bc7098edaf376948c8d13759fb50ca8ded8a516952076262789",
        text="0b130e98c62ec046caa5d9222ec4b07628c8e0ea6b079d27ef6d0a341da77e08",
        images="0cfcb65bce7834d25e72c3d83590fb3b73ec3b4eb455f3d7a41f6fea38e2c9b8",
    ),
    Facts(
        name="2022-03-10-0002",
        title="677f322f0e4b9621421a9cc6267d97285df84dee65d5729ccdcb3c9ca5444c52",
        count=11,
        paragraphs="d9e6292aa5ac59282eece179c7d79be0497913c451e6632b0de7deaa14fcea17",
        text="a0953612c584d17d23dbd16c6b8ad5b0f5c5a2bf1d86e3032492c2edb5ced8a3",
        images="7658db83e0195df3f536179a153f0122e1b5ba18491114294a56c207ba1ae641",
    ),
    Facts(
        name="2022-03-10-0003",
        title="1d6cf2b0ff6aad5daef7f0642fddc2884a1f49e5568c9b4f708a402b517daf38",
        count=14,
        paragraphs="42f431311d9ad164c1e714b6361eef9a4c1334e15e586e18283303103dd5d462",
        text="9a7b9a89b8b6fc1e4ea7c0dd8454df7c4d9eacc473bbb4323fb3c0ef583c6184",
    ),
    Facts(
        name="2022-03-10-0005",
        title="bdce750deb8673bb5adc719689fb2e5b18fbdac06402a02b37e06ceb9cfc58b5",
        count=6,
        paragraphs="6dabc014c44e0394b8c65e5ea2519689ee0d20d7b775e5447086fdb81dc5e3a5",
        text="ba7fcb554eda0e3f1933050b1f8ac4d61e023e35095f7acc61848ba984846588",
    ),
    Facts(
        name="2022-03-10-0006",
        title="fef6ae31cb682d2c3c440ff10fec01b12359fc983e39095dc0e58f771cf27b89",
        count=6,
        paragraphs="076fd1c42a53e0a68366743713470a5807bcca4cb594465cf02ae7e2c2d8fbde",
        text="df23fe00f382de45089d3b1f0a3895c18930980bef7e109091e99a795e0bc834",
        images="199dac4d752789e3a9889d0c8a77f0307448ddbd51519d7ff93637ee8c1321e1",
    ),
    Facts(
        name="2022-03-11-0002",
        title="2c678d9badadaff3aa01e766bf32de88c822d9e2ed4609dfda495a2103f89bd0",
        count=5,
        paragraphs="e9b928dd2599018f41088693fefe39e3cfbc3738a670b8b1dde57047e8ffecee",
        text="245d758e89cf545e5df93f84c7c21743734d51abbc86a6e8c94bf12d8e09e470",
        images="ac196a69cdfca3b54e9badcd2926bef9e52128e825b1337910167d9a072f3ae8",
    ),
    Facts(
        name="2022-03-11-0004",
        title="864c5a6ad134a9d4be334fdb250768ccc57d44ef5192c0bf6176bef8aecb8f7e",
        count=6,
        paragraphs="4779db4a34643134d84d1e5eae81a2d4b2077427bdb827bce6d5eab4db75b0d1",
        text="937c660d714963aa27edbbe7fe9b1b96366393aeb6df0a2c3fd34cae55b8c9c2",
    ),
    Facts(
        name="2022-03-11-0005",
        title="8df2b207da432b0e1ef8566d11eb23b69f5bad46b824b0ac493c3cb3aa22a4b0",
        count=9,
        paragraphs="a68b7ec91596b812119fe009c84b43fc4d3f75915f048219b75783d1dc95edcd",
        text="75efe3f4bc58f8f52d7ba2db26fff8093b8b9df91ded82d2b5e0b4801db2882f",
    ),
)


def digest(lines: Iterable[str]) -> str:
    """SHA-256 of lines joined by a newline."""
    return sha256("\n".join(lines).encode()).hexdigest()


def read(shared: Path, file: str, url: str, *, parser: str, method: str = "GET") -> Parsed:
    """A saved page, read under its address."""
    seen = datetime(2026, 11, 1, tzinfo=UTC)
    body = (shared / "pages" / file).read_bytes()
    page = Page(method=method, url=url, status=200, headers=(), fetched_at=seen, body=body)
    return parse(page, source=parser, parser=parser)


def evidence(article: Article) -> dict[str, str]:
    """The statements about the article's date, by their kind."""
    return {each.kind: each.value for each in article.evidence}


@pytest.mark.parametrize("facts", ARTICLES, ids=lambda facts: facts.name)
def test_rodong_article(shared: Path, facts: Facts) -> None:
    """Every field of a `strPageID` page is that of the page."""
    url = f"{RODONG}SF01_02_01&newsID={facts.name}"
    parsed = read(shared, facts.file, url, parser="rodong")
    assert (parsed.layout, parsed.sightings, parsed.listings) == ("rodong/page-id-article@2", (), ())
    (article,) = parsed.articles
    assert digest([article.title]) == facts.title
    assert (len(article.paragraphs), digest(article.paragraphs)) == (facts.count, facts.paragraphs)
    assert (digest(image.url for image in article.images) if article.images else "") == facts.images
    known = len(facts.name) > len("2022-02-11")
    assert article == Article(
        source="rodong",
        outlet="Rodong Sinmun",
        key=facts.name if known else "kp,rep,rodong)/en/index.php?newsID=2022-02-11&strPageID=SF01_02_01",
        url=url,
        original_url=None,
        title=article.title,
        evidence=tuple(DateEvidence(kind=kind, value=facts.name[:10]) for kind in ("page-mark", "url")),
        dateline=None,
        byline="Rodong Sinmun",
        sections=(),
        language="en",
        paragraphs=article.paragraphs,
        end_mark=None,
        images=tuple(Image(url=image.url) for image in article.images),
        captions=(),
        links=(),
        related=(),
        parser="rodong/page-id-article@2",
        snapshot_sha256=sha256((shared / "pages" / facts.file).read_bytes()).hexdigest(),
        text_sha256=facts.text,
    )


def test_rodong_list(shared: Path) -> None:
    """The saved list has 40 dated rows that lead to followable addresses, and five sections in its menu."""
    file = "rodong/rodong-en-2022-03-11-list-SF01_01_02-iMenuID-2.html"
    parsed = read(shared, file, f"{RODONG}SF01_01_02&iMenuID=2", parser="rodong")
    assert (parsed.articles, parsed.layout) == ((), "rodong/page-id-list@2")
    assert len(parsed.sightings) == 40
    bare = (
        f"{row.url.removeprefix(f'{RODONG}SF01_02_01&newsID=')} {row.title} {row.published}" for row in parsed.sightings
    )
    assert digest(bare) == "2c6adf967624834e97b1f36e8d7da2177ce88ad98576bf38b43f39de39263aca"
    assert all(
        row == Sighting(url=row.url, origin=Origin.LISTING, title=row.title, published=row.published, section="News")
        for row in parsed.sightings
    )
    menu = ("1&iSubMenuID=1", "7", "8", "9", "5")
    assert parsed.listings == tuple(
        ListingLink(url=f"{RODONG}SF01_01_02&iMenuID={entry}", kind="section") for entry in menu
    )


def test_rodong_list_leads_to_the_saved_articles(shared: Path) -> None:
    """Every saved article with a known serial is a row of the saved list."""
    file = "rodong/rodong-en-2022-03-11-list-SF01_01_02-iMenuID-2.html"
    shown = {row.url for row in read(shared, file, f"{RODONG}SF01_01_02&iMenuID=2", parser="rodong").sightings}
    assert {f"{RODONG}SF01_02_01&newsID={facts.name}" for facts in ARTICLES[1:]} <= shown


def test_kcna_home(shared: Path) -> None:
    """The front page of 4 August 2024 has 39 articles, each once, with Juche dates read as of 2024, and 9 galleries and films."""
    parsed = read(shared, "kcna/kcna-en-home-2024-08-04.html", KCNA, parser="kcna")
    found = sorted(parsed.sightings, key=lambda row: row.url)
    bare = {row.url.removeprefix("http://www.kcna.kp"): f"{row.title} {row.published}" for row in found}
    articles = [f"{url} {said}" for url, said in bare.items() if "/article/" in url]
    media = [f"{url} {said}" for url, said in bare.items() if "/media/" in url]
    assert parsed.layout == "kcna/q-home@2"
    assert (len(articles), len(media)) == (39, 9)
    assert digest(articles) == "52441bbbba3b711a12f44521ede2fe3ec1b2a989376d0e345f43e31cd9c04e43"
    assert digest(media) == "fda9a909f6a715f37587269901162395ead5c1364a89bd5642148c702eec8cab"
    assert max(row.published or "" for row in parsed.sightings) == "2024-08-04"


def test_kcna_home_sections(shared: Path) -> None:
    """Each article of the front page is filed under the heading of the first block that shows it, films and galleries apart."""
    parsed = read(shared, "kcna/kcna-en-home-2024-08-04.html", KCNA, parser="kcna")
    filed = sorted((row.url.removeprefix("http://www.kcna.kp"), row.section) for row in parsed.sightings)
    sections = (f"{url} {section}" for url, section in filed if "/article/" in url)
    assert digest(sections) == "59c851a93985ea5da318404589f95ed324ec795d66167da490b39fd3ece5f350"
    assert Counter(section for url, section in filed if "/media/" in url) == {"gallery": 4, "video": 5}
    assert {row.origin for row in parsed.sightings} == {Origin.LISTING}


def test_kcna_home_has_the_menu(shared: Path) -> None:
    """The sections are those another project listed that day, and one shown beside the menu."""
    listed = json.loads((shared / "pages/kcna/kcna-en-menu-links-2024-08-04.json").read_text())
    parsed = read(shared, "kcna/kcna-en-home-2024-08-04.html", KCNA, parser="kcna")
    found = {link.url for link in parsed.listings}
    assert {link.kind for link in parsed.listings} == {"section"}
    assert {entry["link"] for entry in listed} <= found
    assert len(found) == 15


def test_kcna_ajax_article(shared: Path) -> None:
    """The saved Japanese article of July 2017: date mark, dateline and end mark, three lines."""
    file = "kcna/kcna-ajax-2017-article-AR0099775-ja.xml"
    url = f"{AJAX}retrieveArticleInfoFromArticleCode.kcmsf"
    (article,) = read(shared, file, url, parser="kcna", method="POST").articles
    assert (article.key, article.language, article.end_mark) == ("AR0099775", "ja", "－－－")
    assert article.url == f"{url}?article_code=AR0099775"
    assert evidence(article) == {"page-mark": "2017-07-05", "dateline": "--07-05"}
    assert digest(article.paragraphs) == "0abab7d602fe393baa5f4d7e947d27d15ce61ae4450f2bf0ea2e8f3b620ab69e"
    assert len(article.paragraphs) == 3
    assert digest([article.title]) == "a3135f5bc54ed0ac578869501daeb48cb7789250d44a030742a7482001da9974"
    assert article.dateline is not None
    parts = (article.dateline.place, article.dateline.day, article.dateline.agency)
    assert parts == ("平壌", "--07-05", "朝鮮中央通信")
    assert article.paragraphs[0].startswith(article.dateline.text)
    assert (article.outlet, article.parser) == ("KCNA", "kcna/ajax-article@2")
    assert (article.byline, article.original_url, article.sections) == (None, None, ())
    assert (article.images, article.links, article.related) == ((), (), ())


def test_kcna_ajax_list(shared: Path) -> None:
    """The saved list's parallel columns are zipped by position; the empty one is the server's "nothing there"."""
    url = f"{AJAX}retrieveArticleListForPage.kcmsf"
    parsed = read(shared, "kcna/kcna-ajax-2017-list-ja-1.xml", url, parser="kcna", method="POST")
    bare = (f"{row.url.partition('article_code=')[2]} {row.title} {row.published}" for row in parsed.sightings)
    assert digest(bare) == "febd55d0c20963a5854c9e7d1553138d8c6bf0e610fc62f89fcd266ba8ddb37c"
    assert len(parsed.sightings) == 10
    with pytest.raises(NotAnArticle):
        read(shared, "kcna/kcna-ajax-2017-list-empty.xml", url, parser="kcna", method="POST")


def test_kcna_2026_list(shared: Path) -> None:
    """The fragment of a 2026 list has two dated rows and the form of the second page; without a session it is empty."""
    file = "kcna/fragments/kcna-en-article-list-2026-09{}.fragment.html"
    url = f"{KCNA}/article/list/6a47505ba5268fd7749c0fe11e4b24b4"
    parsed = read(shared, file.format(""), url, parser="kcna")
    assert [row.published for row in parsed.sightings] == ["2026-09-08", "2026-09-09"]
    assert (
        digest(row.title or "" for row in parsed.sightings)
        == "1a70415f83f223aedc5ae989a6ea96aa6bf354b151938c67b2f0955a231ee1a2"
    )
    ids = ("aaaa1111bbbb2222cccc3333dddd4444", "eeee5555ffff6666aaaa7777bbbb8888")
    assert [row.url for row in parsed.sightings] == [f"{KCNA}/article/detail/{each}" for each in ids]
    (following,) = parsed.listings
    assert (following.method, following.kind, following.url) == ("POST", "next-page", url)
    assert following.form[:3] == (("page_num", "2"), ("cnt_per_page", "15"), ("keyword", ""))
    assert following.volatile == ("_csrf",)
    with pytest.raises(LayoutChanged, match="at least one"):
        read(shared, file.format("-no-session-200"), url, parser="kcna", method="POST")


def test_kcna_2026_galleries(shared: Path) -> None:
    """The fragment of a gallery list has one dated row; a gallery's title keeps the quotes that break its `alt`."""
    folder = "kcna/fragments/kcna-en-gallery"
    url = f"{KCNA}/gallery/list/6837a75abf5c6249d0e39ee758e763ea"
    (row,) = read(shared, f"{folder}-list-2026-07-19.fragment.html", url, parser="kcna").sightings
    assert (row.published, row.url) == ("2026-07-19", f"{KCNA}/gallery/detail/28af137e48afca98ec87cf2e1b88f5b4")
    url = f"{KCNA}/gallery/detail/e5853b58a9f50651db72719c7a39fcb6"
    file = f"{folder}-detail-2026-09-28-quoted-title.fragment.html"
    (article,) = read(shared, file, url, parser="kcna").articles
    assert digest([article.title]) == "b3af9dc91ffa8ba2569f89ee936d66a6fe9a73739424fc11ad3a694bf0dec6ce"
    assert article.title.count('"') == 2
    assert (article.paragraphs, len(article.images), article.evidence) == ((), 1, ())
    photo = "9f8dfd1724f738833fded03a1ed41f298d0948dfe720e4a5db87ffe8ba1cb187"
    assert [(image.url, image.caption) for image in article.images] == [(f"http://www.kcna.kp/photo/{photo}", None)]
    assert (article.key, article.url) == ("kp,kcna)/en/gallery/detail/e5853b58a9f50651db72719c7a39fcb6", url)
    assert (article.sections, article.language, article.outlet) == (("gallery",), "en", "KCNA")
    assert (article.dateline, article.byline, article.end_mark) == (None, None, None)
    assert (article.links, article.related) == ((), ())
