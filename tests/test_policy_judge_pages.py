"""Redirects home, files, pages cut off, other languages, nothing at all, and judging again (docs/verdicts.md)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.model import Exchange, Failure, Role, Verdict
from scraper.policy.judge import front_page, judge, needs_usual_size, rejudge
from tests.archive_exchanges import answers, exchange, request
from tests.policy_support import capture
from tests.test_policy_judge import CHALLENGE, PAGE, answered

ARTICLE_URL = "http://outlet.example/en/article/1"
KOREAN = "<html lang='en'><body><p>" + "밀 수확이 시작되였다. " * 40 + "</p></body></html>"
ENGLISH = "<html lang='ko'><body><p>" + "The wheat harvest began. " * 40 + "</p></body></html>"
CUT = PAGE.removesuffix(b"</body></html>")


@pytest.mark.parametrize(
    ("location", "verdict"),
    [
        ("/", Verdict.MOVED_HOME),
        ("/en", Verdict.MOVED_HOME),
        ("http://outlet.example/en/", Verdict.MOVED_HOME),
        ("https://elsewhere.example", Verdict.MOVED_HOME),
        ("../", Verdict.MOVED_HOME),
        ("/en/index.php", Verdict.MOVED_HOME),
        ("/en/index.php?MTJAMjAyNg==", Verdict.MOVED),
        ("/?p=12", Verdict.MOVED),
        ("/en/article/2", Verdict.MOVED),
        ("/news/", Verdict.MOVED),
        ("http://[", Verdict.MOVED),
        ("", Verdict.MOVED),
    ],
)
def test_an_article_that_leads_to_a_front_page(location: str, verdict: Verdict) -> None:
    """The front page of a host or of a language is no new address of an article."""
    assert answered(302, b"", ("Location", location), url=ARTICLE_URL) is verdict
    assert answered(302, b"", ("Location", location), url=ARTICLE_URL, role=Role.LISTING) is Verdict.MOVED
    assert answered(302, b"", ("Location", location), url="http://outlet.example/") is Verdict.MOVED


@pytest.mark.parametrize(
    ("body", "verdict"),
    [
        ("<script>location.href='/';</script>", Verdict.MOVED_HOME),
        ("<title>KCNA</title><script>location.replace('http://outlet.example/en')</script>", Verdict.MOVED_HOME),
        ("<meta http-equiv='refresh' content='0; url=/en/'>", Verdict.MOVED_HOME),
        ("<script>window.location='/en/login'</script>", Verdict.EMPTY),
        ("<script>location.href='http://www.xinhuanet.com/webSkipping.htm'</script>", Verdict.BLOCKED_WAF),
        ("<p>Wheat.</p><script>function home() { location.href = '/'; }</script>", Verdict.ARTICLE),
        ("<script>document.write(body); location.href = '/';</script>" + " " * 5000, Verdict.ARTICLE),
    ],
)
def test_a_page_that_only_sends_its_reader_on(body: str, verdict: Verdict) -> None:
    """By script or meta element, with status 200: it is no version of the article."""
    assert answered(200, f"<html>{body}</html>".encode(), url=ARTICLE_URL) is verdict
    if verdict is Verdict.MOVED_HOME:
        assert answered(200, f"<html>{body}</html>".encode(), url="http://outlet.example/") is Verdict.EMPTY


def test_a_part_that_nobody_asked_for() -> None:
    """A 206 is not the page."""
    assert answered(206) is Verdict.TRUNCATED


def test_the_front_page_that_came_instead() -> None:
    """It is never an article, unless it was asked for by name; a listing may well be a front page."""
    came: dict[str, Any] = {"url": "http://outlet.example/en/", "redirected_from": "captures/outlet/1"}
    assert answered(200, **came) is Verdict.MOVED_HOME
    assert answered(200, role=Role.LISTING, **came) is Verdict.LISTING
    assert answered(200, url="http://outlet.example/en/") is Verdict.ARTICLE
    assert answered(200, **(came | {"url": ARTICLE_URL})) is Verdict.ARTICLE
    assert answered(404, **came) is Verdict.GONE
    assert [front_page(f"http://x.example{path}") for path in ("", "/kp/", "/?a=1")] == [True, True, False]


@pytest.mark.parametrize(
    ("body", "media", "verdict"),
    [
        (b"%PDF-1.4 ...", "text/html", Verdict.NOT_HTML),
        (b"\x00\x00\x00\x18ftypmp42....", "text/html", Verdict.NOT_HTML),
        (b"unknown bytes", "image/webp", Verdict.NOT_HTML),
        (b"unknown bytes", "application/pdf; name=x", Verdict.NOT_HTML),
        (b'{"error": "not found"}', "text/html", Verdict.NOT_HTML),
        (b' [{"a": 1}]', "application/json", Verdict.NOT_HTML),
        (PAGE, "application/octet-stream", Verdict.ARTICLE),
        (b"\xef\xbb\xbf\r\n" + PAGE, "image/png", Verdict.ARTICLE),
        (b"[Photo] plain text", "text/plain", Verdict.ARTICLE),
        (b"var a = 1;", "application/javascript", Verdict.NOT_HTML),
        (b"body {}", "text/css; charset=utf-8", Verdict.NOT_HTML),
        (b"\x1f\x8b\x08..", "text/html", Verdict.NOT_HTML),
    ],
)
def test_the_bytes_say_what_it_is_before_the_type_does(body: bytes, media: str, verdict: Verdict) -> None:
    """Servers give pages the type of a file, and files that of a page."""
    assert judge(exchange(body, headers=(("content-type", media),))) is verdict


def test_a_listing_may_be_data() -> None:
    """Xinhua's lists are JSON, and sitemaps come packed."""
    for body, media in ((b'{"datasource": []}', "application/json"), (b"\x1f\x8b\x08..", "application/octet-stream")):
        made = exchange(body, headers=(("Content-Type", media),), request=request(role=Role.LISTING))
        assert judge(made) is Verdict.LISTING


