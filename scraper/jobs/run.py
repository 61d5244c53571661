"""One run of a job over one source: counts what happens, and turns each error class into its one reaction.

Hides when a run stops: a throttled, blocked or unreachable host ends it, a single bad page does not.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from scraper import urls
from scraper.catalogue.reading import CRASHED, LAYOUT_CHANGED
from scraper.errors import (
    Blocked,
    FetchError,
    RecordCorrupt,
    Refused,
    SnapshotCorrupt,
    SnapshotMissing,
    Throttled,
    Transient,
)
from scraper.jobs.services import Services, Step
from scraper.jobs.take import Taken, take
from scraper.model import Change, Failure, Finding, Network, Reason, Report, Request, Role, Severity, Source
from scraper.policy import verdicts
from scraper.policy.verdicts import Weight

_UNREACHABLE_AFTER = 5
"""Pages in a row that brought no answer, after which a host counts as unreachable and the run ends."""
_STRUGGLING_AFTER = 5
"""Pages in a row that failed in any way, after which each further page is asked for once, without retries."""
_FAILING_AFTER = 60
"""Pages in a row answered with a 5xx, after which the run ends: more than a front page and its sections point to."""


class Run:
    """The counts, findings and notes of one run, and how it asks for pages."""

    def __init__(self, services: Services, source: Source, job: str) -> None:
        self.services = services
        self.source = source
        self.job = job
        self.counts: Counter[str] = Counter()
        self.findings: list[Finding] = []
        self.changes: list[Change] = []
        self.notes: list[str] = []
        self._started_at = services.clock.now()
        self._failures = 0
        self._unanswered = 0
        self._last = ""
        self._opened: set[str] = set()

    def ask(self, request: Request, network: Network | None = None) -> Taken | None:
        """Take one page; None where no usable answer came. Errors that end the run: Throttled, Blocked, Transient.

        `network` is another way to the host than the source's own.
        """
        self._open(request)
        self.counts["requests"] += 1
        self._last = urls.redacted(request.url)
        try:
            source = self._gently()
            taken = take(self.services, replace(source, network=network) if network else source, request)
        except Refused as error:
            self._refused(request, error)
            return None
        except Transient as error:
            self._failed(request, error)
            return None
        except Blocked as error:
            self.counts[error.verdict.value] += 1
            raise
        self._failures = self._unanswered = 0
        self._count(request, taken)
        return taken

    def _open(self, request: Request) -> None:
        """Begin the outlet's session on a host before the first request that needs one. What is answered does not matter."""
        opening, host = self.source.opening, urls.host(request.url)
        if opening is None or host in self._opened or request.method != "POST":
            return
        if not re.search(opening.before, urls.target(request.url)):
            return
        self._opened.add(host)
        first = replace(request, url=urls.canonical(opening.path, request.url), role=Role.LISTING, lead=None)
        self.ask(replace(first, reason=Reason.DISCOVERY, form=opening.form))

    def _opens(self, request: Request) -> bool:
        opening = self.source.opening
        return opening is not None and request.method == "POST" and urls.target(request.url) == opening.path

    def step(self, done: int, total: int | None, text: str) -> None:
        """Tell the progress bar."""
        self.services.progress(Step(job=self.job, source=self.source.id, done=done, total=total, text=text))

    def find(self, kind: str, severity: Severity, subject: str, reason: str, repair: str = "") -> None:
        """Add a finding about this run's source."""
        self.findings.append(
            Finding(kind=kind, severity=severity, source=self.source.id, subject=subject, reason=reason, repair=repair)
        )

    @contextmanager
    def ending(self) -> Iterator[None]:
        """Run a body of work to its end, or to the host's: what ends it early becomes a finding."""
        try:
            yield
        except Throttled as error:
            # Quiet hours are as agreed; anything else is an hour in which nobody looked, and says until when.
            severity = Severity.NOTE if error.kind == "quiet-hours" else Severity.UNOBSERVED
            reason = str(error).removeprefix(self.source.group).strip()
            self.find(error.kind, severity, self.source.group, reason, self._again())
        except Blocked as error:
            self.find("blocked", Severity.UNOBSERVED, self.source.group, str(error), self._again())
        except Transient as error:
            abandoned = error.failure is Failure.ABANDONED
            kind = "interrupted" if abandoned else "unreachable-host"
            self.find(kind, Severity.UNOBSERVED, self.source.group, str(error), self._again())
        except FetchError as error:
            self.find(
                "refused", Severity.UNOBSERVED, self.source.group, str(error), f"scraper sources {self.source.id}"
            )
        except (RecordCorrupt, SnapshotCorrupt, SnapshotMissing) as error:
            # One damaged object ends this source's run, not the daemon.
            self.find("damaged", Severity.DAMAGED, self.source.id, str(error), "scraper check --read-data")

    def report(self) -> Report:
        """All that was counted and found."""
        return Report(
            job=f"{self.job} {self.source.id}",
            started_at=self._started_at,
            ended_at=self.services.clock.now(),
            counts=tuple(self.counts.items()),
            findings=tuple(self.findings),
            changes=tuple(self.changes),
            notes=tuple(self.notes),
        )

    def _again(self) -> str:
        """The command that goes on where this run ended."""
        if self.job == "fetch":
            return f"scraper fetch '{self._last}'"
        return f"scraper {self.job} {self.source.id}" + ("" if self.job in ("crawl", "recheck") else " …")

    def _gently(self) -> Source:
        """The source, without retries while its host is struggling: the visits' own ladder comes back to each page."""
        if self._failures < _STRUGGLING_AFTER:
            return self.source
        return replace(self.source, politeness=replace(self.source.politeness, attempts=1))

    def _count(self, request: Request, taken: Taken) -> None:
        capture, reading = taken.capture, taken.reading
        self.counts[capture.verdict.value] += 1
        weight = verdicts.consequence(capture.verdict).weight
        silent = request.reason is Reason.BACKFILL or self._opens(request)
        if weight is not Weight.NONE and request.role is Role.LISTING and not silent:
            self.find(
                "empty-listing",
                Severity.UNOBSERVED,
                capture.url,
                f"a listing came {capture.verdict.value}",
                f"scraper fetch '{capture.url}'",
            )
        if reading is not None and reading.outcome in (LAYOUT_CHANGED, CRASHED):
            self.counts[reading.outcome] += 1
            reason = reading.detail or reading.outcome
            self.find(
                reading.outcome, Severity.MISSING, capture.url, reason, "write a layout for it, then: scraper reparse"
            )
        if reading is not None:
            self.counts["articles"] += len(reading.parsed.articles)
            self.counts["sightings"] += len(taken.sightings)

    def _refused(self, request: Request, error: Refused) -> None:
        self.counts[error.failure.value] += 1
        if request.role is Role.LISTING or self.job == "fetch":
            self.find(
                "refused",
                Severity.UNOBSERVED,
                urls.redacted(request.url),
                _without(request.url, error),
                f"scraper sources {self.source.id}",
            )

    def _failed(self, request: Request, error: Transient) -> None:
        if error.failure is Failure.ABANDONED:
            raise error
        self.counts["failed"] += 1
        self._failures += 1
        # A page answered with a 5xx says nothing of the next page; a host that does not answer says it of all.
        self._unanswered = self._unanswered + 1 if error.failure is not None else 0
        if request.role is Role.LISTING or self.job == "fetch":
            self.find(
                "unreachable",
                Severity.UNOBSERVED,
                urls.redacted(request.url),
                _without(request.url, error),
                self._again(),
            )
        if self._unanswered >= _UNREACHABLE_AFTER or self._failures >= _FAILING_AFTER:
            raise error


def _without(url: str, error: FetchError) -> str:
    """What an error says, without the address that its finding names already."""
    return str(error).removeprefix(url).lstrip(": ")
