"""The KCNA-like outlet: the `list/detail` layout of July 2026 (docs/sources.md, "`list/detail` layout").

Hides the markup, the session that paging needs, and what its robots.txt forbids. No article page states a date: only
the rows of lists do.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from html import escape
from urllib.parse import urlsplit

from scraper.demo.outlets.answer import NOT_FOUND, Answer, Asked, text_answer
from scraper.demo.script import KCNA, STORY_FAULTS, story_fault
from scraper.demo.stories import Story, hexadecimal, shown

PER_PAGE = 15
_HOME_ROWS = 5
SECTIONS = (("Latest News", ""), ("Home News", "home"), ("Social Life", "social"))
_LIST = "/en/article/list/"
_DETAIL = "/en/article/detail/"
_SESSION_SECONDS = 1800
_NO_SESSION = b"<html><body><main></main></body></html>"
_BLOCK_PAGE = """<html>
<head>
<meta http-equiv="Content-Type" content="text/html; charset=euc-kr">
<meta name="kcsc" content="blocking">
<title>접속 차단 안내</title>
</head>
<body><p>이 주소는 시연을 위하여 차단되였습니다.</p></body>
</html>
"""


def section_path(name: str) -> str:
    """The address of a section's list."""
    return _LIST + hexadecimal(f"section {name}")


def answer(asked: Asked, every: tuple[Story, ...]) -> Answer | None:
    """What the host answers; None for a page that never existed."""
    if asked.path == "/robots.txt":
        return text_answer(_robots(every))
    if asked.path == "/en":
        return _with_session(asked, _home(shown(every, KCNA, asked.now), asked.now))
    for name, section in SECTIONS:
        if asked.path == section_path(name):
            rows = [story for story in shown(every, KCNA, asked.now) if section in ("", story.section)]
            return _list(asked, name, rows)
    story = next((each for each in every if each.host == KCNA and urlsplit(each.url).path == asked.path), None)
    return _detail(asked, story) if story is not None else None


def _robots(every: tuple[Story, ...]) -> str:
    hidden = {fault.story for fault in STORY_FAULTS if fault.kind == "denied"}
    lines = [f"Disallow: {urlsplit(story.url).path}" for story in every if story.id in hidden]
    return "\n".join(["User-agent: *", "Crawl-delay: 2", *lines, ""])


def _detail(asked: Asked, story: Story) -> Answer | None:
    if story.gone(asked.now):
        return NOT_FOUND
    if not story.live(asked.now):
        return None
    block = story_fault(story.id, "blocked")
    if block is not None and asked.now < block.since:
        return Answer(body=_BLOCK_PAGE.encode("euc-kr"), content_type="text/html")
    return _with_session(asked, _article(story, asked.now))


def _list(asked: Asked, name: str, rows: list[Story]) -> Answer:
    if asked.method == "POST":
        session = _session(asked)
        if session is None or asked.form.get("_csrf") != _token(session):
            return Answer(body=_NO_SESSION)
        page = asked.form.get("page_num", "")
        return _with_session(asked, _list_page(name, rows, int(page) if page.isdecimal() else 1, asked.now))
    return _with_session(asked, _list_page(name, rows, 1, asked.now))


def _with_session(asked: Asked, html: str) -> Answer:
    session = _session(asked)
    headers: tuple[tuple[str, str], ...] = ()
    if session is None:
        session = f"{int(asked.now.timestamp()):08x}{hexadecimal('session ' + asked.fresh)[:24]}"
        headers = (("Set-Cookie", f"JSESSIONID={session}; Path=/; HttpOnly"),)
    return Answer(body=html.replace("{csrf}", _token(session)).encode(), headers=headers)


def _session(asked: Asked) -> str | None:
    pairs = (pair.strip().partition("=") for pair in asked.headers.get("cookie", "").split(";"))
    session = next((value for name, _equals, value in pairs if name == "JSESSIONID"), "")
    if len(session) != 32 or any(digit not in "0123456789abcdef" for digit in session):
        return None
    age = asked.now.timestamp() - int(session[:8], 16)
    return session if -1 <= age < _SESSION_SECONDS else None


def _token(session: str) -> str:
    return hashlib.sha256(f"csrf {session}".encode()).hexdigest()[:48]


def _home(rows: tuple[Story, ...], now: datetime) -> str:
    newest = "".join(_row(story, now) for story in rows[:_HOME_ROWS])
    return _frame("KCNA", f"<main>\n{newest}</main>")


def _list_page(name: str, rows: list[Story], page: int, now: datetime) -> str:
    pages = max(1, -(-len(rows) // PER_PAGE))
    part = rows[(page - 1) * PER_PAGE : page * PER_PAGE]
    main = "".join(_row(story, now) for story in part)
    script = (
        f"<script>\n  var total = {len(rows)}; var cur_page = {page}; var per_page = {PER_PAGE}; "
        f"var page_cnt = {pages};\n</script>"
    )
    form = (
        f'<form id="article_form" method="POST" action="{section_path(name)}">\n'
        f'  <input type="hidden" name="page_num" value="{page}">\n'
        f'  <input type="hidden" name="cnt_per_page" value="{PER_PAGE}">\n'
        '  <input type="hidden" name="keyword" value="">\n'
        '  <input type="hidden" name="_csrf" value="{csrf}">\n</form>'
    )
    return _frame(f"KCNA | {name}", f"<main>\n{main}</main>\n{form}", script)


def _row(story: Story, now: datetime) -> str:
    day = story.day
    # The outlet's own rows pad the title so.
    return (
        '  <div class="article">\n    <h5 class="block">\n'
        f'      <a href="{urlsplit(story.url).path}">  {escape(story.at(now).title)} </a>\n'
        f"      <span><nobr>[{day.year}.{day.month}.{day.day}.]</nobr></span>\n    </h5>\n  </div>\n"
    )


def _article(story: Story, now: datetime) -> str:
    title = escape(story.at(now).title)
    body = "\n".join(f"<p>{escape(line, quote=False)}</p>" for line in story.printed(now))
    main = (
        '<main>\n<article>\n<div class="container">\n'
        f'<h1 class="text-center text-danger">{title}</h1>\n<h1 class="text-center text-danger"></h1>\n'
        f"{body}\n</div>\n</article>\n</main>"
    )
    return _frame(f"KCNA | {title}", main)


def _frame(title: str, main: str, script: str = "") -> str:
    menu = "".join(f"<li><nobr><a href='{section_path(name)}'>{name}</a></nobr></li>" for name, _section in SECTIONS)
    return (
        f'<html><head>\n<title>{title}</title>\n<meta http-equiv="Content-Type" content="text/html; charset=utf-8"/>\n'
        f'{script}\n</head><body>\n<div class="menu-block"><ul class="nav-menu">{menu}</ul></div>\n{main}\n</body></html>\n'
    )
