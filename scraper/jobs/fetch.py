"""Fetch one page into the archive, under the source whose scope holds it, else under `adhoc`."""

from __future__ import annotations

import re

from scraper import urls
from scraper.catalogue import queries
from scraper.errors import UsageError
from scraper.jobs.contact import require_contact
from scraper.jobs.crawl import fetch_article
from scraper.jobs.leftovers import read_leftovers
from scraper.jobs.run import Run
from scraper.jobs.services import Services
from scraper.jobs.take import adhoc
from scraper.model import Reason, Report, Request, Role
from scraper.parse.identity import identity
from scraper.policy.judge import front_page


def fetch(services: Services, url: str) -> Report:
    """Take one page now, whether or not it is due. Errors: UsageError where the URL cannot be meant."""
    try:
        address = urls.canonical(url)
    except ValueError as error:
        raise UsageError(f"{error}: give a whole address, e.g. http://www.kcna.kp/en") from error
    source = services.config.owner(address) or adhoc(address, services.config.settings.network)
    require_contact(services, [source])
    run = Run(services, source, "fetch")
    read_leftovers(services, source)
    with run.ending():
        key = urls.key(address)
        # A front page is a listing, also of a host that nobody declared.
        if not front_page(address) and any(re.search(pattern, urls.target(address)) for pattern in source.articles):
            locator = queries.locator(services.database, source.id, key) or queries.new_locator(
                source.id, key, address, identity(address, source.parser)
            )
            fetch_article(run, locator)
        else:
            run.ask(Request(source=source.id, url=address, role=Role.LISTING, reason=Reason.MANUAL))
    run.notes.extend(f"recorded as {record}" for record in queries.of_locator(services.database, key, source.id)[-1:])
    return run.report()
