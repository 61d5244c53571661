"""Every saved page under tests/sites gives exactly what the JSON beside it says: one test per page and field.

A fixture is a folder `tests/sites/<parser>/<slug>/` with `page.html` or `page.xml`, `capture.json` (url, fetched_at,
method, headers) and one expectation: `article.json`, `listing.json` or `refused.json`. Where the expectation is
missing it is written from what the parser said, and the test fails: review the file, then commit it. Fields with
nothing in them are left out of the files; every field is tested, also those that are left out.
"""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from datetime import datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from scraper.errors import ParseError
from scraper.model import Article, Page, Parsed
from scraper.parse import LAYOUTS, parse

ROOT = Path(__file__).parent / "sites"
FIXTURES = sorted(path.parent for path in ROOT.glob("*/*/capture.json"))
PARSED_FIELDS = ("layout", "sightings", "listings")
# The digest of the page is the file's own, checked as a law below.
ARTICLE_FIELDS = tuple(field.name for field in fields(Article) if field.name != "snapshot_sha256")
EXPECTATIONS = {
    "article.json": (*ARTICLE_FIELDS, *PARSED_FIELDS),
    "listing.json": PARSED_FIELDS,
    "refused.json": ("error", "message"),
}
ALL_LAYOUTS = sorted((parser, layout.id) for parser, layouts in LAYOUTS.items() for layout in layouts)


def _name(folder: Path) -> str:
    return f"{folder.parent.name}/{folder.name}"


def _expectation(folder: Path) -> Path | None:
    found = [folder / name for name in EXPECTATIONS if (folder / name).exists()]
    assert len(found) <= 1, f"{_name(folder)}: one expectation to a page, not {len(found)}"
    return found[0] if found else None


def _cases() -> list[Any]:
    known = [(folder, expectation.name) for folder in FIXTURES if (expectation := _expectation(folder))]
    return [
        pytest.param(folder, field, id=f"{_name(folder)}-{field}")
        for folder, name in known
        for field in EXPECTATIONS[name]
    ]


def _page(folder: Path) -> Page:
    capture = json.loads((folder / "capture.json").read_text())
    (body,) = folder.glob("page.*")
    return Page(
        method=capture.get("method", "GET"),
        url=capture["url"],
        status=200,
        headers=tuple((name, value) for name, value in capture.get("headers", [])),
        fetched_at=datetime.fromisoformat(capture["fetched_at"]),
        body=body.read_bytes(),
    )


@cache
def outcome(folder: Path) -> Parsed | ParseError:
    """What the parser makes of a fixture's page."""
    try:
        return parse(_page(folder), source=folder.parent.name, parser=folder.parent.name)
    except ParseError as error:
        return error


def _plain(value: Any) -> Any:
    """The value as JSON has it, without empty fields inside."""
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items() if inner not in (None, "", (), [])}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value


def _actual(folder: Path) -> tuple[str, dict[str, Any]]:
    """The name of the expectation file this outcome belongs into, and its content."""
    read = outcome(folder)
    if isinstance(read, ParseError):
        return "refused.json", {"error": type(read).__name__, "message": str(read)}
    parsed = {field: value for field in PARSED_FIELDS if (value := _plain(asdict(read)[field]))}
    if not read.articles:
        return "listing.json", parsed
    (article,) = read.articles
    own = {field: value for field in ARTICLE_FIELDS if (value := _plain(asdict(article)[field]))}
    return "article.json", {**own, **parsed}


@pytest.mark.parametrize("folder", FIXTURES, ids=_name)
def test_has_an_expectation(folder: Path) -> None:
    """A page without an expectation gets one to review, and fails."""
    if _expectation(folder) is None:
        name, content = _actual(folder)
        (folder / name).write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n")
        pytest.fail(f"{_name(folder)}/{name} is written from what the parser said: review, then commit")


@pytest.mark.parametrize("folder", FIXTURES, ids=_name)
def test_expectation_is_of_the_right_kind(folder: Path) -> None:
    """A page is read as article, listing or refused as expected, and the file names known fields, none of them empty."""
    expectation = _expectation(folder)
    assert expectation is not None
    expected = json.loads(expectation.read_text())
    name, content = _actual(folder)
    assert name == expectation.name, content
    assert set(expected) <= set(EXPECTATIONS[name])
    assert all(value not in (None, "", [], {}) for value in expected.values())


@pytest.mark.parametrize(("folder", "field"), _cases())
def test_field(folder: Path, field: str) -> None:
    """The field is what the file says; a field the file leaves out is empty."""
    expectation = _expectation(folder)
    assert expectation is not None
    assert _actual(folder)[1].get(field) == json.loads(expectation.read_text()).get(field)


@pytest.mark.parametrize("folder", FIXTURES, ids=_name)
def test_laws(folder: Path) -> None:
    """Articles name their snapshot, their layout and their source; rows and images have absolute addresses."""
    read = outcome(folder)
    if isinstance(read, ParseError):
        return
    for article in read.articles:
        assert article.snapshot_sha256 == sha256(_page(folder).body).hexdigest()
        assert (article.parser, article.source) == (read.layout, folder.parent.name)
        assert article.published is None
        assert article.published_evidence is None
        assert all(image.url.startswith(("http://", "https://")) for image in article.images)
    addresses = [row.url for row in read.sightings] + [row.url for row in read.listings]
    assert all(address.startswith(("http://", "https://")) for address in addresses)


@pytest.mark.parametrize(("parser", "layout"), ALL_LAYOUTS)
def test_every_layout_has_a_page(parser: str, layout: str) -> None:
    """No layout is without a page that it reads."""
    read = (outcome(folder) for folder in FIXTURES if folder.parent.name == parser)
    assert layout in {parsed.layout for parsed in read if isinstance(parsed, Parsed)}
