"""Holds the reports against the script: for each kind what was named, what was missed, what was invented, and how late.

Hides how lines of a report are paired with what is expected. Nothing is scored by what the program thinks of itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from benchmarks.history import windows
from benchmarks.history.incidents import ALARMS, CHANGES, CHECK, Expected, Incident
from benchmarks.history.play import Logged, Played
from benchmarks.history.world import World
from scraper.jobs.vitals import ALARMS as STANDING
from scraper.model import Change, Finding
from scraper.policy.interruptions import KIND as NO_LIST
from scraper.urls import key

NOT_YET: dict[str, str] = {}
"""Kinds that the issue wants and the program does not claim yet, with the reason: shown in the table, and no reason to fail."""

EDITS = ("edited", "retitled", "redated", "cosmetic", "section-dropped", "moved", "swapped")
DELETIONS = (
    "suspect-gone",
    "confirmed-gone",
    "returned",
    "soft-gone",
    "mass-deletion",
    "delisted",
    "gone-while-listed",
)
_LOGGED = frozenset(
    {
        *STANDING,
        "blocked",
        "unreachable",
        "unreachable-host",
        "throttled",
        "empty-listing",
        "layout-changed",
        "refused",
        "interrupted",
        "damaged",
    }
)
"""Kinds of findings in the daemon's log that are claims about an outlet."""
_CHECKED = ("missing", "unreadable", "damaged")
_HOUR = timedelta(hours=1)


@dataclass(slots=True)
class Row:
    """One kind: how many lines were expected, how many of them came, the ones that were invented, and the delays."""

    report: str
    kind: str
    expected: int = 0
    named: int = 0
    false: list[str] = field(default_factory=list)
    late: list[str] = field(default_factory=list)
    delays: list[timedelta] = field(default_factory=list)
    over_plan: list[timedelta] = field(default_factory=list)

    @property
    def recall(self) -> float:
        """Of what there was, how much was named."""
        return self.named / self.expected if self.expected else 1.0

    @property
    def precision(self) -> float:
        """Of what was named, how much there was."""
        told = self.named + len(self.false)
        return self.named / told if told else 1.0

    @property
    def holds(self) -> bool:
        """Whether everything was named in time, and nothing else."""
        return self.kind in NOT_YET or (self.named == self.expected and not self.false and not self.late)


@dataclass(slots=True)
class Scored:
    """The table, and for each incident the lines that were not named."""

    rows: dict[tuple[str, str], Row]
    missed: list[tuple[Incident, tuple[Expected, ...]]]

    @property
    def holds(self) -> bool:
        """Whether every claimed kind is without a fault."""
        return all(row.holds for row in self.rows.values())

    def false(self, kinds: Iterable[str]) -> list[str]:
        """What was invented of some kinds of changes."""
        return [line for kind in kinds if (row := self.rows.get((CHANGES, kind))) for line in row.false]


def score(world: World, played: Played) -> Scored:
    """Pair every line of the reports with the script."""
    scored = Scored(rows={}, missed=[])
    named: set[int] = set()
    _changes(world, played.changed.changes, scored, named)
    _alarms(world, played.alarms, scored, named)
    _findings(world, played.checked.findings, scored, named)
    _windows(world, played, scored)
    _days(world, played, scored)
    for incident in world.truth.incidents:
        gone = tuple(each for each in incident.expects if id(each) not in named and each.kind not in NOT_YET)
        scored.missed.append((incident, gone))
    return scored


def _row(scored: Scored, report: str, kind: str) -> Row:
    return scored.rows.setdefault((report, kind), Row(report, kind))


def _expected(world: World, report: str, *, also: bool = False) -> list[Expected]:
    incidents = world.truth.incidents
    lines = [each for incident in incidents for each in (incident.also if also else incident.expects)]
    return sorted((each for each in lines if each.report == report), key=lambda each: each.since)


def _changes(world: World, told: Sequence[Change], scored: Scored, named: set[int]) -> None:
    left: dict[str, list[Change]] = defaultdict(list)
    for change in told:
        left[change.kind.value].append(change)
    urls = {change.id: change.url for change in told}
    for also in (False, True):
        for wanted in _expected(world, CHANGES, also=also):
            row = _row(scored, CHANGES, wanted.kind)
            row.expected += not also
            found = next((each for each in left[wanted.kind] if _is(wanted, each, urls)), None)
            if found is None:
                continue
            left[wanted.kind].remove(found)
            row.named += 1
            row.expected += also
            named.add(id(wanted))
            _timed(row, wanted, found.after_at)
    for kind, lines in left.items():
        _row(scored, CHANGES, kind).false.extend(
            f"{each.source} {each.after_at} {each.url} {each.fields}" for each in lines
        )


