"""`scraper backfill --via cdx` from a real replay server: what an archive saw of an outlet, as it was, and nothing twice."""

from __future__ import annotations

import json
import random
import re
import signal
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.catalogue import tables
from scraper.catalogue.database import open_database
from scraper.config import load
from scraper.discover import cdx
from scraper.jobs.copies import sha1_name
from scraper.model import Capture, Channel, Verdict
from tests.commands import Ran, Running, scraper
from tests.fast_outlet import article_page, article_url, configure, day_url, days, list_page
from tests.outside import Outside
from tests.warc_files import HTML, WarcFile, packed
from tests.wayback import in_front_of, pywb
from tests.web_server import Answer, Asked, WebServer, page, status

SERIALS = [f"2026-01-{day:02d}-001" for day in range(1, 10)]
MANY = [f"2026-02-{day:02d}-{number:03d}" for day in range(1, 9) for number in range(1, 6)]
NOWHERE = "127.0.0.1:9"
CHALLENGE = (
    b"<html><head><title>Just a moment...</title></head><body><div id='cf-challenge'>"
    b"<script src='/cdn-cgi/challenge-platform/h/b/orchestrate/chl_page/v1'></script></div></body></html>"
)


@pytest.fixture(scope="module")
def replay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a pywb whose collection has every kind of record."""
    directory = tmp_path_factory.mktemp("pywb")
    urls, pages = [article_url(serial) for serial in SERIALS], [article_page(serial) for serial in SERIALS]
    with WarcFile(directory / "others.warc.gz") as file:
        file.response(urls[0], "2026-01-05T10:00:00Z", pages[0], headers=(*HTML, ("ETag", '"then"')))
        file.response(urls[1], "2026-01-05T10:00:01Z", packed(pages[1]), headers=(*HTML, ("Content-Encoding", "gzip")))
        file.response(urls[2], "2026-01-05T10:00:02Z", b"slow down", status="429 Too Many Requests")
        file.response(urls[3], "2026-01-05T10:00:03Z", b"<html>gone</html>", status="404 Not Found")
        file.response(urls[4], "2026-01-05T10:00:04Z", CHALLENGE, headers=(*HTML, ("cf-mitigated", "challenge")))
        file.revisit(urls[0], "2026-03-05T10:00:00Z", sha1_name(pages[0]), (urls[0], "2026-01-05T10:00:00Z"))
        file.response(urls[0], "2026-02-20T10:00:00Z", article_page(SERIALS[0], " It rained."))
        file.response(day_url(days(1)[0]), "2026-01-06T10:00:00Z", list_page(SERIALS[:2]))
        file.response("http://news.example/login", "2026-01-06T10:00:01Z", b"<html>no page of articles</html>")
        file.response(urls[5], "2025-01-06T10:00:01Z", pages[5])
        for serial in MANY:
            file.response(article_url(serial), f"{serial[:10]}T12:{serial[-2:]}:00Z", article_page(serial))
    with pywb(directory, directory / "others.warc.gz") as port:
        yield port


def archive_at(directory: Path, rows: int = 5000) -> Outside:
    """A configured archive with nothing in it, whose outlet is nowhere to be reached."""
    config = configure(directory, NOWHERE)
    with (config / "scraper.toml").open("a", encoding="utf-8") as file:
        file.write(f'[cdx]\nindex_gap = "0s"\nreplay_gap = "0s"\nrows = {rows}\n')
    return Outside(config=config)


def words(
    archive: Outside, web: WebServer, *more: str, since: str = "2026-01-01", until: str = "2026-03-31"
) -> list[str | Path]:
    """The command."""
    where = ["--cdx", web.url("/news/cdx"), "--replay", web.url("/news/") + "{timestamp}id_/{url}"]
    return [
        "backfill",
        "fast",
        "--via",
        "cdx",
        "--since",
        since,
        "--until",
        until,
        *where,
        "--config",
        archive.config,
        *more,
    ]


def walked(archive: Outside, web: WebServer, *more: str, **days: str) -> Ran:
    """Run it to its end."""
    return scraper(*words(archive, web, "--json", *more, **days))


def mementos(web: WebServer) -> list[str]:
    """The mementos that were asked for, as `timestamp/url`, in order."""
    found = (re.fullmatch(r"/news/(\d{14})id_/(.*)", target) for target in web.targets())
    return [f"{each[1]}/{each[2]}" for each in found if each]


def copies(archive: Outside) -> list[Capture]:
    """The captures that are copies."""
    return [capture for capture in archive.captures() if capture.channel is Channel.WAYBACK]


@pytest.fixture(scope="module")
def brought(replay: int, tmp_path_factory: pytest.TempPathFactory) -> tuple[Outside, list[str], list[str], Ran]:
    """An archive after a walk from January to March: what was asked, what a second walk asked, and the first report."""
    archive = archive_at(tmp_path_factory.mktemp("brought"))
    with in_front_of(replay) as web:
        ran = walked(archive, web)
        assert ran.code == 0, ran.err + ran.text
        first = mementos(web)
        assert walked(archive, web).code == 0
        return archive, first, mementos(web)[len(first) :], ran


def test_mementos_come_as_they_were_newest_first(brought: tuple[Outside, list[str], list[str], Ran]) -> None:
    """Of the times asked for, in the source's scope; an archived 429 is not fetched, nor bytes that are here already."""
    archive, first, again, ran = brought
    assert first == sorted(first, reverse=True)
    assert len(first) == len(MANY) + 6
    assert again == []
    counts = ran.report["counts"]
    assert (counts["not fetched: archived 429"], counts["outside the scope"]) == (1, 1)
    times = {(capture.url, f"{capture.observed_at:%Y%m%d%H%M%S}") for capture in copies(archive)}
    assert times == {(each[15:], each[:14]) for each in first}
    # The oldest is the same bytes as the revisit of March, which was fetched before it.
    assert (article_url(SERIALS[0]), "20260105100000") not in times


