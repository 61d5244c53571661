"""A small archive for the tests of bad input, commands on it, and what a refusal looks like."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from scraper.demo.play import play
from scraper.demo.script import START
from tests.commands import ROOT, Ran, scraper
from tests.outside import Outside

ALONE = ("unshare", "--net") if os.geteuid() == 0 and shutil.which("unshare") else ()
"""Starts a command where there is no network at all: nothing can get out, whatever the command does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Small:
    """A small archive, and the exit code `check` has for it."""

    directory: Path
    code: int

    def run(self, *arguments: str | Path, env: dict[str, str] | None = None) -> Ran:
        """A command on the archive, where there is no network."""
        return scraper(*arguments, "--config", self.directory / "config", env=env, under=ALONE)

    def run_line(self, line: str) -> Ran:
        """A command line on the archive, started in the project's directory."""
        first, *others = line.split()
        config = ("--config", self.directory / "config") if others else ()
        return scraper(first, *config, *others, cwd=ROOT, under=ALONE)

    def config(self, target: Path, *edits: tuple[str, str, str]) -> Path:
        """A copy of the configuration with edits: file, old text, new text."""
        shutil.copytree(self.directory / "config", target)
        for name, old, new in edits:
            text = (target / name).read_text(encoding="utf-8")
            assert old in text
            (target / name).write_text(text.replace(old, new, 1), encoding="utf-8")
        return target

    def copy(self, target: Path) -> Small:
        """The whole archive once more, for a test that damages it."""
        shutil.copytree(self.directory, target)
        for path in (target / "config").rglob("*.toml"):
            path.write_text(
                path.read_text(encoding="utf-8").replace(str(self.directory), str(target)), encoding="utf-8"
            )
        return Small(directory=target, code=self.code)


@contextmanager
def small_archive(directory: Path) -> Iterator[Small]:
    """Half a simulated day of the replica outlets; whatever is tried on it, it is the same in the end."""
    play(directory, lambda _step: None, until=START)
    archive = Outside(config=directory / "config")
    code = scraper("check", "--read-data", "--config", directory / "config").code
    objects, derived = archive.objects(), archive.derived()
    assert code in (0, 1, 5)
    yield Small(directory=directory, code=code)
    assert archive.objects() == objects
    assert archive.derived() == derived
    assert scraper("check", "--read-data", "--config", directory / "config").code == code


def assert_refused(ran: Ran, code: int, *words: str) -> None:
    """One line on standard error with all of `words`, nothing on standard output, the exit code."""
    assert (ran.code, ran.out) == (code, b""), ran.err
    assert ran.err.startswith("error: ")
    assert ran.err.count("\n") == 1
    for word in words:
        assert word in ran.err
