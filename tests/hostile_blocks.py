"""Rows of the hostile-server suite: pages that somebody else put in the outlet's place."""

from __future__ import annotations

from scraper.model import Verdict
from tests.hostile_server import Row
from tests.web_server import Answer, page


def _html(title: str, inside: str = "") -> bytes:
    return f"<html><head><title>{title}</title></head><body>{inside}</body></html>".encode()


_WAF, _PUZZLE = Verdict.BLOCKED_WAF, Verdict.BLOCKED_CAPTCHA
_KCSC = '<html><head><meta name="kcsc" content="blocking"><title>접속 차단 안내</title></head></html>'
_PAGES: tuple[tuple[str, str, Verdict, bytes], ...] = (
    ("kcsc", "the Korean regulator's warning page, in EUC-KR", Verdict.BLOCKED_LEGAL, _KCSC.encode("euc-kr")),
    (
        "isp-frame",
        "a provider's page that frames warning.or.kr",
        Verdict.BLOCKED_LEGAL,
        _html("", '<iframe src="http://warning.or.kr/i1.html"></iframe>'),
    ),
    ("corporate", "a company's filter", _WAF, _html("Web Page Blocked!", "<p>Category: News</p>")),
    (
        "fortiguard",
        "FortiGuard's intrusion prevention",
        _WAF,
        _html("FortiGuard Intrusion Prevention - Access Blocked"),
    ),
    ("f5", "F5's refusal", _WAF, _html("Request Rejected", "The requested URL was rejected.")),
    (
        "cloudflare-challenge",
        "Cloudflare's challenge",
        _PUZZLE,
        _html("Just a moment...", '<script src="/cdn-cgi/challenge-platform/h/b/orchestrate/x"></script>'),
    ),
    ("cloudflare-refusal", "Cloudflare's refusal", _WAF, _html("Attention Required! | Cloudflare")),
    (
        "cloudflare-country",
        "Cloudflare's refusal of a country",
        Verdict.BLOCKED_GEO,
        _html("Access denied | kcna.kp used Cloudflare to restrict access", "has banned the country or region"),
    ),
    (
        "cloudfront-country",
        "CloudFront's refusal of a country",
        Verdict.BLOCKED_GEO,
        _html("ERROR: The request could not be satisfied", "configured to block access from your country"),
    ),
    ("aws-waf", "AWS WAF's challenge", _PUZZLE, _html("", "<script>window.gokuProps = {};</script>")),
    ("akamai", "Akamai's refusal", _WAF, _html("Access Denied", "Reference&#32;&#35;18.2")),
    ("akamai-challenge", "Akamai's challenge", _PUZZLE, _html("", '<div id="sec-if-cpt-container"></div>')),
    ("sucuri", "Sucuri's refusal", _WAF, _html("Sucuri WebSite Firewall - Access Denied")),
    ("ddos-guard", "DDoS-Guard's challenge", _PUZZLE, _html("DDoS-Guard")),
    (
        "incapsula",
        "Incapsula's refusal",
        _WAF,
        _html("", '<iframe src="/_I">Request unsuccessful. Incapsula incident ID: 1</iframe>'),
    ),
    ("perimeterx", "PerimeterX's puzzle", _PUZZLE, _html("", '<div id="px-captcha"></div>')),
    (
        "datadome",
        "DataDome's puzzle",
        _PUZZLE,
        _html("", '<script src="https://ct.captcha-delivery.com/c.js"></script>'),
    ),
    (
        "members-only",
        "KCNA Watch's form for members",
        Verdict.BLOCKED_LOGIN,
        _html("Join", '<form action="/free-member-form/"></form>'),
    ),
)
_MARKED: tuple[tuple[str, Verdict, tuple[str, str]], ...] = (
    ("cf-mitigated", _PUZZLE, ("cf-mitigated", "challenge")),
    ("x-amzn-waf-action", _PUZZLE, ("x-amzn-waf-action", "captcha")),
    ("x-sucuri-block", _WAF, ("X-Sucuri-Block", "BOTS")),
    ("x-squid-error", _WAF, ("X-Squid-Error", "ERR_ACCESS_DENIED 0")),
    ("refresh-skipping", _WAF, ("Refresh", "0; url=/webSkipping.htm")),
)


def _block(name: str, does: str, verdict: Verdict, status: int, answer: Answer) -> Row:
    return Row(
        name=f"block-{name}-{status}",
        does=f"{does} ({status})",
        answer=answer,
        verdict=verdict,
        status=status,
        error="Blocked",
    )


BLOCKS = (
    *(
        _block(name, does, verdict, status, page(data, status=status))
        for name, does, verdict, data in _PAGES
        for status in (200, 403)
    ),
    *(
        _block(
            name,
            f"a block told by the header {pair[0]}",
            verdict,
            status,
            page(_html("x", "x"), status=status, headers=[pair]),
        )
        for name, verdict, pair in _MARKED
        for status in (200, 403)
    ),
)