def _is(wanted: Expected, change: Change, urls: dict[str, str]) -> bool:
    if wanted.source != change.source or change.after_at < wanted.since:
        return False
    if wanted.members:
        return wanted.members <= {urls[member] for member in change.members}
    if wanted.other and wanted.kind == "swapped":
        return {wanted.url, wanted.other} == {change.url, change.other}
    # An outlet may have gone over to https in between: one address all the same.
    same = key(wanted.url) == key(change.url) and (not wanted.fields or wanted.fields == change.fields)
    return same and wanted.other in ("", change.other)


def _timed(row: Row, wanted: Expected, seen: datetime) -> None:
    row.delays.append(max(seen - wanted.since, timedelta()))
    if wanted.planned is not None:
        row.over_plan.append(max(seen - wanted.planned, timedelta()))
    if seen > wanted.by:
        row.late.append(f"{wanted.source} {wanted.url}: {seen}, to be told by {wanted.by}")


def _alarms(world: World, told: Sequence[Logged], scored: Scored, named: set[int]) -> None:
    """An alarm may be logged at every tick of its incident: it is named once, and invented where there is none."""
    for wanted in _expected(world, ALARMS):
        row = _row(scored, ALARMS, wanted.kind)
        row.expected += 1
        first = next((each for each in told if _answers(wanted, each)), None)
        if first is not None:
            row.named += 1
            named.add(id(wanted))
            _timed(row, wanted, first.at)
    known = [*_expected(world, ALARMS), *_expected(world, ALARMS, also=True)]
    for each in told:
        if each.finding.kind in _LOGGED and not any(_answers(wanted, each) for wanted in known):
            finding = each.finding
            text = f"{each.at} {finding.source} {finding.subject}: {finding.reason}"
            _row(scored, ALARMS, finding.kind).false.append(text)


def _answers(wanted: Expected, logged: Logged) -> bool:
    finding = logged.finding
    same = wanted.kind == finding.kind and wanted.source == finding.source
    return same and wanted.since <= logged.at <= wanted.by


def _findings(world: World, told: Sequence[Finding], scored: Scored, named: set[int]) -> None:
    left = [each for each in told if each.kind in {*_CHECKED, *STANDING}]
    why = [each for each in told if each.kind == NO_LIST]
    for wanted in _expected(world, CHECK):
        row = _row(scored, CHECK, wanted.kind)
        row.expected += 1
        among = why if wanted.kind == NO_LIST else left
        found = next((each for each in among if _tells(wanted, each)), None)
        if found is not None:
            among.remove(found)
            row.named += 1
            named.add(id(wanted))
    for each in (*left, *why):
        _row(scored, CHECK, each.kind).false.append(f"{each.source} {each.subject}: {each.reason}")


def _tells(wanted: Expected, finding: Finding) -> bool:
    if (wanted.kind, wanted.source) != (finding.kind, finding.source):
        return False
    if wanted.kind != NO_LIST:
        return finding.subject == wanted.url
    begun = finding.day is not None and abs(finding.day - wanted.since.date()) <= timedelta(days=1)
    return begun and wanted.url in finding.reason


def _windows(world: World, played: Played, scored: Scored) -> None:
    """When nobody looked follows from the ticks that no spell hid."""
    row = _row(scored, CHECK, "unobserved")
    left = windows.reported(played.checked.days)
    for source, span in windows.unobserved(world):
        row.expected += 1
        found = next((each for each in left if each[0] == source and windows.same(each[1], span)), None)
        if found is not None:
            left.remove(found)
            row.named += 1
    row.false.extend(f"{source} {span.since} to {span.until}" for source, span in left)


def _days(world: World, played: Played, scored: Scored) -> None:
    """Every day must be expected to have as many articles as lists showed of it."""
    row = _row(scored, CHECK, "articles a day")
    truth = windows.articles_a_day(world)
    told = {(day.source, day.day): day.expected for day in played.checked.days if day.expected}
    row.expected = len(truth)
    for place in sorted(truth.keys() | told.keys()):
        if truth.get(place) == told.get(place):
            row.named += 1
        else:
            row.false.append(f"{place[0]} {place[1]}: {told.get(place)} expected, {truth.get(place)} there were")


def in_hours(delays: Sequence[timedelta]) -> tuple[float, float] | None:
    """The median and the longest of some delays."""
    if not delays:
        return None
    ordered = sorted(delays)
    return ordered[len(ordered) // 2] / _HOUR, ordered[-1] / _HOUR