def test_a_copy_says_where_it_is_from_and_what_it_was(brought: tuple[Outside, list[str], list[str], Ran]) -> None:
    """Status, headers and bytes are the outlet's; a challenge page of then is no article, and a 404 is one."""
    archive, _, _, _ = brought
    found = {capture.url: capture for capture in copies(archive)}
    packed_then = found[article_url(SERIALS[1])]
    assert dict(packed_then.headers)["Content-Encoding"] == "gzip"
    assert packed_then.sha256 == sha256(article_page(SERIALS[1])).hexdigest()
    assert (packed_then.copied_from or "").endswith(f"/news/20260105100001id_/{packed_then.url}")
    assert found[article_url(SERIALS[3])].verdict is Verdict.GONE
    assert found[article_url(SERIALS[4])].verdict.blocked
    assert found[day_url(days(1)[0])].verdict is Verdict.LISTING
    assert not [name for name, _ in packed_then.headers if name.lower().startswith(("memento", "link", "x-archive"))]


def test_the_catalogue_rebuilds_and_tells_the_edit_alone(brought: tuple[Outside, list[str], list[str], Ran]) -> None:
    """It was edited after February; what the archive says of itself is filed apart."""
    archive, _, _, _ = brought
    archive.assert_rebuilds()
    kinds = [(line["kind"], line["url"]) for line in scraper("changes", "--json", "--config", archive.config).lines]
    assert kinds == [("edited", article_url(SERIALS[0]))]
    assert {capture.source for capture in archive.captures()} == {"fast", "web-archives"}


def test_a_server_without_resume_keys_is_asked_for_ever_shorter_times(replay: int, tmp_path: Path) -> None:
    """Sixteen rows at once, of some fifty; and a dry run counts them, and asks for no memento; a limit holds."""
    archive = archive_at(tmp_path, rows=16)
    with in_front_of(replay) as web:
        planned = walked(archive, web, "--dry-run")
        assert planned.report["counts"]["to fetch"] == len(MANY) + 7
        assert mementos(web) == []
        assert walked(archive, web, "--limit", "3").code == 0
        asked = mementos(web)
    assert len(asked) == len(set(asked)) == 3


def test_a_busy_archive_is_left_alone_and_the_walk_goes_on_later(replay: int, tmp_path: Path) -> None:
    """Retry-After ends the run with a finding, and nothing is recorded of the outlet; then it goes on where it was."""
    archive = archive_at(tmp_path)
    busy = f"/news/20260208120500id_/{article_url(MANY[-1])}"
    with in_front_of(replay, once={busy: status(429, ("Retry-After", "1"))}) as web:
        ran = walked(archive, web)
        assert ran.code == 5
        assert [finding["kind"] for finding in ran.report["findings"]] == ["throttled"]
        before = mementos(web)
        assert len(copies(archive)) == len(before) - 1
        archive.forget_leases()
        assert walked(archive, web).code == 0
        asked = mementos(web)
        index = [target for target in web.targets() if target.startswith("/news/cdx")]
    assert [each for each in asked if asked.count(each) > 1] == [before[-1]] * 2
    assert len(index) == len(set(index)) == 3


def wait_for_more(running: Running, web: WebServer, than: int) -> None:
    """Wait until a memento more was asked for."""
    running.wait_until(lambda: len(mementos(web)) > than, 60, "a memento")


