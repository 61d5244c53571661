"""What every test may use: the real pages beside the checkout, where they are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"
NOT_RUN = pytest.StashKey[int]()
_NOT_RUN_OUTPUT = "left out for want of real pages"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests that read real pages where there are none: they are not run, and not counted as passed."""
    if (SHARED / "pages").is_dir():
        return
    left_out = [item for item in items if item.get_closest_marker("shared")]
    items[:] = [item for item in items if not item.get_closest_marker("shared")]
    config.stash[NOT_RUN] = len(left_out)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Tell the process that reports, where this is a worker of it, how many tests were left out."""
    if (output := getattr(session.config, "workeroutput", None)) is not None:
        output[_NOT_RUN_OUTPUT] = session.config.stash.get(NOT_RUN, 0)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take a worker's word for it: each collects all tests, so each has left out the same."""
    node.config.stash[NOT_RUN] = getattr(node, "workeroutput", {}).get(_NOT_RUN_OUTPUT, 0)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say how many tests were left out."""
    if count := config.stash.get(NOT_RUN, 0):
        terminalreporter.write_line(f"not run: {count} (the real pages are not beside this checkout)")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The directory of real pages and seeds beside the checkout."""
    return SHARED
