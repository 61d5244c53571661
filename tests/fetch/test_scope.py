"""The guard beyond addresses: path patterns on every hop, URLs that readers read differently, heads without measure."""

from __future__ import annotations

from dataclasses import replace

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper import urls
from scraper.errors import Refused, Transient
from scraper.fetch import guard
from scraper.fetch.transport import MAX_HEAD_BYTES, MAX_HEADERS
from scraper.model import Backfill, Discovery, Failure, Reason, Role, Source
from tests.fetch_support import QUICK, outlet, serving
from tests.web_server import Answer, Route, head, moved, page

ARTICLES = ("^/en/article/[0-9]+$",)
LISTINGS = ("^/en/?$", r"^/en/list\?page=")


def declared(**changes: object) -> Source:
    """A source with path patterns."""
    source = replace(outlet("127.0.0.1", "kcna.kp"), articles=ARTICLES, listings=LISTINGS)
    return replace(source, **changes)  # type: ignore[arg-type]


WAYS = (
    Backfill(kind="dated", url="http://kcna.kp/index?day={date:%Y-%m-%d}&x"),
    Backfill(kind="paged", url="http://kcna.kp/walk/{page}/{next}"),
    Backfill(kind="paged", url="http://kcna.kp/token.php?2@@2@{page}@", token=True),
    Backfill(kind="sitemap", url="http://kcna.kp/sitemap.xml"),
)


@pytest.mark.parametrize(
    ("target", "inside"),
    [
        ("/en/article/1", True),
        ("/en/article/1/edit", False),
        ("/en", True),
        ("/en/list?page=2", True),
        ("/en/list", False),
        ("/admin", False),
        ("/home", True),
        ("/home?x=1", False),
        ("/index?day=2026-08-22&x", True),
        ("/index?day=2026-08-22&y", False),
        ("/walk/1/2", True),
        ("/walk/1", False),
        ("/token.php?MkBAMkAxQA==", True),
        ("/token.php", False),
        ("/sitemap.xml", True),
        ("/sitemap.xml.gz", False),
    ],
)
def test_the_scope_is_what_the_source_declares(target: str, inside: bool) -> None:  # noqa: FBT001 - a table's column
    """Patterns of articles and listings, the discovery pages, and the templates of backfill; nothing else."""
    source = declared(discover=(Discovery(url="http://kcna.kp/home"),), backfill=WAYS)
    assert (guard.outside(f"http://kcna.kp{target}", source) is None) is inside


def test_a_source_without_patterns_takes_every_path() -> None:
    """Then the hosts are the scope."""
    source = outlet("kcna.kp")
    assert guard.outside("http://kcna.kp/anything", source) is None
    assert "hosts" in str(guard.outside("http://evil.example/anything", source))


def test_a_path_outside_the_patterns_is_refused_and_recorded() -> None:
    """Nothing is sent; the error says which declaration would take it."""
    with serving({"/admin": page(b"x")}, source=declared()) as site:
        with pytest.raises(Refused, match="`articles` or `listings`"):
            site.get("/admin")
        assert site.web.log == []
    assert site.last.failure is Failure.GUARD_REFUSED


def test_a_path_that_the_operator_names_needs_no_pattern() -> None:
    """`scraper fetch URL` is the operator's word; where it is redirected to is the server's."""
    routes = {"/odd": page(b"x"), "/there": moved("/else"), "/else": page(b"x")}
    with serving(routes, source=declared()) as site:
        assert site.get("/odd", reason=Reason.MANUAL).exchange.status == 200
        assert site.get("/there", reason=Reason.MANUAL).exchange.status == 302


def test_every_hop_keeps_to_the_paths() -> None:
    """A redirect to a login form is returned as it came, and the form never asked for."""
    routes = {
        "/en/article/1": moved("/en/article/2"),
        "/en/article/2": moved("/free-member-form"),
        "/free-member-form": page(b"log in"),
    }
    with serving(routes, source=declared()) as site:
        fetched = site.get("/en/article/1")
        assert site.web.targets() == ["/robots.txt", "/en/article/1", "/en/article/2"]
    assert fetched.exchange.status == 302


def test_robots_txt_needs_no_pattern() -> None:
    """It is asked for on behalf of any page, wherever it is redirected to on its host."""
    routes: dict[str, Route] = {
        "/robots.txt": moved("/static/robots"),
        "/static/robots": page(b"User-agent: *\nDisallow: /en/article/1"),
    }
    with serving(routes, source=declared()) as site, pytest.raises(Refused, match="Disallow"):
        site.get("/en/article/1", role=Role.ARTICLE)


