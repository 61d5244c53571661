"""Backfill by counting: ask for the addresses that an outlet's numbers make, whether or not any list shows them.

Hides what is known of a number already, and the cursor by which a killed walk goes on without asking for anything twice.
What comes of a number that is no article's is on record, and is no article that anybody knows or expects.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from scraper import urls
from scraper.catalogue import counted, queries, writing
from scraper.errors import UsageError
from scraper.jobs.crawl import article_request, fetch_article, further_pages
from scraper.jobs.leftovers import read_leftovers
from scraper.jobs.run import Run
from scraper.jobs.services import Services
from scraper.model import Backfill, Reason, Report, Severity, Source
from scraper.parse.identity import identity
from scraper.policy import counting, walk
from scraper.policy.counting import Count

KIND = "serial"
Ways = Sequence[tuple[Backfill, tuple[date, date]]]


def backfill_serial(
    services: Services, source: Source, *, since: date, until: date, dry_run: bool = False, limit: int | None = None
) -> Report:
    """Count through the source's numbers (of the days from `since` to `until`, where each day has its own).

    At most `limit` addresses are asked for. Errors: UsageError for days the wrong way round, and where no number is
    declared that reaches them.
    """
    if since > until:
        raise UsageError(f"--since {since} lies after --until {until}: give the earlier day as --since")
    declared = [way for way in source.backfill if way.kind == KIND]
    ways = [(way, days) for way in declared if (days := walk.reach(way, since, until))]
    if not ways:
        raise UsageError(
            f"no [[backfill]] of kind {KIND!r} of source {source.id!r} reaches {since} to {until}: "
            f"see `scraper sources {source.id}`"
        )
    run = Run(services, source, "backfill")
    if dry_run:
        _plan(run, ways)
        return run.report()
    read_leftovers(services, source)
    with run.ending():
        for way, days in ways:
            _walk(run, way, days, limit)
    return run.report()


def _plan(run: Run, ways: Ways) -> None:
    for way, days in ways:
        count = _begun(run, way, days)
        numbers = asked = 0
        for known in counting.least(way, count, days[1], lambda url: _known(run, url) is not None):
            numbers += 1
            asked += not known
        run.counts["numbers"] += numbers
        run.counts["to ask"] += asked
        what = f"{KIND}: {'' if way.last is not None else 'at least '}{numbers} numbers, {asked} of them not known"
        run.notes.append(f"{what}, from {counting.address(way, count)}")
    gap = run.source.politeness.gap
    seconds = round(run.counts["to ask"] * gap)
    run.notes.append(f"at least {timedelta(seconds=seconds)} at one request in {gap:g} s")
    run.notes.append("nothing was asked for: this was a dry run")


def _walk(run: Run, way: Backfill, days: tuple[date, date], limit: int | None) -> None:
    name = _name(run.source, way, days)
    here: Count | None = _begun(run, way, days)
    while here is not None:
        if limit is not None and run.counts["asked numbers"] >= limit:
            return
        writing.keep_cursor(run.services.database, name, here.to_json())
        # Numbers that brought no answer are not passed for good until one does: the host may be down.
        while here is not None and (miss := _miss(run, way, here)) is None:
            here = counting.onward(way, here, days[1], miss=None)
        if here is not None:
            here = counting.onward(way, here, days[1], miss=miss)
    writing.drop_cursor(run.services.database, name)


def _begun(run: Run, way: Backfill, days: tuple[date, date]) -> Count:
    kept = queries.cursor(run.services.database, _name(run.source, way, days))
    if kept is None:
        return counting.start(way, days[0], run.services.clock.now())
    run.notes.append(f"{run.source.id}: resumed counting where it had stopped")
    return Count.from_json(kept)


def _miss(run: Run, way: Backfill, count: Count) -> bool | None:
    """Whether no article has this number; None where nobody answered."""
    services, source = run.services, run.source
    url = urls.canonical(counting.address(way, count))
    run.counts["numbers"] += 1
    run.step(run.counts["numbers"], None, url)
    if (other := _known(run, url)) is not None:
        run.counts["known already"] += 1
        for locator in queries.missing(services.database, source.id, [other], services.clock.now()):
            run.counts["asked numbers"] += 1
            fetch_article(run, locator)
        return False
    key = urls.key(url)
    answered = counted.answered_since(services.database, source.id, key, count.began)
    if answered is not None:
        return counting.is_miss(answered)
    run.counts["asked numbers"] += 1
    new = queries.new_locator(source.id, key, url, identity(url, source.parser))
    taken = run.ask(article_request(run, replace(new, due=Reason.GUESS)))
    if taken is None:
        reason = "its number brought no answer: whether there is an article is not known"
        run.find("unreachable", Severity.UNOBSERVED, url, reason, f"scraper fetch '{url}'")
        return None
    further_pages(run, taken)
    return counting.is_miss(taken.capture.verdict)


def _known(run: Run, url: str) -> str | None:
    key = urls.key(url)
    return counted.known(run.services.database, run.source.id, key, identity(url, run.source.parser))


def _name(source: Source, way: Backfill, days: tuple[date, date]) -> str:
    return f"backfill {source.id} {KIND} {way.url} {days[0]} {days[1]}"
