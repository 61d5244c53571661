"""One change as one HTML file: both versions side by side, their words marked, and the captures that show them.

Hides the layout. Shows what the change holds, and decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from scraper.cli.html_document import document
from scraper.jobs.look import Side
from scraper.model import Article, Change
from scraper.policy.beside import Row, Runs, rows
from scraper.policy.fields import FIELDS

_STYLE = """
.sides { table-layout: fixed; } .sides th, .sides td { width: 50%; border-bottom: 0; }
.sides td { overflow-wrap: anywhere; padding: .35rem .8rem; } .sides tr.title td { font-weight: 600; font-size: 1.1rem; }
.sides th { background: var(--box); border-bottom: 1px solid var(--line); font-weight: 400; vertical-align: top; }
.sides th b { display: block; } td.none { background: repeating-linear-gradient(45deg, var(--box) 0 6px, transparent 6px 12px); }
del { background: var(--removed); text-decoration: line-through; } ins { background: var(--added); text-decoration: none; }
del, ins { border-radius: 3px; padding: 0 .15em; box-decoration-break: clone; -webkit-box-decoration-break: clone; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem .8rem; margin: .3rem 0 0; }
dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
@media (max-width: 45rem) { body { padding: .8rem; } .sides td { padding: .3rem; } dl { grid-template-columns: 1fr; } }
@media print { del { outline: 1px solid; } ins { outline: 1px dashed; } }
"""


def page(change: Change, before: Side, after: Side) -> str:
    """The change as a whole HTML document; equal changes give equal pages."""
    shown = rows(before.article, after.article, change.operations)
    table = "\n".join(_row(row, first=number == 0) for number, row in enumerate(shown))
    parts = (
        _head(change),
        f'<table class="sides"><thead><tr>{_capture("Before", before)}{_capture("After", after)}</tr></thead>',
        f"<tbody>{table}</tbody></table>",
        _others(change, before.article, after.article),
    )
    return document(f"{change.kind.value}: {change.title}", "\n".join(part for part in parts if part), style=_STYLE)


def _head(change: Change) -> str:
    size = f"{change.words_removed} words removed, {change.words_added} added" if change.operations else "no words"
    fields = f" · {', '.join(change.fields)}" if change.fields else ""
    return (
        f"<h1>{escape(change.title)}</h1>\n"
        f'<p class="soft">{escape(change.source)} · {escape(change.kind.value)} · {size}{escape(fields)} · change {change.id}</p>\n'
        f'<p>{_link(change.url)} <span class="soft">·</span> <del>removed</del> <ins>added</ins></p>'
    )


def _capture(name: str, side: Side) -> str:
    capture, article = side.capture, side.article
    entries = (
        ("address", _link(capture.url)),
        ("bytes", f"<code>sha256:{escape(article.snapshot_sha256)}</code>"),
        ("record", f"<code>{escape(capture.record)}</code>"),
        ("read by", f"<code>{escape(article.parser)}</code>"),
        ("published", escape(article.published or "not stated")),
    )
    listed = "".join(f"<dt>{label}</dt><dd>{value}</dd>" for label, value in entries)
    return f"<th><b>{name}: seen {capture.observed_at:%Y-%m-%d %H:%M:%S} UTC</b><dl>{listed}</dl></th>"


def _row(row: Row, *, first: bool) -> str:
    cells = _cell(row.before, "del") + _cell(row.after, "ins")
    return f'<tr class="title">{cells}</tr>' if first else f"<tr>{cells}</tr>"


def _cell(runs: Runs | None, tag: str) -> str:
    if runs is None:
        return '<td class="none"></td>'
    text = " ".join(f"<{tag}>{escape(words)}</{tag}>" if marked else escape(words) for words, marked in runs)
    return f"<td>{text}</td>"


def _others(change: Change, before: Article, after: Article) -> str:
    """The changed fields beside title and text, as they were and are."""
    names = [name for name in change.fields if name in FIELDS and name not in ("title", "text")]
    if not names:
        return ""
    found = "".join(
        f"<tr><th>{escape(name)}</th>{_values(FIELDS[name](before))}{_values(FIELDS[name](after))}</tr>"
        for name in names
    )
    return f"<h2>Other fields</h2>\n<table><thead><tr><th></th><th>before</th><th>after</th></tr></thead><tbody>{found}</tbody></table>"


def _values(values: Iterable[str]) -> str:
    return f"<td>{'<br>'.join(escape(value) for value in values if value)}</td>"


def _link(url: str) -> str:
    """An address; one that is not a web address is shown and cannot be followed."""
    shown = escape(url, quote=True)
    return f'<a href="{shown}" rel="noreferrer">{shown}</a>' if url.startswith(("http://", "https://")) else shown
