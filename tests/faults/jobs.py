"""The jobs that the fault tests kill: how each is begun, at which seams it dies, and what it finds before it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import update

from scraper.catalogue.tables import readings
from scraper.jobs.services import Services
from tests.fast_outlet import NEWS, article_page, article_url, days
from tests.faults.seams import Seam
from tests.faults.world import World
from tests.warc_files import WarcFile

Words = Sequence[str | Path]
_IMPORTED = 16


def _nothing(_world: World) -> dict[str, bytes | None]:
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job to kill. `begins` is its function; `seams` are points within it.

    `world` names the state it begins with (see `world`), `prepare` changes that and says what it damaged. `writes` tells
    whether it may add to the store, `fresh_after` after how many kills it has nothing left to do.
    """

    name: str
    words: Callable[[World], Words]
    begins: str
    seams: tuple[Seam, ...]
    world: str = "sealed"
    prepare: Callable[[World], dict[str, bytes | None]] = _nothing
    writes: bool = True
    fresh_after: int = 5
    seconds: float | None = None
    """How long it runs where it does not end by itself; it is then ended by what is asked for after each kill."""
    crawls_after: bool = False
    """Whether a crawl follows that, by which the catalogue comes to know what the kills have left."""
    ends: frozenset[int] = frozenset({0})
    """The exit codes with which it may end when nobody kills it."""


def _walk(_world: World) -> Words:
    return ("backfill", "fast", "--since", str(days(1)[0]), "--until", str(days(3)[-1]))


def _cdx(world: World) -> Words:
    where = (world.outlet.web.url("/cdx"), world.outlet.web.url("/web/") + "{timestamp}id_/{url}")
    between = ("--since", "2025-12-01", "--until", "2025-12-31")
    return ("backfill", "fast", "--via", "cdx", "--cdx", where[0], "--replay", where[1], *between)


def _newest(number: int) -> str:
    return article_url(f"{NEWS}-{number:03d}")


def _others(world: World) -> dict[str, bytes | None]:
    """A WARC file of somebody else's captures of the outlet."""
    with WarcFile(world.place / "others.warc.gz") as file:
        for number in range(1, _IMPORTED + 1):
            serial = f"2025-06-{number % 28 + 1:02d}-{number:03d}"
            file.response(
                article_url(serial), f"2025-06-{number % 28 + 1:02d}T10:00:{number:02d}Z", article_page(serial)
            )
    return {}


def _read_by_an_older_parser(world: World) -> dict[str, bytes | None]:
    """Every second page was read by a layout that is no more."""

    def older(services: Services) -> None:
        rows = services.database.dump(readings)[::2]
        place = readings.c.keys().index("record")
        with services.database.write() as connection:
            for row in rows:
                chosen = update(readings).where(readings.c.record == row[place])
                connection.execute(chosen.values(layout="rodong-old@1"))

    world.within(older)
    return {}


