"""A parser that dies, for tests of what survives it: pages whose body says so kill, hang or break the child they are read in.

Used with a real `Reader` and its real children; every page that is begun is noted in a file.
"""

from __future__ import annotations

import os
import signal
import time
from functools import partial
from pathlib import Path

from scraper.catalogue.reading import Reading
from scraper.jobs.reader import ReadPage, read_page
from scraper.model import Page, Sighting, Source

KILLS = b"<!-- kills the parser -->"
HANGS = b"<!-- hangs the parser -->"
FAULTS = b"<!-- makes the parser touch memory that is not its own -->"
ABORTS = b"<!-- makes the parser abort -->"
BREAKS = b"<!-- breaks the parser -->"


def deadly(log: Path) -> ReadPage:
    """Reads like `read_page`, but dies of such pages; notes every address in `log` before it reads."""
    return partial(_read, log)


def begun(log: Path) -> list[str]:
    """The addresses of the pages that were begun, in order; those noted so far are forgotten."""
    noted = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
    log.unlink(missing_ok=True)
    return noted


def _read(log: Path, page: Page, source: Source, lead: Sighting | None) -> Reading:
    with log.open("a", encoding="utf-8") as file:
        file.write(page.url + "\n")
    if KILLS in page.body:
        os.kill(os.getpid(), signal.SIGKILL)
    if FAULTS in page.body:
        os.kill(os.getpid(), signal.SIGSEGV)
    if ABORTS in page.body:
        os.abort()
    if HANGS in page.body:
        time.sleep(600)  # noqa: TID251 - the parser that hangs
    if BREAKS in page.body:
        raise ZeroDivisionError("a mistake of the parser's own")
    return read_page(page, source, lead)
