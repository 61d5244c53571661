"""Which copy of a robots.txt decides: over restarts, redirects, failures for weeks, and files that look like none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from scraper.errors import Refused, Transient
from scraper.fetch import robots_rules
from scraper.model import Failure, Network, Request, Role
from scraper.policy.robots import Attempt, History, history
from tests.fetch_support import QUICK, START, Outlet, Recorder, asking, fetcher, outlet, serving
from tests.web_server import CLOSE, Answer, Route, WebServer, head, moved, page, status

ROBOTS = "http://kcna.kp/robots.txt"
DENY = page(b"User-agent: *\nDisallow: /private")


def attempt(number: int, status: int | None, *, days: float = 0, **changes: object) -> Attempt:
    """The attempt recorded under a number."""
    made = Attempt(
        record=str(number), url=ROBOTS, status=status, failure=None, observed_at=START + timedelta(days=days)
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def lost(number: int, *, days: float = 0) -> Attempt:
    """An attempt that found no address."""
    return attempt(number, None, days=days, failure=Failure.DNS)


@pytest.mark.parametrize(
    ("attempts", "last", "answer", "failing"),
    [
        ([], None, None, None),
        ([attempt(1, 200)], "1", "1", None),
        ([attempt(1, 404), attempt(2, 503, days=1), lost(3, days=2)], "3", "1", 1),
        ([attempt(1, 503), attempt(2, 200, days=1), attempt(3, 429, days=2)], "3", "2", 2),
        ([lost(1), lost(2, days=31)], "2", None, 0),
        ([attempt(1, None, failure=Failure.ABANDONED)], None, None, None),
        ([attempt(1, 200, failure=Failure.RESET)], "1", None, 0),
        ([attempt(1, 200, failure=Failure.TOO_LARGE)], "1", "1", None),
        ([attempt(1, 302), attempt(2, 200, url="http://kcna.kp/r", redirected_from="1")], "2", "2", None),
        ([attempt(1, 302), attempt(2, 404, url="http://kcna.kp/r", redirected_from="1")], "2", "2", None),
        (
            [
                attempt(1, 302),
                attempt(2, 500, url="http://kcna.kp/r", redirected_from="1"),
                attempt(3, 200, url="http://kcna.kp/r", redirected_from="1"),
            ],
            "3",
            "3",
            None,
        ),
        (
            [
                attempt(1, 302),
                attempt(2, None, failure=Failure.REDIRECT_LIMIT, url="http://kcna.kp/r", redirected_from="1"),
            ],
            "2",
            "2",
            None,
        ),
        ([attempt(1, 302)], "1", None, 0),
        ([attempt(1, 200, url="https://kcna.kp/robots.txt")], None, None, None),
        ([attempt(1, 200, url="http://www.kcna.kp/robots.txt")], None, None, None),
    ],
)
def test_what_the_recorded_attempts_add_up_to(
    attempts: list[Attempt], last: str | None, answer: str | None, failing: int | None
) -> None:
    """Redirects followed, our own stops passed over, network failures counted, authorities kept apart."""
    found = history(attempts, ROBOTS)
    assert found == History(
        last=found.last,
        answer=found.answer,
        failing_since=None if failing is None else START + timedelta(days=failing),
    )
    assert (found.last.record if found.last else None, found.answer.record if found.answer else None) == (last, answer)


@contextmanager
def restarted(site: Outlet) -> Iterator[Outlet]:
    """The same site as a new process sees it, which knows only what was recorded."""
    with fetcher(site.recorder, clock=site.clock) as made:
        yield Outlet(site.web, made, site.recorder, site.source, site.clock)


def test_a_redirected_file_is_not_asked_for_again_after_a_restart() -> None:
    """The end of the chain is the copy: it is used for 12 hours, whoever starts meanwhile."""
    routes = {"/robots.txt": moved("/r", 301), "/r": DENY, "/a": page(b"x")}
    with serving(routes) as site:
        site.get("/a")
        site.clock.sleep(11 * 3600)
        with restarted(site) as again, pytest.raises(Refused):
            again.get("/private/x")
        assert site.web.targets() == ["/robots.txt", "/r", "/a"]
    assert site.last.robots is not None
    assert site.last.robots.capture == "captures/outlet/1.json"


def test_an_endless_redirect_is_remembered_as_no_file() -> None:
    """Redirects without an end are unavailable, also for the next process, which does not ask again."""
    with serving({"/robots.txt": moved("/robots.txt"), "/a": page(b"x")}) as site:
        site.get("/a")
        with restarted(site) as again:
            again.get("/a")
        assert site.web.targets() == ["/robots.txt", "/a", "/a"]


def test_a_file_that_fails_is_served_from_its_copy_until_it_is_a_day_old() -> None:
    """Asked for again after 12 hours: while that fails the copy decides; after 24 hours nothing is allowed."""
    routes: dict[str, Route] = {"/robots.txt": [DENY, status(503)], "/a": page(b"x")}
    with serving(routes, source=outlet(politeness=replace(QUICK, attempts=1, breaker_failures=0))) as site:
        site.get("/a")
        site.clock.sleep(12 * 3600)
        assert site.get("/a").exchange.robots == site.recorder.pages()[0].robots
        assert site.web.targets().count("/robots.txt") == 2
        site.clock.sleep(11.9 * 3600)
        site.get("/a")
        with pytest.raises(Refused):
            site.get("/private/x")
        site.clock.sleep(0.2 * 3600)
        with pytest.raises(Transient) as caught:
            site.get("/a")
    assert caught.value.failure is Failure.ROBOTS_UNREACHABLE


def test_a_missing_file_is_still_missing_while_its_host_fails() -> None:
    """A 404 of this day is an answer as well: a short outage does not forbid what was free."""
    routes: dict[str, Route] = {"/robots.txt": [status(404), Answer((CLOSE,))], "/a": page(b"x")}
    with serving(routes, source=outlet(politeness=replace(QUICK, attempts=1))) as site:
        site.get("/a")
        site.clock.sleep(13 * 3600)
        assert site.get("/a").exchange.status == 200


def test_thirty_days_of_network_failures_count_over_restarts() -> None:
    """The host's name resolves to nothing for a month; each day another process tries. Then the file counts as absent."""
    recorder = Recorder()
    source = outlet("kcna.kp", politeness=replace(QUICK, attempts=1, breaker_failures=0))
    clock_days = []

    def nowhere(host: str, port: int) -> list[str]:
        raise OSError("Name or service not known")

    with serving({}) as site:
        clock = site.clock
        for day in range(32):
            with fetcher(recorder, clock=clock, lookup=nowhere) as made, pytest.raises(Transient) as caught:
                made.get(asking("http://kcna.kp/a"), source, recorder.record)
            if caught.value.failure is Failure.DNS:
                clock_days.append(day)
            clock.sleep(24 * 3600)
    assert clock_days == [31]
    assert recorder.exchanges[-1].robots is not None
    assert recorder.exchanges[-1].robots.rule == "robots.txt unreachable for over 30 days"


