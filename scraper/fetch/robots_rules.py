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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    text: str
    pattern: str
    allow: bool
    beginning: str
    """What a matching target must begin with, as far as that can be said without matching."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The merged group that applies to one product token."""

    lines: tuple[_Line, ...]
    matcher: Protego
    crawl_delay: float | None

    def decide(self, url: str) -> tuple[bool, str]:
        """Whether a canonical URL may be asked for, and the line that decided."""
        if not self.lines:
            return True, _NO_RULE
        return self.matcher.can_fetch(url, "*"), self._line_for(url)

    def _line_for(self, url: str) -> str:
        """The longest matching line; Allow before Disallow of the same length (RFC 9309 §2.2.2)."""
        target = urls.target(url)
        matching = [line for line in self.lines if target.startswith(line.beginning) and _matches(line.pattern, url)]
        best = max(matching, key=lambda line: (len(line.pattern), line.allow), default=None)
        return best.text if best else _NO_RULE


def read(body: bytes, token: str) -> Rules:
    """Read a robots.txt for one product token (lower case). Never fails: what is no rule is passed over."""
    lines = _group(_text(body), token)
    matcher = Protego.parse("\n".join(("User-agent: *", *lines)))
    patterns = (_PATTERN.match(line) for line in lines)
    return Rules(
        lines=tuple(_line(match) for match in patterns if match),
        matcher=matcher,
        crawl_delay=matcher.crawl_delay("*"),
    )


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
    text = body.decode("utf-8-sig", "replace").replace("\0", "")
    return re.split(r"\r\n|\r|\n", text)


def _group(lines: list[str], token: str) -> tuple[str, ...]:
    """The rules of all groups that name `token`, else of those for `*` (RFC 9309 §2.2.1)."""
    named: list[str] = []
    anybody: list[str] = []
    is_named = False
    agents: set[str] = set()
    heading = False
    for line in lines:
        agent = _agent(line)
        if agent is not None:
            agents = {*agents, agent} if heading else {agent}
            heading = True
            is_named = is_named or agent == token
        elif _RULE.match(line):
            heading = False
            named.extend([line] if token in agents else [])
            anybody.extend([line] if "*" in agents else [])
    return tuple(named if is_named else anybody)


def _agent(line: str) -> str | None:
    """The token a user-agent line names, in lower case and without version; None for any other line."""
    name, colon, value = line.partition("#")[0].partition(":")
    if not colon or name.strip().lower() not in _AGENT_FIELDS:
        return None
    value = value.strip().lower()
    match = _PRODUCT.match(value)
    return "*" if value.startswith("*") else match.group(0) if match else value
