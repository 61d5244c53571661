"""A worker for the tests of the shared pace: takes turns of one host group until its time is up, or until it is killed.

`pace_child.py URL SECONDS`: two threads take turns with `GAP` seconds between them; each turn is printed as
`start end` (seconds since the epoch). With SECONDS 0 it takes one turn for `LEASE`, prints when that ends, and keeps it.
"""

from __future__ import annotations

import os
import sys
import threading
from datetime import timedelta

from scraper.catalogue.database import open_database
from scraper.catalogue.pace import SharedPace
from scraper.clock import SystemClock
from scraper.fetch.pace import take_turn
from scraper.policy.pace import Limits, Outcome, Spent

GROUP = "kcna.kp"
GAP = 0.03
LEASE = timedelta(seconds=1.5)
LIMITS = Limits(gap=GAP)


def turns(pace: SharedPace, owner: str, seconds: float) -> None:
    """Take turns of a few milliseconds each."""
    clock = SystemClock()
    end = clock.now() + timedelta(seconds=seconds)
    while clock.now() < end:
        take_turn(pace, clock, GROUP, owner=owner, lease=LEASE, abandoned=lambda: False, limits=LIMITS)
        started = clock.now()
        clock.sleep(0.004)
        ended = clock.now()
        pace.release(GROUP, owner, ended, Spent(outcome=Outcome.ANSWERED), LIMITS)
        os.write(1, f"{started.timestamp()!r} {ended.timestamp()!r}\n".encode())


def main(url: str, seconds: float) -> None:
    """Work, or hold on."""
    database = open_database(url)
    pace, clock = SharedPace(database), SystemClock()
    if seconds == 0:
        now = clock.now()
        assert pace.acquire(GROUP, "held", now, now + LEASE, LIMITS) is None
        os.write(1, f"{(now + LEASE).timestamp()!r}\n".encode())
        clock.sleep(60)
    workers = [threading.Thread(target=turns, args=(pace, f"{os.getpid()}-{n}", seconds)) for n in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    database.close()


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
