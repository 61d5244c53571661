"""An S3 server that gives other bytes than those of the checksum it tells: the client refuses them, and they can be put right."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from urllib.parse import unquote

import pytest

from scraper.archive import snapshots
from scraper.archive.examined import Fault, examine
from scraper.archive.store import S3Options, Store, open_store
from scraper.errors import SnapshotCorrupt

BODY = b"<html>a page</html>" * 40
KEY = snapshots.snapshot_key(sha256(BODY).hexdigest())
PACKED = snapshots.compress(BODY)
DAMAGED = PACKED[:-9] + b"\x00" + PACKED[-8:]


@dataclass
class Rotten:
    """A server whose disk rots: `objects` are the bytes it has, `told` the SHA-256 it once took with each."""

    endpoint: str = ""
    objects: dict[str, bytes] = field(default_factory=dict)
    told: dict[str, str] = field(default_factory=dict)

    def store(self) -> Store:
        """Opened as an archive's store."""
        return open_store("s3://bucket", s3=S3Options(endpoint=self.endpoint, access_key="a", secret_key="b"))


def handler(rotten: Rotten) -> type[http.server.BaseHTTPRequestHandler]:
    """The answers to HEAD, GET and PUT of `/bucket/<key>`."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self._give(body=False)

        def do_GET(self) -> None:
            self._give(body=True)

        def do_PUT(self) -> None:
            key = self._key()
            rotten.objects[key] = self.rfile.read(int(self.headers["Content-Length"]))
            rotten.told[key] = self.headers["x-amz-checksum-sha256"]
            self.send_response(200)
            self.send_header("x-amz-checksum-sha256", rotten.told[key])
            self.send_header("Content-Length", "0")
            self.end_headers()

        def _key(self) -> str:
            return unquote(self.path.partition("?")[0]).removeprefix("/bucket").strip("/")

        def _give(self, *, body: bool) -> None:
            key = self._key()
            held = b"" if not key else rotten.objects.get(key)
            self.send_response(404 if held is None else 200)
            if key in rotten.told and self.headers.get("x-amz-checksum-mode"):
                self.send_header("x-amz-checksum-sha256", rotten.told[key])
            self.send_header("Content-Length", str(len(held or b"")))
            self.end_headers()
            if body and held:
                self.wfile.write(held)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            """Say nothing."""

    return Handler


@pytest.fixture
def rotten() -> Iterator[Rotten]:
    """The server."""
    found = Rotten()
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler(found)) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        found.endpoint = f"http://127.0.0.1:{server.server_port}"
        yield found
        server.shutdown()
        thread.join()


def test_bytes_that_the_client_refuses_are_quarantined_and_put_right(rotten: Rotten) -> None:
    """`get` never gives them out; what was there is evidence all the same, to the byte."""
    store = rotten.store()
    store.put(KEY, PACKED)
    rotten.objects[KEY] = DAMAGED
    with pytest.raises(SnapshotCorrupt):
        store.get(KEY)
    assert examine(store, KEY, {}).fault is Fault.CORRUPT
    assert store.mend(KEY, PACKED)
    assert store.get(KEY) == PACKED
    assert rotten.objects[f"quarantine/{KEY}"] == DAMAGED
    assert not store.mend(KEY, PACKED)


def test_right_bytes_under_a_wrong_checksum_are_sent_again(rotten: Rotten) -> None:
    """The object is whole, but nobody would ever be given it: no evidence to keep, and a new write mends it."""
    store = rotten.store()
    store.put(KEY, PACKED)
    right, rotten.told[KEY] = rotten.told[KEY], "A" * 43 + "="
    with pytest.raises(SnapshotCorrupt):
        store.get(KEY)
    assert store.mend(KEY, PACKED)
    assert (store.get(KEY), rotten.told[KEY]) == (PACKED, right)
    assert f"quarantine/{KEY}" not in rotten.objects


def test_a_put_that_meets_them_keeps_the_evidence(rotten: Rotten) -> None:
    """As every put that meets other bytes under its key; the object is left alone."""
    store = rotten.store()
    store.put(KEY, PACKED)
    rotten.objects[KEY], rotten.told[KEY] = DAMAGED, "A" * 43 + "="
    with pytest.raises(SnapshotCorrupt):
        store.put(KEY, PACKED)
    assert rotten.objects[f"quarantine/{KEY}"] == rotten.objects[KEY] == DAMAGED