def ruined(world: World) -> dict[str, bytes | None]:
    """Damage every second body and record, by turns: gone, cut, other; what stands in their places."""
    keys = sorted(key for key in world.objects() if key.startswith(("captures/", "snapshots/")))[::2]
    broken: dict[str, bytes | None] = {}
    for number, key in enumerate(keys):
        path = world.store / key
        whole = path.read_bytes()
        broken[key] = (None, whole[: len(whole) // 2], b"rubbish")[number % 3]
        path.unlink()
        if (data := broken[key]) is not None:
            path.write_bytes(data)
    return broken


def _forgotten(world: World) -> dict[str, bytes | None]:
    """A catalogue that was lost, so that a rebuild has everything to do."""
    world.within(lambda services: services.database.clear())
    return {}


def _at(event: str, name: str, *numbers: int) -> tuple[Seam, ...]:
    return tuple(Seam(event=event, name=name, number=number) for number in numbers)


_TAKING = (
    *_at("os.link", "/captures/", 3),
    *_at("os.link", "/snapshots/", 4),
    *_at("return", "scraper.archive.archive:Archive.save", 3),
    *_at("return", "scraper.catalogue.writing:add_capture", 4),
    *_at("call", "scraper.catalogue.writing:add_reading", 3),
    *_at("c_call", "Connection.commit", 7),
    *_at("call", "scraper.catalogue.pace:SharedPace.release", 3),
)

JOBS: Mapping[str, Job] = {
    job.name: job
    for job in (
        Job(
            name="crawl",
            words=lambda _: ("crawl", "--limit", "10"),
            begins="scraper.jobs.crawl:crawl",
            seams=(*_TAKING, *_at("return", "scraper.archive.store_local:_publish", 5)),
            world="loose",
            fresh_after=3,
        ),
        Job(
            name="recheck",
            words=lambda _: ("recheck",),
            begins="scraper.jobs.crawl:recheck",
            seams=_TAKING,
            world="loose",
            fresh_after=3,
            crawls_after=True,
        ),
        Job(
            name="backfill",
            words=_walk,
            begins="scraper.jobs.backfill:backfill",
            seams=(
                *_TAKING,
                *_at("call", "scraper.catalogue.writing:keep_cursor", 2),
                *_at("return", "scraper.catalogue.writing:keep_cursor", 1),
            ),
            world="loose",
            fresh_after=2,
        ),
        Job(
            name="backfill --via cdx",
            words=_cdx,
            begins="scraper.jobs.backfill_cdx:backfill_cdx",
            seams=(*_at("call", "scraper.jobs.web_archives:fetch_memento", 4), *_TAKING[:5]),
            world="loose",
            fresh_after=3,
        ),
        Job(
            name="fetch",
            words=lambda _: ("fetch", _newest(25)),
            begins="scraper.jobs.fetch:fetch",
            seams=(
                *_at("os.link", "/captures/", 1),
                *_at("return", "scraper.archive.archive:Archive.save", 1),
                *_at("call", "scraper.catalogue.writing:add_reading", 1),
            ),
            world="loose",
            fresh_after=4,
        ),
        Job(
            name="run",
            words=lambda _: ("run",),
            begins="scraper.daemon:run",
            seams=(
                *_at("os.link", "/manifests/", 2),
                *_at("call", "scraper.jobs.reconcile:reconcile", 1),
                *_at("os.link", "/copy/", 15),
                *_TAKING,
            ),
            world="loose",
            # What one daemon has copied or sealed the next has not to do: each needs a world of its own to come to its seam.
            fresh_after=1,
            seconds=6.0,
            crawls_after=True,
        ),
        Job(
            name="import warc",
            words=lambda world: ("import", "warc", world.place / "others.warc.gz"),
            begins="scraper.jobs.import_warc:import_warc",
            seams=_TAKING[:5],
            prepare=_others,
            fresh_after=3,
        ),
        Job(
            name="seal",
            words=lambda _: ("seal",),
            begins="scraper.jobs.seal:seal",
            seams=(
                *_at("os.link", "/manifests/", 1, 4),
                *_at("os.link", "/roots/", 1, 3),
                *_at("return", "scraper.archive.store_local:_publish", 2),
            ),
            world="loose",
            fresh_after=2,
        ),
        Job(
            name="rebuild",
            words=lambda _: ("rebuild",),
            begins="scraper.jobs.rebuild:rebuild",
            seams=(
                *_at("return", "scraper.catalogue.database:Database.clear", 1),
                *_at("return", "scraper.catalogue.writing:add_capture", 9),
                *_at("c_call", "Connection.commit", 30),
            ),
            prepare=_forgotten,
            crawls_after=True,
        ),
        Job(
            name="reparse",
            words=lambda _: ("reparse",),
            begins="scraper.jobs.reparse:reparse",
            seams=(
                *_at("call", "scraper.catalogue.writing:add_readings", 1),
                *_at("return", "scraper.catalogue.writing:_replace_reading", 4),
            ),
            prepare=_read_by_an_older_parser,
            writes=False,
            fresh_after=3,
        ),
        Job(
            name="check --read-data",
            words=lambda _: ("check", "--read-data"),
            ends=frozenset({1, 5}),
            begins="scraper.jobs.check:check",
            seams=_at("call", "scraper.catalogue.verifications:note_verified", 1, 3),
            writes=False,
        ),
        Job(
            name="reconcile",
            words=lambda _: ("reconcile", "--within", "9d"),
            begins="scraper.jobs.reconcile:reconcile",
            seams=_at("call", "scraper.jobs.reconcile:_missing", 2),
            writes=False,
        ),
        Job(
            name="replicate",
            words=lambda _: ("replicate",),
            begins="scraper.jobs.replicate:replicate",
            seams=(*_at("os.link", "/copy/", 1, 20), *_at("return", "scraper.archive.replicas:copy", 30)),
            fresh_after=3,
        ),
        Job(
            name="repair",
            words=lambda _: ("repair",),
            begins="scraper.jobs.repair:repair",
            seams=(
                *_at("os.link", "/quarantine/", 3),
                *_at("os.rename", "/snapshots/", 2),
                *_at("return", "scraper.archive.store_local:LocalStore.mend", 5),
            ),
            world="replicated",
            prepare=ruined,
            fresh_after=2,
        ),
        Job(
            name="verify-chain",
            words=lambda _: ("verify-chain", "--read-data"),
            begins="scraper.jobs.verify_chain:verify_chain",
            seams=(),
            writes=False,
        ),
        Job(
            name="articles",
            words=lambda _: ("articles", "--full"),
            begins="scraper.jobs.articles:articles",
            seams=(),
            writes=False,
        ),
        Job(
            name="vitals",
            words=lambda _: ("vitals",),
            ends=frozenset({0, 1, 5}),
            begins="scraper.jobs.vitals:measure",
            seams=(),
            writes=False,
        ),
    )
}
