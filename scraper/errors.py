"""One class per reaction.

    ScraperError
    ├── ConfigError        refuse to start: names file and key, and what to do          exit 2
    ├── UsageError         refuse the command: names the argument, and what to do       exit 2
    ├── FetchError         an attempt brought no usable answer (its record is written)
    │   ├── Transient      retry with jitter, then leave it for a later visit
    │   ├── Throttled      leave this host alone until the time it names
    │   └── Refused        stop and tell a human: robots, scope or address guard say no
    ├── Blocked            somebody stands between us and the outlet: stop the run, mark nothing as done
    ├── ParseError         the page is safe in the archive, but no article came of it
    │   ├── NotAnArticle   count it
    │   └── LayoutChanged  tell a human; parse again with a later parser
    └── StoreError
        ├── StoreUnreachable   stop the run                                             exit 3
        ├── CatalogueError     stop the run                                             exit 3
        ├── SnapshotMissing    a finding                                                exit 4
        ├── SnapshotCorrupt    a finding                                                exit 4
        └── RecordCorrupt      a finding                                                exit 4

Hides nothing; imports only the nouns. Every message is one line that names the thing and the remedy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from scraper.model import Failure, Verdict


class ScraperError(Exception):
    """Base of all errors this program raises on purpose. `exit_code` is what the command line returns for it."""

    exit_code = 1


class ConfigError(ScraperError):
    """The configuration cannot be used: refuse to start."""

    exit_code = 2


class UsageError(ScraperError):
    """The command cannot be carried out as asked."""

    exit_code = 2


class FetchError(ScraperError):
    """An attempt brought no usable answer; its record has been written."""

    exit_code = 5


class Transient(FetchError):
    """Worth trying again later: timeouts, resets, DNS, 5xx. `failure` is None when the server answered with a 5xx."""

    def __init__(self, message: str, *, failure: Failure | None = None) -> None:
        super().__init__(message)
        self.failure = failure


class Throttled(FetchError):
    """The host is to be left alone until `until`: it asked for it (RFC 9110 §10.2.3, RFC 6585 §4), or a rule of ours does.

    `kind` is that of the finding: `throttled`, `budget-spent`, `circuit-open`, `quiet-hours`, or `paused`.
    """

    def __init__(self, message: str, *, until: datetime, kind: str = "throttled") -> None:
        super().__init__(message)
        self.until = until
        self.kind = kind


class Refused(FetchError):
    """We may not ask: robots.txt, the scope, or the address guard says no. Not to be retried by itself."""

    def __init__(self, message: str, *, failure: Failure) -> None:
        super().__init__(message)
        self.failure = failure


class Blocked(ScraperError):
    """A block page, a challenge or a login wall answered instead of the outlet; `verdict` says which. It is on record."""

    exit_code = 5

    def __init__(self, message: str, *, verdict: Verdict) -> None:
        super().__init__(message)
        self.verdict = verdict


class ParseError(ScraperError):
    """A page that is safe in the archive could not be read as articles."""

    exit_code = 1


class NotAnArticle(ParseError):
    """The page is not one that holds an article; nothing is wrong."""


class LayoutChanged(ParseError):
    """The page should hold an article or a listing, but no known layout fits it: a parser must be written."""


class StoreError(ScraperError):
    """The archive's storage failed."""

    exit_code = 4


class StoreUnreachable(StoreError):
    """The store does not answer, refuses the credentials, or is full."""

    exit_code = 3


class CatalogueError(StoreError):
    """The catalogue's database does not answer, or is of another schema version."""

    exit_code = 3


class SnapshotMissing(StoreError):
    """No object where the record says one is."""


class SnapshotCorrupt(StoreError):
    """An object's bytes do not hash to its name."""


class RecordCorrupt(StoreError):
    """A capture record cannot be read, or its digest is not the one in its name."""
