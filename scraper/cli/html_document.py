"""One self-contained HTML file: style and script inside, nothing fetched.

Hides the document around a page, and the colours of light and dark screens.
"""

from __future__ import annotations

from html import escape

_STYLE = """
:root { color-scheme: light dark; --text: #1d2129; --soft: #667; --line: #d5d8df; --page: #fff; --box: #f4f5f8;
  --good: #2c7a4b; --some: #b07d12; --bad: #b3261e; --link: #1a4fa0; --added: #d5f0de; --removed: #fadad7; }
@media (prefers-color-scheme: dark) { :root { --text: #e4e6eb; --soft: #9aa0ac; --line: #3a3f4a; --page: #16181d;
  --box: #1f2229; --good: #4caf7a; --some: #d9a53a; --bad: #ef6f66; --link: #8ab4f8; --added: #1e4a30; --removed: #5a2522; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 72rem; padding: 1.5rem; background: var(--page); color: var(--text);
  font: 15px/1.45 system-ui, sans-serif; }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
p { margin: .25rem 0; } .soft { color: var(--soft); } a { color: var(--link); overflow-wrap: anywhere; }
code { font: 13px/1.4 ui-monospace, monospace; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; } th { text-align: left; font-weight: 600; }
th, td { padding: .3rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; }
td.figure, th.figure { text-align: right; font-variant-numeric: tabular-nums; }
"""


def document(title: str, body: str, *, style: str = "", script: str = "") -> str:
    """A whole page around `body`; `title` is text, the rest is HTML, CSS and JavaScript of our own."""
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        # What an archive shows was written by others: nothing of it may run, and nothing is fetched.
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
        "script-src 'unsafe-inline'\">\n"
        f"<title>{escape(title)}</title>\n<style>{_STYLE}{style}</style>\n</head>\n<body>\n{body}\n"
        f"{f'<script>{script}</script>' if script else ''}\n</body>\n</html>\n"
    )
