"""What jobs find and report."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256

from scraper.model.words import Cause, ChangeKind, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class WordOp:
    """One word-level operation: `equal`, `delete`, `insert` or `replace`, with the words of both sides."""

    op: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What happened to an article between two captures (record keys), which show it.

    `fields` are the parts that changed: title, text, dateline, byline, captions, images, links, published, sections.
    Of a deletion, `before` shows the article last, and `after` is the answer that says (or confirms) that it is gone.

    `url` is the address it is told of. Of a move, `other` is the address the article has now, and `after` is the capture that
    shows it there. Of a swap, `other` is the second address, and `other_before` and `other_after` are its two captures.
    Of a delisted article, the captures are the looks at the list (`detail`) with it and without it, and `other_after` shows that its
    page is there since. Of one that is gone while listed, `before` says that it is gone, and `after` is the list (`detail`).
    """

    source: str
    url: str
    key: str
    title: str
    kind: ChangeKind
    before: str
    after: str
    before_at: datetime
    after_at: datetime
    words_removed: int = 0
    words_added: int = 0
    operations: tuple[WordOp, ...] = ()
    other: str = ""
    other_before: str = ""
    other_after: str = ""
    fields: tuple[str, ...] = ()
    detail: str = ""
    members: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """Sixteen hex digits that name it on every machine that has the archive, whatever else was seen since."""
        named = (self.source, self.key, self.url, self.kind.value, self.before, self.after, self.other)
        return sha256("\n".join(named).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A typed result of a check: what, about which thing, why, and the command that repairs it.

    `evidence` is the capture that showed it; `cause` tells gaps apart.
    """

    kind: str
    severity: Severity
    source: str
    subject: str
    reason: str
    repair: str = ""
    day: date | None = None
    evidence: str | None = None
    cause: Cause | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DayCount:
    """One source and outlet day of a completeness report: the five sets, counted.

    What is expected was `listed` by the outlet itself, only `related` (beside its other articles, or linked from them), or
    only `mirrored`: another outlet's page names it. `inferred` are numbers that the outlet skipped or that nobody saw; they
    are not among the expected. `usual` are the least and the most articles of such a day, where no list shows it as a whole.
    """

    source: str
    day: date
    expected: int
    known: int
    held: int
    intact: int
    readable: int
    unobserved: str = ""
    listed: int = 0
    related: int = 0
    mirrored: int = 0
    inferred: int = 0
    usual: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One page that reads otherwise than before: the words of one field, from the old reading to the new one."""

    url: str
    record: str
    operations: tuple[WordOp, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """How many pages of a source read otherwise in one field, by the layout that read them before and reads them now.

    `field` is a field of `Article`, `number of articles`, or `outcome` (then the samples say how the page was read). A
    layout is empty where none read the page.
    """

    source: str
    field: str
    before: str
    after: str
    pages: int
    samples: tuple[Sample, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldRate:
    """How many articles of a layout had something lately, and before; `collapsed` where that is an alarm."""

    field: str
    recent: int
    before: int
    collapsed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LayoutVitals:
    """What one layout of a source read lately (`recent` articles) and `before`.

    `versions` are those that read the recent ones. `paragraphs` and `characters` are the middle lengths, lately and before.
    """

    source: str
    layout: str
    versions: tuple[str, ...]
    recent: int
    before: int
    paragraphs: tuple[int, int]
    characters: tuple[int, int]
    rates: tuple[FieldRate, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What every job returns; the command line, the log and the exit code all render this one value.

    `counts` are the job's figures in the order to show them; `notes` are lines for a person.
    """

    job: str
    started_at: datetime
    ended_at: datetime
    counts: tuple[tuple[str, int], ...] = ()
    days: tuple[DayCount, ...] = ()
    findings: tuple[Finding, ...] = ()
    changes: tuple[Change, ...] = ()
    differences: tuple[Difference, ...] = ()
    vitals: tuple[LayoutVitals, ...] = ()
    notes: tuple[str, ...] = ()

    def exit_code(self) -> int:
        """0 clean, 1 missing, 3 unreachable, 4 damaged, 5 unobserved; the worst wins in the order 3, 4, 1, 5."""
        found = {finding.severity for finding in self.findings}
        for severity, code in EXIT_CODES:
            if severity in found:
                return code
        return 0


EXIT_CODES = (
    (Severity.UNREACHABLE, 3),
    (Severity.DAMAGED, 4),
    (Severity.MISSING, 1),
    (Severity.UNOBSERVED, 5),
)
