"""Rows of the hostile-server suite: content codings, what a body is, and pages that somebody else put there."""

from __future__ import annotations

import gzip
import zlib
from functools import partial

import brotli
import zstandard

from scraper.model import Failure, Role, Verdict
from tests.hostile_server import ARTICLE, Row, body, coded, raw
from tests.web_server import Answer, page

_GZIP = gzip.compress(ARTICLE)


def _zeros(pieces: int = 32) -> bytes:
    """A zstd frame of as many MiB of zeros, made without ever holding them."""
    packer = zstandard.ZstdCompressor().compressobj()
    return b"".join([*(packer.compress(bytes(2**20)) for _ in range(pieces)), packer.flush()])


def deflated(window: int, pieces: int = 32) -> bytes:
    """As many MiB of zeros as gzip (31), deflate (15) or raw deflate (-15)."""
    packer = zlib.compressobj(9, wbits=window)
    return b"".join([*(packer.compress(bytes(2**20)) for _ in range(pieces)), packer.flush()])


def _numbers() -> bytes:
    """A page of 4 MiB as gzip, made without ever holding it."""
    packer = zlib.compressobj(6, wbits=31)
    pieces = [packer.compress(b"<p>%d</p>" % number) for number in range(10**6, 13 * 10**5)]
    return b"".join([*(piece for piece in pieces if piece), packer.flush()])


def _brotli(pieces: int = 32) -> bytes:
    packer = brotli.Compressor(quality=1, lgwin=16)
    return b"".join([*(packer.process(bytes(2**20)) for _ in range(pieces)), packer.finish()])


_bomb = partial(Row, verdict=Verdict.TRUNCATED, failure=Failure.DECODE_BOMB, error="Transient", then=True, deadlines=3)
_kept = partial(Row, verdict=Verdict.NOT_HTML, then=True, deadlines=3)
_read = partial(Row, then=True, deadlines=3)

CODINGS = (
    _bomb(
        name="bomb-gzip",
        does="32 MiB of zeros as 32 KiB of gzip",
        answer=coded("gzip", deflated(31)),
        failure=Failure.TOO_LARGE,
    ),
    _bomb(
        name="bomb-deflate",
        does="the same as deflate",
        answer=coded("deflate", deflated(15)),
        failure=Failure.TOO_LARGE,
    ),
    _bomb(
        name="bomb-deflate-raw",
        does="the same as raw deflate",
        answer=coded("deflate", deflated(-15)),
        failure=Failure.TOO_LARGE,
    ),
    _bomb(name="bomb-br", does="the same as brotli", answer=coded("br", _brotli())),
    _bomb(name="bomb-zstd", does="the same as zstd", answer=coded("zstd", _zeros())),
    _bomb(
        name="bomb-nested",
        does="a bomb inside another coding",
        answer=coded("gzip, br", brotli.compress(deflated(31, 64), quality=1, lgwin=16)),
    ),
    _bomb(
        name="bomb-large",
        does="a page of 4 MiB that packs well, but not too well",
        answer=coded("gzip", _numbers()),
        failure=Failure.TOO_LARGE,
    ),
    _kept(
        name="codings-three",
        does="three codings on top of each other",
        answer=coded("gzip, gzip, gzip", gzip.compress(gzip.compress(_GZIP))),
    ),
    _kept(name="coding-unknown", does="a coding nobody asked for (compress)", answer=coded("compress", ARTICLE)),
    _kept(name="coding-none", does="a plain page that says it is gzip", answer=coded("gzip", ARTICLE)),
    _kept(name="gzip-cut", does="gzip that ends too early", answer=coded("gzip", _GZIP[:-12])),
    _kept(name="gzip-checksum", does="gzip with a wrong checksum", answer=coded("gzip", _GZIP[:-8] + bytes(8))),
    _kept(
        name="gzip-corrupt",
        does="gzip with zeros in its middle",
        answer=coded("gzip", _GZIP[:20] + bytes(20) + _GZIP[40:]),
    ),
    _kept(
        name="deflate-corrupt", does="deflate that is noise", answer=coded("deflate", b"\x78\x9c" + bytes(range(200)))
    ),
    _kept(name="br-corrupt", does="brotli that is noise", answer=coded("br", bytes(range(255, 0, -1)))),
    _kept(name="zstd-corrupt", does="zstd that is noise", answer=coded("zstd", b"\x28\xb5\x2f\xfd" + b"\xff" * 64)),
    _kept(
        name="zstd-window",
        does="zstd with a window of 1 GiB",
        answer=coded("zstd", b"\x28\xb5\x2f\xfd\x00\xa0" + zstandard.ZstdCompressor().compress(ARTICLE)[6:]),
    ),
    _read(name="gzip-garbage-after", does="gzip with garbage after its end", answer=coded("gzip", _GZIP + b"garbage")),
    _read(
        name="gzip-members",
        does="gzip in 2,000 members, nearly all of them empty",
        answer=coded("gzip", gzip.compress(b"") * 2000 + _GZIP),
    ),
    _read(name="coding-shouted", does="X-GZIP, in capitals", answer=coded("X-GZIP", _GZIP)),
    _read(
        name="codings-two",
        does="two codings, as many as there may be",
        answer=coded("gzip, br", brotli.compress(_GZIP, quality=1, lgwin=16)),
    ),
    _read(name="coding-nothing", does="gzip of no bytes at all", answer=coded("gzip", b""), verdict=Verdict.EMPTY),
)

