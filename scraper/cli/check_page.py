"""The report of `check` as one HTML file: totals, a calendar for each source, and every finding with its repair.

Hides the layout of the calendar. Shows what the report holds, and decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from html import escape
from itertools import groupby

from scraper.cli.days_shown import WORDS, state
from scraper.cli.html_document import document
from scraper.model import DayCount, Finding, Report, Severity
from scraper.policy.audit import SETS

_FINDINGS_SHOWN = 5_000

_STYLE = """
.sets { display: flex; gap: .5rem; flex-wrap: wrap; margin: 1rem 0; }
.sets div { background: var(--box); border-radius: 8px; padding: .6rem 1rem; min-width: 7rem; }
.sets b { display: block; font-size: 1.4rem; font-variant-numeric: tabular-nums; }
.year { display: flex; gap: .6rem; align-items: flex-start; margin: .3rem 0; }
.year > span { width: 3rem; color: var(--soft); font-variant-numeric: tabular-nums; }
.weeks { display: grid; grid-template-rows: 15px repeat(7, 12px); grid-auto-flow: column; grid-auto-columns: 12px; gap: 2px; }
.weeks b { font: 11px/1 system-ui, sans-serif; color: var(--soft); width: 0; white-space: nowrap; }
.day { border-radius: 2px; background: var(--box); box-shadow: inset 0 0 0 1px var(--line); }
.whole { background: var(--good); } .part { background: var(--some); } .none { background: var(--bad); }
.unseen { background: repeating-linear-gradient(45deg, var(--some) 0 2px, var(--box) 2px 4px); }
.few { background: radial-gradient(circle, var(--some) 0 2px, var(--box) 3px); }
.blind { background: repeating-linear-gradient(45deg, var(--soft) 0 1px, var(--box) 1px 4px); }
.key { display: flex; gap: 1rem; flex-wrap: wrap; font-size: 13px; color: var(--soft); }
.key i { display: inline-block; width: 12px; height: 12px; border-radius: 2px; margin-right: .3rem; vertical-align: -1px; }
input { font: inherit; width: 100%; padding: .4rem .6rem; margin: .3rem 0 .8rem; background: var(--box); color: var(--text);
  border: 1px solid var(--line); border-radius: 6px; }
td.kind, td.short { white-space: nowrap; } td.kind { font-weight: 600; } .damaged, .unreachable { color: var(--bad); }
.missing, .unobserved { color: var(--some); } .note { color: var(--soft); }
"""
_SCRIPT = """
const rows = [...document.querySelectorAll('tbody tr')], box = document.querySelector('input');
box.addEventListener('input', () => { const words = box.value.toLowerCase().split(/\\s+/);
  rows.forEach(row => { const text = row.textContent.toLowerCase(); row.hidden = !words.every(word => text.includes(word)); }); });
