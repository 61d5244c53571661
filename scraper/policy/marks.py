"""By what pages are known that somebody else put in the outlet's place: blocks, challenges and login walls.

Hides the wording and markup of each (docs/verdicts.md names where it was seen). A mark is never a word in running text:
it is a header, an address, a title, or an element of a page that has next to no text of its own. An article that writes
about such pages has none of that.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from scraper.model import Headers, Verdict

_LOOKED_AT = 64 * 1024
_SLIGHT = 4000
"""Bytes of text under which a page may be somebody else's; the longest notices seen have some 2,000."""
_NEVER_SLIGHT = 512 * 1024
_STUB = 4096
"""Bytes under which a page without a word may be one that only sends its reader on."""
_SHOWS_SOMETHING = re.compile(rb"<(?:img|object|embed|svg|video|a|link|item|entry|loc)\b|<!\[cdata\[")

_SCRIPT = re.compile(rb"<script\b[^<>]*>(.*?)(?:</script|\Z)", re.DOTALL)
# Every alternative runs to the end of the page where it is not closed, so that no page takes long.
_NOT_TEXT = re.compile(
    rb"<(?P<raw>script|style|template)\b.*?(?:</(?P=raw)[^>]*(?:>|\Z)|\Z)|<!--.*?(?:-->|\Z)|<[^>]*(?:>|\Z)|(?:&nbsp;|\s)+",
    re.DOTALL,
)
_TITLE = re.compile(rb"<title\b[^<>]{0,200}>([^<]{0,400})</title")
_HEAD_END = re.compile(rb"</head|<body\b")

# Where a page sends its reader by itself.
_REFRESH = re.compile(
    rb"""<meta\b[^<>]{0,200}?http-equiv\s*=\s*["']?refresh\b[^<>]{0,200}?url\s*=\s*["']?\s*([^"'<>\s]{1,500})"""
)
_FRAME = re.compile(rb"""<i?frame\b[^<>]{0,300}?\bsrc\s*=\s*["']?\s*([^"'<>\s]{1,500})""")
_SCRIPTED = re.compile(
    rb"""location(?:\.href)?\s*=\s*["']([^"'<>\s]{1,500})["']|location\.(?:replace|assign)\(\s*["']([^"'<>\s]{1,500})["']"""
)


@dataclass(frozen=True)
class Face:
    """The beginning of a page as it is searched: in lower case, and its text without scripts, styles and tags."""

    body: bytes

    @cached_property
    def low(self) -> bytes:
        """The first 64 KiB in lower case (ASCII letters; other encodings stay as they are)."""
        return self.body[:_LOOKED_AT].lower()

    @cached_property
    def text(self) -> bytes:
        """The text of the first 64 KiB, one space between any two pieces."""
        return _NOT_TEXT.sub(b" ", self.low).strip()

    @cached_property
    def title(self) -> bytes:
        """What stands in `<title>`, in lower case."""
        found = _TITLE.search(self.low) if b"<title" in self.low else None
        return found[1].strip() if found else b""

    @cached_property
    def slight(self) -> bool:
        """Whether the page has so little text that it may be a notice."""
        return len(self.body) < _NEVER_SLIGHT and len(b" ".join(self.text.split())) < _SLIGHT

    @cached_property
    def stub(self) -> bool:
        """Whether the page is small and has nothing to show but its title: only what it does may be of interest."""
        if len(self.body) >= _STUB or _SHOWS_SOMETHING.search(self.low):
            return False
        return b" ".join(self.text.split()) in (b"", b" ".join(self.title.split()))

    @property
    def head(self) -> bytes:
        """Everything before the body."""
        end = _HEAD_END.search(self.low)
        return self.low[: end.start()] if end else self.low[:8192]

    def sends_to(self) -> list[bytes]:
        """The addresses the page sends its reader to, or shows in a frame."""
        return [*self.leads_to(), *_FRAME.findall(self.low)]

    def leads_to(self) -> list[bytes]:
        """The addresses the page sends its reader to, away from it."""
        found = _REFRESH.findall(self.low)
        for script in _SCRIPT.findall(self.low):
            found.extend(one or other for one, other in _SCRIPTED.findall(script))
        return found


ADDRESSES: tuple[tuple[Verdict, re.Pattern[str]], ...] = (
    (Verdict.BLOCKED_LEGAL, re.compile(r"^(?:https?:)?//(?:www\.)?warning\.or\.kr(?:[:/?]|$)", re.IGNORECASE)),
    (Verdict.BLOCKED_LOGIN, re.compile(r"^[^?#]*/free-member-form(?:[/?#]|$)", re.IGNORECASE)),
    (Verdict.BLOCKED_WAF, re.compile(r"^[^?#]*/webskipping\.htm", re.IGNORECASE)),
    (Verdict.BLOCKED_WAF, re.compile(r"^(?:https?:)?//(?:www\.)?cfauth\.com/\?cfru=", re.IGNORECASE)),
)
"""Addresses where only those are sent who are not let in."""

