"""The demonstration as a person runs it: its report against the script, and every command on the archive it leaves."""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from scraper.catalogue import queries
from scraper.catalogue.database import open_database
from scraper.catalogue.rows import article_json
from scraper.config import load
from scraper.demo.clock import SteppedClock
from scraper.demo.replica import Expectation, Replica
from scraper.demo.script import DAYS, START
from scraper.model import Article, Capture, Verdict
from scraper.urls import key
from tests.commands import Ran, scraper
from tests.outside import Outside

SOURCES = {"replica-kcna", "replica-rodong", "replica-watch"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """What one demonstration printed, and what it left; the replica is gone."""

    ran: Ran
    directory: Path
    expected: tuple[Expectation, ...]
    addresses: dict[str, tuple[str, ...]]

    @property
    def checked(self) -> dict[str, Any]:
        """The completeness report it ended with."""
        return self.ran.lines[0]

    @property
    def changed(self) -> dict[str, Any]:
        """The list of edits and deletions it ended with."""
        return self.ran.lines[1]

    @property
    def archive(self) -> Outside:
        """The archive it left."""
        return Outside(config=self.directory / "config")

    def of(self, kind: str) -> Expectation:
        """What the script has in store of one kind."""
        return next(each for each in self.expected if each.kind == kind)

    def run(self, *arguments: str | Path) -> Ran:
        """A command on the archive."""
        return scraper(*arguments, "--config", self.directory / "config")

    def articles(self, capture: Capture) -> list[dict[str, Any]]:
        """The articles the catalogue has of one capture, as `parse` prints them."""
        database = open_database(load(self.directory / "config", {}).settings.catalogue)
        found: tuple[Article, ...] = queries.articles_of(database, capture.source, capture.key, capture.sha256 or "")
        database.close()
        return [json.loads(json.dumps(article_json(article))) for article in found]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """One real `scraper demo`, in a directory of its own."""
    directory = tmp_path_factory.mktemp("demo") / "demo-archive"
    began = time.monotonic()
    ran = scraper("demo", "--json", "--directory", directory)
    print(f"scraper demo: {time.monotonic() - began:.1f} s")  # noqa: T201 - the real number
    with Replica(SteppedClock(START)) as replica:
        addresses = {story.id: story.urls for story in replica.stories}
        yield Demo(ran=ran, directory=directory, expected=replica.expectations, addresses=addresses)


@pytest.fixture(scope="module")
def edited(demo: Demo) -> list[Capture]:
    """The good captures of the story that is edited, oldest first."""
    found = [capture for capture in demo.archive.captures() if capture.key == key(demo.of("edited").url)]
    return [capture for capture in found if capture.verdict is Verdict.ARTICLE]


def missing(demo: Demo) -> dict[str, str]:
    """The reasons of what is missing, by address."""
    return {each["subject"]: each["reason"] for each in demo.checked["findings"] if each["kind"] == "missing"}


def changes(demo: Demo) -> set[tuple[str, str]]:
    """(kind, key) of every change found."""
    return {(each["kind"], each["key"]) for each in demo.changed["changes"]}


def test_demo_is_clean_but_for_what_the_script_withholds(demo: Demo) -> None:
    """It exits with 0; all stories but the forbidden and the vanished one are held, intact and readable, on every day."""
    assert (demo.ran.code, "Traceback" in demo.ran.err) == (0, False)
    counts = demo.checked["counts"]
    assert counts["held"] == counts["intact"] == counts["readable"] == counts["expected"] - 2 >= 55
    days = {(day["source"], day["day"]) for day in demo.checked["days"]}
    assert {source for source, _ in days} == SOURCES
    assert len(days) == len(SOURCES) * (DAYS + 1)


def test_demo_gives_each_gap_its_reason(demo: Demo) -> None:
    """Missing are the story robots.txt forbids and the one that vanished, each with its own reason, and nothing else."""
    denied, vanished = (demo.addresses[demo.of(kind).story] for kind in ("denied", "vanished"))
    (first, why_denied), (second, why_vanished) = sorted(missing(demo).items(), key=lambda item: item[0] in vanished)
    assert first in denied
    assert why_denied.startswith("robots-denied")
    assert second in vanished
    assert why_vanished == "gone before it could be captured"


def test_demo_finds_every_change_and_invents_none(demo: Demo) -> None:
    """The edit, the new headline and the deletion of the script are found, the last as a suspicion and then confirmed."""
    scripted = {"edited": "edited", "retitled": "retitled", "suspect-gone": "gone", "confirmed-gone": "gone"}
    assert changes(demo) == {(kind, key(demo.of(name).url)) for kind, name in scripted.items()}
    for each in demo.changed["changes"]:
        assert datetime.fromisoformat(each["after_at"]) >= demo.of(scripted[each["kind"]]).since


def test_demo_says_when_nobody_could_look(demo: Demo) -> None:
    """The outage is unobserved time, and nothing else is; the throttled host was left alone until it allowed more."""
    unobserved = [each for each in demo.checked["findings"] if each["kind"] == "unobserved"]
    assert [each["source"] for each in unobserved] == [demo.of("outage").source]
    throttled = demo.of("throttled")
    records = [capture for capture in demo.archive.captures() if capture.source == throttled.source]
    refused = [capture for capture in records if capture.verdict is Verdict.THROTTLED]
    assert len(refused) == 1
    wait = int(next(value for name, value in refused[0].headers if name == "Retry-After"))
    after = [capture.started_at for capture in records if capture.started_at > refused[0].observed_at]
    assert (min(after) - refused[0].observed_at).total_seconds() >= wait


def test_block_page_and_slow_page_were_come_back_to(demo: Demo) -> None:
    """The story behind the block page and the slow one are held in the end, and their first answers are on record."""
    by_key: dict[str, list[Verdict]] = {}
    for capture in demo.archive.captures():
        by_key.setdefault(capture.key, []).append(capture.verdict)
    assert by_key[key(demo.of("blocked").url)][0].blocked
    assert Verdict.ARTICLE in by_key[key(demo.of("blocked").url)]
    assert by_key[key(demo.of("slow").url)][0] in (Verdict.TRUNCATED, Verdict.FAILED)
    assert Verdict.ARTICLE in by_key[key(demo.of("slow").url)]


def test_captures_are_marked_simulated(demo: Demo) -> None:
    """Nothing of the demonstration can be taken for a capture of a real outlet."""
    assert {capture.channel for capture in demo.archive.captures()} == {"simulated"}


def test_demo_will_not_touch_what_is_no_demo(tmp_path: Path) -> None:
    """A directory that holds something else is refused in one line, and left as it was."""
    (tmp_path / "thesis.txt").write_text("mine", encoding="utf-8")
    ran = scraper("demo", "--directory", tmp_path)
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, b"", 1)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_check_reads_everything_and_finds_the_same_gaps(demo: Demo) -> None:
    """With the replica gone, `check --read-data` finds no damage, and for the demo's days the same gaps."""
    ran = demo.run("check", "--read-data", "--since", "2026-09-01", "--until", "2026-09-10", "--json")
    assert (ran.code, ran.err) == (1, "")
    assert {each["subject"]: each["reason"] for each in ran.report["findings"] if each["kind"] == "missing"} == missing(
        demo
    )
    assert ran.report["exit_code"] == 1


