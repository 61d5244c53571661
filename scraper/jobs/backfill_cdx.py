"""Backfill from a web archive: the index of what it has of an outlet, month by month, newest first, then what is not here.

Hides the paging (resume keys; where a server has none, ever shorter times), and the cursor by which a killed walk goes on
without asking for anything twice.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta

from scraper import urls
from scraper.catalogue import copied, queries, writing
from scraper.discover.cdx import Memento
from scraper.errors import Refused, Transient
from scraper.fetch import guard
from scraper.jobs.copies import holding
from scraper.jobs.leftovers import read_leftovers
from scraper.jobs.run import Run
from scraper.jobs.services import Services
from scraper.jobs.take import WEB_ARCHIVES, undeclared
from scraper.jobs.web_archives import WebArchive, fetch_memento, index_page
from scraper.model import Report, Severity, Source

_SECOND = timedelta(seconds=1)
_WANTED = frozenset({None, 200, 404, 410})
"""What is fetched: pages, and that a page was gone. An archived redirect, block or breakdown says nothing of an article."""
_FAILING_AFTER = 5
Times = tuple[datetime, datetime]


def backfill_cdx(
    services: Services,
    source: Source,
    archive: WebArchive,
    *,
    since: date,
    until: date,
    dry_run: bool = False,
    limit: int | None = None,
) -> Report:
    """Fetch what a web archive saw of a source's pages from `since` to `until` (UTC days), newest first.

    At most `limit` mementos are asked for. With `dry_run` the index alone is asked. Errors: StoreError.
    """
    run = Run(services, source, "backfill")
    read_leftovers(services, source)
    read_leftovers(services, undeclared(WEB_ARCHIVES, archive.server))
    name = f"backfill {source.id} cdx {archive.server} {since} {until}"
    began, after = _resumed(run, name, until, keep=not dry_run)
    with run.ending():
        for month in _months(since, after):
            wanted = _wanted(run, archive, month, began)
            if dry_run:
                run.counts["to fetch"] += len(wanted)
                continue
            if not _fetch(run, archive, wanted, began, limit):
                break
            _keep(services, name, began, month[0])
        else:
            if not dry_run:
                writing.drop_cursor(services.database, name)
    if dry_run:
        seconds = round(run.counts["to fetch"] * archive.replay_gap)
        run.notes.append(f"at least {timedelta(seconds=seconds)} at one memento in {archive.replay_gap:g} s")
        run.notes.append("the index was asked, and no memento: this was a dry run")
    return run.report()


def _resumed(run: Run, name: str, until: date, *, keep: bool) -> Times:
    """When this walk began, and the time before which it has not been yet.

    A dry run does not `keep` where it is: the walk after it would take the pages of its index for its own, however old.
    """
    kept = queries.cursor(run.services.database, name)
    if kept is not None:
        run.notes.append(f"{run.source.id}: resumed the walk of the web archive where it had stopped")
        position = json.loads(kept)
        return datetime.fromisoformat(position["began"]), datetime.fromisoformat(position["before"])
    began = run.services.clock.now()
    before = datetime.combine(until + timedelta(days=1), time(), UTC)
    if keep:
        _keep(run.services, name, began, before)
    return began, before


def _keep(services: Services, name: str, began: datetime, before: datetime) -> None:
    position = json.dumps({"began": began.isoformat(), "before": before.isoformat()})
    writing.keep_cursor(services.database, name, position)


def _months(since: date, before: datetime) -> Iterator[Times]:
    """The months from the last to the first, each as its first and last second."""
    start = datetime.combine(since, time(), UTC)
    while before > start:
        first = max(start, (before - _SECOND).replace(day=1, hour=0, minute=0, second=0))
        yield first, before - _SECOND
        before = first


def _wanted(run: Run, archive: WebArchive, month: Times, began: datetime) -> list[Memento]:
    """What of a month is in the source's scope and of a kind to fetch, newest first."""
    found: dict[tuple[str, str], Memento] = {}
    for host in run.source.hosts:
        for memento in _index(run, archive, host, month, began):
            run.counts["mementos"] += 1
            if memento.status not in _WANTED:
                run.counts[f"not fetched: archived {memento.status}"] += 1
            elif _in_scope(run.source, memento.url):
                found[urls.key(memento.url), memento.timestamp] = memento
            else:
                run.counts["outside the scope"] += 1
    newest_first = sorted(found.values(), key=lambda memento: (memento.timestamp, memento.url), reverse=True)
    return [memento for memento in newest_first if not _known(run, memento)]


def _index(run: Run, archive: WebArchive, host: str, times: Times, began: datetime) -> Iterable[Memento]:
    """All rows of a host's index of some time."""
    key: str | None = None
    while True:
        url = archive.index_url(host, times, key)
        run.step(run.counts["mementos"], None, url)
        run.counts["pages of the index"] += 1
        try:
            page = index_page(run.services, archive, url, began)
        except (ValueError, TypeError) as error:
            raise Transient(f"no index of a web archive: {error}") from error
        if page.resume_key is None and page.rows >= archive.rows and times[0] < times[1]:
            # A server without resume keys cuts its answer off and does not say so.
            middle = (times[0] + (times[1] - times[0]) / 2).replace(microsecond=0)
            yield from _index(run, archive, host, (middle + _SECOND, times[1]), began)
            yield from _index(run, archive, host, (times[0], middle), began)
            return
        yield from page.mementos
        if page.resume_key is None or page.resume_key == key:
            return
        key = page.resume_key


def _in_scope(source: Source, url: str) -> bool:
    admitted, complaint = guard.admit(url)
    return complaint is None and guard.outside(admitted, source) is None


def _known(run: Run, memento: Memento) -> bool:
    """Whether this very memento is here, or one of the same address with the same bytes."""
    key = urls.key(memento.url)
    if copied.memento_known(run.services.database, run.source.id, key, memento.at):
        run.counts["known already"] += 1
        return True
    if memento.digest and holding(run.services, run.source, key, memento.digest) is not None:
        run.counts["known digests"] += 1
        return True
    return False


def _fetch(run: Run, archive: WebArchive, wanted: list[Memento], began: datetime, limit: int | None) -> bool:
    """Fetch a month's mementos; False where the limit was reached before its end."""
    failures = 0
    for done, memento in enumerate(wanted, start=1):
        url = archive.memento_url(memento)
        answered = copied.recorded_since(run.services.database, WEB_ARCHIVES, urls.key(url), began)
        # Of two mementos with the same bytes in one month, the newer was fetched a moment ago.
        if answered is not None or _known(run, memento):
            continue
        if limit is not None and run.counts["asked mementos"] >= limit:
            return False
        run.counts["asked mementos"] += 1
        try:
            capture = fetch_memento(run.services, archive, run.source, memento)
        except (Transient, Refused) as error:
            failures += 1
            run.counts["failed"] += 1
            if failures >= _FAILING_AFTER or (isinstance(error, Transient) and error.failure == "abandoned"):
                raise
            run.find(
                "unreachable", Severity.UNOBSERVED, url, str(error), f"scraper backfill {run.source.id} --via cdx …"
            )
            continue
        failures = 0
        run.counts[capture.verdict.value if capture else "not in the archive at that moment"] += 1
        run.step(done, len(wanted), memento.url)
    return True
