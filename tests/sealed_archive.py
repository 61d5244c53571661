"""A small archive with everything an archive can hold: sealed days of several sources, roots, timestamps, and an open day."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from scraper.archive import open_archive, open_store, timestamps
from scraper.archive.archive import Archive
from scraper.model import Failure, Source, Verdict
from tests.archive_exchanges import NOON, exchange, failed, request
from tests.timestamp_authority import TimestampAuthority

DAY = timedelta(days=1)
DAYS = 4
"""Days with records; the last of them is not sealed."""
NAMES = ("one", "two", "two-b")


def sealed_archive(place: Path, authority: TimestampAuthority | None = None) -> Archive:
    """Make it in a directory. The second day has no timestamp of its own, and one source's first day was sealed late."""
    archive = open_archive(open_store(str(place)), writable=True)
    for name in NAMES:
        archive.save_config(declared(name))
    for day in range(DAYS):
        for number, name in enumerate(NAMES):
            record(archive, name, day, number)
    late = "two-b"
    for day in range(1, DAYS):
        now = NOON + day * DAY
        for name in NAMES:
            if (name, day) != (late, 1):
                archive.seal(name, now)
        archive.seal_days(now, fail)
    if authority is not None:
        for day in (0, 2):
            stamp(archive, authority, day)
    return archive


def stamp(archive: Archive, authority: TimestampAuthority, day: int) -> None:
    """Have a day's root timestamped."""
    moment = (NOON + day * DAY).date()
    root = archive.store.get(f"roots/{moment}.jsonl")
    query, nonce = timestamps.query(root)
    token = authority.signed(query)
    found = timestamps.verify(token, root, certificates=timestamps.pem(authority.root.read_bytes()), nonce=nonce)
    timestamps.keep(archive.store, moment, "tsa-example", token, found)


def record(archive: Archive, name: str, day: int, number: int) -> None:
    """Archive what a source brought on a day: two pages, one of them known already, a 404 and a failure."""
    asked = request(source=name, url=f"https://{name}.example/articles/{day}")
    page = f"<p>{name} wrote this on day {day}: “{'words ' * 40}”</p>".encode()
    attempts = (
        (exchange(page, request=asked, url=asked.url), Verdict.ARTICLE),
        (exchange(b"<p>the same on every day</p>", request=asked, url=asked.url), Verdict.ARTICLE),
        (exchange(b"gone", request=asked, url=asked.url, status=404), Verdict.GONE),
        (failed(Failure.DNS, request=asked, url=asked.url, detail="an odd word \ud800"), Verdict.FAILED),
    )
    for minute, (one, verdict) in enumerate(attempts):
        at = NOON + day * DAY + timedelta(minutes=10 * number + minute)
        digest = declared(name).digest
        archive.save(one, key=asked.url, verdict=verdict, judge="1", config=digest, recorded_at=at)


def declared(name: str) -> Source:
    """A source."""
    declaration = f'id = "{name}"\n'.encode()
    return Source(
        id=name,
        name=name,
        parser="kcna",
        language="en",
        timezone="UTC",
        hosts=(f"{name}.example",),
        articles=("/articles/",),
        declaration=declaration,
    )


def fail(key: str, error: Exception) -> None:
    """Nothing is damaged while the archive is made."""
    raise AssertionError(key) from error