def test_changes_are_listed_again(demo: Demo) -> None:
    """`changes` finds what the demonstration printed; `--since` keeps the later ones."""
    ran = demo.run("changes", "--json")
    assert (ran.code, ran.lines) == (0, demo.changed["changes"])
    # The edit was seen on the 3rd at 21:00 in UTC: the next morning in the outlets' zone, which `--since` is in.
    told = ["retitled", "suspect-gone", "edited", "confirmed-gone"]
    for day, kinds in (("2026-09-03", told), ("2026-09-04", told[2:]), ("2026-09-05", told[3:]), ("2026-09-08", [])):
        assert [each["kind"] for each in demo.run("changes", "--json", "--since", day).lines] == kinds
    (edit,) = demo.run("changes", "--json", "--kind", "edited", "--min-words", "1", "--until", "2026-09-04").lines
    assert edit["fields"] == ["text"]
    assert demo.run("changes", "--json", "--newest", "1").lines == ran.lines[-1:]


def test_show_lists_captures_and_raw_gives_the_bytes(demo: Demo, edited: list[Capture]) -> None:
    """`show` names every capture; `--raw` writes the newest good one's bytes, whose digest is their name."""
    shown = demo.run("show", edited[0].url)
    assert shown.code == 0
    for capture in edited:
        assert (capture.sha256 or "?")[:12] in shown.text
        raw = demo.run("show", "--raw", capture.sha256 or "")
        assert hashlib.sha256(raw.out).hexdigest() == capture.sha256
    newest = demo.run("show", "--raw", edited[-1].url)
    assert hashlib.sha256(newest.out).hexdigest() == edited[-1].sha256
    name = re.findall(r"\d{9}-[0-9a-f]{16}", shown.text)[0]
    assert demo.run("show", name, "--json").lines[0]["record"].endswith(f"{name}.json")


