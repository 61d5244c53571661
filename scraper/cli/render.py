"""How a `Report` looks: text for people, one versioned JSON object for programs.

Hides tables and colours. Data goes to standard output; nothing here decides anything.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from datetime import date, datetime, timedelta
from typing import Any

from rich.console import Console, ConsoleDimensions
from rich.table import Table
from rich.text import Text

from scraper.cli.days_shown import calendar, key
from scraper.model import Change, ChangeKind, Difference, Finding, LayoutVitals, MergedArticle, Report, WordOp

REPORT_VERSION = 1
_CONTEXT_WORDS = 8
_FINDINGS_SHOWN = 40
_WIDEST = 1000


def plain(value: Any) -> Any:
    """A value of ours as JSON types: dataclasses as objects without empty fields, times in ISO 8601, durations in seconds."""
    if is_dataclass(value) and not isinstance(value, type):
        named = ((field.name, getattr(value, field.name)) for field in fields(value))
        known = {"id": value.id} if isinstance(value, Change) else {}
        return known | {name: plain(item) for name, item in named if item not in (None, "", (), b"")}
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, tuple | list | frozenset):
        return [plain(item) for item in value]
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def report_json(report: Report) -> str:
    """A report as one JSON object; `exit_code` is what the command returns."""
    document = {"version": REPORT_VERSION, **plain(report), "exit_code": report.exit_code()}
    document["counts"] = dict(report.counts)
    return json.dumps(document, ensure_ascii=False)


def lines_json(values: Iterable[Any]) -> Iterable[str]:
    """Values as JSON Lines."""
    return (json.dumps(plain(value), ensure_ascii=False) for value in values)


def show_report(console: Console, report: Report) -> None:
    """A report as text."""
    seconds = (report.ended_at - report.started_at).total_seconds()
    figures = ", ".join(f"{count} {name}" for name, count in report.counts) or "nothing to count"
    console.print(Text.assemble((report.job, "bold"), f": {figures} ({seconds:.1f} s)"), soft_wrap=True)
    if report.days:
        show_table(console, calendar(report.days))
        console.print(f"  {key(report.days)}", soft_wrap=True, highlight=False, markup=False, style="dim")
    for change in report.changes:
        console.print(change_line(change), soft_wrap=True)
    if report.differences:
        show_table(console, _differences(report.differences))
        show_samples(console, report.differences)
    if report.vitals:
        show_table(console, _vitals(report.vitals))
    for finding in report.findings[:_FINDINGS_SHOWN]:
        console.print(_finding_line(finding), soft_wrap=True)
    if len(report.findings) > _FINDINGS_SHOWN:
        console.print(
            f"  … and {len(report.findings) - _FINDINGS_SHOWN} more findings: use --json, or --since and --until"
        )
    for note in report.notes:
        console.print(f"  {note}", soft_wrap=True, highlight=False, markup=False)


def show_table(console: Console, table: Table) -> None:
    """A table with every cell whole: a terminal that is too narrow for it breaks its lines, and hides nothing."""
    before = console.size
    needed = console.measure(table, options=console.options.update_width(_WIDEST)).maximum
    console.size = ConsoleDimensions(max(before.width, needed), before.height)
    console.print(table)
    console.size = before


def change_line(change: Change) -> Text:
    """One change as one line."""
    size = f" (-{change.words_removed} +{change.words_added} words)" if change.operations else ""
    seen = f"{change.before_at:%Y-%m-%d %H:%M} → {change.after_at:%Y-%m-%d %H:%M}"
    return Text.assemble(
        "  ",
        (f"{change.kind:15}", "yellow"),
        f" {seen}  {change.source}  ",
        (change.title, "bold"),
        f"{size}{_which(change)}  {change.url}{_other(change)}",
    )


def _which(change: Change) -> str:
    """The fields of an edit beside its text, and what else a change names."""
    beside = change.detail or ", ".join(name for name in change.fields if name not in ("title", "text", "published"))
    return f" [{beside}]" if beside else ""


def _other(change: Change) -> str:
    """The second address of a move or a swap."""
    if not change.other:
        return ""
    return f" {'⇄' if change.kind is ChangeKind.SWAPPED else '→'} {change.other}"


def show_article(console: Console, article: MergedArticle) -> None:
    """One article: what it is, then its addresses, then its counterparts at other outlets; its text where it was asked for."""
    dated = f"{article.published or 'undated':10}"
    evidence = f" ({article.published_evidence})" if article.published_evidence else ""
    filed = f"  [{', '.join(article.sections)}]" if article.sections else ""
    head = Text.assemble(
        dated, (evidence, "dim"), f"  {article.source}  {article.outlet}  ", (article.title, "bold"), filed
    )
    console.print(head, soft_wrap=True)
    captures = "1 capture" if article.captures == 1 else f"{article.captures} captures"
    languages = ", ".join(article.languages)
    console.print(f"  {article.id}  {languages}  {captures}  text {article.text_sha256[:12]}", soft_wrap=True)
    for alias in article.aliases:
        seen = f"{alias.first_seen_at:%Y-%m-%d %H:%M} to {alias.last_seen_at:%Y-%m-%d %H:%M}"
        console.print(f"    {seen}  {alias.captures:3}  {alias.url}", soft_wrap=True)
    for other in article.counterparts:
        console.print(f"    {other.relation}, text {other.text}: {other.source}  {other.url}", soft_wrap=True)
    for paragraph in article.article.paragraphs if article.article else ():
        console.print(f"  {paragraph}", soft_wrap=True)


def show_difference(console: Console, change: Change) -> None:
    """The words of a change in colour: removed ones in [-brackets-], added ones in {+braces+}."""
    console.print(change_line(change), soft_wrap=True)
    text = Text()
    for operation in change.operations:
        _words(text, operation)
    console.print(text)


def show_samples(console: Console, differences: Iterable[Difference]) -> None:
    """The samples of each difference between two readings: removed words in [-brackets-], added ones in {+braces+}."""
    for difference in differences:
        for sample in difference.samples:
            console.print(Text.assemble("  ", (difference.field, "yellow"), f"  {sample.url}"), soft_wrap=True)
            text = Text("    ")
            for operation in sample.operations:
                _words(text, operation)
            console.print(text, soft_wrap=True)


def _differences(differences: Iterable[Difference]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("source", "field", "read before by", "read now by"):
        table.add_column(name, no_wrap=True)
    table.add_column("pages", justify="right")
    for each in differences:
        table.add_row(each.source, each.field, each.before or "-", each.after or "-", str(each.pages))
    return table


def _vitals(vitals: Iterable[LayoutVitals]) -> Table:
    """Each layout with its lengths, and below it the share of articles that have each field: lately, and before."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("source", "layout", "field"):
        table.add_column(name, no_wrap=True)
    for name in ("lately", "before"):
        table.add_column(name, justify="right", no_wrap=True)
    for layout in vitals:
        name = f"{layout.layout}@{','.join(layout.versions)}"
        table.add_row(layout.source, name, "articles", str(layout.recent), str(layout.before))
        for what, (lately, before) in (("paragraphs", layout.paragraphs), ("characters", layout.characters)):
            table.add_row("", "", f"middle number of {what}", str(lately), str(before) if layout.before else "")
        for rate in layout.rates:
            cells = _share(rate.recent, layout.recent), _share(rate.before, layout.before)
            table.add_row("", "", rate.field, *cells, style="yellow" if rate.collapsed else "")
    return table


def _share(number: int, of: int) -> str:
    return f"{100 * number / of:.0f} %" if of else ""


def _words(text: Text, operation: WordOp) -> None:
    if operation.op == "equal":
        words = operation.before.split()
        if len(words) > 2 * _CONTEXT_WORDS:
            words = [*words[:_CONTEXT_WORDS], "…", *words[-_CONTEXT_WORDS:]]
        text.append(" ".join(words) + " ")
        return
    if operation.before:
        text.append(f"[-{operation.before}-] ", style="red strike")
    if operation.after:
        text.append(f"{{+{operation.after}+}} ", style="green")


def _finding_line(finding: Finding) -> Text:
    where = f"{finding.day.isoformat()}  " if finding.day else ""
    repair = f"  → {finding.repair}" if finding.repair else ""
    colour = "red" if finding.severity.value in ("damaged", "unreachable") else "yellow"
    return Text.assemble(
        "  ", (f"{finding.kind:16}", colour), f" {where}{finding.subject}: {finding.reason}", (repair, "dim")
    )
