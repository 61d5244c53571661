"""What a tick of the daemon tells of changes, with real jobs on a real outlet: in the log, in the feed, in the outbox."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from scraper.daemon import tick
from scraper.daemon.health import Health
from scraper.daemon.news import News
from scraper.errors import ScraperError
from scraper.model import Report
from tests.living_outlet import Living, living
from tests.web_server import status

GONE = range(21)


def ticked(here: Living, news: News, hours: float) -> list[str]:
    """What one tick, so many hours later, logs."""
    said: list[str] = []

    def log(event: str, _report: Report | None, about: str) -> None:
        said.append(f"{event} {about}")

    def fail(error: ScraperError) -> None:
        raise error

    here.clock.sleep(hours * 3600)
    tick(news, here.source, Health(here.clock, {}), log, fail)
    return said


def test_a_mass_deletion_is_logged_while_it_goes_on(tmp_path: Path) -> None:
    """At the tick that makes it one, with its size; not at the next, which adds nothing. The feed has it as well."""
    with living(tmp_path, range(23)) as here:
        settings = replace(here.services.config.settings, atom=str(tmp_path / "changes.atom"))
        here.services = replace(here.services, config=replace(here.services.config, settings=settings))
        news = News(here.services)
        assert ticked(here, news, 1) == ["crawl outlet outlet", "recheck outlet outlet"]
        here.answer(status(404), *GONE)
        (line,) = [each for each in ticked(here, news, 24) if "mass-deletion" in each]
        assert "outlet: 21 articles from " in line
        assert [each for each in ticked(here, news, 24.2) if "mass-deletion" in each] == []
        assert "outlet: mass-deletion: 21 articles" in (tmp_path / "changes.atom").read_text(encoding="utf-8")
        # A feed that cannot be written is said, and stops nothing.
        settings = replace(settings, atom=str(tmp_path / "missing/changes.atom"))
        news.services = replace(here.services, config=replace(here.services.config, settings=settings))
        assert any(each.startswith("feed not written cannot write ") for each in ticked(here, news, 24))
