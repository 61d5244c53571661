"""Backfill: walk a source's dated index, paged listing, sitemap, index or paged form for past days, and fetch what is missing.

Hides the cursor: it is kept after every listing whose articles have been asked for, so a killed walk goes on where it was.
"""

from __future__ import annotations

from datetime import date, timedelta

from scraper import urls
from scraper.catalogue import queries, writing
from scraper.catalogue.copied import recorded_since
from scraper.catalogue.holdings import all_held, holdings
from scraper.errors import UsageError
from scraper.jobs.crawl import contents, fetch_article, in_scope, listing_request
from scraper.jobs.leftovers import read_leftovers
from scraper.jobs.run import Run
from scraper.jobs.services import Services
from scraper.jobs.take import Taken, owned
from scraper.model import Backfill, ListingLink, Parsed, Reason, Report, Role, Severity, Source, Verdict
from scraper.policy import walk

_ANSWERS = (Verdict.LISTING, Verdict.UNCHANGED, Verdict.SOFT_GONE, Verdict.GONE, Verdict.EMPTY)


def backfill(
    services: Services, source: Source, *, since: date, until: date, dry_run: bool = False, limit: int | None = None
) -> Report:
    """Walk the source's past from `since` to `until` (outlet days, both included) and fetch what is not held.

    At most `limit` articles are asked for. Errors: UsageError for days the wrong way round, or that no way of walking
    this source reaches.
    """
    if since > until:
        raise UsageError(f"--since {since} lies after --until {until}: give the earlier day as --since")
    listed = [way for way in source.backfill if way.kind != "serial"]  # numbers are counted when that is asked for
    ways = [(way, days) for way in listed if (days := walk.reach(way, since, until))]
    if not ways:
        raise UsageError(
            f"no [[backfill]] of source {source.id!r} reaches {since} to {until}: see `scraper sources {source.id}`"
        )
    run = Run(services, source, "backfill")
    if dry_run:
        _plan(run, ways)
        return run.report()
    read_leftovers(services, source)
    with run.ending():
        for way, (first, last) in ways:
            _walk(run, way, first, last, limit)
    return run.report()


def _plan(run: Run, ways: list[tuple[Backfill, tuple[date, date]]]) -> None:
    for way, (first, last) in ways:
        listings, url = walk.planned(way, first, last)
        unknown = "every listing it names" if way.kind in ("sitemap", "index") else "listings until they are older"
        many = f"{listings} listings" if listings else unknown
        resumed = queries.cursor(run.services.database, _name(run.source, way, first, last))
        run.notes.append(
            f"{way.kind}: {many}, {first} to {last}, from {url}" + (" (resumes a walk)" if resumed else "")
        )
        if listings:
            run.counts["listings"] += listings
    since, until = min(days[0] for _, days in ways), max(days[1] for _, days in ways)
    items = [item for item in holdings(run.services.database, run.source.id) if _of_days(item.published, since, until)]
    missing = {item.identity for item in items} - {item.identity for item in items if item.held is not None}
    run.counts["known missing articles"] = len(missing)
    gap = run.source.politeness.gap
    seconds = round((run.counts["listings"] + len(missing)) * gap)
    run.notes.append(
        f"at least {timedelta(seconds=seconds)} at one request in {gap:g} s; what the listings show besides comes on top"
    )
    run.notes.append("nothing was asked for: this was a dry run")


def _of_days(published: str | None, since: date, until: date) -> bool:
    return published is not None and since <= date.fromisoformat(published[:10]) <= until


