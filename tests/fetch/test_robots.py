"""robots.txt as RFC 9309 demands: groups, rules, statuses, age, and what stands in when it cannot be had."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.errors import Refused, Throttled, Transient
from scraper.fetch import robots_rules
from scraper.fetch.robots import Robots, Standing, robots_url, without
from scraper.model import Capture, Exchange, Failure, Reason, RobotsDecision, Role
from scraper.policy.robots import Answer, meaning
from tests.fetch_support import QUICK, START, Recorder, StepClock, asking, capture_of, fetcher, outlet, serving
from tests.web_server import CLOSE, WebServer, head, moved, page, status
from tests.web_server import Answer as Sent

BASE = "http://kcna.kp"


@pytest.mark.parametrize(
    ("text", "path", "allowed", "rule"),
    [
        ("", "/x", True, "no rule applies"),
        ("User-agent: *\nDisallow: /private/", "/private/a", False, "Disallow: /private/"),
        ("User-agent: *\nDisallow: /private/", "/public", True, "no rule applies"),
        ("User-agent: *\nDisallow:", "/x", True, "no rule applies"),
        ("User-agent: *\nDisallow: /", "/robots.txt", True, "no rule applies"),
        ("User-agent: scraper\nDisallow: /a\n\nUser-agent: *\nDisallow: /b", "/b", True, "no rule applies"),
        ("User-agent: SCRAPER/9.9\nDisallow: /a", "/a", False, "Disallow: /a"),
        ("User-agent: scrap\nDisallow: /", "/a", True, "no rule applies"),
        ("User-agent: scrap\nAllow: /\n\nUser-agent: *\nDisallow: /a", "/a", False, "Disallow: /a"),
        ("User-agent: scraperbot\nDisallow: /", "/a", True, "no rule applies"),
        ("User-agent: scraper\nAllow: /\n\nUser-agent: *\nDisallow: /", "/a", True, "Allow: /"),
        ("User-agent: scraper\n\nUser-agent: *\nDisallow: /", "/a", False, "Disallow: /"),
        ("User-agent: scraper\nSitemap: /s\n\nUser-agent: other\nDisallow: /", "/a", False, "Disallow: /"),
        ("User-agent: a\nUser-agent: scraper\nDisallow: /a", "/a", False, "Disallow: /a"),
        (
            "User-agent: scraper\nDisallow: /a\nUser-agent: x\nDisallow: /\nUser-agent: scraper\nDisallow: /b",
            "/b",
            False,
            "Disallow: /b",
        ),
        ("User-agent: *\nDisallow: /a\nAllow: /a/b", "/a/b/c", True, "Allow: /a/b"),
        ("User-agent: *\nAllow: /a/b\nDisallow: /a", "/a/x", False, "Disallow: /a"),
        ("User-agent: *\nDisallow: /p\nAllow: /p", "/p", True, "Allow: /p"),
        ("User-agent: *\nDisallow: /*.pdf$", "/x/y.pdf", False, "Disallow: /*.pdf$"),
        ("User-agent: *\nDisallow: /*.pdf$", "/x/y.pdf?v=1", True, "no rule applies"),
        ("User-agent: *\nDisallow: /*?q=", "/list?q=1", False, "Disallow: /*?q="),
        ("User-agent: *\nDisallow: /%EB%B6%81", "/%EB%B6%81/1", False, "Disallow: /%EB%B6%81"),
        ("User-agent: *\nDisallow: /북", "/%EB%B6%81/1", False, "Disallow: /북"),
        ("User-agent: *\nDisallow: /a%2Fb", "/a%2Fb", False, "Disallow: /a%2Fb"),
        ("\ufeffUser-agent: *\r\nDisallow: /a\r\n", "/a", False, "Disallow: /a"),
        ("User-agent: *\rDisallow: /a\r", "/a", False, "Disallow: /a"),
        ("User-agent: * # everybody\nDisallow: /a # not here", "/a", False, "Disallow: /a # not here"),
        ("  user-AGENT :*\n  dissalow : /a", "/a", False, "dissalow : /a"),
        ("User-agent\0: *\nDisallow: /a", "/a", False, "Disallow: /a (suspicious: NUL bytes)"),
        ("Disallow: /a\nUser-agent: *\nAllow: /b", "/a", True, "no rule applies"),
        (
            "<!doctype html><title>Not found</title>",
            "/a",
            True,
            "no rule applies (suspicious: HTML or XML served as robots.txt)",
        ),
    ],
)
def test_one_file_decides_one_path(text: str, path: str, allowed: bool, rule: str) -> None:  # noqa: FBT001 - a table's column
    """Groups, longest match, wildcards, encodings and line ends, each with the line that decided."""
    rules = robots_rules.read(text.encode(), "scraper")
    assert rules.decide(BASE + path) == (allowed, rule)


def test_the_first_500_kib_are_read_to_a_line_end() -> None:
    """A rule that begins inside the limit but ends beyond it is ignored whole; those before it count."""
    before = b"User-agent: *\nDisallow: /early\n"
    padding = b"#" * (robots_rules.MAX_BYTES - len(before) - 15) + b"\n"
    rules = robots_rules.read(before + padding + b"Disallow: /straddling\nDisallow: /late\n", "scraper")
    assert not rules.decide(f"{BASE}/early")[0]
    assert rules.decide(f"{BASE}/straddling")[0]
    assert rules.decide(f"{BASE}/strong")[0]
    assert rules.decide(f"{BASE}/late")[0]


def test_a_crawl_delay_is_read_from_our_group_only() -> None:
    """The delay of another robot's group is no matter."""
    text = b"User-agent: other\nCrawl-delay: 90\n\nUser-agent: *\nCrawl-delay: 2.5\nDisallow: /a"
    assert robots_rules.read(text, "scraper").crawl_delay == 2.5
    assert robots_rules.read(text, "other").crawl_delay == 90
    assert robots_rules.read(b"User-agent: *\nCrawl-delay: soon", "scraper").crawl_delay is None


