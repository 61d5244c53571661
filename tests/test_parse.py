"""Decoding, the strict questions to a document, and which layout reads a page."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from time import process_time
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scraper.errors import LayoutChanged, NotAnArticle, ParseError
from scraper.model import Page
from scraper.parse import GENERIC, LAYOUTS, PARSERS, dom, parse
from scraper.parse.decode import codec_of, decode
from scraper.parse.sites import rodong_tokens

SITES = Path(__file__).parent / "sites"


def page(body: bytes, content_type: str = "text/html", url: str = "http://www.kcna.kp/en") -> Page:
    """An answer with this body."""
    return Page(
        method="GET",
        url=url,
        status=200,
        headers=(("content-TYPE", content_type),),
        fetched_at=datetime(2026, 9, 9, tzinfo=UTC),
        body=body,
    )


META = '<html><head><!-- <meta charset="koi8-r"> --><meta http-equiv="Content-Type" content="text/html; charset={}">'


@pytest.mark.parametrize(
    ("body", "content_type", "expected"),
    [
        (META.format("gb2312").encode() + "朱镕基".encode("gb18030"), "text/html", "朱镕基"),
        (META.format("euc-kr").encode() + "똠방".encode("cp949"), "text/html", "똠방"),
        (META.format("utf-8").encode() + "도서관".encode(), "text/html", "도서관"),
        (b'<meta charset="Shift_JIS">' + "図書館".encode("cp932"), "text/html", "図書館"),
        (b"<?xml version='1.0' encoding=\"EUC-KR\"?><a>" + "도".encode("cp949"), "text/xml", "도"),
        ("도서관".encode("cp949"), 'text/html; Charset="KS_C_5601-1987"', "도서관"),
        (META.format("gb2312").encode() + "도서관".encode(), "text/html; charset=utf-8", "도서관"),
        (b"\xef\xbb\xbf" + "도서관".encode(), "text/html; charset=euc-kr", "도서관"),
        (b"\xff\xfe" + "도서관".encode("utf-16-le"), "text/html", "도서관"),
        (b"\x93Quiet\x94", "text/html; charset=iso-8859-1", "“Quiet”"),
        ("도서관".encode(), "text/html; charset=unheard-of", "도서관"),
        (META.format("utf-16").encode() + "도서관".encode(), "text/html", "도서관"),
        (b"a\xff", "text/html", "a\ufffd"),
    ],
)
def test_decode(body: bytes, content_type: str, expected: str) -> None:
    """Byte order mark, header, XML declaration and meta decide in this order; labels mean what browsers take them for."""
    assert decode(page(body, content_type)).endswith(expected)


def test_meta_after_a_long_script_is_found() -> None:
    """Archived copies put a script before the declaration: more than the standard's 1,024 bytes are searched."""
    body = b"<head><script>" + b"x" * 5000 + b'</script><meta charset="gb2312">' + "日".encode("gb18030")
    assert decode(page(body)).endswith("日")


@given(st.binary(max_size=200), st.text(max_size=40))
def test_decode_never_raises(body: bytes, content_type: str) -> None:
    """Whatever the bytes and the header are, there is a text."""
    assert isinstance(decode(page(body, f"text/html; charset={content_type}")), str)


_SIGNS = st.sampled_from([b"<p>", b"\n", b"\r\n", b"0", b"A", b"\x81", b"\x8f", b"\xa1", b"\xb0\xa1", b"\xfe", b"\xff"])


@given(st.lists(_SIGNS, max_size=12).map(b"".join), st.sampled_from(["gbk", "big5", "euc-kr", "shift_jis", "euc-jp"]))
def test_lines_are_decoded_as_the_whole_is(body: bytes, label: str) -> None:
    """Reading a legacy encoding by lines changes nothing, also where a line ends in the middle of a sign."""
    # Not at the start, where two of these would be a byte order mark.
    html = b"<p>" + body
    assert decode(page(html, f"text/html; charset={label}")) == html.decode(codec_of(label) or "", errors="replace")


def test_labels_are_the_browsers() -> None:
    """Labels are matched without regard to case and space; Python's own codec names are no labels."""
    assert codec_of(" GB2312 ") == codec_of("x-gbk") == "gb18030"
    assert codec_of("rot13") is None


DOCUMENT = dom.document(
    "<div id=a class=row> <p>At <nobr>Ann <span>Example</span></nobr>'s<br>two\u3000&nbsp;x<script>no()</script></p>"
    "<p class=x>１４<sup>th</sup> “q”<!-- no --></p><div class=row><a href=' /x y '>l</a><a>m</a></div></div>",
)


def test_text_joins_inline_elements_as_they_stand() -> None:
    """No space is put in or lost at an inline element; line breaks are spaces; quotes and wide digits stay."""
    first, second = dom.every(DOCUMENT, "p")
    assert dom.text(first) == "At Ann Example's two x"
    assert dom.lines(first) == ("At Ann Example's", "two x")
    assert dom.text(second) == "１４th “q”"
    assert dom.text(dom.one(DOCUMENT, "#a"), without=("p", "a[href]")) == "m"


