"""What a robots.txt says: groups, octets, and the line that each decision names."""

from __future__ import annotations

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper import urls
from scraper.errors import Throttled
from scraper.fetch.robots_rules import read
from tests.fetch_support import serving
from tests.web_server import page, status

EUC_KR = "가".encode("euc-kr")


def decided(body: bytes, path: str) -> tuple[bool, str]:
    """The decision on a path and the line it names."""
    return read(b"User-agent: *\n" + body, "scraper").decide(urls.canonical(f"http://kcna.kp{path}"))


@pytest.mark.parametrize(
    "line", [b"Crawl-delay: 5", b"Request-rate: 1/5", b"Sitemap: http://kcna.kp/s.xml", b"What: ever"]
)
def test_only_allow_and_disallow_end_a_list_of_agents(line: bytes) -> None:
    """RFC 9309 section 2.2.4: parsing of other records must not interfere; the delay is for those named before it."""
    rules = read(b"User-agent: scraper\n" + line + b"\nUser-agent: other\nDisallow: /x\n", "scraper")
    assert rules.decide("http://kcna.kp/x") == (False, "Disallow: /x")
    assert rules.crawl_delay == (5 if line.startswith(b"Crawl") else None)
    others = read(b"User-agent: scraper\n" + line + b"\nUser-agent: other\nDisallow: /x\n", "other")
    assert others.crawl_delay is None


def test_of_several_delays_the_longest_counts() -> None:
    """In one group, or in several that are merged."""
    for text in (
        b"User-agent: *\nCrawl-delay: 9\nCrawl-delay: 2.5\n",
        b"User-agent: *\nCrawl-delay: 9\nDisallow: /a\nUser-agent: *\nCrawl-delay: 1\n",
    ):
        assert read(text, "scraper").crawl_delay == 9


@pytest.mark.parametrize(
    ("value", "delay"),
    [("5", 5), (" 0.5 # s", 0.5), (".5", 0.5), ("1e3", 1000), ("9" * 400, 1e9), ("0", 0)]
    + [(nonsense, None) for nonsense in ("", "-1", "5s", "nan", "inf", "1e999", "٣", "1 2")],
)
def test_a_delay_is_a_number_of_seconds(value: str, delay: float | None) -> None:
    """One without end is a very long one, which pauses the source; nonsense is passed over."""
    assert read(f"User-agent: *\nCrawl-delay: {value}\n".encode(), "scraper").crawl_delay == delay


@pytest.mark.parametrize("spelling", ["/%B0%A1", "/%b0%a1", EUC_KR.decode("latin-1")])
def test_octets_that_are_no_utf_8_are_compared_one_by_one(spelling: str) -> None:
    """An EUC-KR path is matched by itself, percent-encoded or not, and by no other one."""
    body = b"Disallow: /\nAllow: /" + spelling.removeprefix("/").encode("latin-1") + b"\n"
    assert decided(body, "/%B0%A1")[0]
    assert not decided(body, "/%B0%A2")[0]
    assert not decided(body, "/%25B0%25A1")[0]


def test_utf_8_in_any_spelling_is_the_same() -> None:
    """As RFC 9309 section 2.2.2 has it in its table."""
    for pattern in ("/foo/bar/ツ", "/foo/bar/%E3%83%84", "/foo/bar/%e3%83%84"):
        assert not decided(f"Disallow: {pattern}\n".encode(), "/foo/bar/%E3%83%84")[0]
    assert not decided(b"Disallow: /foo/bar/%62%61%7A\n", "/foo/bar/baz")[0]


