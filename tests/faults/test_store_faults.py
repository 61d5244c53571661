"""A store that errors, stalls, resets, cuts short, lies or loses: what each command says of it, and that nothing acknowledged is lost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from scraper import app
from scraper.archive import open_store
from scraper.catalogue.tables import DERIVED
from scraper.config import load
from scraper.errors import StoreUnreachable
from scraper.jobs.check import check
from scraper.jobs.crawl import crawl
from scraper.jobs.rebuild import rebuild
from scraper.jobs.reconcile import reconcile
from scraper.jobs.repair import repair
from scraper.model import Finding, Severity
from tests.commands import Ran
from tests.examined_archive import ORPHAN, wrong_in
from tests.fast_outlet import configure
from tests.faults.s3_proxy import PASS, Act, Ask, Fault, Lie, Pass, Proxy, Refuse, Reset, Stall, well, without

if TYPE_CHECKING:
    from scraper.jobs.services import Services
    from tests.faults.outlet import Outlet
    from tests.nursery import Nursery
    from tests.servers import S3Server

pytest_plugins = ["tests.servers"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """An archive in a bucket behind the proxy; its catalogue is a local file."""

    place: Path
    bucket: str
    proxy: Proxy
    behind: S3Server
    outlet: Outlet
    nursery: Nursery

    def environ(self, catalogue: str = "catalogue") -> dict[str, str]:
        """What names store and catalogue."""
        return {
            "SCRAPER_STORE": f"s3://{self.bucket}",
            "SCRAPER_S3_ENDPOINT": self.proxy.endpoint,
            "SCRAPER_S3_CREATE_BUCKET": "true",
            "SCRAPER_S3_ACCESS_KEY": self.behind.access_key,
            "SCRAPER_S3_SECRET_KEY": self.behind.secret_key,
            "SCRAPER_CATALOGUE": f"sqlite:///{self.place}/{catalogue}.sqlite3",
        }

    @contextmanager
    def services(self, catalogue: str = "catalogue") -> Iterator[Services]:
        """Everything, in this process."""
        with app.services(load(self.place / "config", self.environ(catalogue)), processes=0) as services:
            yield services

    def crawls(self, limit: int) -> None:
        """Look at the outlet while nothing fails."""
        with self.services() as services:
            crawl(services, services.config.sources[0], limit=limit)

    def command(self, *words: str) -> Ran:
        """A command as a real process."""
        return self.nursery.run(*words, "--config", self.place / "config", env=self.environ())

    @contextmanager
    def failing(self, fault: Fault) -> Iterator[None]:
        """While this is so, the store fails."""
        self.proxy.fault = fault
        try:
            yield
        finally:
            self.proxy.fault = well

    def told(self, catalogue: str = "catalogue") -> set[str]:
        """The objects that are said to be damaged or gone, when all are read."""
        with self.services(catalogue) as services:
            return damaged(services)

    def assert_whole(self, number: int) -> None:
        """All that was answered since then, but for a worker's last, is there; a new catalogue and `check` find nothing wrong."""
        with self.services("fresh") as services:
            assert rebuild(services).findings == ()
            captures = services.archive.captures(on_damage=lambda key, _error: pytest.fail(key))
            kept = {(capture.url, capture.sha256) for capture in captures}
        assert {(one.url, one.sha256) for one in self.outlet.since(number, whole=False)} <= kept
        assert self.told("fresh") == set()


def damaged(services: Services) -> set[str]:
    """What `check` names, and what is wrong with the objects themselves."""
    found = keys(check(services, services.config.sources).findings)
    return found | {key for kind, key in wrong_in(services.archive.store) if kind != ORPHAN}


def keys(findings: tuple[Finding, ...]) -> set[str]:
    """The keys of objects that are said to be damaged."""
    return {one.subject for one in findings if one.severity is Severity.DAMAGED and not one.subject.startswith("http")}


@pytest.fixture(scope="module")
def proxy(seaweedfs: S3Server) -> Iterator[Proxy]:
    """The server that fails."""
    with Proxy(seaweedfs.endpoint) as running:
        yield running


@pytest.fixture
def bucket(bucket_names: Iterator[str]) -> str:
    """The name of a bucket that is not there yet."""
    return next(bucket_names)


@pytest.fixture
def workers(web: Outlet, nursery: Nursery) -> tuple[Outlet, Nursery]:
    """The outlet, and where workers come from."""
    return web, nursery


