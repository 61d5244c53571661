"""What the daemon tells of changes: into the outbox after every tick, and into the feed.

Hides the changes of each source as they were when it last ticked: the feed is of all of them, and no tick waits for another's.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from datetime import UTC
from pathlib import Path

from scraper.errors import UsageError
from scraper.export.atom import NEWEST, feed
from scraper.export.files import write
from scraper.jobs.notify import begin, collect, lately
from scraper.jobs.services import Services
from scraper.model import Change, ChangeKind, Source
from scraper.policy.selection import EVERYTHING


class News:
    """The newest changes of every source that has ticked; shared by the ticks."""

    def __init__(self, services: Services) -> None:
        self.services = services
        begin(services)
        self._lock = threading.Lock()
        self._newest: dict[str, tuple[Change, ...]] = {}
        self._written = ""

    def ticked(self, source: Source, found: Iterable[Change]) -> Iterator[tuple[str, str]]:
        """Look what is new at a source, and tell of it; what is to be logged, as event and words.

        `found` are the changes that the tick itself met: a mass deletion is logged while they add to it. Errors: CatalogueError.
        """
        settings = self.services.config.settings
        suspected = {each.id for each in found if each.kind is ChangeKind.SUSPECT_GONE}
        if not suspected and not settings.notify and settings.atom is None:
            return
        changes = lately(self.services, source)
        collect(self.services, source, changes)
        for each in changes:
            if suspected.intersection(each.members):
                yield each.kind.value, f"{source.id}: {each.title}"
        unwritten = self._feed(Path(settings.atom), source, changes) if settings.atom is not None else ""
        if unwritten:
            yield "feed not written", unwritten

    def _feed(self, path: Path, source: Source, changes: tuple[Change, ...]) -> str:
        settings = self.services.config.settings
        shown = [each for each in changes if EVERYTHING.takes(each, UTC)]
        with self._lock:
            self._newest[source.id] = tuple(sorted(shown, key=lambda each: each.after_at)[-NEWEST:])
            # Before every source has ticked, a feed would lack what the one before it had.
            if len(self._newest) < len(self.services.config.sources):
                return ""
            every = (each for newest in self._newest.values() for each in newest)
            text = feed(every, author=settings.contact or settings.product)
            if text == self._written and path.exists():
                return ""
            try:
                write(path, text)
            except UsageError as error:
                return str(error)
            self._written = text
        return ""
