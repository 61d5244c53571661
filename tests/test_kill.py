"""SIGKILL of real workers at random points: nothing acknowledged is lost, nothing dangles, and the next run goes on."""

from __future__ import annotations

import random
import shutil
import time
from datetime import date
from pathlib import Path

import pytest

from tests.commands import Running, scraper
from tests.fast_outlet import HOST, NEWS, article_url, configure, day_url, days, fast_outlet
from tests.outside import Outside
from tests.web_server import WebServer

A_DAY = 10
SIGKILLED = -9


def asked_since(web: WebServer, number: int) -> list[str]:
    """The addresses asked for since there were `number` lines in the server's log, robots.txt left out."""
    return [f"http://{HOST}{seen.target}" for seen in web.log[number:] if seen.target != "/robots.txt"]


def kill_once(web: WebServer, archive: Outside, chance: random.Random, *arguments: str) -> list[str]:
    """Start a worker, kill it after some requests and a random moment; the addresses it asked for."""
    before, objects, held = len(web.log), archive.objects(), archive.held()
    enough = before + chance.randrange(1, 25)
    with Running(*arguments, "--config", archive.config) as worker:
        worker.wait_until(lambda: len(web.log) >= enough, 30, f"{arguments} asks for pages")
        time.sleep(chance.uniform(0, 0.012))  # noqa: TID251 - any moment between two requests, or within one
        worker.kill()
        assert worker.end(10).code == SIGKILLED
    asked = asked_since(web, before)
    assert not held & set(asked), "a held article was asked for again"
    after = archive.objects()
    assert {key: after.get(key) for key in objects} == objects, "an object was lost or changed"
    assert {row[0] for row in archive.derived()["captures"]} <= after.keys(), "the catalogue names a record not there"
    return asked


def assert_resumed(furthest: date, asked: list[str]) -> date:
    """A walk begins at the day its predecessor was at, and goes on in order; the day it came to."""
    listings = {day_url(day): day for day in days(1000)}
    seen = [listings[url] for url in asked if url in listings]
    assert seen == sorted(set(seen)), "a list was asked for twice in one walk"
    assert not seen or seen[0] >= furthest, f"{seen[0]} had been walked: the last walk was at {furthest}"
    return max([furthest, *seen])


def kill_many(tmp_path: Path, rounds: int) -> None:
    """Kill workers over one growing archive, let the last one finish, and compare with a rebuild."""
    chance = random.Random(rounds)
    walked, newest = days(rounds * 3 // 2), rounds * 6
    walk = ("backfill", "fast", "--since", walked[0].isoformat(), "--until", walked[-1].isoformat())
    with fast_outlet(A_DAY, newest) as web:
        archive = Outside(config=configure(tmp_path, f"127.0.0.1:{web.port}"))
        assert scraper("crawl", "fast", "--limit", "1", "--config", archive.config).code == 0
        furthest = walked[0]
        for number in range(rounds):
            walks = number % 3 != 2
            asked = kill_once(web, archive, chance, *(walk if walks else ("crawl", "fast")))
            furthest = assert_resumed(furthest, asked) if walks else furthest
            assert number % 5 or archive.damage() == []
            archive.forget_leases()
        before = len(web.log)
        done = scraper(*walk, "--config", archive.config)
        assert (done.code, done.err) == (0, "")
        assert "resumed the dated walk" in done.text
        assert_resumed(furthest, asked_since(web, before))
        assert scraper("crawl", "fast", "--config", archive.config).code == 0
    assert_whole(archive, wanted_of(walked, newest))
    print(f"{rounds} kills, {len(archive.captures())} records, {len(web.log)} requests")  # noqa: T201 - the real counts


def wanted_of(walked: list[date], newest: int) -> set[str]:
    """The addresses of all articles there are."""
    serials = [f"{day}-{number:03d}" for day in walked for number in range(1, A_DAY + 1)]
    return {article_url(serial) for serial in (*serials, *(f"{NEWS}-{number:03d}" for number in range(1, newest + 1)))}


def assert_whole(archive: Outside, wanted: set[str]) -> None:
    """Every article is held, once; the catalogue is what a rebuild makes of it; and `check` finds no damage."""
    captures = archive.captures()
    assert archive.held() == wanted
    assert sum(capture.role == "article" for capture in captures) == len(wanted), "an article was archived twice"
    archive.assert_rebuilds()
    checked = scraper("check", "--read-data", "--json", "--config", archive.config)
    assert {finding["severity"] for finding in checked.report["findings"]} <= {"unobserved", "note"}


def test_nine_kills(tmp_path: Path) -> None:
    """Crawls and backfills killed nine times over one archive lose nothing, and ask for nothing twice."""
    kill_many(tmp_path, 9)


@pytest.mark.soak
def test_three_hundred_kills(tmp_path: Path) -> None:
    """The same, three hundred times."""
    kill_many(tmp_path, 300)


def _copy_catalogue(directory: Path, target: Path) -> None:
    target.mkdir()
    for part in directory.glob("catalogue.sqlite3*"):
        shutil.copy(part, target)


def _restore_catalogue(kept: Path, directory: Path) -> None:
    for part in directory.glob("catalogue.sqlite3*"):
        part.unlink()
    for part in kept.iterdir():
        shutil.copy(part, directory)


@pytest.mark.parametrize("lost", ["the last rows", "everything"])
def test_records_that_never_reached_the_catalogue_are_indexed_by_the_next_run(tmp_path: Path, lost: str) -> None:
    """Killed between a record and its row, or robbed of its catalogue, a worker's next run takes up what the store has."""
    with fast_outlet(A_DAY, 30) as web:
        archive = Outside(config=configure(tmp_path, f"127.0.0.1:{web.port}"))
        assert scraper("crawl", "--limit", "5", "--config", archive.config).code == 0
        _copy_catalogue(tmp_path, tmp_path / "kept")
        assert scraper("crawl", "--limit", "5", "--config", archive.config).code == 0
        if lost == "everything":
            shutil.rmtree(tmp_path / "kept")
            (tmp_path / "kept").mkdir()
        _restore_catalogue(tmp_path / "kept", tmp_path)
        held, before = archive.held(), len(web.log)
        assert len(held) == 10
        assert scraper("crawl", "--limit", "5", "--config", archive.config).code == 0
        assert not held & set(asked_since(web, before))
        assert len(archive.held()) == 15
        archive.assert_rebuilds()


def test_a_crawl_goes_on_beside_a_damaged_object(tmp_path: Path) -> None:
    """A snapshot that was torn before anybody read it stops no later crawl, and stays a finding of `check`."""
    with fast_outlet(A_DAY, 12) as web:
        archive = Outside(config=configure(tmp_path, f"127.0.0.1:{web.port}"))
        assert scraper("crawl", "--limit", "2", "--config", archive.config).code == 0
        for part in tmp_path.glob("catalogue.sqlite3*"):
            part.unlink()
        for capture in archive.captures():
            if capture.role == "article":
                digest = capture.sha256 or ""
                (tmp_path / "store" / "snapshots" / "sha256" / digest[:2] / f"{digest}.zst").write_bytes(b"torn")
        ran = scraper("crawl", "--limit", "2", "--config", archive.config)
        assert (ran.code, "2 article" in ran.text) == (0, True)
        assert len(archive.held()) == 4
        assert scraper("check", "--read-data", "--config", archive.config).code == 4
