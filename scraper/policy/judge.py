"""What answer was this? Tells an outlet's page from everything that comes instead of it.

Hides the order of the rules: status, who else might have answered, what the body holds (docs/verdicts.md). A verdict is a
judgement: it carries `JUDGE`, and can be derived again from record and snapshot.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from scraper import urls
from scraper.model import Capture, Exchange, Reason, Request, Role, Verdict
from scraper.policy import languages, marks
from scraper.policy.absent import says_absent
from scraper.policy.marks import Face

JUDGE = "judge@4"
"""Name and version of these rules; every capture record names the one that judged it."""

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_FAR_UNDER = 4
"""A page without its end is cut off when it is this many times smaller than its outlet's usual page."""

_HOME = re.compile(r"/(?:[a-z]{2}/?)?(?:index\.(?:html?|php|jsp|aspx?))?", re.IGNORECASE)
_REFRESH_TO = re.compile(r"url\s*=\s*[\"']?([^\"'\s]+)", re.IGNORECASE)


def _unknown_address(codec: str) -> re.Pattern[bytes]:
    """The words "unknown address" where nothing else is said in the same breath, in the spacing of North or South."""
    words = rb"(?:\s|&nbsp;)*".join(word.encode(codec) for word in ("알", "수", "없는", "주소"))
    endings = b"|".join(word.encode(codec) for word in ("입니다", "이다", "임"))
    return re.compile(rb"""[>"'][^<>"']{0,30}?""" + words + rb"(?:" + endings + rb")?[\s.!]*(?:[<\"']|\Z)")


_UNKNOWN_ADDRESS = tuple(("주소".encode(codec), _unknown_address(codec)) for codec in ("utf-8", "euc-kr"))

_EMPTY_XML = (
    (Verdict.SOFT_GONE, re.compile(rb"<ndata[^<>]*(?:/>|>\s*</ndata>)")),
    (Verdict.EMPTY, re.compile(rb"<nmultidata[^<>]*(?:/>|>\s*</nmultidata>)")),
    (Verdict.EMPTY, re.compile(rb"<xsync[^<>]*(?:/>|>\s*</xsync>)")),
)
_EMPTY_MAIN = re.compile(rb"<main\b[^<>]*>(?:\s|<!--[^<>]*-->)*</main>")
_HOLDS_SOMETHING = re.compile(
    rb"<!\[cdata\[|<(?:img|script|frame|iframe|object|embed|svg|video|a|link|item|entry|loc)\b"
)
_BINARY = (
    b"%PDF-",
    b"%!PS",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"PK\x03\x04",
    b"RIFF",
    b"OggS",
    b"ID3",
    b"Rar!",
    b"7z\xbc\xaf",
    b"\xd0\xcf\x11\xe0",
    b"\x00\x00\x01\x00",
)
_OTHER_MEDIA = re.compile(
    r"(?:image|video|audio|font)/|application/(?:pdf|zip|octet-stream|msword|vnd\.|x-hwp|x-shockwave)", re.IGNORECASE
)
_NO_PAGE = re.compile(
    r"text/(?:css|javascript|csv)\b|application/(?:x-)?(?:javascript|gzip|wasm|msdownload)\b", re.IGNORECASE
)
_PACKED = b"\x1f\x8b"
_JSON = re.compile(rb"\s*[\[{]\s*[\"\[{\]}]")


def judge(exchange: Exchange, *, language: str = "", usual_size: int | None = None) -> Verdict:
    """Say what an answer was; FAILED where none arrived.

    `language` is the source's declared one (empty: not known). `usual_size` is the size in bytes of this source's good
    pages of this role (`needs_usual_size` tells whether it is of any use).
    """
    if exchange.status is None:
        return Verdict.FAILED
    face = Face(exchange.body)
    return _by_status(exchange, face) or _by_body(exchange, face, language, usual_size)


def rejudge(capture: Capture, body: bytes, *, language: str = "", usual_size: int | None = None) -> Verdict:
    """Say what a recorded answer was by today's rules, from its record and the bytes of its snapshot."""
    exchange = Exchange(
        request=Request(
            source=capture.source,
            url=capture.url,
            role=capture.role,
            reason=Reason.MANUAL,
            confirms=capture.confirms,
        ),
        url=capture.url,
        started_at=capture.started_at,
        fetched_at=capture.observed_at,
        status=capture.status,
        headers=capture.headers,
        body=body,
        undecoded=capture.undecoded,
        truncated=capture.truncated,
        failure=capture.failure,
        redirected_from=capture.redirected_from,
    )
    return judge(exchange, language=language, usual_size=usual_size)


def needs_usual_size(body: bytes) -> bool:
    """Whether a page begins and does not end, so that only its size can tell if it is whole.

    Fragments, feeds and data begin none. Some outlets never end theirs.
    """
    head = body[:1024].lower()
    return (b"<html" in head or b"<!doctype html" in head) and b"</html" not in body[-4096:].lower()


def front_page(url: str) -> bool:
    """Whether a URL is the front page of a host, or of one of its languages."""
    parts = urlsplit(url)
    return not parts.query and _HOME.fullmatch(parts.path or "/") is not None


