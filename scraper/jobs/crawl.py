"""Crawl and recheck: what a tick does for one source, and what the commands of the same name do once.

Hides the order: leftovers, what is queued, discovery pages, listings they point to, then the articles that are due.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from scraper import urls
from scraper.catalogue import listed, queries, queue
from scraper.catalogue.holdings import all_held
from scraper.catalogue.queries import Locator
from scraper.errors import Blocked, SnapshotCorrupt, UsageError
from scraper.jobs.leftovers import read_leftovers
from scraper.jobs.listed import taken_off
from scraper.jobs.look import elsewhere
from scraper.jobs.run import Run
from scraper.jobs.services import Services
from scraper.jobs.take import Taken
from scraper.jobs.vitals import standing
from scraper.model import Cause, Change, Discovery, ListingLink, Parsed, Reason, Report, Request, Role, Source, Verdict
from scraper.policy import compare, posting
from scraper.policy.posting import Form
from scraper.policy.verdicts import consequence

_BATCH = 50
_LOOKED_AFTER = 50
"""Articles taken off a list whose pages a crawl asks for at most."""
_LATELY = timedelta(days=2)
_DEPTH = 2
"""How many links deep discovery follows: home page, section or data source, no further."""


def crawl(services: Services, source: Source, *, seeds: Iterable[str] = (), limit: int | None = None) -> Report:
    """Ask for what is queued, read the source's discovery pages (and `seeds`), then fetch every article that is due and not yet held.

    At most `limit` articles are asked for. Findings say what could not be observed. Errors: StoreError, and UsageError
    for a seed that is no address of the source.
    """
    pages = (*source.discover, *(Discovery(url=_seed(source, seed)) for seed in seeds))
    # A seed is in scope by the operator's word, like a declared page.
    run = Run(services, replace(source, discover=pages), "crawl")
    _take_up(run)
    with run.ending():
        most = _most_queued(source) if limit is None else min(limit, _most_queued(source))
        asked = fetch_queued(run, most)
        discover(run, pages)
        _look_after(run)
        fetch_due(run, held=False, limit=None if limit is None else limit - asked)
    # What stands against the source is said at every crawl, not only at the one that met it first.
    run.findings.extend(standing(services, source))
    return run.report()


def recheck(services: Services, source: Source, *, limit: int | None = None) -> Report:
    """Ask again for held articles whose recheck is due, conditionally, and report what changed."""
    run = Run(services, source, "recheck")
    _take_up(run)
    with run.ending():
        fetch_due(run, held=True, limit=limit)
    return run.report()


def fetch_queued(run: Run, limit: int) -> int:
    """Ask for the first `limit` articles in the source's line (`check --repair`), due or not; how many were asked for.

    What was lost from the store is asked for unconditionally: the answer that nothing has changed would not bring it back.
    """
    database, source = run.services.database, run.source
    asked = 0
    for entry in queue.waiting(database, source.id, limit):
        locator = queries.locator(database, source.id, entry.key)
        lost = entry.cause is Cause.DAMAGED
        if locator is not None and (lost or not all_held(database, source.id, [entry.key])):
            run.step(asked, None, locator.url)
            asked += 1
            whole = replace(locator, confirms=None, etag=None, last_modified=None)
            try:
                fetch_article(run, whole if lost else locator)
            except SnapshotCorrupt:
                # It would end every crawl at its beginning.
                queue.leave(database, entry)
                raise
        queue.leave(database, entry)
    if asked:
        run.counts["queued articles"] = asked
    if left := queue.length(database, source.id):
        waiting = "1 article more is queued: the next crawl goes on with it"
        if left > 1:
            waiting = f"{left} articles more are queued: the next crawl goes on with them"
        run.notes.append(f"{source.id}: {waiting}")
    return asked


def _take_up(run: Run) -> None:
    """What a kill has left goes first: what is known of an address is folded of its captures in the order of their recording."""
    if leftovers := read_leftovers(run.services, run.source):
        run.notes.append(f"{run.source.id}: read {leftovers} pages that an earlier run had archived but not read")


def discover(run: Run, discoveries: Iterable[Discovery]) -> None:
    """Read discovery pages and the listings they point to, so that their sightings are indexed."""
    seen: set[tuple[str, Form]] = set()
    for discovery in discoveries:
        links = _seeds(run, discovery)
        for _ in range(_DEPTH):
            links = [onward for link in links for onward in _listing(run, link, discovery.follow, seen)]


def _look_after(run: Run) -> None:
    """Ask for the pages of articles that were taken off a list lately, unless that was done: are they there still?"""
    database, source = run.services.database, run.source.id
    for gone, row, addresses in taken_off(run.services, run.source, run.services.clock.now() - _LATELY)[:_LOOKED_AFTER]:
        if listed.answer_after(database, source, addresses, gone.missing.observed_at) is None:
            locator = queries.locator(database, source, row.key)
            if locator is not None:
                fetch_article(run, locator)


def fetch_due(run: Run, *, held: bool, limit: int | None) -> None:
    """Fetch the due articles of a source until none is left or `limit` were asked for."""
    asked: set[str] = set()
    held_now: set[str] = set()
    while limit is None or len(asked) < limit:
        batch = _due(run, asked, held=held, size=_BATCH if limit is None else min(_BATCH, limit - len(asked)))
        if not batch:
            return
        for position, locator in enumerate(batch, start=1):
            asked.add(locator.key)
            if locator.identity in held_now:
                continue
            if fetch_article(run, locator):
                held_now.add(locator.identity)
            run.step(len(asked), len(asked) + len(batch) - position, locator.url)


def fetch_article(run: Run, locator: Locator) -> bool:
    """Ask for one article, and report what changed since it was last held; True when a good page came."""
    asked_at = run.services.clock.now()
    request = article_request(run, locator)
    taken = run.ask(request)
    if taken is None:
        return False
    if locator.due is Reason.RECHECK and consequence(taken.capture.verdict).counts_towards_deletion:
        _second_look(run, request)
    further_pages(run, taken)
    if locator.due is Reason.RECHECK and taken.capture.verdict is not Verdict.UNCHANGED:
        run.changes.extend(_news(run.services, locator, asked_at))
    return consequence(taken.capture.verdict).replaces_held


def _second_look(run: Run, request: Request) -> None:
    """Ask the same of a held article from the second vantage, where there is one. What stands between it and the host ends nothing."""
    second = run.services.config.settings.second
    if second.proxy is None:
        return
    network = replace(run.source.network, proxy=second.proxy, vantage=second.vantage)
    whole = replace(request, reason=Reason.SECOND, etag=None, last_modified=None, confirms=None)
    with suppress(Blocked):
        run.ask(whole, network)


def article_request(run: Run, locator: Locator) -> Request:
    """The request for an article, with the validators of its held capture; by POST where the outlet gives it so only.

    After so many answers of 304 as the source says, without validators: a server that is wrong about its page is found.
    """
    request = Request(
        source=locator.source,
        url=locator.url,
        role=Role.ARTICLE,
        reason=locator.due,
        etag=locator.etag,
        last_modified=locator.last_modified,
        confirms=locator.confirms,
        lead=queries.lead(run.services.database, locator.source, locator.key),
    )
    if locator.unchanged >= run.source.unconditional - 1:
        request = replace(request, etag=None, last_modified=None, confirms=None)
    sent = posting.sent(run.source, locator.url)
    if sent is None:
        return request
    url, form = sent
    # Validators are for GET and HEAD (RFC 9110 §13.1).
    return replace(request, url=url, method="POST", form=form, etag=None, last_modified=None, confirms=None)


def _news(services: Services, locator: Locator, asked_at: datetime) -> Iterator[Change]:
    """What changed by the captures of a locator since then. A swap takes two addresses: `scraper changes` tells of it."""
    history = queries.observations(services.database, locator.source, locator.key)
    others = elsewhere(services, locator.source, {locator.key: history}).get(locator.key, [])
    if found := compare.changes(history, others):
        known = set(compare.changes((seen for seen in history if seen.observed_at < asked_at), others))
        yield from (change for change in found if change not in known)


def further_pages(run: Run, taken: Taken) -> None:
    """Ask for what an article's page says are its further pages, so that they are kept: whenever it was read anew."""
    shown = taken.reading.parsed if taken.reading is not None else Parsed()
    for link in shown.listings if shown.articles else ():
        if link.kind == "next-page" and in_scope(run.source, link.url):
            run.ask(listing_request(run, link, Reason.DISCOVERY))


