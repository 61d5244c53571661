"""What a new reading of archived pages says otherwise: by source, field and layout, with a few samples each.

Hides how a field's value is shown as words. These are differences between parsers, never between captures: none of them is
a `Change`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, is_dataclass

from rapidfuzz.distance import Levenshtein

from scraper.model import Article, Difference, Sample, WordOp

OUTCOME = "outcome"
NUMBER = "number of articles"
_UNSHOWN = frozenset({"parser", "snapshot_sha256", "text_sha256"})
"""Fields whose values say nothing to a reader of samples."""

Where = tuple[str, str, str, str]
"""Source, field, layout before, layout after."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reread:
    """One page as it was read before and is read now."""

    source: str
    url: str
    record: str
    outcomes: tuple[str, str]
    layouts: tuple[str, str]
    before: Sequence[Article]
    after: Sequence[Article]


def changed_fields(page: Reread) -> dict[str, tuple[object, object]]:
    """The fields in which a page reads otherwise, with both values of the first article that differs in them."""
    found: dict[str, tuple[object, object]] = {}
    if page.outcomes[0] != page.outcomes[1]:
        found[OUTCOME] = page.outcomes
    if len(page.before) != len(page.after):
        found[NUMBER] = (str(len(page.before)), str(len(page.after)))
        return found
    for old, new in zip(page.before, page.after, strict=True):
        if old == new:
            continue
        for field in fields(Article):
            values = getattr(old, field.name), getattr(new, field.name)
            if values[0] != values[1]:
                found.setdefault(field.name, values)
    return found


class Tally:
    """Counts differences page by page, and keeps at most `samples` of each kind: its size does not grow with the pages."""

    def __init__(self, samples: int) -> None:
        self._samples = samples
        self._pages: dict[Where, int] = {}
        self._kept: dict[Where, list[Sample]] = {}

    def add(self, page: Reread) -> tuple[str, ...]:
        """Count what differs on one page; the names of the fields."""
        changed = changed_fields(page)
        for name, (old, new) in changed.items():
            where = (page.source, name, *page.layouts)
            self._pages[where] = self._pages.get(where, 0) + 1
            kept = self._kept.setdefault(where, [])
            if len(kept) < self._samples and name not in _UNSHOWN:
                kept.append(Sample(url=page.url, record=page.record, operations=words(shown(old), shown(new))))
        return tuple(changed)

    def differences(self) -> tuple[Difference, ...]:
        """All that differs, ordered by source, field and layouts."""
        return tuple(
            Difference(
                source=where[0],
                field=where[1],
                before=where[2],
                after=where[3],
                pages=self._pages[where],
                samples=tuple(self._kept[where]),
            )
            for where in sorted(self._pages)
        )


def shown(value: object) -> str:
    """A field's value as text: one line for each of several, the parts of a compound side by side, nothing for None."""
    if value is None:
        return ""
    if isinstance(value, tuple):
        return "\n".join(map(shown, value))
    if is_dataclass(value):
        parts = (shown(getattr(value, field.name)) for field in fields(value))
        return " ".join(part for part in parts if part)
    return str(value)


def words(before: str, after: str) -> tuple[WordOp, ...]:
    """The word-level operations between two texts, character for character: nothing is folded away here."""
    old, new = before.split(), after.split()
    return tuple(
        WordOp(
            op=code.tag,
            before=" ".join(old[code.src_start : code.src_end]),
            after=" ".join(new[code.dest_start : code.dest_end]),
        )
        for code in Levenshtein.opcodes(old, new)
    )