@pytest.fixture
def site(tmp_path: Path, proxy: Proxy, seaweedfs: S3Server, bucket: str, workers: tuple[Outlet, Nursery]) -> Site:
    """An archive with a few pages in it."""
    web, nursery = workers
    configure(tmp_path, web.address, deadline="20s")
    place = Site(place=tmp_path, bucket=bucket, proxy=proxy, behind=seaweedfs, outlet=web, nursery=nursery)
    place.crawls(2)
    return place


def on(method: str, prefix: str, act: Act, *, times: int | None = None) -> Fault:
    """A fault of one method below a prefix; so many times, where `times` is given."""
    left = [times if times is not None else -1]

    def fault(ask: Ask) -> Act:
        if ask.method != method or not ask.key.startswith(prefix) or ask.lists or not left[0]:
            return PASS
        left[0] -= 1
        return act

    return fault


FLIPPED = Pass(edit=lambda body: body[:-3] + bytes(255 - one for one in body[-3:]))
SLOW_DOWN = Refuse(status=503, code="SlowDown")
STOPS: Mapping[str, tuple[Fault, str]] = {
    "errors": (on("PUT", "captures/", Refuse(status=500, code="InternalError")), "the server answered InternalError"),
    "is throttled": (on("PUT", "snapshots/", SLOW_DOWN), "the server answered SlowDown"),
    "resets": (on("PUT", "snapshots/", Reset()), "no answer"),
    "is full": (on("PUT", "captures/", Refuse(status=507, code="InsufficientStorage")), "the storage is full"),
    "refuses": (on("PUT", "", Refuse(status=403, code="AccessDenied")), "credentials refused (AccessDenied)"),
    "loses at once": (on("PUT", "captures/", Lie(echo=False)), "but holds nothing: it loses writes"),
}
"""A store that fails while a page is written: the run stops, and says why."""


@pytest.mark.parametrize(
    "name",
    [
        "loses at once",
        *[pytest.param(one, marks=pytest.mark.soak) for one in STOPS if one != "loses at once"],
    ],
)
def test_a_store_that_fails_stops_the_run(site: Site, name: str) -> None:
    """Exit code 3 and one line that says why; nothing acknowledged is lost, and the next run goes on."""
    fault, said = STOPS[name]
    number = site.outlet.number()
    with site.failing(fault):
        ran = site.command("crawl", "--limit", "3")
    assert (ran.code, ran.out, ran.err.count("\n")) == (3, b"", 1), ran
    assert said in ran.err
    site.assert_whole(number)
    number = site.outlet.number()
    site.crawls(3)
    site.assert_whole(number)


@pytest.mark.parametrize(
    "act",
    [
        pytest.param(SLOW_DOWN, id="503", marks=pytest.mark.soak),
        pytest.param(Reset(), id="reset", marks=pytest.mark.soak),
        pytest.param(Refuse(status=500, code="InternalError"), id="500", marks=pytest.mark.soak),
    ],
)
def test_a_store_that_fails_for_a_moment_stops_nothing(site: Site, act: Act) -> None:
    """Each object is refused once and taken the second time: nobody notices."""
    tried: set[tuple[str, str]] = set()

    def first_time(ask: Ask) -> Act:
        if ask.method != "PUT" or ("PUT", ask.key) in tried:
            return PASS
        tried.add(("PUT", ask.key))
        return act

    number = site.outlet.number()
    with site.failing(first_time):
        site.crawls(1)
    assert tried
    site.assert_whole(number)


@pytest.mark.parametrize(
    "act",
    [
        pytest.param(Pass(cut=True), id="cut short"),
        pytest.param(FLIPPED, id="changed on the way", marks=pytest.mark.soak),
    ],
)
def test_a_body_that_is_spoilt_on_its_way_is_asked_for_again(site: Site, act: Act) -> None:
    """Every object comes wrong the first time: a rebuild reads them all, and `check` finds nothing damaged."""
    spoilt: set[str] = set()

    def first_time(ask: Ask) -> Act:
        if ask.method != "GET" or ask.lists or not ask.key or ask.key in spoilt:
            return PASS
        spoilt.add(ask.key)
        return act

    with site.failing(first_time), site.services("fresh") as services:
        assert rebuild(services).findings == ()
        spoilt.clear()
        assert damaged(services) == set()
    assert spoilt


