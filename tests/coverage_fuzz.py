"""Coverage-guided fuzzing of what reads a server's words, by atheris: `make fuzz` (hypothesis does the rest, test_fuzz_fetch).

Each input is read as robots.txt, as a Retry-After, as a URL, and as a Location. Nothing may raise, and nothing may lead out
of scope. The program ends by itself after `-max_total_time` seconds; a finding is written to a file and ends it at once.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import UTC, datetime

import atheris

with atheris.instrument_imports(include=["scraper"]):
    from scraper import urls
    from scraper.fetch import guard, redirects, retry, robots_rules
    from scraper.model import Exchange, Reason, Request, Role

SCOPE = "outlet.example"
HOME = f"http://{SCOPE}/en/"
NOW = datetime(2026, 8, 22, tzinfo=UTC)
MOVED = Exchange(
    request=Request(source="outlet", url=HOME, role=Role.ARTICLE, reason=Reason.NEW),
    url=HOME,
    started_at=NOW,
    fetched_at=NOW,
    status=302,
)


def one_input(data: bytes) -> None:
    """Read one input in every way; any exception, and any way out of scope, is a finding."""
    allowed, rule = robots_rules.read(data, "scraper").decide(HOME)
    assert isinstance(allowed, bool)
    assert rule
    text = data.decode("latin-1")
    assert 0 <= retry.retry_after(text, NOW).total_seconds() <= 24 * 60 * 60
    admitted, complaint = guard.admit(text)
    if complaint is None:
        assert urls.canonical(admitted) == admitted
    moved = replace(MOVED, headers=(("Location", text),))
    following = redirects.next_hop(moved, lambda url: guard.in_scope(url, (SCOPE,)))
    assert following is None or urls.host(following.url) == SCOPE


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
