"""Rows of the hostile-server suite: heads, framing and connections."""

from __future__ import annotations

from scraper.model import Failure, Verdict
from tests.hostile_server import ARTICLE, FOREVER, HTML, OTHER_WORDS, Row, body, endless, raw
from tests.web_server import CLOSE, RESET, head, page

_OK = b"HTTP/1.1 200 OK\r\n"
_HTML = b"Content-Type: text/html\r\n"
_LENGTH = f"Content-Length: {len(ARTICLE)}\r\n\r\n".encode()
_WHOLE = _OK + _HTML + _LENGTH + ARTICLE
_CHUNKED = _OK + _HTML + b"Transfer-Encoding: chunked\r\n\r\n"
_CHUNK = b"%x\r\n%s\r\n" % (len(ARTICLE), ARTICLE)
_FORGED = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged"


def _nothing(name: str, does: str, *steps: bytes | str, failure: Failure = Failure.PROTOCOL) -> Row:
    return Row(
        name=name,
        does=does,
        answer=raw(*steps),
        status=None,
        verdict=Verdict.FAILED,
        failure=failure,
        error="Transient",
        then=True,
    )


def _late(name: str, does: str, answer: object, failure: Failure) -> Row:
    row = _nothing(name, does, failure=failure)
    return Row(
        **{**{key: getattr(row, key) for key in ("name", "does", "status", "verdict", "failure", "error", "then")}},
        answer=answer,  # type: ignore[arg-type]
    )


def _cut(name: str, does: str, answer: object, failure: Failure) -> Row:
    return Row(
        name=name,
        does=does,
        answer=answer,  # type: ignore[arg-type]
        verdict=Verdict.TRUNCATED,
        failure=failure,
        error="Transient",
        then=True,
    )
