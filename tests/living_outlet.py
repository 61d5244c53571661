"""An outlet on loopback that a test changes while real jobs look at it: articles, one list, and whatever else it answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from scraper import app
from scraper.config import load
from scraper.jobs import look
from scraper.jobs.crawl import crawl, recheck
from scraper.jobs.services import Services
from scraper.model import Change, ChangeKind, Source
from scraper.policy.selection import EVERYTHING, Selection
from tests.fetch_support import StepClock
from tests.story_archive import detail_page
from tests.test_struggling_hosts import LIST, ROW, article, outlet
from tests.web_server import Route, WebServer, page

SUBJECTS = ("harvest", "ferry", "school", "bridge", "museum", "orchard", "railway", "library", "harbour", "theatre")


@dataclass(slots=True, kw_only=True)
class Living:
    """The outlet, the archive that follows it, and the clock of both."""

    web: WebServer
    services: Services
    clock: StepClock
    titles: dict[int, str] = field(default_factory=dict)

    @property
    def source(self) -> Source:
        """The outlet as it is declared."""
        return self.services.config.sources[0]

    def give(self, *numbers: int, said: str = "The work was finished in time.", title: str | None = None) -> None:
        """Publish articles, or write them anew."""
        for number in numbers:
            subject = SUBJECTS[number % len(SUBJECTS)]
            self.titles[number] = title or f"News of the {subject}, part {number}"
            text = f"Workers of the {subject} met on day {number} to speak of what they had done."
            body = detail_page(self.titles[number], text, said, f"Guests of the {subject} came by train and by boat.")
            self.web.routes[article(number)] = page(body.encode())

    def show(self, *numbers: int) -> None:
        """Let the list have these rows, from its top."""
        rows = "".join(ROW.format(url=article(each), number=each) for each in numbers)
        self.web.routes[LIST] = page(f"<html><main>{rows}</main></html>".encode())

    def answer(self, route: Route, *numbers: int) -> None:
        """Answer for these articles otherwise."""
        self.web.routes.update(dict.fromkeys(map(article, numbers), route))

    def tick(self, hours: float = 2, times: int = 1) -> None:
        """What the daemon does, so many hours after the last time."""
        for _ in range(times):
            self.clock.sleep(timedelta(hours=hours).total_seconds())
            crawl(self.services, self.source)
            recheck(self.services, self.source)

    def changes(self, wanted: Selection = EVERYTHING) -> tuple[Change, ...]:
        """What `scraper changes` lists."""
        return look.changes(self.services, [self.source], wanted).changes

    def told(self) -> list[tuple[ChangeKind, int]]:
        """The changes as kind and number of the article, in the order in which they are listed."""
        return [(each.kind, int(each.url.rpartition("/")[2], 16)) for each in self.changes()]


@contextmanager
def living(
    directory: Path, numbers: Sequence[int] = range(8), *, declared: Mapping[str, str] | None = None, settings: str = ""
) -> Iterator[Living]:
    """An outlet with some articles that are all held; `declared` replaces text of its declaration."""
    clock = StepClock()
    with outlet({}, directory) as (web, config):
        path = config / "sources/outlet.toml"
        text = path.read_text(encoding="utf-8")
        for old, new in (declared or {}).items():
            assert old in text
            text = text.replace(old, new, 1)
        path.write_text(text, encoding="utf-8")
        with (config / "scraper.toml").open("a", encoding="utf-8") as file:
            file.write(settings)
        with app.services(load(config, {}), clock=clock, processes=0) as services:
            made = Living(web=web, services=services, clock=clock)
            made.give(*numbers)
            made.show(*numbers)
            made.tick()
            made.tick()
            assert made.told() == []
            yield made
