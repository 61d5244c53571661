"""Addresses to fetch with and names to match with: laws over any address, and a table of cases."""

from __future__ import annotations

import random
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.urls import canonical, host, key, target

_labels = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?", fullmatch=True).filter(
    lambda label: not label.startswith("xn-")
)
_hosts = (
    st.lists(_labels, min_size=2, max_size=4).map(".".join).filter(lambda name: not name.replace(".", "").isdigit())
)
_text = st.text(st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="?#\\"), max_size=12)
_pieces = st.lists(
    st.sampled_from(["/", "..", ".", "a", "%7e", "%2F", "%e3%81%82", "~", "조선", "=", "@", ";", "&", " ", "%", "%zz"])
    | _text,
    max_size=8,
)
_queries = st.none() | _pieces.map("".join)
_ports = st.sampled_from(["", ":80", ":443", ":8080", ":"])


@st.composite
def _urls(draw: st.DrawFn) -> str:
    scheme = draw(st.sampled_from(["http", "https", "HTTP", "Https"]))
    name = draw(_hosts)
    path = "/" + "".join(draw(_pieces)) if draw(st.booleans()) else ""
    query = draw(_queries)
    fragment = draw(st.sampled_from(["", "#", "#top"]))
    given_name = name.upper() if draw(st.booleans()) else name
    return f"{scheme}://{given_name}{draw(_ports)}{path}{'' if query is None else '?' + query}{fragment}"


@given(_urls())
def test_canonical_changes_nothing_twice(url: str) -> None:
    """An address once made canonical stays as it is, so that two programs agree about it."""
    once = canonical(url)
    assert canonical(once) == once


@given(
    _urls(),
    st.none()
    | st.sampled_from(["http://www.kcna.kp/en/list?page=2/3", "https://a.example:8443//x/", "HTTP://b.example"]),
)
def test_canonical_of_a_plain_address_is_that_of_the_same_with_a_fragment(url: str, base: str | None) -> None:
    """The short way for addresses that are canonical already gives what the long way gives, which fragments go."""
    address = url.partition("#")[0].strip()
    path = address.partition("://")[2].partition("/")[2]
    for reference in (address, f"/{path}", path) if base else (address,):
        assert canonical(reference, base) == canonical(f"{reference}#fragment", base)
    assert target(canonical(address)) == target(f"{canonical(address)}#fragment")


@given(_urls())
def test_canonical_is_plain_ascii_without_fragment(url: str) -> None:
    """What is sent over the wire holds no spaces, no fragment, no default port, and a path."""
    once = canonical(url)
    parts = urlsplit(once)
    assert once.isascii()
    assert not set(once) & set(' #"<>\\^`{|}')
    assert parts.scheme in ("http", "https")
    assert parts.netloc == parts.netloc.lower()
    assert not parts.netloc.endswith((":", ":80" if parts.scheme == "http" else ":443"))
    assert parts.path.startswith("/")
    assert not {".", ".."} & set(parts.path.split("/"))


@given(_urls())
def test_key_is_of_the_canonical_address(url: str) -> None:
    """Two spellings of one address have one name; the name is a name and no address."""
    assert key(url) == key(canonical(url))
    assert "://" not in key(url).partition(")")[0]


@given(
    _hosts.filter(lambda name: not name.startswith("www.")),
    _text,
    st.lists(st.from_regex(r"[a-z]=[a-z0-9]{0,3}", fullmatch=True), max_size=5),
    st.randoms(),
)
def test_key_ignores_scheme_www_and_the_order_of_the_query(
    name: str, path: str, arguments: list[str], chance: random.Random
) -> None:
    """These three never tell two resources of the outlets apart."""
    shuffled = list(arguments)
    chance.shuffle(shuffled)
    query = f"?{'&'.join(arguments)}" if arguments else ""
    other = f"?{'&'.join(shuffled)}" if arguments else ""
    assert key(f"http://www.{name}/{path}{query}") == key(f"https://{name}/{path}{other}")


@given(_urls(), st.lists(st.tuples(_text, _text), max_size=4), st.randoms())
def test_a_post_is_another_resource_than_a_get(url: str, form: list[tuple[str, str]], chance: random.Random) -> None:
    """A POST's name differs from the GET's, whatever it sends, and not by the order it sends it in."""
    shuffled = list(form)
    chance.shuffle(shuffled)
    assert key(url, method="POST", form=form) != key(url)
    assert key(url, method="POST", form=form) == key(url, method="post", form=shuffled)


