"""A suspected deletion is asked about from a second vantage: real servers, and a real proxy that leads to another of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from scraper.catalogue import queries
from scraper.config import SecondSettings
from scraper.jobs.rebuild import rebuild
from scraper.model import ChangeKind, Channel, Reason, Verdict
from tests.fetch_proxy import proxying
from tests.living_outlet import Living, living
from tests.test_struggling_hosts import article
from tests.test_verdicts_in_runs import assert_rebuilt
from tests.web_server import WebServer, page, status

DAY = 24.2


@dataclass(slots=True, kw_only=True)
class Both:
    """An outlet as it is seen from here, and what it answers those who come through the proxy."""

    here: Living
    there: WebServer


@pytest.fixture
def both(tmp_path: Path) -> Iterator[Both]:
    """Six articles that are held, with `[second]` declared."""
    with WebServer({}) as there, proxying(there.port) as proxy, living(tmp_path, range(6)) as here:
        second = SecondSettings(proxy=f"http://127.0.0.1:{proxy.port}", vantage="elsewhere")
        settings = replace(here.services.config.settings, second=second)
        here.services = replace(here.services, config=replace(here.services.config, settings=settings))
        yield Both(here=here, there=there)


def test_what_others_are_given_is_not_gone(both: Both) -> None:
    """404 here and the article there, for a week: no suspicion, and the article that was seen there is held."""
    both.there.routes[article(2)] = both.here.web.routes[article(2)]
    both.here.answer(status(404), 2)
    both.here.tick(DAY, times=7)
    assert both.here.told() == []
    assert both.there.targets().count(article(2)) >= 4
    (key,) = {
        each.key for each in both.here.services.archive.captures(on_damage=print) if each.url.endswith(article(2))
    }
    seen = queries.observations(both.here.services.database, "outlet", key)
    assert {(each.vantage, each.verdict) for each in seen} == {
        ("", Verdict.ARTICLE),
        ("", Verdict.GONE),
        ("elsewhere", Verdict.ARTICLE),
    }
    assert_rebuilt(both.here.services)


def test_what_is_denied_everywhere_is_told_with_both(both: Both) -> None:
    """404 here and there: the deletion is confirmed after three answers in three days, and says that it was seen from both."""
    both.there.routes[article(2)] = status(404)
    both.here.answer(status(404), 2, 3)
    both.there.routes[article(3)] = page(b"<title>Web Page Blocked</title>")
    both.here.show(0, 1, 4, 5)
    both.here.tick(DAY, times=3)
    assert ChangeKind.CONFIRMED_GONE not in [kind for kind, _ in both.here.told()]
    both.here.tick(DAY, times=2)
    confirmed = {each.url[-1]: each for each in both.here.changes() if each.kind is ChangeKind.CONFIRMED_GONE}
    assert confirmed["2"].detail == "seen from elsewhere and here"
    assert confirmed["3"].detail == "seen from one vantage"
    records = [each for each in both.here.services.archive.captures(on_damage=print) if each.reason is Reason.SECOND]
    assert {(each.vantage, each.channel) for each in records} == {("elsewhere", Channel.PROXY)}
    before = both.here.changes()
    rebuild(both.here.services)
    assert both.here.changes() == before


def test_a_proxy_that_is_down_changes_nothing(both: Both) -> None:
    """The outlet is asked no more often, and the deletion is confirmed as without it."""
    settings = both.here.services.config.settings
    down = replace(settings, second=SecondSettings(proxy="http://127.0.0.1:9"))
    both.here.services = replace(both.here.services, config=replace(both.here.services.config, settings=down))
    both.here.answer(status(404), 2)
    before = both.here.web.targets().count(article(2))
    both.here.tick(6, times=24)
    assert both.here.web.targets().count(article(2)) - before == 6
    assert (ChangeKind.CONFIRMED_GONE, 2) in both.here.told()
