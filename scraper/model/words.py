"""The enumerations: words that records, reports and the catalogue all write the same way."""

from __future__ import annotations

from enum import StrEnum

Headers = tuple[tuple[str, str], ...]
"""Header pairs in the order and case they were received or sent; bytes are read as latin-1 (RFC 9110 §5.5)."""


class Role(StrEnum):
    """What a request is made for: decides how its answer is judged and read."""

    ARTICLE = "article"
    LISTING = "listing"
    ROBOTS = "robots"


class Reason(StrEnum):
    """Why `policy.plan` or an operator asked for a page."""

    NEW = "new"
    RETRY = "retry"
    RECHECK = "recheck"
    DISCOVERY = "discovery"
    BACKFILL = "backfill"
    MANUAL = "manual"
    ROBOTS = "robots"
    REDIRECT = "redirect"
    IMPORT = "import"
    GUESS = "guess"
    """Nothing shows this address: its number was counted up to. A negative answer says nothing of any article."""
    SECOND = "second"
    """An answer that an article is gone was doubted: the same question from the second vantage."""


class Channel(StrEnum):
    """By which way the bytes came to us."""

    DIRECT = "direct"
    PROXY = "proxy"
    WAYBACK = "wayback"
    IMPORT = "import"
    SIMULATED = "simulated"

    @property
    def copied(self) -> bool:
        """True where others asked the outlet, and we have their copy: evidence of then, and no visit of ours."""
        return self in (Channel.WAYBACK, Channel.IMPORT)


class Verdict(StrEnum):
    """What an answer was, as `policy.judge` sees it. A judgement, not a fact: it can be derived again."""

    ARTICLE = "article"
    LISTING = "listing"
    ROBOTS = "robots"
    UNCHANGED = "unchanged"
    MOVED = "moved"
    MOVED_HOME = "moved-home"
    """An article's address that leads to a front page: removed, renamed, or shut off; it does not say which."""
    GONE = "gone"
    SOFT_GONE = "soft-gone"
    BLOCKED_WAF = "blocked-waf"
    BLOCKED_CAPTCHA = "blocked-captcha"
    BLOCKED_LEGAL = "blocked-legal"
    BLOCKED_GEO = "blocked-geo"
    BLOCKED_LOGIN = "blocked-login"
    THROTTLED = "throttled"
    CLIENT_ERROR = "client-error"
    SERVER_ERROR = "server-error"
    EMPTY = "empty"
    TRUNCATED = "truncated"
    NOT_HTML = "not-html"
    WRONG_LANGUAGE = "wrong-language"
    FAILED = "failed"
    """No answer arrived: the record is of kind `error`."""

    @property
    def blocked(self) -> bool:
        """True for the verdicts that say somebody stands between us and the outlet."""
        return self.value.startswith("blocked-")

    @property
    def readable(self) -> bool:
        """True when the body is the page that was asked for, so a parser may read it."""
        return self in (Verdict.ARTICLE, Verdict.LISTING)


class Failure(StrEnum):
    """Why an attempt brought no whole answer (the `error` of a capture record)."""

    TIMEOUT_CONNECT = "timeout-connect"
    TIMEOUT_READ = "timeout-read"
    TIMEOUT_TOTAL = "timeout-total"
    TOO_SLOW = "too-slow"
    TOO_LARGE = "too-large"
    DECODE_BOMB = "decode-bomb"
    DNS = "dns"
    CONNECT = "connect"
    TLS = "tls"
    RESET = "reset"
    PROTOCOL = "protocol"
    REDIRECT_LIMIT = "redirect-limit"
    ROBOTS_DENIED = "robots-denied"
    ROBOTS_UNREACHABLE = "robots-unreachable"
    GUARD_REFUSED = "guard-refused"
    ABANDONED = "abandoned"


class Origin(StrEnum):
    """What kind of evidence a sighting is."""

    LISTING = "listing"
    INDEX = "index"
    FEED = "feed"
    SITEMAP = "sitemap"
    RELATED = "related"
    MIRROR = "mirror"
    SEED = "seed"


class ChangeKind(StrEnum):
    """What happened to an article between two captures."""

    EDITED = "edited"
    RETITLED = "retitled"
    REDATED = "redated"
    COSMETIC = "cosmetic"
    """Written otherwise, with other spaces, quotes, dashes or widths: no edit, and told only when asked for."""
    SECTION_DROPPED = "section-dropped"
    """The page files it no longer under a section that it was in; `Change.detail` names it."""
    SOFT_GONE = "soft-gone"
    """Its address answers with a page that says there is none, and status 200: a state of its own, no deletion."""
    SUSPECT_GONE = "suspect-gone"
    """One answer of a host that is well says that it is not there."""
    CONFIRMED_GONE = "confirmed-gone"
    """Three such answers or more, over 72 hours or more."""
    MASS_DELETION = "mass-deletion"
    """Far more suspicions within three days than the source has otherwise: one event; `Change.members` are its ids."""
    DELISTED = "delisted"
    """Its row was taken off a list that still shows older and newer ones, and its page is there; `Change.detail` is the list."""
    GONE_WHILE_LISTED = "gone-while-listed"
    """Its page is gone, and a list that was looked at later shows it; `Change.detail` is the list."""
    RETURNED = "returned"
    MOVED = "moved"
    """It is at another address now; `Change.other` names it."""
    SWAPPED = "swapped"
    """Two articles stand at each other's address; `Change.other` names the second."""


class Severity(StrEnum):
    """How a finding weighs on the exit status; NOTE never does."""

    UNREACHABLE = "unreachable"
    DAMAGED = "damaged"
    MISSING = "missing"
    UNOBSERVED = "unobserved"
    NOTE = "note"


class Cause(StrEnum):
    """Why an expected article is not there to be read; `policy.gaps` says what belongs to which."""

    NOT_FETCHED = "not-fetched"
    FAILING = "failing"
    ROBOTS = "robots"
    BLOCKED = "blocked"
    GONE = "gone"
    OUT_OF_SCOPE = "out-of-scope"
    DAMAGED = "damaged"
    NOT_READ = "not-read"
    LAYOUT_CHANGED = "layout-changed"
