"""What the commands write where nobody, or somebody odd, reads it: closed pipes, narrow terminals, other encodings and zones."""

from __future__ import annotations

import json
import os
import pty
import signal
import socket
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from scraper.archive import open_archive, open_store
from scraper.daemon.health import ask
from scraper.demo.script import START
from scraper.model import Capture, Verdict
from scraper.policy.judge import JUDGE
from scraper.urls import key
from tests.archive_exchanges import NOON, exchange, request
from tests.commands import ROOT, Running, command, environment, scraper
from tests.outside import Outside
from tests.small_archive import Small, assert_refused, small_archive

DAY = f"{START:%Y-%m-%d}"


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Small]:
    """A small archive that all tests here leave as it is."""
    with small_archive(tmp_path_factory.mktemp("base") / "archive") as made:
        yield made


def captures(small: Small) -> list[Capture]:
    """Every capture of the archive."""
    return Outside(config=small.directory / "config").captures()


@pytest.mark.parametrize("line", ["sources", "check", "sources --json", "show {url} --raw"])
def test_a_reader_that_has_read_enough_is_no_error(base: Small, line: str) -> None:
    """`| head` closes the pipe: nothing is said, and the exit code is the shell's for it, neither clean nor missing."""
    url = next(capture.url for capture in captures(base) if capture.sha256)
    words = command(*line.format(url=url).split(), "--config", base.directory / "config")
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as closed:
        ran = subprocess.run(words, env=environment(), stdout=closed, stderr=subprocess.PIPE, check=False, cwd=ROOT)
    assert (ran.returncode, ran.stderr) == (141, b"")


def test_an_encoding_without_arrows_gets_escapes(base: Small) -> None:
    """A terminal that knows only ASCII is shown the report all the same."""
    ran = base.run("check", env={"PYTHONIOENCODING": "ascii"})
    assert (ran.code, ran.err) == (base.code, "")
    assert "\\u2192 scraper backfill" in ran.text


def in_a_terminal(columns: int, *words: str) -> str:
    """What a command writes to a terminal of that width."""
    ours, theirs = pty.openpty()
    env = environment({"COLUMNS": str(columns), "TERM": "dumb"})
    with subprocess.Popen(words, env=env, stdout=theirs, stderr=subprocess.DEVNULL) as running:
        os.close(theirs)
        written = b""
        try:
            while chunk := os.read(ours, 65536):
                written += chunk
        except OSError:  # how a terminal says that the other side has gone
            pass
        running.wait(60)
    os.close(ours)
    return written.decode()


def test_a_narrow_terminal_hides_no_figure(base: Small) -> None:
    """Every time, verdict and record name of `show`, and every heading of `check`, is there at forty columns."""
    url = next(capture.url for capture in captures(base) if capture.sha256)
    config = str(base.directory / "config")
    shown = in_a_terminal(40, *command("show", url, "--config", config))
    for capture in captures(base):
        if capture.url == url:
            assert Path(capture.record).stem in shown
            assert f"{capture.observed_at:%Y-%m-%d %H:%M:%S}" in shown
    checked = in_a_terminal(40, *command("check", "--config", config, "--since", DAY, "--until", DAY))
    assert all(name in checked for name in ("expected", "known", "held", "intact", "readable", "unobserved"))


def test_a_digest_of_several_pages_is_shown_by_page(base: Small, tmp_path: Path) -> None:
    """Equal bytes of several addresses, such as one error page, are listed under the address that each came from."""
    own = base.copy(tmp_path / "own")
    archive = open_archive(open_store(Outside(config=own.directory / "config").store), writable=True)
    urls = [f"http://www.kcna.example/{name}" for name in ("one", "other")]
    for minutes, url in enumerate((*urls, *urls)):
        answer = exchange(b"gone", url=url, request=request(source="replica-kcna", url=url), status=404)
        at = NOON + timedelta(minutes=minutes)
        saved = archive.save(answer, key=key(url), verdict=Verdict.GONE, judge=JUDGE, config=None, recorded_at=at)
    assert own.run("rebuild").code == 0
    lines = own.run("show", saved.sha256 or "").text.splitlines()
    assert [line for line in lines if line.startswith("http")] == urls
    assert len(lines) == len(urls) * 4


@pytest.mark.parametrize("line", ["changes", "show {url}", "diff {url}", "parse {url}"])
def test_an_empty_catalogue_over_a_full_store_does_not_answer(base: Small, tmp_path: Path, line: str) -> None:
    """A catalogue that was lost says to rebuild it, instead of that there is nothing; exit code 3."""
    url = next(capture.url for capture in captures(base) if capture.sha256)
    lost = {"SCRAPER_CATALOGUE": f"sqlite:///{tmp_path}/new.sqlite3"}
    assert_refused(base.run(*line.format(url=url).split(), env=lost), 3, "new.sqlite3", "scraper rebuild")


@pytest.mark.parametrize("name", ["rebuild", "reparse"])
def test_what_reads_the_store_begins_no_archive(base: Small, tmp_path: Path, name: str) -> None:
    """Where the store is not there (a disk that is not mounted), the catalogue keeps its rows; exit code 3."""
    before = Outside(config=base.directory / "config").derived()
    assert_refused(base.run(name, env={"SCRAPER_STORE": f"file://{tmp_path}/none"}), 3, "no archive")
    assert not (tmp_path / "none").exists()
    assert Outside(config=base.directory / "config").derived() == before


def test_init_writes_json_where_it_is_asked_to(tmp_path: Path) -> None:
    """`init --json` is JSON Lines: the files that it wrote."""
    ran = scraper("init", tmp_path / "new", "--json")
    assert ran.code == 0
    assert str(tmp_path / "new" / "scraper.toml") in map(json.loads, ran.text.splitlines())


def test_the_log_of_a_command_has_the_configured_form(base: Small) -> None:
    """With `log_format = "json"`, `-v` writes one object a line."""
    ran = base.run("check", "-v", env={"SCRAPER_LOG_FORMAT": "json"})
    assert ran.err
    assert all(line.startswith("{") and line.endswith("}") for line in ran.err.splitlines())


def test_a_url_too_long_to_be_a_file_is_looked_up(base: Small) -> None:
    """`parse` takes it for the address that it is."""
    url = f"http://www.kcna.example/{'a' * 5000}"
    assert_refused(base.run("parse", url), 2, "nothing is archived", "aaaa")


def test_a_demo_is_not_made_in_a_file(tmp_path: Path) -> None:
    """A file in the way is named and left alone; exit code 2."""
    file = tmp_path / "notes.txt"
    file.write_text("mine", encoding="utf-8")
    assert_refused(scraper("demo", "--directory", file), 2, str(file), "--directory")
    assert file.read_text(encoding="utf-8") == "mine"


def test_health_is_served_at_an_ipv6_address(base: Small, tmp_path: Path) -> None:
    """`[::1]:port` is an address like any other."""
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as probe:
        address = f"[::1]:{probe.getsockname()[1]}"
    own = base.copy(tmp_path / "own")
    env = {"SCRAPER_HEALTH": address}
    with Running("run", "--config", own.directory / "config", env=env) as daemon:
        daemon.wait_until(lambda: ask(address)[0], 60, "it answers")
        assert scraper("health", "--config", own.directory / "config", env=env).code == 0
        daemon.signal(signal.SIGTERM)
        assert daemon.end().code == 0
