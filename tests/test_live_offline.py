"""Live and offline give the same: a page is read the same however it came, over the wire or out of the archive.

Every page under tests/sites, and every saved page beside the checkout, goes each way and is held against a direct reading.
"""

from __future__ import annotations

import gzip
import json
import ssl
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import brotli
import pytest
import trustme
import zstandard

from scraper import urls
from scraper.archive.archive import open_archive
from scraper.archive.store import Store, open_store
from scraper.archive.store_memory import MemoryStore
from scraper.config import load, shipped
from scraper.errors import ParseError
from scraper.jobs.reader import Reader
from scraper.model import Exchange, Headers, Network, Origin, Page, Parsed, Reason, Request, Role, Sighting, Source
from scraper.policy.judge import JUDGE, judge
from scraper.policy.resolve import read
from tests.fetch_support import Recorder, StepClock, fetcher, outlet
from tests.real_pages import ARTICLES, BLOCK_PAGE, EMPTY, LISTINGS, Saved
from tests.web_server import Answer, WebServer, head

if TYPE_CHECKING:
    from tests.servers import S3Server

pytest_plugins = ["tests.servers"]

ROOT = Path(__file__).parent / "sites"
SHARED = Path(__file__).resolve().parents[2] / "shared"
DECLARED = load(shipped(), {})

CODINGS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "br": brotli.compress,
    "zstd": zstandard.compress,
}
WIRES = ("plain", *CODINGS, "chunked")
STORES = ("local", "memory", "s3")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A page as its server sent it, and the sighting that led to it."""

    file: Path
    url: str
    headers: Headers
    fetched_at: datetime
    lead: Sighting
    method: str = "GET"

    @property
    def source(self) -> Source:
        """The shipped declaration that reads it."""
        source = DECLARED.owner(self.url)
        assert source is not None
        return source

    def page(self) -> Page:
        """The page as no wire and no archive has touched it."""
        return Page(
            method=self.method,
            url=self.url,
            status=200,
            headers=self.headers,
            fetched_at=self.fetched_at,
            body=self.file.read_bytes(),
        )


def _lead(url: str, given: dict[str, Any] | None) -> Sighting:
    """The sighting of capture.json; else a list row with a date, which decides where the page itself states none."""
    hint = given or {"origin": "listing", "title": "A row's title", "published": "2019-05-06"}
    return Sighting(**{**hint, "url": url, "origin": Origin(hint["origin"]), "key": urls.key(url)})


def _fixture(folder: Path) -> Any:
    capture = json.loads((folder / "capture.json").read_text())
    (file,) = folder.glob("page.*")
    sample = Sample(
        file=file,
        url=capture["url"],
        headers=tuple((name, value) for name, value in capture.get("headers", [])),
        fetched_at=datetime.fromisoformat(capture["fetched_at"]),
        lead=_lead(capture["url"], capture.get("lead")),
        method=capture.get("method", "GET"),
    )
    return pytest.param(sample, id=f"{folder.parent.name}/{folder.name}")


def _real(saved: Saved) -> Any:
    sample = Sample(
        file=SHARED / "pages" / saved.file,
        url=saved.url,
        headers=(("Content-Type", saved.media),),
        fetched_at=datetime(2026, 11, 1, tzinfo=UTC),
        lead=_lead(saved.url, None),
        method=saved.method,
    )
    return pytest.param(sample, id=f"real/{Path(saved.file).name}", marks=pytest.mark.shared)


SAMPLES = [
    *(_fixture(path.parent) for path in sorted(ROOT.glob("*/*/capture.json"))),
    *(_real(saved) for saved in (*ARTICLES, *LISTINGS, *EMPTY, BLOCK_PAGE)),
]


def understood(sample: Sample, page: Page, lead: Sighting | None) -> Parsed | str:
    """What a page says, or why it says nothing."""
    try:
        return read(page, sample.source, lead)
    except ParseError as error:
        return str(error)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tls:
    """A server's side of TLS for every declared host, and the authority that a client must trust for it."""

    context: ssl.SSLContext
    ca_file: str


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Tls:
    """One certificate for all."""
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*(host for source in DECLARED.sources for host in source.hosts)).configure_cert(context)
    path = tmp_path_factory.mktemp("authority") / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return Tls(context=context, ca_file=str(path))