def listing_request(run: Run, link: ListingLink, reason: Reason) -> Request:
    """The request for a listing, with the validators of its newest capture where there are any."""
    record = None
    if link.method == "GET":
        verdicts = (Verdict.LISTING, Verdict.UNCHANGED)
        record = queries.newest(run.services.database, run.source.id, urls.key(link.url), verdicts=verdicts)
    confirms, etag, modified = queries.validators(run.services.database, record) if record else (None, None, None)
    return Request(
        source=run.source.id,
        url=link.url,
        role=Role.LISTING,
        reason=reason,
        method=link.method,
        form=link.form,
        volatile=link.volatile,
        etag=etag,
        last_modified=modified,
        confirms=confirms if etag or modified else None,
    )


def contents(run: Run, taken: Taken) -> Parsed:
    """What the listing holds; read again from the archive where the answer was known already."""
    if taken.reading is not None:
        return taken.reading.parsed
    record = taken.capture.confirms or taken.capture.record
    capture = run.services.archive.record(record)
    if capture.sha256 is None or not capture.verdict.readable:
        return Parsed()
    return run.services.reader.read(run.services.archive.load(capture), run.source, capture.lead).parsed


def in_scope(source: Source, url: str) -> bool:
    """Whether a URL is on one of the source's hosts."""
    return urls.host(url) in source.hosts


