"""Whose page is this? Block pages, challenges and login walls are known; articles that write about them are articles."""

from __future__ import annotations

import json
from pathlib import Path
from time import perf_counter

import pytest

from scraper.model import Exchange, Role, Verdict
from scraper.policy.judge import judge
from tests.archive_exchanges import exchange, request
from tests.real_pages import ARTICLES, BLOCK_PAGE, EMPTY, LISTINGS, Saved

SITES = Path(__file__).parent / "sites"
FIXTURES = sorted(path.parent for path in SITES.glob("*/*/capture.json"))
NOTHING = {
    "kcna/ajax-article-unknown": Verdict.SOFT_GONE,
    "rodong/unknown-address": Verdict.SOFT_GONE,
    # Refused for its address, whatever the page holds; this one holds nothing.
    "rodong/token-of-a-picture": Verdict.EMPTY,
    "kcna/ajax-list-past-the-end": Verdict.EMPTY,
    "kcna/list-without-session": Verdict.EMPTY,
    "kcnawatch/by-source-past-the-end": Verdict.EMPTY,
}
"""The fixtures that hold nothing."""

CLOUDFLARE = (
    '<!DOCTYPE html><html lang="en-US"><head><title>Just a moment...</title><meta http-equiv="refresh" content="390">'
    "</head><body><noscript>Enable JavaScript and cookies to continue</noscript>"
    "<script>(function(){window._cf_chl_opt={cvId:'3',cZone:'outlet.example'};var a=document.createElement('script');"
    "a.src='/cdn-cgi/challenge-platform/h/b/orchestrate/chl_page/v1?ray=1';}());</script></body></html>"
)
DENIED = (
    "<HTML><HEAD><TITLE>Access Denied</TITLE></HEAD><BODY><H1>Access Denied</H1>You don't have permission to access "
    '"http&#58;&#47;&#47;outlet&#46;example&#47;" on this server.<P>Reference&#32;&#35;18&#46;1a2b3c<P></BODY></HTML>'
)
PALO_ALTO = (
    "<html><head><title>Web Page Blocked</title></head><body><h1>Web Page Blocked</h1><p>Access to the web page you were "
    "trying to visit has been blocked in accordance with company policy.</p></body></html>"
)
POP_UP = (
    '<html><body><header><a href="/">KCNA Watch</a></header><div class="modal"><p>Members only</p>'
    '<a href="https://kcnawatch.org/free-member-form/">Register</a></div></body></html>'
)
PAGES: list[tuple[str, str | bytes, Verdict]] = [
    ("kcsc-head", '<html><head><meta name="kcsc" content="blocking"></head></html>', Verdict.BLOCKED_LEGAL),
    (
        "kcsc-title",
        "<title>불법·유해정보사이트에 대한 차단 안내</title><body>KCSC</body>".encode("euc-kr"),
        Verdict.BLOCKED_LEGAL,
    ),
    ("kcsc-title-utf-8", "<title>불법·유해정보(사이트)에 대한 차단 안내</title>", Verdict.BLOCKED_LEGAL),
    ("refresh", '<meta http-equiv="refresh" content="0; url=http://warning.or.kr/i1.html">', Verdict.BLOCKED_LEGAL),
    ("script", "<script>location.replace('http://www.warning.or.kr')</script>", Verdict.BLOCKED_LEGAL),
    ("frame", '<frameset><frame src="http://warning.or.kr/i3.html"></frameset>', Verdict.BLOCKED_LEGAL),
    ("cloudflare", CLOUDFLARE, Verdict.BLOCKED_CAPTCHA),
    ("cloudflare-orchestrate", CLOUDFLARE.replace("_cf_chl_opt", "x").replace("Just", "Nur"), Verdict.BLOCKED_CAPTCHA),
    ("cloudflare-waf", "<title>Attention Required! | Cloudflare</title>Sorry", Verdict.BLOCKED_WAF),
    (
        "cloudflare-country",
        "<title>Access denied | outlet.example used Cloudflare to restrict access</title>banned the country or region",
        Verdict.BLOCKED_GEO,
    ),
    (
        "cloudfront-country",
        "<TITLE>ERROR: The request could not be satisfied</TITLE>configured to block access from your country.",
        Verdict.BLOCKED_GEO,
    ),
    ("aws", "<script>window.gokuProps = {};</script><div id='challenge-container'>", Verdict.BLOCKED_CAPTCHA),
    ("akamai", DENIED, Verdict.BLOCKED_WAF),
    ("akamai-crypto", '<div id="sec-if-cpt-container"></div>', Verdict.BLOCKED_CAPTCHA),
    (
        "akamai-interstitial",
        '<meta http-equiv="refresh" content="5; URL=\'/en/a?bm-verify=AAQ\'"><p>.</p>',
        Verdict.BLOCKED_CAPTCHA,
    ),
    ("palo-alto", PALO_ALTO, Verdict.BLOCKED_WAF),
    ("palo-alto-app", PALO_ALTO.replace("<title>Web Page", "<title>Application"), Verdict.BLOCKED_WAF),
    ("fortiguard", "<title>Web Filter Violation</title><p>FortiGuard</p>", Verdict.BLOCKED_WAF),
    (
        "sophos",
        "<title>Content blocked</title>The URL you have requested is blocked by Surf Protection.",
        Verdict.BLOCKED_WAF,
    ),
    ("blue-coat", "<TITLE>Access Denied</TITLE><big>Access Denied (policy_denied)</big>", Verdict.BLOCKED_WAF),
    (
        "imperva",
        '<iframe src="/_Incapsula_Resource?x">Request unsuccessful. Incapsula incident ID: 7</iframe>',
        Verdict.BLOCKED_WAF,
    ),
    ("members", POP_UP, Verdict.BLOCKED_LOGIN),
]


