"""The server of both outlets: what is answered at the time the clock shows, by the stories and by what befalls their hosts.

Hides HTTP: validators, redirects, and the ways in which a host fails. The true time is the server's; ours may be wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import format_datetime
from urllib.parse import urlsplit

from benchmarks.history import herald, paper
from benchmarks.history.incidents import Spell, Truth
from benchmarks.history.stories import HERALD, HOSTS, PAPER, Story
from scraper.clock import Clock
from tests.redesigned import renamed
from tests.web_server import CLOSE, RESET, Answer, Asked, head, status

_OF_HOST = {host: source for source, host in HOSTS.items()}
_ROBOTS = b"User-agent: *\nAllow: /\n"
_NOT_FOUND = b"<html><head><title>404 Not Found</title></head><body>Not Found</body></html>"
_SHORT = 3
_THROTTLE = timedelta(minutes=30)

BLOCK_PAGE = (
    '<html>\n<head>\n<meta http-equiv="Content-Type" content="text/html; charset=euc-kr">\n<meta name="kcsc" '
    'content="blocking">\n<title>접속 차단 안내</title>\n</head>\n<body><p>이 주소는 차단되였습니다.</p></body>\n</html>\n'
).encode("euc-kr")
_GEO_PAGE = (
    b"<!DOCTYPE html><html><head><title>Access denied | www.herald.example used Cloudflare to restrict access</title></head>"
    b"<body><h1>Error 1009</h1><p>The owner of this website has banned the country or region your IP address is in.</p>"
    b"</body></html>"
)
_CHALLENGE = (
    b"<!DOCTYPE html><html><head><title>Just a moment...</title></head><body><script>window._cf_chl_opt={};</script>"
    b"<noscript>Enable JavaScript and cookies to continue</noscript></body></html>"
)


def said(
    body: bytes, *, code: int = 200, media: str = "text/html", headers: tuple[tuple[str, str], ...] = ()
) -> Answer:
    """A whole answer. The type names no charset: what the page says of itself counts."""
    pairs = [("Content-Type", media), *headers, ("Content-Length", str(len(body)))]
    return Answer((head(code, "OK", pairs), body))


SPELLS: dict[str, Callable[[], Answer]] = {
    "block-page": lambda: said(BLOCK_PAGE),
    "geo-block": lambda: said(_GEO_PAGE, code=403),
    "legal-block": lambda: said(b"<html><body>Unavailable For Legal Reasons</body></html>", code=451),
    "login-wall": lambda: status(302, ("Location", "/free-member-form/?redirect_to=%2F"), body=b"members only"),
    "captcha": lambda: said(_CHALLENGE, code=403, headers=(("cf-mitigated", "challenge"),)),
    "outage": lambda: Answer((RESET,)),
    "burst": lambda: said(b"<html><body>Service Unavailable</body></html>", code=503),
    "ill": lambda: said(_NOT_FOUND, code=404),
    "empty-host": lambda: said(b""),
}
"""How a host answers everything during a spell; others change what its own pages look like."""


class Outlets:
    """Both outlets: `answer` is the route of a `WebServer`, `secure` that of the one behind TLS. `asked` counts the requests."""

    def __init__(self, clock: Clock, stories: list[Story], truth: Truth) -> None:
        self.asked = 0
        self._clock = clock
        self._truth = truth
        self._stories = {source: [each for each in stories if each.outlet == source][::-1] for source in HOSTS}
        self._by_target: dict[str, Story] = {}
        for story in stories:
            for target in (story.target, *story.echoes, *((urlsplit(story.moved[1]).path,) if story.moved else ())):
                self._by_target[target] = story
        self._throttled: dict[Spell, datetime] = {}

    def answer(self, asked: Asked) -> Answer:
        """What is answered without TLS."""
        source = _OF_HOST[(asked.header("host") or "").partition(":")[0]]
        now = self._clock.now()
        if self._truth.spell(source, now, "https") and asked.target != "/robots.txt":
            self.asked += 1
            return status(301, ("Location", f"https://{HOSTS[source]}{asked.target}"), body=b"moved")
        return self.secure(asked)

    def secure(self, asked: Asked) -> Answer:
        """What is answered behind TLS."""
        self.asked += 1
        source = _OF_HOST[(asked.header("host") or "").partition(":")[0]]
        now = self._clock.now()
        spell = next((each for each in self._truth.spells if each.source == source and each.span.holds(now)), None)
        if spell is not None and spell.kind in SPELLS:
            return SPELLS[spell.kind]()
        if self._truth.spell(source, now, "throttled") and (wait := self._wait(source, now)):
            return status(429, ("Retry-After", str(int(wait.total_seconds()) + 1)), body=b"Too Many Requests")
        if asked.target == "/robots.txt":
            down = self._truth.spell(source, now, "robots-down") is not None
            return SPELLS["burst"]() if down else said(_ROBOTS, media="text/plain")
        return self._list(source, asked, now) or self._article(source, asked, now)

    def _wait(self, source: str, now: datetime) -> timedelta:
        spell = self._truth.spell(source, now, "throttled")
        assert spell is not None
        until = self._throttled.setdefault(spell, now + _THROTTLE)
        return max(until - now, timedelta())

    def _list(self, source: str, asked: Asked, now: datetime) -> Answer | None:
        rows = [each for each in self._stories[source] if each.listed(now)]
        most = _SHORT if self._truth.spell(source, now, "short-list") else 0
        if self._truth.spell(source, now, "other-order"):
            newest, rest = rows[:14], rows[14:]
            rows = newest[::-1] + rest
        if source == HERALD and asked.target == "/":
            return self._sent(source, herald.front(rows, now, *((most,) if most else ())), now)
        if source == PAPER and asked.target == paper.LATEST:
            return self._sent(source, paper.latest(rows, now, self._charset(now), *((most,) if most else ())), now)
        if source == PAPER and asked.target.startswith(paper.DAY):
            day = asked.target.removeprefix(paper.DAY)
            return self._sent(source, paper.of_day(rows, day, now, self._charset(now)), now)
        return None

    def _article(self, source: str, asked: Asked, now: datetime) -> Answer:
        story = self._by_target.get(asked.target)
        if story is None or story.published > now:
            return SPELLS["ill"]()
        if story.swapped is not None and story.swapped[0] <= now:
            story = story.swapped[1]
        if story.moved is not None and story.moved[0] <= now and asked.target == story.target:
            return status(301, ("Location", story.moved[1]), body=b"moved") if story.moved[2] else SPELLS["ill"]()
        if not story.lives(now):
            return SPELLS["ill"]()
        if any(span.holds(now) for span in story.soft):
            absent = paper.UNKNOWN if source == PAPER else herald.frame("Page not found", herald.NOT_FOUND)
            return said(absent.encode())
        return self._page(source, story, asked, now)

    def _page(self, source: str, story: Story, asked: Asked, now: datetime) -> Answer:
        fault, wording = story.fault(now), story.at(now)
        if fault == "empty":
            return said(b"")
        tag = f'"{abs(hash((story.name, wording.since, self._look(source, now)))):x}"'
        validators = (("ETag", tag), ("Last-Modified", format_datetime(wording.since, usegmt=False)))
        known = asked.header("if-none-match")
        if known == tag or (known and fault == "lying"):
            return status(304, ("ETag", known))
        if source == PAPER:
            html = paper.article(wording, now, self._charset(now))
        else:
            rows = [each for each in self._stories[source] if each.listed(now)]
            html = herald.article(story, wording, rows, now)
        if fault == "truncated":
            body = html.encode()
            pairs = [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(len(body)))]
            return Answer((head(200, "OK", pairs), body[: len(body) // 2], CLOSE))
        return self._sent(source, html, now, *validators)

    def _sent(self, source: str, html: str, now: datetime, *headers: tuple[str, str]) -> Answer:
        # What a character set lacks is written as a reference, as content systems do.
        body = html.encode(self._charset(now) if source == PAPER else "utf-8", "xmlcharrefreplace")
        if self._truth.spell(source, now, "redesign"):
            body = renamed(body)
        return said(body, headers=headers)

    def _look(self, source: str, now: datetime) -> tuple[str, ...]:
        """What all pages of a host have in common now: a change of it is a change of every page's bytes."""
        return tuple(each.kind for each in self._truth.spells if each.source == source and each.span.holds(now))

    def _charset(self, now: datetime) -> str:
        return "euc-kr" if self._truth.spell(PAPER, now, "euc-kr") else "utf-8"
