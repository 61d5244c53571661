"""Which URLs and addresses the guard lets through."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.fetch import guard

FORBIDDEN = [
    ("127.0.0.1", "this machine"),
    ("127.8.9.10", "this machine"),
    ("0.0.0.0", "this machine"),  # noqa: S104 - an address to refuse
    ("::1", "this machine"),
    ("::", "this machine"),
    ("10.1.2.3", "a private network"),
    ("172.16.0.1", "a private network"),
    ("172.31.255.255", "a private network"),
    ("192.168.1.1", "a private network"),
    ("100.64.0.1", "carrier-grade NAT"),
    ("100.100.100.200", "carrier-grade NAT"),
    ("169.254.169.254", "link-local or a metadata service"),
    ("168.63.129.16", "a metadata service"),
    ("224.0.0.1", "multicast"),
    ("239.255.255.250", "multicast"),
    ("255.255.255.255", "not a public address"),
    ("198.18.0.1", "not a public address"),
    ("203.0.113.7", "not a public address"),
    ("fe80::1", "link-local"),
    ("fe80::1%eth0", "link-local"),
    ("fc00::1", "a private network"),
    ("fd00:ec2::254", "a private network"),
    ("ff02::1", "multicast"),
    ("::ffff:127.0.0.1", "this machine"),
    ("::ffff:10.0.0.1", "a private network"),
    ("64:ff9b::7f00:1", "this machine"),
    ("64:ff9b::a9fe:a9fe", "link-local or a metadata service"),
    ("2002:7f00:1::", "this machine"),
    ("2001:0:4136:e378:8000:63bf:f5ff:fffe", "a private network"),
    ("2001:db8::1", "not a public address"),
    ("::ffff:0:127.0.0.1", "this machine"),
    ("::ffff:0:a9fe:a9fe", "link-local or a metadata service"),
    ("fec0::1", "not a public address"),
    ("3fff::1", "not a public address"),
    ("5f00::1", "not a public address"),
    ("4000::1", "not a public address"),
    ("64:ff9b:2::7f00:1", "not a public address"),
    ("0:0:0:1::7f00:1", "not a public address"),
]


@pytest.mark.parametrize(("address", "kind"), FORBIDDEN)
def test_an_address_off_the_public_internet_is_named_for_what_it_is(address: str, kind: str) -> None:
    """Private, special and translated addresses are refused, each with its kind."""
    assert guard.forbidden(address) == kind


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "175.45.176.67", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808", "::ffff:0:808:808"]
)
def test_a_public_address_is_let_through(address: str) -> None:
    """Addresses of the public internet, also translated ones, are no matter for the guard."""
    assert guard.forbidden(address) is None


@pytest.mark.parametrize(
    ("url", "part"),
    [
        ("http://kcna.kp/a\\b", "backslash"),
        ("http:\\\\kcna.kp/", "backslash"),
        ("http://kcna.kp/a\nb", "control"),
        ("http://kc\tna.kp/", "control"),
        ("http://kcna.kp/\x7f", "control"),
        ("http://user@kcna.kp/", "credentials"),
        ("http://user:secret@kcna.kp/", "credentials"),
        ("http://kcna.kp:80@evil.example/", "credentials"),
        ("ftp://kcna.kp/", "not an http(s) URL"),
        ("file:///etc/passwd", "not an http(s) URL"),
        ("javascript:alert(1)", "not an http(s) URL"),
        ("http://", "not an http(s) URL"),
        ("//kcna.kp/", "not an http(s) URL"),
        ("http://kcna.kp:port/", "port"),
        ("http://kc%6ea.kp/", "not a name"),
        ("http://kcna.kp evil.example/", "not a name"),
        ("http://-kcna.kp/", "not a name"),
    ],
)
def test_a_url_that_two_readers_may_read_differently_is_refused(url: str, part: str) -> None:
    """Other schemes, credentials, backslashes, control characters and odd hosts are refused with their reason."""
    given_back, complaint = guard.admit(url)
    assert complaint is not None
    assert part in complaint.lower() or part in complaint
    assert given_back == url


def test_an_ordinary_url_comes_back_canonical() -> None:
    """Case, default port and fragment go; the query stays as it is."""
    assert guard.admit("HTTP://KCNA.kp:80/a/../b?Q=1#top") == ("http://kcna.kp/b?Q=1", None)
    assert guard.admit("http://[2606:4700::1111]/x") == ("http://[2606:4700::1111]/x", None)


@given(st.text(max_size=60) | st.text(max_size=40).map(lambda tail: f"http://kcna.kp{tail}"))
def test_any_text_is_either_refused_or_made_canonical(text: str) -> None:
    """No text makes the guard fail, and what it admits it admits again unchanged."""
    url, complaint = guard.admit(text)
    if complaint is None:
        assert guard.admit(url) == (url, None)
        assert "@" not in url.partition("://")[2].partition("/")[0]


def test_the_scope_is_a_sources_hosts_and_nothing_that_looks_like_them() -> None:
    """Only the very hosts are in scope; a source without hosts takes any."""
    hosts = ("kcna.kp", "www.kcna.kp")
    assert guard.in_scope("http://www.kcna.kp/x", hosts)
    assert guard.in_scope("http://kcna.kp:8080/x", hosts)
    assert not guard.in_scope("http://kcna.kp.evil.example/x", hosts)
    assert not guard.in_scope("http://m.kcna.kp/x", hosts)
    assert guard.in_scope("http://anything.example/", ())


@pytest.mark.parametrize(
    ("host", "answer"),
    [
        ("localhost", True),
        ("a.localhost", True),
        ("127.0.0.1", True),
        ("::1", True),
        ("kcna.kp", False),
        ("10.0.0.1", False),
    ],
)
def test_loopback_is_told_by_spelling(host: str, answer: bool) -> None:  # noqa: FBT001 - a table's column
    """Only `localhost` and loopback literals are this machine by name."""
    assert guard.loopback(host) is answer