def test_diff_shows_the_words(demo: Demo, edited: list[Capture]) -> None:
    """`diff` shows the edit, and between named captures the same."""
    ran = demo.run("diff", edited[0].url)
    assert (ran.code, "[-More-] {+Nothing more+}" in ran.text) == (0, True)
    named = demo.run("diff", edited[0].url, "--json", "--from", (edited[0].sha256 or "")[:8])
    (change,) = named.lines
    assert (change["before"], change["after"]) == (edited[0].record, edited[-1].record)


def test_parse_gives_the_catalogues_article_however_it_is_named(demo: Demo, edited: list[Capture]) -> None:
    """By address, digest, snapshot file and record file `parse` prints what the worker read, field by field."""
    store = demo.directory / "archive" / "store"
    for capture in edited:
        digest = capture.sha256 or ""
        file = store / "snapshots" / "sha256" / digest[:2] / f"{digest}.zst"
        ran = demo.run("parse", digest, file, store / capture.record)
        assert (ran.code, ran.err) == (0, "")
        expected = [{**article, "fetched_at": capture.observed_at.isoformat()} for article in demo.articles(capture)]
        assert len(expected) == 1
        assert ran.lines == expected * 3
    by_url = demo.run("parse", edited[0].url)
    assert [line["snapshot_sha256"] for line in by_url.lines] == [capture.sha256 for capture in edited]


def test_reparse_changes_nothing(demo: Demo) -> None:
    """Read again by the same parsers, no page reads differently, and no row of the catalogue changes."""
    before = demo.archive.derived()
    for arguments in (("--dry-run",), ()):
        ran = demo.run("reparse", "--json", *arguments)
        assert ran.code == 0
        assert not [name for name in ran.report["counts"] if name.startswith("changed")]
    assert demo.archive.derived() == before


def test_rebuild_gives_the_catalogue_row_for_row(demo: Demo) -> None:
    """From the store alone, sealed days and open ones, `rebuild` restores every derived table."""
    before = demo.archive.derived()
    assert demo.run("rebuild").code == 0
    assert demo.archive.derived() == before
    assert all(before.values())


def test_seal_is_done_once(demo: Demo) -> None:
    """The day that had not ended in the demonstration is sealed now; a day that is sealed is not sealed again."""
    assert demo.run("seal", "--json").report["counts"] in (
        {"manifests": 0, "roots": 0, "timestamps": 0},
        {"manifests": len(SOURCES), "roots": 1, "timestamps": 0},
    )
    again = demo.run("seal", "--json")
    assert (again.code, again.report["counts"]) == (0, {"manifests": 0, "roots": 0, "timestamps": 0})


def test_sources_are_listed(demo: Demo) -> None:
    """`sources` validates the configuration the demonstration wrote."""
    assert {line["id"] for line in demo.run("sources", "--json").lines} == SOURCES
