"""A drafted declaration is TOML, whatever an outlet calls itself, and says what was drafted."""

from __future__ import annotations

import tomllib
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from scraper.config import joined, load, shipped
from scraper.config.draft import Draft, Line, table, written

_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
_patterns = st.sampled_from([r"^/news/\d+\.html(?:\?|$)", "^/it's/", '^/"q"/', r"^/a\x27b/"])
CONFIG = load(shipped(), {})


def line(value: st.SearchStrategy[str]) -> st.SearchStrategy[Line]:
    """A value with any comment."""
    return st.builds(Line, value=value, comment=_text)


_drafts = st.builds(
    Draft,
    origin=_text,
    source_id=st.just("herald"),
    name=line(_text.filter(bool)),
    language=line(_text.filter(bool)),
    timezone=line(st.sampled_from(["Asia/Seoul", "UTC"])),
    hosts=st.just(("www.herald.example",)),
    articles=st.lists(line(_patterns), max_size=2).map(tuple),
    articles_from=_text,
    listings=st.lists(line(_patterns), max_size=2).map(tuple),
    listing_dates=st.lists(line(_patterns), max_size=1).map(tuple),
    every=line(st.sampled_from(["30m", "1h"])),
    per_day=line(st.sampled_from(["", "[1, 20]"])),
    discover=st.lists(line(st.just(table(url="http://www.herald.example/it's"))), max_size=2).map(tuple),
    backfill=st.lists(line(st.just(table(kind="sitemap", url="http://www.herald.example/s.xml"))), max_size=1).map(
        tuple
    ),
    gap=line(st.just("5s")),
    remarks=st.lists(_text, max_size=2).map(tuple),
)


@given(_drafts)
def test_a_draft_is_a_declaration(draft: Draft) -> None:
    """The file loads beside the shipped sources, with every value as drafted and none of a comment's."""
    text = written(draft)
    told = tomllib.loads(text)
    assert (told["name"], told["language"]) == (draft.name.value, draft.language.value)
    assert told["articles"] == [each.value for each in draft.articles] or told["articles"] == ["^/FILL-IN/"]
    assert told["listings"] == [each.value for each in draft.listings]
    assert told.get("per_day") == ([1, 20] if draft.per_day.value else None)
    assert len(told["discover"]) == len(draft.discover)
    source = joined(CONFIG, Path("sources/herald.toml"), text.encode(), {}).source("herald")
    assert (source.parser, source.timezone, source.politeness.gap) == ("generic", draft.timezone.value, 5)
    assert source.declaration == text.encode()
