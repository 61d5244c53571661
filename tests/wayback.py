"""pywb as the web archive of the tests: a real replay and CDX server over a WARC file, in an environment of its own.

In front of it stands the scripted server of `web_server.py`, whose log says what was asked, and which can answer for it.
"""

from __future__ import annotations

import http.client
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.commands import ROOT
from tests.web_server import Answer, Asked, WebServer, head

BIN = ROOT / ".venv-pywb" / "bin"
_HOP_BY_HOP = {"transfer-encoding", "connection", "content-length", "date"}


@contextmanager
def pywb(directory: Path, warc: Path) -> Iterator[int]:
    """The port of a pywb that serves a WARC file as its collection `news`."""
    if not (BIN / "wayback").exists():
        pytest.fail("pywb is not installed: run `make .venv-pywb/.pywb` (`make test` does)")
    for words in (["init", "news"], ["add", "news", str(warc)]):
        subprocess.run([BIN / "wb-manager", *words], cwd=directory, check=True, capture_output=True)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    with (directory / "pywb.log").open("wb") as log:
        process = subprocess.Popen(
            [BIN / "wayback", "-b", "127.0.0.1", "-p", str(port)], cwd=directory, stdout=log, stderr=log
        )
        try:
            _wait_for(process, port, directory / "pywb.log")
            yield port
        finally:
            process.terminate()
            process.wait(30)


def _wait_for(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text(encoding="utf-8")
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)  # noqa: TID251 - waiting for another process
        else:
            return
    pytest.fail(f"pywb did not start: {log.read_text(encoding='utf-8')}")


def in_front_of(port: int, *, once: dict[str, Answer] | None = None, wait: float = 0.0) -> WebServer:
    """A server that hands on what it is asked to pywb, after a `wait`; what is in `once` it answers itself, one time."""
    own = dict(once or {})

    def forward(asked: Asked) -> Answer:
        if asked.target in own:
            return own.pop(asked.target)
        time.sleep(wait)  # noqa: TID251 - so that a kill meets work
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            connection.request(asked.method, asked.target)
            answer = connection.getresponse()
            body = answer.read()
            pairs = [(name, value) for name, value in answer.getheaders() if name.lower() not in _HOP_BY_HOP]
            return Answer((head(answer.status, answer.reason, [*pairs, ("Content-Length", str(len(body)))]), body))
        finally:
            connection.close()

    return WebServer({"/robots.txt": Answer((head(404, "-", [("Content-Length", "0")]),))}, otherwise=forward)
