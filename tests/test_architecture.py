"""The frame of docs/design.md held by machine: directions of imports, sizes, names, and what no module does."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MODULES = sorted((ROOT / "scraper").rglob("*.py"))
LONGEST_FUNCTION = 44
LONGEST_FILE = 400
NAMES_THAT_SAY_NOTHING = {"utils", "util", "core", "base", "helpers", "helper", "manager", "managers", "common", "misc"}
CLOCK = ROOT / "scraper" / "clock.py"


def shown(path: Path) -> str:
    """A module as it is spoken of."""
    return path.relative_to(ROOT).as_posix()


def trees() -> list[tuple[Path, ast.Module]]:
    """Every module of the package with its syntax tree."""
    return [(path, ast.parse(path.read_text(encoding="utf-8"))) for path in MODULES]


def test_imports_point_inward() -> None:
    """Every import contract of pyproject.toml is kept."""
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr
    assert "3 kept, 0 broken" in done.stdout


@pytest.mark.parametrize("module", ["scraper.parse", "scraper.policy", "scraper.discover"])
def test_pure_rooms_bring_no_effects_with_them(module: str) -> None:
    """Importing a pure room loads no client, database or scheduler, not even by a detour."""
    code = (
        f"import sys, {module}; "
        "print(*sorted({'httpx', 'httpcore', 'boto3', 'sqlalchemy', 'apscheduler', 'tenacity', 'structlog'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_the_generic_parser_is_loaded_when_a_page_needs_it() -> None:
    """Neither the command line nor the outlets' own parsers wait for what it is made of."""
    code = "import sys, scraper.cli, scraper.jobs.reader; print(*sorted({'trafilatura', 'htmldate', 'lxml'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_what_few_commands_need_is_loaded_by_those() -> None:
    """Hardly any command verifies a timestamp or sends a message, and each would start later for it."""
    code = (
        "import sys, scraper.cli, scraper.daemon; "
        "print(*sorted({'cryptography', 'rfc3161_client', 'apprise', 'requests'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_no_function_is_too_long() -> None:
    """No function has more lines than one can keep in mind."""
    long = [
        f"{shown(path)}:{node.lineno} {node.name}: {node.end_lineno - node.lineno + 1} lines"
        for path, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno >= LONGEST_FUNCTION
    ]
    assert not long


def test_no_file_is_too_long() -> None:
    """No module has more lines than one can survey."""
    lengths = {shown(path): path.read_text(encoding="utf-8").count("\n") for path in MODULES}
    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}


def test_modules_are_named_after_what_they_hold() -> None:
    """No module has a name that anything could be put under."""
    assert [shown(path) for path in MODULES if path.stem in NAMES_THAT_SAY_NOTHING] == []


def test_broad_excepts_stand_at_the_edge_of_a_job_only() -> None:
    """`except Exception` is found nowhere but in the jobs' own edge (house rule 7), and at most once there."""
    broad = [
        shown(path)
        for path, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or (isinstance(node.type, ast.Name) and node.type.id in {"Exception", "BaseException"}))
    ]
    assert len(broad) <= 1, broad
    assert all(name.startswith("scraper/jobs/") for name in broad)


def test_only_the_clock_reads_the_time() -> None:
    """No module but scraper/clock.py asks the machine what time it is."""
    asked = [
        f"{shown(path)}:{node.lineno}"
        for path, tree in trees()
        if path != CLOCK
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"now", "today", "utcnow"}
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in {"datetime", "date"}
    ]
    assert asked == []


def test_every_import_is_a_locked_dependency() -> None:
    """Whatever the package imports is in requirements.lock: the tests' own tools must not be what makes it run."""
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    locked = {re.sub(r"[-_.]+", "-", name).lower() for name in re.findall(r"^([A-Za-z0-9._-]+)==", text, re.MULTILINE)}
    owners = packages_distributions()
    foreign = {
        name: shown(path)
        for path, tree in trees()
        for node in ast.walk(tree)
        for name in imported(node)
        if name not in sys.stdlib_module_names and name != "scraper" and not name.startswith("mypy_boto3")
    }
    unlocked = {
        name: path
        for name, path in foreign.items()
        if not {re.sub(r"[-_.]+", "-", owner).lower() for owner in owners.get(name, [])} & locked
    }
    assert unlocked == {}


def imported(node: ast.AST) -> list[str]:
    """The top-level packages an import statement names."""
    if isinstance(node, ast.Import):
        return [alias.name.partition(".")[0] for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module and not node.level:
        return [node.module.partition(".")[0]]
    return []
