"""Commands that ask the web: run, crawl, recheck, backfill, fetch, robots."""

from __future__ import annotations

from enum import StrEnum
from functools import partial
from typing import Annotated

import typer
from structlog.typing import FilteringBoundLogger

from scraper import daemon
from scraper.cli.options import (
    Common,
    ConfigOption,
    JsonOption,
    ProxyOption,
    ResolveOption,
    SinceOption,
    SourceArgument,
    SourcesArgument,
    UntilOption,
    VerboseOption,
    chosen,
    day,
)
from scraper.cli.output import console, emit, finish
from scraper.cli.progress import logger
from scraper.cli.render import lines_json, plain, report_json
from scraper.errors import UsageError
from scraper.jobs.backfill import backfill
from scraper.jobs.backfill_cdx import backfill_cdx
from scraper.jobs.backfill_serial import backfill_serial
from scraper.jobs.contact import require_contact
from scraper.jobs.crawl import crawl, recheck
from scraper.jobs.fetch import fetch
from scraper.jobs.robots import Explained, explain
from scraper.jobs.take import WEB_ARCHIVES, undeclared
from scraper.jobs.together import together
from scraper.jobs.web_archives import web_archive
from scraper.model import Report

LimitOption = Annotated[
    int | None,
    typer.Option("--limit", min=1, metavar="N", help="Ask for at most N articles of each source.", show_default=False),
]


class Via(StrEnum):
    """The ways to a source's past that do not lead over what the outlet lists."""

    CDX = "cdx"
    SERIAL = "serial"


_WALKS = {None: backfill, Via.SERIAL: backfill_serial}
ViaOption = Annotated[
    Via | None,
    typer.Option(
        "--via",
        metavar="cdx|serial",
        help="Not by the outlet's lists: from a web archive, or by counting its numbers.",
        show_default=False,
    ),
]
CdxOption = Annotated[
    str | None, typer.Option("--cdx", metavar="URL", help="Its CDX server; else the configured.", show_default=False)
]
ReplayOption = Annotated[
    str | None,
    typer.Option(
        "--replay",
        metavar="URL",
        help="A memento's address with {timestamp} and {url}; else the configured.",
        show_default=False,
    ),
]


def add_commands(app: typer.Typer) -> None:
    """Register the commands of this module."""
    for name, function in (
        ("run", run),
        ("crawl", crawl_command),
        ("recheck", recheck_command),
        ("backfill", backfill_command),
        ("fetch", fetch_command),
        ("robots", robots_command),
    ):
        app.command(name)(function)


def run(
    config: ConfigOption = None,
    as_json: JsonOption = False,
    verbose: VerboseOption = 0,
    resolve: ResolveOption = None,
    proxy: ProxyOption = None,
) -> None:
    """Run the daemon: every source in its rhythm, until SIGTERM.

    It stays in the foreground and logs to standard error.
    """
    common = Common(config=config, as_json=True, verbose=verbose, resolve=resolve or (), proxy=proxy)
    with common.services() as services:
        require_contact(services, services.config.sources)
        log = logger(services.config.settings.log_format)
        daemon.run(services, partial(_tell, log, as_json))


def _tell(log: FilteringBoundLogger, as_json: bool, event: str, report: Report | None, about: str) -> None:
    """Log an event of the daemon; with `--json`, each tick's report is a line of data too."""
    counts = dict(report.counts) if report else {}
    log.info(event, about=about, **{name.replace(" ", "_"): count for name, count in counts.items()})
    for finding in report.findings if report else ():
        log.warning("finding", **plain(finding))
    for change in report.changes if report else ():
        log.warning(change.kind.value, source=change.source, url=change.url, title=change.title)
    if as_json and report is not None:
        emit([report_json(report)])


def crawl_command(
    source: SourcesArgument = None,
    seed: Annotated[
        list[str] | None,
        typer.Option("--seed", metavar="URL", help="An extra discovery page of the (one) source.", show_default=False),
    ] = None,
    limit: LimitOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
    verbose: VerboseOption = 0,
    resolve: ResolveOption = None,
    proxy: ProxyOption = None,
) -> None:
    """Do once what a tick of the daemon does.

    Read the discovery pages, then fetch the articles that are due and not yet held.
    """
    common = Common(config=config, as_json=as_json, verbose=verbose, resolve=resolve or (), proxy=proxy)
    with common.services(ids=source) as services:
        sources = chosen(services.config, source)
        require_contact(services, sources)
        if seed and len(sources) != 1:
            raise UsageError("--seed belongs to one source: name it, e.g. scraper crawl rodong --seed URL")
        report = together(services, "crawl", sources, lambda one: crawl(services, one, seeds=seed or (), limit=limit))
    finish(report, as_json=as_json)


