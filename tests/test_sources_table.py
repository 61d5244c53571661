"""The table of layouts in docs/sources.md is the one that the layouts, fixtures and saved pages give."""

from __future__ import annotations

from pathlib import Path

import pytest

from scraper.parse import LAYOUTS, parse
from scraper.parse.layout import Grade
from tests.real_pages import REAL, Saved
from tests.sources_table import PAGE, written

_BY_ID = {layout.id: layout for layouts in LAYOUTS.values() for layout in layouts}


def test_the_table_is_up_to_date() -> None:
    """Mend with `make docs`."""
    text = PAGE.read_text(encoding="utf-8")
    assert written(text) == text, "run `make docs` and commit docs/sources.md"


def test_grades_of_real_bytes_have_such_bytes() -> None:
    """Real pages and fragments are claimed for the layouts that such a page or fragment is kept of, and for no other."""
    claimed = {name for name, layout in _BY_ID.items() if layout.grade in (Grade.REAL_PAGES, Grade.FRAGMENTS)}
    assert claimed == {saved.layout for saved in REAL}


@pytest.mark.shared
@pytest.mark.parametrize("saved", REAL, ids=lambda saved: saved.file)
def test_saved_pages_are_read_by_the_layout_that_is_counted(shared: Path, saved: Saved) -> None:
    """Each real page is counted for the layout that reads it; a fragment's grade is not that of a whole page."""
    parsed = parse(saved.page(shared), source=saved.parser, parser=saved.parser)
    assert parsed.layout == saved.layout
    fragment = "/fragments/" in saved.file or ".fragment." in saved.file
    assert _BY_ID[saved.layout].grade is (Grade.FRAGMENTS if fragment else Grade.REAL_PAGES)
