"""New source: scout an outlet, draft its declaration, check it by the loader, and show what three articles come to.

Hides how what was found becomes a declaration. Whatever is guessed stands in the file with what it was guessed from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path

from scraper import urls
from scraper.catalogue.reading import ARTICLES
from scraper.config import joined, shipped
from scraper.config.draft import written
from scraper.config.scalars import source_id as source_id_text
from scraper.config.scalars import zone
from scraper.errors import UsageError
from scraper.jobs.contact import require_contact
from scraper.jobs.drafting import Wishes, draft, takes, wanted
from scraper.jobs.scout import Looked, Scout, both_forms, scout
from scraper.jobs.services import Services
from scraper.jobs.take import ADHOC, adhoc
from scraper.model import Article, Role, Sighting, Source
from scraper.policy.outlet import identifier

_SAMPLES = 3
_FIRST_WORDS = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class List:
    """A discovery page as the declaration reads it: its rows, and how many of those have a date or are articles'."""

    url: str
    kind: str
    rows: int
    dated: int
    articles: int
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What the parser makes of an article: `missing` names what it did not find, `detail` why it was not read at all."""

    url: str
    title: str = ""
    published: str = ""
    evidence: str = ""
    first_words: str = ""
    paragraphs: int = 0
    images: int = 0
    missing: tuple[str, ...] = ()
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSource:
    """A drafted source: where its declaration was written (empty: nowhere), its text, and what it reads.

    `fill_in` is what a person must still write, `notes` what could not be had, `stopped` why nothing more was asked.
    """

    source: str
    file: str
    declaration: str
    lists: tuple[List, ...]
    samples: tuple[Sample, ...]
    fill_in: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    stopped: str = ""

    def exit_code(self) -> int:
        """1 where something is missing (patterns, lists, the title, date or text of an article), 5 where the host stopped us."""
        whole = self.samples and not any(sample.missing or sample.detail for sample in self.samples)
        rows = any(each.articles for each in self.lists)
        return (0 if whole and rows and not self.fill_in else 1) if not self.stopped else 5


def new_source(
    services: Services, url: str, *, wishes: Wishes, environ: Mapping[str, str], out: Path | None, dry_run: bool
) -> NewSource:
    """Draft and write the declaration of the outlet at a URL; its pages are archived under the new source.

    With `dry_run` nothing is written, and the pages are filed under `adhoc`. Errors: UsageError and ConfigError, before
    anything is asked where that can be; those of a fetch where the page itself cannot be had.
    """
    _check(wishes)
    address = _address(services, url)
    source_id = wishes.source_id or identifier(urls.host(address))
    target = None if dry_run else _target(services, source_id, out)
    base = adhoc(address, services.config.settings.network)
    require_contact(services, [base])
    asking = Scout(
        services, replace(base, id=ADHOC if dry_run else source_id, parser="generic", hosts=both_forms(address))
    )
    found = scout(asking, address)
    drafted = draft(found, source_id, wishes, zones=_zones(), today=services.clock.now().date())
    text = written(drafted.draft)
    place = services.config.directory / "sources" / f"{source_id}.toml"
    source = joined(services.config, place, text.encode(), environ).source(source_id)
    if target is not None:
        _write(target, text)
    samples = tuple(_sample(asking, source, sighting) for sighting in wanted(found, source)[:_SAMPLES])
    return NewSource(
        source=source_id,
        file=str(target or ""),
        declaration=text,
        lists=tuple(_list(services, source, looked) for looked in found.looked if looked.url in drafted.discover),
        samples=samples,
        fill_in=drafted.fill_in,
        notes=tuple(asking.notes),
        stopped=asking.stopped,
    )


def _check(wishes: Wishes) -> None:
    """UsageError for an option that no declaration may say."""
    for option, value, reader in (("--id", wishes.source_id, source_id_text), ("--timezone", wishes.timezone, zone)):
        try:
            if value is not None:
                reader(value)
        except ValueError as error:
            raise UsageError(f"{option}: {error}") from error
    if wishes.language is not None and not wishes.language.strip():
        raise UsageError('--language: is empty; give a tag such as "en"')


def _address(services: Services, url: str) -> str:
    """The outlet's address; UsageError where it is none, or where a source has its host already."""
    try:
        address = urls.canonical(url)
    except ValueError as error:
        raise UsageError(f"{error}: give a whole address, e.g. https://www.herald.example/") from error
    owner = next(filter(None, map(services.config.owner, (f"http://{host}/" for host in both_forms(address)))), None)
    if owner is not None:
        raise UsageError(
            f"{urls.host(address)} belongs to source {owner.id!r} already: edit its file, "
            f"see `scraper sources {owner.id}`"
        )
    return address


def _target(services: Services, source_id: str, out: Path | None) -> Path:
    """Where the declaration goes. UsageError where a file or a source is there already, or there is no place of one's own."""
    if any(source.id == source_id for source in services.config.sources):
        raise UsageError(f"a source {source_id!r} is declared already: name another with --id")
    directory = services.config.directory
    if out is None and directory == shipped():
        raise UsageError(
            "no configuration of your own: `scraper init DIR` writes one, then give --config DIR; or name a file with --out"
        )
    target = out or directory / "sources" / f"{source_id}.toml"
    if target.exists():
        raise UsageError(f"{target}: is there already and is not overwritten; name another with --id or --out")
    return target


def _write(target: Path, text: str) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise UsageError(f"{target}: cannot be written: {error.strerror}; name another file with --out") from error


def _list(services: Services, source: Source, looked: Looked) -> List:
    reading = services.reader.read(looked.page, source)
    rows = reading.parsed.sightings
    return List(
        url=looked.url,
        kind=looked.kind,
        rows=len(rows),
        dated=sum(row.published is not None for row in rows),
        articles=sum(takes(source, row) for row in rows),
        detail=reading.detail or "",
    )


def _sample(asking: Scout, source: Source, lead: Sighting) -> Sample:
    page = asking.page(lead.url, Role.ARTICLE)
    if page is None:
        return Sample(url=lead.url, detail=asking.stopped or "could not be had: see the notes")
    reading = asking.services.reader.read(page, source, lead)
    if reading.outcome != ARTICLES:
        return Sample(url=page.url, detail=reading.detail or f"read as {reading.outcome}")
    return _shown(page.url, reading.parsed.articles[0])


def _shown(url: str, article: Article) -> Sample:
    words = " ".join(article.paragraphs).split()
    found = {"title": article.title, "date": article.published, "text": words, "language": article.language}
    if article.published_evidence == "inferred":
        found["date that is stated"] = None
    return Sample(
        url=url,
        title=article.title,
        published=article.published or "",
        evidence=article.published_evidence or "",
        first_words=" ".join(words[:_FIRST_WORDS]) + (" …" if len(words) > _FIRST_WORDS else ""),
        paragraphs=len(article.paragraphs),
        images=len(article.images),
        missing=tuple(name for name, value in found.items() if not value),
    )


def _zones() -> dict[str, tuple[str, ...]]:
    """The time zones of each country (ISO 3166), as the IANA data base lists them."""
    table = (files("tzdata") / "zoneinfo" / "zone.tab").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in table.splitlines() if line and not line.startswith("#"))
    found: dict[str, tuple[str, ...]] = {}
    for country, _place, name, *_ in rows:
        found[country] = (*found.get(country, ()), name)
    return found
