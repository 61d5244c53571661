"""Scout an outlet that nobody has declared: ask for the few pages that tell how it is built.

Hides which pages those are, and what a failure of one of them means: only the first must be had. All are archived unread;
the first crawl of the source reads them (`leftovers`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from scraper import discover, urls
from scraper.discover.survey import FEED_PATHS, Survey, sitemap_lines, survey
from scraper.errors import Blocked, ParseError, Refused, Throttled, Transient, UsageError
from scraper.fetch import robots_rules
from scraper.fetch.useragent import UserAgent
from scraper.jobs.services import Services, Step
from scraper.jobs.take import bring, keep
from scraper.model import Capture, ListingLink, Origin, Page, Parsed, Reason, Request, Role, Source, Verdict
from scraper.policy.resolve import rules

_FEEDS, _SITEMAPS, _SECTIONS = 3, 2, 2
"""The most of each that are asked for."""
_JOB = "new-source"


@dataclass(frozen=True, slots=True, kw_only=True)
class Robots:
    """What robots.txt says to us: the delay it asks for, its rules, and its sitemaps."""

    crawl_delay: float | None = None
    rules: robots_rules.Rules | None = None
    sitemaps: tuple[str, ...] = ()

    @property
    def lines(self) -> tuple[str, ...]:
        """The rules as they are written."""
        return tuple(line.text for line in self.rules.lines) if self.rules else ()

    def allows(self, url: str) -> bool:
        """Whether they let us ask for a URL."""
        return self.rules is None or self.rules.decide(url)[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """A discovery page that was had: its `kind` is `feed`, `sitemap` or `page`."""

    kind: str
    page: Page
    parsed: Parsed = field(default_factory=Parsed)
    survey: Survey = field(default_factory=Survey)

    @property
    def url(self) -> str:
        """Its address."""
        return self.page.url


@dataclass(frozen=True, slots=True, kw_only=True)
class Scouted:
    """All that was found of an outlet: the first page looked at is the one that was named."""

    robots: Robots
    looked: tuple[Looked, ...]
    hosts: tuple[str, ...]

    def of(self, kind: str) -> tuple[Looked, ...]:
        """The pages of one kind."""
        return tuple(each for each in self.looked if each.kind == kind)


class Scout:
    """Asks for pages of one source-to-be, in its pace. `notes` say what could not be had, `stopped` why nothing more is asked."""

    def __init__(self, services: Services, source: Source) -> None:
        self.services = services
        self.source = source
        self.notes: list[str] = []
        self.stopped = ""
        self._asked = 0

    def first(self, url: str) -> Page:
        """The page that was named. Errors: those of a fetch; UsageError where it is no page, or of another host."""
        capture, body = self._bring(url, Role.LISTING)
        location = next((value for name, value in capture.headers if name.lower() == "location"), "")
        if capture.verdict is Verdict.MOVED and location:
            raise UsageError(f"{url} leads to {location}, on another host: give the address the outlet has now")
        if not capture.verdict.readable:
            answer = f"{capture.status}, {capture.verdict.value}"
            raise UsageError(
                f"{capture.url} is no page to begin with ({answer}): give the outlet's front page or a list"
            )
        return capture.page(body)

    def page(self, url: str, role: Role = Role.LISTING, *, probing: bool = False) -> Page | None:
        """Another page; None, with a note unless it was only `probing`, where it cannot be had."""
        if self.stopped:
            return None
        try:
            capture, body = self._bring(url, role)
        except (Throttled, Blocked) as error:
            self.stopped = str(error)
            return None
        except (Refused, Transient) as error:
            self.notes.append(str(error))
            return None
        if capture.verdict.readable:
            return capture.page(body)
        if not probing:
            self.notes.append(f"{url} answered {capture.status} ({capture.verdict.value})")
        return None

    def robots(self, url: str) -> Robots:
        """What robots.txt says to us. Errors: as of a fetch."""
        request = self._request(url, Role.LISTING)
        found = self.services.fetcher.robots(request, self.source, lambda made: keep(self.services, self.source, made))
        if found.decision.capture is None:
            return Robots()
        capture = self.services.archive.record(found.decision.capture)
        if capture.sha256 is None or not 200 <= (capture.status or 0) < 300:
            return Robots()
        body = self.services.archive.body(capture.sha256)
        settings = self.services.config.settings
        token = UserAgent(product=settings.product, contact=settings.contact).token
        return Robots(
            crawl_delay=found.decision.crawl_delay,
            rules=robots_rules.read(body, token),
            sitemaps=sitemap_lines(body.decode("utf-8", "replace"), found.robots_url),
        )

    def _bring(self, url: str, role: Role) -> tuple[Capture, bytes]:
        self._asked += 1
        self.services.progress(Step(job=_JOB, source=self.source.id, done=self._asked, total=None, text=url))
        return bring(self.services, self.source, self._request(url, role))

    def _request(self, url: str, role: Role) -> Request:
        return Request(source=self.source.id, url=url, role=role, reason=Reason.MANUAL)


def scout(asking: Scout, url: str) -> Scouted:
    """Find the feeds, sitemaps and lists of the outlet at a URL. Errors: as of `Scout.first` and `Scout.robots`."""
    robots = asking.robots(url)
    front = asking.first(url)
    asking.source = replace(asking.source, hosts=both_forms(front.url))
    seen = survey(front, asking.source.hosts)
    kind, parsed = read(asking, front) or ("page", Parsed())
    first = Looked(kind=kind, page=front, parsed=parsed, survey=seen)
    feeds = () if kind == "feed" else _feeds(asking, front, seen)
    sitemaps = () if kind == "sitemap" else _sitemaps(asking, front, robots)
    told = bool(feeds) or any(sighting.published for each in (first, *sitemaps) for sighting in each.parsed.sightings)
    sections = () if told else tuple(_sections(asking, seen))
    looked = (first, *feeds, *sitemaps, *sections)
    return Scouted(robots=robots, looked=looked, hosts=_hosts(asking, looked, front.url))


def read(asking: Scout, page: Page) -> tuple[str, Parsed] | None:
    """Whether a page is a feed or a sitemap, and what it holds; None where it is neither."""
    try:
        parsed = discover.read(page, source=asking.source.id, parser="generic", rules=rules(asking.source))
    except ParseError:
        return None
    kind = parsed.layout.partition("@")[0]
    if any(sighting.origin is Origin.FEED for sighting in parsed.sightings):
        return "feed", parsed
    return ("sitemap", parsed) if kind == "sitemap" else None


def _feeds(asking: Scout, front: Page, seen: Survey) -> tuple[Looked, ...]:
    """The feeds that the page names, else the first that is where feeds usually are; none whose items another has."""
    outside = [url for url in seen.feeds if urls.host(url) not in asking.source.hosts]
    asking.notes.extend(
        f"the feed {url} is on another host: add it to `hosts` and `discover` by hand" for url in outside
    )
    named = [url for url in seen.feeds if url not in outside][:_FEEDS]
    usual = [urls.canonical(path, front.url) for path in FEED_PATHS]
    found: list[Looked] = []
    for url in named or usual:
        looked = _looked(asking, url, "feed", probing=not named)
        items = {sighting.url for sighting in looked.parsed.sightings} if looked else set()
        if looked and not any(items <= {each.url for each in other.parsed.sightings} for other in found):
            found.append(looked)
        if found and not named:
            break
    return tuple(found)


def _sitemaps(asking: Scout, front: Page, robots: Robots) -> tuple[Looked, ...]:
    """The sitemaps that robots.txt names, else /sitemap.xml; of an index also the child that most likely has articles."""
    named = [url for url in robots.sitemaps if urls.host(url) in asking.source.hosts]
    found: list[Looked] = []
    for url in named[:_SITEMAPS] or [urls.canonical("/sitemap.xml", front.url)]:
        looked = _looked(asking, url, "sitemap", probing=not named)
        if looked is None:
            continue
        found.append(looked)
        child = _child(looked.parsed.listings)
        inner = _looked(asking, child, "sitemap") if child and urls.host(child) in asking.source.hosts else None
        found.extend([inner] if inner else [])
    return tuple(found)


def _child(listings: Iterable[ListingLink]) -> str | None:
    """Of the children of an index: one for news, then for posts or articles, then the one modified last."""

    def rank(link: ListingLink) -> tuple[bool, bool, str]:
        name = urls.target(link.url)
        return "news" in name, "post" in name or "article" in name, link.last_modified or ""

    return max(listings, key=rank).url if (listings := tuple(listings)) else None


def _sections(asking: Scout, seen: Survey) -> Iterable[Looked]:
    """Pages of the menu under which the addresses of articles lie: where there is no feed, they are what lists more."""
    headlines = seen.headlines()
    folders = [
        anchor.url
        for anchor in seen.anchors
        if anchor.menu
        and urls.target(anchor.url) != "/"
        and any(url.startswith(anchor.url.rstrip("/") + "/") for url in headlines)
    ]
    for url in folders[:_SECTIONS]:
        page = asking.page(url)
        if page is not None:
            yield Looked(kind="page", page=page, survey=survey(page, asking.source.hosts))


def _looked(asking: Scout, url: str, kind: str, *, probing: bool = False) -> Looked | None:
    page = asking.page(url, probing=probing)
    found = read(asking, page) if page is not None else None
    if page is None or found is None or found[0] != kind:
        if page is not None and not probing:
            asking.notes.append(f"{url} is no {kind} that can be read")
        return None
    return Looked(kind=kind, page=page, parsed=found[1])


def both_forms(url: str) -> tuple[str, ...]:
    """A host and its other form, with or without `www.`: the same outlet."""
    host = urls.host(url)
    other = host.removeprefix("www.") if host.startswith("www.") else f"www.{host}"
    return (host,) if host.replace(".", "").isdigit() or ":" in host else (host, other)


def _hosts(asking: Scout, looked: Iterable[Looked], front: str) -> tuple[str, ...]:
    """The hosts that were seen in use, that of the first page before the others."""
    pages = tuple(looked)
    used = {urls.host(each.url) for each in pages}
    used |= {urls.host(url) for each in pages for url in (*(a.url for a in each.survey.anchors), *_shown_urls(each))}
    return tuple(host for host in dict.fromkeys((urls.host(front), *asking.source.hosts)) if host in used)


def _shown_urls(looked: Looked) -> tuple[str, ...]:
    return tuple(sighting.url for sighting in looked.parsed.sightings)
