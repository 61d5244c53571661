"""docs/adding-a-source.md, followed word by word: every command of it is run, in order, for outlets served on loopback.

The outlets' hosts are mapped to their servers by `--resolve`; `$EDITOR` is a script that does what the page says to do with
the file; `make` is what it runs. The second part is followed in a copy of the project.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from scraper.config import load
from tests.commands import environment
from tests.herald_outlet import HOST, routes, stories, today
from tests.web_server import WebServer, page, status

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "adding-a-source.md").read_text(encoding="utf-8")
CHRONICLE = "www.chronicle.example"
ARTICLE = b"""<!DOCTYPE html><html><body><h1 class="title">A new bridge</h1><p class="date">2026.4.1.</p>
<div class="body"><p>A bridge was opened.</p><p>It is long.</p></div></body></html>"""
LISTING = b"""<!DOCTYPE html><html><body><ul class="news">
<li><a href="/news/20260401/17.html">A new bridge</a> [2026.4.1.]</li></ul></body></html>"""
COPIED = (
    "scraper",
    "config",
    "docs/sources.md",
    "pyproject.toml",
    *(f"tests/{name}" for name in ("test_sites.py", "sources_table.py", "real_pages.py", "web_server.py")),
)
WEB = ("new-source", "crawl", "fetch")
EDITOR = """#!/bin/sh
case "$1" in
  */scraper.toml) sed -i 's|^contact = ""|contact = "tests@archive.example.net"|' "$1" ;;
  */herald.toml) grep -q '/about/' "$1" && sed -i -e '/\\/about\\//d' -e 's|^gap = .*|gap = "0s"|' "$1" ;;
  *) exit 1 ;;