def recheck_command(
    source: SourcesArgument = None,
    limit: LimitOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
    verbose: VerboseOption = 0,
    resolve: ResolveOption = None,
    proxy: ProxyOption = None,
) -> None:
    """Ask again for held articles whose recheck is due.

    Report the edits and deletions that this shows.
    """
    common = Common(config=config, as_json=as_json, verbose=verbose, resolve=resolve or (), proxy=proxy)
    with common.services(ids=source) as services:
        sources = chosen(services.config, source)
        require_contact(services, sources)
        report = together(services, "recheck", sources, lambda one: recheck(services, one, limit=limit))
    finish(report, as_json=as_json)


def backfill_command(
    source: SourceArgument,
    since: SinceOption = None,
    until: UntilOption = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be asked for, and ask for nothing.")
    ] = False,
    limit: LimitOption = None,
    via: ViaOption = None,
    cdx: CdxOption = None,
    replay: ReplayOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
    verbose: VerboseOption = 0,
    resolve: ResolveOption = None,
    proxy: ProxyOption = None,
) -> None:
    """Walk a source's past and fetch what is missing.

    Given again after a kill, the same command goes on where it stopped.
    """
    first, last = day(since, "--since"), day(until, "--until")
    if first is None or last is None:
        raise UsageError("backfill needs both --since DAY and --until DAY")
    if via is not Via.CDX and (cdx or replay):
        raise UsageError("--cdx and --replay name a web archive: add --via cdx")
    common = Common(config=config, as_json=as_json, verbose=verbose, resolve=resolve or (), proxy=proxy)
    with common.services(ids=[source]) as services:
        one = services.config.source(source)
        if via is Via.CDX:
            archive = web_archive(services.config.settings.cdx, cdx, replay)
            require_contact(
                services,
                [
                    undeclared(WEB_ARCHIVES, url, services.config.settings.network)
                    for url in (archive.server, archive.replay)
                ],
            )
            report = backfill_cdx(services, one, archive, since=first, until=last, dry_run=dry_run, limit=limit)
            finish(report, as_json=as_json)
        if not dry_run:
            require_contact(services, [one])
        report = _WALKS[via](services, one, since=first, until=last, dry_run=dry_run, limit=limit)
    finish(report, as_json=as_json)


def fetch_command(
    url: Annotated[str, typer.Argument(metavar="URL", help="The page's address.")],
    config: ConfigOption = None,
    as_json: JsonOption = False,
    verbose: VerboseOption = 0,
    resolve: ResolveOption = None,
    proxy: ProxyOption = None,
) -> None:
    """Fetch one page into the archive now."""
    common = Common(config=config, as_json=as_json, verbose=verbose, resolve=resolve or (), proxy=proxy)
    with common.services() as services:
        report = fetch(services, url)
    finish(report, as_json=as_json)


def robots_command(
    url: Annotated[str, typer.Argument(metavar="URL", help="The page's address.")],
    config: ConfigOption = None,
    as_json: JsonOption = False,
    verbose: VerboseOption = 0,
    resolve: ResolveOption = None,
    proxy: ProxyOption = None,
) -> None:
    """Explain what robots.txt says of a page.

    Which file decides and how old it is, the group, the rule, the delay. It is asked for only where no fresh copy is held.
    """
    common = Common(config=config, as_json=as_json, verbose=verbose, resolve=resolve or (), proxy=proxy)
    with common.services(processes=0) as services:
        found = explain(services, url)
    if as_json:
        emit(lines_json([found]))
    else:
        for name, text in _explained(found):
            console().print(f"{name:8} {text}", soft_wrap=True)
    raise typer.Exit(0 if found.allowed else 5)


def _explained(found: Explained) -> tuple[tuple[str, str], ...]:
    copy = f"{found.capture or 'no copy'}, {found.age / 3600:.1f} h old, from the archive"
    if found.origin == "fetched":
        copy = f"{found.capture or 'no copy'}, asked for just now"
    delay = f", crawl-delay {found.crawl_delay:g} s" if found.crawl_delay is not None else ""
    return (
        ("page", f"{found.url} (source {found.source})"),
        ("answer", "allowed" if found.allowed else "not allowed"),
        ("file", f"{found.robots_url} ({copy}; asked for again after {found.asked_again_at:%Y-%m-%d %H:%M} UTC)"),
        ("group", f"User-agent: {found.group}" if found.group else "none"),
        ("rule", found.rule),
        ("delay", f"{found.gap:g} s between requests{delay}"),
    )
