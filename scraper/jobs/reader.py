"""Reading pages where a crash of the parser hurts nobody: in a child process.

Hides the process pool. A page that kills or hangs its child is recorded as `crashed` and passed over; a page that cannot
be read is a value, not an error (selectolax has crashed the process on rare real pages, docs/decisions.md).
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import signal
import sys
import threading
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, CancelledError, ProcessPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError
from multiprocessing import connection
from multiprocessing.process import parent_process

from scraper.catalogue.reading import ARTICLES, CRASHED, LAYOUT_CHANGED, LISTING, NOT_AN_ARTICLE, Reading
from scraper.errors import LayoutChanged, NotAnArticle
from scraper.model import Page, Parsed, Sighting, Source
from scraper.policy.resolve import read

ReadPage = Callable[[Page, Source, Sighting | None], Reading]
"""Reads a page, given its source's declaration and the sighting that led to it."""

_PATIENCE = 60.0
"""Seconds: the largest pages are read in less than one, and a machine may be busy. A page that hangs costs twice that."""
_MEMORY = 4 * 2**30
"""Bytes of address space of a child: a page of 16 MiB takes some hundreds of megabytes, a tree that runs away any number."""


def read_page(page: Page, source: Source, lead: Sighting | None) -> Reading:
    """Read one page here and now; every outcome is a value."""
    if not source.parser:
        return Reading(outcome=NOT_AN_ARTICLE, parsed=Parsed(), detail=f"no parser is declared for {page.url}")
    try:
        parsed = read(page, source, lead)
    except NotAnArticle as error:
        return Reading(outcome=NOT_AN_ARTICLE, parsed=Parsed(), detail=str(error))
    except LayoutChanged as error:
        return Reading(outcome=LAYOUT_CHANGED, parsed=Parsed(), detail=str(error))
    return Reading(outcome=ARTICLES if parsed.articles else LISTING, parsed=parsed)


class Reader:
    """Reads pages in child processes; threads may share it. `processes` of 0 reads in this process (no isolation).

    `patience` is how many seconds a page may take. `reads` is what a child does; it must be picklable.
    """

    def __init__(self, *, processes: int = 1, patience: float = _PATIENCE, reads: ReadPage = read_page) -> None:
        self._processes = processes
        self._patience = patience
        self._reads = reads
        self._pool: ProcessPoolExecutor | None = None
        self._lock = threading.Lock()

    @property
    def at_once(self) -> int:
        """How many threads keep the children busy: each child has a page at hand, and one to begin when that is done."""
        return max(1, 2 * self._processes)

    def read(self, page: Page, source: Source, lead: Sighting | None = None) -> Reading:
        """Read one page as its source's parser does; `crashed` where that kills, hangs or breaks in a child of its own."""
        if self._processes == 0:
            return self._reads(page, source, lead)
        pool = self._running()
        try:
            return self._in(pool, page, source, lead)
        except (RuntimeError, FutureTimeoutError, CancelledError):
            # BrokenExecutor is a RuntimeError; so is what a pool says that another thread has ended in the meantime.
            self._discard(pool)
        # Another page may have broken the shared pool: before this one is blamed, it is read in a child of its own.
        alone = _children(1)
        try:
            return self._in(alone, page, source, lead)
        except (BrokenExecutor, FutureTimeoutError) as error:
            return _crashed(page, f"died or hung ({type(error).__name__})")
        finally:
            _end(alone)

    def close(self) -> None:
        """End the children."""
        with self._lock:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.shutdown(wait=True, cancel_futures=True)

    def _in(self, pool: ProcessPoolExecutor, page: Page, source: Source, lead: Sighting | None) -> Reading:
        """What a child made of the page. RuntimeError (BrokenExecutor) or TimeoutError where nothing came of it."""
        future = pool.submit(self._reads, page, source, lead)
        raised = future.exception(timeout=self._patience)
        if isinstance(raised, BrokenExecutor):
            raise raised
        return future.result() if raised is None else _crashed(page, f"broke with {type(raised).__name__}: {raised}")

    def _running(self) -> ProcessPoolExecutor:
        with self._lock:
            if self._pool is None:
                self._pool = _children(self._processes)
            return self._pool

    def _discard(self, pool: ProcessPoolExecutor) -> None:
        with self._lock:
            if self._pool is pool:
                self._pool = None
        _end(pool)


def _crashed(page: Page, how: str) -> Reading:
    detail = f"the parser {how} on {page.url}; the page is safe, read it again with a later parser: scraper reparse"
    return Reading(outcome=CRASHED, parsed=Parsed(), detail=" ".join(detail.split()))


def _children(number: int) -> ProcessPoolExecutor:
    # `spawn`: the worker has threads and open sockets, which a fork would copy in whatever state they are.
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(max_workers=number, mp_context=context, initializer=_settle)


def _end(pool: ProcessPoolExecutor) -> None:
    """End a pool whose child may hang: kill first, so that nobody waits for it."""
    # The executor forgets its children in a thread of its own as soon as one of them has died.
    for process in tuple((getattr(pool, "_processes", None) or {}).values()):
        process.kill()
    pool.shutdown(wait=False)


def _settle() -> None:
    """Make this child leave ^C to its parent, and end when its parent does: a killed worker must leave nothing behind.

    A page may not take the machine's memory either: beyond `_MEMORY` it is refused, which breaks or kills this child alone.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    # Only Linux counts an address space as it is used.
    if sys.platform == "linux" and (most == resource.RLIM_INFINITY or most > _MEMORY):
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, most))
    parent = parent_process()
    assert parent is not None

    def follow() -> None:
        connection.wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=follow, daemon=True).start()