esac
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Somebody who follows the page in a directory, with the program in `package`."""

    directory: Path
    package: Path
    resolve: str
    swaps: dict[str, str] = field(default_factory=dict)
    has: dict[str, str] = field(default_factory=dict)

    def follow(self, part: str, step: str, code: int = 0) -> str:
        """Run the commands of a step; all but the last must succeed, and the last end with `code`. What they printed."""
        said = ""
        lines = commands(part, step)
        for line in lines:
            done = self.type(line)
            expected = code if line is lines[-1] else 0
            assert done.returncode == expected, f"{line}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
            said += done.stdout
        return said

    def type(self, line: str) -> subprocess.CompletedProcess[str]:
        """Run one command line as a shell does."""
        for old, new in self.swaps.items():
            line = line.replace(old, new)
        words = line.split()
        if words[0] == "scraper":
            mapped = f" --resolve {self.resolve}" if words[1] in WEB else ""
            line = f"{sys.executable} -m scraper {' '.join(words[1:])}{mapped}"
        if words[:2] == ["make", "docs"]:
            line = f"{sys.executable} -m tests.sources_table"
        if words[:2] == ["make", "test"]:
            options = "-q -p no:cacheprovider -p no:xdist -c pyproject.toml -k chronicle"
            line = f"{sys.executable} -m pytest {options} {words[2].removeprefix('TESTS=')}"
        extra = {"PYTHONPATH": str(self.package), "EDITOR": str(self.directory / "editor.sh"), **self.has}
        return subprocess.run(
            ["/bin/sh", "-c", line],
            cwd=self.directory,
            env={**environment(), **extra},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )


def section(part: str, step: str) -> str:
    """A step of a part of the page; the whole part where no step is named."""
    body = PAGE.partition(f"\n## {part}\n")[2].partition("\n## ")[0]
    assert body, f"the page has no part {part!r}"
    found = body if not step else body.partition(f"\n### {step}")[2].partition("\n### ")[0]
    assert found, f"part {part!r} has no step {step!r}"
    return found


def blocks(language: str, text: str) -> list[str]:
    """The code blocks of a text in a language, in order."""
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def commands(part: str, step: str) -> list[str]:
    """The commands of a step, in order."""
    shown = "".join(blocks("console", section(part, step)))
    assert shown
    assert all(line.startswith("$ ") for line in shown.splitlines())
    return [line.removeprefix("$ ") for line in shown.splitlines()]


def test_every_command_of_the_page_is_in_a_step_that_is_followed() -> None:
    """The steps below are all there are, and no command stands outside of them."""
    steps = [
        f"{part}: {step}"
        for part in ("Without code", "With code")
        for step in re.findall(r"\n### (\d)", section(part, ""))
    ]
    assert steps == [f"{part}: {number}" for part in ("Without code", "With code") for number in "12345"]
    inside = [
        line
        for part in ("Without code", "With code")
        for line in "".join(blocks("console", section(part, ""))).splitlines()
    ]
    assert len(inside) == PAGE.count("\n$ ")


@pytest.fixture(scope="module")
def herald(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """Somebody with an empty directory, and the Herald on the net."""
    directory = tmp_path_factory.mktemp("herald")
    (directory / "editor.sh").write_text(EDITOR, encoding="utf-8")
    (directory / "editor.sh").chmod(0o755)
    now = today()
    with WebServer({**routes(now), "/robots.txt": status(404)}) as web:
        swaps = {path: stories(now)[0].path for path in set(re.findall(r"/news/[^ \n`]*opened-to-traffic/", PAGE))}
        yield Reader(directory=directory, package=ROOT, resolve=f"{HOST}=127.0.0.1:{web.port}", swaps=swaps)


def masked(text: str) -> list[str]:
    """The lines of a text, white space at their ends and days left out of account."""
    return [re.sub(r"\d{4}([-/])\d\d\1\d\d", "<day>", line.rstrip()) for line in text.splitlines() if line.strip()]


def test_without_code(herald: Reader) -> None:
    """The first part: a configuration, a draft, an edit, a crawl, a check, a page kept as a test."""
    part = "Without code"
    herald.follow(part, "1")
    said = herald.follow(part, "2")
    (shown,) = blocks("text", section(part, "2"))
    assert set(masked(shown)) <= set(masked(said))
    assert said.count("paragraphs, 0 images") == 3
    assert not re.search("MISSING|NOT READ|fill in|FILL IN", said)
    herald.follow(part, "3")
    assert not load(herald.directory / "my-config", {}).source("herald").listings[-1].startswith("^/about")
    said = herald.follow(part, "4", code=1)
    assert "3 article, 3 articles" in said
    assert "an earlier run had archived but not read" in said
    assert "20 expected, 20 known, 6 held, 6 intact, 6 readable" in said
    rest = re.search(
        r"`(scraper crawl herald --config my-config)` fetches the rest", section(part, "4").replace("\n", " ")
    )
    assert rest is not None
    assert herald.type(rest[1]).returncode == 0
    check = herald.type(commands(part, "4")[-1])
    assert "20 expected, 20 known, 20 held, 20 intact, 20 readable" in check.stdout
    assert check.returncode in (0, 5)  # the hours of today before the first look
    herald.follow(part, "5")
    kept = json.loads((herald.directory / "my-tests/generic/bridge/article.json").read_text(encoding="utf-8"))
    assert (kept["reviewed"], kept["title"]) == (False, "Bridge over the river is opened to traffic")
    assert len(kept["paragraphs"]) == 3


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """Somebody in a copy of the project after steps 1 and 2 of the second part, and the Chronicle on the net."""
    copy = tmp_path_factory.mktemp("project")
    for name in COPIED:
        origin, target = ROOT / name, copy / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if origin.is_dir():
            shutil.copytree(origin, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copyfile(origin, target)
    (copy / "tests/sites").mkdir()  # without the other outlets' pages, which are read elsewhere often enough
    part = "With code"
    (declaration,) = blocks("toml", section(part, "1"))
    module, entry = blocks("python", section(part, "2"))
    (copy / "config/sources/chronicle.toml").write_text(declaration, encoding="utf-8")
    (copy / "scraper/parse/sites/chronicle.py").write_text(module, encoding="utf-8")
    register(copy / "scraper/parse/__init__.py", entry)
    (copy / "page.html").write_bytes(ARTICLE)
    pages = {"/news/20260401/17.html": page(ARTICLE), "/news/": page(LISTING), "/robots.txt": status(404)}
    with WebServer(pages) as web:
        has = dict.fromkeys(
            re.findall("in the environment `([A-Z_]+)`", section(part, "")), "tests@archive.example.net"
        )
        yield Reader(directory=copy, package=copy, resolve=f"{CHRONICLE}=127.0.0.1:{web.port}", has=has)


def register(module: Path, entry: str) -> None:
    """Add the parser to the imports and to LAYOUTS, as the page says: one word and one line."""
    text = module.read_text(encoding="utf-8")
    text, imports = re.subn(r"^(from scraper\.parse\.sites import )", r"\1chronicle, ", text, flags=re.MULTILINE)
    text, entries = re.subn(r"^(LAYOUTS: .* = \{\n)", rf"\g<1>{entry}", text, flags=re.MULTILINE)
    assert (imports, entries) == (1, 1)
    module.write_text(text, encoding="utf-8")


def test_with_code(project: Reader) -> None:
    """The second part: pages become fixtures, which fail until they are reviewed; then the outlet is crawled."""
    part = "With code"
    sites = project.directory / "tests/sites/chronicle"
    said = project.follow(part, "3")
    read = next(json.loads(line) for line in said.splitlines() if line.startswith("{"))
    assert (read["title"], read["published"]) == ("A new bridge", "2026-04-01")
    assert read["paragraphs"] == ["A bridge was opened.", "It is long."]
    assert sorted(
        path.relative_to(sites).as_posix() for path in sites.rglob("*.json") if path.name != "capture.json"
    ) == [
        "article/article.json",
        "by-hand/article.json",
        "listing/listing.json",
    ]
    first, again, table = commands(part, "4")
    failed = project.type(first)
    assert (failed.returncode, "is not reviewed" in failed.stdout) == (1, True)
    (sites / "by-hand/article.json").unlink()
    assert "chronicle/by-hand/article.json is written" in project.type(first).stdout
    for path in sites.glob("*/*.json"):
        path.write_text(path.read_text(encoding="utf-8").replace('  "reviewed": false,\n', ""), encoding="utf-8")
    passed = project.type(again)
    assert passed.returncode == 0, passed.stdout[-2000:]
    assert project.type(table).returncode == 0
    assert "| chronicle | `chronicle/article@1` |" in (project.directory / "docs/sources.md").read_text(
        encoding="utf-8"
    )
    said = project.follow(part, "5", code=5)  # the days between the article and the first look
    assert "1 expected, 1 known, 1 held, 1 intact, 1 readable" in said
