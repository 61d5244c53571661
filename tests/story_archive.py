"""An archive told page by page: an answer of an outlet, archived, indexed and read as a worker does it, without a network.

The declarations are the shipped ones; the pages are of those outlets' templates, with made-up articles.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from scraper import app
from scraper.config import load
from scraper.jobs.services import Services
from scraper.jobs.take import keep, understand
from scraper.model import Capture, Exchange, Failure, Reason, Request, Role
from tests.commands import ROOT
from tests.fetch_support import StepClock

START = datetime.fromisoformat("2026-06-20T03:00:00+00:00")
KCNA = "http://www.kcna.kp/en/article"
_HTML = (("Content-Type", "text/html; charset=utf-8"),)


@dataclass(slots=True, kw_only=True)
class Story:
    """Services over an archive in a directory, and a clock that goes on by an hour with every answer."""

    services: Services
    clock: StepClock
    config: Path
    captures: list[Capture] = field(default_factory=list)

    def answer(
        self,
        url: str,
        body: str = "",
        *,
        status: int = 200,
        role: Role = Role.ARTICLE,
        days: float = 1 / 24,
        came_from: Capture | None = None,
        headers: tuple[tuple[str, str], ...] = _HTML,
    ) -> Capture:
        """Archive, index and read one answer, some days after the one before."""
        self.clock.sleep(timedelta(days=days).total_seconds())
        source = self.services.config.owner(url)
        assert source is not None, url
        exchange = Exchange(
            request=Request(source=source.id, url=url, role=role, reason=Reason.NEW),
            url=url,
            started_at=self.clock.now(),
            fetched_at=self.clock.now(),
            status=status or None,
            failure=None if status else Failure.TIMEOUT_READ,
            headers=headers,
            body=body.encode(),
            redirected_from=came_from.record if came_from else None,
        )
        capture = keep(self.services, source, exchange)
        understand(self.services, source, capture, exchange.body)
        self.captures.append(capture)
        return capture


@contextmanager
def story(directory: Path) -> Iterator[Story]:
    """An empty archive in a directory, and its services."""
    config = directory / "config"
    shutil.copytree(ROOT / "config", config)
    settings = (config / "scraper.toml").read_text(encoding="utf-8")
    settings = settings.replace("file://./archive/store", f"file://{directory}/store")
    settings = settings.replace("sqlite:///archive/", f"sqlite:///{directory}/")
    (config / "scraper.toml").write_text(settings, encoding="utf-8")
    clock = StepClock(START)
    with app.services(load(config, {}), clock=clock, processes=0) as services:
        yield Story(services=services, clock=clock, config=config)


def q_page(title: str, *paragraphs: str, day: str = "2026.06.20.") -> str:
    """A page of KCNA's `q/` template, with its date at the end."""
    text = "".join(f"<p>{each}</p>\n" for each in paragraphs)
    return (
        f"<html><head><title>KCNA</title></head><div class='container'>"
        f"<div class='article-content-title'><div class='article-main-title'>{title}</div></div>"
        f"<div class='article-content-body'><div class='content-wrapper'>{text}"
        f"<span class='publish-time'>www.kcna.kp ({day})</span></div></div></div></html>"
    )


def detail_page(title: str, *paragraphs: str) -> str:
    """A page of KCNA's `list/detail` template, which has no date."""
    text = "".join(f"<p>{each}</p>\n" for each in paragraphs)
    return (
        f'<!DOCTYPE html><html lang="en"><head><title>KCNA | {title}</title></head><body><main><article>'
        f'<div class="container"><h1 class="text-center text-danger">{title}</h1>{text}</div></article></main></body></html>'
    )


def rodong_page(title: str, *paragraphs: str, day: str = "Jun. 20, Juche 115 (2026)") -> str:
    """An article window of Rodong Sinmun's `strPageID` template."""
    text = "".join(f'<p class="ArticleContent">{each}</p>' for each in paragraphs)
    return (
        f'<html><head><title>Rodong Sinmun</title></head><body><div class="ArticleMenuDate">{day}&nbsp;&nbsp;Friday</div>'
        f'<table><tr><td><p class="ArticleContent" align="center"><font>{title}</font></p>{text}'
        f'<p class="ArticleContent" align="right">Rodong Sinmun</p></td></tr></table></body></html>'
    )
