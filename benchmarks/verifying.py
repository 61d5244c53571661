"""`python -m benchmarks.verifying PAGES`: `scraper check --read-data` beside `sha256sum` of the same files.

Hides how the archive is made: pages of 77 KB as the worker keeps them, nothing fetched, nothing read and nothing synced.
Who reads first warms the file system's cache for the other: both are run once before they are measured.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.measure import Cost, run, table
from benchmarks.pages import Site, address
from benchmarks.reparse import configuration
from scraper import urls
from scraper.app import services
from scraper.archive.archive import open_archive
from scraper.archive.store_local import LocalStore
from scraper.catalogue import writing
from scraper.jobs.verified import Share, read_share
from scraper.model import Exchange, Reason, Request, Role, Verdict
from scraper.policy.judge import JUDGE

_BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
_SUMS = "find store -type f -print0 | xargs -0 sha256sum"
_BODIES = 'find store/snapshots -name "*.zst" | while read -r f; do zstdcat "$f" | sha256sum; done'
HEADS = ("", "objects", "CPU ms an object", "objects / s", "MB / s")


def main() -> None:
    """Make the archive and print the table; as `again DIRECTORY`, read it once."""
    if sys.argv[1] == "again":
        _again(Path(sys.argv[2]))
        return
    print(measured(int(sys.argv[1])))


def measured(pages: int) -> str:
    """The table: everything that lies in the archive, and then, by hand, the bodies alone."""
    directory = Path(tempfile.mkdtemp(prefix="scraper-bench-"))
    try:
        fill(directory, pages)
        ours = [sys.executable, "-m", "benchmarks.verifying", "again", str(directory)]
        sums = ["/bin/sh", "-c", f"cd {directory} && {_SUMS}"]
        for command in (ours, sums):
            run(command, directory / "store")
        rows = [
            _row("sha256sum of every file as it lies there", run(sums, directory / "store")),
            _row("check --read-data: unpacked, hashed, held against its name", run(ours, directory / "store")),
        ]
        if shutil.which("zstdcat"):
            by_hand = ["/bin/sh", "-c", f"cd {directory} && {_BODIES}"]
            rows.append(_row("zstdcat and sha256sum of every body", run(by_hand, directory / "store/snapshots")))
    finally:
        shutil.rmtree(directory)
    return table(HEADS, rows)


def fill(directory: Path, pages: int) -> None:
    """An archive of so many pages, in the catalogue too; a record every half minute, so that several days are filled."""
    config, site = configuration(directory), Site()
    archive = open_archive(LocalStore(directory / "store", durable=False), writable=True)
    with services(config, processes=0) as built:
        for number in range(pages):
            at = _BEGAN + timedelta(seconds=30 * number)
            url = f"http://www.kcna.kp{address(number)}"
            exchange = Exchange(
                request=Request(source="kcna", url=url, role=Role.ARTICLE, reason=Reason.NEW),
                url=url,
                started_at=at,
                fetched_at=at,
                status=200,
                headers=(("Content-Type", "text/html"),),
                body=site.plain(number),
            )
            capture = archive.save(
                exchange, key=urls.key(url), verdict=Verdict.ARTICLE, judge=JUDGE, config=None, recorded_at=at
            )
            writing.add_capture(built.database, capture, capture.key)


def _again(directory: Path) -> None:
    with services(configuration(directory), processes=0, writes=False) as built:
        found = read_share(built, Share(), None)
    if found.findings:
        sys.exit(f"{len(found.findings)} findings, the first: {found.findings[0].reason}")


def _row(name: str, cost: Cost) -> tuple[str, ...]:
    return (
        name,
        f"{cost.files:,}",
        f"{1000 * cost.cpu / cost.files:.2f}",
        f"{cost.files / cost.wall:.0f}",
        f"{cost.stored / cost.wall / 1e6:.1f}",
    )


if __name__ == "__main__":
    main()
