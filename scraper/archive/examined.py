"""Examined: one object read and judged, and what is the matter with it: missing, corrupt or unreadable.

Hides how an object that the storage will not give out is told from a storage that does not answer at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from scraper.archive import archive, records, sound
from scraper.errors import RecordCorrupt, SnapshotCorrupt, SnapshotMissing, StoreUnreachable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scraper.archive.store import Store


class Fault(StrEnum):
    """What is the matter with an object."""

    MISSING = "missing"
    CORRUPT = "corrupt"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """An object that was read. `fault` is None where it is sound; `record` has the bytes of a sound capture record."""

    key: str
    size: int = 0
    fault: Fault | None = None
    reason: str = ""
    record: bytes = b""


def examine(store: Store, key: str, digests: Mapping[str, str]) -> Examined:
    """Read one object and hold it against its name, and against what roots tell of it (`sound.told`).

    Raises StoreUnreachable where the store gives out no other object either.
    """
    try:
        data = store.get(key)
    except SnapshotMissing:
        return Examined(key=key, fault=Fault.MISSING, reason="is not in the store")
    except (SnapshotCorrupt, RecordCorrupt) as error:
        return Examined(key=key, fault=Fault.CORRUPT, reason=f"is damaged in the storage ({error})")
    except StoreUnreachable as error:
        store.get(archive.FORMAT_KEY)
        return Examined(key=key, fault=Fault.UNREADABLE, reason=f"is there, but is not given out ({error})")
    wrong = sound.unsound(key, data, digests)
    if wrong:
        return Examined(key=key, size=len(data), fault=Fault.CORRUPT, reason=wrong)
    return Examined(key=key, size=len(data), record=data if key.startswith(records.PREFIX) else b"")
