"""Notify: put what changed into the outbox, and send what waits there.

Hides the order that makes a kill harmless: a change is in the outbox before anything is sent, and marked as sent after it
was taken. So each is told at least once, and twice only where the program was killed between the two.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from scraper.catalogue import outbox
from scraper.catalogue.outbox import Notice
from scraper.errors import ConfigError
from scraper.export.told import headline, lines
from scraper.fetch.notifying import send
from scraper.jobs.look import of_source
from scraper.jobs.services import Services
from scraper.model import Change, Finding, Report, Severity, Source, Target
from scraper.policy.telling import news, wait

LATELY = timedelta(days=95)
"""How far back changes are looked for: the 90 days by which a mass deletion is told, and its own (`policy.mass`)."""
_SHOWN = timedelta(days=7)
_AT_ONCE = 100
"""Messages that one target is sent in one run."""


def require_addresses(targets: Sequence[Target]) -> None:
    """ConfigError where a target has no address: it would never be told anything."""
    for target in targets:
        if not target.addresses:
            raise ConfigError(
                f"environment: {variable(target.name)}: not set; it holds the address of [[notify]] {target.name!r}"
            )


def variable(name: str) -> str:
    """The variable that holds a target's addresses."""
    return "SCRAPER_NOTIFY_" + name.upper().replace("-", "_")


def begin(services: Services) -> None:
    """Note that everybody who is declared is told from now on, unless they were before."""
    for target in services.config.settings.notify:
        outbox.begin(services.database, target.name, services.clock.now())


def lately(services: Services, source: Source) -> tuple[Change, ...]:
    """The changes of a source that may be news."""
    return of_source(services, source, services.clock.now() - LATELY)


def collect(services: Services, source: Source, changes: Sequence[Change]) -> int:
    """Put into the outbox what of the changes of one source somebody is to be told and was not; how many messages."""
    now, found = services.clock.now(), 0
    for target in services.config.settings.notify:
        begun_at = outbox.begin(services.database, target.name, now).begun_at
        new = _new(services, source, target, changes, begun_at)
        found += outbox.add(services.database, [_notice(target, each) for each in new], now)
    return found


def deliver(services: Services) -> Report:
    """Send what waits in the outbox; a target that does not take it is left alone for a growing time."""
    started_at, counts, findings = services.clock.now(), Counter[str](), list[Finding]()
    for target in services.config.settings.notify:
        failing = _deliver(services, target, counts)
        waiting = outbox.unsent(services.database, target.name)
        counts["waiting"] += waiting
        if failing:
            reason = f"{failing}; {waiting} messages wait"
            findings.append(_not_notified(target, Severity.NOTE, reason, f"scraper notify --test {target.name}"))
    return _report(services, started_at, counts, findings)


def notify(services: Services, sources: Sequence[Source], *, dry_run: bool = False) -> Report:
    """Collect and deliver; `dry_run` only says what would be told, as the report's changes."""
    targets = services.config.settings.notify
    require_addresses(() if dry_run else targets)
    started_at, shown = services.clock.now(), list[Change]()
    for source in sources:
        changes = lately(services, source)
        if dry_run:
            wanted = {each.id for target in targets for each in _would(services, source, target, changes)}
            shown.extend(each for each in changes if each.id in wanted)
        else:
            collect(services, source, changes)
    if not dry_run:
        return deliver(services)
    counts = Counter({"to be told": len(shown)})
    notes = () if targets else ("nobody is declared who would be told: [[notify]] in scraper.toml",)
    return _report(
        services, started_at, counts, (), changes=shown, notes=(*notes, "nothing was sent: this was a dry run")
    )


def try_out(services: Services, names: Sequence[str]) -> Report:
    """Send a message that says it is a test to the named targets, or all. ConfigError for one that is not declared."""
    declared = {target.name: target for target in services.config.settings.notify}
    unknown = [name for name in names if name not in declared]
    if unknown or not declared:
        known = ", ".join(sorted(declared)) or "none"
        what = repr(unknown[0]) if unknown else "any target"
        raise ConfigError(f"no [[notify]] declares {what}: known are {known}")
    chosen = [declared[name] for name in names or declared]
    require_addresses(chosen)
    started_at, findings = services.clock.now(), list[Finding]()
    for target in chosen:
        failing = send(
            target.addresses, "scraper: test", f"This is a test of the target {target.name}: nothing happened."
        )
        if failing:
            repair = f"set {variable(target.name)} to an address as apprise writes them"
            findings.append(_not_notified(target, Severity.MISSING, failing, repair))
    counts = Counter({"sent": len(chosen) - len(findings), "failed": len(findings)})
    return _report(services, started_at, counts, findings)


def _not_notified(target: Target, severity: Severity, reason: str, repair: str) -> Finding:
    return Finding(kind="not-notified", severity=severity, source="", subject=target.name, reason=reason, repair=repair)


def _would(services: Services, source: Source, target: Target, changes: Sequence[Change]) -> list[Change]:
    """What a target would be told; one that was never begun with, what it had been told of the last week."""
    standing = outbox.standing(services.database, target.name)
    begun_at = standing.begun_at if standing else services.clock.now() - _SHOWN
    return _new(services, source, target, changes, begun_at)


def _new(
    services: Services, source: Source, target: Target, changes: Sequence[Change], begun_at: datetime
) -> list[Change]:
    """What is news to a target, and is not in the outbox."""
    found = news(changes, target, ZoneInfo(source.timezone), begun_at)
    known = outbox.known(services.database, target.name, [each.id for each in found])
    return [each for each in found if each.id not in known]


def _notice(target: Target, change: Change) -> Notice:
    return Notice(target=target.name, change=change.id, title=headline(change), body="\n".join(lines(change)))


def _deliver(services: Services, target: Target, counts: Counter[str]) -> str:
    """Send what waits for one target until one is not taken; why, as it stands now."""
    database, now = services.database, services.clock.now()
    standing = outbox.begin(database, target.name, now)
    if standing.next_at > now:
        return standing.failing or ""
    for notice in outbox.waiting(database, target.name, now, _AT_ONCE):
        failing = send(target.addresses, notice.title, notice.body)
        now = services.clock.now()
        if failing:
            counts["failed"] += 1
            again, target_again = now + wait(notice.attempts + 1), now + wait(standing.failures + 1)
            outbox.failed(database, notice, failing, again, target_again)
            return failing
        outbox.sent(database, notice, now)
        counts["sent"] += 1
    return ""


def _report(
    services: Services,
    started_at: datetime,
    counts: Counter[str],
    findings: Sequence[Finding],
    *,
    changes: Sequence[Change] = (),
    notes: Sequence[str] = (),
) -> Report:
    return Report(
        job="notify",
        started_at=started_at,
        ended_at=services.clock.now(),
        counts=tuple(counts.items()),
        findings=tuple(findings),
        changes=tuple(changes),
        notes=tuple(notes),
    )
