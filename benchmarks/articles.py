"""Articles out of a large catalogue: how long clusters take to be computed, and how much memory.

    python -m benchmarks.articles [ARTICLES]

Half of the articles stand under two addresses, one in a hundred was edited, as KCNA's copies do (docs/sources.md).
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import islice
from typing import Any

from scraper.catalogue import rows
from scraper.catalogue.clusters import all_clusters, around, names
from scraper.catalogue.database import Database, open_database
from scraper.catalogue.merged import merged
from scraper.catalogue.tables import articles, captures, locators
from scraper.model import Article
from scraper.parse.text import text_sha256
from scraper.policy.visits import Visits

SOURCE = "kcna"
A_DAY = 20
START = datetime(1997, 1, 1, tzinfo=UTC)
WORDS = tuple(sha256(str(number).encode()).hexdigest()[: 3 + number % 6] for number in range(2_000))


def main() -> None:
    """Fill a catalogue, ask it, and print what that took."""
    many = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as directory:
        database = open_database(f"sqlite:///{directory}/catalogue.sqlite3")
        fill(database, many)
        before = peak()
        timed(f"clusters of {many:,} articles", lambda: sum(1 for _ in all_clusters(database, SOURCE)))
        timed("what `check` needs: names of aliases", lambda: len(names(database, SOURCE)))
        timed("merged articles, whole", lambda: sum(1 for _ in whole(database)))
        key = f"kp,kcna)/en/article/q/{many // 2:032x}.kcmsf"
        timed("one article from one of its addresses", lambda: len(around(database, SOURCE, [key])))
        print(f"peak memory: {before} MB when the catalogue was filled, {peak()} MB in the end")
        database.close()


def whole(database: Database) -> Iterator[object]:
    """Every article as `scraper articles --full` prints it."""
    found = all_clusters(database, SOURCE)
    while batch := list(islice(found, 200)):
        yield from merged(database, SOURCE, batch, [SOURCE])


def timed(what: str, ask: Any) -> None:
    """Print how long a question takes and how many it finds."""
    start, cpu = time.perf_counter(), time.process_time()
    found = ask()
    print(f"{what}: {found:,} in {time.perf_counter() - start:.2f} s, CPU {time.process_time() - cpu:.2f} s")


def peak() -> int:
    """The most memory this process had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def fill(database: Database, many: int) -> None:
    """Write the rows of that many articles, as the jobs would have."""
    everything = (row for number in range(many) for row in printed(number))
    while batch := list(islice(everything, 1_000)):
        with database.write() as connection:
            for place, table in enumerate((locators, captures, articles)):
                connection.execute(table.insert(), [each for row in batch if (each := row[place]) is not None])


def printed(number: int) -> Iterator[tuple[dict[str, Any] | None, dict[str, Any], dict[str, Any]]]:
    """The rows (locator, capture, article) of one article at its one or two addresses, before and after an edit."""
    day = START + timedelta(days=number // A_DAY)
    for copy in range(1 + number % 2):
        name = f"{number:032x}" + f"{copy:032x}" * copy
        key, url = f"kp,kcna)/en/article/q/{name}.kcmsf", f"http://www.kcna.kp/en/article/q/{name}.kcmsf"
        for edit in range(1 + (number % 100 == 0)):
            at = day + timedelta(hours=1 + copy + edit)
            record = f"captures/{SOURCE}/{at:%Y/%m/%d}/{number:09d}-{copy}{edit}.json"
            visits = Visits(first_seen_at=at, attempts=1, last_attempt_at=at, held=record)
            article = article_of(number, url, (copy, edit), f"{day:%Y-%m-%d}")
            yield (
                None if edit else rows.locator_row(SOURCE, key, (url, key), visits),
                capture_row(record, key, url, at, article.snapshot_sha256),
                rows.article_row(key, 0, article),
            )


def article_of(number: int, url: str, printing: tuple[int, int], published: str) -> Article:
    """What a parser would have read from one (copy, edit) of an article."""
    words = [WORDS[(number * 31 + place * place) % len(WORDS)] for place in range(300)] + ["edited"] * printing[1]
    paragraphs = tuple(" ".join(words[start : start + 60]) for start in range(0, len(words), 60))
    title = f"Article {number} of the benchmark"
    return Article(
        source=SOURCE,
        outlet="KCNA",
        key=str(number),
        url=url,
        original_url=None,
        title=title,
        published=published,
        published_evidence="page-mark",
        published_precision="day",
        published_timezone="Asia/Pyongyang",
        evidence=(),
        dateline=None,
        byline=None,
        sections=("Top News",),
        language="en",
        paragraphs=paragraphs,
        end_mark="-0-",
        images=(),
        links=(),
        related=(),
        parser="kcna/q-article@1",
        snapshot_sha256=sha256(repr((number, printing)).encode()).hexdigest(),
        text_sha256=text_sha256(title, paragraphs),
    )


def capture_row(record: str, key: str, url: str, at: datetime, digest: str) -> dict[str, Any]:
    """The row of a good capture."""
    empty = dict.fromkeys(column.name for column in captures.columns)
    filled = {"record": record, "source": SOURCE, "key": key, "url": url, "method": "GET", "role": "article"}
    said = {"reason": "new", "kind": "response", "channel": "direct", "verdict": "article", "judge": "judge@1"}
    times = {"observed_at": rows.moment(at), "recorded_at": rows.moment(at), "status": 200, "sha256": digest}
    return {**empty, **filled, **said, **times, "size": 77_000}


if __name__ == "__main__":
    main()
