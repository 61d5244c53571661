"""An outlet that gives lists and articles by POST only, with its language in the session.

It behaves as KCNA's scripts' server did from 2013 to 2018 (docs/sources.md, "XML answers"): the first POST of a stranger is
sent back to where it came from with a cookie, a list without a chosen language is empty, and so is one past its end.
"""

from __future__ import annotations

from urllib.parse import parse_qsl

from tests.web_server import Answer, Asked, page, status

HOME = "/kcna.user.home.retrieveHomeInfoList.kcmsf"
LIST = "/kcna.user.article.retrieveArticleListForPage.kcmsf"
ARTICLE = "/kcna.user.article.retrieveArticleInfoFromArticleCode.kcmsf"
CODES = [f"AR{number:07d}" for number in range(100, 124)]
"""Newest first, one a day back from 31 July 2017."""


class Ajax:
    """The outlet's server: what it was asked is in `forms`; `text` is what its articles say today."""

    def __init__(self) -> None:
        self.forms: list[tuple[str, dict[str, str]]] = []
        self.text = "Pyongyang, July 5 (KCNA) -- The plant opened.<br>It works.-0-"
        self._language: str | None = None

    def answer(self, asked: Asked) -> Answer:
        """What a request is answered with."""
        if asked.method != "POST":
            return page(b"<html><body>only scripts may ask</body></html>")
        if "JSESSIONID=7" not in (asked.header("cookie") or ""):
            return status(307, ("Location", asked.target), ("Set-Cookie", "JSESSIONID=7; Path=/"), body=b"")
        form = dict(parse_qsl(asked.body.decode(), keep_blank_values=True))
        self.forms.append((asked.target, form))
        if asked.target == HOME:
            self._language = form["lang"]
            return _xml("<NData><articleCode><![CDATA[AR0000100]]></articleCode></NData>")
        if self._language is None:
            return _xml("<NMultiData/>")
        return self._list(form) if asked.target == LIST else self._article(form["article_code"])

    def _list(self, form: dict[str, str]) -> Answer:
        rows = [
            (code, f"2017-07-{31 - at:02d}")
            for at, code in enumerate(CODES)
            if (form["fromDate"] or "0") <= f"2017.07.{31 - at:02d}" <= (form["toDate"] or "9")
        ][int(form["page_start"]) :][:10]
        columns = [("articleCode", 0), ("dispTitle", 0), ("sendInfo", 1)]
        inner = "".join(f"<{name}><![CDATA[{row[at]}]]></{name}>" for name, at in columns for row in rows)
        return _xml(f"<NMultiData>{inner}</NMultiData>")

    def _article(self, code: str) -> Answer:
        if code not in CODES:
            return _xml("<NData/>")
        day = f"2017.07.{31 - CODES.index(code):02d}"
        fields = (
            ("articleCreateDate", day),
            ("articleCode", code),
            ("dispTitle", f"Item {code}"),
            ("content", self.text),
        )
        return _xml("<NData>" + "".join(f"<{name}><![CDATA[{value}]]></{name}>" for name, value in fields) + "</NData>")


def _xml(inner: str) -> Answer:
    return page(f'<?xml version="1.0" encoding="UTF-8"?>\n<xsync>\n{inner}\n</xsync>'.encode())