"""


def page(report: Report) -> str:
    """The report as a whole HTML document; equal reports give equal pages."""
    sources = [(source, list(days)) for source, days in groupby(report.days, key=lambda day: day.source)]
    parts = [_head(report, sources), _sets(report)]
    if sources:
        parts.append(_key())
        parts.extend(_calendar(source, days) for source, days in sources)
    parts.append(_findings(report.findings))
    return document("Completeness report", "\n".join(parts), style=_STYLE, script=_SCRIPT if report.findings else "")


def _head(report: Report, sources: Sequence[tuple[str, list[DayCount]]]) -> str:
    days = [day.day for _, counts in sources for day in counts]
    span = f"{min(days).isoformat()} to {max(days).isoformat()}, outlet days" if days else "no day was looked at"
    names = ", ".join(source for source, _ in sources)
    return (
        "<h1>Completeness report</h1>\n"
        f'<p class="soft">{escape(names)}{" · " if names else ""}{span} · as of {report.started_at:%Y-%m-%d %H:%M} UTC'
        f" · exit code {report.exit_code()}</p>"
    )


def _sets(report: Report) -> str:
    counts = dict(report.counts)
    boxes = "".join(f'<div><span class="soft">{escape(name)}</span><b>{counts[name]:,}</b></div>' for name in counts)
    return f'<div class="sets">{boxes}</div>'


def _key() -> str:
    entries = "".join(f'<span><i class="day {name}"></i>{words}</span>' for name, words in WORDS.items())
    return f'<p class="key">{entries}</p>'


def _calendar(source: str, days: list[DayCount]) -> str:
    """A row for each year, a column for each week, Monday above."""
    sums = [sum(getattr(day, name) for day in days) for name in SETS]
    figures = ", ".join(f"{count:,} {name}" for name, count in zip(SETS, sums, strict=True))
    years = "".join(_year(year, list(held)) for year, held in groupby(days, key=lambda day: day.day.year))
    return f'<h2>{escape(source)}</h2>\n<p class="soft">{figures}</p>\n{years}'


def _year(year: int, days: list[DayCount]) -> str:
    first = date(year, 1, 1)
    monday = first - timedelta(days=first.weekday())
    shown = {day.day.month for day in days}
    months = "".join(_month(date(year, month, 1), monday) for month in range(1, 13) if month in shown)
    cells = months + "".join(_day(day, (day.day - monday).days) for day in days)
    return f'<div class="year"><span>{year}</span><div class="weeks">{cells}</div></div>\n'


def _month(first: date, monday: date) -> str:
    column = (first - monday).days // 7 + 1
    return f'<b style="grid-column:{column};grid-row:1">{first:%b}</b>'


def _day(day: DayCount, number: int) -> str:
    figures = ", ".join(f"{getattr(day, name)} {name}" for name in SETS)
    unseen = f"; unobserved {day.unobserved}" if day.unobserved else ""
    apart = [
        f"{count} {name}"
        for name, count in (("only related", day.related), ("only mirrored", day.mirrored), ("inferred", day.inferred))
        if count
    ]
    evidence = f"; {', '.join(apart)}" if apart else ""
    usual = f"; usually {day.usual[0]}-{day.usual[1]}" if day.usual else ""
    title = escape(f"{day.day.isoformat()} {day.day:%a}: {figures}{evidence}{usual}{unseen}", quote=True)
    place = f"grid-column:{number // 7 + 1};grid-row:{number % 7 + 2}"
    return f'<div class="day {state(day)}" style="{place}" title="{title}"></div>'


def _findings(findings: Sequence[Finding]) -> str:
    if not findings:
        return "<h2>Findings</h2>\n<p>None: nothing is missing, damaged or unobserved.</p>"
    rows = "".join(map(_row, findings[:_FINDINGS_SHOWN]))
    left = len(findings) - _FINDINGS_SHOWN
    more = f'<p class="soft">… and {left:,} more: narrow the days with --since and --until</p>' if left > 0 else ""
    head = "".join(f"<th>{name}</th>" for name in ("kind", "source", "day", "what and why", "repair"))
    return (
        f"<h2>Findings ({len(findings):,})</h2>\n"
        '<input type="search" placeholder="filter: kind, source, day, word …" aria-label="Filter the findings">\n'
        f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>{more}"
    )


def _row(finding: Finding) -> str:
    evidence = f'<p class="soft">shown by <code>{escape(finding.evidence)}</code></p>' if finding.evidence else ""
    repair = (
        f"<code>{escape(finding.repair)}</code>" if finding.repair.startswith("scraper ") else escape(finding.repair)
    )
    cause = f'<p class="soft">{escape(finding.cause)}</p>' if finding.cause else ""
    cells: Iterable[str] = (
        f'<td class="kind {_weight(finding.severity)}">{escape(finding.kind)}{cause}</td>',
        f'<td class="short">{escape(finding.source)}</td>',
        f'<td class="short">{finding.day.isoformat() if finding.day else ""}</td>',
        f"<td><code>{escape(finding.subject)}</code><p>{escape(finding.reason)}</p>{evidence}</td>",
        f"<td>{repair}</td>",
    )
    return f"<tr>{''.join(cells)}</tr>\n"


def _weight(severity: Severity) -> str:
    return severity.value
