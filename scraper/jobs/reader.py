"""Reading pages where a crash of the parser hurts nobody: in a child process.

Hides the process pool. A page that kills or hangs its child is recorded as `crashed` and passed over; a page that cannot
be read is a value, not an error (selectolax has crashed the process on rare real pages, docs/decisions.md).
"""

from __future__ import annotations

import multiprocessing
import threading
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError
from concurrent.futures.process import BrokenProcessPool

from scraper.catalogue.reading import ARTICLES, CRASHED, LAYOUT_CHANGED, LISTING, NOT_AN_ARTICLE, Reading
from scraper.errors import LayoutChanged, NotAnArticle
from scraper.model import Page, Parsed, Sighting, Source
from scraper.policy.resolve import read

_PATIENCE = 120.0


def read_page(page: Page, source: str, parser: str, timezone: str, lead: Sighting | None) -> Reading:
    """Read one page here and now; every outcome is a value."""
    if not parser:
        return Reading(outcome=NOT_AN_ARTICLE, parsed=Parsed(), detail=f"no parser is declared for {page.url}")
    try:
        parsed = read(page, source=source, parser=parser, timezone=timezone, lead=lead)
    except NotAnArticle as error:
        return Reading(outcome=NOT_AN_ARTICLE, parsed=Parsed(), detail=str(error))
    except LayoutChanged as error:
        return Reading(outcome=LAYOUT_CHANGED, parsed=Parsed(), detail=str(error))
    return Reading(outcome=ARTICLES if parsed.articles else LISTING, parsed=parsed)


class Reader:
    """Reads pages in child processes; threads may share it. `processes` of 0 reads in this process (no isolation)."""

    def __init__(self, *, processes: int = 1, patience: float = _PATIENCE) -> None:
        self._processes = processes
        self._patience = patience
        self._pool: ProcessPoolExecutor | None = None
        self._lock = threading.Lock()

    def read(self, page: Page, source: Source, lead: Sighting | None = None) -> Reading:
        """Read one page as its source's parser does; `crashed` where the child died or hung twice on it."""
        if self._processes == 0:
            return read_page(page, source.id, source.parser, source.timezone, lead)
        for _ in range(2):
            pool = self._running()
            try:
                return self._submit(pool, page, source, lead).result(timeout=self._patience)
            except (BrokenProcessPool, FutureTimeoutError) as error:
                # Another page may have broken the shared pool: this one gets a second, fresh child before it is blamed.
                self._discard(pool)
                detail = f"the parser died or hung on {page.url} ({type(error).__name__}); the page is safe, read it again with a later parser"
        return Reading(outcome=CRASHED, parsed=Parsed(), detail=detail)

    def close(self) -> None:
        """End the children."""
        with self._lock:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.shutdown(wait=True, cancel_futures=True)

    def _submit(self, pool: ProcessPoolExecutor, page: Page, source: Source, lead: Sighting | None) -> Future[Reading]:
        return pool.submit(read_page, page, source.id, source.parser, source.timezone, lead)

    def _running(self) -> ProcessPoolExecutor:
        with self._lock:
            if self._pool is None:
                # `spawn`: the worker has threads and open sockets, which a fork would copy in whatever state they are.
                context = multiprocessing.get_context("spawn")
                self._pool = ProcessPoolExecutor(max_workers=self._processes, mp_context=context)
            return self._pool

    def _discard(self, pool: ProcessPoolExecutor) -> None:
        with self._lock:
            if self._pool is pool:
                self._pool = None
        for process in multiprocessing.active_children():
            if process.pid in {child.pid for child in getattr(pool, "_processes", {}).values()}:
                process.kill()
        pool.shutdown(wait=False, cancel_futures=True)