def _by_status(exchange: Exchange, face: Face) -> Verdict | None:
    status = exchange.status or 0
    if status == 304:
        # "Unchanged" since what? Only a capture that was named with its validators can be confirmed (RFC 9110 §15.4.5).
        return Verdict.UNCHANGED if exchange.request.confirms else Verdict.CLIENT_ERROR
    if status in _REDIRECTS:
        return _by_location(exchange)
    if status == 429:
        return Verdict.THROTTLED
    if exchange.request.role is Role.ROBOTS:
        return Verdict.ROBOTS if status < 300 else _by_error(exchange)
    return _blocked(exchange, face) or (_by_error(exchange) if status >= 400 else None)


def _by_location(exchange: Exchange) -> Verdict:
    """What a redirect is.

    One to a front page is of its own kind: an outlet sends those there who ask for what it has removed, and a login wall
    sends strangers there.
    """
    location = _header(exchange, "location") or ""
    if (blocked := marks.by_address(location)) is not None:
        return blocked
    try:
        target = urls.canonical(location, base=exchange.url)
    except ValueError:
        return Verdict.MOVED
    to_home = exchange.request.role is Role.ARTICLE and front_page(target) and not front_page(exchange.url)
    return Verdict.MOVED_HOME if to_home else Verdict.MOVED


def _by_error(exchange: Exchange) -> Verdict:
    status = exchange.status or 0
    if status in (404, 410):
        return Verdict.GONE
    if status == 451:
        return Verdict.BLOCKED_LEGAL
    if status == 401:
        return Verdict.BLOCKED_LOGIN
    if status == 503 and _header(exchange, "retry-after"):
        return Verdict.THROTTLED
    return Verdict.CLIENT_ERROR if status < 500 else Verdict.SERVER_ERROR


def _blocked(exchange: Exchange, face: Face) -> Verdict | None:
    told = marks.by_headers(exchange.headers, exchange.status or 0) or marks.by_address(exchange.url)
    refresh = _REFRESH_TO.search(_header(exchange, "refresh") or "")
    if told is None and refresh is not None:
        told = marks.by_address(refresh[1])
    return told or marks.by_face(face, listing=exchange.request.role is Role.LISTING)


def _by_body(exchange: Exchange, face: Face, language: str, usual_size: int | None) -> Verdict:
    body, role = exchange.body, exchange.request.role
    if exchange.truncated or exchange.failure or exchange.status == 206:
        return Verdict.TRUNCATED  # nobody asked for a part (RFC 9110 §15.3.7)
    if not body.strip():
        return Verdict.EMPTY
    if exchange.undecoded or _not_html(exchange):
        return Verdict.NOT_HTML
    nothing = _sent_on(exchange, face) or _nothing(face)
    if nothing is not None:
        return nothing
    if role is Role.LISTING:
        return Verdict.TRUNCATED if _cut_off(body, usual_size) else Verdict.LISTING
    if says_absent(face):
        return Verdict.SOFT_GONE
    if exchange.redirected_from is not None and front_page(exchange.url):
        return Verdict.MOVED_HOME  # the front page that came instead of the article
    if _cut_off(body, usual_size):
        return Verdict.TRUNCATED
    if language and languages.contradicts(exchange.page(), language):
        return Verdict.WRONG_LANGUAGE
    return Verdict.ARTICLE


def _not_html(exchange: Exchange) -> bool:
    """By the bytes first: servers give pages the type of a file, and files that of a page."""
    body = exchange.body
    if body.startswith(_BINARY) or body[4:8] == b"ftyp":
        return True
    if body[:512].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return False
    media, packed = (_header(exchange, "content-type") or "").strip(), body.startswith(_PACKED)
    if _OTHER_MEDIA.match(media) and not packed:  # a sitemap may come packed
        return True
    if exchange.request.role is not Role.ARTICLE:
        return False
    return packed or _NO_PAGE.match(media) is not None or _JSON.match(body[:512]) is not None


def _nothing(face: Face) -> Verdict | None:
    """What a whole page is that holds nothing; None where it holds something."""
    if any(word in face.low and told.search(face.low) for word, told in _UNKNOWN_ADDRESS) and face.slight:
        return Verdict.SOFT_GONE
    if b"<xsync" in face.low[:512]:
        return next((verdict for verdict, pattern in _EMPTY_XML if pattern.search(face.low)), None)
    if empty_main(face.low):
        return Verdict.EMPTY
    blank = len(face.body) < 16384 and b"<" in face.low and not _HOLDS_SOMETHING.search(face.low) and not face.text
    return Verdict.EMPTY if blank else None


def _sent_on(exchange: Exchange, face: Face) -> Verdict | None:
    """What a page is that shows nothing and sends its reader on by itself, as a redirect would; None for any other."""
    targets = face.leads_to() if face.stub else []
    if not targets:
        return None
    if exchange.request.role is Role.ARTICLE and not front_page(exchange.url) and any(map(_to_front_page, targets)):
        return Verdict.MOVED_HOME
    return Verdict.EMPTY


def _to_front_page(target: bytes) -> bool:
    try:
        return front_page(target.decode("latin-1"))
    except ValueError:
        return False


def empty_main(page: bytes) -> bool:
    """Whether some `<main>` holds nothing. Tried only where one begins: half the time of a search for the pattern."""
    begins = page.find(b"<main")
    while begins >= 0:
        if _EMPTY_MAIN.match(page, begins):
            return True
        begins = page.find(b"<main", begins + 1)
    return False


def _cut_off(body: bytes, usual_size: int | None) -> bool:
    return usual_size is not None and len(body) * _FAR_UNDER < usual_size and needs_usual_size(body)


def _header(exchange: Exchange, name: str) -> str | None:
    return next((value for key, value in exchange.headers if key.lower() == name), None)
