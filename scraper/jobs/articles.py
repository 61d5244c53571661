"""Articles: each article that was read, once, with all its addresses, whatever outlet and scheme they are of.

Hides how few of them are in memory at a time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from itertools import islice

from scraper.catalogue import clusters
from scraper.catalogue.merged import merged
from scraper.errors import UsageError
from scraper.jobs.look import require_index
from scraper.jobs.services import Services
from scraper.model import MergedArticle, Source

_BATCH = 200


def articles(
    services: Services,
    sources: Sequence[Source],
    *,
    since: date | None = None,
    until: date | None = None,
    full: bool = False,
) -> Iterator[MergedArticle]:
    """The articles of some sources, published from `since` to `until`, source by source and day by day.

    `full` is with all that was read and the captures that show it. Those without a date come last, and only where no day is
    given. Errors: UsageError for days the wrong way round; CatalogueError where the catalogue is empty and the store is not.
    """
    if since and until and since > until:
        raise UsageError(f"--since {since} lies after --until {until}: give the earlier day as --since")
    require_index(services)
    first, last = since.isoformat() if since else "", until.isoformat() if until else clusters.END
    others = [source.id for source in services.config.sources]
    for source in sources:
        found = clusters.all_clusters(services.database, source.id, first, last)
        while batch := list(islice(found, _BATCH)):
            whole = merged(services.database, source.id, batch, others)
            yield from whole if full else map(_short, whole)


def article_of(services: Services, source: str, key: str) -> tuple[MergedArticle, ...]:
    """The articles that one address is of: none where nothing was read, several where it showed several."""
    found = [
        cluster
        for cluster in clusters.around(services.database, source, [key])
        if any(address.key == key for address in cluster.addresses)
    ]
    return tuple(map(_short, merged(services.database, source, found, [each.id for each in services.config.sources])))


def _short(article: MergedArticle) -> MergedArticle:
    return replace(article, article=None, records=())
