"""Proof: a record, its page, and everything that shows a sceptic since when they are what they are, as a few small files.

Hides what belongs in the bundle. Its texts are beside this module in `bundle/`; the archive's format is
docs/archive-format.md.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from scraper.archive import roots, snapshots, timestamps

if TYPE_CHECKING:
    from scraper.archive.merkle import Path as Steps
    from scraper.archive.store import Store
    from scraper.model import Capture

_TEXTS = Path(__file__).with_name("bundle")
_SUMS = "SHA256SUMS"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """The files of a bundle by name, the key of the root over the record, and the times that authorities vouch for."""

    files: dict[str, bytes]
    root: str
    times: tuple[tuple[str, datetime], ...]


def prove(store: Store, capture: Capture) -> Proof | None:
    """The bundle that proves a capture; None while no root is over it.

    Raises SnapshotMissing, SnapshotCorrupt or RecordCorrupt where something it needs is damaged, BadToken where a
    timestamp does not hold any more.
    """
    found = roots.over(store, capture.record)
    if found is None:
        return None
    key, record, steps = found.key, found.record, found.path
    files = {"record.json": record, "path.txt": _spelled(steps)}
    page = _page(capture)
    if capture.sha256 is not None:
        files[page] = snapshots.read(store, capture.sha256)
    chain, stamped = _to_a_timestamp(store, key)
    files.update((f"root-{one.removeprefix(roots.PREFIX)}", data) for one, data in chain)
    times = []
    for one in stamped:
        token, stamp = _stamp(store, one, chain[-1][1])
        name = f"timestamp-{one.authority}"
        files[f"{name}.tsr"], files[f"{name}.pem"] = token, timestamps.spelled(stamp)
        times.append((one.authority, stamp.time))
    _add_texts(files, page, times)
    return Proof(files=files, root=key, times=tuple(times))


def _page(capture: Capture) -> str:
    """The name of the file for a capture's body; empty where it has none."""
    if capture.sha256 is None:
        return ""
    kinds = [value for name, value in capture.headers if name.lower() == "content-type"]
    return "page.html" if not kinds or "html" in kinds[0].lower() else "page.bin"


def _spelled(steps: Steps) -> bytes:
    return "".join(f"{side} {other.hex()}\n" for side, other in steps).encode()


def _to_a_timestamp(store: Store, key: str) -> tuple[list[tuple[str, bytes]], list[timestamps.Kept]]:
    """The roots from one to the first that was timestamped, and its tokens, one of each authority; the one alone where none was."""
    chain: list[tuple[str, bytes]] = []
    for one, data, root in roots.every(store):
        if one < key:
            continue
        chain.append((one, data))
        tokens = {kept.authority: kept for kept in timestamps.kept(store, root.day) if kept.kind == timestamps.TOKEN}
        if tokens:
            return chain, list(tokens.values())
    return chain[:1], []


def _stamp(store: Store, one: timestamps.Kept, root: bytes) -> tuple[bytes, timestamps.Stamp]:
    """A token and what it says. Raises BadToken."""
    token = store.get(one.key)
    return token, timestamps.verify(token, root, certificates=timestamps.kept_certificates(store, one))


def _add_texts(files: dict[str, bytes], page: str, times: list[tuple[str, datetime]]) -> None:
    """Add the script, the explanation, and the digests of all files."""
    stamps = [f"timestamp-{authority}:{int(time.timestamp())}" for authority, time in times]
    ordered = [name for name in files if name.startswith("root-")]
    line = f"    {page:<17} the page: the body of the answer, after content-decoding\n" if page else ""
    files["README.txt"] = _text("README.txt").replace("@PAGE_LINE@", line).encode()
    names = sorted([*files, "check.sh"])
    script = _text("check.sh")
    for blank, value in (
        ("@PAGE@", page),
        ("@ROOTS@", " ".join(ordered)),
        ("@STAMPS@", " ".join(stamps)),
        ("@FILES@", " ".join(names)),
    ):
        script = script.replace(blank, value)
    files["check.sh"] = script.encode()
    files[_SUMS] = "".join(f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in names).encode()


def _text(name: str) -> str:
    return (_TEXTS / name).read_text(encoding="utf-8")
