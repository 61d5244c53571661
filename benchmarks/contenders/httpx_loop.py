"""The loop everybody writes first: httpx, SHA-256, a gzipped file under its digest, a row in SQLite.

SQLite syncs each row, as it does by default; the files are not synced.
"""

from __future__ import annotations

import gzip
import hashlib
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import httpx

from benchmarks.contenders.errand import errand

_TABLE = "CREATE TABLE pages (url TEXT, fetched_at TEXT, status INTEGER, sha256 TEXT, etag TEXT)"


def main() -> None:
    """Fetch and keep all pages, one after another."""
    base, paths, directory = errand()
    with httpx.Client() as client, closing(sqlite3.connect(directory / "pages.sqlite3")) as database:
        database.execute(_TABLE)
        for path in paths:
            keep(client.get(f"{base}{path}").raise_for_status(), directory, database)


def keep(response: httpx.Response, directory: Path, database: sqlite3.Connection) -> None:
    """Keep one page."""
    sha256 = hashlib.sha256(response.content).hexdigest()
    folder = directory / sha256[:2]
    folder.mkdir(exist_ok=True)
    (folder / f"{sha256}.gz").write_bytes(gzip.compress(response.content, 6))
    row = (str(response.url), datetime.now(UTC).isoformat(), response.status_code, sha256, response.headers.get("etag"))
    database.execute("INSERT INTO pages VALUES (?, ?, ?, ?, ?)", row)
    database.commit()


if __name__ == "__main__":
    main()