def answered(body: str | bytes, status: int = 200, role: Role = Role.ARTICLE, **rest: object) -> Verdict:
    """The verdict on an answer."""
    made = body if isinstance(body, bytes) else body.encode()
    return judge(exchange(made, status=status, request=request(role=role), **rest), language="en")


@pytest.mark.parametrize("role", [Role.ARTICLE, Role.LISTING])
@pytest.mark.parametrize("status", [200, 403, 404, 503])
@pytest.mark.parametrize(("body", "verdict"), [page[1:] for page in PAGES], ids=[page[0] for page in PAGES])
def test_known_pages(body: str | bytes, verdict: Verdict, status: int, role: Role) -> None:
    """Whatever status it comes with, and whatever was asked for."""
    assert answered(body, status, role) is verdict


@pytest.mark.parametrize(
    ("header", "status", "verdict"),
    [
        (("cf-mitigated", "challenge"), 403, Verdict.BLOCKED_CAPTCHA),
        (("X-Squid-Error", "ERR_ACCESS_DENIED 0"), 403, Verdict.BLOCKED_WAF),
        (("X-Squid-Error", "ERR_CONNECT_FAIL 111"), 503, Verdict.SERVER_ERROR),
        (("Server", "AkamaiGHost"), 403, Verdict.BLOCKED_WAF),
        (("Server", "AkamaiGHost"), 404, Verdict.GONE),
        (("Server", "cloudflare"), 403, Verdict.CLIENT_ERROR),
        (("Set-Cookie", "_abck=1~-1~"), 200, Verdict.ARTICLE),
        (("Refresh", "0; url=http://warning.or.kr/"), 200, Verdict.BLOCKED_LEGAL),
        (("Refresh", "300"), 200, Verdict.ARTICLE),
    ],
)
def test_headers(header: tuple[str, str], status: int, verdict: Verdict) -> None:
    """A guard names itself; a server that merely delivers pages does not block them."""
    assert answered("<p>text</p>", status, headers=(header,)) is verdict


ABOUT = (
    "<p>South Koreans who open the site see warning.or.kr, at http://warning.or.kr/i1.html, and the words 접속 차단.</p>",
    '<p>The page holds <code>&lt;meta name="kcsc" content="blocking"&gt;</code>.</p>',
    '<p>See <a href="http://warning.or.kr">the warning</a> and <a href="https://www.cloudflare.com">Cloudflare</a>.</p>',
    "<p>Visitors met “Just a moment...” and cf-browser-verification, _cf_chl_opt, /cdn-cgi/challenge-platform/.</p>",
    '<pre>location.href="http://warning.or.kr"; id="challenge-form"; window.gokuProps; sec-if-cpt-container</pre>',
    "<p>“Access Denied”, it said. Reference #18.1a2b. Blocked in accordance with company policy, by Surf Protection.</p>",
    "<p>Request unsuccessful. Incapsula incident ID, wrote the ministry. 알수 없는 주소란 무엇인가</p>"
    + "<p>Text.</p>" * 700,
    '<script src="/cdn-cgi/challenge-platform/scripts/jsd/main.js"></script><p>Wheat.</p>',
    '<p>Wheat.</p><script>if (old) location.href = "http://www.xinhuanet.com/webSkipping.htm";</script>',
)
TITLES = (
    "Web pages blocked in Seoul",
    "Just a moment of rest for the harvesters",
    "Access denied: how the South blocks pages",
    "KCNA | Cloudflare said to be attacked",
    "불법적인 해상차단을 규탄",
    "불법, 유해정보 차단사업을 강화",
)


