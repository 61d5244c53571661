"""What a replica outlet is asked, and what it answers.

Hides nothing: two plain values and the page frame they share.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

HTML = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request. `target` is path and query as sent; header names are lower-case; `form` is a POST's fields.

    `fresh` is a word no other request was given: what a new session is named after.
    """

    method: str
    target: str
    headers: dict[str, str]
    form: dict[str, str]
    now: datetime
    fresh: str = ""

    @property
    def path(self) -> str:
        """The path alone."""
        return urlsplit(self.target).path

    @property
    def query(self) -> str:
        """The query alone, without its question mark."""
        return urlsplit(self.target).query


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One response. `modified`, where given, makes the server send validators and answer 304 to those who have it."""

    body: bytes
    status: int = 200
    content_type: str = HTML
    headers: tuple[tuple[str, str], ...] = ()
    modified: datetime | None = None


def text_answer(text: str, *, status: int = 200, content_type: str = "text/plain; charset=utf-8") -> Answer:
    """An answer of plain text: robots.txt, and what a server says when it has no page."""
    return Answer(body=text.encode(), status=status, content_type=content_type)


NOT_FOUND = Answer(body=b"<html><head><title>404 Not Found</title></head><body>Not Found</body></html>", status=404)
