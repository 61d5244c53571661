"""Named points in a worker's run at which the fault tests kill it: before or after a function, before an object gets its name.

Nothing of ours is replaced: the interpreter's own hooks watch (profiling for functions, auditing for what is asked of the
system), and end the process by SIGKILL when the point is reached. What a point names must be there: a worker that never
reaches it ends by itself, and its test fails.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from types import FrameType
from typing import Any

_AUDITED = frozenset({"os.link", "os.rename", "os.mkdir", "open"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Seam:
    """The `number`-th time that something happens.

    `event` is `call` or `return` of a function named `module:qualified.name`, `c_call` or `c_return` of one that is written
    in C (`Connection.commit`), or an audited event of the system (`os.link`) one of whose arguments holds `name`.
    """

    event: str
    name: str
    number: int = 1

    def __str__(self) -> str:
        return f"{self.event} {self.name} #{self.number}"


def die_at(seam: Seam) -> None:
    """Kill this process when it comes to a seam."""
    numbers = count(1)

    def reached() -> None:
        if next(numbers) == seam.number:
            os.kill(os.getpid(), signal.SIGKILL)

    if seam.event in _AUDITED:
        sys.addaudithook(
            lambda event, found: (
                reached() if event == seam.event and any(seam.name in str(one) for one in found) else None
            )
        )
    else:
        _watch(seam.event, seam.name, reached)


def say_when(function: str, begun: Path) -> None:
    """Make a file when a function is first called; from then on nothing is watched any more."""

    def reached() -> None:
        sys.setprofile(None)
        threading.setprofile(None)
        begun.touch()

    _watch("call", function, reached)


def _watch(event: str, name: str, reached: Any) -> None:
    def look(frame: FrameType, happened: str, argument: Any) -> None:
        if happened != event:
            return
        if event.startswith("c_"):
            found = getattr(argument, "__qualname__", "")
        else:
            found = frame.f_code.co_qualname
            if found == name.partition(":")[2]:
                found = f"{frame.f_globals.get('__name__')}:{found}"
        if found == name:
            reached()

    threading.setprofile(look)
    sys.setprofile(look)
