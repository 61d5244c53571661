"""The commands run over the saved pages of the real outlets, from `scraper init` to `scraper check`, as a person would.

    python -m tests.real_run [DIRECTORY]        (or: make real-input)

prints that run. The declarations are the shipped ones, as `scraper init` writes them. Of them only what spares a server is
replaced, because these servers are our own: the gap, and where `attempts` is given the number of tries.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import trustme

from tests.real_pages import (
    AJAX_ARTICLE,
    AJAX_LIST,
    AJAX_PAST_THE_END,
    ARTICLES,
    KCNA_GALLERIES,
    KCNA_GALLERY,
    KCNA_LIST,
    KCTV,
    OTHER_TLS,
    RODONG,
    RODONG_HOME,
    RODONG_LIST,
    RODONG_MISSING,
    RODONG_UNNUMBERED,
    XINHUA,
    Outlets,
)

SHARED = Path(__file__).resolve().parents[2] / "shared"
_WIDEST = 400
_OURS = re.compile(r"SCRAPER_|AWS_|COLUMNS$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One command, under a name to ask for its outcome by."""

    name: str
    arguments: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    censored: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What came of a command."""

    step: Step
    code: int
    stdout: str
    stderr: str


def script(shared: Path, resolve: tuple[str, ...]) -> tuple[Step, ...]:
    """The whole run. `resolve` maps Rodong Sinmun's host on the command line; the others are mapped in scraper.toml."""
    unnumbered = (str(shared / "pages" / RODONG_UNNUMBERED), "--url", f"{RODONG}SF01_02_01&newsID=2022-02-11")
    return (
        Step(name="sources", arguments=("sources",)),
        Step(name="crawl rodong", arguments=("crawl", "rodong", "--seed", RODONG_LIST, *resolve)),
        Step(
            name="crawl kcna",
            arguments=("crawl", "kcna", "--seed", KCNA_LIST, "--seed", KCNA_GALLERIES, "--seed", AJAX_LIST),
        ),
        Step(name="again", arguments=("fetch", RODONG_MISSING, *resolve)),
        Step(name="ajax article", arguments=("fetch", AJAX_ARTICLE)),
        Step(name="ajax past the end", arguments=("fetch", AJAX_PAST_THE_END)),
        Step(name="gallery", arguments=("fetch", KCNA_GALLERY)),
        Step(
            name="no session",
            arguments=("backfill", "kcna", "--since", "2026-09-01", "--until", "2026-09-30", "--limit", "1"),
        ),
        *(Step(name=url, arguments=("fetch", url)) for url in XINHUA),
        Step(name="unknown authority", arguments=("fetch", OTHER_TLS), environment={"SCRAPER_NETWORK_CA_FILE": ""}),
        Step(name="television", arguments=("fetch", KCTV)),
        Step(name="blocked home", arguments=("fetch", RODONG_HOME, *resolve), censored=True),
        Step(name="blocked crawl", arguments=("crawl", "rodong", *resolve), censored=True),
        Step(name="blocked article", arguments=("fetch", ARTICLES[0].url, *resolve), censored=True),
        Step(name="check rodong", arguments=("check", "rodong", "--until", "2022-03-11", "--read-data")),
        Step(name="check kcna", arguments=("check", "kcna", "--until", "2026-09-30")),
        Step(name="check xinhua", arguments=("check", "xinhua", "--until", "2023-11-30")),
        Step(name="parse file", arguments=("parse", *unnumbered, "--fetched-at", "2022-02-11T12:00:00Z")),
        Step(name="parse archived", arguments=("parse", *(saved.url for saved in ARTICLES))),
        Step(name="parse blocked", arguments=("parse", RODONG_HOME)),
        Step(name="show", arguments=("show", ARTICLES[0].url)),
    )


