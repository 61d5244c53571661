"""The pace every process shares: one turn at a time, gaps, stops, leases that end, threads and real processes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count, pairwise
from pathlib import Path

import pytest

from scraper.catalogue.database import Database, open_database
from scraper.catalogue.pace import SharedPace
from scraper.clock import SystemClock
from scraper.errors import Throttled
from scraper.fetch.pace import take_turn
from scraper.policy.pace import Limits, Outcome, Spent, Wait
from tests.pace_child import GAP, GROUP
from tests.policy_support import NOON

pytest_plugins = ["tests.catalogue_databases"]

ROOT = Path(__file__).resolve().parents[1]
LEASE = timedelta(seconds=130)
LIMITS = Limits(gap=5.0)
DONE = Spent(outcome=Outcome.ANSWERED)
_groups = (f"host{number}.example" for number in count())


def later(seconds: float) -> datetime:
    """A moment after the start."""
    return NOON + timedelta(seconds=seconds)


@pytest.fixture
def group() -> str:
    """A host group nobody has asked yet: clocks outlive a rebuild."""
    return next(_groups)


@pytest.fixture
def pace(database: Database) -> SharedPace:
    """The catalogue's pace, on both databases."""
    return SharedPace(database)


def take(pace: SharedPace, group: str, owner: str, seconds: float, limits: Limits = LIMITS) -> Wait | None:
    """Ask for the turn at a moment."""
    return pace.acquire(group, owner, later(seconds), later(seconds) + LEASE, limits)


def test_whoever_comes_first_has_the_turn(pace: SharedPace, group: str) -> None:
    """Nobody else has it meanwhile, not even under the same name; other hosts go on."""
    assert take(pace, group, "a", 0) is None
    for owner in ("a", "b"):
        wait = take(pace, group, owner, 1)
        assert wait is not None
        assert later(1) < wait.until <= later(2)
        assert wait.kind == ""
    assert take(pace, f"other.{group}", "b", 1) is None


def test_the_gap_is_measured_from_the_end(pace: SharedPace, group: str) -> None:
    """The next turn begins no earlier than the gap after the last one was given back, whoever asks."""
    take(pace, group, "a", 0)
    pace.release(group, "a", later(2), DONE, LIMITS)
    for owner in ("b", "a"):
        wait = take(pace, group, owner, 6.999)
        assert wait is not None
        assert wait.until == later(7)
    assert take(pace, group, "b", 7) is None


def test_a_lease_frees_what_a_killed_owner_held(pace: SharedPace, group: str) -> None:
    """A gap after its deadline the turn is free, not before; the late owner's release takes nothing from the next."""
    take(pace, group, "killed", 0)
    assert take(pace, group, "b", 134.999) is not None
    assert take(pace, group, "b", 135) is None
    pace.release(group, "killed", later(136), DONE, LIMITS)
    assert take(pace, group, "c", 145) is not None
    pace.release(group, "b", later(146), DONE, LIMITS)
    assert take(pace, group, "c", 151) is None


def test_turns_go_round(pace: SharedPace, group: str) -> None:
    """Two that always want the turn have it alternately, and a third that comes later is not passed over."""
    turns, seconds = [], 0.0
    for number in range(60):
        seconds += 0.5
        for owner in ("greedy", "b") if number < 30 else ("greedy", "b", "c"):
            if take(pace, group, owner, seconds) is None:
                pace.release(group, owner, later(seconds), DONE, LIMITS)
                turns.append(owner)
    assert turns == ["greedy", "b", "greedy", "b", "greedy", "c"], turns


def test_a_stop_holds_for_everybody(pace: SharedPace, group: str) -> None:
    """While a host asked to be left alone nobody has the turn; a stop is never shortened, a longer one counts."""
    pace.stop_until(group, later(100), "429")
    pace.stop_until(group, later(50), "503")
    wait = take(pace, group, "a", 99)
    assert wait is not None
    assert (wait.until, wait.kind) == (later(100), "throttled")
    pace.stop_until(group, later(200), "429")
    assert take(pace, group, "a", 100) is not None
    assert take(pace, group, "a", 200) is None


