"""Telling people of changes: once each, at least once whatever is killed, and never at the cost of what is archived."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from scraper.catalogue import outbox
from scraper.errors import ConfigError
from scraper.jobs.notify import collect, deliver, lately, notify, try_out
from scraper.model import ChangeKind, Target
from tests.commands import Running, scraper
from tests.living_outlet import Living, living
from tests.test_struggling_hosts import article
from tests.web_server import Answer, Asked, Wait, WebServer, page, status


class Desk:
    """A target: a server that apprise's `json://` posts to; what it took, in order."""

    def __init__(self, *, fails: int = 0) -> None:
        self.taken: list[dict[str, Any]] = []
        self.fails = fails
        self.web = WebServer({}, otherwise=self._answer)

    @property
    def address(self) -> str:
        """What apprise reaches it by."""
        return f"json://127.0.0.1:{self.web.port}/?cto=2&rto=2"

    @property
    def titles(self) -> list[str]:
        """The headlines that were taken."""
        return [each["title"] for each in self.taken]

    def _answer(self, asked: Asked) -> Any:
        if self.fails:
            self.fails -= 1
            return status(503)
        self.taken.append(json.loads(asked.body))
        return page(b"ok")


@pytest.fixture
def desk() -> Iterator[Desk]:
    """A target that takes everything."""
    made = Desk()
    with made.web:
        yield made


@pytest.fixture
def here(tmp_path: Path, desk: Desk) -> Iterator[Living]:
    """An outlet that is archived, and a desk that is told of it from now on."""
    with living(tmp_path) as made:
        told(made, Target(name="desk", addresses=(desk.address,)))
        notify(made.services, [made.source])
        assert desk.taken == []
        yield made


def told(here: Living, *targets: Target) -> None:
    """Declare who is told."""
    settings = replace(here.services.config.settings, notify=targets)
    here.services = replace(here.services, config=replace(here.services.config, settings=settings))


def test_each_change_is_told_once(here: Living, desk: Desk) -> None:
    """What was seen before anybody was declared is not told; an edit and a deletion are, once, with what is to be known of them."""
    here.give(2, said="The work was never finished.")
    here.answer(status(404), 4)
    here.tick(24)
    for _ in range(3):
        notify(here.services, [here.source])
        here.tick(1)
    changes = {each.kind: each for each in here.changes()}
    assert set(changes) == {ChangeKind.EDITED, ChangeKind.SUSPECT_GONE, ChangeKind.GONE_WHILE_LISTED}
    assert sorted(desk.titles) == sorted(f"outlet: {each.kind.value}: {each.title}" for each in changes.values())
    (edited,) = [each for each in desk.taken if "edited" in each["title"]]
    for said in (changes[ChangeKind.EDITED].id, changes[ChangeKind.EDITED].after, "never finished.+}", article(2)):
        assert said in edited["message"]


def test_rules_by_kind_source_and_words(here: Living, desk: Desk) -> None:
    """Each target is told of its own."""
    plain = Target(name="plain", addresses=(desk.address,))
    told(
        here,
        replace(plain, name="deletions", kinds=(ChangeKind.SUSPECT_GONE,)),
        replace(plain, name="others", sources=("another",)),
        replace(plain, name="large", kinds=(ChangeKind.EDITED,), min_words=5),
    )
    notify(here.services, [here.source])
    here.give(1, said="The work was stopped in time.")
    here.give(2, said="Nothing of what had been promised was ever built by anybody.")
    here.answer(status(404), 4)
    here.tick(24)
    notify(here.services, [here.source])
    assert sorted(desk.titles) == sorted(
        [f"outlet: edited: {here.titles[2]}", f"outlet: suspect-gone: {here.titles[4]}"]
    )


