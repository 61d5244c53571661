"""Every kind of answer and what it is judged to be (docs/sources.md, "Answers that are not pages")."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from scraper.model import Failure, Role, Verdict
from scraper.policy.judge import JUDGE, judge
from scraper.policy.verdicts import consequence
from tests.archive_exchanges import exchange, failed, request

PAGE = (
    b"<!DOCTYPE html><html><head><title>Wheat</title></head><body><main><p>The harvest began.</p></main></body></html>"
)
KCSC = (
    '<html>\n<head>\n  <meta http-equiv="Content-Type" content="text/html; charset=euc-kr">\n'
    '  <meta name="kcsc" content="blocking">\n  <title>접속 차단 안내</title>\n</head>\n</html>\n'
)
CHALLENGE = (
    b"<html><head><title>Just a moment...</title></head><body>"
    b'<script src="/cdn-cgi/challenge-platform/h/b/orchestrate/chl_page/v1"></script></body></html>'
)
UNKNOWN_ADDRESS = "<html><body><div>알수 없는 주소</div></body></html>"
EMPTY_LIST = b'<html><body><header><a href="/en">KCNA</a></header><main class="container">\n  \n</main></body></html>'


def answered(
    status: int, body: bytes = PAGE, *headers: tuple[str, str], role: Role = Role.ARTICLE, **rest: Any
) -> Verdict:
    """The verdict on an answer."""
    return judge(exchange(body, status=status, headers=headers, request=request(role=role), **rest))


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        (200, Verdict.ARTICLE),
        (203, Verdict.ARTICLE),
        (300, Verdict.ARTICLE),
        (301, Verdict.MOVED),
        (302, Verdict.MOVED),
        (303, Verdict.MOVED),
        (304, Verdict.CLIENT_ERROR),
        (307, Verdict.MOVED),
        (308, Verdict.MOVED),
        (400, Verdict.CLIENT_ERROR),
        (401, Verdict.BLOCKED_LOGIN),
        (403, Verdict.CLIENT_ERROR),
        (404, Verdict.GONE),
        (410, Verdict.GONE),
        (429, Verdict.THROTTLED),
        (451, Verdict.BLOCKED_LEGAL),
        (500, Verdict.SERVER_ERROR),
        (502, Verdict.SERVER_ERROR),
        (503, Verdict.SERVER_ERROR),
    ],
)
def test_status_alone(status: int, verdict: Verdict) -> None:
    """Where the body says nothing else, the status decides."""
    assert answered(status) is verdict


def test_a_304_confirms_only_what_was_asked_about() -> None:
    """Unchanged is an answer to validators; without any, it says nothing of what is held."""
    asked = replace(request(), confirms="captures/s/2026/08/22/000000000-0123456789abcdef.json", etag='"a"')
    assert judge(exchange(b"", status=304, headers=(), request=asked)) is Verdict.UNCHANGED
    assert judge(exchange(b"", status=304, headers=(), request=request())) is Verdict.CLIENT_ERROR


@pytest.mark.parametrize("value", ["120", "Fri, 20 Nov 2026 07:28:00 GMT"])
def test_retry_after_makes_a_503_a_request_for_patience(value: str) -> None:
    """A 503 that names a time throttles; a 429 does so with and without one (RFC 9110 §10.2.3, RFC 6585 §4)."""
    assert answered(503, PAGE, ("Retry-After", value)) is Verdict.THROTTLED
    assert answered(429, PAGE, ("retry-after", value)) is Verdict.THROTTLED
    assert answered(500, PAGE, ("Retry-After", value)) is Verdict.SERVER_ERROR


@pytest.mark.parametrize("status", [200, 403])
@pytest.mark.parametrize(
    ("body", "verdict"),
    [
        (KCSC.encode("euc-kr"), Verdict.BLOCKED_LEGAL),
        (b"<META NAME=KCSC CONTENT=BLOCKING><title></title>", Verdict.BLOCKED_LEGAL),
        (b"<meta content='blocking' name='kcsc'>", Verdict.BLOCKED_LEGAL),
        (b'<script>location.href="http://warning.or.kr";</script>', Verdict.BLOCKED_LEGAL),
        (b'<iframe src="http://www.warning.or.kr/i1.html"></iframe>', Verdict.BLOCKED_LEGAL),
        (CHALLENGE, Verdict.BLOCKED_CAPTCHA),
        (b'<div id="cf-browser-verification"></div>', Verdict.BLOCKED_CAPTCHA),
        (b"<form id='challenge-form' method='POST'></form>", Verdict.BLOCKED_CAPTCHA),
        (b"<html><head><title>Web Page Blocked</title></head><body>Policy</body></html>", Verdict.BLOCKED_WAF),
        (b"<title>\n  Attention Required! | Cloudflare</title>", Verdict.BLOCKED_WAF),
        (b"<title>Request Rejected</title>", Verdict.BLOCKED_WAF),
    ],
)
def test_block_pages(status: int, body: bytes, verdict: Verdict) -> None:
    """A block page is known by its own marks, in its own encoding, whatever status it comes with."""
    assert answered(status, body) is verdict
    assert answered(status, body, role=Role.LISTING) is verdict
    assert verdict.blocked


@pytest.mark.parametrize("status", [200, 202, 403, 405])
@pytest.mark.parametrize("header", [("x-amzn-waf-action", "challenge"), ("CF-Mitigated", "challenge")])
def test_challenges_told_by_their_headers(status: int, header: tuple[str, str]) -> None:
    """AWS WAF and Cloudflare say in a header that this is a challenge, even without a body."""
    assert answered(status, b"", header) is Verdict.BLOCKED_CAPTCHA


@pytest.mark.parametrize(
    ("url", "verdict"),
    [
        ("https://kcnawatch.org/free-member-form/?redirect_to=%2Fkctv-archive%2F", Verdict.BLOCKED_LOGIN),
        ("http://www.xinhuanet.com/webSkipping.htm", Verdict.BLOCKED_WAF),
    ],
)
def test_addresses_where_only_strangers_are_sent(url: str, verdict: Verdict) -> None:
    """A login form and the page for old browsers are no articles, whether we stand there or are just sent there."""
    assert answered(200, PAGE, url=url) is verdict
    assert answered(302, b"", ("Location", url)) is verdict


@pytest.mark.parametrize(
    ("location", "verdict"),
    [
        ("http://warning.or.kr", Verdict.BLOCKED_LEGAL),
        ("http://www.warning.or.kr/i1.html", Verdict.BLOCKED_LEGAL),
        ("/en/article/detail/0123456789abcdef0123456789abcdef", Verdict.MOVED),
        ("https://outlet.example/en/notwarning.or.kr", Verdict.MOVED),
    ],
)
def test_redirects_to_a_block_page(location: str, verdict: Verdict) -> None:
    """Some providers redirect to the warning instead of printing it: nobody moved then."""
    assert answered(302, b"", ("Location", location)) is verdict
    assert answered(302, b"", ("location", location), role=Role.LISTING) is verdict


@pytest.mark.parametrize("encoding", ["utf-8", "euc-kr"])
def test_unknown_address_with_status_200(encoding: str) -> None:
    """Rodong Sinmun says 'unknown address' past its last page, with status 200."""
    assert answered(200, UNKNOWN_ADDRESS.encode(encoding)) is Verdict.SOFT_GONE
    assert answered(200, UNKNOWN_ADDRESS.encode(encoding), role=Role.LISTING) is Verdict.SOFT_GONE
    assert answered(200, "<p>알 수&nbsp;없는\n주소입니다.</p>".encode(encoding)) is Verdict.SOFT_GONE
    assert answered(200, "<script>alert('알수 없는 주소이다!')</script>".encode(encoding)) is Verdict.SOFT_GONE


NOT_HERE = "<html><head><title>{}</title></head><body><main><h1>Sorry</h1><p>Try the search.</p></main></body></html>"


@pytest.mark.parametrize(
    "title",
    [
        "Page not found",
        "Page Not Found | The Herald",
        "The Herald – 404",
        "404 Not Found",
        "Error 404!",
        "Страница не найдена | Вестник",
        "페이지를 찾을 수 없습니다",
        "页面不存在_新闻",
    ],
)
def test_a_title_that_says_there_is_no_such_page(title: str) -> None:
    """An outlet of which nothing is known says so with status 200: no article, and no deletion either."""
    body = NOT_HERE.format(title).encode()
    assert answered(200, body) is Verdict.SOFT_GONE
    assert answered(200, body, role=Role.LISTING) is Verdict.LISTING
    assert not consequence(Verdict.SOFT_GONE).counts_towards_deletion


@pytest.mark.parametrize(
    "body",
    [
        NOT_HERE.format("Lost dog not found in the old town"),
        NOT_HERE.format("Page not found: how outlets delete without saying so"),
        NOT_HERE.format("Page not found - how outlets delete without saying so"),
        NOT_HERE.format("Page not found").replace(
            "</head>", '<meta property="article:published_time" content="2026"></head>'
        ),
        NOT_HERE.format("404 Not Found").replace("<p>", "<p>" + "The town council met on Monday and talked. " * 100),
    ],
)
def test_what_only_speaks_of_missing_pages_is_an_article(body: str) -> None:
    """Words in a longer title, a date of publication, or a text make it one."""
    assert answered(200, body.encode()) is Verdict.ARTICLE


@pytest.mark.parametrize("encoding", ["utf-8", "euc-kr"])
@pytest.mark.parametrize(
    "text", ["편지는 알수 없는 주소에서 왔다.", "알수 없는 주소란 무엇인가", "알수 없는 주소로 간 편지"]
)
def test_a_short_article_that_mentions_an_unknown_address(text: str, encoding: str) -> None:
    """It is no soft 404, which would count towards a deletion."""
    page = f"<html><title>{text}</title><body><h1>{text}</h1><p>{text} 밀 수확이 시작되였다.</p></body></html>"
    assert answered(200, page.encode(encoding)) is Verdict.ARTICLE


@pytest.mark.parametrize(
    ("body", "verdict"),
    [
        (b"", Verdict.EMPTY),
        (b" \r\n\t", Verdict.EMPTY),
        (EMPTY_LIST, Verdict.EMPTY),
        (b"<?xml version='1.0'?><xsync><NMultiData name='r'>\n</NMultiData></xsync>", Verdict.EMPTY),
        (b"<xsync><NMultiData/></xsync>", Verdict.EMPTY),
        (b"<xsync><NData>\n</NData></xsync>", Verdict.SOFT_GONE),
        (b"<xsync><NData /></xsync>", Verdict.SOFT_GONE),
        (b"<xsync><NData><articleCode><![CDATA[AR1]]></articleCode></NData></xsync>", Verdict.LISTING),
    ],
)
def test_answers_with_nothing_in_them(body: bytes, verdict: Verdict) -> None:
    """A listing with status 200 and no rows is no listing: KCNA answers so without its session."""
    assert answered(200, body, role=Role.LISTING) is verdict


@pytest.mark.parametrize(
    "start", [b"%PDF-1.7", b"\x89PNG\r\n", b"\xff\xd8\xff\xe0", b"GIF89a", b"PK\x03\x04", b"RIFF...."]
)
def test_binary_is_not_html(start: bytes) -> None:
    """A picture, a print edition or an archive is kept, but no parser is asked to read it."""
    assert answered(200, start + b"\x00" * 40) is Verdict.NOT_HTML


def test_what_cannot_be_decoded_is_not_html() -> None:
    """Bytes whose content-encoding could not be undone are not handed to a parser."""
    assert answered(200, b"\x1f\x8bbroken", undecoded=True) is Verdict.NOT_HTML


def test_cut_off_answers() -> None:
    """A body that is not whole is not read as a page, nor does it hide that it is a block page."""
    assert answered(200, truncated="too-large") is Verdict.TRUNCATED
    assert answered(200, failure=Failure.RESET) is Verdict.TRUNCATED
    assert answered(200, b"", failure=Failure.TIMEOUT_READ) is Verdict.TRUNCATED
    assert answered(200, CHALLENGE, truncated="too-slow") is Verdict.BLOCKED_CAPTCHA


@pytest.mark.parametrize(
    ("status", "verdict"),
    [(200, Verdict.ROBOTS), (404, Verdict.GONE), (403, Verdict.CLIENT_ERROR), (500, Verdict.SERVER_ERROR)],
)
def test_robots_txt_is_judged_by_status(status: int, verdict: Verdict) -> None:
    """What a robots.txt says is for the robots rules to read, whatever its body looks like."""
    assert answered(status, b"User-agent: *\nDisallow: /cdn-cgi/challenge-platform/\n", role=Role.ROBOTS) is verdict


def test_no_answer_at_all() -> None:
    """Where nothing arrived the attempt failed; that says nothing about the page."""
    assert judge(failed(Failure.DNS)) is Verdict.FAILED


def test_an_ordinary_page_by_role() -> None:
    """The same bytes are an article or a listing by what they were asked for as."""
    assert answered(200) is Verdict.ARTICLE
    assert answered(200, role=Role.LISTING) is Verdict.LISTING
    assert re.fullmatch(r"judge@\d+", JUDGE)