def test_a_stop_during_a_turn_outlives_it(pace: SharedPace, group: str) -> None:
    """The answer that asks for patience comes while its own turn is held: giving it back does not lift the stop."""
    take(pace, group, "a", 0)
    pace.stop_until(group, later(300), "429")
    pace.release(group, "a", later(1), Spent(outcome=Outcome.FAILED), LIMITS)
    wait = take(pace, group, "b", 299)
    assert wait is not None
    assert wait.until == later(300)
    assert take(pace, group, "b", 300) is None


def test_clocks_survive_a_restart_and_a_rebuild(database: Database, database_url: str, group: str) -> None:
    """Another program that opens the catalogue keeps the gap and the stop that this one began."""
    take(SharedPace(database), group, "a", 0)
    SharedPace(database).stop_until(f"stopped.{group}", later(500), "429")
    database.clear()
    again = open_database(database_url)
    pace = SharedPace(again)
    assert take(pace, group, "b", 1) is not None
    stopped = take(pace, f"stopped.{group}", "b", 1)
    assert stopped is not None
    assert stopped.kind == "throttled"
    with pytest.raises(Throttled, match=r"2026-08-22 12:08:20Z"):
        take_turn(pace, _At(later(2)), f"stopped.{group}", owner="b", lease=LEASE, abandoned=lambda: False)
    again.close()


class _At:
    """A clock that stands still."""

    def __init__(self, moment: datetime) -> None:
        self._moment = moment

    def now(self) -> datetime:
        """The moment it stands at."""
        return self._moment

    def sleep(self, seconds: float) -> None:
        """Nobody may wait by this clock."""
        raise AssertionError(f"waited {seconds} s where the host is stopped")


@pytest.fixture(params=["sqlite", "postgresql"])
def new_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a catalogue that is not there yet."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/catalogue.sqlite3"
    url: str = request.getfixturevalue("postgres").new_database()
    return url


@pytest.fixture
def children(new_url: str) -> Iterator[list[subprocess.Popen[str]]]:
    """Processes that share a catalogue; those still running are ended."""
    started: list[subprocess.Popen[str]] = []
    yield started
    for child in started:
        child.kill()
        child.communicate()


def start(url: str, seconds: float) -> subprocess.Popen[str]:
    """Start a process that takes turns."""
    command = [sys.executable, "-m", "tests.pace_child", url, str(seconds)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_processes_never_overlap_on_one_host(new_url: str, children: list[subprocess.Popen[str]]) -> None:
    """Two processes of two threads each, for seconds: never two turns at once, never less than the gap between them."""
    seconds = 5 if new_url.startswith("sqlite") else 2
    children.extend(start(new_url, seconds) for _ in range(2))
    taken: list[list[tuple[float, float]]] = []
    for child in children:
        out, err = child.communicate(timeout=60)
        assert child.returncode == 0, err
        taken.append([(float(line.split()[0]), float(line.split()[1])) for line in out.splitlines()])
    turns = sorted(turn for each in taken for turn in each)
    assert all(taken)
    assert len(turns) >= 4 * seconds
    # A microsecond of rounding: clocks are kept as whole microseconds.
    assert min(after[0] - before[1] for before, after in pairwise(turns)) >= GAP - 1e-6


def test_a_killed_process_frees_the_host_at_its_deadline(new_url: str, children: list[subprocess.Popen[str]]) -> None:
    """SIGKILL in the middle of a request: nobody asks before its lease and a gap have passed, or waits much longer."""
    children.append(start(new_url, 0))
    stdout = children[0].stdout
    assert stdout is not None
    free_at = float(stdout.readline())
    children[0].kill()
    children[0].wait()
    database, clock = open_database(new_url), SystemClock()
    try:
        take_turn(SharedPace(database), clock, GROUP, owner="next", lease=LEASE, abandoned=lambda: False, limits=LIMITS)
        assert free_at + LIMITS.gap <= clock.now().timestamp() < free_at + LIMITS.gap + 5
    finally:
        database.close()