def test_a_target_that_fails_is_asked_ever_more_rarely(here: Living, desk: Desk) -> None:
    """Nothing is lost, nothing else waits for it, and the report says why; one that takes them at last gets each once."""
    desk.fails = 3
    here.give(1, 2, said="It came otherwise.")
    here.tick(24)
    collect(here.services, here.source, lately(here.services, here.source))
    waits = []
    for _ in range(3):
        report = deliver(here.services)
        assert [each.kind for each in report.findings] == ["not-notified"]
        assert desk.address not in report.findings[0].reason
        assert deliver(here.services).counts == (("waiting", 2),)
        standing = outbox.standing(here.services.database, "desk")
        assert standing is not None
        waits.append(standing.next_at - here.clock.now())
        here.clock.sleep(waits[-1].total_seconds())
    assert waits == [timedelta(minutes=1), timedelta(minutes=2), timedelta(minutes=4)]
    here.clock.sleep(3600)
    assert dict(deliver(here.services).counts) == {"sent": 2, "waiting": 0}
    assert len(desk.taken) == 2
    assert desk.taken[0] != desk.taken[1]


def test_a_kill_before_it_was_noted_tells_it_again(here: Living, desk: Desk) -> None:
    """In the outbox before anything is sent: what was sent and not noted is sent once more, and then never."""
    here.give(1, said="It came otherwise.")
    here.tick(24)
    assert collect(here.services, here.source, lately(here.services, here.source)) == 1
    # A kill between the target's answer and its note leaves this very outbox: the message sent, and waiting.
    (notice,) = outbox.waiting(here.services.database, "desk", here.clock.now(), 10)
    deliver(here.services)
    assert len(desk.taken) == 1
    assert outbox.waiting(here.services.database, "desk", here.clock.now(), 10) == ()
    assert outbox.add(here.services.database, [notice], here.clock.now()) == 0
    assert deliver(here.services).counts == (("waiting", 0),)
    assert len(desk.taken) == 1


def test_dry_run_and_test(here: Living, desk: Desk) -> None:
    """`--dry-run` says what would be told; `--test` tries an address; names and addresses that are not there are errors."""
    here.give(1, said="It came otherwise.")
    here.tick(24)
    tried = notify(here.services, [here.source], dry_run=True)
    assert [each.kind for each in tried.changes] == [ChangeKind.EDITED]
    assert desk.taken == []
    assert try_out(here.services, ["desk"]).counts == (("sent", 1), ("failed", 0))
    assert desk.titles == ["scraper: test"]
    with pytest.raises(ConfigError, match="'nobody': known are desk"):
        try_out(here.services, ["nobody"])
    told(here, Target(name="night-desk"))
    with pytest.raises(ConfigError, match="SCRAPER_NOTIFY_NIGHT_DESK: not set"):
        notify(here.services, [here.source])
    told(here, Target(name="desk", addresses=("nonsense",)))
    assert try_out(here.services, ["desk"]).exit_code() == 1


def test_a_daemon_that_is_killed_while_it_tells(tmp_path: Path, desk: Desk) -> None:
    """With real processes: killed before the target has answered, it tells the same change again, and the feed has it too."""
    asked: list[str] = []

    def slow(request: Asked) -> Answer:
        asked.append(json.loads(request.body)["title"])
        return Answer((Wait(60),))

    desk.web.routes["/"] = slow
    feed = tmp_path / "changes.atom"
    with living(tmp_path, range(3)) as here:
        here.give(1, said="It came otherwise.")
        config, env = tmp_path / "config", {"SCRAPER_NOTIFY_DESK": desk.address.replace("rto=2", "rto=60")}
        text = (config / "scraper.toml").read_text(encoding="utf-8")
        settings = f'{text}health = "off"\natom = "{feed}"\n[[notify]]\nname = "desk"\n'
        (config / "scraper.toml").write_text(settings, encoding="utf-8")
        refused = scraper("run", "--config", config)
        assert (refused.code, "SCRAPER_NOTIFY_DESK: not set" in refused.err) == (2, True)
        with Running("run", "--config", config, env=env) as daemon:
            daemon.wait_until(lambda: bool(asked), 90, "the target is told")
            daemon.kill()
        assert desk.taken == []
        del desk.web.routes["/"]
        with Running("run", "--config", config, env=env) as daemon:
            daemon.wait_until(lambda: bool(desk.taken), 90, "the target is told again")
            daemon.signal(signal.SIGTERM)
            daemon.end()
    assert desk.titles == asked == [f"outlet: edited: {here.titles[1]}"]
    assert f"<title>{asked[0]}</title>" in feed.read_text(encoding="utf-8")
