"""The outlet of the fault tests: two hosts, a web archive of one of them, and the ground truth of what each answered.

No two answers are alike: each says its number. A worker asks a host for the next page only when the last one is archived,
so every answer but a host's last is one that the worker has acknowledged.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime

from scraper import urls
from tests.fast_outlet import HOST, article_page, article_url, fast_outlet
from tests.web_server import Answer, Asked, WebServer, page

HOSTS = {"fast": HOST, "beside": "beside.example"}
MEMENTOS = tuple(
    (f"2025-12-{day:02d}-{number:03d}", f"202512{day:02d}10{number:02d}00")
    for day in range(1, 6)
    for number in range(1, 5)
)
"""What the web archive has: serials of the outlet's articles, and the moments at which it saw them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """One answer: from which host, to which address, with which body."""

    host: str
    url: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """A running outlet, and all that it answered."""

    web: WebServer
    given: list[Given] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def address(self) -> str:
        """Where both hosts are."""
        return f"127.0.0.1:{self.web.port}"

    def number(self) -> int:
        """How many answers were given."""
        with self.lock:
            return len(self.given)

    def since(self, number: int, *, whole: bool) -> Sequence[Given]:
        """The answers given since there were so many; without each host's last, unless the worker ended by itself (`whole`)."""
        with self.lock:
            found = self.given[number:]
        last = {} if whole else {one.host: one for one in found}
        return [one for one in found if last.get(one.host) is not one]

    def answer(self, host: str, url: str, body: bytes, *headers: tuple[str, str]) -> Answer:
        """An answer like no other."""
        with self.lock:
            body += f"<!-- answer {len(self.given)} -->".encode()
            self.given.append(Given(host=host, url=url, sha256=hashlib.sha256(body).hexdigest()))
        return page(body, headers=headers)


@contextmanager
def outlet(a_day: int, newest: int) -> Iterator[Outlet]:
    """The outlet with so many articles a day, and in the list of the newest."""
    with fast_outlet(a_day, newest) as web:
        truth = Outlet(web=web)
        answers = web.routes["/en/index.php"]
        assert callable(answers)

        def numbered(asked: Asked) -> Answer:
            (_, body) = answers(asked).steps
            assert isinstance(body, bytes)
            host = asked.header("host") or ""
            return truth.answer(host, f"http://{host}{asked.target}", body)

        web.routes["/en/index.php"] = numbered
        web.routes["/cdx"] = page(_index())
        for serial, moment in MEMENTOS:
            web.routes[urls.target(urls.canonical(f"{web.url('/web/')}{moment}id_/{article_url(serial)}"))] = _replay(
                truth, serial, moment
            )
        yield truth


def _index() -> bytes:
    names = ["urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length"]
    rows = [
        ["example,news)/", moment, article_url(serial), "text/html", "200", "-", "9"] for serial, moment in MEMENTOS
    ]
    return json.dumps([names, *rows]).encode()


def _replay(truth: Outlet, serial: str, moment: str) -> Callable[[Asked], Answer]:
    at = datetime.strptime(moment, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    stated = ("Memento-Datetime", format_datetime(at, usegmt=True))
    return lambda _asked: truth.answer("web.archive", article_url(serial), article_page(serial), stated)
