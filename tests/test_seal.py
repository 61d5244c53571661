"""The job that seals: whatever was recorded is sealed, whoever asked for it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from scraper import app
from scraper.archive import roots
from scraper.archive.manifests import entries
from scraper.config import init, load
from scraper.demo.clock import SteppedClock
from scraper.jobs.seal import seal
from scraper.jobs.services import Services
from scraper.model import Channel, Failure, Verdict
from tests.archive_exchanges import exchange, failed, request

NOON = datetime(2026, 8, 22, 12, tzinfo=UTC)
DAY = timedelta(days=1)
LATER = NOON + 2 * DAY


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    """The services of the shipped configuration on an archive of the test's own, on the second day after `NOON`."""
    init(tmp_path / "config")
    places = {
        "SCRAPER_STORE": f"file://{tmp_path}/store",
        "SCRAPER_CATALOGUE": f"sqlite:///{tmp_path}/catalogue.sqlite3",
    }
    config = load(tmp_path / "config", places)
    with app.services(config, clock=SteppedClock(LATER), processes=0) as made:
        yield made


def record_a_day(services: Services) -> set[str]:
    """Archive attempts of every kind under a declared source, under `adhoc`, and under a source nobody declares now."""
    saved = set()
    for source in ("kcna", "adhoc", "long-gone"):
        asked = request(source=source)
        attempts = (
            (exchange(request=asked), Verdict.ARTICLE),
            (exchange(b"no", request=asked, status=404), Verdict.GONE),
            (exchange(b"", request=asked, status=304), Verdict.UNCHANGED),
            (exchange(b"go away", request=asked, status=403, channel=Channel.PROXY), Verdict.BLOCKED_WAF),
            *((failed(failure, request=asked), Verdict.FAILED) for failure in Failure),
        )
        for number, (one, verdict) in enumerate(attempts):
            capture = services.archive.save(
                one, key="k", verdict=verdict, judge="1", config=None, recorded_at=NOON + timedelta(seconds=number)
            )
            saved.add(capture.record)
    return saved


def test_every_record_of_the_day_is_sealed(services: Services) -> None:
    """Every record, whatever the answer and whether there was one, is in a manifest of its day and under its root."""
    saved = record_a_day(services)
    report = seal(services, services.config.sources)
    assert dict(report.counts)["manifests"] == 3
    assert (report.exit_code(), report.notes[-1]) == (0, "roots/2026-08-22.jsonl")
    store = services.archive.store
    held = {name: data for key in store.list("manifests/") for name, data in entries(store.get(key), key)}
    assert set(held) == saved == set(store.list("captures/"))
    assert all(store.get(name) == data for name, data in held.items())
    assert roots.decode(store.get(report.notes[-1]), report.notes[-1]).records == len(saved)


def test_sealing_one_source_writes_no_root(services: Services) -> None:
    """A root is over all sources, so it is not written while only some of them are sealed."""
    record_a_day(services)
    one = seal(services, [services.config.source("kcna")])
    assert dict(one.counts)["manifests"] == 1
    assert dict(one.counts)["roots"] == 0
    assert dict(seal(services, services.config.sources).counts)["roots"] == 1


def test_a_damaged_source_keeps_no_other_from_its_root(services: Services, tmp_path: Path) -> None:
    """The day's root is over what could be sealed; once the damage is mended the rest goes under the next root."""
    record_a_day(services)
    seal(services, [services.config.source("kcna")])
    file = tmp_path / "store" / "manifests" / "kcna" / "2026-08-22.jsonl"
    whole = file.read_bytes()
    file.write_bytes(whole[:-1])
    damaged = seal(services, services.config.sources)
    assert [(finding.kind, finding.source) for finding in damaged.findings] == [("damaged", "kcna")]
    assert dict(damaged.counts)["manifests"] == 2
    assert dict(damaged.counts)["roots"] == 1
    file.write_bytes(whole)
    assert dict(seal(services, services.config.sources).counts)["roots"] == 1


def test_a_damaged_root_is_a_finding(services: Services, tmp_path: Path) -> None:
    """No root is chained to one that cannot be read; manifests are written all the same."""
    record_a_day(services)
    file = tmp_path / "store" / "roots" / "2026-08-21.jsonl"
    file.parent.mkdir()
    file.write_bytes(b"{")
    report = seal(services, services.config.sources)
    assert [(finding.subject, finding.kind) for finding in report.findings] == [("roots/", "damaged")]
    assert "roots/2026-08-21.jsonl" in report.findings[0].reason
    assert dict(report.counts)["manifests"] == 3
    assert report.exit_code() == 4
