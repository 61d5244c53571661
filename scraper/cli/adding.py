"""Commands that add an outlet: fixture."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from scraper.cli.options import Common, ConfigOption, JsonOption, SourceArgument, VerboseOption
from scraper.cli.output import emit
from scraper.cli.reading import FetchedAtOption, HeaderOption, UrlOption
from scraper.cli.render import lines_json
from scraper.errors import UsageError
from scraper.jobs import fixture
from scraper.jobs import parse as parsing

FIXTURES = Path("tests/sites")
"""Where a checkout has its fixtures."""


def add_commands(app: typer.Typer) -> None:
    """Register the commands of this module."""
    app.command("fixture")(fixture_command)


PageArgument = Annotated[
    str,
    typer.Argument(metavar="URL|DIGEST|FILE", help="An archived URL, a digest, or a file (with --url, --fetched-at)."),
]
IntoOption = Annotated[
    Path | None,
    typer.Option("--into", metavar="DIR", help="Where the folder goes; tests/sites in a checkout.", show_default=False),
]
SlugOption = Annotated[
    str | None,
    typer.Option("--slug", metavar="NAME", help="The folder's name; else from the address.", show_default=False),
]
FactsOption = Annotated[
    bool, typer.Option("--facts", help="Expect digests in place of text, and keep the page out of version control.")
]


def fixture_command(
    source: SourceArgument,
    subject: PageArgument,
    url: UrlOption = None,
    fetched_at: FetchedAtOption = None,
    header: HeaderOption = None,
    into: IntoOption = None,
    slug: SlugOption = None,
    facts: FactsOption = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
    verbose: VerboseOption = 0,
) -> None:
    """Save a page as a test of its parser.

    Writes the page, its record and what the parser reads from it, which fails its test until a person has reviewed it.
    """
    common = Common(config=config, as_json=True, verbose=verbose)
    seen_at = parsing.moment(fetched_at) if fetched_at else None
    pairs = parsing.header_pairs(header or ())
    place = into or _checkout()
    if parsing.is_file(subject):
        loaded = common.load()
        one = loaded.source(source)
        readable = parsing.from_file(loaded, Path(subject), url=url, fetched_at=seen_at, headers=pairs, source=one)
    else:
        with common.services(ids=[source], processes=0, writes=False) as services:
            readable = parsing.newest(services, subject, services.config.source(source))
    made = fixture.make(readable, place, slug=slug, as_facts=facts)
    emit(lines_json([made]) if as_json else _told(made, facts=facts))
    raise typer.Exit(0 if made.expectation else 1)


def _checkout() -> Path:
    if FIXTURES.is_dir():
        return FIXTURES
    raise UsageError(f"no {FIXTURES} here: name the folder of your fixtures with --into DIR")


def _told(made: fixture.Made, *, facts: bool) -> list[str]:
    """What was written, and what is to be done about it."""
    lines = [f"wrote {made.folder}: {made.page}, capture.json" + (f", {made.expectation}" if made.expectation else "")]
    if made.expectation:
        lines.append(f"{made.expectation} is what the parser says now: {fixture.REVIEW}")
    else:
        lines.append(
            f"the page is refused ({made.detail}); write a layout that reads it, then the tests write what it reads"
        )
    if not facts:
        lines.append(
            f"keep {made.page} out of a public repository where its text is not yours: --facts writes digests instead"
        )
    return lines
