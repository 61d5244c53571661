"""A process that has loaded the program once and makes a real worker of itself for each command: a kill costs no start-up.

`python -m tests.nursery` reads a line of JSON for each command from standard input and answers each with a line.
Workers are forked before any thread or connection is there, run `python -m scraper` in a session of their own, and write to
files; only what Python reads at its start (PYTHON*, the locale) is the nursery's. `Nursery` is the test's side of it.
"""

from __future__ import annotations

import atexit
import json
import os
import resource
import runpy
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NoReturn, Self

from tests.commands import ROOT, Ran, environment
from tests.faults.seams import Seam, die_at, say_when

_PATIENCE = 180.0
_AT_START = ("PYTHON", "LC_", "LANG")


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """A command that runs: its process, and where it writes."""

    pid: int
    place: Path
    nursery: Nursery

    @property
    def begun(self) -> bool:
        """Whether it has come to the function that was named."""
        return (self.place / "begun").exists()

    def kill(self) -> None:
        """SIGKILL; its process is not reaped before `end`, so the number is still its own."""
        os.kill(self.pid, signal.SIGKILL)

    def ended(self) -> int | None:
        """Its exit code (negative: the signal that killed it); None while it runs."""
        code = self.nursery.ask({"ended": self.pid})["code"]
        return None if code is None else int(code)

    def end(self, seconds: float = _PATIENCE) -> Ran:
        """Wait for its end."""
        deadline = time.monotonic() + seconds
        while (code := self.ended()) is None:
            if time.monotonic() > deadline:
                self.kill()
                raise AssertionError(f"after {seconds:g} s it still runs: {self.place}")
            time.sleep(0.004)  # noqa: TID251 - waiting for another process
        out, err = (self.place / name for name in ("out", "err"))
        return Ran(code=code, out=out.read_bytes(), err=err.read_text(encoding="utf-8"))

    def left_behind(self) -> list[int]:
        """The processes of its session that still run; empty where the system does not tell."""
        found = []
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
            except OSError:
                continue
            if fields[0] != "Z" and int(fields[3]) == self.pid:
                found.append(int(stat.parent.name))
        return found


class Nursery:
    """Starts workers; a context manager. Each writes below `place`, in a directory of its own."""

    def __init__(self, place: Path) -> None:
        self._place = place
        self._started = 0
        self._process = subprocess.Popen(
            [sys.executable, "-W", "error", "-m", "tests.nursery"],
            env=environment(),
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(30)
        self._process.stdout.close()

    def start(
        self,
        *words: str | Path,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        seam: Seam | None = None,
        begins: str | None = None,
        largest: int | None = None,
    ) -> Worker:
        """Run a command; it dies at a seam, says when the function `begins` is called, or may write no file as large as that."""
        self._started += 1
        place = self._place / f"worker-{self._started}"
        place.mkdir(parents=True)
        order = {
            "words": [str(word) for word in words],
            "env": environment(env),
            "place": str(place),
            "cwd": str(cwd or place),
            "seam": asdict(seam) if seam else None,
            "begins": begins,
            "largest": largest,
        }
        return Worker(pid=self.ask(order)["pid"], place=place, nursery=self)

    def run(self, *words: str | Path, env: Mapping[str, str] | None = None) -> Ran:
        """Run a command to its end."""
        return self.start(*words, env=env).end()

    def ask(self, order: Mapping[str, Any]) -> dict[str, Any]:
        """Give an order and read what came of it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, "the nursery has ended"
        found: dict[str, Any] = json.loads(answer)
        return found


def nursery() -> Nursery:
    """The one of this process; it ends with it."""
    return _of_process(os.getpid())


def forks(env: Mapping[str, str] | None) -> bool:
    """Whether a command with these additions to its environment may be a worker."""
    return not any(name.startswith(_AT_START) for name in env or ())


@cache
def _of_process(pid: int) -> Nursery:
    """One for each process: a child must not talk through its parent's pipes."""
    until_exit = ExitStack()
    place = until_exit.enter_context(TemporaryDirectory(prefix=f"scraper-tests-{pid}-"))
    found = until_exit.enter_context(Nursery(Path(place)))
    # After the directory, whose own way of going at the exit is to complain that nobody closed it.
    atexit.register(until_exit.close)
    return found


def main() -> None:
    """Load the program, then do as told until there are no more orders."""
    from scraper import cli, daemon  # noqa: F401, PLC0415 - a child that parses loads this module, and needs none of it
    from scraper.archive import store_s3  # noqa: F401, PLC0415 - as above

    for line in iter(sys.stdin.buffer.readline, b""):
        order = json.loads(line)
        if "ended" in order:
            answer = {"code": _code(order["ended"])}
        else:
            pid = os.fork()
            if pid == 0:
                _work(order)
            answer = {"pid": pid}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def _code(pid: int) -> int | None:
    ended, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if ended else None


def _work(order: dict[str, Any]) -> NoReturn:
    """Be the worker: what the command line's own start would have done."""
    os.setsid()
    place = Path(order["place"])
    for number, name in ((1, "out"), (2, "err")):
        os.dup2(os.open(place / name, os.O_WRONLY | os.O_CREAT, 0o644), number)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.environ.clear()
    os.environ.update(order["env"])
    time.tzset()
    os.chdir(order["cwd"])
    sys.argv = ["scraper", *order["words"]]
    if order["largest"] is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (order["largest"], order["largest"]))
    if order["seam"] is not None:
        die_at(Seam(**order["seam"]))
    if order["begins"] is not None:
        say_when(order["begins"], place / "begun")
    runpy.run_module("scraper", run_name="__main__", alter_sys=True)
    raise SystemExit


if __name__ == "__main__":
    main()