def test_a_killed_walk_asks_for_nothing_twice(replay: int, tmp_path: Path) -> None:
    """SIGKILL at random moments: only what was under way is asked for again."""
    archive, chance = archive_at(tmp_path), random.Random(11)
    killed = 0
    with in_front_of(replay, wait=0.02) as web:
        for _ in range(3):
            begun = len(mementos(web))
            with Running(*words(archive, web)) as running:
                wait_for_more(running, web, begun)
                time.sleep(chance.random() * 0.3)  # noqa: TID251 - the moment of the kill
                killed += running.alive()
                running.signal(signal.SIGKILL)
            archive.forget_leases()
        ran = walked(archive, web)
        assert ran.code == 0, ran.text + ran.err
        asked = mementos(web)
        index = [target for target in web.targets() if target.startswith("/news/cdx")]
    # A request that was under way has left nothing that a later run could know of.
    assert len(asked) - len(set(asked)) + len(index) - len(set(index)) <= killed
    assert len(copies(archive)) == len(set(asked)) == len(MANY) + 6
    archive.assert_rebuilds()


def test_resume_keys_are_followed(tmp_path: Path) -> None:
    """As the Wayback Machine gives them: an array of arrays, an empty row, and the key."""
    rows = [
        ["k", f"202601051000{second:02d}", article_url(SERIALS[second]), "text/html", "200", "A" * 32, "9"]
        for second in range(5)
    ]
    head = ["urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length"]

    def answer(asked: Asked) -> Answer:
        start = int(parse_qs(urlsplit(asked.target).query).get("resumeKey", ["0"])[0])
        more = [[], [str(start + 2)]] if start + 2 < len(rows) else []
        return page(json.dumps([head, *rows[start : start + 2], *more]).encode())

    archive = archive_at(tmp_path, rows=2)
    with WebServer({"/robots.txt": status(404), "/news/cdx": answer}) as web:
        ran = walked(archive, web, "--dry-run", since="2026-01-01", until="2026-01-31")
    assert (ran.report["counts"]["mementos"], ran.report["counts"]["pages of the index"]) == (5, 3)


def cursors(archive: Outside) -> list[str]:
    """Where walks were left, by name."""
    database = open_database(load(archive.config, {}).settings.catalogue)
    try:
        return [str(row[0]) for row in database.dump(tables.cursors)]
    finally:
        database.close()


def test_a_dry_run_leaves_the_walk_where_it_is(tmp_path: Path) -> None:
    """It begins none, however it ends, and neither moves nor forgets one that was stopped."""
    rows = [["k", "20260105100000", article_url(SERIALS[0]), "text/html", "200", "A" * 32, "9"]]
    head = ["urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length"]
    index = [page(b"no index"), page(json.dumps([head, *rows]).encode())]
    archive = archive_at(tmp_path)
    busy = status(429, ("Retry-After", "600"))
    with WebServer({"/robots.txt": status(404), "/news/cdx": index}, otherwise=busy) as web:
        days = {"since": "2026-01-01", "until": "2026-01-31"}
        assert walked(archive, web, "--dry-run", **days).code == 5
        assert cursors(archive) == []
        stopped = walked(archive, web, **days)
        assert [finding["kind"] for finding in stopped.report["findings"]] == ["throttled"]
        (left,) = cursors(archive)
        assert walked(archive, web, "--dry-run", **days).report["counts"]["to fetch"] == 1
        assert cursors(archive) == [left]


@given(
    st.lists(
        st.tuples(st.integers(1, 28), st.sampled_from([None, 200, 404, 503]), st.sampled_from(["A" * 32, "-"])),
        max_size=6,
    ),
    st.sampled_from(["array", "objects", "cdxj", "plain"]),
)
def test_every_way_to_write_an_index_says_the_same(rows: list[tuple[int, int | None, str]], way: str) -> None:
    """Arrays, objects, CDXJ and plain lines."""
    lines = [
        ("example,news)/a", f"202601{day:02d}000000", "http://news.example/a", "-", str(code or "-"), digest, "9")
        for day, code, digest in rows
    ]
    if way == "array":
        text = json.dumps([["urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length"], *lines])
    elif way == "plain":
        text = "\n".join(" ".join(line) for line in lines)
    else:
        fields = [
            {"url": line[2], "digest": line[5], **({} if line[4] == "-" else {"status": line[4]})} for line in lines
        ]
        objects = [f | {"timestamp": line[1]} if way == "objects" else f for f, line in zip(fields, lines, strict=True)]
        before = ["" if way == "objects" else f"{line[0]} {line[1]} " for line in lines]
        text = "\n".join(start + json.dumps(each) for start, each in zip(before, objects, strict=True))
    read = cdx.read(text.encode())
    assert read.resume_key is None
    assert [(each.at.day, each.status, each.digest) for each in read.mementos] == [
        (day, code, None if digest == "-" else f"sha1:{digest}") for day, code, digest in rows
    ]
