"""What one robots.txt says: groups as RFC 9309 reads them, the rules themselves as protego matches them.

Hides protego. Grouping is done here because protego also lets a group apply whose token is only the beginning of ours
(`scrap` for `scraper`). Pure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from protego import Protego

from scraper import urls

MAX_BYTES = 500 * 1024
"""RFC 9309 §2.5: at least 500 KiB are read; what follows is ignored, from the last whole line on."""

_PRODUCT = re.compile(r"[a-z_-]+")
_AGENT_FIELDS = frozenset({"user-agent", "useragent", "user agent"})
_DISALLOW = "disallow|dissallow|dissalow|disalow|diasllow|disallaw"  # the spellings protego forgives
_RULE = re.compile(rf"\s*(?:{_DISALLOW}|allow|crawl[- ]delay|request[- ]rate|visit-time)\b", re.IGNORECASE)
_PATTERN = re.compile(rf"\s*({_DISALLOW}|allow)\b\s*:?\s*([^\s#]+)", re.IGNORECASE)
_NO_RULE = "no rule applies"
_MARKUP = re.compile(rb"\s*<(?:!doctype|html|head|body|\?xml|!--|title|script|meta)\b", re.IGNORECASE)
_LINE = re.compile(rf"\s*(?:user[- ]?agent|sitemap|host|clean-param|#|{_DISALLOW}|allow|crawl[- ]delay)", re.IGNORECASE)
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    text: str
    pattern: str
    allow: bool
    beginning: str
    """What a matching target must begin with, as far as that can be said without matching."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The merged group that applies to one product token.

    `group` is that token, `*`, or empty where no group applies. `suspicious` says what makes the file look like no
    robots.txt, empty where nothing does.
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
        return self.matcher.can_fetch(url, "*"), self._doubted(self._line_for(url))

    def _doubted(self, rule: str) -> str:
        return f"{rule} (suspicious: {self.suspicious})" if self.suspicious else rule

    def _line_for(self, url: str) -> str:
        """The longest matching line; Allow before Disallow of the same length (RFC 9309 §2.2.2)."""
        target = urls.target(url)
        matching = [line for line in self.lines if target.startswith(line.beginning) and _matches(line.pattern, url)]
        best = max(matching, key=lambda line: (len(line.pattern), line.allow), default=None)
        return best.text if best else _NO_RULE


def read(body: bytes, token: str) -> Rules:
    """Read a robots.txt for one product token (lower case). Never fails: what is no rule is passed over."""
    text = _text(body)
    group, lines = _group(text, token)
    matcher = Protego.parse("\n".join(("User-agent: *", *lines)))
    patterns = (_PATTERN.match(line) for line in lines)
    return Rules(
        lines=tuple(_line(match) for match in patterns if match),
        matcher=matcher,
        crawl_delay=_delay(matcher),
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


def _delay(matcher: Protego) -> float | None:
    delay = matcher.crawl_delay("*")
    return None if delay is None or delay != delay or delay < 0 else delay  # noqa: PLR0124 - not a number


def _line(match: re.Match[str]) -> _Line:
    return _Line(
        text=match.string.strip(),
        pattern=match.group(2),
        allow=match.group(1).lower() == "allow",
        beginning=re.split(r"[*$%]", match.group(2), maxsplit=1)[0] if match.group(2).isascii() else "",
    )


def _matches(pattern: str, url: str) -> bool:
    return not Protego.parse(f"User-agent: *\nDisallow: {pattern}").can_fetch(url, "*")


def _text(body: bytes) -> list[str]:
    if len(body) > MAX_BYTES:
        body = body[:MAX_BYTES]
        body = body[: max(body.rfind(b"\n"), body.rfind(b"\r")) + 1]
    coding = "utf-16" if body.startswith(_UTF16) else "utf-8-sig"
    text = body.decode(coding, "replace").replace("\0", "")
    return re.split(r"\r\n|\r|\n", text)


def _group(lines: list[str], token: str) -> tuple[str, tuple[str, ...]]:
    """The rules of all groups that name `token`, else of those for `*`, with that name (RFC 9309 §2.2.1)."""
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
            heading = False
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
