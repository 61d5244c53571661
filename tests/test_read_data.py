"""Reading the store a share at a time: t shares come to everything, what is wrong is told apart, and time is kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.archive.archive import Archive
from scraper.archive.shards import SHARDS, keys_of, shard_of
from scraper.archive.snapshots import compress, snapshot_key
from scraper.archive.store import Store
from scraper.catalogue.verifications import verified
from scraper.errors import StoreUnreachable, UsageError
from scraper.jobs.check import check
from scraper.jobs.rebuild import rebuild
from scraper.jobs.services import Services
from scraper.jobs.verified import Share, read_share
from scraper.model import Capture, Exchange, Failure, Report, Severity, Verdict
from tests.archive_exchanges import NOON, exchange, failed, request
from tests.commands import ROOT, scraper
from tests.fetch_support import StepClock
from tests.kept_twice import Twice, files, kept_twice

BODY = b"<html>a page of an outlet</html>"
KCNA = request(source="kcna")


@pytest.fixture
def twice(tmp_path: Path) -> Iterator[Twice]:
    """An archive; its replica is of no concern here."""
    with kept_twice(tmp_path, copied=False) as made:
        yield made


class Refusing:
    """A store in front of another that does not give out one object (or, once it is `down`, any)."""

    def __init__(self, behind: Store, key: str) -> None:
        self.url = behind.url
        self.put, self.has, self.size, self.list = behind.put, behind.has, behind.size, behind.list
        self.mend = behind.mend
        self.down = False
        self._behind, self._key = behind, key

    def get(self, key: str) -> bytes:
        """As a disk with a bad sector does."""
        if self.down or key == self._key:
            raise StoreUnreachable(f"cannot read {key}: the disk reports an input/output error")
        return self._behind.get(key)


class Slow(StepClock):
    """A clock that goes on by a minute each time it is looked at."""

    def now(self) -> datetime:
        """A minute later."""
        self.sleep(60)
        return super().now()


def on(services: Services, store: Store) -> Services:
    """The services over another store."""
    return replace(services, archive=Archive(store=store, writable=False))


def told(report: Report) -> set[tuple[str, str]]:
    """The findings about stored objects: kind and object."""
    return {
        (finding.kind, finding.subject)
        for finding in report.findings
        if finding.kind.rpartition("-")[2] in {"damaged", "corrupt", "unreadable", "orphan"}
        or finding.kind.startswith("missing-")
    }


def seen(twice: Twice) -> set[int]:
    """The parts that were read at some time."""
    return set(verified(twice.services.database))


def test_every_object_is_in_one_part(twice: Twice) -> None:
    """The parts together are the archive, each object once, but for format.json, which every opening reads."""
    store = twice.services.archive.store
    store.put("quarantine/some/object", b"x")
    listed = [key for _, keys in keys_of(store, range(SHARDS)) for key in keys]
    assert sorted([*listed, "format.json"]) == twice.keys("")
    assert all(shard_of(key) == shard for shard, keys in keys_of(store, range(SHARDS)) for key in keys)


@given(of=st.integers(1, SHARDS))
def test_t_parts_come_to_everything(of: int) -> None:
    """However many parts, so many runs of one each reach every shard, and n of t are n times as many (or one more)."""
    one = Share(part=1, of=of).shards()
    assert one * of >= SHARDS
    assert Share(part=of, of=of).shards() == SHARDS
    assert all(Share(part=n, of=of).shards() <= one * n for n in range(1, of + 1))


@pytest.mark.parametrize("share", [(0, 3), (4, 3), (1, 0), (1, SHARDS + 1)])
def test_a_share_is_a_part_of_the_whole(share: tuple[int, int]) -> None:
    """Nought, more than all, and finer than the parts there are: refused."""
    with pytest.raises(UsageError, match="n from 1 to t"):
        Share(part=share[0], of=share[1]).shards()


def test_seven_runs_read_everything_once(twice: Twice) -> None:
    """The same share given seven times reads each object once; the report says what was never read, then since when."""
    sizes = {key: len(data) for key, data in files(twice.store).items() if key != "format.json"}
    runs = [read_share(twice.services, Share(part=1, of=7), None) for _ in range(7)]
    assert sum(run.objects for run in runs) == len(sizes)
    assert sum(run.size for run in runs) == sum(sizes.values())
    assert [("never" in run.notes[0]) for run in runs] == [True] * 6 + [False]
    assert runs[-1].notes[0].startswith("every object was read since ")


def test_what_is_wrong_is_told_apart(twice: Twice) -> None:
    """Corrupt, unreadable and orphan objects each have their kind; a part with damage is read again until it is mended."""
    snapshot, record, manifest = twice.key("snapshots/"), twice.key("captures/"), twice.key("manifests/")
    *_, sector = twice.keys("snapshots/")
    twice.damage(snapshot, b"rubbish")
    twice.damage(record, b"rubbish")
    twice.damage(manifest, (twice.store / manifest).read_bytes()[:-7])
    services = on(twice.services, Refusing(twice.services.archive.store, sector))
    wanted = {
        ("snapshot-corrupt", snapshot),
        ("record-damaged", record),
        ("manifest-damaged", manifest),
        ("snapshot-unreadable", sector),
    }
    for share in (Share(), Share(part=1, of=SHARDS)):
        report = check(services, services.config.sources, share=share)
        assert told(report) - {one for one in told(report) if one[0] == "snapshot-orphan"} == wanted
        assert report.exit_code() == 4
        assert {finding.repair for finding in report.findings if finding.subject == snapshot} == {
            f"scraper repair {snapshot}"
        }


@pytest.mark.parametrize("data", [b"", b"rubbish", compress(b"other"), compress(BODY)[:-2]])
def test_a_body_that_is_not_what_its_name_says_is_found_by_reading(twice: Twice, data: bytes) -> None:
    """Nothing, no body at all, that of another page, and half of its own: each is told once, with the first record that names it."""
    archive = Archive(store=twice.services.archive.store, writable=True)
    saved = [_save(archive, exchange(BODY, request=KCNA), seconds) for seconds in (1, 2)]
    rebuild(twice.services)
    key = snapshot_key(saved[0].sha256 or "")
    assert key not in {found.subject for found in read_share(twice.services, Share(), None).findings}
    twice.damage(key, data)
    (found,) = (one for one in read_share(twice.services, Share(), None).findings if one.severity is Severity.DAMAGED)
    assert (found.kind, found.subject) == ("snapshot-corrupt", key)
    assert (found.source, found.evidence) == ("kcna", saved[0].record)


def test_what_is_no_damage_is_at_most_a_note(twice: Twice) -> None:
    """A page of which only the beginning came, and a body without record, as a crash leaves it; a failure and a 304 are nothing."""
    archive = Archive(store=twice.services.archive.store, writable=True)
    first = _save(archive, exchange(BODY, request=KCNA))
    _save(archive, exchange(b"", status=304, request=replace(KCNA, confirms=first.record)), 1)
    _save(archive, failed(), 2)
    cut = _save(archive, exchange(b"<p>half", request=KCNA, failure=Failure.RESET), 3)
    orphan = snapshot_key(sha256(b"orphan").hexdigest())
    rebuild(twice.services)
    before = {(one.kind, one.severity, one.subject) for one in read_share(twice.services, Share(), None).findings}
    assert {one[:2] for one in before if one[0] != "snapshot-orphan"} == {("capture-truncated", Severity.NOTE)}
    assert ("capture-truncated", Severity.NOTE, cut.record) in before
    archive.store.put(orphan, compress(b"orphan"))
    after = {(one.kind, one.severity, one.subject) for one in read_share(twice.services, Share(), None).findings}
    assert after - before == {("snapshot-orphan", Severity.NOTE, orphan)}
    twice.damage(orphan, b"rubbish")
    assert ("snapshot-corrupt", orphan) in {
        (one.kind, one.subject) for one in read_share(twice.services, Share(), None).findings
    }


def _save(archive: Archive, one: Exchange, seconds: float = 0) -> Capture:
    at = NOON + timedelta(seconds=seconds)
    return archive.save(one, key="k", verdict=Verdict.ARTICLE, judge="1", config=None, recorded_at=at)


def test_a_store_that_gives_out_nothing_is_unreachable(twice: Twice) -> None:
    """One bad sector is a finding, a disk that is gone stops the run: nothing was verified."""
    store = Refusing(twice.services.archive.store, "")
    store.down = True
    with pytest.raises(StoreUnreachable, match="input/output"):
        read_share(on(twice.services, store), Share(), None)
    assert seen(twice) == set()


def test_time_is_kept_and_the_next_run_goes_on(twice: Twice) -> None:
    """No part is begun after the time given; each run goes on with what waited longest, and always reads something."""
    clock = Slow(twice.services.clock.now())
    services = replace(twice.services, clock=clock)
    reached = []
    for _ in range(3):
        read_share(services, Share(within=timedelta(minutes=100)), None)
        reached.append(len(seen(twice)))
    assert 20 < reached[0] < 60
    assert reached[1] == 2 * reached[0]
    assert reached[2] == 3 * reached[0]
    read_share(services, Share(within=timedelta(seconds=1)), None)
    assert len(seen(twice)) == reached[2] + 1


def test_findings_of_other_sources_are_not_told(twice: Twice) -> None:
    """With a source named, only what is its own is told, though all is read."""
    twice.damage(twice.keys("captures/one/")[0], b"rubbish")
    found = read_share(twice.services, Share(), {"two"})
    assert found.findings == []
    assert found.objects == len(files(twice.store)) - 1


def test_options_of_the_command_line(tmp_path: Path) -> None:
    """`--read-data=n/t` is taken as it is written, and no source is taken for its value; nonsense is refused."""
    with kept_twice(tmp_path, copied=False) as twice:
        env = {
            "SCRAPER_STORE": twice.store.as_uri(),
            "SCRAPER_CATALOGUE": f"sqlite:///{tmp_path}/catalogue.sqlite3",
        }

        def counts(*arguments: str) -> dict[str, int]:
            ran = scraper("check", "--json", "--config", ROOT / "config", *arguments, env=env)
            found: dict[str, int] = ran.report["counts"]
            return found

        everything = len(files(twice.store)) - 1
        assert counts("--read-data", "kcna")["objects read"] == everything
        assert 0 < counts("--read-data=1/4")["objects read"] < everything
        assert 0 < counts("--max-duration", "1ms")["objects read"] < everything
        assert "objects read" not in counts()
        for wrong in ("--read-data=5/4", "--read-data=x", "--read-data=", "--max-duration=soon"):
            assert scraper("check", "--config", ROOT / "config", wrong, env=env).code == 2
