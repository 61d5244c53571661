"""Starts commands by forking a process that has the program loaded, which costs a hundredth of loading it anew.

Hides the fork. A forked command is a process of its own, with its own environment, folder, arguments and streams, and runs
`python -m scraper` as ever; only what Python reads at its start (PYTHON*, the hash seed, the locale) is the server's.
`python -m tests.command_server FD` is the server: a JSON line of arguments, environment and folder with three file
descriptors in, the process's number and then its exit status out.
"""

from __future__ import annotations

import array
import gc
import json
import os
import runpy
import select
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

_NUMBER = struct.Struct("!q")
_LONGEST = 1 << 20
_OWN = ("PYTHON", "LC_", "LANG", "TZ")


@dataclass(frozen=True, slots=True)
class Server:
    """A process with the program loaded, and the socket it listens to."""

    process: subprocess.Popen[bytes]
    socket: socket.socket


_servers: dict[int, Server] = {}
"""By the process that started it: a worker's child must not talk through its parent's socket."""


def serves(env: Mapping[str, str] | None) -> bool:
    """Whether a command with these additions to the environment can be forked."""
    return hasattr(os, "fork") and not any(name.startswith(_OWN) for name in env or ())


def run(
    arguments: Sequence[str], env: Mapping[str, str], cwd: Path | None, patience: float
) -> tuple[int, bytes, bytes]:
    """Run a command to its end: exit status (negative: the signal), standard output and error.

    subprocess.TimeoutExpired, and the command is killed, where it takes longer than `patience` seconds.
    """
    server = _started(env)
    asked = json.dumps({"arguments": list(arguments), "env": dict(env), "cwd": str(cwd or Path.cwd())}) + "\n"
    with open(os.devnull, "rb") as nothing, TemporaryFile() as out, TemporaryFile() as err:  # noqa: PTH123 - a device
        descriptors = array.array("i", [each.fileno() for each in (nothing, out, err)])
        socket.send_fds(server.socket, [asked.encode()], descriptors)
        pid = _number(server.socket)
        if not select.select([server.socket], [], [], patience)[0]:
            os.kill(pid, signal.SIGKILL)
            _number(server.socket)
            raise subprocess.TimeoutExpired(list(arguments), patience)
        return _number(server.socket), _written(out), _written(err)


def _number(connection: socket.socket) -> int:
    (found,) = _NUMBER.unpack(connection.recv(_NUMBER.size, socket.MSG_WAITALL))
    return int(found)


def _written(stream: Any) -> bytes:
    stream.seek(0)
    found: bytes = stream.read()
    return found


def _started(env: Mapping[str, str]) -> Server:
    server = _servers.get(os.getpid())
    if server is None:
        ours, its = socket.socketpair()
        words = [sys.executable, "-W", "error", "-m", "tests.command_server", str(its.fileno())]
        process = subprocess.Popen(words, env=dict(env), pass_fds=[its.fileno()], stdin=subprocess.DEVNULL)
        its.close()
        server = _servers[os.getpid()] = Server(process, ours)
    return server


def serve(connection: socket.socket) -> None:
    """Fork a process for each line that comes; the end of the connection is the end."""
    __import__("scraper.cli")
    gc.collect()
    gc.freeze()
    while True:
        asked, descriptors, _, _ = socket.recv_fds(connection, _LONGEST, 3)
        if not asked:
            return
        while not asked.endswith(b"\n"):
            asked += connection.recv(_LONGEST)
        pid = os.fork()
        if pid == 0:
            _become(json.loads(asked), descriptors)
            return
        for descriptor in descriptors:
            os.close(descriptor)
        connection.sendall(_NUMBER.pack(pid))
        connection.sendall(_NUMBER.pack(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])))


def _become(asked: dict[str, Any], descriptors: list[int]) -> None:
    """Be `python -m scraper` with what was asked for; leaves by its SystemExit."""
    for target, descriptor in enumerate(descriptors):
        os.dup2(descriptor, target)
        os.close(descriptor)
    os.chdir(asked["cwd"])
    os.environ.clear()
    os.environ.update(asked["env"])
    time.tzset()
    sys.argv = ["scraper", *asked["arguments"]]
    runpy.run_module("scraper", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    with socket.socket(fileno=int(sys.argv[1])) as listening:
        serve(listening)