@pytest.mark.parametrize("code", [401, 403])
@pytest.mark.parametrize("declared", ["allow", "disallow"])
def test_401_and_403_mean_what_the_source_declares(code: int, declared: str) -> None:
    """To the RFC they are like any 4xx; a source may take them for a no, which is then on record as a rule."""
    source = replace(outlet(), robots_401_403=declared)
    with serving({"/robots.txt": status(code), "/a": page(b"x")}, source=source) as site:
        if declared == "allow":
            assert site.get("/a").exchange.status == 200
        else:
            with pytest.raises(Refused) as caught:
                site.get("/a")
            assert caught.value.failure is Failure.ROBOTS_DENIED
            assert site.web.targets() == ["/robots.txt"]
        assert site.last.robots is not None
        assert str(code) in site.last.robots.rule


def test_a_404_never_closes_a_source() -> None:
    """`disallow` is about 401 and 403 only."""
    with serving({"/a": page(b"x")}, source=replace(outlet(), robots_401_403="disallow")) as site:
        assert site.get("/a").exchange.status == 200


@pytest.mark.parametrize(
    ("body", "doubt"),
    [
        (b"User-agent: *\nDisallow: /private", ""),
        (b"# nothing to say", ""),
        (b"", ""),
        (b"\xef\xbb\xbfUser-agent: *\r\nDisallow: /x", ""),
        (b"User-agent: *\rDisallow: /x", ""),
        (b"<!DOCTYPE html><html><body>Welcome</body></html>", "HTML or XML"),
        (b"\xef\xbb\xbf\n  <html>\nUser-agent: *\nDisallow: /private\n", "HTML or XML"),
        (b"<?xml version='1.0'?><error/>", "HTML or XML"),
        (b"User-agent: *\nDis\0allow: /private", "NUL"),
        ("User-agent: *\nDisallow: /private".encode("utf-16"), "UTF-16"),
        (b"It works!", "no line"),
        (b"User-agent: *\n" + b"#" * 600_000, "500 KiB"),
    ],
)
def test_a_suspicious_file_is_named_as_such(body: bytes, doubt: str) -> None:
    """What looks like no robots.txt is said in its own record and with every decision; what it forbids is obeyed."""
    with serving({"/robots.txt": page(body), "/a": page(b"x")}) as site:
        site.get("/a")
    robots, got = site.recorder.exchanges
    assert got.robots is not None
    assert doubt in got.robots.rule
    assert ("suspicious" in got.robots.rule, robots.detail is not None) == (bool(doubt), bool(doubt))
    assert robots_rules.read(body, "scraper").decide("http://x.example/private")[0] is (
        b"/private" not in body.replace(b"\0", b"")
    )


