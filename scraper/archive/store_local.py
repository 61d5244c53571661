"""A store in a local directory: every object is one file, there whole or not at all, and on disk when acknowledged.

Hides temporary files, links and fsync. An object is written under `.tmp/` (same file system), synced, linked to its
name (a link never replaces a file that is there), and the directory is synced. What a crash leaves under `.tmp/` is
never listed, and swept when it is an hour old.
"""

from __future__ import annotations

import errno
import os
import secrets
import stat
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from scraper.archive.write_once import check_key, must_be_right, settle, to_mend
from scraper.errors import SnapshotMissing, StoreUnreachable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_TEMPORARY = ".tmp"
_STALE_SECONDS = 3600.0
_ABSENT = (FileNotFoundError, NotADirectoryError, IsADirectoryError)
_NO_LINKS = frozenset({errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS})
_REMEDIES = {
    errno.ENOSPC: "the disk is full: free some space",
    errno.EDQUOT: "the disk quota is used up: free some space",
    errno.EFBIG: "the file size limit is reached: raise it (ulimit -f)",
    errno.EROFS: "the file system is mounted read-only: mount it for writing",
    errno.EACCES: "permission denied: make the directory writable for this user",
    errno.EPERM: "operation not permitted: make the directory writable for this user",
    errno.ENOENT: "a directory of it was taken away: put it back (is the disk mounted?)",
    errno.EIO: "the disk reports an input/output error: check it",
    errno.EMFILE: "too many open files: raise the limit (ulimit -n)",
}