@pytest.mark.parametrize(
    ("body", "usual", "verdict"),
    [
        (CUT, None, Verdict.ARTICLE),
        (CUT, 5 * len(CUT), Verdict.TRUNCATED),
        (CUT, 3 * len(CUT), Verdict.ARTICLE),
        (PAGE, 50 * len(PAGE), Verdict.ARTICLE),
        (b"<p>a fragment</p>", 5000, Verdict.ARTICLE),
        (b'{"rows": []}', 5000, Verdict.NOT_HTML),
    ],
)
def test_a_page_without_its_end(body: bytes, usual: int | None, verdict: Verdict) -> None:
    """Cut off only where it begins a document, does not end it, and is far smaller than the outlet's pages are."""
    assert judge(exchange(body), usual_size=usual) is verdict
    assert needs_usual_size(body) == (body == CUT)


@pytest.mark.parametrize(
    ("url", "body", "language", "verdict"),
    [
        (ARTICLE_URL, KOREAN, "en", Verdict.WRONG_LANGUAGE),
        (ARTICLE_URL, ENGLISH, "en", Verdict.ARTICLE),
        (ARTICLE_URL, KOREAN, "", Verdict.ARTICLE),
        ("http://outlet.example/kp/article/1", KOREAN, "en", Verdict.ARTICLE),
        ("http://outlet.example/article/1", KOREAN, "en", Verdict.ARTICLE),
        ("https://english.news.example/20260822/1/c.html", KOREAN, "en", Verdict.WRONG_LANGUAGE),
        ("http://outlet.example/ko/article/1", ENGLISH, "ko", Verdict.WRONG_LANGUAGE),
        ("http://outlet.example/ko/article/1", KOREAN, "ko", Verdict.ARTICLE),
        (ARTICLE_URL, KOREAN.replace("</p>", "</p>" + "The wheat harvest began. " * 20), "en", Verdict.ARTICLE),
        (ARTICLE_URL, "<p>밀 수확</p>", "en", Verdict.ARTICLE),
        (ARTICLE_URL, f"<xsync><NData>{KOREAN}</NData></xsync>", "en", Verdict.ARTICLE),
    ],
)
def test_another_language_than_the_address_says(url: str, body: str, language: str, verdict: Verdict) -> None:
    """Only the script of enough text contradicts an address that names the source's language."""
    for encoding in ("utf-8", "euc-kr"):
        made = exchange(body.encode(encoding), url=url, headers=(("Content-Type", f"text/html; charset={encoding}"),))
        assert judge(made, language=language) is verdict
    menu = exchange(body.encode(), url=url, request=request(role=Role.LISTING))
    assert judge(menu, language=language) is Verdict.LISTING


@pytest.mark.parametrize("body", [b"<html><body> &nbsp; <!-- x --></body></html>", b"<xsync></xsync>", b"<p></p>"])
def test_markup_without_anything(body: bytes) -> None:
    """Neither text nor picture, script, frame or link: nothing."""
    assert answered(200, body) is Verdict.EMPTY


def test_a_page_made_by_scripts_or_pictures_is_not_empty() -> None:
    """What there is to see may not be text."""
    for element in (b"<img src='a.jpg'>", b"<script src='a.js'></script>", b"<frameset><frame src='a'></frameset>"):
        assert answered(200, b"<html>" + element + b"</html>") is Verdict.ARTICLE


def test_a_challenge_is_no_outage() -> None:
    """A 503 with a challenge in it is a block, even where it asks for patience; a 429 always does that."""
    assert answered(503, CHALLENGE, ("Retry-After", "5")) is Verdict.BLOCKED_CAPTCHA
    assert answered(429, CHALLENGE) is Verdict.THROTTLED


@given(answers, st.sampled_from(["", "en", "ko"]), st.none() | st.integers(0, 10**6))
def test_judged_again_it_is_the_same(made: Exchange, language: str, usual: int | None) -> None:
    """Record and snapshot are enough to come to the verdict again."""
    kept = capture(
        role=made.request.role,
        url=made.url,
        status=made.status,
        headers=made.headers,
        truncated=made.truncated,
        failure=made.failure,
        undecoded=made.undecoded,
        redirected_from=made.redirected_from,
        # As the archive writes it: only a 304 confirms anything.
        confirms=made.request.confirms if made.status == 304 else None,
    )
    verdict = judge(made, language=language, usual_size=usual)
    assert rejudge(kept, made.body, language=language, usual_size=usual) is verdict


def test_no_answer_judged_again_is_no_answer() -> None:
    """A failure stays one."""
    assert rejudge(capture(Verdict.FAILED, failure=Failure.DNS), b"") is Verdict.FAILED
