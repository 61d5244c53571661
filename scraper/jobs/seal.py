"""Seal: write the manifests of the days that have ended."""

from __future__ import annotations

from collections.abc import Sequence

from scraper.jobs.services import Services
from scraper.model import Report, Source


def seal(services: Services, sources: Sequence[Source]) -> Report:
    """Seal every UTC day of some sources that ended at least two hours ago and has records outside a manifest."""
    started_at = services.clock.now()
    written = [key for source in sources for key in services.archive.seal(source.id, services.clock.now())]
    return Report(
        job="seal",
        started_at=started_at,
        ended_at=services.clock.now(),
        counts=(("manifests", len(written)),),
        notes=tuple(written),
    )
