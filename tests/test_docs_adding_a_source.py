"""docs/adding-a-source.md, followed word by word in a copy of the project."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "adding-a-source.md").read_text(encoding="utf-8")
ARTICLE = """<!DOCTYPE html><html><body><h1 class="title">A new bridge</h1><p class="date">2026.4.1.</p>
<div class="body"><p>A bridge was opened.</p><p>It is long.</p></div></body></html>"""
LISTING = """<!DOCTYPE html><html><body><ul class="news">
<li><a href="/news/20260401/17.html">A new bridge</a> [2026.4.1.]</li></ul></body></html>"""
COPIED = ("scraper", "config", "tests/sites", "tests/test_sites.py", "pyproject.toml")


def blocks(language: str) -> list[str]:
    """The page's code blocks in a language, in order."""
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def run(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Python in the copied project, which goes before the installed one."""
    return subprocess.run([sys.executable, *arguments], cwd=project, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project after steps 1 to 3 of the page."""
    copy = tmp_path_factory.mktemp("project")
    for name in COPIED:
        origin, target = ROOT / name, copy / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if origin.is_dir():
            shutil.copytree(origin, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copyfile(origin, target)
    (copy / "config" / "sources" / "herald.toml").write_text(blocks("toml")[0], encoding="utf-8")
    (copy / "scraper" / "parse" / "sites" / "herald.py").write_text(blocks("python")[0], encoding="utf-8")
    register(copy / "scraper" / "parse" / "__init__.py")
    capture = json.loads(blocks("json")[0])
    save(copy / "tests" / "sites" / "herald" / "article", ARTICLE, capture)
    save(copy / "tests" / "sites" / "herald" / "listing", LISTING, capture | {"url": "http://www.herald.example/news/"})
    return copy


def register(module: Path) -> None:
    """Add the parser to the imports and to LAYOUTS, as the page says: one word and one line."""
    text = module.read_text(encoding="utf-8")
    text, imports = re.subn(r"^(from scraper\.parse\.sites import )", r"\1herald, ", text, flags=re.MULTILINE)
    text, entries = re.subn(r"^(LAYOUTS: .* = \{\n)", rf"\g<1>{blocks('python')[1]}", text, flags=re.MULTILINE)
    assert (imports, entries) == (1, 1)
    module.write_text(text, encoding="utf-8")


def save(folder: Path, page: str, capture: dict[str, object]) -> None:
    """A fixture folder as the page describes it."""
    folder.mkdir(parents=True)
    (folder / "page.html").write_text(page, encoding="utf-8")
    (folder / "capture.json").write_text(json.dumps(capture), encoding="utf-8")


def test_the_declaration_is_accepted(project: Path) -> None:
    """`scraper sources herald` finds nothing to mend."""
    done = run(project, "-m", "scraper", "sources", "herald")
    assert done.returncode == 0, done.stderr
    assert "The Herald" in done.stdout


def test_the_parser_reads_a_file(project: Path) -> None:
    """`scraper parse FILE` with the options of the page gives title, date and text."""
    command = next(line for line in blocks("console")[1].splitlines() if line.startswith("$ scraper parse"))
    options = command.removeprefix("$ scraper parse page.html ").split()
    done = run(project, "-m", "scraper", "parse", "tests/sites/herald/article/page.html", *options)
    assert done.returncode == 0, done.stderr
    article = json.loads(done.stdout)
    assert (article["title"], article["published"]) == ("A new bridge", "2026-04-01")
    assert article["paragraphs"] == ["A bridge was opened.", "It is long."]


def test_expectations_are_written_and_then_hold(project: Path) -> None:
    """The first run of the fixtures writes the expectations and fails; one after they were reviewed passes."""
    arguments = (
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-c",
        "pyproject.toml",
        "-k",
        "herald",
        "tests/test_sites.py",
    )
    first = run(project, *arguments)
    assert "herald/article/article.json is written" in first.stdout
    assert "herald/listing/listing.json is written" in first.stdout
    assert "is not reviewed" in run(project, *arguments).stdout
    for name in ("article", "listing"):
        path = project / f"tests/sites/herald/{name}/{name}.json"
        path.write_text(path.read_text(encoding="utf-8").replace('  "reviewed": false,\n', ""), encoding="utf-8")
    last = run(project, *arguments)
    assert last.returncode == 0, last.stdout[-2000:]