@given(st.binary(max_size=300) | st.text(alphabet="UserAgntDislow:* /$%#\n\r-", max_size=200).map(str.encode))
def test_no_file_makes_the_reader_fail(body: bytes) -> None:
    """Any bytes are read as some rules."""
    allowed, rule = robots_rules.read(body, "scraper").decide(f"{BASE}/some/path?q=1")
    assert allowed in {True, False}
    assert rule


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        (200, Answer.RULES),
        (203, Answer.RULES),
        (400, Answer.NO_RULES),
        (401, Answer.NO_RULES),
        (403, Answer.NO_RULES),
        (404, Answer.NO_RULES),
        (410, Answer.NO_RULES),
        (429, Answer.UNREACHABLE),
        (500, Answer.UNREACHABLE),
        (503, Answer.UNREACHABLE),
        (301, Answer.UNREACHABLE),
        (0, Answer.UNREACHABLE),
    ],
)
def test_what_a_status_means(code: int, answer: Answer) -> None:
    """2xx rules, 4xx none, but 429, 5xx and everything else cannot be had."""
    assert meaning(code) is answer


def test_the_file_belongs_to_scheme_host_and_port() -> None:
    """Each authority has its own robots.txt."""
    assert robots_url("https://kcna.kp:8443/a/b?c=1") == "https://kcna.kp:8443/robots.txt"


def good(age: timedelta) -> Standing:
    """Rules that were seen some time ago and forbid /private."""
    rules = robots_rules.read(b"User-agent: *\nDisallow: /private", "scraper")
    seen = START - age
    return Standing(expires=seen + timedelta(hours=24), seen_at=seen, note="", rules=rules, capture="r")


@pytest.mark.parametrize(
    ("copy", "failing", "open_allowed", "private_allowed"),
    [
        (None, timedelta(), False, False),
        (good(timedelta(hours=1)), timedelta(), True, False),
        (good(timedelta(hours=23, minutes=59)), timedelta(hours=20), True, False),
        (good(timedelta(hours=24)), timedelta(), False, False),
        (good(timedelta(days=29)), timedelta(days=29), False, False),
        (None, timedelta(days=30), False, False),
        (None, timedelta(days=30, seconds=1), True, True),
    ],
)
def test_what_holds_while_it_cannot_be_had(
    copy: Standing | None,
    failing: timedelta,
    open_allowed: bool,  # noqa: FBT001 - a table's column
    private_allowed: bool,  # noqa: FBT001 - a table's column
) -> None:
    """The last good copy under 24 hours; else nothing; after 30 days of failure everything."""
    held = without(copy, asked_at=START, failing_since=START - failing, now=START, why="503")
    assert held.decide(f"{BASE}/open")[0].allowed is open_allowed
    assert held.decide(f"{BASE}/private")[0].allowed is private_allowed
    assert START < held.expires <= START + timedelta(minutes=10)


