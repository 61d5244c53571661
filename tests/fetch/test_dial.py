"""From a host to a checked address."""

from __future__ import annotations

import socket
import threading
import time

import pytest

from scraper.errors import ConfigError
from scraper.fetch.broken import Broken
from scraper.fetch.budget import Budget, InFlight
from scraper.fetch.dial import Route, addresses, dial, system_lookup
from scraper.fetch.useragent import UserAgent
from scraper.model import Failure
from tests.fetch_support import AGENT, always, literally


def route(
    *resolve: tuple[str, str], trusted: tuple[str, ...] = (), proxied: bool = False, agent: UserAgent = AGENT
) -> Route:
    """A route with some mappings."""
    return Route(resolve=resolve, trusted=frozenset(trusted), proxied=proxied, agent=agent)


@pytest.mark.parametrize(
    ("target", "address"),
    [
        ("127.0.0.1", ("127.0.0.1", 80)),
        ("127.0.0.1:8080", ("127.0.0.1", 8080)),
        ("[::1]:8080", ("::1", 8080)),
        ("[::1]", ("::1", 80)),
        ("::1", ("::1", 80)),
        ("10.0.0.5:3128", ("10.0.0.5", 3128)),
    ],
)
def test_a_mapping_names_address_and_port(target: str, address: tuple[str, int]) -> None:
    """`resolve` takes an address with or without port, in both families, and is trusted."""
    chosen = addresses("kcna.kp", 80, route(("kcna.kp", target)), literally)
    assert chosen == [address]


def test_a_mapping_for_the_very_port_goes_first() -> None:
    """`host:port` is nearer than `host`; a host without a mapping is looked up."""
    mapped = route(("kcna.kp", "127.0.0.1:1"), ("kcna.kp:443", "127.0.0.1:2"))
    assert mapped.mapped("kcna.kp", 443) == ("127.0.0.1", 2)
    assert mapped.mapped("kcna.kp", 80) == ("127.0.0.1", 1)
    assert mapped.mapped("www.kcna.kp", 80) is None


def test_one_forbidden_address_among_many_refuses_the_host() -> None:
    """All addresses of a name are checked, not only the first."""
    with pytest.raises(Broken) as caught:
        addresses("kcna.kp", 80, route(), always("175.45.176.67", "10.0.0.1"))
    assert caught.value.failure is Failure.GUARD_REFUSED
    assert "10.0.0.1" in caught.value.detail


def test_a_loopback_host_must_be_named_by_its_source() -> None:
    """`localhost` is reached only where the source's own hosts say so; a name that resolves to loopback never is."""
    assert addresses("localhost", 80, route(trusted=("localhost",)), always("127.0.0.1")) == [("127.0.0.1", 80)]
    for host, trusted in (("localhost", ()), ("evil.example", ("localhost",))):
        with pytest.raises(Broken) as caught:
            addresses(host, 80, route(trusted=trusted), always("127.0.0.1"))
        assert caught.value.failure is Failure.GUARD_REFUSED


def test_a_name_that_does_not_resolve_is_a_dns_failure() -> None:
    """The resolver's own words are kept."""

    def failing(host: str, port: int) -> list[str]:
        raise socket.gaierror(-2, "Name or service not known")

    with pytest.raises(Broken) as caught:
        addresses("kcna.kp", 80, route(), failing)
    assert caught.value.failure is Failure.DNS
    assert "Name or service not known" in caught.value.detail


@pytest.mark.parametrize("contact", ["", " ", "you@example.org", "https://bot.example.com", "me@host.invalid"])
def test_nobody_is_asked_under_a_placeholder_contact(contact: str) -> None:
    """An address of another machine needs a real contact; the error says which setting."""
    agent = UserAgent(product="scraper/0.1.0", contact=contact)
    with pytest.raises(ConfigError, match="set `contact`"):
        addresses("kcna.kp", 80, route(agent=agent), always("175.45.176.67"))
    with pytest.raises(ConfigError):
        addresses("kcna.kp", 80, route(("kcna.kp", "10.0.0.1"), agent=agent), literally)
    loopback = addresses("kcna.kp", 80, route(("kcna.kp", "127.0.0.1"), agent=agent), literally)
    assert loopback == [("127.0.0.1", 80)]


def test_the_user_agent_says_program_and_contact() -> None:
    """The header names both, and the robots token is the product in lower case."""
    assert AGENT.header() == "scraper/0.1.0 (+https://archive.example/about)"
    assert UserAgent(product="Scraper/2", contact="").header() == "Scraper/2"
    assert UserAgent(product="Scraper/2", contact="").token == "scraper"


def test_the_system_resolver_gives_each_address_once() -> None:
    """A literal resolves to itself."""
    assert system_lookup("127.0.0.1", 80) == ["127.0.0.1"]


def test_the_next_address_is_tried_when_one_refuses() -> None:
    """Of two addresses the one that answers is used."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        stream, address = dial(
            "localhost",
            port,
            2.0,
            route=route(trusted=("localhost",)),
            budget=Budget(5.0, time.monotonic),
            lookup=always("127.0.0.9", "127.0.0.1"),
        )
        stream.close()
    assert address == ("127.0.0.1", port)


def test_a_resolver_that_hangs_is_left_behind() -> None:
    """The deadline ends the wait although the resolver cannot be interrupted."""
    freed = threading.Event()

    def hanging(host: str, port: int) -> list[str]:
        freed.wait(10)
        return []

    began = time.monotonic()
    with pytest.raises(Broken) as caught:
        dial("kcna.kp", 80, 30.0, route=route(), budget=Budget(0.3, time.monotonic), lookup=hanging)
    freed.set()
    assert caught.value.failure is Failure.TIMEOUT_TOTAL
    assert time.monotonic() - began < 4


def test_an_abandoned_run_does_not_wait_for_a_connection() -> None:
    """Abandoning ends a hanging dial at once, and a connection that comes too late is closed."""
    in_flight, budget = InFlight(), Budget(30.0, time.monotonic)
    in_flight.enter(budget)
    freed = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def slow(host: str, port: int) -> list[str]:
            freed.wait(10)
            return ["127.0.0.1"]

        threading.Timer(0.1, in_flight.abandon).start()
        with pytest.raises(Broken) as caught:
            dial(
                "localhost",
                listener.getsockname()[1],
                30.0,
                route=route(trusted=("localhost",)),
                budget=budget,
                lookup=slow,
            )
        freed.set()
        late, _ = listener.accept()
        late.settimeout(2)
        assert late.recv(1) == b""
        late.close()
    assert caught.value.failure is Failure.ABANDONED