@given(
    st.recursive(
        st.text(alphabet="ab \n\u3000\xa0&<>\"'", max_size=6).map(
            lambda raw: raw.replace("&", "&amp;").replace("<", "&lt;")
        ),
        lambda inner: st.tuples(
            st.sampled_from(["b", "nobr", "br", "p", "script", "span"]), st.lists(inner, max_size=3)
        ).map(
            lambda pair: f"<{pair[0]}>{''.join(pair[1])}</{pair[0]}>",
        ),
        max_leaves=8,
    ),
)
def test_the_fast_way_to_text_is_the_slow_one(html: str) -> None:
    """Lexbor's own joining, used where nothing forbids it, gives what the walk over the nodes gives."""
    body = dom.one(dom.document(f"<body>{html}</body>"), "body")
    assert dom.text(body) == dom.text(body, without=("no-such-element",))
    assert dom.text(body) == " ".join(dom.lines(body))


def test_a_page_that_only_nests_is_refused_before_its_tree() -> None:
    """100,000 boxes in each other take Lexbor more than a minute; as many beside each other are a page like any other."""
    began = process_time()
    with pytest.raises(LayoutChanged, match="100000 deep"):
        dom.document("<DIV class=x>" * 100_000)
    assert process_time() - began < 10
    assert len(dom.every(dom.document("<div>a</div>" * 30_000), "div")) == 30_000


def test_deep_nesting_is_read() -> None:
    """A page nested deeper than Python's recursion limit is read like any other."""
    body = dom.one(dom.document("<div>" * 5000 + "deep" + "</div>" * 5000), "body")
    assert dom.text(body, without=("script",)) == "deep"


def test_one_wants_exactly_one() -> None:
    """None and several are alarms that name the selector and the count."""
    with pytest.raises(LayoutChanged, match=r"one 'p', found 2"):
        dom.one(DOCUMENT, "p")
    with pytest.raises(LayoutChanged, match=r"one 'h9', found 0"):
        dom.one(DOCUMENT, "h9")
    assert dom.one(DOCUMENT, "p.x").tag == "p"


def test_maybe_some_every() -> None:
    """`maybe` takes none or one, `some` at least one, `every` any number."""
    assert dom.maybe(DOCUMENT, "h9") is None
    assert dom.maybe(DOCUMENT, "p.x") is not None
    with pytest.raises(LayoutChanged, match="at most one 'p', found 2"):
        dom.maybe(DOCUMENT, "p")
    with pytest.raises(LayoutChanged, match="at least one 'h9'"):
        dom.some(DOCUMENT, "h9")
    assert len(dom.some(DOCUMENT, "p")) == 2
    assert dom.every(DOCUMENT, "h9") == ()


def test_a_node_is_not_its_own_descendant() -> None:
    """Lexbor matches the node it is asked about; these helpers do not."""
    assert len(dom.every(dom.one(DOCUMENT, "#a"), ".row")) == 1


def test_links_and_attributes() -> None:
    """Addresses come out absolute and canonical; missing ones and other schemes are alarms."""
    good, bad = dom.every(DOCUMENT, "a")
    assert dom.link(good, "http://kcna.kp/en/z") == "http://kcna.kp/x%20y"
    with pytest.raises(LayoutChanged, match="<a> has no 'href'"):
        dom.attribute(bad, "href")
    script = dom.one(dom.document("<a href='javascript:go()'>x</a>"), "a")
    with pytest.raises(LayoutChanged, match="no address"):
        dom.link(script, "http://kcna.kp/en/z")


def test_distinct_keeps_the_first() -> None:
    """Of nodes with the same address the first stays, and one without any is left out."""
    tree = dom.document("<a href=/1>a</a><a href=/2>b</a><a href=/1>c</a><a>d</a>")
    assert [dom.text(a) for a in dom.distinct(dom.every(tree, "a"))] == ["a", "b"]


def test_unknown_parser_is_named() -> None:
    """A parser nobody has written is a mistake of the caller's, and the message says which there are."""
    with pytest.raises(ValueError, match=r"'pravda'.*rodong"):
        parse(page(b""), source="x", parser="pravda")


def test_other_addresses_are_not_articles() -> None:
    """An address no layout is for is nothing to be alarmed about."""
    with pytest.raises(NotAnArticle, match=r"no layout of kcna is for http://www\.kcna\.kp/robots\.txt"):
        parse(page(b"User-agent: *", url="http://www.kcna.kp/robots.txt"), source="kcna", parser="kcna")


def test_an_unknown_template_is_an_alarm() -> None:
    """A known address with an unknown template names the address and the layouts that were tried."""
    url = "http://www.rodong.rep.kp/en/index.php?MTJAMjAyNi0wMi0xOS0wMDNAMUAxQEAwQDhA"
    with pytest.raises(LayoutChanged, match=r"MTJA.*fits none of rodong/2025-article@2, rodong/2022-article@2"):
        parse(page(b"<html><main>new</main></html>", url=url), source="rodong", parser="rodong")