class Site:
    """A robots.txt without a network: each call of `fetch` gives the next answer (a status and body, or an error)."""

    def __init__(self, *answers: tuple[int, bytes] | Exception) -> None:
        self.answers = list(answers)
        self.clock = StepClock()
        self.recorder = Recorder()
        self.robots = Robots(self.recorder, self.clock, "scraper")
        self.fetched = 0

    def fetch(self, url: str) -> tuple[Capture, bytes]:
        """Ask for the file."""
        assert url == f"{BASE}/robots.txt"
        self.fetched += 1
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        capture = self.recorder.record(robots_exchange(*answer, self.clock.now()))
        return capture, answer[1]

    def decide(self, path: str = "/a", *, after: timedelta = timedelta()) -> tuple[RobotsDecision, Failure | None]:
        """Decide for a path some time later."""
        self.clock.sleep(after.total_seconds())
        return self.robots.decide(BASE + path, "outlet", self.fetch)

    def restart(self) -> None:
        """Forget what only the process knew."""
        self.robots = Robots(self.recorder, self.clock, "scraper")


def robots_exchange(code: int, body: bytes, now: datetime) -> Exchange:
    """The exchange of an answered robots.txt."""
    url = f"{BASE}/robots.txt"
    asked = asking(url, role=Role.ROBOTS, reason=Reason.ROBOTS)
    return Exchange(request=asked, url=url, started_at=now, fetched_at=now, status=code, body=body)


DENY = (200, b"User-agent: *\nDisallow: /a")


def test_a_copy_is_used_for_12_hours_and_then_asked_for_again() -> None:
    """One request serves half a day; then the file is asked for again, and the new rules count."""
    site = Site(DENY, (200, b""))
    assert not site.decide()[0].allowed
    assert not site.decide(after=timedelta(hours=11, minutes=59))[0].allowed
    assert site.fetched == 1
    assert site.decide(after=timedelta(minutes=1))[0].allowed
    assert site.fetched == 2


def test_a_copy_in_the_archive_serves_the_next_process() -> None:
    """After a restart the archived file is used while it is fresh, and named as the evidence."""
    site = Site(DENY, DENY)
    site.decide()
    site.restart()
    decision, failure = site.decide(after=timedelta(hours=11))
    assert (site.fetched, decision.allowed, decision.capture) == (1, False, "captures/outlet/0.json")
    assert failure is Failure.ROBOTS_DENIED
    site.restart()
    site.decide(after=timedelta(hours=1))
    assert site.fetched == 2


def test_an_archived_failure_holds_for_ten_minutes() -> None:
    """A file that just answered 503 is not asked for again by the next process at once; then it is."""
    site = Site((503, b""), DENY)
    assert site.decide()[1] is Failure.ROBOTS_UNREACHABLE
    site.restart()
    assert site.decide(after=timedelta(minutes=9))[1] is Failure.ROBOTS_UNREACHABLE
    assert site.fetched == 1
    assert site.decide(after=timedelta(minutes=1))[1] is Failure.ROBOTS_DENIED


@pytest.mark.parametrize("trouble", [(503, b""), (429, b""), Transient("dns", failure=Failure.DNS), Transient("500")])
def test_a_file_that_cannot_be_had_forbids_everything(trouble: tuple[int, bytes] | Exception) -> None:
    """Without an earlier copy, 5xx, 429 and every network failure mean that nothing may be asked for."""
    decision, failure = Site(trouble).decide()
    assert (decision.allowed, failure) == (False, Failure.ROBOTS_UNREACHABLE)
    assert decision.rule.startswith("robots.txt unreachable")