@given(_urls(), st.tuples(_text, _text), st.tuples(_text, _text))
def test_two_forms_are_two_resources(url: str, one: tuple[str, str], two: tuple[str, str]) -> None:
    """Each page of a list that is paged by POST has a name of its own."""
    assert (key(url, method="POST", form=[one]) == key(url, method="POST", form=[two])) == (one == two)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("HTTP://KCNA.KP", "http://kcna.kp/"),
        ("http://kcna.kp:80/en", "http://kcna.kp/en"),
        ("https://kcna.kp:443/en#top", "https://kcna.kp/en"),
        ("http://kcna.kp:443/en", "http://kcna.kp:443/en"),
        ("http://kcna.kp./en", "http://kcna.kp/en"),
        ("  http://kcna.kp/en \n", "http://kcna.kp/en"),
        ("http://kcna.kp/a/../b/./c/", "http://kcna.kp/b/c/"),
        ("http://kcna.kp/../../b", "http://kcna.kp/b"),
        ("http://kcna.kp/a/..", "http://kcna.kp/"),
        ("http://kcna.kp/a//b", "http://kcna.kp/a//b"),
        ("http://kcna.kp/%7Ea%2fb", "http://kcna.kp/~a%2Fb"),
        ("http://kcnawatch.org/newstream/1-2/%eb%a1%9c/", "http://kcnawatch.org/newstream/1-2/%EB%A1%9C/"),
        ("http://kcnawatch.org/newstream/1-2/로/", "http://kcnawatch.org/newstream/1-2/%EB%A1%9C/"),
        ("http://rodong.rep.kp/en/index.php?MkBAMkAxQA==", "http://rodong.rep.kp/en/index.php?MkBAMkAxQA=="),
        ("http://rodong.rep.kp/?b=2&a=1", "http://rodong.rep.kp/?b=2&a=1"),
        ("http://outlet.example/a b?c d", "http://outlet.example/a%20b?c%20d"),
        ("http://outlet.example/100%", "http://outlet.example/100%25"),
        ("http://조선.example/", "http://xn--6i4bt7k.example/"),
        ("http://[2001:DB8::1]:8080/x", "http://[2001:db8::1]:8080/x"),
        ("http://outlet.example?", "http://outlet.example/"),
        ("http://user:pw@outlet.example/", "http://user:pw@outlet.example/"),
    ],
)
def test_canonical_spelling(url: str, expected: str) -> None:
    """One spelling for one resource; query order, case and padding are kept, because tokens stand in queries."""
    assert canonical(url) == expected


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("../detail/1", "http://kcna.kp/en/article/detail/1"),
        ("//www.kcna.kp/en", "http://www.kcna.kp/en"),
        ("?page=2", "http://kcna.kp/en/article/list/x?page=2"),
        ("", "http://kcna.kp/en/article/list/x"),
    ],
)
def test_links_are_resolved_against_their_page(link: str, expected: str) -> None:
    """A link is what a browser would follow (RFC 3986 §5)."""
    assert canonical(link, "http://kcna.kp/en/article/list/x") == expected


@pytest.mark.parametrize(
    "url",
    [
        "",
        "kcna.kp/en",
        "ftp://kcna.kp/",
        "javascript:article_open('index.php')",
        "mailto:a@kcna.kp",
        "http://",
        "http://./",
        "http:///en",
        "http://kcna.kp:99999/",
        "http://kcna.kp:port/",
        "http://[::1/",
        f"http://{'조선' * 40}.example/",
    ],
)
def test_what_is_no_address_is_refused(url: str) -> None:
    """A link that leads nowhere is a ValueError for the reader of the page to pass over."""
    with pytest.raises(ValueError, match=r"."):
        canonical(url)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://www.kcna.kp/en/x?b=2&a=1", "kp,kcna)/en/x?a=1&b=2"),
        ("https://kcna.kp/en/x?a=1&b=2", "kp,kcna)/en/x?a=1&b=2"),
        ("http://www.news.cn:8080/english", "cn,news:8080)/english"),
        ("http://127.0.0.1:9000/a", "127.0.0.1:9000)/a"),
        ("http://[2001:db8::1]/a", "2001:db8::1)/a"),
        ("http://www.kcna.kp", "kp,kcna)/"),
        ("http://kcna.kp/EN/X", "kp,kcna)/EN/X"),
    ],
)
def test_key_spelling(url: str, expected: str) -> None:
    """Names sort by outlet, then by path; an IP address is not turned round; the case of a path counts."""
    assert key(url) == expected


def test_key_of_a_form() -> None:
    """Fields are part of the name in an order of their own, escaped, so that no value can look like a field."""
    form = [("page_num", "2"), ("keyword", "a&b= c")]
    assert key("http://kcna.kp/en/list", method="post", form=form) == (
        "kp,kcna)/en/list POST keyword=a%26b%3D%20c&page_num=2"
    )
    assert key("http://kcna.kp/en/list", method="POST") == "kp,kcna)/en/list POST"


@pytest.mark.parametrize(
    ("url", "name", "rest"),
    [
        ("http://WWW.Kcna.kp:80/en?a=1#x", "www.kcna.kp", "/en?a=1"),
        ("http://kcna.kp./", "kcna.kp", "/"),
        ("nonsense", "", "nonsense"),
    ],
)
def test_host_and_target(url: str, name: str, rest: str) -> None:
    """The two parts a source's declaration looks at: its hosts, and what its patterns are searched in."""
    assert (host(url), target(url)) == (name, rest)