BODIES = (
    Row(name="length-zero", does="200 with a length of 0", answer=page(b""), verdict=Verdict.EMPTY),
    Row(name="blanks-only", does="200 with nothing but blanks", answer=page(b" \r\n\t" * 99), verdict=Verdict.EMPTY),
    Row(
        name="type-image",
        does="a page that says it is a picture",
        answer=raw(page(ARTICLE).steps[0].replace(b"text/html", b"image/png"), ARTICLE),
    ),  # type: ignore[index]
    Row(name="type-missing", does="no Content-Type", answer=raw(b"HTTP/1.1 200 OK\r\n\r\n", ARTICLE)),
    Row(
        name="type-nonsense",
        does="a Content-Type that is none",
        answer=raw(b"HTTP/1.1 200 OK\r\nContent-Type: ;;=/\r\n\r\n", ARTICLE),
    ),
    Row(
        name="pdf-as-page",
        does="a PDF that says it is a page",
        answer=page(b"%PDF-1.7\n" + bytes(99)),
        verdict=Verdict.NOT_HTML,
    ),
    Row(
        name="picture-as-page",
        does="a picture that says it is a page",
        answer=page(b"\x89PNG\r\n\x1a\n" + bytes(99)),
        verdict=Verdict.NOT_HTML,
    ),
    Row(
        name="json-as-page",
        does="JSON that says it is a page",
        answer=page(b'{"error": "x"}'),
        verdict=Verdict.NOT_HTML,
    ),
    Row(name="nul-bytes", does="NUL bytes all over a page", answer=page(ARTICLE.replace(b"<h1>", b"\x00<h1>\x00"))),
    Row(
        name="charset-lies",
        does="says UTF-16, is UTF-8",
        answer=body(("Content-Type", "text/html; charset=utf-16"), ("Content-Length", str(len(ARTICLE)))),
    ),
    Row(
        name="charset-unknown",
        does="a charset nobody knows, invalid UTF-8",
        answer=page(ARTICLE.replace(b"<h1>", b'<meta charset="rot13"><h1>\xff\xfe\xc3')),
    ),
    Row(name="bom-utf-8", does="three byte order marks", answer=page(b"\xef\xbb\xbf" * 3 + ARTICLE)),
    Row(
        name="tags-deep",
        does="50,000 tags inside each other",
        answer=page(ARTICLE.replace(b"<h1>", b"<div>" * 50_000 + b"<h1>")),
    ),
    Row(
        name="attributes-many",
        does="an element with 50,000 attributes",
        answer=page(ARTICLE.replace(b"<h1>", b"<i " + b" ".join(b"a%d=b" % n for n in range(50_000)) + b"><h1>")),
    ),
    Row(
        name="tag-open",
        does="300,000 tags that never close",
        answer=page(ARTICLE.replace(b"</body></html>", b"<" * 300_000)),
    ),
    Row(name="comments-open", does="50,000 comments that never close", answer=page(ARTICLE + b"<!--" * 50_000)),
    Row(
        name="scripts-open",
        does="20,000 scripts that never close, before the text",
        answer=page(ARTICLE + b"<script " * 20_000),
    ),
    Row(
        name="empty-xsync",
        does="an XML list with nothing in it",
        answer=page(b"<?xml version='1.0'?><xsync><nmultidata/></xsync>"),
        role=Role.LISTING,
        verdict=Verdict.EMPTY,
    ),
    Row(
        name="empty-main",
        does="KCNA's list without a session",
        answer=page(b"<html><body><a href='/en'>KCNA</a><main class='c'>\n</main></body></html>"),
        role=Role.LISTING,
        verdict=Verdict.EMPTY,
    ),
    Row(
        name="soft-404",
        does="200 with 'unknown address' in Korean",
        answer=page("<html><body><div>알수 없는 주소</div></body></html>".encode()),
        verdict=Verdict.SOFT_GONE,
    ),
    Row(
        name="soft-404-xml",
        does="200 with an XML article that holds nothing",
        answer=page(b"<?xml version='1.0'?><xsync><ndata/></xsync>"),
        verdict=Verdict.SOFT_GONE,
    ),
    Row(
        name="xml-entities",
        does="XML whose entities multiply (billion laughs)",
        answer=page(
            b"<?xml version='1.0'?><!DOCTYPE r [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;&a;'><!ENTITY c '&b;&b;&b;&b;'>]><xsync><nmultidata><ndata>&c;&c;</ndata></nmultidata></xsync>"
        ),
        role=Role.LISTING,
        verdict=Verdict.LISTING,
    ),
    Row(
        name="xml-outside",
        does="XML that names a file of this machine",
        answer=page(
            b"<?xml version='1.0'?><!DOCTYPE r [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><xsync><nmultidata><ndata>&a;</ndata></nmultidata></xsync>"
        ),
        role=Role.LISTING,
        verdict=Verdict.LISTING,
    ),
)


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

ROWS = (*CODINGS, *BODIES, *BLOCKS)
