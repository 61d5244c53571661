"""Rodong Sinmun's tokens, keys, bylines and pages of megabytes: what no single saved page can show."""

from __future__ import annotations

import json
import time
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path

import pytest

from scraper.model import Article, Page
from scraper.parse import parse
from scraper.parse.sites import rodong_tokens
from scraper.parse.sites.rodong_bylines import is_byline

SITES = Path(__file__).parent / "sites" / "rodong"


def _token_url(text: str) -> str:
    return f"http://www.rodong.rep.kp/en/index.php?{rodong_tokens.query(text)}"


@pytest.mark.parametrize(
    ("text", "sections"),
    [
        ("12@2026-02-19-003@4@17@@0@8@", ("section 4",)),
        ("12@2024-08-01-H003@1@1@@0@1", ("section 1",)),
        ("12@2026-02-19-003@2@1@@0@8@", ()),
        ("12@2026-02-19-003@15@1@@0@8@", ()),
        ("8@2026-02-19-003@19@@words@1", ()),
        ("1@@4@2@", ()),
    ],
)
def test_sections_of_tokens(text: str, sections: tuple[str, ...]) -> None:
    """A token files its article under a section, except where its number is only the way that was taken."""
    assert rodong_tokens.filed_under(_token_url(text)) == sections


@pytest.mark.parametrize(
    ("text", "listed"),
    [
        ("1@@4@2@", ("4", 2)),
        ("1@@3@18@@0@", ("3", 18)),
        ("2@@2@1@", ("2", 1)),
        ("2@@@@p@0@2026/02/19/1.jpg", None),
        ("05@@@@", None),
        ("12@2026-02-19-003@4@17@@0@8@", None),
    ],
)
def test_list_tokens(text: str, listed: tuple[str, int] | None) -> None:
    """Section and page are told apart from a picture's token and from all others."""
    found = rodong_tokens.list_page(_token_url(text))
    assert (found and (found.section, found.page)) == listed


def test_two_articles_that_swapped_their_texts_keep_their_keys() -> None:
    """The key is the address's, date and serial, whatever stands there: so a swap can be seen as one."""
    address = "http://www.rodong.rep.kp/en/index.php?strPageID=SF01_02_01&newsID=2022-03-11-00{}"
    bodies = [(SITES / f"page-id-article{tail}/page.html").read_bytes() for tail in ("", "-pictures")]
    before = [_read_rodong(bodies[at], address.format(14 + at)) for at in (0, 1)]
    after = [_read_rodong(bodies[1 - at], address.format(14 + at)) for at in (0, 1)]
    assert [article.key for article in before] == [article.key for article in after]
    assert [article.text_sha256 for article in before] == [article.text_sha256 for article in reversed(after)]


def _read_rodong(body: bytes, url: str) -> Article:
    seen = datetime(2026, 9, 9, tzinfo=UTC)
    page = Page(method="GET", url=url, status=200, headers=(), fetched_at=seen, body=body)
    return parse(page, source="rodong", parser="rodong").articles[0]


def test_a_page_of_megabytes_is_read_beside_its_photographs() -> None:
    """Photographs inlined as data cost hardly more than the tree does, are no pictures, and leave only their captions."""
    source = (SITES / "2025-article-korean/page.html").read_text()
    photograph = "/9j/" + "QUJD" * 500_000
    lines = "".join(
        f'<p class="TextP" style="text-align:center;"><img src="data:image/jpeg;base64,{photograph}"></p>'
        f'<p class="TextP" style="text-align:center;">사진 {number}</p>'
        for number in range(4)
    )
    body = source.replace('<p class="SubTitleP"', f'{lines}<p class="SubTitleP"').encode()
    assert len(body) > 8_000_000
    url = json.loads((SITES / "2025-article-korean/capture.json").read_text())["url"]
    bare = _read_rodong(source.encode(), url)
    begun = time.process_time()
    article = _read_rodong(body, url)
    assert time.process_time() - begun < 2, "0.04 s on the machine this was written on"
    tracemalloc.start()
    _read_rodong(body, url)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 6 * len(body), "5 times where it was written: decoding a Korean page takes two bytes a letter"
    assert article.captions == ("사진 0", "사진 1", "사진 2", "사진 3")
    assert (article.images, article.paragraphs, article.text_sha256) == ((), bare.paragraphs, bare.text_sha256)
    assert (article.byline, article.title, article.evidence) == (bare.byline, bare.title, bare.evidence)


@pytest.mark.parametrize(
    "line",
    [
        "Rodong Sinmun",
        "Political News Team",
        "본사정치보도반",
        "본사기자",
        "본사기자 김견본",
        "본사기자 김견본, 리견본",
        "글 및 사진 본사기자 김견본",
        "사진 본사기자 최견본 찍음",
        "-사진 본사기자 최견본 찍음-",
        "특파기자 김견본",
        "로동신문",
        "本报政治报道组",
        "本报记者 金样本",
        "《劳动新闻》",
    ],
)
def test_bylines(line: str) -> None:
    """What names the paper, a team or its reporters signs a text."""
    assert is_byline(line)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "Rodong Sinmun wrote that the library is open.",
        "The team",
        "본사기자는 도서관을 찾았다.",
        "본사기자가 찍은 사진이 있다.",
        "김견본",
        "本报记者采访了样本图书馆的读者和工作人员。",
        "《劳动新闻》发表评论",
        "-",
    ],
)
def test_sentences_are_no_bylines(line: str) -> None:
    """A sentence about the paper or a reporter is text, and a name alone could be a signature in the text."""
    assert not is_byline(line)
