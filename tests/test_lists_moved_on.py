"""A list that moved on between two crawls, through the jobs: told, and made up for by another list that had it all."""

from __future__ import annotations

from pathlib import Path

import pytest

from scraper import app
from scraper.config import load
from scraper.jobs.check import check
from scraper.jobs.crawl import crawl
from scraper.model import Report
from tests.fast_outlet import configure, fast_outlet, latest_url, list_page
from tests.outside import Outside
from tests.test_set_right import target
from tests.web_server import WebServer, page


def serials(*numbers: int) -> list[str]:
    """Articles of two days, so that the list is no edition."""
    return [f"2026-03-0{1 + number % 2}-{number:03d}" for number in numbers]


def show(web: WebServer, *numbers: int, url: str = "") -> None:
    """Let a list of the outlet show some articles."""
    web.routes[target(url or latest_url())] = page(list_page(serials(*numbers)))


def told(report: Report) -> list[tuple[str, str]]:
    """What of the lists' moving on is told."""
    return [
        (finding.subject, finding.reason.partition(" between ")[0])
        for finding in report.findings
        if finding.kind == "unobserved" and "moved on" in finding.reason
    ]


@pytest.mark.parametrize("wide", [False, True])
def test_a_list_with_nothing_in_common_is_told_unless_another_had_it_all(tmp_path: Path, *, wide: bool) -> None:
    """Four new rows on a list of four: who knows how many came between? The other list does, which still has the old ones."""
    other = latest_url().replace("MkBAMkAxQA", "MkBAM0AxQA")
    with fast_outlet(1, 4) as web:
        config = configure(tmp_path, f"127.0.0.1:{web.port}")
        if wide:
            declared = config / "sources" / "fast.toml"
            text = declared.read_text(encoding="utf-8")
            both = text.replace("discover = [", f'discover = [{{ url = "{other}" }}, ', 1)
            declared.write_text(both, encoding="utf-8")
        with app.services(load(config, {}), processes=0) as services:
            source = services.config.source("fast")
            for newest in (range(1, 5), range(3, 7), range(7, 11)):
                show(web, *newest)
                show(web, *range(1, newest[-1] + 1), url=other)
                crawl(services, source)
            report = check(services, [source])
        assert told(report) == ([] if wide else [(latest_url(), "the list moved on by 4 rows or more")])
        assert any(", " in day.unobserved for day in report.days) is not wide
        Outside(config=config).assert_rebuilds()
