"""The store in 256 parts of like size, so that reading all of it can be spread over many runs.

Hides how an object's part is told: by the first two digits of the digest in its name, else of its name's own digest.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from itertools import chain
from typing import TYPE_CHECKING

from scraper.archive import archive, manifests, records, roots, snapshots, sound

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scraper.archive.store import Store

SHARDS = 256
_TOGETHER = 16
"""Parts that are taken up together: snapshots of a part lie together, all else must be listed to find those of it."""
_SCATTERED = (archive.CONFIGS, records.PREFIX, manifests.PREFIX, roots.PREFIX, roots.TIMESTAMPS)


def shard_of(key: str) -> int:
    """The part that an object belongs to."""
    digits = sound.digest_of(key) or hashlib.sha256(key.encode()).hexdigest()
    return int(digits[:2], 16)


def keys_of(store: Store, shards: Sequence[int]) -> Iterator[tuple[int, Iterator[str]]]:
    """Each of these parts, in this order, with the keys of its objects; only those of a few parts are held in memory.

    What is in quarantine, and what `doctor` left, belongs to no part.
    """
    for first in range(0, len(shards), _TOGETHER):
        some = shards[first : first + _TOGETHER]
        scattered: defaultdict[int, list[str]] = defaultdict(list)
        for key in chain.from_iterable(store.list(prefix) for prefix in _SCATTERED):
            if (shard := shard_of(key)) in some:
                scattered[shard].append(key)
        for shard in some:
            yield shard, chain(store.list(f"{snapshots.PREFIX}{shard:02x}/"), scattered[shard])
