"""The one store interface, and how a store's URL is opened.

Hides which storage an archive lives in. A store holds whole objects under keys, writes each once, and cannot delete:
`put`, `get`, `has`, `size`, `list` are all there is, but for `mend`, by which the repair job alone replaces what is damaged.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol
from urllib.parse import unquote, urlsplit

from scraper.archive.store_local import LocalStore
from scraper.archive.store_memory import MemoryStore
from scraper.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime, timedelta

Checksums = Literal["when_supported", "when_required"]


class Store(Protocol):
    """Objects by key, written once.

    Keys hold only `[A-Za-z0-9._/-]`, have no empty segment and none that begins with a dot, and none is the
    directory of another; every method raises ValueError for a key that breaks this. Every method raises
    StoreUnreachable where the storage does not answer, refuses, or is full.
    """

    @property
    def url(self) -> str:
        """Where the objects are, as `open_store` takes it; without credentials."""
        ...

    def put(self, key: str, data: bytes) -> bool:
        """Keep `data` under `key`: True when written, False when the object was already there.

        When it returns, the bytes are durable and the storage has confirmed them. An object under that key with
        other bytes is copied to `quarantine/<key>` and left as it is: SnapshotCorrupt or RecordCorrupt. (A snapshot
        that still unpacks to the bytes it is named after counts as already there, however it was compressed.)
        """
        ...

    def get(self, key: str) -> bytes:
        """The object's bytes; SnapshotMissing where there is none.

        SnapshotCorrupt or RecordCorrupt where the storage knows a checksum of them, and they are others.
        """
        ...

    def has(self, key: str) -> bool:
        """Whether there is an object under `key`."""
        ...

    def size(self, key: str) -> int | None:
        """The object's length in bytes, None where there is none."""
        ...

    def mend(self, key: str, right: bytes) -> bool:
        """For the repair job alone: put `right` in the place of a damaged object, or of one that is missing.

        True when written; False, and nothing is done, where the object is there and proves itself by its key, or holds
        these bytes. What is replaced is copied to `quarantine/<key>` first (beside another state of it that is there:
        `-` and 16 digits of its SHA-256 at the end). The object is at no time half written. Raises SnapshotCorrupt or
        RecordCorrupt for bytes that do not hash to the key, and ValueError for a key in quarantine. Of a key that says
        nothing of its bytes (a manifest, a root) the caller has to know them.
        """
        ...

    def list(self, prefix: str = "") -> Iterator[str]:
        """All keys that begin with `prefix`, read as they are asked for.

        Keys of one directory come together, in ascending order. The order of directories is the storage's own: S3
        servers differ in whether `kcna-x/` sorts before `kcna/`.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """That every object is locked for a `span` from `now` on, when it is written (S3's Object Lock).

    In `governance` mode special rights can undo that, in `compliance` mode nobody can.
    """

    mode: Literal["governance", "compliance"]
    span: timedelta
    now: Callable[[], datetime]

    def lock(self) -> tuple[Literal["GOVERNANCE", "COMPLIANCE"], datetime]:
        """The mode, and until when an object written now is locked."""
        return ("COMPLIANCE" if self.mode == "compliance" else "GOVERNANCE"), self.now() + self.span


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Options:
    """How to reach an S3-compatible server.

    `endpoint` None is Amazon's own. Keys left None come from the environment or the machine's role, as boto3 finds
    them. `checksums` is `when_required` for servers that reject the newer checksum headers: Content-MD5 is sent
    instead of SHA-256. `path_style` puts the bucket in the path instead of the host name. `retention` locks what is written.
    """

    endpoint: str | None = None
    region: str = "us-east-1"
    access_key: str | None = None
    secret_key: str | None = field(default=None, repr=False)
    checksums: Checksums = "when_supported"
    path_style: bool = True
    create_bucket: bool = False
    retention: Retention | None = None


def open_store(url: str, *, s3: S3Options | None = None) -> Store:
    """Open the store at `file:///directory` (or a plain path), `s3://bucket/prefix` or `memory://`.

    Raises ConfigError for a URL that is none of these, or a retention that the bucket does not offer, and StoreUnreachable where an S3 server, its credentials or
    the bucket are not as told. A local directory is made by the first `put`, not here.
    """
    scheme, separator, rest = url.partition("://")
    if not separator:
        return LocalStore(Path(url))
    if scheme == "memory" and not rest:
        return MemoryStore()
    if scheme == "file" and rest.startswith("/"):
        return LocalStore(Path(unquote(rest)))
    if scheme == "s3" and urlsplit(url).netloc:
        # Imported here because boto3 costs 40 MB and a fifth of a second, which local archives need not pay.
        from scraper.archive.store_s3 import open_s3  # noqa: PLC0415

        parts = urlsplit(url)
        return open_s3(bucket=parts.netloc, prefix=parts.path.strip("/"), options=s3 or S3Options())
    raise ConfigError(f"not a store URL: {url!r} (write file:///directory, a path, s3://bucket/prefix or memory://)")
