"""What a directory can be asked: whether its file system has hard links, what kind it is, and what room is left.

Hides how a path is found among the mounted file systems.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

from scraper.errors import StoreUnreachable

Answer = tuple[str, bool | None, str]
"""Name, whether it holds, and the detail, as `probes.Probed` has them."""
_MOUNTS = Path("/proc/self/mounts")
_NETWORK = frozenset({"nfs", "nfs4", "cifs", "smb3", "fuse.sshfs", "9p", "glusterfs", "ceph"})
_IN_MEMORY = frozenset({"tmpfs", "ramfs"})


def local_probes(root: Path) -> Iterator[Answer]:
    """The probes of a local store's directory, which an earlier put has made. Errors: StoreUnreachable."""
    try:
        yield _links(root)
        yield _kind(root)
        yield _room(root)
    except OSError as error:
        raise StoreUnreachable(f"cannot probe {root}: {error.strerror}: check the directory") from error


def _links(root: Path) -> Answer:
    """A hard link is how an object gets its name without ever replacing one (`store_local`)."""
    name = "never replaces an object"
    directory = root / ".tmp"
    first, second = (directory / f"doctor-{secrets.token_hex(6)}" for _ in range(2))
    first.write_bytes(b"")
    try:
        os.link(first, second)
    except OSError as error:
        return name, False, f"no hard links ({error.strerror}): two writers of one name could replace each other's file"
    else:
        return name, True, "the file system has hard links"
    finally:
        for path in (first, second):
            path.unlink(missing_ok=True)


def _kind(root: Path) -> Answer:
    name = "survives a power cut"
    kind = _file_system(root)
    if kind is None:
        return name, None, "every object and its directory are synced; the kind of file system cannot be told here"
    if kind in _IN_MEMORY:
        return name, False, f"{kind} is memory: it is gone with the machine"
    if kind in _NETWORK:
        return name, None, f"every object is synced, and {kind} passes that on as its server is set up to"
    return name, True, f"every object and its directory are synced ({kind})"


def _file_system(root: Path) -> str | None:
    """The type of the file system that holds a path; None where nobody tells."""
    try:
        mounts = [line.split()[1:3] for line in _MOUNTS.read_text(encoding="utf-8").splitlines()]
    except OSError:
        return None
    path = root.resolve()
    held = [(point, kind) for point, kind in mounts if path.is_relative_to(point.encode().decode("unicode_escape"))]
    return max(held, key=lambda mount: len(mount[0]))[1] if held else None


def _room(root: Path) -> Answer:
    usage = shutil.disk_usage(root)
    return "room", None, f"{usage.free / 1e9:.1f} GB free of {usage.total / 1e9:.1f} GB"