def test_a_body_that_never_comes_whole_is_an_error_and_no_object(site: Site) -> None:
    """Half of every body, always: never taken for the whole one; the command ends with 3."""
    with site.failing(on("GET", "", Pass(cut=True))):
        ran = site.command("check", "--read-data")
    assert (ran.code, "no answer" in ran.err, ran.err.count("\n")) == (3, True, 1), ran


def test_other_bytes_are_named(site: Site) -> None:
    """One object is given out otherwise than it was stored, always: exactly that is named, by `repair` too."""
    other = next(open_store(f"s3://{site.bucket}", s3=site.behind.options()).list("snapshots/"))
    with site.failing(on("GET", other, FLIPPED)), site.services() as services:
        assert damaged(services) == {other}
        report = repair(services, None, [other])
    assert (report.exit_code(), [one.kind for one in report.findings]) == (4, ["unrepaired"])


@pytest.mark.parametrize("prefix", ["captures/", pytest.param("snapshots/", marks=pytest.mark.soak)])
def test_a_store_that_lies_about_success_is_named_exactly(site: Site, prefix: str) -> None:
    """Writes are acknowledged with the right checksum and not kept: `reconcile`, `check` and `rebuild` name all of them, and no other."""
    site.proxy.lied.clear()
    with site.failing(on("PUT", prefix, Lie(echo=True), times=3)):
        site.crawls(2)
    lied = set(site.proxy.lied)
    assert len(lied) == 3
    ran = site.command("reconcile", "--json")
    assert (ran.code, {one["subject"] for one in ran.report["findings"]}) == (4, lied)
    assert site.told() == lied
    ran = site.command("rebuild", "--json")
    # A lost body is told at the records that name it.
    said = {one["subject"] for one in ran.report["findings"] if one["severity"] == "damaged"}
    assert ran.code == 4
    assert said == lied or (prefix == "snapshots/" and len(said) == len(lied))


def test_what_is_lost_an_hour_later_is_named(site: Site) -> None:
    """Objects that were there go: `reconcile` names each, then `rebuild`, which forgets those records, says which they were."""
    store = open_store(f"s3://{site.bucket}", s3=site.behind.options())
    gone = [next(store.list("captures/fast/")), next(store.list("snapshots/"))]
    for key in gone:
        site.behind.client().delete_object(Bucket=site.bucket, Key=key)
    with site.services() as services:
        assert keys(reconcile(services).findings) == set(gone)
        assert gone[0] in keys(rebuild(services).findings)


def test_a_listing_that_lags_is_no_loss(site: Site) -> None:
    """Records that no listing shows yet are there all the same: nothing is said to be missing, and a rebuild has them."""
    store = open_store(f"s3://{site.bucket}", s3=site.behind.options())
    late = {*list(store.list("captures/"))[-3:], *list(store.list("snapshots/"))[:2]}

    def lagging(ask: Ask) -> Act:
        return Pass(edit=without(late.__contains__)) if ask.lists else PASS

    with site.services() as services:
        before = {table.name: services.database.dump(table) for table in DERIVED}
        with site.failing(lagging):
            assert keys(check(services, services.config.sources).findings) == set()
            assert keys(reconcile(services).findings) == set()
            assert rebuild(services).findings == ()
        assert {table.name: services.database.dump(table) for table in DERIVED} == before


@pytest.mark.parametrize("method", ["HEAD", pytest.param("PUT", marks=pytest.mark.soak)])
def test_a_wrong_clock_is_told(site: Site, method: str) -> None:
    """A server that finds this machine's time wrong says so in a body, which the answer to a HEAD has none of."""
    skewed = Refuse(status=403, code="RequestTimeTooSkewed")
    failing = site.failing(lambda ask: skewed if ask.method in (method, "GET") else PASS)
    with failing, pytest.raises(StoreUnreachable, match="this machine's clock is wrong: set it"):
        site.crawls(1)


@pytest.mark.soak  # as long as three of the client's own patience
def test_a_store_that_does_not_answer_stops_the_run(site: Site) -> None:
    """It takes the request and says nothing: exit code 3 within two minutes, and nothing is lost."""
    number = site.outlet.number()
    with site.failing(on("PUT", "captures/", Stall(seconds=300))):
        ran = site.command("crawl", "--limit", "3")
    assert (ran.code, "no answer" in ran.err) == (3, True), ran
    site.assert_whole(number)
