"""`scraper prove`: a sceptic with sh, sha256sum and openssl alone comes to the right answer, and sees whatever was changed."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scraper import app
from scraper.archive import open_store
from scraper.archive.archive import Archive
from scraper.archive.proof import prove
from scraper.config import load
from scraper.demo.clock import SteppedClock
from scraper.demo.play import play
from scraper.demo.script import START
from scraper.errors import UsageError
from scraper.jobs.prove import write_proof
from scraper.jobs.seal import seal
from scraper.jobs.services import Services
from scraper.jobs.verify_chain import verify_chain
from scraper.model import Capture, Verdict
from tests.commands import Ran, scraper
from tests.outside import Outside
from tests.sealed_archive import fail, sealed_archive
from tests.small_archive import assert_refused
from tests.timestamp_authority import TimestampAuthority, openssl, required

COMMANDS = "sha256sum -c SHA256SUMS && sh check.sh"
"""What README.txt says, and what `prove` prints."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sceptic:
    """Somebody who has a bundle and three programs."""

    tools: Path

    def run(self, bundle: Path, line: str = COMMANDS) -> tuple[bool, str]:
        """Whether the commands end well, and what they print."""
        done = subprocess.run(
            [self.tools / "sh", "-c", line], cwd=bundle, env={"PATH": str(self.tools)}, capture_output=True, check=False
        )
        said = done.stdout.decode(errors="replace") + done.stderr.decode(errors="replace")
        return done.returncode == 0 and "FAIL" not in said, said


@pytest.fixture(scope="module")
def sceptic(tmp_path_factory: pytest.TempPathFactory) -> Sceptic:
    """A sceptic whose PATH holds sh, sha256sum and openssl, and nothing else."""
    tools = tmp_path_factory.mktemp("tools")
    for name in ("sh", "sha256sum", "openssl"):
        (tools / name).symlink_to(required(name))
    return Sceptic(tools=tools)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TimestampAuthority]:
    """The authority that timestamps."""
    with TimestampAuthority(tmp_path_factory.mktemp("authority")) as made:
        yield made


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory, authority: TimestampAuthority) -> Archive:
    """An archive with days that have a timestamp, one that has none of its own, and one that is not sealed."""
    return sealed_archive(tmp_path_factory.mktemp("archive"), authority)


def captures(archive: Archive, day: int) -> list[Capture]:
    """The captures of one source of a day of that archive: two pages, a 404, and a failure."""
    found = archive.captures(on_damage=fail, source="two")
    return [capture for capture in found if capture.recorded_at.day == 22 + day]


def bundle(archive: Archive, capture: Capture, place: Path) -> Path:
    """The bundle of a capture, in a directory."""
    proof = prove(archive.store, capture)
    assert proof is not None
    place.mkdir()
    for name, data in proof.files.items():
        (place / name).write_bytes(data)
    return place


