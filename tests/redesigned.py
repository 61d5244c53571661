"""The replica outlets under a new template: every class and id renamed; and a parser that has been mended for it.

The words, addresses and order of everything stay as they were: only what selectors go by is gone, as when an outlet is
redesigned over night.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256

from scraper.catalogue.reading import Reading
from scraper.clock import Clock
from scraper.demo.outlets.answer import Answer, Asked
from scraper.demo.replica import Replica
from scraper.jobs.reader import read_page
from scraper.model import Article, Page, Sighting, Source
from scraper.urls import target

_NAMED = re.compile(rb"""\b(class|id)=(["'])(?!v2-)([^"']+)""")
_RENAMED = re.compile(rb"""\b(class|id)=(["'])v2-([^"']+)""")

Pages = Callable[[str, str], bool]
"""Whether the page of a host at a target is served under the new template."""


def nothing(_host: str, _target: str) -> bool:
    """Everything as it was."""
    return False


class Redesigned(Replica):
    """The replica outlets; what `renamed` says is served under the new template."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.renamed: Pages = nothing

    def respond(self, host: str, asked: Asked) -> Answer:
        """The answer, its classes and ids renamed where the outlet is redesigned."""
        if not self.renamed(host, asked.target):
            return super().respond(host, asked)
        # A redesigned page has other bytes than the one whose validators are sent.
        plain = {name: value for name, value in asked.headers.items() if not name.startswith("if-")}
        answer = super().respond(host, replace(asked, headers=plain))
        headers = tuple(pair for pair in answer.headers if pair[0] not in {"ETag", "Last-Modified"})
        return replace(answer, body=renamed(answer.body), headers=headers)


def renamed(body: bytes) -> bytes:
    """A page with other classes and ids; no element, word or address changes."""
    return _NAMED.sub(rb"\1=\2v2-\3 v2-wide", body)


def articles_of(source: Source) -> Pages:
    """The pages of a source's articles."""
    return lambda host, path: host in source.hosts and _is_article(source, f"http://{host}{path}")


def lists_of(source: Source) -> Pages:
    """All other pages of a source."""
    return lambda host, path: host in source.hosts and not _is_article(source, f"http://{host}{path}")


def mended(page: Page, source: Source, lead: Sighting | None) -> Reading:
    """A parser that reads both templates: what somebody writes after the alarm."""
    old = re.sub(rb" v2-wide(?=[\"'])", b"", _RENAMED.sub(rb"\1=\2\3", page.body))
    reading = read_page(replace(page, body=old), source, lead)
    articles = tuple(_of(page, article) for article in reading.parsed.articles)
    return replace(reading, parsed=replace(reading.parsed, articles=articles))


def _of(page: Page, article: Article) -> Article:
    return replace(article, snapshot_sha256=sha256(page.body).hexdigest(), parser=article.parser + "-mended")


def _is_article(source: Source, url: str) -> bool:
    return any(re.search(pattern, target(url)) for pattern in source.articles)
