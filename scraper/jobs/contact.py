"""Nobody is asked by somebody who cannot be reached: a run is refused before it begins while the contact is a placeholder."""

from __future__ import annotations

from collections.abc import Iterable

from scraper.errors import ConfigError
from scraper.fetch import guard
from scraper.fetch.useragent import UserAgent
from scraper.jobs.services import Services
from scraper.model import Source


def require_contact(services: Services, sources: Iterable[Source]) -> None:
    """Raise ConfigError where a source has a host that is not this machine, and no contact is configured.

    A host that the operator mapped to a loopback address counts as this machine.
    """
    settings = services.config.settings
    if not UserAgent(product=settings.product, contact=settings.contact).placeholder:
        return
    for source in sources:
        for host in source.hosts:
            if not _here(host, source):
                raise ConfigError(
                    f"{host} of source {source.id} may not be fetched while `contact` in {services.config.directory / 'scraper.toml'} "
                    f"is {settings.contact!r}: set it (or SCRAPER_CONTACT) to an address under which the outlet reaches you",
                )


def _here(host: str, source: Source) -> bool:
    mapped = [target for name, target in source.network.resolve if name.partition(":")[0] == host]
    if mapped:
        return all(guard.loopback(target.rpartition(":")[0].strip("[]") or target) for target in mapped)
    return guard.loopback(host)