def test_utf_16_rules_are_obeyed() -> None:
    """A file saved by a word processor still says what it says."""
    rules = robots_rules.read("User-agent: *\nDisallow: /private".encode("utf-16"), "scraper")
    assert not rules.decide("http://x.example/private/1")[0]


def test_a_negative_or_unreadable_delay_is_none() -> None:
    """What is no length of time widens nothing."""
    for value in ("-5", "nan", "soon"):
        assert robots_rules.read(f"User-agent: *\nCrawl-delay: {value}".encode(), "scraper").crawl_delay is None


def elsewhere(other: WebServer) -> Network:
    """How `elsewhere.example` is reached."""
    return Network(resolve=(("elsewhere.example", f"127.0.0.2:{other.port}"),))


@pytest.mark.parametrize(
    ("theirs", "allowed"),
    [(page(b"User-agent: *\nDisallow: /r"), False), (status(503), False), (status(404), True)],
)
def test_a_redirect_target_on_another_host_is_checked_against_its_robots(theirs: Answer, allowed: bool) -> None:  # noqa: FBT001 - a table's column
    """Where that host forbids the target, the file cannot be had, and nothing is allowed."""
    with WebServer({"/r": page(b""), "/robots.txt": theirs}, address="127.0.0.2") as other:
        routes = {"/robots.txt": moved(other.url("/r", host="elsewhere.example")), "/a": page(b"x")}
        source = outlet(network=elsewhere(other))
        with serving(routes, source=source) as site:
            if allowed:
                assert site.get("/a").exchange.status == 200
            else:
                with pytest.raises(Transient) as caught:
                    site.get("/a")
                assert caught.value.failure is Failure.ROBOTS_UNREACHABLE
        assert ("/r" in other.targets()) is allowed


def test_two_files_that_redirect_to_each_others_pages_end() -> None:
    """A robots.txt that needs a page which needs that robots.txt is one that cannot be had."""
    hosts: dict[str, Route] = {}
    with WebServer(hosts, address="127.0.0.2") as other:
        source = outlet(network=elsewhere(other))
        with serving({"/a": page(b"x")}, source=source) as site:
            site.web.routes["/robots.txt"] = moved(other.url("/r", host="elsewhere.example"))
            other.routes["/robots.txt"] = moved(site.web.url("/s"))
            with pytest.raises(Transient) as caught:
                site.get("/a")
            assert len(site.web.log) + len(other.log) < 20
    assert caught.value.failure is Failure.ROBOTS_UNREACHABLE


def test_a_robots_txt_of_another_host_needs_no_leave() -> None:
    """`/robots.txt` itself is always allowed."""
    with WebServer({"/robots.txt": DENY}, address="127.0.0.2") as other:
        routes = {"/robots.txt": moved(other.url("/robots.txt", host="elsewhere.example")), "/a": page(b"x")}
        with serving(routes, source=outlet(network=elsewhere(other))) as site, pytest.raises(Refused):
            site.get("/private/a")
        assert other.targets() == ["/robots.txt"]


def explained(site: Outlet, path: str) -> tuple[bool, str, str, bool]:
    """Whether a path is allowed, the rule, the group, and whether the file was asked for."""
    request = Request(source="outlet", url=site.web.url(path), role=Role.LISTING, reason=asking("x").reason)
    found = site.fetcher.robots(request, site.source, site.recorder.record)
    return found.decision.allowed, found.decision.rule, found.group, found.fetched


def test_a_decision_can_be_explained() -> None:
    """File, group, rule and delay; the first question asks for the file, the second does not, nobody asks for the page."""
    text = page(b"User-agent: Scraper\nDisallow: /private\nCrawl-delay: 7\n\nUser-agent: *\nDisallow: /")
    with serving({"/robots.txt": text}) as site:
        assert explained(site, "/private/a") == (False, "Disallow: /private", "scraper", True)
        assert explained(site, "/a") == (True, "no rule applies", "scraper", False)
        assert site.web.targets() == ["/robots.txt"]


def test_an_unreachable_file_can_be_explained() -> None:
    """The explanation says no, and why."""
    broken = Answer((head(200, "OK", [("Content-Length", "500")]), b"User-agent: *\n", CLOSE))
    with serving({"/robots.txt": broken}) as site:
        allowed, rule, group, fetched = explained(site, "/a")
    assert (allowed, group, fetched) == (False, "", True)
    assert "unreachable" in rule