def test_the_source_is_not_the_parser() -> None:
    """Articles are filed under the source that was named, whatever parser it uses."""
    body = (SITES / "rodong/2025-article/page.html").read_bytes()
    url = "http://www.rodong.rep.kp/en/index.php?MTJAMjAyNi0wMi0xOS0wMDNAMUAxQEAwQDhA"
    (article,) = parse(page(body, url=url), source="replica", parser="rodong").articles
    assert (article.source, article.outlet, article.parser) == ("replica", "Rodong Sinmun", "rodong/2025-article@2")


def test_parsing_twice_gives_the_same() -> None:
    """Nothing is remembered from one page to the next."""
    body = (SITES / "kcna/q-home/page.html").read_bytes()
    first = parse(page(body), source="kcna", parser="kcna")
    assert (
        parse(replace(page(body), fetched_at=datetime(2030, 1, 1, tzinfo=UTC)), source="kcna", parser="kcna") == first
    )


def test_layout_names_are_unique() -> None:
    """Name and version name one layout, and the name starts with its parser's."""
    ids = [(name, layout.id) for name, layouts in LAYOUTS.items() for layout in layouts]
    assert len({layout for _, layout in ids}) == len(ids)
    assert all(layout.startswith(f"{name}/") for name, layout in ids)
    assert {*LAYOUTS, GENERIC} == PARSERS


FOLDERS = sorted(path.parent for path in SITES.glob("*/*/capture.json"))
DAMAGE = (b"", b"<div>", b"\x00", b"</p>", b"-1", b"<!--", b"' \"")


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_damaged_pages_raise_nothing_but_parse_errors(data: st.DataObject) -> None:
    """A page cut short, spliced or read under another address is read or refused, never a crash."""
    folder = data.draw(st.sampled_from(FOLDERS))
    other = data.draw(st.sampled_from([other for other in FOLDERS if other.parent == folder.parent]))
    (file,) = folder.glob("page.*")
    body = file.read_bytes()
    start, end = sorted(data.draw(st.tuples(st.integers(0, len(body)), st.integers(0, len(body)))))
    damaged = body[:start] + data.draw(st.sampled_from(DAMAGE)) + body[end:]
    url = json.loads((other / "capture.json").read_text())["url"]
    with suppress(ParseError):
        parse(page(damaged, url=url), source="x", parser=folder.parent.name)


@given(st.text())
def test_tokens_round_trip(text: str) -> None:
    """A token survives encoding, in every spelling: too much padding or none, URL-safe, percent-encoded, `+` made a space."""
    query = rodong_tokens.query(text)
    spelled = query.translate(str.maketrans("+/", "-_"))
    assert rodong_tokens.token(spelled) == rodong_tokens.token(quote(query, safe="")) == text
    assert rodong_tokens.token(query.replace("+", " ").strip("=")) == text
    assert (
        rodong_tokens.token(query)
        == rodong_tokens.token(f"{query}==")
        == rodong_tokens.token(query.rstrip("="))
        == text
    )


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("http://r.kp/en/index.php?MTJAMjAyNi0wMi0xOS0wMDNAMUAxQEAwQDhA==", "2026-02-19-003"),
        ("http://r.kp/en/index.php?MTJAMjAyNC0wOC0wMS1IMDAzQDE1QDFAQDBAMQ%3D%3D", "2024-08-01-H003"),
        ("http://r.kp/en/index.php?OEAyMDI2LTAyLTE5LTAwM0AxOUBA7Iuc7ZeYQDM===", "2026-02-19-003"),
        ("http://r.kp/en/index.php?strPageID=SF01_02_01&newsID=2022-03-10-0002", "2022-03-10-0002"),
        ("http://r.kp/en/index.php?strPageID=SF01_02_01&newsID=2022-03-10", None),
        ("http://r.kp/en/index.php?mtjamjaync0wOC0wMS1IMDAzQDE1QDFAQDBAMQ", None),
        ("http://r.kp/en/index.php?MUBAMTVAMUA=", None),
        ("http://r.kp/en/index.php?%FF", None),
        ("http://r.kp/en/index.php?strPageID=SF01_02_01&amp;newsID=2022-03-10-0002", "2022-03-10-0002"),
        ("http://r.kp/en/index.php?MTJAMjAyNi0wMi0xOS0wMDNAMUAxQEAwQDhA&from=list", "2026-02-19-003"),
        (f"http://r.kp/en/index.php?{rodong_tokens.query('10@2026-02-19-003@@@@@@@21')}", None),
        (f"http://r.kp/en/index.php?{rodong_tokens.query('2@@@@p@0@2026/02/19/1/2026-02-19-003/1.jpg')}", None),
        (f"http://r.kp/en/index.php?{rodong_tokens.query('12@2026-02-19-0003456@1@1@@0@8@')}", None),
    ],
)
def test_article_keys(url: str, key: str | None) -> None:
    """Date and serial are read from either scheme, padding right or wrong, and from nothing else; case matters."""
    assert rodong_tokens.article_key(url) == key
