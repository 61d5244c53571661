"""Import WARC files: what others captured of our outlets becomes captures of ours, marked as copies.

Hides which record belongs to which source, how a revisit finds its payload, and how a second run knows what the first has
imported. Each answer goes the way of a fetched one: archived whole, indexed, read. A copy is evidence of the time it was
made; it never counts as a visit of ours (`policy.visits`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from scraper import urls
from scraper.archive import warc
from scraper.archive.warc import Entry
from scraper.archive.warc_records import Passed
from scraper.errors import SnapshotCorrupt, SnapshotMissing, UsageError
from scraper.fetch import guard
from scraper.jobs.copies import Copy, exchange_of, known, revisited
from scraper.jobs.leftovers import read_leftovers
from scraper.jobs.services import Services, Step
from scraper.jobs.take import adhoc, keep, understand
from scraper.model import Channel, Finding, Reason, Report, Role, Severity, Source
from scraper.policy.judge import front_page


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What of a file is taken: of one source only, where one is named; `everything` also what no source declares."""

    source: str | None = None
    everything: bool = False
    dry_run: bool = False


class _Import:
    """One run: its counts and findings, and the revisits whose payload has not come yet."""

    def __init__(self, services: Services, wanted: Wanted) -> None:
        self.services = services
        self.wanted = wanted
        self.counts: dict[str, int] = {}
        self.findings: list[Finding] = []
        self.waiting: list[tuple[Path, Entry]] = []

    def count(self, what: str, number: int = 1) -> None:
        self.counts[what] = self.counts.get(what, 0) + number

    def find(self, kind: str, severity: Severity, place: str, reason: str, repair: str = "") -> None:
        source = self.wanted.source or ""
        self.findings.append(
            Finding(kind=kind, severity=severity, source=source, subject=place, reason=reason, repair=repair)
        )


def import_warc(services: Services, files: Sequence[Path], wanted: Wanted) -> Report:
    """Take into the archive what WARC files hold of declared sources; what was imported before is left alone.

    A damaged record is a finding that names file and offset, and the others are taken. Errors: UsageError for a file that is
    not there, ConfigError for a source that is not declared, StoreError.
    """
    started_at = services.clock.now()
    if wanted.source is not None:
        services.config.source(wanted.source)
    missing = [str(path) for path in files if not path.is_file()]
    if missing:
        raise UsageError(f"{missing[0]}: no such file; give the paths of WARC files (.warc or .warc.gz)")
    run = _Import(services, wanted)
    if not wanted.dry_run:
        _take_up(services, wanted)
    for path in files:
        _file(run, path)
    for path, entry in run.waiting:
        _take(run, path, entry, last=True)
    notes = ("nothing was imported: this was a dry run",) if wanted.dry_run else ()
    return Report(
        job="import",
        started_at=started_at,
        ended_at=services.clock.now(),
        counts=tuple(run.counts.items()),
        findings=tuple(run.findings),
        notes=notes,
    )


def _take_up(services: Services, wanted: Wanted) -> None:
    """Index and read what an import that was killed had archived: by that the next one knows what it need not import."""
    for source in services.config.sources:
        if wanted.source in (None, source.id):
            read_leftovers(services, source)
    if wanted.everything:
        read_leftovers(services, adhoc("http://localhost/"))


def _file(run: _Import, path: Path) -> None:
    size = path.stat().st_size
    for entry in warc.read(path):
        run.services.progress(Step(job="import", source=path.name, done=entry.offset, total=size, text=_said(entry)))
        if isinstance(entry, Passed):
            place = f"{path} at byte {entry.offset}"
            if entry.large:
                run.find("too-large", Severity.NOTE, place, f"{entry.why}: no page is as large; it was passed over")
            else:
                repair = "get the file again, and import it again: what is imported already is left alone"
                run.find("damaged-warc", Severity.DAMAGED, place, entry.why, repair)
        else:
            run.count("answers")
            _take(run, path, entry)
    run.services.progress(Step(job="import", source=path.name, done=size, total=size, text="done"))


def _said(entry: Entry | Passed) -> str:
    return entry.why if isinstance(entry, Passed) else entry.url


def _take(run: _Import, path: Path, entry: Entry, *, last: bool = False) -> None:
    """Take one answer; a revisit whose payload is not there yet waits until all files are read."""
    source, why = _source(run, entry)
    if source is None:
        run.count(why)
        return
    copy = _copy(source, path, entry)
    if entry.payload is None and entry.status != 304:
        try:
            body = revisited(run.services, source, copy, entry.refers_to)
        except (SnapshotCorrupt, SnapshotMissing) as error:
            run.find("damaged", Severity.DAMAGED, source.id, str(error), "scraper check --read-data")
            return
        if body is None:
            _without_payload(run, path, entry, last=last)
            return
        copy = copy.with_body(body)
    exchange = exchange_of(run.services, source, copy)
    if exchange is None:
        run.count("304 without the page it confirms")
    elif known(run.services, source, exchange):
        run.count("known already")
    elif run.wanted.dry_run:
        run.count("to import")
    else:
        capture = keep(run.services, source, exchange)
        run.count("imported")
        run.count(capture.verdict.value)
        taken = understand(run.services, source, capture, exchange.body)
        run.count("articles", len(taken.reading.parsed.articles) if taken.reading else 0)


def _without_payload(run: _Import, path: Path, entry: Entry, *, last: bool) -> None:
    if not last:
        run.waiting.append((path, entry))
    elif run.wanted.dry_run:
        run.count("revisits, whose payload an import would look for")
    else:
        reason = "a revisit record whose payload is neither in these files nor in the archive"
        run.find(
            "unresolved-revisit",
            Severity.NOTE,
            f"{path} at byte {entry.offset}",
            reason,
            "import the file that holds it too",
        )


def _source(run: _Import, entry: Entry) -> tuple[Source | None, str]:
    """The source whose scope takes an answer; else why none does."""
    if entry.method != "GET":
        return None, "not asked for by GET"
    url, complaint = guard.admit(entry.url)
    if complaint is not None:
        return None, "no address that may be asked for"
    owner = run.services.config.owner(url)
    if owner is not None and guard.outside(url, owner) is None:
        of_another = run.wanted.source not in (None, owner.id)
        return (None, "of other sources") if of_another else (owner, "")
    if run.wanted.everything and run.wanted.source is None:
        return adhoc(url), ""
    return None, "outside every scope"


def _copy(source: Source, path: Path, entry: Entry) -> Copy:
    url = urls.canonical(entry.url)
    return Copy(
        url=url,
        role=role_of(source, url),
        reason=Reason.IMPORT,
        channel=Channel.IMPORT,
        at=entry.at,
        status=entry.status,
        reason_phrase=entry.reason_phrase,
        http_version=entry.http_version,
        headers=entry.headers,
        request_line=entry.request_line,
        request_headers=entry.request_headers,
        wire=entry.payload or b"",
        peer=entry.peer,
        truncated=entry.truncated,
        copied_from=f"{path.name} {entry.record_id or f'at byte {entry.offset}'}",
        payload_digest=entry.digest,
    )


def role_of(source: Source, url: str) -> Role:
    """What a page is read as that nobody asked for in a role: by the patterns of its source, as `scraper fetch` has it."""
    patterns: Iterable[str] = source.articles
    article = not front_page(url) and any(re.search(pattern, urls.target(url)) for pattern in patterns)
    return Role.ARTICLE if article else Role.LISTING
