"""Commands that look at the archive: check (of `checking`), vitals, articles, show, diff, changes, sources."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from scraper.cli import diff_page
from scraper.cli.checking import HtmlOption, check_command
from scraper.cli.options import (
    Common,
    ConfigOption,
    JsonOption,
    SinceOption,
    SourcesArgument,
    UntilOption,
    VerboseOption,
    chosen,
    day,
)
from scraper.cli.output import console, emit, finish
from scraper.cli.read_data import CheckCommand
from scraper.cli.render import lines_json, show_article, show_difference, show_report, show_table
from scraper.export.atom import feed
from scraper.export.files import write
from scraper.jobs import look
from scraper.jobs.articles import article_of, articles
from scraper.jobs.vitals import measure
from scraper.model import Capture, ChangeKind, Source
from scraper.policy.selection import Selection

SubjectArgument = Annotated[
    str,
    typer.Argument(
        metavar="URL|DIGEST|ID",
        help="A URL, six or more hex digits of a snapshot, the name of a record, or an article's id.",
    ),
]


AtomOption = Annotated[
    Path | None,
    typer.Option("--atom", metavar="FILE", help="Also write the newest 100 as an Atom feed.", show_default=False),
]


def add_commands(app: typer.Typer) -> None:
    """Register the commands of this module."""
    for name, function in (
        ("check", check_command),
        ("vitals", vitals),
        ("articles", articles_command),
        ("show", show),
        ("diff", diff),
        ("changes", changes),
        ("sources", sources),
    ):
        app.command(name, cls=CheckCommand if name == "check" else None)(function)


def vitals(
    source: SourcesArgument = None, config: ConfigOption = None, as_json: JsonOption = False, verbose: VerboseOption = 0
) -> None:
    """Show whether every source is still read as it was.

    Per layout: how many articles it read lately and before, how often each field was there, how long texts are; the exit
    code is 1 where a field has collapsed, a source cannot be read any more or brings nothing, or a canary reads otherwise.
    """
    with Common(config=config, as_json=as_json, verbose=verbose).services(
        ids=source, processes=1, writes=False
    ) as services:
        report = measure(services, chosen(services.config, source))
    finish(report, as_json=as_json)


def articles_command(
    source: SourcesArgument = None,
    since: SinceOption = None,
    until: UntilOption = None,
    full: Annotated[bool, typer.Option("--full", help="With paragraphs, links, pictures and captures.")] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
    verbose: VerboseOption = 0,
) -> None:
    """List the articles, each once, with all its addresses.

    By outlet day; with --json, JSON Lines.
    """
    first, last = day(since, "--since"), day(until, "--until")
    with Common(config=config, as_json=as_json, verbose=verbose).services(
        ids=source, processes=0, writes=False
    ) as services:
        found = articles(services, chosen(services.config, source), since=first, until=last, full=full)
        if as_json:
            emit(lines_json(found))
            return
        for article in found:
            show_article(console(), article)


def show(
    subject: SubjectArgument,
    raw: Annotated[
        bool, typer.Option("--raw", help="Write the newest good capture's bytes to standard output.")
    ] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
    verbose: VerboseOption = 0,
) -> None:
    """Show the captures of a URL over time, or those of a digest by URL.

    In front of them: the article, and all its addresses.
    """
    with Common(config=config, as_json=as_json, verbose=verbose).services(processes=0, writes=False) as services:
        if raw:
            sys.stdout.buffer.write(look.body(services, subject))
            return
        captures = look.captures(services, subject)
        places = dict.fromkeys((capture.source, capture.key) for capture in captures)
        known = [article for place in places for article in article_of(services, *place)]
    if as_json:
        emit(lines_json(captures))
        return
    for article in dict.fromkeys(known):
        show_article(console(), article)
    for url in dict.fromkeys(capture.url for capture in captures):
        console().print(url, soft_wrap=True)
        show_table(console(), _history(capture for capture in captures if capture.url == url))


def diff(
    subject: SubjectArgument,
    first: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="DIGEST",
            help="The older capture: part of its record or snapshot name.",
            show_default=False,
        ),
    ] = None,
    second: Annotated[
        str | None, typer.Option("--to", metavar="DIGEST", help="The newer capture.", show_default=False)
    ] = None,
    html: HtmlOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
    verbose: VerboseOption = 0,
) -> None:
    """Show, word by word, what changed in an article.

    The newest change of its text, unless the captures to compare are named.
    """
    with Common(config=config, as_json=as_json, verbose=verbose).services(processes=0, writes=False) as services:
        change = look.difference(services, subject, first, second)
        text = diff_page.page(change, *look.sides(services, change)) if html is not None else ""
    if html is not None:
        write(html, text)
    if as_json:
        emit(lines_json([change]))
    else:
        show_difference(console(), change)


def changes(
    source: SourcesArgument = None,
    kind: Annotated[
        list[ChangeKind] | None,
        typer.Option("--kind", help="Only this kind; may be repeated. Cosmetic ones only so.", show_default=False),
    ] = None,
    since: SinceOption = None,
    until: UntilOption = None,
    min_words: Annotated[
        int, typer.Option("--min-words", metavar="N", help="Edits of so many words or more.", min=0)
    ] = 0,
    title: Annotated[
        str, typer.Option("--title", metavar="TEXT", help="Only with this in the title.", show_default=False)
    ] = "",
    newest: Annotated[
        int | None, typer.Option("--newest", metavar="N", help="Only the newest N.", min=1, show_default=False)
    ] = None,
    atom: AtomOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
    verbose: VerboseOption = 0,
) -> None:
    """List the edits, deletions, returns, moves and swaps that the archive shows.

    With --json, JSON Lines.
    """
    wanted = Selection(
        kinds=frozenset(kind or ()),
        since=day(since, "--since"),
        until=day(until, "--until"),
        min_words=min_words,
        title=title,
    )
    with Common(config=config, as_json=as_json, verbose=verbose).services(
        ids=source, processes=0, writes=False
    ) as services:
        report = look.changes(services, chosen(services.config, source), wanted, newest=newest)
        settings = services.config.settings
    if atom is not None:
        write(atom, feed(report.changes, author=settings.contact or settings.product))
    if as_json:
        emit(lines_json(report.changes))
    else:
        show_report(console(), report)


def sources(
    source: SourcesArgument = None, config: ConfigOption = None, as_json: JsonOption = False, verbose: VerboseOption = 0
) -> None:
    """List and validate the configured sources."""
    loaded = Common(config=config, as_json=as_json, verbose=verbose).load()
    found = chosen(loaded, source)
    if as_json:
        emit(lines_json(found))
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("source", "name", "parser", "every", "gap (s)", "hosts", "discovery", "backfill"):
        table.add_column(name, overflow="fold")
    for one in found:
        table.add_row(*_declaration(one))
    console().print(table)
    console().print(f"{len(found)} sources, valid, from {loaded.directory}", soft_wrap=True)


def _history(captures: Iterable[Capture]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("observed (UTC)", "status", "verdict", "bytes", "snapshot", "reason", "channel", "record"):
        table.add_column(name, no_wrap=True)
    for capture in captures:
        table.add_row(*_cells(capture))
    return table


def _cells(capture: Capture) -> tuple[str, ...]:
    return (
        f"{capture.observed_at:%Y-%m-%d %H:%M:%S}",
        str(capture.status or capture.failure or ""),
        capture.verdict.value,
        str(capture.size),
        (capture.sha256 or "")[:12],
        capture.reason.value,
        capture.channel.value,
        capture.record.rpartition("/")[2].removesuffix(".json"),
    )


def _declaration(source: Source) -> tuple[str, ...]:
    minutes = int(source.every.total_seconds() // 60)
    return (
        source.id,
        source.name,
        source.parser,
        f"{minutes} min",
        f"{source.politeness.gap:g}",
        ", ".join(source.hosts),
        str(len(source.discover)),
        ", ".join(dict.fromkeys(way.kind for way in source.backfill)),
    )
