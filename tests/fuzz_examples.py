"""What the fuzz tests of fetching are made of: fragments that parsers are known to stumble over, and noise."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.hostile_server import ARTICLE
from tests.web_server import CLOSE, RESET, Wait

IN_SCOPE = "127.0.0.1"
EVIL = "evil.example"

HEADS = st.sampled_from(
    [
        b"HTTP/1.1 200 OK",
        b"HTTP/1.1 302 Found",
        b"HTTP/1.0 200",
        b"HTTP/1.1 100 Continue",
        b"HTTP/1.1 304 -",
        b"HTTP/1.1 429 -",
        b"HTTP/1.1 503 -",
        b"HTTP/9.9 200 OK",
        b"HTTP/1.1 000 OK",
        b"HTTP/1.1 999 OK",
    ]
)
NAMES = st.sampled_from(
    [
        b"Content-Length",
        b"Transfer-Encoding",
        b"Content-Encoding",
        b"Location",
        b"Content-Type",
        b"Retry-After",
        b"Set-Cookie",
        b"Connection",
        b"Refresh",
        b"ETag",
        b"X",
    ]
)
VALUES = st.one_of(
    st.sampled_from(
        [
            b"0",
            b"5",
            b"-1",
            b"5, 5",
            b"99999999999999999999999",
            b"chunked",
            b"identity",
            b"gzip",
            b"br, zstd",
            b"deflate",
            b"/a",
            b"//evil.example/",
            b"http://[",
            b"close",
            b"keep-alive",
            b"text/html; charset=utf-7",
            b"a=b; domain=.example",
            b"Sat, 99 Foo 99999",
            b'W/"x"',
        ]
    ),
    st.binary(max_size=24),
)
ENDS = st.sampled_from([b"\r\n", b"\r\n", b"\r\n", b"\n", b"\r", b"\r\n "])
BODIES = st.one_of(
    st.just(ARTICLE),
    st.binary(max_size=80),
    st.sampled_from([b"", b"5\r\nhello\r\n0\r\n\r\n", b"5\r\nhel", b"\x1f\x8b\x08\x00", b"\x28\xb5\x2f\xfd\x00"]),
)
LAST = st.sampled_from([CLOSE, CLOSE, CLOSE, RESET, Wait(0.02)])
FIELDS = st.lists(st.tuples(NAMES, VALUES, ENDS).map(lambda three: three[0] + b": " + three[1] + three[2]), max_size=5)
ANSWERS = st.one_of(
    st.tuples(HEADS, ENDS, FIELDS.map(b"".join), ENDS, BODIES, LAST).map(lambda six: (b"".join(six[:5]), six[5])),
    st.tuples(st.binary(min_size=1, max_size=200), LAST),
)

LINES = st.one_of(
    st.builds(
        lambda name, value: name + b":" + value,
        st.sampled_from(
            [
                b"User-agent",
                b"Disallow",
                b"Allow",
                b"Crawl-delay",
                b"Sitemap",
                b"Request-rate",
                b"Visit-time",
                b"user-AGENT ",
                b"\xef\xbb\xbfUser-agent",
            ]
        ),
        st.one_of(
            st.sampled_from(
                [
                    b" *",
                    b" scraper",
                    b" /",
                    b" /a$",
                    b" /*",
                    b" %",
                    b" /%zz%00",
                    b" 1e999",
                    b" nan",
                    b" -5",
                    b" 1/0",
                    b" " + b"*a" * 60,
                ]
            ),
            st.binary(max_size=20),
        ),
    ),
    st.binary(max_size=40),
)
ROBOTS = st.tuples(st.lists(LINES, max_size=12), st.sampled_from([b"\n", b"\r\n", b"\r", b"\x00"])).map(
    lambda pair: pair[1].join(pair[0])
)

PIECES = st.one_of(
    st.sampled_from(
        [
            "http://",
            "https://",
            "http:",
            "//",
            "/",
            "\\",
            "\\\\",
            "@",
            ":",
            "#",
            "?",
            "%",
            "%2e",
            "%00",
            "..",
            ".",
            "[",
            "]",
            "\t",
            " ",
            "\x00",
            "\x7f",
            "ⓔ",
            "。",
            "／",
            EVIL,
            EVIL.upper(),
            "evil%2eexample",
            "user:pass@",
            IN_SCOPE,
            "127.1",
            "2130706433",
            "0x7f.1",
            "[::1]",
            "{port}",
            "{trap}",
            ":{port}",
            ":{trap}",
            "a",
            "file:",
            "ftp://",
            "javascript:",
        ]
    ),
    st.text(max_size=4),
)
ADDRESSES = st.lists(PIECES, min_size=1, max_size=8).map("".join)