@pytest.fixture(scope="module")
def whole(archive: Archive, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundle of a page whose day has no timestamp of its own: the next day's root vouches for it."""
    return bundle(archive, captures(archive, 1)[0], tmp_path_factory.mktemp("proof") / "bundle")


def test_a_sceptic_is_convinced(whole: Path, sceptic: Sceptic, authority: TimestampAuthority) -> None:
    """The commands of the bundle end well, name the time, and do so against the authority's own certificate too."""
    assert COMMANDS.replace(" && ", "\n    ") in (whole / "README.txt").read_text(encoding="utf-8")
    good, said = sceptic.run(whole)
    assert good, said
    assert "the record is under root-2026-08-23.jsonl" in said
    assert "root-2026-08-24.jsonl names the root before it" in said
    time = openssl("ts", "-reply", "-in", whole / "timestamp-tsa-example.tsr", "-text").decode()
    assert f"at the latest on {time.partition('Time stamp: ')[2].partition(chr(10))[0]}" in said
    assert "compare it with the authority's own" in said
    good, said = sceptic.run(whole, f"sh check.sh {authority.root}")
    assert good, said
    assert "compare it" not in said


def test_the_script_is_found_from_anywhere(whole: Path, sceptic: Sceptic, authority: TimestampAuthority) -> None:
    """The script may be started from another directory, with the certificate named from there."""
    good, said = sceptic.run(authority.directory, f"sh {whole}/check.sh root.pem")
    assert good, said


def test_another_authority_convinces_nobody(whole: Path, sceptic: Sceptic, tmp_path: Path) -> None:
    """A certificate that the timestamp does not lead to is a failure."""
    with TimestampAuthority(tmp_path / "other") as other:
        good, said = sceptic.run(whole, f"sh check.sh {other.root}")
    assert not good
    assert "FAIL  timestamp-tsa-example.tsr does not vouch for root-2026-08-24.jsonl" in said


def names(whole: Path) -> list[str]:
    """The files of a bundle."""
    return sorted(file.name for file in whole.iterdir())


def test_the_bundle_is_small_and_complete(whole: Path) -> None:
    """A handful of small files, all of them listed with their digests."""
    assert names(whole) == [
        "README.txt",
        "SHA256SUMS",
        "check.sh",
        "page.html",
        "path.txt",
        "record.json",
        "root-2026-08-23.jsonl",
        "root-2026-08-24.jsonl",
        "timestamp-tsa-example.pem",
        "timestamp-tsa-example.tsr",
    ]
    assert sum(file.stat().st_size for file in whole.iterdir()) < 30_000


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_changed_byte_of_any_file_is_seen(whole: Path, sceptic: Sceptic, data: st.DataObject) -> None:
    """One byte of one file changed to any other, the explanation and the script included: the commands fail."""
    file = whole / data.draw(st.sampled_from(names(whole)))
    before = file.read_bytes()
    changed = bytearray(before)
    changed[data.draw(st.integers(0, len(before) - 1))] ^= data.draw(st.integers(1, 255))
    file.write_bytes(changed)
    good, said = sceptic.run(whole)
    file.write_bytes(before)
    assert not good, said


EVIDENCE = (
    "page.html",
    "path.txt",
    "record.json",
    "root-2026-08-23.jsonl",
    "root-2026-08-24.jsonl",
)
"""What a bundle's statement rests on. Of a token the signed part counts, and openssl says whether that holds."""


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_forger_who_makes_the_digests_anew_is_seen(
    whole: Path, sceptic: Sceptic, authority: TimestampAuthority, data: st.DataObject
) -> None:
    """Whoever changes a byte of the evidence and SHA256SUMS with it fails at the record, the tree, the chain or the timestamp."""
    file = whole / data.draw(st.sampled_from(EVIDENCE))
    sums = whole / "SHA256SUMS"
    before, listed = file.read_bytes(), sums.read_bytes()
    changed = bytearray(before)
    changed[data.draw(st.integers(0, len(before) - 1))] ^= data.draw(st.integers(1, 255))
    file.write_bytes(changed)
    old, new = (hashlib.sha256(each).hexdigest().encode() for each in (before, changed))
    sums.write_bytes(listed.replace(old, new))
    assert sceptic.run(whole, "sha256sum -c SHA256SUMS")[0]
    good, said = sceptic.run(whole, f"sh check.sh {authority.root}")
    file.write_bytes(before)
    sums.write_bytes(listed)
    assert not good, said


@pytest.mark.parametrize("number", range(4))
def test_every_kind_of_record_can_be_proved(archive: Archive, sceptic: Sceptic, tmp_path: Path, number: int) -> None:
    """A page, a 404 and an attempt without any answer: each is proved, with its body where there is one."""
    capture = captures(archive, 2)[number]
    place = bundle(archive, capture, tmp_path / "bundle")
    good, said = sceptic.run(place)
    assert good, said
    assert (place / "page.html").exists() == (capture.sha256 is not None) == (number < 3)
    if capture.sha256 is not None:
        assert hashlib.sha256((place / "page.html").read_bytes()).hexdigest() == capture.sha256
    assert (place / "record.json").read_bytes() == archive.store.get(capture.record)


def test_a_day_without_timestamps_is_said_to_have_none(sceptic: Sceptic, tmp_path: Path) -> None:
    """Where no authority was asked the bundle shows what it can, and says that it shows no time."""
    archive = sealed_archive(tmp_path / "archive")
    place = bundle(archive, captures(archive, 0)[0], tmp_path / "bundle")
    good, said = sceptic.run(place)
    assert good, said
    assert "no authority has timestamped this day" in said
    assert prove(archive.store, captures(archive, 3)[0]) is None


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory, authority: TimestampAuthority) -> Path:
    """Half a day of the replica outlets, not sealed yet, in a configuration that names the authority."""
    directory = tmp_path_factory.mktemp("demo") / "archive"
    play(directory, lambda _step: None, until=START)
    file = directory / "config" / "scraper.toml"
    table = f'\n[[timestamps]]\nurl = "{authority.url}"\ntrust = "{authority.root}"\n'
    file.write_text(file.read_text(encoding="utf-8") + table, encoding="utf-8")
    return directory


def run(demo: Path, *arguments: str | Path) -> Ran:
    """A command on that archive."""
    return scraper(*arguments, "--config", demo / "config")