@pytest.mark.parametrize(
    ("url", "part"),
    [
        ("http://2130706433/", "number"),
        ("http://0x7f.1/", "number"),
        ("http://0x7f000001/", "number"),
        ("http://127.1/", "number"),
        ("http://0177.0.0.1/", "number"),
        ("http://1.2.3.4.5/", "number"),
        ("http://kcna.0x1/", "number"),
        ("http://fa\u00df.example/", "disagree"),
        ("http://kcna.kp\uff0fevil.example/", "NFKC"),
        ("http://[::1]evil.example/", "disagree"),
        ("http://kcna.kp%2eevil.example/", "not a name"),
        ("http://kcna.kp%00.evil.example/", "not a name"),
        ("http://kcna_.kp:80:81/", "Port"),
        ("http:kcna.kp/", "not an http"),
        ("http:/kcna.kp/", "not an http"),
        ("http:///kcna.kp/", "not an http"),
    ],
)
def test_a_host_that_readers_read_differently_is_refused(url: str, part: str) -> None:
    """Numbers that are addresses to some, names that two versions of IDNA spell differently, dots that are none."""
    _, complaint = guard.admit(url)
    assert complaint is not None
    assert part in complaint


@pytest.mark.parametrize(
    "url",
    [
        "http://kcna.kp/a?b=c@d#e",
        "http://KCNA.kp.:8080/",
        "http://127.0.0.1/",
        "http://[2606:4700::1111]:8080/",
        "http://xn--zckzah.example/",
        "http://\u5317.example/",
        "http://kcna\u3002kp/",
        "http://m\u00fcnchen.example/",
        "http://3.example/",
    ],
)
def test_a_host_that_everybody_reads_alike_is_admitted(url: str) -> None:
    """Names in any script, addresses, ports: no matter for the guard."""
    assert guard.admit(url)[1] is None


_parts = st.sampled_from(
    [
        "kcna.kp",
        "evil.example",
        "@",
        ":",
        "80",
        "/",
        "//",
        "?",
        "#",
        "\\",
        "%2e",
        "[",
        "]",
        "::1",
        ".",
        "\u3002",
        "\u00df",
        " ",
        "1",
        "0x7f",
    ]
)


@given(st.lists(_parts, max_size=8).map("".join))
def test_no_admitted_url_has_two_hosts(rest: str) -> None:
    """Whatever is glued together: what is admitted has one host, to Python's parser and to httpx's."""
    admitted, complaint = guard.admit(f"http://{rest}")
    if complaint is None:
        assert httpx.URL(admitted).host.rstrip(".") == urls.host(admitted)
        assert "@" not in httpx.URL(admitted).netloc.decode()


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("::127.0.0.1", "this machine"),
        ("::10.0.0.1", "a private network"),
        ("64:ff9b:1::7f00:1", "an address translator"),
        ("64:ff9b::c0a8:101", "a private network"),
        ("2002:a9fe:a9fe::1", "link-local or a metadata service"),
        ("2002:c0a8:101::1", "a private network"),
        ("2606:4700::5efe:127.0.0.1", "this machine"),
        ("2606:4700::200:5efe:10.0.0.1", "a private network"),
        ("fd00::5efe:8.8.8.8", "a private network"),
        ("::ffff:169.254.169.254", "link-local or a metadata service"),
        ("192.0.0.192", "a protocol's own network"),
    ],
)
def test_an_address_that_is_translated_is_judged_by_where_it_leads(address: str, kind: str) -> None:
    """IPv4 in every coat that IPv6 has for it, and the clouds' metadata services."""
    assert guard.forbidden(address) == kind


@pytest.mark.parametrize("address", ["2606:4700::5efe:8.8.8.8", "2002:808:808::1", "::8.8.8.8"])
def test_a_translated_public_address_is_public(address: str) -> None:
    """The coat alone forbids nothing."""
    assert guard.forbidden(address) is None


def answer_with(fields: int, length: int) -> Answer:
    """A page under a head of so many fields with values of that length."""
    pairs = [(f"X-{number}", "y" * length) for number in range(fields)]
    return Answer((head(200, "OK", [*pairs, ("Content-Length", "1")]), b"x"))


@pytest.mark.parametrize(
    ("answer", "part"),
    [
        (answer_with(MAX_HEADERS + 1, 1), f"over {MAX_HEADERS}"),
        (answer_with(10, MAX_HEAD_BYTES // 10), f"or {MAX_HEAD_BYTES}"),
    ],
)
def test_a_head_without_measure_is_no_answer(answer: Answer, part: str) -> None:
    """Too many fields or too many bytes of them: a failure of the protocol, not tried again, and the host goes on."""
    with serving({"/a": answer, "/b": page(b"x")}, source=outlet(politeness=replace(QUICK, attempts=3))) as site:
        with pytest.raises(Transient) as caught:
            site.get("/a")
        assert caught.value.failure is Failure.PROTOCOL
        assert len(site.recorder.pages()) == 1
        assert part in (site.last.detail or "")
        assert site.get("/b").exchange.status == 200


def test_a_large_but_measured_head_is_an_answer() -> None:
    """As many fields as are allowed are read and recorded."""
    with serving({"/a": answer_with(MAX_HEADERS - 1, 100)}) as site:
        assert len(site.get("/a").exchange.headers) == MAX_HEADERS


def test_a_redirect_to_a_host_that_readers_disagree_about_is_not_followed() -> None:
    """The Location is checked as it came, before anything makes it canonical."""
    with serving(
        {"/a": moved("http://2130706433/")}, source=replace(outlet(), hosts=("127.0.0.1", "2130706433"))
    ) as site:
        assert site.get("/a").exchange.status == 302
