"""Probes of a store: what it does under our own use, asked of it and not of its documentation.

Hides the objects the probes write (`doctor/<time>-<hex>/…`; a store has no delete, so these few hundred bytes stay).
What only an S3 server or only a directory can be asked is in `probes_s3` and `probes_local`.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from scraper.archive.probes_local import local_probes
from scraper.archive.store import Store
from scraper.archive.store_local import LocalStore
from scraper.errors import StoreError

PREFIX = "doctor/"
_WRITERS = 8
_OBJECTS = 32
_BYTES = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Probed:
    """What one probe found. `holds` is None where the store does not offer it, or it cannot be told.

    `needed` says that the archive relies on it: a store where that does not hold loses captures.
    """

    name: str
    holds: bool | None
    detail: str
    needed: bool = False


def probe(store: Store, now: datetime) -> Iterator[Probed]:
    """Every probe of a store, in the order to show them. `now` is the time to compare the server's clock with.

    Errors: StoreUnreachable where the store cannot be used at all.
    """
    folder = f"{PREFIX}{now:%Y%m%dT%H%M%S}-{secrets.token_hex(4)}"
    yield _read_after_write(store, f"{folder}/one")
    yield _listing(store, f"{folder}/one")
    yield _one_name(store, f"{folder}/same")
    if isinstance(store, LocalStore):
        found = local_probes(store.root)
    elif store.url.startswith("s3://"):
        # Imported here, as the S3 store is: boto3 costs what a local archive need not pay.
        from scraper.archive.probes_s3 import s3_probes  # noqa: PLC0415
        from scraper.archive.store_s3 import S3Store  # noqa: PLC0415

        assert isinstance(store, S3Store)
        found = s3_probes(store.connection, f"{folder}/own", now)
    else:
        found = iter(())
    for name, holds, detail in found:
        yield Probed(name=name, holds=holds, detail=detail)
    yield _latency(store, f"{folder}/timed")


def _read_after_write(store: Store, folder: str) -> Probed:
    """Eight writers, each reading at once what it has just written."""

    def fault(number: int) -> str:
        key, data = f"{folder}/{number:02d}", secrets.token_bytes(_BYTES)
        try:
            store.put(key, data)
            if store.size(key) != len(data):
                return f"{key} has another length than was written"
            return "" if store.get(key) == data else f"{key} came back as other bytes"
        except StoreError as error:
            return str(error)

    with ThreadPoolExecutor(_WRITERS) as pool:
        faults = [said for said in pool.map(fault, range(_OBJECTS)) if said]
    detail = faults[0] if faults else f"{_OBJECTS} objects from {_WRITERS} writers were there at once, whole"
    return Probed(name="read after write", holds=not faults, detail=detail, needed=True)


def _listing(store: Store, folder: str) -> Probed:
    expected = [f"{folder}/{number:02d}" for number in range(_OBJECTS)]
    listed = list(store.list(f"{folder}/"))
    missing = sorted(set(expected) - set(listed))
    detail = (
        f"the listing lacks {len(missing)} of {_OBJECTS} objects just written, first {missing[0]}"
        if missing
        else "every object just written is listed"
        if listed == expected
        else "every object just written is listed, but not in ascending order"
    )
    return Probed(name="list after write", holds=listed == expected, detail=detail, needed=True)


def _one_name(store: Store, key: str) -> Probed:
    """The same bytes under one name from eight writers: as two workers meet one snapshot."""
    data = secrets.token_bytes(_BYTES)
    try:
        with ThreadPoolExecutor(_WRITERS) as pool:
            list(pool.map(lambda _: store.put(key, data), range(_WRITERS)))
        whole = store.get(key) == data
    except StoreError as error:
        return Probed(name="one name, many writers", holds=False, detail=str(error), needed=True)
    detail = "the object is whole" if whole else "the object is not what any of them wrote"
    return Probed(
        name="one name, many writers", holds=whole, detail=f"{_WRITERS} writers at once: {detail}", needed=True
    )


def _latency(store: Store, folder: str) -> Probed:
    data = secrets.token_bytes(_BYTES)
    keys = [f"{folder}/{number}" for number in range(9)]
    steps: tuple[tuple[str, Callable[[str], object]], ...] = (
        ("put", lambda key: store.put(key, data)),
        ("get", store.get),
        ("has", store.has),
    )
    try:
        figures = [f"{name} {median(_timed(step, key) for key in keys):.1f} ms" for name, step in steps]
    except StoreError as error:
        return Probed(name="latency", holds=None, detail=f"cannot be measured: {error}")
    return Probed(name="latency", holds=None, detail=f"{', '.join(figures)} (medians of {len(keys)}, {_BYTES} bytes)")


def _timed(step: Callable[[str], object], key: str) -> float:
    began = time.perf_counter()
    step(key)
    return (time.perf_counter() - began) * 1000
