"""A program that archives until the disk is full: `full_disk.py tmpfs|limit DIRECTORY`.

`tmpfs` mounts a small file system on DIRECTORY (in the mount namespace it is started in), `limit` sets a file size
limit. Prints the error that `put` raised, then what of the store can still be read, as JSON.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

from scraper.archive.store_local import LocalStore
from scraper.errors import StoreUnreachable

LIMIT = 200_000


def main(fault: str, directory: Path) -> None:
    """Fill the store until it refuses, then look at what is left."""
    if fault == "tmpfs":
        command = ["mount", "-t", "tmpfs", "-o", f"size={LIMIT}", "tmpfs", str(directory)]
        subprocess.run(command, check=True)
    else:
        resource.setrlimit(resource.RLIMIT_FSIZE, (LIMIT, LIMIT))
    store = LocalStore(directory / "archive")
    acknowledged, error = [], None
    # Bodies that grow, so that the limit on one file is reached as surely as that on the whole disk.
    for number in range(60):
        key, data = f"objects/{number:02d}", os.urandom(1) * (number * 5_000)
        try:
            store.put(key, data)
        except StoreUnreachable as refused:
            error = str(refused)
            break
        acknowledged.append((key, len(data)))
    left = [(key, len(store.get(key))) for key in store.list()]
    temporary = len(list((directory / "archive" / ".tmp").iterdir()))
    report = {"error": error, "acknowledged": acknowledged, "left": left, "temporary": temporary}
    sys.stdout.write(json.dumps(report))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