def test_an_earlier_good_copy_stands_in() -> None:
    """While the newest answer is a failure, a good copy under 24 hours old decides, also after a restart."""
    site = Site(Transient("x", failure=Failure.CONNECT), Transient("x", failure=Failure.CONNECT))
    site.recorder.record(robots_exchange(*DENY, START))
    site.recorder.record(robots_exchange(503, b"", START + timedelta(hours=1)))
    decision, failure = site.decide(after=timedelta(hours=3))
    assert (site.fetched, decision.allowed, failure) == (1, False, Failure.ROBOTS_DENIED)
    assert decision.capture == "captures/outlet/0.json"
    assert site.decide("/open")[0].allowed
    assert site.decide("/open", after=timedelta(hours=21))[1] is Failure.ROBOTS_UNREACHABLE


def test_a_copy_that_broke_off_is_no_copy() -> None:
    """A truncated or undecodable file may lack the rule that matters, so it decides nothing."""
    for flaw in ({"truncated": "disconnect"}, {"undecoded": True}):
        site = Site(Transient("x", failure=Failure.CONNECT))
        exchange = replace(robots_exchange(200, b"User-agent: *", START), **flaw)
        site.recorder.captures.append(capture_of(exchange, record="broken"))
        site.recorder.exchanges.append(exchange)
        assert site.decide()[1] is Failure.ROBOTS_UNREACHABLE


def test_after_thirty_days_of_failure_the_file_counts_as_absent() -> None:
    """Asked for again and again without an answer, it forbids for 30 days and no longer."""
    site = Site(*(Transient("x", failure=Failure.DNS) for _ in range(3)))
    assert not site.decide()[0].allowed
    assert not site.decide(after=timedelta(days=30))[0].allowed
    assert site.decide(after=timedelta(hours=1))[0].allowed


def test_the_thirty_days_count_over_a_restart() -> None:
    """An archived 503 that nothing better followed dates the failure for the next process."""
    site = Site(Transient("x", failure=Failure.DNS))
    site.recorder.record(robots_exchange(503, b"", START - timedelta(days=31)))
    assert site.decide()[0].allowed


def test_throttling_and_stopping_pass_through() -> None:
    """A stopped host or an abandoned run says nothing about robots.txt."""
    with pytest.raises(Throttled):
        Site(Throttled("429", until=START)).decide()
    with pytest.raises(Transient):
        Site(Transient("stopping", failure=Failure.ABANDONED)).decide()


def test_every_page_names_the_robots_file_that_allowed_it() -> None:
    """The file is fetched once, recorded as its own capture, and cited with rule and delay."""
    text = b"User-agent: *\nAllow: /a\nDisallow: /private\nCrawl-delay: 1"
    with serving({"/robots.txt": page(text), "/a": page(b"x"), "/b": page(b"x")}) as site:
        site.get("/a")
        site.get("/b")
        assert site.web.targets() == ["/robots.txt", "/a", "/b"]
    robots, first, second = site.recorder.exchanges
    assert (robots.request.role, robots.request.reason, robots.body) == ("robots", "robots", text)
    cited = RobotsDecision(allowed=True, rule="Allow: /a", capture="captures/outlet/0.json", crawl_delay=1.0)
    assert first.robots == cited
    assert second.robots == replace(cited, rule="no rule applies")
    assert robots.robots is None


def test_a_forbidden_page_is_recorded_and_never_asked_for() -> None:
    """Refused, with an error record that names file and rule; the server sees only robots.txt."""
    with serving({"/robots.txt": page(b"User-agent: scraper\nDisallow: /private")}) as site:
        with pytest.raises(Refused, match="Disallow: /private") as caught:
            site.get("/private/a")
        assert site.web.targets() == ["/robots.txt"]
    assert caught.value.failure is Failure.ROBOTS_DENIED
    assert (site.last.failure, site.last.status, site.last.request_headers) == (Failure.ROBOTS_DENIED, None, ())
    assert site.last.robots is not None
    assert site.last.robots.capture == "captures/outlet/0.json"


def test_an_unreachable_robots_file_keeps_us_away() -> None:
    """A 503 on robots.txt: the page is not asked for, the record says why, and the error is one to retry later."""
    with serving({"/robots.txt": status(503), "/a": page(b"x")}) as site:
        for _ in range(2):
            with pytest.raises(Transient) as caught:
                site.get("/a")
            assert caught.value.failure is Failure.ROBOTS_UNREACHABLE
        assert set(site.web.targets()) == {"/robots.txt"}
        assert len(site.web.targets()) == QUICK.attempts
    assert site.last.failure is Failure.ROBOTS_UNREACHABLE


