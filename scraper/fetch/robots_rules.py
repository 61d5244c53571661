"""What one robots.txt says: groups as RFC 9309 reads them, the rules themselves as protego matches them.

Hides protego. Grouping is done here because protego also lets a group apply whose token is only the beginning of ours
(`scrap` for `scraper`). Pure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from protego import Protego

from scraper import urls

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_BYTES = 500 * 1024
"""RFC 9309 §2.5: at least 500 KiB are read; what follows is ignored, from the last whole line on."""

_PRODUCT = re.compile(r"[a-z_-]+")
_AGENT_FIELDS = frozenset({"user-agent", "useragent", "user agent"})
_DISALLOW = "disallow|dissallow|dissalow|disalow|diasllow|disallaw"  # the spellings protego forgives
_RULE = re.compile(rf"\s*(?:{_DISALLOW}|allow|crawl[- ]delay|request[- ]rate|visit-time)\b", re.IGNORECASE)
_PATTERN = re.compile(rf"\s*({_DISALLOW}|allow)\b\s*:?\s*([^\s#]+)", re.IGNORECASE)
_DELAY = re.compile(
    r"\s*crawl[- ]delay\b\s*:?\s*([0-9]*\.?[0-9]+(?:e[0-9]{1,2})?)\s*(?:#.*)?$", re.IGNORECASE | re.ASCII
)
_FOR_EVER = 1e9  # seconds; what has no JSON is no longer than that
_PATTERN_LINE = re.compile(rf"\s*(?:{_DISALLOW}|allow)\b", re.IGNORECASE)
_LITERAL = re.compile(r"[A-Za-z0-9_.~/-]+")
_FOREIGN = re.compile(r"[^\x00-\x7f]+")
_OCTET = re.compile(r"%(25|[89A-Fa-f][0-9A-Fa-f])")
_LONGEST_SHOWN = 200
_NO_RULE = "no rule applies"
_MARKUP = re.compile(rb"\s*<(?:!doctype|html|head|body|\?xml|!--|title|script|meta)\b", re.IGNORECASE)
_LINE = re.compile(rf"\s*(?:user[- ]?agent|sitemap|host|clean-param|#|{_DISALLOW}|allow|crawl[- ]delay)", re.IGNORECASE)
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    text: str
    pattern: str
    allow: bool
    parts: tuple[str, ...]
    """What a matching target must hold, as far as that can be said without matching."""

    def matches(self, url: str, target: str) -> bool:
        """Whether its pattern matches, by protego; URL and its target as of `_exact`."""
        if not all(part in target for part in self.parts):
            return False
        rules = f"Disallow: /\nAllow: {self.pattern}" if self.allow else f"Disallow: {self.pattern}"
        return Protego.parse(f"User-agent: *\n{rules}").can_fetch(url, "*") is self.allow


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The merged group that applies to one product token.

    `lines` are its rules, the longest first. `group` is that token, `*`, or empty where no group applies. `suspicious`
    says what makes the file look like no robots.txt, empty where nothing does.
    """

    lines: tuple[_Line, ...]
    matcher: Protego
    crawl_delay: float | None
    group: str = ""
    suspicious: str = ""

    def decide(self, url: str) -> tuple[bool, str]:
        """Whether a canonical URL may be asked for, and the line that decided."""
        if not self.lines:
            return True, self._doubted(_NO_RULE)
        address = _exact(url)
        allowed = self.matcher.can_fetch(address, "*")
        return allowed, self._doubted(self._line_for(address, allowed=allowed))

    def _doubted(self, rule: str) -> str:
        return f"{rule} (suspicious: {self.suspicious})" if self.suspicious else rule

    def _line_for(self, url: str, *, allowed: bool) -> str:
        """The line behind a decision: the longest that matches and says so (RFC 9309 §2.2.2)."""
        target = urls.target(url)
        deciding = (line.text for line in self.lines if line.allow is allowed and line.matches(url, target))
        return next(deciding, _NO_RULE)


def read(body: bytes, token: str) -> Rules:
    """Read a robots.txt for one product token (lower case). Never fails: what is no rule is passed over."""
    text = _text(body)
    group, lines = _group(text, token)
    matcher = Protego.parse("\n".join(("User-agent: *", *map(_exact, lines))))
    found = {(line.pattern, line.allow): line for line in map(_line, reversed(lines)) if line is not None}
    return Rules(
        lines=tuple(sorted(found.values(), key=lambda line: len(line.pattern), reverse=True)),
        matcher=matcher,
        crawl_delay=_delay(lines),
        group=group,
        suspicious=_suspicion(body, text),
    )


