"""The paper's pages: Rodong Sinmun's `strPageID` template (docs/sources.md), in Korean.

Hides the markup. Every page names the day of the visit in a script, as the real ones do.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from html import escape

from benchmarks.history.stories import HOSTS, PAPER, ZONES, Story, Wording, target

LATEST = "/ko/index.php?strPageID=SF01_01_02&iMenuID=1"
DAY = "/ko/index.php?strPageID=SF01_01_03&strDate="
UNKNOWN = "<html><body><div>알수 없는 주소</div></body></html>"
_WEEK = "월화수목금토일"
_ROWS = 20


def article(wording: Wording, now: datetime, charset: str) -> str:
    """The page of an article."""
    dated = wording.dated.astimezone(ZONES[PAPER])
    lines = "".join(
        f'<p class="ArticleContent" style="text-align:justify;text-justify:inter-ideograph">{escape(line)}</p>'
        for line in wording.paragraphs
    )
    return _frame(
        '<div class="ArticleHeaderContainer"><div class="ArticleMenuContainer"><div class="ArticleMenuDate">'
        f"주체{dated.year - 1911}({dated.year})년 {dated.month}월 {dated.day}일 {_WEEK[dated.weekday()]}요일</div></div></div>\n"
        '<table width="900" align="center"><tr><td valign="top"><p class="ArticleContent" align="center">'
        f'<font style="color:#000080;font-weight:bold;font-size:18px;">{escape(wording.title)}</font></p>'
        f'<p class="ArticleContent" style="text-align: center;"><img src="{wording.image}" alt=""></p>{lines}'
        f'<p class="ArticleContent" align="right">{escape(wording.byline)}</p></td></tr></table>',
        now,
        charset,
    )


def latest(rows: Iterable[Story], now: datetime, charset: str, most: int = _ROWS) -> str:
    """The list of the newest."""
    return _list([row for row in rows if not row.old][:most], now, charset)


def of_day(rows: Iterable[Story], day: str, now: datetime, charset: str) -> str:
    """The index of one day."""
    return _list([row for row in rows if row.name.startswith(day)], now, charset)


def _list(rows: Iterable[Story], now: datetime, charset: str) -> str:
    shown = "".join(
        f'<div class="ListNewsLineContainer"><div class="ListNewsLineNo">{number}.</div><div class="ListNewsLineTitleW">'
        f"<a href=\"javascript:article_open('{address}')\">{escape(row.at(now).title)}</a></div>"
        f'<div class="ListNewsLineWriter">{escape(row.at(now).byline)}</div>'
        f'<div class="ListNewsLineDate">{row.name[:10].replace("-", ".")}</div></div>\n'
        for number, row in enumerate(rows, start=1)
        for address in row.addresses(now)
    )
    return _frame(f'<div class="ListNewsContainer">{shown}</div>', now, charset)


def address(name: str) -> str:
    """The address of the article with a number."""
    return f"http://{HOSTS[PAPER]}{target(PAPER, name)}"


def _frame(body: str, now: datetime, charset: str) -> str:
    return (
        f'<html>\n<head>\n<meta http-equiv="Content-Type" content="text/html; charset={charset}">\n<title>신문</title>\n'
        f'<script>function doOnLoad() {{ myCalendar.setDate("{now.astimezone(ZONES[PAPER]):%Y-%m-%d}"); }}</script>\n'
        f'</head>\n<body onload="doOnLoad();"><center>\n{body}\n</center></body>\n</html>\n'
    )
