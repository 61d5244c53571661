"""Every saved page under tests/sites gives exactly what the JSON beside it says: one test per page and field.

A fixture is a folder `tests/sites/<parser>/<slug>/` as `scraper.jobs.fixture` describes it; `scraper fixture` writes one.
Where the expectation is missing it is written from what the parser said. One that was written so fails its test until a
person has read it word by word and taken out the line that says it is not reviewed. Fields with nothing in them are left out
of the files; every field is tested, also those that are left out.
"""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from scraper.errors import ParseError
from scraper.jobs import fixture
from scraper.jobs.fixture import EXPECTATIONS
from scraper.model import Parsed
from scraper.parse import LAYOUTS

ROOT = Path(__file__).parent / "sites"
SAVED = sorted(path.parent for path in ROOT.glob("*/*/capture.json"))
FIXTURES = [folder for folder in SAVED if list(folder.glob("page.*"))]
ALL_LAYOUTS = sorted((parser, layout.id) for parser, layouts in LAYOUTS.items() for layout in layouts)


def _name(folder: Path) -> str:
    return f"{folder.parent.name}/{folder.name}"


def _cases() -> list[Any]:
    known = [(folder, expectation.name) for folder in FIXTURES if (expectation := fixture.expectation(folder))]
    return [
        pytest.param(folder, field, id=f"{_name(folder)}-{field}")
        for folder, name in known
        for field in EXPECTATIONS[name]
    ]


@cache
def outcome(folder: Path) -> Parsed | ParseError:
    """What the parser makes of a fixture's page."""
    return fixture.load(folder).read()


def _expectation(folder: Path) -> tuple[Path, dict[str, Any], dict[str, Any]]:
    """The file of a fixture's expectation, what it says, and what the parser says now, as text or as facts like the file."""
    path = fixture.expectation(folder)
    assert path is not None
    name, content = fixture.actual(outcome(folder), as_facts=fixture.holds_facts(path))
    assert name == path.name, content
    return path, fixture.expected(path), content


@pytest.mark.parametrize("folder", SAVED, ids=_name)
def test_has_a_reviewed_expectation(folder: Path) -> None:
    """A page without an expectation gets one to review, and fails until somebody has; facts may be of a page kept elsewhere."""
    path = fixture.expectation(folder)
    if folder not in FIXTURES:
        assert path is not None
        assert fixture.holds_facts(path), f"{_name(folder)} has no page, and its expectation is not of facts"
        pytest.skip(f"{_name(folder)}: its page is not here")
    if path is None:
        path = fixture.generate(folder, outcome(folder))
        pytest.fail(f"{_name(folder)}/{path.name} is written from what the parser said: {fixture.REVIEW}")
    assert fixture.is_reviewed(path), f"{_name(folder)}/{path.name} is not reviewed: {fixture.REVIEW}"


@pytest.mark.parametrize("folder", FIXTURES, ids=_name)
def test_expectation_is_of_the_right_kind(folder: Path) -> None:
    """A page is read as article, listing or refused as expected, and the file names known fields, none of them empty."""
    path, expected, _ = _expectation(folder)
    assert set(expected) <= set(EXPECTATIONS[path.name])
    assert all(value not in (None, "", [], {}) for value in expected.values())


@pytest.mark.parametrize(("folder", "field"), _cases())
def test_field(folder: Path, field: str) -> None:
    """The field is what the file says; a field the file leaves out is empty."""
    _, expected, actual = _expectation(folder)
    assert actual.get(field) == expected.get(field)


@pytest.mark.parametrize("folder", FIXTURES, ids=_name)
def test_laws(folder: Path) -> None:
    """Articles name their snapshot, their layout and their source; rows and images have absolute addresses."""
    read = outcome(folder)
    if isinstance(read, ParseError):
        return
    assert len({article.key for article in read.articles}) == len(read.articles)
    for article in read.articles:
        assert article.snapshot_sha256 == sha256(fixture.load(folder).page.body).hexdigest()
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