def suspicion(body: bytes) -> str:
    """What makes a body look like no robots.txt; empty where nothing does."""
    return _suspicion(body, _text(body))


def _suspicion(body: bytes, lines: list[str]) -> str:
    if body.startswith(_UTF16):
        return "UTF-16 instead of UTF-8"
    if _MARKUP.match(body.removeprefix(b"\xef\xbb\xbf")):
        return "HTML or XML served as robots.txt"
    if b"\0" in body[:MAX_BYTES]:
        return "NUL bytes"
    if len(body) > MAX_BYTES:
        return f"over {MAX_BYTES // 1024} KiB, the rest was not read"
    return "" if not body.strip() or any(_LINE.match(line) for line in lines) else "no line that belongs in robots.txt"


def _delay(lines: Iterable[str]) -> float | None:
    """The longest Crawl-delay of the merged group, in seconds; what is no number of them is passed over."""
    found = (_DELAY.match(line) for line in lines)
    return max((min(float(match[1]), _FOR_EVER) for match in found if match), default=None)


def _line(line: str) -> _Line | None:
    match = _PATTERN.match(line)
    if match is None:
        return None
    pattern, allow = _exact(match.group(2)), match.group(1).lower() == "allow"
    # protego takes an allowed index.html for its folder, too.
    literal = pattern.removesuffix("index.html") if allow else pattern
    return _Line(
        text=_shown(line.strip()),
        pattern=pattern,
        allow=allow,
        parts=() if "%" in pattern else tuple(_LITERAL.findall(literal)),
    )


def _exact(text: str) -> str:
    """A URL or line in which octets outside ASCII are compared one by one.

    protego reads them as UTF-8, and what is none (EUC-KR) would all look alike to it. It leaves an encoded `%` as it is.
    """
    ascii_only = _FOREIGN.sub(lambda match: quote(match[0], errors="surrogateescape"), text)
    return _OCTET.sub(lambda match: f"%25{match[1].upper()}", ascii_only)


def _shown(text: str) -> str:
    """A line as records name it: every page's record does, so a line without end must not be in all of them."""
    readable = text.encode("utf-8", "replace").decode()
    return readable if len(readable) <= _LONGEST_SHOWN else f"{readable[:_LONGEST_SHOWN]}…"


def _text(body: bytes) -> list[str]:
    if len(body) > MAX_BYTES:
        body = body[:MAX_BYTES]
        body = body[: max(body.rfind(b"\n"), body.rfind(b"\r")) + 1]
    wide = body.startswith(_UTF16)
    text = body.decode("utf-16", "replace") if wide else body.decode("utf-8", "surrogateescape")
    text = text.lstrip("\ufeff").replace("\0", "")
    return re.split(r"\r\n|\r|\n", text)


def _group(lines: list[str], token: str) -> tuple[str, tuple[str, ...]]:
    """The rules of all groups that name `token`, else of those for `*`, with that name (RFC 9309 §2.2.1).

    Only allow and disallow end the list of agents that a group begins with: no other line may (§2.2.4).
    """
    named: list[str] = []
    anybody: list[str] = []
    is_named = is_anybody = False
    agents: set[str] = set()
    heading = False
    for line in lines:
        agent = _agent(line)
        if agent is not None:
            agents = {*agents, agent} if heading else {agent}
            heading = True
            is_named = is_named or agent == token
            is_anybody = is_anybody or agent == "*"
        elif _RULE.match(line):
            heading = heading and not _PATTERN_LINE.match(line)
            named.extend([line] if token in agents else [])
            anybody.extend([line] if "*" in agents else [])
    if is_named:
        return token, tuple(named)
    return "*" if is_anybody else "", tuple(anybody)


def _agent(line: str) -> str | None:
    """The token a user-agent line names, in lower case and without version; None for any other line."""
    name, colon, value = line.partition("#")[0].partition(":")
    if not colon or name.strip().lower() not in _AGENT_FIELDS:
        return None
    value = value.strip().lower()
    match = _PRODUCT.match(value)
    return "*" if value.startswith("*") else match.group(0) if match else value
