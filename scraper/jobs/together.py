"""One job over several sources: one thread per host group, up to a limit, and one report of all."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from scraper.jobs.services import Services
from scraper.model import Report, Source


def together(services: Services, name: str, sources: Sequence[Source], job: Callable[[Source], Report]) -> Report:
    """Run `job` for every source; sources of one host group one after another. An interrupt abandons what is in flight."""
    groups: dict[str, list[Source]] = defaultdict(list)
    for source in sources:
        groups[source.group].append(source)
    with ThreadPoolExecutor(max_workers=max(1, services.config.settings.workers)) as threads:
        futures = [threads.submit(_in_turn, group, job) for group in groups.values()]
        try:
            reports = [report for future in futures for report in future.result()]
        except BaseException:
            # A StoreError, or the user's ^C: nothing more is asked for, and the threads end soon.
            services.fetcher.abandon()
            raise
    return reports[0] if len(reports) == 1 else merged(name, reports, services)


def merged(name: str, reports: Sequence[Report], services: Services) -> Report:
    """Several reports as one: counts added up, findings, changes and notes one after another."""
    counts: Counter[str] = Counter()
    for report in reports:
        counts.update(dict(report.counts))
    now = services.clock.now()
    return Report(
        job=name,
        started_at=min((report.started_at for report in reports), default=now),
        ended_at=now,
        counts=tuple(counts.items()),
        findings=tuple(finding for report in reports for finding in report.findings),
        changes=tuple(change for report in reports for change in report.changes),
        notes=tuple(note for report in reports for note in report.notes),
    )


def _in_turn(sources: Sequence[Source], job: Callable[[Source], Report]) -> list[Report]:
    return [job(source) for source in sources]
