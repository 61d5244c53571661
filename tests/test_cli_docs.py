"""docs/operations.md names every command, every option and every exit code of the program, and no others."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer

from scraper import errors
from scraper.cli import app
from scraper.model import EXIT_CODES

ROOT = Path(__file__).resolve().parents[1]
OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
COMMANDS = typer.main.get_command(app).commands  # type: ignore[attr-defined]
EVERYWHERE = {"--config", "--json", "-v", "--verbose", "--help", "--resolve", "--proxy"}
"""Options that many commands take: documented once, in front of the commands."""


def options(command: str) -> set[str]:
    """The options of a command, in every spelling."""
    return {text for parameter in COMMANDS[command].params for text in parameter.opts if text.startswith("-")}


def paragraph(command: str) -> str:
    """What operations.md says of a command: the item of its list that begins with it."""
    found = re.search(rf"^- `scraper {command}\b.*?(?=^- |^#|\Z)", OPERATIONS, re.MULTILINE | re.DOTALL)
    return found[0] if found else ""


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_documented_with_its_options(command: str) -> None:
    """The command has an item in the list of commands, which names each option of its own."""
    assert paragraph(command), f"docs/operations.md has no item for `scraper {command}`"
    missing = {option for option in options(command) - EVERYWHERE if f"{option}" not in paragraph(command)}
    assert not missing, f"docs/operations.md does not name {sorted(missing)} of `scraper {command}`"


def test_common_options_are_documented() -> None:
    """What every command takes, and what the commands that ask the web take, is said in front of the commands."""
    front = OPERATIONS.partition("\n## Commands")[0]
    assert not {option for option in EVERYWHERE if f"`{option}" not in front}


@pytest.mark.parametrize("command", COMMANDS)
def test_documented_options_exist(command: str) -> None:
    """No item names an option that its command does not take."""
    usage = paragraph(command).partition("`:")[0]
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", usage)) <= options(command)


@pytest.mark.parametrize("command", COMMANDS)
def test_help_says_what_a_command_and_its_options_do(command: str) -> None:
    """Every command and option has a help text, and the command's first sentence fits the overview."""
    documented = COMMANDS[command]
    assert documented.help
    assert documented.get_short_help_str(limit=66)[-1] == "."
    assert not [parameter.name for parameter in documented.params if not getattr(parameter, "help", None)]


def codes() -> set[int]:
    """Every exit code the program can end with."""
    classes = [
        each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, errors.ScraperError)
    ]
    return {0, 130, 141, *(code for _, code in EXIT_CODES), *(each.exit_code for each in classes)}


def test_every_exit_code_is_documented() -> None:
    """The table of exit codes has a row for each, and for nothing else; `scraper --help` lists them too."""
    table = OPERATIONS.partition("\n## Exit codes")[2].partition("\n## ")[0]
    assert {int(code) for code in re.findall(r"^\| (\d+) \|", table, re.MULTILINE)} == codes()
    assert {int(code) for code in re.findall(r"(\d+) [a-z]", app.info.epilog or "")} == codes()


def test_completion_is_offered() -> None:
    """`--show-completion` and `--install-completion` are there, and documented."""
    for option in ("--show-completion", "--install-completion", "--version"):
        assert f"`scraper {option}`" in OPERATIONS or f"`{option}`" in OPERATIONS