_CHALLENGES = (b"_cf_chl_opt", b"challenges.cloudflare.com", b"enable javascript and cookies to continue")
# Title, then what else must be in the page (any of the words; none: the title says it alone).
_TITLES: tuple[tuple[Verdict, re.Pattern[bytes], tuple[bytes, ...]], ...] = (
    (Verdict.BLOCKED_WAF, re.compile(rb"(?:web page blocked!?|web filter violation|web filter block override)$"), ()),
    (Verdict.BLOCKED_WAF, re.compile(rb".*\bblocked$"), (b"in accordance with company policy", b"by surf protection")),
    (Verdict.BLOCKED_WAF, re.compile(rb"fortiguard intrusion prevention - access blocked"), ()),
    (Verdict.BLOCKED_WAF, re.compile(rb"request rejected$"), ()),
    (Verdict.BLOCKED_WAF, re.compile(rb"sucuri website firewall - access denied"), ()),
    (
        Verdict.BLOCKED_GEO,
        re.compile(rb"access denied \| .* used cloudflare to restrict access"),
        (b"banned the country or region",),
    ),
    (Verdict.BLOCKED_WAF, re.compile(rb"attention required! \| cloudflare"), ()),
    (Verdict.BLOCKED_WAF, re.compile(rb"access denied \| .* used cloudflare to restrict access"), ()),
    (Verdict.BLOCKED_CAPTCHA, re.compile(rb"just a moment\W*$"), _CHALLENGES),
    (Verdict.BLOCKED_CAPTCHA, re.compile(rb"ddos-guard$"), ()),
    (
        Verdict.BLOCKED_GEO,
        re.compile(rb"error: the request could not be satisfied"),
        (b"configured to block access from your country",),
    ),
    (Verdict.BLOCKED_WAF, re.compile(rb"error: the request could not be satisfied"), (b"request blocked.",)),
    (
        Verdict.BLOCKED_WAF,
        re.compile(rb"access denied$"),
        (b"errors.edgesuite.net", b"reference&#32;&#35;", b"reference&#32;#", b"reference #"),
    ),
    (Verdict.BLOCKED_WAF, re.compile(rb"access denied"), (b"(content_filter_denied)", b"(policy_denied)")),
    *(
        # "Notice of the blocking of illegal and harmful information": without the notice, it is what the news may be about.
        (
            Verdict.BLOCKED_LEGAL,
            re.compile(
                b".*".join(word.encode(codec) for word in ("불법", "유해정보", "차단")) + rb"\s*" + "안내".encode(codec)
            ),
            (),
        )
        for codec in ("utf-8", "euc-kr")
    ),
)

