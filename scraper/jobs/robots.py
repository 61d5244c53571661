"""Robots: explain whether a URL may be asked for, and by which line of which robots.txt."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from scraper import urls
from scraper.errors import UsageError
from scraper.jobs.contact import require_contact
from scraper.jobs.services import Services
from scraper.jobs.take import adhoc, keep
from scraper.model import Reason, Request, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """A decision of robots.txt and all that led to it.

    `capture` is the record key of the copy that decided, `age` its seconds, `origin` is `archive` or `fetched`. `group`
    is the user-agent whose rules apply (empty: none does). `gap` is the least time between two requests, in seconds:
    the larger of the source's own and the crawl-delay.
    """

    url: str
    source: str
    allowed: bool
    rule: str
    robots_url: str
    capture: str | None
    seen_at: datetime
    age: float
    asked_again_at: datetime
    origin: str
    group: str
    crawl_delay: float | None
    gap: float


def explain(services: Services, url: str) -> Explained:
    """Say what robots.txt says of a URL, under the source whose hosts hold it, else as of a page fetched by hand.

    The archived copy decides while it is fresh, else the file is asked for (and archived). Errors: UsageError where the
    URL cannot be meant; Refused, Throttled, ConfigError as of a fetch.
    """
    try:
        address = urls.canonical(url)
    except ValueError as error:
        raise UsageError(f"{error}: give a whole address, e.g. http://www.kcna.kp/en") from error
    source = services.config.owner(address) or adhoc(address, services.config.settings.network)
    require_contact(services, [source])
    request = Request(source=source.id, url=address, role=Role.LISTING, reason=Reason.MANUAL)
    found = services.fetcher.robots(request, source, lambda exchange: keep(services, source, exchange))
    decision = found.decision
    return Explained(
        url=found.url,
        source=source.id,
        allowed=decision.allowed,
        rule=decision.rule,
        robots_url=found.robots_url,
        capture=decision.capture,
        seen_at=found.seen_at,
        age=(services.clock.now() - found.seen_at).total_seconds(),
        asked_again_at=found.expires,
        origin="fetched" if found.fetched else "archive",
        group=found.group,
        crawl_delay=decision.crawl_delay,
        gap=max(source.politeness.gap, decision.crawl_delay or 0.0),
    )
