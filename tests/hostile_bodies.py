"""Rows of the hostile-server suite: what a body is."""

from __future__ import annotations

from scraper.model import Role, Verdict
from tests.hostile_server import ARTICLE, Row, body, raw
from tests.web_server import page

BODIES = (
    Row(name="length-zero", does="200 with a length of 0", answer=page(b""), verdict=Verdict.EMPTY),
    Row(name="blanks-only", does="200 with nothing but blanks", answer=page(b" \r\n\t" * 99), verdict=Verdict.EMPTY),
    Row(
        name="type-image",
        does="a page that says it is a picture",
        answer=raw(b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n", ARTICLE),
    ),
    Row(name="type-missing", does="no Content-Type", answer=raw(b"HTTP/1.1 200 OK\r\n\r\n", ARTICLE)),
    Row(
        name="type-nonsense",
        does="a Content-Type that is none",
        answer=raw(b"HTTP/1.1 200 OK\r\nContent-Type: ;;=/\r\n\r\n", ARTICLE),
    ),
    Row(
        name="pdf-as-page",
        does="a PDF that says it is a page",
        answer=page(b"%PDF-1.7\n" + bytes(99)),
        verdict=Verdict.NOT_HTML,
    ),
    Row(
        name="picture-as-page",
        does="a picture that says it is a page",
        answer=page(b"\x89PNG\r\n\x1a\n" + bytes(99)),
        verdict=Verdict.NOT_HTML,
    ),
    Row(
        name="json-as-page",
        does="JSON that says it is a page",
        answer=page(b'{"error": "x"}'),
        verdict=Verdict.NOT_HTML,
    ),
    Row(name="nul-bytes", does="NUL bytes all over a page", answer=page(ARTICLE.replace(b"<h1>", b"\x00<h1>\x00"))),
    Row(
        name="charset-lies",
        does="says UTF-16, is UTF-8",
        answer=body(("Content-Type", "text/html; charset=utf-16"), ("Content-Length", str(len(ARTICLE)))),
    ),
    Row(
        name="charset-unknown",
        does="a charset nobody knows, invalid UTF-8",
        answer=page(ARTICLE.replace(b"<h1>", b'<meta charset="rot13"><h1>\xff\xfe\xc3')),
    ),
    Row(name="bom-utf-8", does="three byte order marks", answer=page(b"\xef\xbb\xbf" * 3 + ARTICLE)),
    Row(
        name="tags-deep",
        does="50,000 tags inside each other",
        answer=page(ARTICLE.replace(b"<h1>", b"<div>" * 50_000 + b"<h1>")),
    ),
    Row(
        name="attributes-many",
        does="an element with 50,000 attributes",
        answer=page(ARTICLE.replace(b"<h1>", b"<i " + b" ".join(b"a%d=b" % n for n in range(50_000)) + b"><h1>")),
    ),
    Row(
        name="tag-open",
        does="300,000 tags that never close",
        answer=page(ARTICLE.replace(b"</body></html>", b"<" * 300_000)),
    ),
    Row(name="comments-open", does="50,000 comments that never close", answer=page(ARTICLE + b"<!--" * 50_000)),
    Row(
        name="scripts-open",
        does="20,000 scripts that never close, before the text",
        answer=page(ARTICLE + b"<script " * 20_000),
    ),
    Row(
        name="empty-xsync",
        does="an XML list with nothing in it",
        answer=page(b"<?xml version='1.0'?><xsync><nmultidata/></xsync>"),
        role=Role.LISTING,
        verdict=Verdict.EMPTY,
    ),
    Row(
        name="empty-main",
        does="KCNA's list without a session",
        answer=page(b"<html><body><a href='/en'>KCNA</a><main class='c'>\n</main></body></html>"),
        role=Role.LISTING,
        verdict=Verdict.EMPTY,
    ),
    Row(
        name="soft-404",
        does="200 with 'unknown address' in Korean",
        answer=page("<html><body><div>알수 없는 주소</div></body></html>".encode()),
        verdict=Verdict.SOFT_GONE,
    ),
    Row(
        name="soft-404-xml",
        does="200 with an XML article that holds nothing",
        answer=page(b"<?xml version='1.0'?><xsync><ndata/></xsync>"),
        verdict=Verdict.SOFT_GONE,
    ),
    Row(
        name="xml-entities",
        does="XML whose entities multiply (billion laughs)",
        answer=page(
            b"<?xml version='1.0'?><!DOCTYPE r [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;&a;'><!ENTITY c '&b;&b;&b;&b;'>]><xsync><nmultidata><ndata>&c;&c;</ndata></nmultidata></xsync>"
        ),
        role=Role.LISTING,
        verdict=Verdict.LISTING,
    ),
    Row(
        name="xml-outside",
        does="XML that names a file of this machine",
        answer=page(
            b"<?xml version='1.0'?><!DOCTYPE r [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><xsync><nmultidata><ndata>&a;</ndata></nmultidata></xsync>"
        ),
        role=Role.LISTING,
        verdict=Verdict.LISTING,
    ),
)