# A word, looked for first because searching every page for the patterns would cost more than all else that is done to it;
# then the element it must stand in.
_ELEMENTS: tuple[tuple[bytes, tuple[tuple[Verdict, re.Pattern[bytes]], ...]], ...] = (
    (b"_cf_chl_opt", ((Verdict.BLOCKED_CAPTCHA, re.compile(rb"<script\b[^<>]*>[^<]{0,2000}_cf_chl_opt\b")),)),
    (
        b"challenge",
        (
            (Verdict.BLOCKED_CAPTCHA, re.compile(rb"/cdn-cgi/challenge-platform/h/\w/orchestrate/")),
            (Verdict.BLOCKED_CAPTCHA, re.compile(rb"""<form\b[^<>]{0,300}\bid=["']?challenge-form""")),
            (Verdict.BLOCKED_CAPTCHA, re.compile(rb"<script\b[^<>]*>[^<]{0,4000}\btriggerinterstitialchallenge\b")),
        ),
    ),
    (
        b"cf-browser-verification",
        (
            (
                Verdict.BLOCKED_CAPTCHA,
                re.compile(rb"""<\w+\b[^<>]{0,300}\b(?:id|class)=["']?[^"'<>]{0,80}cf-browser-verification"""),
            ),
        ),
    ),
    (b"gokuprops", ((Verdict.BLOCKED_CAPTCHA, re.compile(rb"<script\b[^<>]*>[^<]{0,2000}window\.gokuprops\b")),)),
    (
        b"-cpt",
        (
            (Verdict.BLOCKED_CAPTCHA, re.compile(rb"""<\w+\b[^<>]{0,300}\bid=["']?sec-if-cpt""")),
            (Verdict.BLOCKED_CAPTCHA, re.compile(rb"""<iframe\b[^<>]{0,300}\bid=["']?sec-cpt-if""")),
        ),
    ),
    (b"bm-verify", ((Verdict.BLOCKED_CAPTCHA, re.compile(rb"<meta\b[^<>]{0,500}\bbm-verify=")),)),
    (
        b"captcha",
        (
            (Verdict.BLOCKED_CAPTCHA, re.compile(rb"""<\w+\b[^<>]{0,300}\bid=["']?px-captcha["'\s>]""")),
            (
                Verdict.BLOCKED_CAPTCHA,
                re.compile(rb"""<(?:script|iframe)\b[^<>]{0,300}\bsrc=["']?https?://\w+\.captcha-delivery\.com/"""),
            ),
        ),
    ),
    (
        b"sucuri_cloudproxy_js",
        ((Verdict.BLOCKED_CAPTCHA, re.compile(rb"<script\b[^<>]*>[^<]{0,4000}sucuri_cloudproxy_js")),),
    ),
    (
        b"incapsula incident id",
        ((Verdict.BLOCKED_WAF, re.compile(rb"<iframe\b[^<>]*>[^<]{0,80}incapsula incident id")),),
    ),
)
_KCSC = re.compile(
    rb"""<meta\b(?=[^<>]{0,200}\bname\s*=\s*["']?kcsc\b)(?=[^<>]{0,200}\bcontent\s*=\s*["']?blocking\b)"""
)
_SENDS = (b"warning.or.kr", b"/free-member-form")
_SENDS_STRANGERS = b"webskipping.htm"
"""Named in a script of every page of its outlet: a mark only where there is nothing but that script."""
_MEMBERS = re.compile(rb"""(?:href|action|src)\s*=\s*["']?[^"'<>\s]{0,200}/free-member-form""")
_WATCH_ARTICLE = re.compile(
    rb"""class\s*=\s*["'][^"'<>]*\barticle-content\b|\bdate:\s{0,20}(?:<[^<>]{0,200}>\s{0,20}){0,20}\d\d/\d\d/\d{4}"""
)
_WATCH_ROWS = re.compile(rb"/newstream/\d+-\d+|/kctv-archive/[0-9a-f]{8}")


def by_address(url: str) -> Verdict | None:
    """What an address is, that only those are sent to who are not let in."""
    return next((verdict for verdict, mark in ADDRESSES if mark.search(url)), None)


def by_headers(headers: Headers, status: int) -> Verdict | None:
    """What a guard says of its own answer in the headers."""
    named = {name.lower(): value.lower() for name, value in headers}
    if "cf-mitigated" in named:
        return Verdict.BLOCKED_CAPTCHA if named["cf-mitigated"] == "challenge" else Verdict.BLOCKED_WAF
    if "x-amzn-waf-action" in named:
        return Verdict.BLOCKED_CAPTCHA
    if "x-sucuri-block" in named or named.get("x-squid-error", "").startswith("err_access_denied"):
        return Verdict.BLOCKED_WAF
    # The server name is on every page that Akamai delivers; a refusal under this name never came from the outlet.
    return Verdict.BLOCKED_WAF if status == 403 and named.get("server") == "akamaighost" else None


def by_face(face: Face, *, listing: bool) -> Verdict | None:
    """What a page is that somebody else put there; None for any other page."""
    if _KCSC.search(face.head):
        return Verdict.BLOCKED_LEGAL
    found = next(chain(_by_title(face), _by_elements(face), _by_sending(face)), None)
    if found is not None and face.slight:
        return found
    return Verdict.BLOCKED_LOGIN if _members_only(face, listing=listing) else None


def _by_title(face: Face) -> Iterable[Verdict]:
    return (
        verdict
        for verdict, title, words in _TITLES
        if face.title and title.match(face.title) and (not words or any(word in face.low for word in words))
    )


def _by_elements(face: Face) -> Iterable[Verdict]:
    patterns = (pattern for word, patterns in _ELEMENTS if word in face.low for pattern in patterns)
    return (verdict for verdict, pattern in patterns if pattern.search(face.low))


def _by_sending(face: Face) -> Iterable[Verdict]:
    named = any(word in face.low for word in _SENDS) or (face.stub and _SENDS_STRANGERS in face.low)
    if not named:
        return ()
    targets = (by_address(target.decode("latin-1")) for target in face.sends_to())
    return (verdict for verdict in targets if verdict is not None)


def _members_only(face: Face, *, listing: bool) -> bool:
    """KCNA Watch's form or pop-up for members on a page without what was asked for; menus of whole pages link to it too."""
    if b"/free-member-form" not in face.low or not _MEMBERS.search(face.low):
        return False
    return not (_WATCH_ROWS if listing else _WATCH_ARTICLE).search(face.low)