@contextmanager
def services(demo: Path) -> Iterator[Services]:
    """The services of that archive."""
    with app.services(load(demo / "config", {}), processes=0, writes=False) as made:
        yield made


def pages(demo: Path) -> list[Capture]:
    """The articles of that archive."""
    return [one for one in Outside(config=demo / "config").captures() if one.verdict is Verdict.ARTICLE]


def test_the_commands(demo: Path, sceptic: Sceptic, authority: TimestampAuthority, tmp_path: Path) -> None:
    """Not before it is sealed; then sealed and timestamped, proved, checked by a sceptic, and found whole."""
    url, out = pages(demo)[0].url, tmp_path / "proof"
    assert_refused(run(demo, "prove", url, "--out", out), 2, "not sealed yet", "due since", "scraper seal")
    sealed = run(demo, "seal", "--json")
    assert (sealed.code, sealed.report["counts"]["timestamps"]) == (0, sealed.report["counts"]["roots"])
    proved = run(demo, "prove", url, "--out", out, "--json")
    assert (proved.code, proved.report["counts"]["timestamps"]) == (0, 1)
    good, said = sceptic.run(out)
    assert good, said
    assert url in said
    copy = tmp_path / "copy"
    shutil.copytree(demo / "archive" / "store", copy)
    checked = scraper("verify-chain", "--store", copy, "--read-data", "--trust", authority.root, "--json", cwd=tmp_path)
    assert (checked.code, checked.report["notes"]) == (0, ["everything fits"]), checked.err
    assert checked.report["counts"]["timestamps"] == checked.report["counts"]["roots"] > 0
    file = min((copy / "captures").rglob("*.json"))
    file.write_bytes(file.read_bytes().replace(b"GET", b"PUT", 1))
    damaged = scraper("verify-chain", "--store", f"file://{copy}")
    assert damaged.code == 4
    assert f"the first that does not fit: {file.relative_to(copy)}" in damaged.text
    assert_refused(scraper("verify-chain", "--store", tmp_path / "none"), 3, "no archive at")


def test_a_capture_is_chosen(demo: Path, sceptic: Sceptic, tmp_path: Path) -> None:
    """The newest with a body is proved unless another is named; a name that fits none, and a place that is taken, are refused."""
    with app.services(load(demo / "config", {}), processes=0) as made:
        seal(made, made.config.sources)
    chosen = pages(demo)[-1]
    part = chosen.record.rpartition("-")[2].removesuffix(".json")
    with services(demo) as opened:
        report = write_proof(opened, chosen.url, capture=part, out=tmp_path / "named")
        assert chosen.url in report.notes[0]
        assert sceptic.run(tmp_path / "named")[0]
        write_proof(opened, chosen.sha256 or "", out=tmp_path / "newest")
        with pytest.raises(UsageError, match="--out"):
            write_proof(opened, chosen.url, out=tmp_path / "named")
        with pytest.raises(UsageError, match="names none of the captures"):
            write_proof(opened, chosen.url, capture="zzz", out=tmp_path / "none")
        with pytest.raises(UsageError, match="nothing is archived"):
            write_proof(opened, "http://www.kcna.example/none", out=tmp_path / "none")
    assert not (tmp_path / "none").exists()


def test_a_day_that_is_not_over_says_when_it_will_be_sealed(demo: Path, tmp_path: Path) -> None:
    """The refusal names the hour from which the day can be sealed."""
    copy = tmp_path / "demo"
    shutil.copytree(demo, copy)
    for folder in ("manifests", "roots", "timestamps"):
        shutil.rmtree(copy / "archive" / "store" / folder, ignore_errors=True)
    chosen = pages(demo)[0]
    config = load(demo / "config", {"SCRAPER_STORE": f"file://{copy}/archive/store"})
    clock = SteppedClock(chosen.recorded_at)
    due = f"{chosen.recorded_at + timedelta(days=1):%Y-%m-%d} 02:00 UTC on"
    with app.services(config, clock=clock, processes=0, writes=False) as opened, pytest.raises(UsageError, match=due):
        write_proof(opened, chosen.url, out=tmp_path / "none")


def test_what_is_no_certificate_is_refused(demo: Path) -> None:
    """`--trust` must name a file of certificates."""
    store = open_store(f"file://{demo}/archive/store")
    for file in (demo / "config" / "scraper.toml", demo / "none.pem"):
        with pytest.raises(UsageError, match="--trust"):
            verify_chain(store, SteppedClock(START), lambda _step: None, trust=file)
