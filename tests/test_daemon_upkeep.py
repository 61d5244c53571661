"""What the daemon does for the archive itself, as a real process: copies what is new, and says what the store has lost."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from tests.commands import Running, scraper
from tests.fast_outlet import configure, fast_outlet
from tests.outside import Outside
from tests.test_stop import free_port


def said(port: int) -> dict[str, Any]:
    """What /healthz answers; nothing where nobody does."""
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        found: dict[str, Any] = json.loads(connection.getresponse().read())
    except OSError:
        return {}
    else:
        return found
    finally:
        connection.close()


@contextmanager
def daemon(directory: Path) -> Iterator[tuple[Running, int, Outside]]:
    """A daemon over an outlet of five articles, with a replica, that looks after the archive every second."""
    port = free_port()
    with fast_outlet(1, 5) as web:
        config = configure(directory, f"127.0.0.1:{web.port}", health=f"127.0.0.1:{port}")
        settings = config / "scraper.toml"
        replica = f'replica = "{(directory / "copy").as_uri()}"\nupkeep = "1s"\nlog_format = "json"\n'
        settings.write_text(replica + settings.read_text(encoding="utf-8"), encoding="utf-8")
        with Running("run", "--config", config) as running:
            yield running, port, Outside(config=config)


def objects(directory: Path) -> set[str]:
    """The objects of a local store."""
    return {
        path.relative_to(directory).as_posix()
        for path in directory.rglob("*")
        if path.is_file() and ".tmp" not in path.parts
    }


def test_what_is_lost_is_an_alarm_until_it_is_mended(tmp_path: Path) -> None:
    """Copied by the daemon, then lost from the store: the log and /healthz name it, `scraper health` ends with 5; and repaired."""
    store, copy = tmp_path / "store", tmp_path / "copy"
    with daemon(tmp_path) as (running, port, archive):
        running.wait_until(
            lambda: len(list(copy.rglob("*.zst"))) >= 6 and objects(copy) == objects(store), 60, "all is copied"
        )
        assert said(port)["status"] == "ok"
        lost = min(key for key in objects(store) if key.startswith("snapshots/"))
        (store / lost).unlink()
        running.wait_until(lambda: said(port).get("status") == "alarm", 60, "the loss is found")
        (alarm,) = said(port)["archive"]["reconcile"]
        assert alarm.startswith(f"lost: {lost}: ")
        told = scraper("health", "--config", archive.config)
        assert (told.code, lost in told.text) == (5, True)
        assert scraper("repair", lost, "--config", archive.config).code == 0
        running.wait_until(lambda: said(port).get("status") == "ok", 60, "the alarm is over")
        running.signal(signal.SIGTERM)
        ended = running.end(20)
    assert ended.code == 0
    # On a busy machine the scheduler says, in its own words, that a job is not through when it is due again.
    lines = [json.loads(line) for line in ended.err.splitlines() if line.startswith("{")]
    assert {line["subject"] for line in lines if line["event"] == "finding" and line["kind"] == "lost"} == {lost}
    assert "replicated" in {line["event"] for line in lines}


def test_a_replica_that_is_down_is_told_and_stops_nothing(tmp_path: Path) -> None:
    """It is asked again each time, and what was not copied is copied then."""
    copy = tmp_path / "copy"
    copy.write_text("a file where the replica should be")
    with daemon(tmp_path) as (running, port, archive):
        running.wait_until(lambda: bool(said(port).get("archive", {}).get("replicate")), 60, "the replica is missed")
        running.wait_until(lambda: len(list((tmp_path / "store").rglob("*.zst"))) >= 6, 60, "crawling goes on")
        copy.unlink()
        running.wait_until(lambda: said(port).get("archive", {}).get("replicate") == [], 60, "it is copied to again")
        running.signal(signal.SIGTERM)
        assert running.end(20).code == 0
    assert archive.objects().keys() >= objects(copy)
    assert len(list(copy.rglob("*.zst"))) >= 6


def test_a_store_that_is_gone_ends_the_daemon(tmp_path: Path) -> None:
    """Nothing may be fetched that cannot be kept: exit code 3, and the reason in one line."""
    with daemon(tmp_path) as (running, _, _):
        store = tmp_path / "store"
        running.wait_until(lambda: len(list(store.rglob("*.zst"))) >= 6, 60, "all is fetched")
        store.rename(tmp_path / "gone")
        store.write_text("a file where the store was")
        ended = running.end(60)
    assert ended.code == 3
    assert "Traceback" not in ended.err
