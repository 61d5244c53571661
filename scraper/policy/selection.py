"""Which changes somebody asked for: by kind, outlet day, size and title.

Hides the defaults: a cosmetic change is given to nobody who does not name it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, tzinfo

from scraper.model import Change, ChangeKind
from scraper.parse.text import fold


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What a change must be. Empty `kinds` are all but cosmetic; `since` and `until` are outlet days, both included.

    `min_words` counts the words removed and added, and is asked of edits and new titles only: a deletion has none.
    `title` is looked for in the title, whatever its case.
    """

    kinds: frozenset[ChangeKind] = frozenset()
    since: date | None = None
    until: date | None = None
    min_words: int = 0
    title: str = ""

    def takes(self, change: Change, zone: tzinfo) -> bool:
        """Whether a change, seen at an outlet in `zone`, is asked for."""
        if change.kind not in self.kinds and (self.kinds or change.kind is ChangeKind.COSMETIC):
            return False
        day = change.after_at.astimezone(zone).date()
        if (self.since and day < self.since) or (self.until and day > self.until):
            return False
        if change.kind in _SIZED and change.words_removed + change.words_added < self.min_words:
            return False
        return fold(self.title).casefold() in fold(change.title).casefold()


EVERYTHING = Selection()
_SIZED = (ChangeKind.EDITED, ChangeKind.RETITLED)
