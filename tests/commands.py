"""The command line as a real process, for the end-to-end tests."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

ROOT = Path(__file__).resolve().parents[1]
_PATIENCE = 300.0
_OURS = ("SCRAPER_", "AWS_", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """How a command ended: its exit code, and what it wrote."""

    code: int
    out: bytes
    err: str

    @property
    def text(self) -> str:
        """Standard output as text."""
        return self.out.decode()

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Standard output as JSON Lines."""
        return [json.loads(line) for line in self.text.splitlines()]

    @property
    def report(self) -> dict[str, Any]:
        """Standard output as the one JSON object it is."""
        (found,) = self.lines
        return found


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of a command: this one without what configures the program, and with `extra`."""
    plain = {name: value for name, value in os.environ.items() if not name.upper().startswith(_OURS)}
    return {**plain, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "random", **(extra or {})}


def command(*arguments: str | Path) -> list[str]:
    """The words of a command; warnings are errors, as in every test."""
    return [sys.executable, "-W", "error", "-m", "scraper", *map(str, arguments)]


def scraper(
    *arguments: str | Path, env: Mapping[str, str] | None = None, cwd: Path | None = None, under: Sequence[str] = ()
) -> Ran:
    """Run a command to its end; `under` is what it is started with (`unshare -n`).

    It is forked from a process that has the program loaded where it needs no start of its own: loading is most of what a
    short command costs.
    """
    from tests.nursery import forks, nursery  # noqa: PLC0415 - it needs what is here

    if not under and forks(env):
        return nursery().start(*arguments, env=env, cwd=cwd or Path.cwd()).end(_PATIENCE)
    done = subprocess.run(
        [*under, *command(*arguments)],
        env=environment(env),
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=_PATIENCE,
        check=False,
    )
    return Ran(code=done.returncode, out=done.stdout, err=done.stderr.decode())


class Running:
    """A command that runs beside the test, in a session of its own; a context manager that leaves nothing behind."""

    def __init__(self, *arguments: str | Path, env: Mapping[str, str] | None = None) -> None:
        self._process = subprocess.Popen(
            command(*arguments),
            env=environment(env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.alive():
            self.kill()
        self.end()

    def alive(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the process alone, as a supervisor does."""
        self._process.send_signal(number)

    def kill(self) -> None:
        """SIGKILL to the process alone."""
        self._process.kill()

    def wait_until(self, true: Callable[[], bool], seconds: float, what: str) -> None:
        """Wait for something to become true; AssertionError where it does not in time, or the command ends before."""
        deadline = time.monotonic() + seconds
        while not true():
            assert self.alive(), f"ended before {what}: {self.end()}"
            assert time.monotonic() < deadline, f"after {seconds:g} s not yet: {what}"
            time.sleep(0.003)  # noqa: TID251 - waiting for another process

    def end(self, seconds: float = _PATIENCE) -> Ran:
        """Wait for its end, and for that of its children: they share its output."""
        out, err = self._process.communicate(timeout=seconds)
        return Ran(code=self._process.returncode, out=out, err=err.decode())
