"""The nouns every room shares.

Hides nothing: plain frozen values and enumerations. Knows only the standard library, reads no clock, does no I/O.

Times are aware `datetime`s in UTC unless a field says it is an outlet's local date. Digests are lower-case hex of
SHA-256. A *record key* is the storage key of a capture record (`captures/<source>/2026/08/22/...json`): it names one
capture for ever, so everything that cites evidence cites a record key.
"""

from scraper.model.articles import Article, DateEvidence, Dateline, Image, Link, Parsed
from scraper.model.declarations import (
    Authority,
    Backfill,
    Canary,
    Discovery,
    FrozenArticle,
    Network,
    Opening,
    Politeness,
    Posted,
    Rules,
    Source,
    Target,
)
from scraper.model.merged import Alias, Counterpart, MergedArticle
from scraper.model.pages import Capture, Exchange, ListingLink, Page, Request, RobotsDecision, Sighting, Tls
from scraper.model.reports import (
    EXIT_CODES,
    Change,
    DayCount,
    Difference,
    FieldRate,
    Finding,
    LayoutVitals,
    Report,
    Sample,
    WordOp,
)
from scraper.model.words import Cause, ChangeKind, Channel, Failure, Headers, Origin, Reason, Role, Severity, Verdict

__all__ = [
    "EXIT_CODES",
    "Alias",
    "Article",
    "Authority",
    "Backfill",
    "Canary",
    "Capture",
    "Cause",
    "Change",
    "ChangeKind",
    "Channel",
    "Counterpart",
    "DateEvidence",
    "Dateline",
    "DayCount",
    "Difference",
    "Discovery",
    "Exchange",
    "Failure",
    "FieldRate",
    "Finding",
    "FrozenArticle",
    "Headers",
    "Image",
    "LayoutVitals",
    "Link",
    "ListingLink",
    "MergedArticle",
    "Network",
    "Opening",
    "Origin",
    "Page",
    "Parsed",
    "Politeness",
    "Posted",
    "Reason",
    "Report",
    "Request",
    "RobotsDecision",
    "Role",
    "Rules",
    "Sample",
    "Severity",
    "Sighting",
    "Source",
    "Target",
    "Tls",
    "Verdict",
    "WordOp",
]
