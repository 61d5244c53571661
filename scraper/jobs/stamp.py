"""Stamp: have each day's root timestamped by the configured authorities, and ask again where that failed before.

Hides the order: a token is verified, and only then stored. An authority that is down costs nothing but the time: its
days stay pending, and the next run (an hour later in the daemon) asks again.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

from scraper.archive import timestamps
from scraper.archive.timestamps import BadToken, Certificates
from scraper.errors import ConfigError, FetchError
from scraper.jobs.services import Services, Step
from scraper.model import Authority, Finding, Severity


def stamp(services: Services, findings: list[Finding]) -> list[str]:
    """Ask every authority for every root it has not vouched for; the keys of the tokens that were stored.

    Adds a finding for each authority with days that stay pending. Errors: StoreError.
    """
    written: list[str] = []
    for authority in services.config.settings.timestamps:
        due = timestamps.pending(services.archive.store, authority.name)
        for number, (day, key) in enumerate(due):
            services.progress(Step(job="seal", source=authority.name, done=number, total=len(due), text=key))
            try:
                written.append(_stamped(services, authority, day, key))
            except (FetchError, ConfigError, BadToken) as error:
                # The next day's request would most likely fail in the same way: this authority has had its turn.
                findings.append(_pending(authority, len(due) - number, error, day))
                break
    return written


def _stamped(services: Services, authority: Authority, day: date, key: str) -> str:
    """Have one root timestamped; the key of the token. Errors: FetchError, ConfigError, BadToken, StoreError."""
    data = services.archive.store.get(key)
    query, nonce = timestamps.query(data)
    token = services.stamper.ask(authority.url, query)
    found = timestamps.verify(token, data, certificates=_given(authority), nonce=nonce, policy=authority.policy)
    return timestamps.keep(services.archive.store, day, authority.name, token, found)


def _given(authority: Authority) -> Certificates:
    """The root certificates the operator gave for an authority."""
    if authority.trust is None:
        return ()
    try:
        return timestamps.pem(Path(authority.trust).read_bytes())
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"trust {authority.trust} of the authority {authority.name} cannot be read ({error}): name a PEM file"
        ) from error


def _pending(authority: Authority, days: int, error: Exception, day: date) -> Finding:
    said = f"its token {error}" if isinstance(error, BadToken) else str(error)
    return Finding(
        kind="timestamp-pending",
        severity=Severity.UNOBSERVED,
        source="",
        subject=authority.name,
        reason=f"{days} {'day waits' if days == 1 else 'days wait'} for a timestamp: {said}",
        repair="scraper seal",
        day=day,
    )