def play(shared: Path, directory: Path, *, attempts: int | None = None, as_json: bool = True) -> Iterator[Ran]:
    """Run the script in `directory`, command by command, as processes of their own."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(directory / "ca.pem"))
    environment = {name: value for name, value in os.environ.items() if not _OURS.match(name)}
    environment |= {"SCRAPER_CONTACT": "tests@archive.example", "SCRAPER_NETWORK_CA_FILE": str(directory / "ca.pem")}
    init = Step(name="init", arguments=("init", "config"))
    yield _run(init, directory, environment)
    names = _configure(directory / "config", attempts)
    outlets = Outlets(shared, authority, names)
    with outlets.plain, outlets.secure:
        rodong = ("--resolve", f"www.rodong.rep.kp:80=127.0.0.1:{outlets.plain.port}")
        _map(directory / "config/scraper.toml", names, outlets)
        for step in script(shared, rodong):
            outlets.censored = step.censored
            yield _run(step, directory, environment, *(["--json"] if as_json else []))


def _run(step: Step, directory: Path, environment: Mapping[str, str], *more: str) -> Ran:
    command = [sys.executable, "-m", "scraper", *step.arguments, *more]
    done = subprocess.run(
        command, cwd=directory, env={**environment, **step.environment}, capture_output=True, text=True, check=False
    )
    return Ran(step=step, code=done.returncode, stdout=done.stdout, stderr=done.stderr)


def _configure(config: Path, attempts: int | None) -> list[str]:
    """Replace the gap of every declaration, and the number of tries where given; returns all hosts they name."""
    names: list[str] = []
    ours = 'gap = "0s"\n' + (f"attempts = {attempts}\n" if attempts else "")
    for path in sorted((config / "sources").glob("*.toml")):
        text, count = re.subn(r'(?m)^gap = "[^"]+".*\n', ours, path.read_text(encoding="utf-8"))
        assert count == 1, f"{path}: where is its gap?"
        path.write_text(text, encoding="utf-8")
        names.extend(tomllib.loads(text)["hosts"])
    return names


def _map(settings: Path, names: list[str], outlets: Outlets) -> None:
    """Add every host but Rodong Sinmun's own to [network.resolve], the last table of the file."""
    lines = (
        f'"{name}:{port}" = "127.0.0.1:{server.port}"\n'
        for name in names
        if name != "www.rodong.rep.kp"
        for port, server in ((80, outlets.plain), (443, outlets.secure))
    )
    with settings.open("a", encoding="utf-8") as file:
        file.writelines(lines)


def main() -> None:
    """Print the run, each command with what it says and its exit code."""
    if not (SHARED / "pages").is_dir():
        sys.exit(f"not run: the real pages are not at {SHARED / 'pages'}")
    with _directory(sys.argv[1:]) as directory:
        for ran in play(SHARED, directory, as_json=False):
            sys.stdout.write("\n".join(_shown(ran)).replace(str(SHARED), "../shared") + "\n\n")
            sys.stdout.flush()


def _shown(ran: Ran) -> Iterator[str]:
    """The command and what it said; lines that hold whole articles are cut."""
    if ran.step.censored:
        yield "# The block page is served now."
    set_to = "".join(f"{name}={value} " for name, value in ran.step.environment.items())
    yield f"$ {set_to}scraper {' '.join(map(_quoted, ran.step.arguments))}"
    for line in (ran.stdout + ran.stderr).splitlines():
        yield line.rstrip() if len(line) <= _WIDEST else f"{line[:_WIDEST]}…"
    yield f"[exit {ran.code}]"


@contextmanager
def _directory(arguments: list[str]) -> Iterator[Path]:
    """A directory to keep, where one is named; else one that is gone afterwards."""
    if not arguments:
        with tempfile.TemporaryDirectory(prefix="real-input-") as made:
            yield Path(made)
        return
    kept = Path(arguments[0]).absolute()
    kept.mkdir(parents=True)
    yield kept


def _quoted(argument: str) -> str:
    return f"'{argument}'" if re.search(r"[&?]", argument) else argument


if __name__ == "__main__":
    main()
