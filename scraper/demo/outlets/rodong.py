"""The Rodong-like outlet: base64 addresses and the layout of 2025 (docs/sources.md, "Rodong Sinmun", eras).

Hides the token grammar and the markup. An article has one address per list it stands in; its identity is date and
serial. Past the last page of a list the answer is 200 with "unknown address".
"""

from __future__ import annotations

import base64
import binascii
import re
from datetime import datetime
from html import escape
from urllib.parse import urlsplit

from scraper.demo.outlets.answer import NOT_FOUND, Answer, Asked, text_answer
from scraper.demo.script import RODONG, story_fault
from scraper.demo.stories import RODONG_SECTIONS, Story, shown, token

PER_PAGE = 10
_ARTICLE = re.compile(r"12@(\d{4}-\d\d-\d\d-\d{3})@")
_LIST = re.compile(r"(?:2@@2|1@@(\d+))@(\d+)@")
_UNKNOWN_ADDRESS = "<html><head><title>Rodong Sinmun</title></head><body>알수 없는 주소</body></html>"
_MONTHS = ("Jan.", "Feb.", "Mar.", "Apr.", "May", "June", "July", "Aug.", "Sept.", "Oct.", "Nov.", "Dec.")
_MENU = (("Latest", "2@@2"), ("Home News", "1@@15"), ("Social Life", "1@@16"))
_ROBOTS = "User-agent: *\nDisallow: /admin/\n"


def list_path(section: str, page: int) -> str:
    """The address of a list's page: `section` is the token's beginning, such as `2@@2` or `1@@15`."""
    return f"/en/index.php?{token(f'{section}@{page}@')}"


def answer(asked: Asked, every: tuple[Story, ...]) -> Answer | None:
    """What the host answers; None for a page that never existed."""
    if asked.path == "/robots.txt":
        return text_answer(_ROBOTS)
    if asked.path not in ("/en/index.php", "/en/"):
        return None
    plain = decoded(asked.query) if asked.query else "2@@2@1@"
    listed = _LIST.fullmatch(plain)
    if listed:
        return _list(
            asked.now, plain.rpartition("@")[0].rpartition("@")[0], int(listed[2]), _rows(listed, every, asked)
        )
    match = _ARTICLE.match(plain)
    story = next((each for each in every if match and each.id == _id(match[1])), None)
    return _article(asked.now, story) if story is not None else None


def decoded(query: str) -> str:
    """The plain text of a token; empty where it is none. Surplus padding is stripped, as strict decoders demand."""
    bare = query.rstrip("=")
    try:
        return base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _id(serial: str) -> str:
    _year, month, day, number = serial.split("-")
    return f"rodong-{month}{day}-{number}"


def _rows(listed: re.Match[str], every: tuple[Story, ...], asked: Asked) -> list[tuple[Story, str]]:
    numbers = {number: section for section, number in RODONG_SECTIONS.items()}
    rows = shown(every, RODONG, asked.now)
    if listed[1] is None:
        return [(story, story.urls[0]) for story in rows]
    return [(story, story.urls[1]) for story in rows if story.section == numbers.get(listed[1])]


def _list(now: datetime, section: str, page: int, rows: list[tuple[Story, str]]) -> Answer:
    part = rows[(page - 1) * PER_PAGE : page * PER_PAGE]
    if not part and page > 1:
        return Answer(body=_UNKNOWN_ADDRESS.encode())
    pages = max(1, -(-len(rows) // PER_PAGE))
    numbers = "".join(
        f'<li><a href="index.php?{token(f"{section}@{number}@")}">{number}</a></li>' for number in range(1, pages + 1)
    )
    body = (
        f'<div id="PathBar">Rodong Sinmun <span>{len(rows)}건</span></div>\n'
        '<div id="revoList"><div class="date_news_list">\n'
        f'{"".join(_row(story, url, now) for story, url in part)}</div></div>\n<ul class="pagination">{numbers}</ul>'
    )
    modified = max((story.at(now).since for story, _url in rows), default=None)
    return Answer(body=_frame(body).encode(), modified=modified)


def _row(story: Story, url: str, now: datetime) -> str:
    target = f"index.php?{urlsplit(url).query}"
    day = story.day
    return (
        '<div class="row"><div class="col-sm-9"><div class="media"><div class="media-body">'
        f'<a href="{target}">{escape(story.at(now).title)}</a></div></div></div>'
        f'<div class="col-sm-3">{escape(story.byline)}</div>'
        f'<div class="news_date">{day.year}.{day.month}.{day.day}.</div></div>\n'
    )


def _article(now: datetime, story: Story) -> Answer | None:
    if story.gone(now):
        return NOT_FOUND
    if not story.live(now) or story_fault(story.id, "vanished"):
        return None
    version = story.at(now)
    paragraphs = "".join(f'<p class="TextP">{escape(line, quote=False)}</p>' for line in story.printed(now))
    byline = f'<p class="TextP" style="text-align:right;">{escape(story.byline)}</p>' if story.byline else ""
    body = (
        '<div class="article-modal-header row"><div id="article-homepage">Rodong Sinmun</div>'
        f'<div id="article-date">{_dated(story.day)}</div></div>\n'
        '<div id="articleContent" class="article-content"><div class="container" id="ContDIV"><br>'
        f'<p class="TitleP" style="text-align:center;">{escape(version.title)}</p><br>\n'
        f"{paragraphs}{byline}\n<script>$(document).ready(function () {{}});</script></div></div>"
    )
    return Answer(body=_frame(body).encode(), modified=version.since)


def _dated(day: datetime) -> str:
    return f"{_MONTHS[day.month - 1]} {day.day}, {day.year} {day:%A}"


def _frame(body: str) -> str:
    menu = "".join(f'<li><a href="index.php?{token(section + "@1@")}">{name}</a></li>' for name, section in _MENU)
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>Rodong Sinmun</title></head><body>\n'
        f'<ul class="navbar-nav">{menu}</ul>\n{body}\n</body></html>\n'
    )