class LocalStore:
    """The store in the directory `root`, which the first `put` makes.

    `durable` False leaves out every fsync (tests and demonstrations). `before_publish` is called with the key when
    an object is written but not yet visible: the seam at which the crash tests kill the process.
    """

    def __init__(
        self, root: Path, *, durable: bool = True, before_publish: Callable[[str], None] | None = None
    ) -> None:
        self._root = str(root.absolute())
        self._durable = durable
        self._before_publish = before_publish
        self._made: set[str] = set()
        self._numbers = count()
        self._token = secrets.token_hex(6)
        self.url = root.absolute().as_uri()
        _sweep(Path(self._root, _TEMPORARY))

    @property
    def root(self) -> Path:
        """The directory that holds the objects."""
        return Path(self._root)

    def put(self, key: str, data: bytes) -> bool:
        """See `Store.put`."""
        check_key(key)
        try:
            held = self._read(key)
            if held is None:
                if self._write(key, data):
                    return True
                held = self._read(key) or b""
            self._settle_in(f"{self._root}/{key}".rpartition("/")[0])
        except OSError as error:
            raise self._unreachable("write", key, error) from error
        return settle(self, key, held=held, offered=data)

    def get(self, key: str) -> bytes:
        """See `Store.get`."""
        check_key(key)
        try:
            held = self._read(key)
        except OSError as error:
            raise self._unreachable("read", key, error) from error
        if held is None:
            raise SnapshotMissing(f"no object {key} in {self.url}: restore it from a good copy of the archive")
        return held

    def has(self, key: str) -> bool:
        """See `Store.has`."""
        return self.size(key) is not None

    def size(self, key: str) -> int | None:
        """See `Store.size`."""
        check_key(key)
        try:
            status = Path(self._root, key).stat()
        except _ABSENT:
            return None
        except OSError as error:
            raise self._unreachable("read", key, error) from error
        return status.st_size if stat.S_ISREG(status.st_mode) else None

    def mend(self, key: str, right: bytes) -> bool:
        """See `Store.mend`."""
        check_key(key)
        must_be_right(self, key, right)
        try:
            held = self._read(key)
            if held is None:
                return self.put(key, right)
            if not to_mend(self, key, held=held, right=right):
                return False
            self._write(key, right, publish=_replace)
        except OSError as error:
            raise self._unreachable("mend", key, error) from error
        return True

    def list(self, prefix: str = "") -> Iterator[str]:
        """See `Store.list`."""
        directory = prefix.rpartition("/")[0]
        try:
            yield from _keys(Path(self._root, directory), f"{directory}/" if directory else "", prefix)
        except OSError as error:
            raise self._unreachable("list", prefix, error) from error

    def _read(self, key: str) -> bytes | None:
        try:
            with open(f"{self._root}/{key}", "rb", buffering=0) as file:  # noqa: PTH123 - half the cost of a Path
                return file.read()
        except _ABSENT:
            return None

    def _write(self, key: str, data: bytes, publish: Callable[[str, str], None] | None = None) -> bool:
        """Make the object's file; False where another writer was quicker."""
        path = f"{self._root}/{key}"
        directory = path.rpartition("/")[0]
        self._ensure(f"{self._root}/{_TEMPORARY}")
        self._ensure(directory)
        temporary = f"{self._root}/{_TEMPORARY}/{os.getpid()}-{self._token}-{next(self._numbers)}"
        try:
            self._fill(temporary, data)
            if self._before_publish is not None:
                self._before_publish(key)
            (publish or _publish)(temporary, path)
        except FileExistsError:
            return False
        finally:
            _discard(temporary)
        self._sync(directory)
        return True

    def _fill(self, path: str, data: bytes) -> None:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(descriptor, rest) :]
            if self._durable:
                os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def _settle_in(self, directory: str) -> None:
        """Make sure of an object that is there already: whoever linked it may have died before syncing its directory."""
        self._ensure(directory)
        self._sync(directory)

    def _ensure(self, directory: str) -> None:
        """Make a directory below the root, durably, and remember it.

        One that exists is synced too, the first time: the process that made it may not have come to that yet.
        """
        if directory in self._made:
            return
        parent = directory.rpartition("/")[0] or "/"
        is_root = directory == self._root
        if not is_root:
            self._ensure(parent)
        new = not Path(directory).is_dir()
        Path(directory).mkdir(parents=is_root, exist_ok=True)
        if new or not is_root:
            self._sync(parent)
        self._made.add(directory)

    def _sync(self, directory: str) -> None:
        if not self._durable:
            return
        descriptor = os.open(directory, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def _unreachable(self, verb: str, key: str, error: OSError) -> StoreUnreachable:
        remedy = _REMEDIES.get(error.errno or 0, f"{error.strerror}: check the directory")
        return StoreUnreachable(f"cannot {verb} {key} in {self.url}: {remedy}")


def _publish(temporary: str, path: str) -> None:
    """Give a whole file its name, without ever replacing one: FileExistsError where the name is taken."""
    try:
        os.link(temporary, path)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        # A file system without hard links (exFAT, some FUSE): the name was free a moment ago, and whoever took it
        # since holds the same bytes, because keys name content.
        Path(temporary).replace(path)


def _replace(temporary: str, path: str) -> None:
    """Give a whole file a name that a damaged one has: whoever reads the name meets the one or the other."""
    Path(temporary).replace(path)


def _discard(temporary: str) -> None:
    # Harmless if it fails: leftovers are never listed and swept later.
    try:
        os.unlink(temporary)  # noqa: PTH108 - a Path for every object written costs more than the call
    except OSError:
        return


def _keys(directory: Path, key: str, prefix: str) -> Iterator[str]:
    """Keys below `directory` (whose own key prefix is `key`) in ascending order; names with a leading dot are not keys."""
    try:
        with os.scandir(directory) as entries:
            found = sorted(f"{key}{entry.name}{'/' if entry.is_dir() else ''}" for entry in entries)
    except _ABSENT:
        return
    for name in found:
        if name.startswith(f"{key}.") or not (name.startswith(prefix) or prefix.startswith(name)):
            continue
        if name.endswith("/"):
            yield from _keys(directory / name[len(key) : -1], name, prefix)
        else:
            yield name


def _sweep(directory: Path) -> None:
    """Remove what crashed writers left an hour ago and more, by the file system's own time."""
    try:
        os.utime(directory)
        now = directory.stat().st_mtime
        leftovers = [path for path in directory.iterdir() if now - path.stat().st_mtime > _STALE_SECONDS]
    except OSError:
        return
    for path in leftovers:
        _discard(str(path))
