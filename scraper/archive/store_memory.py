"""A store in memory, for tests and for looking at pages without keeping them. Hides a dictionary and its lock."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from scraper.archive.write_once import check_key, must_be_right, settle, to_mend
from scraper.errors import SnapshotMissing

if TYPE_CHECKING:
    from collections.abc import Iterator


class MemoryStore:
    """Objects in a dictionary; safe to use from several threads, gone with the process."""

    url = "memory://"

    def __init__(self) -> None:
        self._objects: dict[str, bytes] = {}
        self._lock = threading.Lock()

    def put(self, key: str, data: bytes) -> bool:
        """See `Store.put`."""
        check_key(key)
        with self._lock:
            held = self._objects.get(key)
            if held is None:
                self._objects[key] = data
                return True
        return settle(self, key, held=held, offered=data)

    def get(self, key: str) -> bytes:
        """See `Store.get`."""
        check_key(key)
        try:
            return self._objects[key]
        except KeyError:
            raise SnapshotMissing(f"no object {key} in {self.url}: run `scraper check` to see what else") from None

    def has(self, key: str) -> bool:
        """See `Store.has`."""
        check_key(key)
        return key in self._objects

    def size(self, key: str) -> int | None:
        """See `Store.size`."""
        check_key(key)
        held = self._objects.get(key)
        return None if held is None else len(held)

    def mend(self, key: str, right: bytes) -> bool:
        """See `Store.mend`."""
        check_key(key)
        must_be_right(self, key, right)
        held = self._objects.get(key)
        if held is None:
            return self.put(key, right)
        if not to_mend(self, key, held=held, right=right):
            return False
        self._objects[key] = right
        return True

    def list(self, prefix: str = "") -> Iterator[str]:
        """See `Store.list`."""
        with self._lock:
            keys = sorted(key for key in self._objects if key.startswith(prefix))
        yield from keys