@pytest.fixture(scope="module")
def stores(
    tmp_path_factory: pytest.TempPathFactory, seaweedfs: S3Server, bucket_names: Iterator[str]
) -> dict[str, Store]:
    """One store of each kind."""
    return {
        "local": open_store(str(tmp_path_factory.mktemp("store"))),
        "memory": MemoryStore(),
        "s3": open_store(f"s3://{next(bucket_names)}/archive", s3=seaweedfs.options()),
    }


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    """A reader with a child, as the worker has it."""
    with closing(Reader(processes=1)) as made:
        yield made


def fetched(sample: Sample, lead: Sighting | None, way: str, tls: Tls) -> Exchange:
    """The sample as it arrives over the wire, under its own address, at its own time."""
    secure = sample.url.startswith("https:")
    answer = _answer(sample.headers, sample.file.read_bytes(), way)
    host = urls.host(sample.url)
    with (
        WebServer({urls.target(sample.url): answer}, tls=tls.context if secure else None) as web,
        fetcher(Recorder(), clock=StepClock(sample.fetched_at)) as made,
    ):
        network = Network(resolve=((host, f"127.0.0.1:{web.port}"),), ca_file=tls.ca_file)
        request = Request(
            source="outlet",
            url=sample.url,
            role=Role.ARTICLE,
            reason=Reason.MANUAL,
            method=sample.method,
            lead=lead,
        )
        return made.get(request, outlet(host, network=network), Recorder().record).exchange


def _answer(headers: Headers, body: bytes, way: str) -> Answer:
    if way == "chunked":
        return Answer((head(200, "OK", [*headers, ("Transfer-Encoding", "chunked")]), *_chunks(body)))
    coded = CODINGS[way](body) if way in CODINGS else body
    encoding = [("Content-Encoding", way)] if way in CODINGS else []
    return Answer((head(200, "OK", [*headers, *encoding, ("Content-Length", str(len(coded)))]), coded))


def _chunks(body: bytes) -> Iterable[bytes]:
    """Pieces of 997 bytes, so that letters and tags are torn apart."""
    for start in range(0, len(body), 997):
        piece = body[start : start + 997]
        yield b"%x\r\n%s\r\n" % (len(piece), piece)
    yield b"0\r\n\r\n"


@pytest.mark.parametrize("way", [*WIRES, *STORES, "child"])
@pytest.mark.parametrize("sample", SAMPLES)
def test_every_way_gives_the_same(sample: Sample, way: str, tls: Tls, stores: dict[str, Store], reader: Reader) -> None:
    """Fetched in any coding, kept in any store and loaded again, or read in a child: the same as read directly.

    With a sighting that states a date and without one: where nothing else does, the time of the fetch decides the year.
    """
    for lead in (sample.lead, None):
        direct = understood(sample, sample.page(), lead)
        if way == "child":
            reading = reader.read(sample.page(), sample.source, lead)
            assert (reading.detail or reading.parsed) == direct
            continue
        exchange = fetched(sample, lead, way if way in WIRES else "gzip", tls)
        page, evidence = kept(exchange, stores[way]) if way in STORES else (exchange.page(), lead)
        assert bare(page) == sample.page()
        assert understood(sample, page, evidence) == direct


def bare(page: Page) -> Page:
    """The page without the headers that tell of the wire."""
    own = (pair for pair in page.headers if pair[0] not in {"Content-Encoding", "Content-Length", "Transfer-Encoding"})
    return replace(page, headers=tuple(own))


def kept(exchange: Exchange, store: Store) -> tuple[Page, Sighting | None]:
    """The page and the sighting as an archive gives them back that was opened anew."""
    key, seen_at = urls.key(exchange.url), exchange.fetched_at
    writing = open_archive(store, writable=True)
    saved = writing.save(exchange, key=key, verdict=judge(exchange), judge=JUDGE, config=None, recorded_at=seen_at)
    archive = open_archive(store, writable=False)
    capture = archive.record(saved.record)
    return archive.load(capture), capture.lead


def test_the_samples_are_of_every_kind() -> None:
    """Articles, listings and refusals are among our own pages, and articles whose date the sighting decides."""
    samples = [sample for (sample,) in (param.values for param in SAMPLES) if sample.file.is_relative_to(ROOT)]
    found = [understood(sample, sample.page(), sample.lead) for sample in samples]
    parsed = [each for each in found if isinstance(each, Parsed)]
    articles = [article for each in parsed for article in each.articles]
    assert len(found) > len(parsed) > len(articles) > 0
    assert "2019-05-06" in {article.published for article in articles if article.published_evidence == "list-row"}