def _most_queued(source: Source) -> int:
    """As many as half of the time between two looks at the lists has room for: a long line must not keep us from them."""
    return max(1, int(source.every.total_seconds() / 2 / max(source.politeness.gap, 1.0)))


def _seed(source: Source, seed: str) -> str:
    try:
        url = urls.canonical(seed)
    except ValueError as error:
        raise UsageError(f"--seed: {error}; give the page's whole address") from error
    if not in_scope(source, url):
        raise UsageError(f"--seed {seed}: not on a host of source {source.id!r} ({', '.join(source.hosts)})")
    return url


def _seeds(run: Run, discovery: Discovery) -> list[ListingLink]:
    """The pages one declaration stands for: itself, or its index of each day so far back on the outlet's calendar."""
    method = "POST" if discovery.form else "GET"
    page = ListingLink(url=discovery.url, kind="seed", method=method, form=discovery.form)
    if not discovery.days_ago:
        return [page]
    today = run.services.clock.now().astimezone(ZoneInfo(run.source.timezone)).date()
    days = (today - timedelta(days=ago) for ago in discovery.days_ago)
    return [replace(page, url=discovery.url.format(date=day), kind="day") for day in days]


def _listing(
    run: Run, link: ListingLink, follow: tuple[str, ...], seen: set[tuple[str, Form]]
) -> Iterator[ListingLink]:
    if (link.url, link.form) in seen or not in_scope(run.source, link.url):
        return
    seen.add((link.url, link.form))
    run.step(len(seen), None, link.url)
    taken = run.ask(listing_request(run, link, Reason.DISCOVERY))
    if taken is not None and follow:
        # A front page that has not changed still leads to its sections: they may have, or failed last time.
        onward = contents(run, taken).listings
        yield from (each for each in onward if each.kind in follow and each.method == "GET")


def _due(run: Run, asked: set[str], *, held: bool, size: int) -> tuple[Locator, ...]:
    # A locator that was just asked for may be due again at once (a stepped clock): asking twice in a run is never polite.
    found = queries.due(
        run.services.database,
        run.source.id,
        run.services.clock.now(),
        held=held,
        limit=size + len(asked),
        sweep=run.source.sweep if held else None,
    )
    return tuple(locator for locator in found if locator.key not in asked)[:size]
