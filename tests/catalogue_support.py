"""Telling a catalogue what happened, and looking at it as a whole, for tests."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from scraper import urls
from scraper.catalogue import writing
from scraper.catalogue.database import Database
from scraper.catalogue.reading import ARTICLES, LISTING, Reading
from scraper.catalogue.tables import DERIVED
from scraper.model import Article, Capture, Parsed, Role, Sighting, Verdict
from tests.policy_support import NOON, capture, sighting

SOURCE = "outlet"
HOUR = timedelta(hours=1)


def address(name: str) -> str:
    """The URL of an article."""
    return f"http://outlet.example/{name}"


def name(url: str) -> str:
    """The end of a URL: what the tests tell articles by."""
    return url.rpartition("/")[2]


def key(article_name: str) -> str:
    """The key of an article's URL."""
    return urls.key(address(article_name))


def seen(article_name: str, verdict: Verdict = Verdict.ARTICLE, at: datetime = NOON, **more: Any) -> Capture:
    """A capture of an article, with a record key of its own."""
    url = address(article_name)
    made = capture(verdict, at, url=url, key=urls.key(url), **more)
    folder = f"captures/{made.source}/{at:%Y/%m/%d/%H%M%S}"
    return capture(verdict, at, url=url, key=urls.key(url), record=f"{folder}-{article_name}", **more)


def index(database: Database, made: Capture, identity: str | None = None) -> Capture:
    """Tell the catalogue of a capture."""
    writing.add_capture(database, made, identity or made.key)
    return made


def read(database: Database, made: Capture, *articles: Article, shown: tuple[Sighting, ...] = ()) -> Capture:
    """Tell the catalogue of a capture and of what was read from it."""
    index(database, made)
    outcome = ARTICLES if articles else LISTING
    writing.add_reading(database, made, Reading(outcome=outcome, parsed=Parsed(articles=articles)), shown)
    return made


def evidence(article_name: str, made: Capture, identity: str = "", **more: Any) -> Sighting:
    """A sighting as the jobs fill it in."""
    url = address(article_name)
    found = {"source": SOURCE, "key": urls.key(url), "identity": identity or urls.key(url), "capture": made.record}
    return sighting(url, **(found | more))


def list_of(database: Database, *shown: str, at: datetime = NOON, **more: Any) -> Capture:
    """A listing that shows some articles."""
    made = seen("list", Verdict.LISTING, at, role=Role.LISTING, sha256=f"{at.timestamp():064.0f}")
    return read(database, made, shown=tuple(evidence(each, made, **more) for each in shown))


def derived(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every derived table: what a rebuild must bring back."""
    return {table.name: database.dump(table) for table in DERIVED}
