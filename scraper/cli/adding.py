"""Commands that add an outlet: new-source, fixture."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from scraper.cli.options import (
    Common,
    ConfigOption,
    JsonOption,
    ProxyOption,
    ResolveOption,
    SourceArgument,
    VerboseOption,
)
from scraper.cli.output import emit
from scraper.cli.reading import FetchedAtOption, HeaderOption, UrlOption
from scraper.cli.render import lines_json
from scraper.errors import UsageError
from scraper.jobs import fixture
from scraper.jobs import parse as parsing
from scraper.jobs.drafting import Wishes
from scraper.jobs.new_source import List, NewSource, Sample, new_source

FIXTURES = Path("tests/sites")
"""Where a checkout has its fixtures."""


def add_commands(app: typer.Typer) -> None:
    """Register the commands of this module."""
    app.command("new-source")(new_source_command)
    app.command("fixture")(fixture_command)


IdOption = Annotated[
    str | None, typer.Option("--id", metavar="ID", help="The source's id; else from the host.", show_default=False)
]
LanguageOption = Annotated[
    str | None,
    typer.Option("--language", metavar="TAG", help="Its language; else what its pages say.", show_default=False),
]
TimezoneOption = Annotated[
    str | None,
    typer.Option("--timezone", metavar="ZONE", help="Its time zone; else that of its country.", show_default=False),
]
OutOption = Annotated[
    Path | None,
    typer.Option("--out", metavar="FILE", help="Where to write; else sources/ID.toml.", show_default=False),
]


def new_source_command(
    url: Annotated[
        str, typer.Argument(metavar="URL", help="The outlet's front page, a list of its articles, a feed or a sitemap.")
    ],
    source_id: IdOption = None,
    language: LanguageOption = None,
    timezone: TimezoneOption = None,
    out: OutOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the declaration, and write none.")] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
    verbose: VerboseOption = 0,
    resolve: ResolveOption = None,
    proxy: ProxyOption = None,
) -> None:
    """Declare an outlet that needs no code.

    Finds its feeds, sitemaps and lists, writes a commented declaration to edit, and shows what three articles come to.
    """
    common = Common(config=config, as_json=as_json, verbose=verbose, resolve=resolve or (), proxy=proxy)
    wishes = Wishes(url=url, source_id=source_id, language=language, timezone=timezone)
    with common.services() as services:
        made = new_source(services, url, wishes=wishes, environ=os.environ, out=out, dry_run=dry_run)
    emit(lines_json([made]) if as_json else _drafted(made))
    raise typer.Exit(made.exit_code())


def _drafted(made: NewSource) -> Iterator[str]:
    """What was found, for a person: the file, its lists, three articles, and what to do next."""
    yield from () if made.file else (made.declaration,)
    yield from map(_list, made.lists)
    for sample in made.samples:
        yield from _sample(sample)
    if not made.samples:
        yield "no article to try: no list shows an address that `articles` fits"
    yield from (f"note     {note}" for note in made.notes)
    yield from (f"stopped  {made.stopped}",) if made.stopped else ()
    yield from (f"fill in  {key}: the file says what is needed" for key in made.fill_in)
    if made.file:
        yield f"wrote    {made.file}: look at it and edit, then: scraper crawl {made.source} --limit 3"


def _list(found: List) -> str:
    said = f"{found.rows} rows, {found.dated} with a date, {found.articles} of them articles"
    return f"{found.kind:8} {found.url}: {found.detail or said}"


def _sample(sample: Sample) -> Iterator[str]:
    yield f"article  {sample.url}"
    if sample.detail:
        yield f"         NOT READ: {sample.detail}"
        return
    yield f"         title   {sample.title or '-'}"
    yield f"         date    {f'{sample.published} ({sample.evidence})' if sample.published else '-'}"
    yield f"         text    {sample.paragraphs} paragraphs, {sample.images} images: {sample.first_words}"
    if sample.missing:
        yield f"         MISSING {', '.join(sample.missing)}"


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
