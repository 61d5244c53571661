"""The shipped declarations over the saved pages of the real outlets, by the real command line, from fetch to report."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import zstandard

from scraper import urls
from scraper.archive.archive import open_archive
from scraper.archive.store import open_store
from scraper.model import Capture, Failure, Verdict
from tests.real_pages import (
    AJAX_PAST_THE_END,
    ARTICLES,
    BLOCK_PAGE,
    EMPTY,
    KCNA,
    KCNA_LIST,
    KCTV,
    LISTINGS,
    OTHER_TLS,
    RODONG,
    RODONG_HOME,
    RODONG_LIST,
    RODONG_MISSING,
    RODONG_SAVED,
    Saved,
)
from tests.real_run import Ran, play

pytestmark = pytest.mark.shared

ONCE = "server-error (tried once since "
FORTY = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """What came of every command, by the step's name, and the archive it left."""

    ran: dict[str, Ran]
    store: Path
    captures: tuple[Capture, ...]

    def report(self, name: str) -> dict[str, Any]:
        """The report that a command printed."""
        document: dict[str, Any] = json.loads(self.ran[name].stdout)
        return document

    def lines(self, name: str) -> list[dict[str, Any]]:
        """The JSON lines that a command printed."""
        return [json.loads(line) for line in self.ran[name].stdout.splitlines()]

    def of(self, url: str) -> list[Capture]:
        """The captures of an address, oldest first; also of one made for an article that is asked for by POST."""
        made = urls.key(url)
        return [each for each in self.captures if url == each.url or (each.method == "POST" and made == each.key)]

    def snapshot(self, digest: str) -> bytes:
        """The bytes kept under a digest, as `zstdcat` gives them."""
        packed = (self.store / f"snapshots/sha256/{digest[:2]}/{digest}.zst").read_bytes()
        with zstandard.ZstdDecompressor().stream_reader(packed) as reader:
            return reader.read()


