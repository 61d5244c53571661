"""A worker for the crash tests: copies an archive to its replica or mends it, until it is done or killed.

`mending_child.py replicate|repair PLACE FATAL`: with FATAL above 0 it kills itself with SIGKILL exactly between writing
the FATAL-th object and giving it its name.
"""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import replace
from itertools import count
from pathlib import Path

from scraper.archive.archive import Archive
from scraper.archive.store_local import LocalStore
from scraper.jobs.repair import repair
from scraper.jobs.replicate import replicate
from tests.kept_twice import environment, opened


def main(job: str, place: Path, fatal: int) -> None:
    """Do the job once, and end with its exit code."""
    published = count(1)

    def before_publish(_key: str) -> None:
        os.write(1, b".")
        if next(published) == fatal:
            os.kill(os.getpid(), signal.SIGKILL)

    with opened(environment(place), writes=False) as services:
        store, replica = (LocalStore(place / name, before_publish=before_publish) for name in ("store", "copy"))
        over = replace(services, archive=Archive(store=store, writable=True))
        report = replicate(over, replica) if job == "replicate" else repair(over, replica)
    sys.exit(report.exit_code())


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