@pytest.mark.parametrize("title", TITLES)
@pytest.mark.parametrize("text", ABOUT, ids=range(len(ABOUT)))
def test_an_article_about_blocking_is_an_article(title: str, text: str) -> None:
    """However short it is, and whatever it cites: running text is no mark."""
    page = f"<html><head><title>{title}</title></head><body><h1>{title}</h1>{text}</body></html>"
    assert answered(page) is Verdict.ARTICLE
    assert answered(page, role=Role.LISTING) is Verdict.LISTING


@pytest.mark.parametrize("page", [PALO_ALTO, CLOUDFLARE, DENIED], ids=["palo-alto", "cloudflare", "akamai"])
def test_a_page_with_a_text_of_its_own_is_no_notice(page: str) -> None:
    """An article that has the very title and markup of a notice, but several screens of text, is an article."""
    assert answered(page + "<p>The harvest began.</p>" * 300) is Verdict.ARTICLE


def test_members_pop_up_over_a_whole_page() -> None:
    """The form is linked from every page of KCNA Watch: where the article is there, it is no wall."""
    article = POP_UP.replace("</body>", '<div class="article-content"><p>Wheat.</p></div></body>')
    assert answered(article) is Verdict.ARTICLE
    assert answered(POP_UP.replace("</body>", "Date: 13/07/2025 | Source: KCNA.kp (En)</body>")) is Verdict.ARTICLE
    rows = POP_UP.replace("</body>", '<a href="/newstream/1750885366-665971553/wheat/">Wheat</a></body>')
    assert answered(rows, role=Role.LISTING) is Verdict.LISTING
    assert answered(rows) is Verdict.BLOCKED_LOGIN


def _fixture(folder: Path) -> Exchange:
    told = json.loads((folder / "capture.json").read_text())
    (body,) = folder.glob("page.*")
    role = Role.ARTICLE if (folder / "article.json").exists() else Role.LISTING
    headers = tuple((name, value) for name, value in told.get("headers", []))
    return exchange(body.read_bytes(), url=told["url"], headers=headers, request=request(role=role))


@pytest.mark.parametrize("folder", FIXTURES, ids=lambda folder: f"{folder.parent.name}/{folder.name}")
def test_every_page_of_the_outlets_is_let_through(folder: Path) -> None:
    """No page under tests/sites is taken for anything else, also not for one in the wrong language."""
    name, made = f"{folder.parent.name}/{folder.name}", _fixture(folder)
    for language in ("", "en"):
        assert judge(made, language=language) is NOTHING.get(name, Verdict(made.request.role.value))


@pytest.mark.shared
@pytest.mark.parametrize("saved", [*ARTICLES, *LISTINGS, *EMPTY, BLOCK_PAGE], ids=lambda saved: saved.file)
def test_every_real_page_is_what_it_is(saved: Saved, shared: Path) -> None:
    """The saved pages of the outlets, whole ones and fragments, and the one real block page."""
    role = Role.ARTICLE if saved in (*ARTICLES, BLOCK_PAGE) else Role.LISTING
    headers = (("Content-Type", saved.media),)
    made = exchange(saved.body(shared), url=saved.url, headers=headers, request=request(role=role))
    expected = {BLOCK_PAGE: Verdict.BLOCKED_LEGAL, **dict.fromkeys(EMPTY, Verdict.EMPTY)}
    assert judge(made, language="en") is expected.get(saved, Verdict(role.value))


HOSTILE = (
    *(b"<" * 70_000, b"<!--" * 18_000, b"<meta " * 12_000, b"<title " * 10_000, b"<title>" + b" " * 70_000),
    *(b"<script>" * 9_000 + b"warning.or.kr", b"<meta http-equiv=refresh " * 2_600 + b"warning.or.kr"),
    *(b"<form id=" * 7_000 + b"challenge-form", b"<main>" * 11_000 + b"</main", b"<main>" + b" " * 65_000 + b"</main"),
    *(b"date:<a>" * 8_000 + b" href=/free-member-form", b'src="a' * 9_000 + b" href=/free-member-form"),
    *(b"<div><main><!--" * 4_300, b"<xsync><NData " * 4_600, "<html>알".encode() * 9_000),
)


@pytest.mark.parametrize("body", HOSTILE, ids=range(len(HOSTILE)))
def test_no_page_takes_long(body: bytes) -> None:
    """Markup made to keep a pattern busy is judged in less than a second (some milliseconds, on an idle machine)."""
    begun = perf_counter()
    answered(body, url="http://outlet.example/en/a")
    assert perf_counter() - begun < 1.0
