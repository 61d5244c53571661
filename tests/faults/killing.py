"""Kills a job again and again over worlds that grow, looks at everything after each kill, and keeps the count."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from tests.commands import Ran
from tests.faults.jobs import Job
from tests.faults.seams import Seam
from tests.faults.world import World
from tests.nursery import Nursery, Worker

SIGKILLED = -9
_BEHIND = 10.0
"""Seconds after which nothing of a killed worker may run any more."""


@dataclass(slots=True, kw_only=True)
class Count:
    """What the kills of one job came to. `acknowledged` is the captures that had to be there, summed over all kills."""

    job: str
    kills: int = 0
    at_seams: int = 0
    acknowledged: int = 0
    lost: int = 0
    named: Counter[str] = field(default_factory=Counter)

    @property
    def line(self) -> str:
        """A line of the table."""
        named = ", ".join(f"{kind} {number}" for kind, number in sorted(self.named.items()))
        return f"| {self.job} | {self.kills} | {self.at_seams} | {self.acknowledged} | {self.lost} | {named} |"


HEAD = (
    "| job | kills | of them at seams | acknowledged captures looked for | lost | named by check |",
    "|---|---|---|---|---|---|",
)


@dataclass(slots=True, kw_only=True)
class Series:
    """The kills of one job."""

    job: Job
    worlds: Mapping[str, World]
    nursery: Nursery
    place: Path
    count: Count
    chance: random.Random
    seconds: float = 0.0
    world: World | None = None
    whole: dict[str, bytes] = field(default_factory=dict)
    broken: dict[str, bytes | None] = field(default_factory=dict)
    _made: int = 0

    def kill(self, seams: Iterable[Seam | None]) -> None:
        """A kill at each of these seams, or at a random moment; then the last world's job is run to its end."""
        since = 0
        for seam in seams:
            if self.world is None or since >= self.job.fresh_after:
                self.finish()
                self._begin()
                since = 0
            while not self._killed(seam):
                self.finish()
                self._begin()
                since = 0
            since += 1
        self.finish()

    def measure(self) -> None:
        """How long the job runs when nobody kills it."""
        if self.job.seconds is not None:
            self.seconds = self.job.seconds
            return
        world = self._begin()
        worker = self._start(world, None)
        _await_begun(worker)
        began = time.monotonic()
        ran = worker.end()
        assert ran.code in self.job.ends, ran
        self.seconds = time.monotonic() - began
        self.finish()

    def finish(self) -> None:
        """Run the job to its end: all is there, the catalogue is what a rebuild makes, and nothing is damaged."""
        world, self.world = self.world, None
        if world is None:
            return
        before, number = self._before(world), world.outlet.number()
        if self.job.seconds is None:
            ran = self._run(world, *self.job.words(world))
            assert ran.code in self.job.ends, ran
        if self.job.crawls_after:
            ran = self._run(world, "crawl", "--limit", "2")
            assert ran.code == 0, ran
        seen = world.seen(before, world.outlet.since(number, whole=True), reads=True)
        assert seen.lost == ()
        self.count.named.update(seen.named)
        world.outside.assert_rebuilds()

    def _begin(self) -> World:
        self._made += 1
        world = self.worlds[self.job.world].copied(self.place / f"{self._made}")
        self.whole = world.objects()
        self.broken = self.job.prepare(world)
        self.world = world
        return world

    def _before(self, world: World) -> dict[str, bytes]:
        """The store as it should be: of what is damaged, as it was before."""
        return world.objects() | {key: self.whole[key] for key in self.broken}

    def _start(self, world: World, seam: Seam | None) -> Worker:
        begins = None if seam else self.job.begins
        return self.nursery.start(*self.job.words(world), "--config", world.config, seam=seam, begins=begins)

    def _run(self, world: World, *words: str | Path) -> Ran:
        return self.nursery.run(*words, "--config", world.config)

    def _killed(self, seam: Seam | None) -> bool:
        """Kill one worker, and look; False where it had ended before."""
        assert self.world is not None
        world = self.world
        before, number = self._before(world), world.outlet.number()
        worker = self._start(world, seam)
        if seam is None:
            _await_begun(worker)
            time.sleep(self.chance.uniform(0, self.seconds))  # noqa: TID251 - any moment of its run
            worker.kill()
        ran = worker.end()
        if seam is None and ran.code != SIGKILLED:
            return False
        assert ran.code == SIGKILLED, f"{self.job.name} never came to {seam}: {ran}"
        killed_at = datetime.now(UTC)
        _await_nothing_behind(worker)
        seen = world.seen(before, world.outlet.since(number, whole=False), broken=self.broken)
        now = world.objects()
        assert self.job.writes or set(now) == set(before), "a job that only reads has written"
        self.broken = {key: data for key, data in self.broken.items() if now.get(key) != self.whole[key]}
        world.assert_leases_end(killed_at)
        self._tell(seam, seen.acknowledged, seen.lost, seen.named)
        assert seen.lost == (), f"{self.job.name} killed at {seam or 'random'}: {seen.lost}"
        return True

    def _tell(self, seam: Seam | None, acknowledged: int, lost: tuple[str, ...], named: Counter[str]) -> None:
        self.count.kills += 1
        self.count.at_seams += seam is not None
        self.count.acknowledged += acknowledged
        self.count.lost += len(lost)
        self.count.named.update(named)


def table(counts: Iterable[Count]) -> Iterator[str]:
    """The counts of all jobs, and their sum."""
    total = Count(job="all")
    yield from HEAD
    for count in counts:
        yield count.line
        total.kills += count.kills
        total.at_seams += count.at_seams
        total.acknowledged += count.acknowledged
        total.lost += count.lost
        total.named.update(count.named)
    yield total.line


def _await_begun(worker: Worker) -> None:
    deadline = time.monotonic() + 60
    while not worker.begun:
        code = worker.ended()
        assert code is None, f"ended with {code} before it began: {(worker.place / 'err').read_text(encoding='utf-8')}"
        assert time.monotonic() < deadline, "not begun after a minute"
        time.sleep(0.002)  # noqa: TID251 - waiting for another process


def _await_nothing_behind(worker: Worker) -> None:
    deadline = time.monotonic() + _BEHIND
    while left := worker.left_behind():
        assert time.monotonic() < deadline, f"a killed worker has left {left} running"
        time.sleep(0.01)  # noqa: TID251 - waiting for other processes
