"""Several objects at a time, where they are on a server: each takes a round trip, and waits for none of the others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from scraper.archive.store import Store

Outcome = TypeVar("Outcome")

_AT_HAND = frozenset({"file", "memory"})
_THREADS, _BATCH = 16, 64


def several(work: Callable[[str], Outcome], keys: Iterable[str], *stores: Store) -> Iterator[tuple[str, Outcome]]:
    """Each key with what `work` comes to for it, in their order; in threads where one of the stores is a server."""
    if all(store.url.partition("://")[0] in _AT_HAND for store in stores):
        yield from ((key, work(key)) for key in keys)
        return
    left = iter(keys)
    with ThreadPoolExecutor(_THREADS) as threads:
        while batch := list(islice(left, _BATCH)):
            yield from zip(batch, threads.map(work, batch), strict=True)