@pytest.mark.parametrize(
    ("body", "path", "named"),
    [
        ("Disallow: /\nAllow: /index.html\n", "/", "Allow: /index.html"),
        ("Disallow: /한\nAllow: /*******\n", "/%ED%95%9C", "Disallow: /한"),
        ("Disallow: /a\nDisallow: /a*b\n", "/axb", "Disallow: /a*b"),
        ("Allow: /" + "*" * 400_000, "/a", "Allow: /" + "*" * 192 + "…"),
    ],
)
def test_the_line_that_is_named_is_the_one_that_decided(body: str, path: str, named: str) -> None:
    """And it is cut to a length that every record can bear."""
    allowed, line = decided(body.encode(), path)
    assert line == named
    assert allowed is line.startswith("Allow")


PATTERNS = st.text(st.sampled_from("/ab*$%7E2F한?="), max_size=8).map(lambda tail: f"/{tail}")
LINES = st.lists(st.tuples(st.sampled_from(("Allow", "Disallow")), PATTERNS | st.just("/index.html")), max_size=8)


@given(LINES, st.text(st.sampled_from("/ab%7E2F한?="), max_size=8))
def test_no_line_is_named_that_says_the_contrary(lines: list[tuple[str, str]], path: str) -> None:
    """Whatever the file says: a page is never recorded as allowed by a Disallow, or forbidden by an Allow."""
    body = "\n".join(f"{field}: {pattern}" for field, pattern in lines)
    allowed, named = decided(body.encode(), f"/{path}")
    assert named.startswith("Allow") or named == "no rule applies" if allowed else named.startswith("Disallow")


@pytest.mark.parametrize("line", [b"Disallow: /*q%d\n", b"Allow: /\nAllow: /en/%d\n", b"Disallow: /*/%d$\n"])
def test_a_file_of_half_a_megabyte_is_no_hindrance(line: bytes) -> None:
    """A decision is made for every page: of the processor's time it takes milliseconds, and 0.2 s at the very most."""
    rules = read(b"User-agent: *\n" + b"".join(line % number for number in range(500_000 // len(line))), "scraper")
    begun = process_time()
    for _ in range(5):
        rules.decide("http://kcna.kp/en/article/detail/0123456789abcdef")
    assert process_time() - begun < 1.0


def test_byte_order_marks_hide_no_ban() -> None:
    """However often the file was saved with one."""
    body = b"\xef\xbb\xbf" * 3 + b"User-agent: *\nDisallow: /\n"
    assert read(body, "scraper").decide("http://kcna.kp/a") == (False, "Disallow: /")


def test_a_429_leaves_the_copy_in_force() -> None:
    """The host is left alone as it asked; then the copy under 24 h decides, and the file has ten minutes' rest."""
    answers = [page(b"User-agent: *\nDisallow: /x\n"), status(429)]
    with serving({"/robots.txt": answers, "/a": page(b"a")}) as site:
        first = site.get("/a").exchange.robots
        site.clock.sleep(13 * 3600)
        with pytest.raises(Throttled):
            site.get("/a")
        site.clock.sleep(61)
        again = site.get("/a").exchange.robots
        assert first is not None
        assert again == first
        site.clock.sleep(500)
        site.get("/a")
        assert site.web.targets().count("/robots.txt") == 2


def test_a_stop_for_other_reasons_says_nothing_of_robots_txt() -> None:
    """Where the host is being left alone and nothing was sent, the file is asked for as soon as that is over."""
    with serving({"/robots.txt": page(b""), "/a": [status(429), page(b"a")]}) as site:
        with pytest.raises(Throttled):
            site.get("/a")
        with pytest.raises(Throttled):
            site.get("/a")
        site.clock.sleep(61)
        assert site.get("/a").exchange.status == 200


def test_robots_txt_itself_is_always_allowed() -> None:
    """Also while it forbids everything, and while it cannot be had (RFC 9309 section 2.2.2)."""
    for answer in (page(b"User-agent: *\nDisallow: /\n"), status(503)):
        with serving({"/robots.txt": [answer, answer, answer, page(b"User-agent: *\n")]}) as site:
            decision = site.get("/robots.txt").exchange.robots
            assert decision is not None
            assert decision.allowed