def _walk(run: Run, way: Backfill, since: date, until: date, limit: int | None) -> None:
    name = _name(run.source, way, since, until)
    kept = queries.cursor(run.services.database, name)
    position = walk.Position.from_json(kept) if kept else walk.start(way, since, until, run.services.clock.now())
    if kept:
        run.notes.append(f"{run.source.id}: resumed the {way.kind} walk where it had stopped")
    else:
        writing.keep_cursor(run.services.database, name, position.to_json())
    resumed = position if kept else None
    reaches: list[str] = []
    while (link := walk.ask(way, position, since, until)) is not None:
        run.step(_done(way, position, since), (until - since).days + 1 if way.kind == "dated" else None, link.url)
        if not in_scope(run.source, link.url):
            run.find(
                "out-of-scope",
                Severity.UNOBSERVED,
                link.url,
                "a listing points outside the source's hosts",
                f"scraper sources {run.source.id}",
            )
            return
        before = _answered(run, way, link, resumed) if position == resumed else None
        taken = before or run.ask(listing_request(run, link, Reason.BACKFILL))
        if taken is None or not _usable(run, way, position, taken):
            return
        parsed = contents(run, taken)
        # Of the page at which a killed walk goes on, the walk itself may have fetched the articles.
        known = _articles(run, taken, parsed, (since, until), limit) and position != resumed
        reaches.extend(filter(None, [walk.oldest(parsed)]))
        position = walk.move(way, position, parsed, since=since, until=until, known=known)
        writing.keep_cursor(run.services.database, name, position.to_json())
    writing.drop_cursor(run.services.database, name)
    if way.kind == "index":
        # It holds the newest only: whoever asks for more than it has must not take silence for "nothing was published".
        shown = f"the oldest row shown is of {min(reaches)}" if reaches else "no row with a date was shown"
        run.notes.append(f"{run.source.id}: {shown}; what this index does not reach comes by `scraper fetch`")


def _answered(run: Run, way: Backfill, link: ListingLink, resumed: walk.Position | None) -> Taken | None:
    """What the killed walk was answered at the page where it stopped; None where nothing was, or it is of no use now.

    A page of the listing's own form belongs to a session that has ended.
    """
    if resumed is None or resumed.began is None or way.kind == "form":
        return None
    stable = [(name, value) for name, value in link.form if name in run.source.stable_form_fields]
    key = urls.key(link.url, method=link.method, form=stable)
    record = recorded_since(run.services.database, run.source.id, key, resumed.began)
    if record is None:
        return None
    capture = run.services.archive.record(record)
    usable = capture.role is Role.LISTING and capture.verdict in _ANSWERS and capture.form == link.form
    return Taken(capture=capture, reading=None) if usable else None


def _done(way: Backfill, position: walk.Position, since: date) -> int:
    return (position.day - since).days if way.kind == "dated" else position.page


def _usable(run: Run, way: Backfill, position: walk.Position, taken: Taken) -> bool:
    """Whether the walk may go on: a listing was read, or the outlet says that there is nothing (more) at this address.

    An empty answer ends a paged walk, but never begins one, and an index has more than one section; and a form that comes back empty has lost its session.
    """
    if taken.capture.verdict in _ANSWERS and taken.capture.verdict is not Verdict.EMPTY:
        return True
    if taken.capture.verdict is Verdict.EMPTY and way.kind in ("paged", "post", "index") and position.page > way.first:
        return True
    reason = f"a listing came {taken.capture.verdict.value}: the walk is kept where it is"
    run.find("empty-listing", Severity.UNOBSERVED, taken.capture.url, reason, f"scraper backfill {run.source.id} …")
    return False


def _articles(run: Run, taken: Taken, parsed: Parsed, days: tuple[date, date], limit: int | None) -> bool:
    """Fetch what a listing shows of the asked-for days; True where it shows articles that were all held before."""
    shown = [item for item in owned(run.services, parsed.sightings, taken.capture) if item.source == run.source.id]
    keys = [item.key for item in shown if walk.wanted(item, *days)]
    known = bool(shown) and all_held(run.services.database, run.source.id, [item.key for item in shown])
    now = run.services.clock.now()
    for locator in queries.missing(run.services.database, run.source.id, keys, now):
        if limit is not None and run.counts["asked articles"] >= limit:
            return known
        run.counts["asked articles"] += 1
        fetch_article(run, locator)
    return known


def _name(source: Source, way: Backfill, since: date, until: date) -> str:
    return f"backfill {source.id} {way.kind} {way.url} {since} {until}"
