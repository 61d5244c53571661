"""The outlet, the worlds and the nursery of the fault tests; and the table of kills at the end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from tests.faults.killing import Count, table
from tests.faults.outlet import Outlet, outlet
from tests.faults.world import World, furnished, replicated, sealed
from tests.nursery import Nursery

COUNTS = pytest.StashKey[list[Count]]()
A_DAY, NEWEST = 6, 30


@pytest.fixture(scope="session")
def nursery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nursery]:
    """Where workers come from."""
    with Nursery(tmp_path_factory.mktemp("nursery")) as begun:
        yield begun


@pytest.fixture(scope="session")
def web() -> Iterator[Outlet]:
    """The outlet that all worlds watch."""
    with outlet(A_DAY, NEWEST) as running:
        yield running


@pytest.fixture(scope="session")
def worlds(tmp_path_factory: pytest.TempPathFactory, web: Outlet) -> Mapping[str, World]:
    """The states in which a job may find an archive, by name."""
    place = tmp_path_factory.mktemp("worlds")
    loose = furnished(place / "loose", web)
    return {
        "loose": loose,
        "sealed": sealed(loose, place / "sealed"),
        "replicated": replicated(loose, place / "replicated"),
    }


@pytest.fixture
def counts(request: pytest.FixtureRequest) -> list[Count]:
    """What the kills came to so far; shown at the end."""
    return request.config.stash.setdefault(COUNTS, [])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print the table of kills."""
    if found := config.stash.get(COUNTS, []):
        terminalreporter.section("kills")
        for line in table(found):
            terminalreporter.write_line(line)
