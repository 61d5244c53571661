"""The daemon: APScheduler ticks in the foreground, signals, and health.

Hides the scheduler, which only ticks: "when next" is data in the catalogue, so a restart loses nothing. A tick calls the
same jobs as the command line.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from datetime import UTC
from functools import partial
from types import FrameType

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from scraper import app
from scraper.daemon.health import Health, serving
from scraper.daemon.news import News
from scraper.errors import ConfigError, ScraperError, StoreError
from scraper.jobs.crawl import crawl, recheck
from scraper.jobs.notify import deliver, require_addresses
from scraper.jobs.reconcile import reconcile
from scraper.jobs.replicate import replicate
from scraper.jobs.seal import seal
from scraper.jobs.services import Services
from scraper.jobs.vitals import ALARMS
from scraper.model import Change, Report, Severity, Source

FINISH_SECONDS = 4.0
"""How long requests in flight may finish after SIGTERM before they are abandoned (docs/operations.md: 10 s in all)."""
_DELIVER_SECONDS = 5.0
_TOLD = 20
"""Alarms of one job that /healthz names: a store that is gone to pieces has no end of them."""

Log = Callable[[str, Report | None, str], None]


def run(services: Services, log: Log) -> None:
    """Tick until SIGTERM or SIGINT; then finish or abandon the requests in flight, and return.

    Errors: StoreError, when store or catalogue failed in a tick: nothing may be fetched that cannot be kept.
    ConfigError, when a source cannot be asked as it is configured.
    """
    stop, failed = threading.Event(), list[ScraperError]()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _stopping(stop))
    require_addresses(services.config.settings.notify)
    health = Health(services.clock, {source.id: source.every for source in services.config.sources})

    def fail(error: ScraperError) -> None:
        failed.append(error)
        stop.set()

    scheduler = _scheduler(services, health, log, fail)
    with serving(services.config.settings.health, health):
        scheduler.start()
        log("ticking", None, f"{len(services.config.sources)} sources")
        stop.wait()
        log("stopping", None, "finishing the requests in flight")
        _shut_down(scheduler, services)
    if failed:
        raise failed[0]
    log("stopped", None, "nothing is lost: what is due stays due")


def _scheduler(
    services: Services, health: Health, log: Log, fail: Callable[[ScraperError], object]
) -> BackgroundScheduler:
    # Defaults of APScheduler 3 skip a run that is one second late; a tick must never be skipped silently.
    defaults = {"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
    executors = {"default": ThreadPoolExecutor(max(2, services.config.settings.workers))}
    scheduler = BackgroundScheduler(timezone=UTC, job_defaults=defaults, executors=executors)
    now, news = services.clock.now(), News(services)
    for source in services.config.sources:
        every = min(source.every, source.recheck_every)
        arguments = (news, source, health, log, fail)
        scheduler.add_job(tick, "interval", arguments, id=source.id, seconds=every.total_seconds(), next_run_time=now)
    upkeep: list[Callable[..., None]] = [_seal, _reconcile, *([_replicate] if services.config.settings.replica else [])]
    for job in upkeep:
        scheduler.add_job(
            job,
            "interval",
            (services, health, log, fail),
            id=job.__name__,
            seconds=services.config.settings.upkeep.total_seconds(),
            next_run_time=now,
        )
    if services.config.settings.notify:
        deliver_arguments = (services, health, log, fail)
        scheduler.add_job(_deliver, "interval", deliver_arguments, id="notify", seconds=_DELIVER_SECONDS)
    return scheduler


def tick(news: News, source: Source, health: Health, log: Log, fail: Callable[[ScraperError], object]) -> None:
    """What happens every so often for one source: crawl, then recheck what is due, then tell what changed."""
    try:
        alarms: list[str] = []
        changes: list[Change] = []
        for job in (crawl, recheck):
            report = job(news.services, source)
            log(report.job, report, source.id)
            changes.extend(report.changes)
            alarms.extend(
                f"{found.kind}: {found.subject}: {found.reason}" for found in report.findings if found.kind in ALARMS
            )
        for event, about in news.ticked(source, changes):
            log(event, None, about)
        health.ticked(source.id, alarms)
    except (StoreError, ConfigError) as error:
        log("tick failed", None, f"{source.id}: {error}")
        fail(error)
    except ScraperError as error:
        log("tick failed", None, f"{source.id}: {error}")


def _seal(services: Services, health: Health, log: Log, fail: Callable[[ScraperError], object]) -> None:
    try:
        report = seal(services, services.config.sources)
    except StoreError as error:
        fail(error)
        return
    health.kept(report.job, _alarms(report))
    if report.notes or report.findings:
        log("sealed", report, "")


def _reconcile(services: Services, health: Health, log: Log, fail: Callable[[ScraperError], object]) -> None:
    """Ask for what was written lately. What is lost is an alarm each time; the pages may still be there to be fetched."""
    try:
        report = reconcile(services)
    except StoreError as error:
        fail(error)
        return
    health.kept(report.job, _alarms(report))
    if report.findings:
        log("writes lost", report, "")


def _deliver(services: Services, health: Health, log: Log, fail: Callable[[ScraperError], object]) -> None:
    """Send what waits. A target that does not take it is named in log and health, tried again later, and stops nothing."""
    try:
        report = deliver(services)
    except StoreError as error:
        fail(error)
        return
    health.told({found.subject: found.reason for found in report.findings})
    counts = dict(report.counts)
    if counts.get("sent") or counts.get("failed"):
        log("told", report, "")


def _replicate(services: Services, health: Health, log: Log, fail: Callable[[ScraperError], object]) -> None:
    """Copy what is new. A replica that is down stops nothing (nothing is made to `fail`): what was not copied is copied later."""
    del fail
    try:
        report = replicate(services, app.replica(services.config))
    except ScraperError as error:
        health.kept("replicate", [str(error)])
        log("replicate failed", None, str(error))
        return
    health.kept(report.job, _alarms(report))
    if report.findings or dict(report.counts)["copied"]:
        log("replicated", report, "")


def _alarms(report: Report) -> list[str]:
    """What a job found that weighs, in words; a timestamp that is still to come does not."""
    found = [each for each in report.findings if each.severity in (Severity.DAMAGED, Severity.MISSING)]
    more = [f"and {len(found) - _TOLD} more"] if len(found) > _TOLD else []
    return [*(f"{each.kind}: {each.subject}: {each.reason}" for each in found[:_TOLD]), *more]


def _stopping(stop: threading.Event) -> Callable[[int, FrameType | None], None]:
    def handle(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    return handle


def _shut_down(scheduler: BackgroundScheduler, services: Services) -> None:
    scheduler.pause()
    services.fetcher.drain()
    services.stamper.drain()
    timer = threading.Timer(FINISH_SECONDS, partial(_abandon, services))
    timer.start()
    scheduler.shutdown(wait=True)
    timer.cancel()


def _abandon(services: Services) -> None:
    services.fetcher.abandon()
    services.stamper.abandon()
