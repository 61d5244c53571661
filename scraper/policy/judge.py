"""What answer was this? Tells an outlet's page from everything that comes instead of it.

Hides the marks by which block pages, challenges, soft 404s and empty answers are known (docs/sources.md, "Answers that
are not pages"). A verdict is a judgement: it carries `JUDGE`, and can be derived again from record and snapshot.
"""

from __future__ import annotations

import re

from scraper.model import Exchange, Role, Verdict

JUDGE = "judge@1"
"""Name and version of these rules; every capture record names the one that judged it."""

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_LOOKED_AT = 64 * 1024

_Mark = tuple[Verdict, bytes, re.Pattern[bytes]]
"""What a page is when it holds the pattern. The word, part of whatever matches, is looked for first: searching every page
for the patterns would cost more than all else that is done to it."""

# Bytes, because block pages come in encodings of their own (KCSC: EUC-KR); in lower case, as the page is when searched.
_BLOCKED: tuple[_Mark, ...] = (
    (Verdict.BLOCKED_LEGAL, b"kcsc", re.compile(rb"""name=["']?kcsc["']?\s+content=["']?blocking""")),
    (Verdict.BLOCKED_LEGAL, b"warning.or.kr", re.compile(rb"//(?:www\.)?warning\.or\.kr")),
    (Verdict.BLOCKED_CAPTCHA, b"challenge", re.compile(rb"""/cdn-cgi/challenge-platform/|id=["']challenge-form""")),
    (Verdict.BLOCKED_CAPTCHA, b"cf-browser-verification", re.compile(rb"cf-browser-verification")),
    (
        Verdict.BLOCKED_WAF,
        b"<title>",
        re.compile(rb"<title>\s*(?:web page blocked|attention required! \| cloudflare|request rejected)"),
    ),
)
_BLOCKED_AT: tuple[tuple[Verdict, re.Pattern[str]], ...] = (
    (Verdict.BLOCKED_LEGAL, re.compile(r"^(?:https?:)?//(?:www\.)?warning\.or\.kr(?:[:/?]|$)", re.IGNORECASE)),
    (Verdict.BLOCKED_LOGIN, re.compile(r"/free-member-form")),
    (Verdict.BLOCKED_WAF, re.compile(r"/webSkipping\.htm")),
)
"""Addresses where only those are sent who are not let in."""
_UNKNOWN_ADDRESS = ("알수 없는 주소".encode(), "알수 없는 주소".encode("euc-kr"))
_EMPTY_XML: tuple[_Mark, ...] = (
    (Verdict.SOFT_GONE, b"<NData", re.compile(rb"<NData[^>]*(?:/>|>\s*</NData>)")),
    (Verdict.EMPTY, b"<NMultiData", re.compile(rb"<NMultiData[^>]*(?:/>|>\s*</NMultiData>)")),
)
_EMPTY_HTML: tuple[_Mark, ...] = ((Verdict.EMPTY, b"</main>", re.compile(rb"<main[^>]*>\s*</main>")),)
_BINARY = (b"%PDF-", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"PK\x03\x04", b"RIFF")


def judge(exchange: Exchange) -> Verdict:
    """Say what an answer was; FAILED where none arrived."""
    if exchange.status is None:
        return Verdict.FAILED
    return _by_status(exchange) or _by_body(exchange)


def _by_status(exchange: Exchange) -> Verdict | None:
    status = exchange.status or 0
    if status == 304:
        return Verdict.UNCHANGED
    if status in _REDIRECTS:
        return _blocked_at(_header(exchange, "location") or "") or Verdict.MOVED
    if status == 429 or (status == 503 and _header(exchange, "retry-after")):
        return Verdict.THROTTLED
    if exchange.request.role is Role.ROBOTS:
        return Verdict.ROBOTS if status < 300 else _by_error(status)
    return _blocked(exchange) or (_by_error(status) if status >= 400 else None)


def _by_error(status: int) -> Verdict:
    if status in (404, 410):
        return Verdict.GONE
    if status == 451:
        return Verdict.BLOCKED_LEGAL
    if status == 401:
        return Verdict.BLOCKED_LOGIN
    return Verdict.CLIENT_ERROR if status < 500 else Verdict.SERVER_ERROR


def _blocked(exchange: Exchange) -> Verdict | None:
    if _header(exchange, "cf-mitigated") or _header(exchange, "x-amzn-waf-action"):
        return Verdict.BLOCKED_CAPTCHA
    return _blocked_at(exchange.url) or _marked(exchange.body[:_LOOKED_AT].lower(), _BLOCKED)


def _blocked_at(url: str) -> Verdict | None:
    return next((verdict for verdict, mark in _BLOCKED_AT if mark.search(url)), None)


def _by_body(exchange: Exchange) -> Verdict:
    body = exchange.body
    if exchange.truncated or exchange.failure:
        return Verdict.TRUNCATED
    if not body.strip():
        return Verdict.EMPTY
    if body.startswith(_BINARY) or exchange.undecoded:
        return Verdict.NOT_HTML
    head = body[:_LOOKED_AT]
    if len(body) < _LOOKED_AT and any(mark in head for mark in _UNKNOWN_ADDRESS):
        return Verdict.SOFT_GONE
    empty = _marked(head, _EMPTY_XML) or _marked(head.lower(), _EMPTY_HTML)
    if empty is not None:
        return empty
    return Verdict.LISTING if exchange.request.role is Role.LISTING else Verdict.ARTICLE


def _marked(head: bytes, marks: tuple[_Mark, ...]) -> Verdict | None:
    return next((verdict for verdict, word, pattern in marks if word in head and pattern.search(head)), None)


def _header(exchange: Exchange, name: str) -> str | None:
    return next((value for key, value in exchange.headers if key.lower() == name), None)