def test_a_missing_robots_file_allows() -> None:
    """404 means there are no rules, and that is what the record says."""
    with serving({"/a": page(b"x")}) as site:
        site.get("/a")
    assert site.last.robots == RobotsDecision(
        allowed=True, rule="no robots.txt (404)", capture="captures/outlet/0.json", crawl_delay=None
    )


def test_the_crawl_delay_widens_the_gap() -> None:
    """The larger of gap and crawl-delay is kept between two pages."""
    with serving({"/robots.txt": page(b"User-agent: *\nCrawl-delay: 7"), "/a": page(b"x")}) as site:
        site.get("/a")
        before = site.clock.now()
        site.get("/a")
        assert site.clock.now() - before == timedelta(seconds=7)


@pytest.mark.parametrize("delay", ["600", "90000.5"])
def test_a_crawl_delay_over_the_limit_pauses_the_source_loudly(delay: str) -> None:
    """A delay longer than max_gap is neither ignored nor waited for: nothing is asked until the file is read again."""
    text = f"User-agent: *\nCrawl-delay: {delay}".encode()
    with serving({"/robots.txt": page(text), "/a": page(b"x")}) as site:
        with pytest.raises(Throttled, match="raise max_gap") as caught:
            site.get("/a")
        assert (caught.value.kind, caught.value.until) == ("paused", START + timedelta(hours=12))
        assert site.web.targets() == ["/robots.txt"]
    assert (site.last.failure, f"{delay} s" in (site.last.detail or "")) == (Failure.ROBOTS_DENIED, True)


def test_up_to_five_redirects_are_followed_to_another_host() -> None:
    """The rules found there apply to the host that was asked about; each hop is a capture."""
    with WebServer({"/r": page(b"User-agent: *\nDisallow: /a")}, address="127.0.0.2") as other:
        hops = {f"/r{number}": moved(f"/r{number + 1}") for number in range(1, 4)}
        routes = {"/robots.txt": moved("/r1"), **hops, "/r4": moved(other.url("/r", host="elsewhere.example"))}
        recorder = Recorder()
        source = outlet(politeness=QUICK, network=None)
        mapped = replace(source.network, resolve=(("elsewhere.example", f"127.0.0.2:{other.port}"),))
        with WebServer(routes) as web, fetcher(recorder, network=mapped) as made, pytest.raises(Refused):
            made.get(asking(web.url("/a")), source, recorder.record)
    answered = [exchange.status for exchange in recorder.exchanges]
    assert answered == [302, 302, 302, 302, 302, 404, 200, None]
    assert [exchange.robots is not None for exchange in recorder.exchanges] == [False] * 6 + [True, True]


def test_more_than_five_redirects_count_as_no_file() -> None:
    """The RFC's way out of an endless chain: unavailable, so allowed."""
    hops = {f"/r{number}": moved(f"/r{number + 1}") for number in range(1, 9)}
    with serving({"/robots.txt": moved("/r1"), **hops, "/a": page(b"x")}) as site:
        site.get("/a")
        assert site.web.targets() == ["/robots.txt", "/r1", "/r2", "/r3", "/r4", "/r5", "/a"]
    assert site.last.robots is not None
    assert "five redirects" in site.last.robots.rule


def test_a_huge_robots_file_is_read_at_its_beginning() -> None:
    """A file over the byte limit still gives its first rules."""
    huge = b"User-agent: *\nDisallow: /private\n" + b"# filler\n" * 200_000
    source = outlet(politeness=replace(QUICK, max_bytes=700 * 1024))
    with serving({"/robots.txt": page(huge), "/a": page(b"x")}, source=source) as site:
        site.get("/a")
        with pytest.raises(Refused):
            site.get("/private")
    assert site.recorder.exchanges[0].truncated == "length"


def test_a_robots_file_that_breaks_off_forbids() -> None:
    """A connection that ends inside robots.txt leaves it unreachable, not half obeyed."""
    broken = Sent((head(200, "OK", [("Content-Length", "500")]), b"User-agent: *\n", CLOSE))
    with serving({"/robots.txt": broken, "/a": page(b"x")}) as site, pytest.raises(Transient) as caught:
        site.get("/a")
    assert caught.value.failure is Failure.ROBOTS_UNREACHABLE
