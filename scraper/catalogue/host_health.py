"""Whether a source's host was well when it answered: a deletion is told by a host that gives its other pages.

Hides which captures are evidence of that (docs/verdicts.md, "Deletions").
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, or_, select

from scraper.catalogue.rows import moment
from scraper.catalogue.tables import captures
from scraper.model import Channel, Failure, Reason, Role, Verdict
from scraper.policy.verdicts import ABSENT

_BEFORE = timedelta(days=1)
_AFTER = timedelta(hours=1)

_GOOD = frozenset(verdict.value for verdict in (Verdict.ARTICLE, Verdict.UNCHANGED, Verdict.LISTING))
_SAYS_NOTHING = [
    verdict.value for verdict in (Verdict.MOVED, Verdict.MOVED_HOME, Verdict.NOT_HTML, Verdict.WRONG_LANGUAGE)
]
_GONE = [verdict.value for verdict in ABSENT]
_COPIES = [channel.value for channel in Channel if channel.copied]
_NOTHING_SENT = [failure.value for failure in (Failure.ROBOTS_DENIED, Failure.GUARD_REFUSED, Failure.ABANDONED)]


def was_well(connection: Connection, source: str, key: str, at: datetime, *, copied: bool = False) -> bool:
    """Whether the newest answer to anything but `key` was a good one then: of the day before, else of the hour after.

    What others were answered tells of their answers alone (`copied`), never of one that we were given.
    """
    table = captures.c
    others = select(table.verdict).where(table.source == source, table.key != key, _telling()).limit(1)
    if not copied:
        others = others.where(table.channel.not_in(_COPIES))
    before = others.where(table.observed_at <= moment(at), table.observed_at >= moment(at - _BEFORE)).order_by(
        table.observed_at.desc(), table.record.desc()
    )
    after = others.where(table.observed_at > moment(at), table.observed_at <= moment(at + _AFTER)).order_by(
        table.observed_at, table.record
    )
    verdict = _first(connection, before) or _first(connection, after)
    return verdict in _GOOD


def _telling() -> ColumnElement[bool]:
    """Captures that say something of the host.

    Another article that is gone does not (many may be deleted at once), a listing that is gone does, but for the page
    after the last of a backfill. An address made by counting tells nothing, unless a good page is there.
    """
    table = captures.c
    shown = or_(table.verdict.in_(_GOOD), table.reason != Reason.GUESS.value)
    article = and_(table.role == Role.ARTICLE.value, table.verdict.not_in(_GONE), shown)
    listing = and_(
        table.role == Role.LISTING.value, or_(table.verdict.in_(_GOOD), table.reason != Reason.BACKFILL.value)
    )
    sent = or_(table.failure.is_(None), table.failure.not_in(_NOTHING_SENT))
    # What the second vantage met may be its own way there.
    ours = table.reason != Reason.SECOND.value
    return and_(or_(article, listing), table.verdict.not_in(_SAYS_NOTHING), sent, ours)


def _first(connection: Connection, query: Select[Any]) -> str | None:
    verdict: str | None = connection.scalar(query)
    return verdict
