"""What the lists of a source say of its articles: taken off while the page lives, or still shown while the page is gone.

Hides the two passes over the lists: the first finds what vanished, the second where else that is shown.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from scraper.catalogue import clusters, listed
from scraper.catalogue.listed import Row
from scraper.jobs.services import Services
from scraper.model import Change, ChangeKind, Source
from scraper.policy.listed import Look, Stretch, Vanished, delisted, once, stretches, vanished
from scraper.policy.verdicts import consequence


def by_lists(
    services: Services, source: Source, found: Sequence[Change], since: datetime | None = None
) -> Iterator[Change]:
    """The changes of a source that its lists show, beside those `found` at the addresses themselves."""
    missing = taken_off(services, source, since)
    for gone, row, addresses in missing:
        said = listed.answer_after(services.database, source.id, addresses, gone.missing.observed_at)
        if said is not None and consequence(said[1]).replaces_held:
            yield _delisted(source, gone, row, said[0])
    yield from _still_listed(services, source, found, since)


def taken_off(
    services: Services, source: Source, since: datetime | None = None
) -> list[tuple[Vanished, Row, tuple[str, ...]]]:
    """The held articles that were taken off a list and are on no other, each with the keys of all its addresses."""
    database = services.database
    gone = [each for one in listed.looks(database, source.id, since) for each in vanished(one)]
    held = listed.held_rows(database, source.id, (each.identity for each in gone))
    gone = [each for each in gone if each.identity in held]
    if not gone:
        return []
    addresses, names = _addresses(services, source, held)
    shown: dict[str, list[Stretch]] = defaultdict(list)
    wanted = frozenset(name for all_names in names.values() for name in all_names)
    for one in listed.looks(database, source.id, since):
        for identity, stretch in stretches(one, wanted):
            shown[identity].append(stretch)
    off: dict[str, list[Vanished]] = defaultdict(list)
    for each in gone:
        if delisted(each, (stretch for name in names[each.identity] for stretch in shown[name])):
            off[each.identity].append(each)
    return [(each, held[name], addresses[name]) for name in sorted(off) for each in once(off[name])]


def _addresses(
    services: Services, source: Source, held: Mapping[str, Row]
) -> tuple[dict[str, tuple[str, ...]], dict[str, set[str]]]:
    """Of each article, the keys of all its addresses, and every mark under which a list may show it."""
    others = clusters.beside(services.database, source.id, [row.key for row in held.values()])
    keys = {name: tuple(sorted({row.key, *others.get(row.key, ())})) for name, row in held.items()}
    known = listed.marks_of(services.database, source.id, (key for all_keys in keys.values() for key in all_keys))
    return keys, {name: {name, *(known[key] for key in all_keys if key in known)} for name, all_keys in keys.items()}


def _still_listed(
    services: Services, source: Source, found: Sequence[Change], since: datetime | None
) -> Iterator[Change]:
    """Suspicions whose article a list showed at a later look, before the page was there again: told with the first such look."""
    gone = [each for each in found if each.kind is ChangeKind.SUSPECT_GONE]
    if not gone:
        return
    back = _returns(found)
    known = listed.marks_of(services.database, source.id, (each.key for each in gone))
    waiting: dict[str, list[Change]] = defaultdict(list)
    for each in gone:
        waiting[known.get(each.key, each.key)].append(each)
    first: dict[str, Look] = {}
    for one in listed.looks(services.database, source.id, since):
        for look in one:
            for each in (each for row in look.rows if row in waiting for each in waiting[row]):
                ended = min((at for at in back.get(each.key, ()) if at > each.after_at), default=None)
                if look.observed_at <= each.after_at or (ended is not None and look.observed_at >= ended):
                    continue
                if each.id not in first or look.observed_at < first[each.id].observed_at:
                    first[each.id] = look
    yield from (_listed(each, first[each.id]) for each in gone if each.id in first)


def _returns(found: Iterable[Change]) -> dict[str, list[datetime]]:
    back: dict[str, list[datetime]] = defaultdict(list)
    for each in found:
        if each.kind is ChangeKind.RETURNED:
            back[each.key].append(each.after_at)
    return back


def _listed(gone: Change, look: Look) -> Change:
    return Change(
        source=gone.source,
        url=gone.url,
        key=gone.key,
        title=gone.title,
        kind=ChangeKind.GONE_WHILE_LISTED,
        before=gone.after,
        after=look.record,
        before_at=gone.after_at,
        after_at=look.observed_at,
        detail=look.url,
    )


def _delisted(source: Source, gone: Vanished, row: Row, living: str) -> Change:
    return Change(
        source=source.id,
        url=row.url,
        key=row.key,
        title=row.title,
        kind=ChangeKind.DELISTED,
        before=gone.shown.record,
        after=gone.missing.record,
        before_at=gone.shown.observed_at,
        after_at=gone.missing.observed_at,
        other_after=living,
        detail=gone.missing.url,
    )
