"""A worker for the crash tests: archives attempts and acknowledges each on stdout, until it is killed.

`archive_child.py DIRECTORY ROUND FATAL`: with FATAL above 0 it kills itself with SIGKILL exactly between writing the
FATAL-th object and giving it its name, having said on stderr which object that was.
"""

from __future__ import annotations

import os
import random
import signal
import sys
from datetime import timedelta
from itertools import count
from pathlib import Path

from scraper.archive.archive import open_archive
from scraper.archive.store_local import LocalStore
from scraper.model import Verdict
from tests.archive_exchanges import NOON, exchange, failed


def main(directory: Path, turn: int, fatal: int) -> None:
    """Archive without end; every seventh attempt is a failure without a body."""
    published = count(1)

    def before_publish(key: str) -> None:
        if next(published) == fatal:
            os.write(2, key.encode())
            os.kill(os.getpid(), signal.SIGKILL)

    archive = open_archive(LocalStore(directory, before_publish=before_publish), writable=True)
    chance = random.Random(turn)
    for number in count():
        attempt = failed() if number % 7 == 6 else exchange(chance.randbytes(chance.randrange(1, 60_000)))
        capture = archive.save(
            attempt,
            key="k",
            verdict=Verdict.ARTICLE,
            judge="1",
            config=None,
            recorded_at=NOON + timedelta(hours=turn, milliseconds=number),
        )
        os.write(1, f"{capture.record}\n".encode())


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