@pytest.fixture(scope="module")
def played(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Played:
    """The whole script, run once; one try a page, for the servers that answer 503 will not answer better."""
    directory = tmp_path_factory.mktemp("real")
    ran = {one.step.name: one for one in play(shared, directory, attempts=1)}
    store = directory / "archive/store"
    archive = open_archive(open_store(str(store)), writable=False)
    damage: list[str] = []
    captures = sorted(
        archive.captures(on_damage=lambda key, _: damage.append(key)), key=lambda capture: capture.recorded_at
    )
    assert damage == []
    return Played(ran=ran, store=store, captures=tuple(captures))


def test_exit_codes(played: Played) -> None:
    """0 where all went well, 1 where articles are missing, 5 where something could not be observed; no error of ours."""
    codes: dict[int, set[str]] = {}
    for name, ran in played.ran.items():
        codes.setdefault(ran.code, set()).add(name)
        assert "Traceback" not in ran.stderr
    assert codes.pop(1) == {"check rodong", "check kcna"}
    assert codes.pop(2) == {"parse blocked"}
    unobserved = {"crawl rodong", "crawl kcna", "again", "ajax past the end", "no session", "unknown authority"}
    assert codes.pop(5) == unobserved | {"blocked home", "blocked crawl", "blocked article", "check xinhua"}
    assert set(codes) == {0}


def test_the_list_leads_to_the_saved_articles(played: Played) -> None:
    """`crawl rodong --seed LIST` asks for all forty of its rows, and brings the seven that are saved."""
    counts = played.report("crawl rodong")["counts"]
    assert counts == {
        "requests": 42,
        "failed": 34,
        "listing": 1,
        "articles": len(RODONG_SAVED),
        "sightings": FORTY,
        "article": len(RODONG_SAVED),
    }
    (listing,) = played.of(RODONG_LIST)
    for name in RODONG_SAVED:
        capture = played.of(f"{RODONG}SF01_02_01&newsID={name}")[0]
        assert capture.lead is not None
        assert (capture.lead.capture, capture.lead.published) == (listing.record, name[:10])


def test_the_home_leads_to_its_links(played: Played) -> None:
    """`crawl kcna` asks for every article and every section that the saved front page points to."""
    counts = played.report("crawl kcna")["counts"]
    assert counts == {
        "requests": 81,
        "listing": 4,
        "articles": 0,
        "sightings": 48 + 2 + 1 + 10,
        "failed": 15 + 61,
        "empty": 1,  # the answer to the POST that opens the session of the AJAX articles
    }
    (home,) = played.of(KCNA)
    led = [capture for capture in played.captures if capture.lead is not None and capture.lead.capture == home.record]
    assert len({capture.url for capture in led}) == 48
    assert {capture.verdict for capture in led} == {Verdict.SERVER_ERROR}


@pytest.mark.parametrize("saved", [*ARTICLES, *LISTINGS, *EMPTY, BLOCK_PAGE], ids=lambda saved: Path(saved.file).stem)
def test_every_saved_page_is_archived_byte_for_byte(played: Played, shared: Path, saved: Saved) -> None:
    """A capture of its address names the digest of the file, and the snapshot of that name holds the file's bytes."""
    digest = saved.digest(shared)
    named = [capture for capture in played.of(saved.url) if capture.method == saved.method and capture.sha256 == digest]
    assert named
    assert played.snapshot(digest) == saved.body(shared)
    assert {(capture.size, capture.peer and capture.peer.rpartition(":")[0]) for capture in named} == {
        (len(saved.body(shared)), "127.0.0.1")
    }


def test_snapshots_are_named_by_their_bytes(played: Played) -> None:
    """Every snapshot of the archive hashes to its name."""
    files = list(played.store.glob("snapshots/sha256/*/*.zst"))
    assert len(files) > len(ARTICLES) + len(LISTINGS)
    assert [path.name for path in files if sha256(played.snapshot(path.stem)).hexdigest() != path.stem] == []


def test_check_of_rodong(played: Played) -> None:
    """Forty expected by day, seven held, intact and readable; each of the others missing for a server error."""
    report = played.report("check rodong")
    held = dict.fromkeys(("held", "intact", "readable"), len(RODONG_SAVED))
    apart = {
        name: report["counts"].pop(name)
        for name in ("listed", "related", "mirrored", "inferred", "objects read", "bytes read")
    }
    assert report["counts"] == {"expected": FORTY, "known": FORTY, **held}
    assert apart["objects read"] > FORTY
    assert (apart["listed"], apart["mirrored"]) == (FORTY, 0)
    by_day = Counter(name[:10] for name in RODONG_SAVED)
    assert {day["day"]: day["readable"] for day in report["days"] if day["readable"]} == dict(by_day)
    missing = {finding["subject"]: finding["reason"] for finding in report["findings"] if finding["kind"] == "missing"}
    assert len(missing) == FORTY - len(RODONG_SAVED)
    assert missing.pop(RODONG_MISSING).startswith("server-error (tried 2 times since ")
    assert {reason[: len(ONCE)] for reason in missing.values()} == {ONCE}


def test_check_of_the_other_outlets(played: Played) -> None:
    """KCNA's 63 known articles: the AJAX one and the gallery are held; Xinhua's three are of 2012, 2020 and 2023."""
    kcna = played.report("check kcna")
    xinhua = played.report("check xinhua")
    assert (kcna["counts"]["expected"], kcna["counts"]["readable"]) == (48 + 2 + 1 + 10 + 1, 1)
    assert Counter(day["day"] for day in kcna["days"] if day["readable"]) == {"2017-07-05": 1}
    assert {finding["reason"][: len(ONCE)] for finding in kcna["findings"] if finding["kind"] == "missing"} == {ONCE}
    assert [day["day"] for day in xinhua["days"] if day["readable"]] == ["2012-06-04", "2020-02-19", "2023-11-17"]


def test_archived_articles_are_parsed(played: Played, shared: Path) -> None:
    """`parse URL` reads each from its snapshot; what it says of date and language is the page's."""
    lines = played.lines("parse archived")
    assert [(line["url"], line["snapshot_sha256"]) for line in lines] == [
        (saved.url, saved.digest(shared)) for saved in ARTICLES
    ]
    assert [line["published"] for line in lines[:7]] == [name[:10] for name in RODONG_SAVED]
    assert [line["published"] for line in lines[7:]] == [
        "2017-07-05",
        None,
        "2012-06-04T09:20:26+08:00",
        "2020-02-19T20:29:58+08:00",
        "2023-11-17T20:52:15+08:00",
    ]
    assert [line["language"] for line in lines] == ["en"] * 7 + ["ja", "en"] + ["zh"] * 3


def test_a_file_is_parsed_without_an_archive(played: Played) -> None:
    """`parse FILE` reads the article whose address is not on record."""
    (line,) = played.lines("parse file")
    assert (line["published"], line["published_evidence"], line["outlet"]) == (
        "2022-02-11",
        "page-mark",
        "Rodong Sinmun",
    )


def test_the_block_page_is_labelled(played: Played) -> None:
    """As home, as listing and in place of a held article: blocked by law, no article, and the held one stays."""
    blocked = [capture for capture in played.captures if capture.verdict is Verdict.BLOCKED_LEGAL]
    assert [capture.status for capture in blocked] == [200, 200, 200]
    assert {blocked[0].url, blocked[2].url} == {RODONG_HOME, ARTICLES[0].url}
    for name in ("blocked home", "blocked crawl", "blocked article"):
        report = played.report(name)
        assert report["counts"] == {"requests": 1, "blocked-legal": 1}
        assert [finding["kind"] for finding in report["findings"]] == ["blocked"]
    assert [line["verdict"] for line in played.lines("show")] == ["article", "blocked-legal"]
    assert played.ran["parse blocked"].stdout == ""
    assert "blocked-legal" in played.ran["parse blocked"].stderr


def test_empty_answers_are_labelled(played: Played) -> None:
    """The XML without rows and the page without a session are empty listings, said so, and never "no news"."""
    answers = [*played.of(AJAX_PAST_THE_END), *(each for each in played.of(KCNA_LIST) if each.method == "POST")]
    assert [capture.verdict for capture in answers] == [Verdict.EMPTY, Verdict.EMPTY]
    for name, url in (("ajax past the end", AJAX_PAST_THE_END), ("no session", KCNA_LIST)):
        found = [each for each in played.report(name)["findings"] if each["kind"] == "empty-listing"]
        assert [each["subject"] for each in found] == [url]


def test_tls(played: Played) -> None:
    """The https host is reached under the authority that `ca_file` names, and refused under the system's."""
    (refused,) = played.of(f"{OTHER_TLS}robots.txt")
    (good,) = played.of("https://kcnawatch.org/robots.txt")
    assert (refused.failure, refused.status) == (Failure.TLS, None)
    assert "CERTIFICATE_VERIFY_FAILED" in (refused.detail or "")
    page = played.of(KCTV)[-1]
    assert page.verdict is Verdict.LISTING
    assert [capture.tls.verified for capture in (good, page) if capture.tls] == [True, True]


def test_who_asked(played: Played) -> None:
    """Every request names the program and the operator, and was permitted by a robots.txt that was looked for first."""
    sent = [capture for capture in played.captures if capture.kind == "response"]
    agents = {dict(capture.request_headers)["User-Agent"] for capture in sent}
    assert len(agents) == 1
    assert "tests@archive.example" in agents.pop()
    assert all(capture.robots is not None and capture.robots.allowed for capture in sent if capture.role != "robots")
