"""A directory of TOML files and an environment in, one checked configuration out.

Hides where the files are, and what must hold between them: one file an id, one source a host.
"""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from scraper import parse, urls
from scraper.config import environment, reading
from scraper.config.scalars import proxy_url
from scraper.config.tables import (
    BackfillTable,
    DiscoverTable,
    NetworkTable,
    NotifyTable,
    OpeningTable,
    PostedTable,
    S3Table,
    SettingsTable,
    SourceTable,
    TimestampsTable,
)
from scraper.config.values import CdxSettings, Config, S3Settings, SecondSettings, Settings
from scraper.errors import ConfigError, UsageError
from scraper.model import (
    Authority,
    Backfill,
    ChangeKind,
    Discovery,
    Network,
    Opening,
    Politeness,
    Posted,
    Source,
    Target,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

SETTINGS_FILE = "scraper.toml"
_PACKAGE = Path(__file__).resolve().parent.parent
_NEEDED = {"dated": "{date:%Y-%m-%d}", "paged": "{page}", "post": "{page}", "serial": "{number}"}


def load(directory: Path | None, environ: Mapping[str, str], *, parsers: Collection[str] = parse.PARSERS) -> Config:
    """Read and check a whole configuration.

    `directory` None means ./config where that holds a scraper.toml, else the copy that is shipped with the program.
    `environ` is read for `SCRAPER_<KEY>` and for the secrets. `parsers` are the names a source may use.

    Raises ConfigError: one line that names the file, the key, and what to do.
    """
    place = directory if directory is not None else _found()
    if not place.is_dir():
        raise ConfigError(f"{place}: no such directory; `scraper init {place}` writes one to edit")
    settings = _settings(place, environ)
    files = sorted((place / "sources").glob("*.toml"))
    if not files:
        raise ConfigError(f"{place / 'sources'}: no source is declared; `scraper init DIR` writes some to start from")
    sources = tuple(_source(path, reading.read_file(path), settings.network, environ, parsers) for path in files)
    _check_together(sources, files)
    _check_targets(settings, sources, place / SETTINGS_FILE)
    return Config(directory=place, settings=settings, sources=sources)


def joined(config: Config, path: Path, raw: bytes, environ: Mapping[str, str]) -> Config:
    """The configuration with one source more, of which `raw` are the bytes that its file would have.

    Checked as `load` checks it; `path` is what errors name. Raises ConfigError as `load` does.
    """
    source = _source(path, raw, config.settings.network, environ, parse.PARSERS)
    sources = (*config.sources, source)
    _check_together(sources, [*(config.directory / "sources" / f"{each.id}.toml" for each in config.sources), path])
    return replace(config, sources=sources)


def shipped() -> Path:
    """The configuration that comes with the program: inside the wheel, or beside the package in a checkout."""
    packaged = _PACKAGE / "shipped_config"
    return packaged if packaged.is_dir() else _PACKAGE.parent / "config"


def init(directory: Path) -> tuple[Path, ...]:
    """Write the shipped configuration into a directory, to be edited; returns the files written.

    Raises UsageError where any of them is there already: nothing is overwritten.
    """
    origin = shipped()
    files = [origin / SETTINGS_FILE, *sorted((origin / "sources").glob("*.toml"))]
    targets = [directory / path.relative_to(origin) for path in files]
    for target in targets:
        if target.exists():
            raise UsageError(f"{target}: is there already and is not overwritten; choose another directory")
    try:
        for path, target in zip(files, targets, strict=True):
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
    except OSError as error:
        raise UsageError(f"{directory}: cannot be written: {error.strerror}; choose another directory") from error
    return tuple(targets)


def _found() -> Path:
    # A directory called config may be anybody's: only one that looks like ours is taken.
    here = Path("config")
    return here if (here / SETTINGS_FILE).exists() or (here / "sources").is_dir() else shipped()


def _settings(directory: Path, environ: Mapping[str, str]) -> Settings:
    path = directory / SETTINGS_FILE
    data = reading.toml(reading.read_file(path), path)
    declared = reading.validated(SettingsTable, data, str(path))
    _refuse_password(declared.network.proxy, f"{path}: network.proxy", "SCRAPER_NETWORK_PROXY")
    _refuse_password(declared.second.proxy, f"{path}: second.proxy", "SCRAPER_SECOND_PROXY")
    _refuse_password(declared.catalogue, f"{path}: catalogue", "SCRAPER_CATALOGUE")
    table = reading.validated(SettingsTable, environment.overlay(data, environ), "environment")
    store = _absolute(table.store or Settings().store)
    replica = _absolute(table.replica) if table.replica else None
    if (
        replica is not None
        and replica.rstrip("/") == store.rstrip("/")
        and table.s3.endpoint == table.replica_s3.endpoint
    ):
        raise ConfigError(
            f"{path}: replica: {replica} is the store itself; name another place, best on another machine"
        )
    return Settings(
        **table.model_dump(
            exclude_unset=True,
            exclude={"s3", "replica_s3", "cdx", "network", "second", "store", "replica", "timestamps", "notify"},
        ),
        store=store,
        replica=replica,
        s3=_s3(table.s3, environment.secrets(environ)),
        replica_s3=_s3(table.replica_s3, environment.secrets(environ, environment.REPLICA_SECRETS)),
        cdx=CdxSettings(**table.cdx.model_dump(exclude_unset=True)),
        network=_network(table.network, Network(), path),
        second=SecondSettings(**table.second.model_dump(exclude_unset=True)),
        timestamps=_authorities(table.timestamps, path),
        notify=_targets(table.notify, path, environ),
    )


def _s3(table: S3Table, keys: tuple[str | None, str | None]) -> S3Settings:
    return S3Settings(**table.model_dump(exclude_unset=True), access_key=keys[0], secret_key=keys[1])


def _authorities(tables: list[TimestampsTable], path: Path) -> tuple[Authority, ...]:
    names: set[str] = set()
    found = []
    for number, table in enumerate(tables):
        place = f"{path}: timestamps[{number}]"
        if "@" in urlsplit(table.url).netloc:
            raise ConfigError(f"{place}.url: holds a user or password; name an authority that asks for none")
        trust = _file(table.trust, path, f"{place}.trust") if table.trust else None
        authority = Authority(url=table.url, policy=table.policy, trust=trust)
        if authority.name in names:
            raise ConfigError(f"{place}.url: {authority.name} is declared already; an authority has one entry")
        names.add(authority.name)
        found.append(authority)
    return tuple(found)


def _targets(tables: list[NotifyTable], path: Path, environ: Mapping[str, str]) -> tuple[Target, ...]:
    names = [table.name for table in tables]
    for number, name in enumerate(names):
        if name in names[:number]:
            raise ConfigError(f"{path}: notify[{number}].name: {name!r} is declared already; choose another name")
    return tuple(
        Target(
            name=table.name,
            kinds=tuple(ChangeKind(kind) for kind in table.kinds or ()),
            sources=tuple(table.sources or ()),
            min_words=table.min_words or 0,
            addresses=environment.addresses_of(table.name, environ),
        )
        for table in tables
    )


def _absolute(store: str) -> str:
    """A `file://` URL whose path does not depend on the directory a later command is started in."""
    scheme, _, path = store.partition("://")
    return Path(unquote(path)).absolute().as_uri() if scheme == "file" else store


def _source(path: Path, raw: bytes, inherited: Network, environ: Mapping[str, str], parsers: Collection[str]) -> Source:
    table = reading.validated(SourceTable, reading.toml(raw, path), str(path))
    _check_source(table, path, parsers)
    _refuse_password(table.network.proxy, f"{path}: network.proxy", environment.proxy_of(table.id, environ)[0])
    network = _network(table.network, inherited, path)
    plain = table.model_dump(
        exclude_unset=True,
        include={"titles", "every", "recheck_every", "sweep", "unconditional", "session", "channel", "robots_401_403"},
    )
    return Source(
        id=table.id,
        name=table.name,
        parser=table.parser,
        language=table.language,
        timezone=table.timezone,
        hosts=tuple(table.hosts),
        articles=tuple(table.articles),
        listings=tuple(table.listings or ()),
        listing_links=tuple(table.listing_links or ()),
        listing_dates=tuple(table.listing_dates or ()),
        discover=tuple(Discovery(**_plain(each)) for each in table.discover),
        backfill=tuple(Backfill(**_plain(each)) for each in table.backfill),
        posted=tuple(Posted(**_plain(each)) for each in table.posted),
        opening=Opening(**_plain(table.opening)) if table.opening else None,
        politeness=Politeness(**table.politeness.model_dump(exclude_unset=True)),
        network=_with_proxy_of(table.id, network, environ),
        stable_form_fields=tuple(table.stable_form_fields or ()),
        quiet=tuple(table.quiet or ()),
        per_day=(table.per_day[0], table.per_day[1]) if table.per_day else None,
        days_off=tuple(table.days_off or ()),
        digest=hashlib.sha256(raw).hexdigest(),
        declaration=raw,
        **plain,
    )


def _plain(table: DiscoverTable | BackfillTable | PostedTable | OpeningTable) -> dict[str, Any]:
    """What a table says, as its frozen value has it: lists and tables as tuples."""
    stated = table.model_dump(exclude_unset=True).items()
    return {
        name: tuple(value.items()) if isinstance(value, dict) else tuple(value) if isinstance(value, list) else value
        for name, value in stated
    }


def _network(table: NetworkTable, inherited: Network, path: Path) -> Network:
    """A file's `[network]` over what is inherited; an empty proxy or ca_file means none in spite of it."""
    ca_file = inherited.ca_file if table.ca_file is None else _ca_file(table.ca_file, path)
    resolve = dict(inherited.resolve) | (table.resolve or {})
    return Network(
        resolve=tuple(resolve.items()),
        proxy=inherited.proxy if table.proxy is None else table.proxy or None,
        ca_file=ca_file,
        verify=inherited.verify if table.verify is None else table.verify,
    )


def _ca_file(name: str, path: Path) -> str | None:
    return _file(name, path, f"{path}: network.ca_file") if name else None


def _file(name: str, path: Path, place: str) -> str:
    """A file that a configuration file names, relative to the configuration's directory."""
    root = path.parent if path.name == SETTINGS_FILE else path.parent.parent
    found = (root / name).resolve()
    if not found.is_file():
        raise ConfigError(f"{place}: {found} is not a file; write a path relative to {root}")
    return str(found)


def _with_proxy_of(source_id: str, network: Network, environ: Mapping[str, str]) -> Network:
    name, proxy = environment.proxy_of(source_id, environ)
    if proxy is None:
        return network
    try:
        return replace(network, proxy=proxy_url(proxy))
    except ValueError as error:
        raise ConfigError(f"environment: {name}: {error}") from error


def _refuse_password(url: str | None, place: str, variable: str) -> None:
    """Files are archived and shared; a password in one would be too."""
    if url and "@" in urlsplit(url).netloc:
        raise ConfigError(f"{place}: holds a user or password; take them out and set {variable} in the environment")


def _check_source(table: SourceTable, path: Path, parsers: Collection[str]) -> None:
    if table.parser not in parsers:
        known = ", ".join(sorted(parsers))
        raise ConfigError(f"{path}: parser: {table.parser!r} is not a parser; use one of {known}")
    if table.per_day and table.per_day[0] > table.per_day[1]:
        raise ConfigError(f"{path}: per_day: {table.per_day} is the wrong way round; write [least, most]")
    for number, page in enumerate(table.discover):
        _check_scope(page.url, table.hosts, f"{path}: discover[{number}]")
        _check_dated(page, f"{path}: discover[{number}]")
    for number, way in enumerate(table.backfill):
        _check_scope(way.url, table.hosts, f"{path}: backfill[{number}]")
        _check_backfill(way, f"{path}: backfill[{number}]")


def _check_scope(url: str, hosts: list[str], place: str) -> None:
    if urls.host(url) not in hosts:
        raise ConfigError(f"{place}.url: {urls.host(url)} is not among `hosts`; add it there or mend the URL")


def _check_dated(table: DiscoverTable, place: str) -> None:
    """A dated index has a date in its address, and no other page has."""
    if ("{date" in table.url) is not bool(table.days_ago):
        raise ConfigError(f"{place}.days_ago: goes with {{date:%Y-%m-%d}} in the url; give both or neither")
    if table.days_ago:
        _check_filled(table.url, f"{place}.url")


def _check_backfill(table: BackfillTable, place: str) -> None:
    needed, form = _NEEDED.get(table.kind), table.form or {}
    key, text = ("form", " ".join(form.values())) if table.kind == "post" else ("url", table.url)
    if needed and needed.partition(":")[0].rstrip("}") not in text:
        raise ConfigError(
            f"{place}.{key}: kind '{table.kind}' needs {needed} in it; add it where the day or page stands"
        )
    if form and table.kind != "post":
        raise ConfigError(f"{place}.form: only kind 'post' sends a form of its own; drop the form or change the kind")
    _check_filled(table.url, f"{place}.url")
    for name, value in form.items():
        _check_filled(value, f"{place}.form.{name}", "{page}, {next}, {since:…}, {until:…}")
    if table.last is not None and table.last < (1 if table.first is None else table.first):
        raise ConfigError(f"{place}.last: {table.last} is less than the first number; swap them")
    if table.since and table.until and table.since > table.until:
        raise ConfigError(f"{place}: since: {table.since} is after until {table.until}; swap them")


def _check_filled(text: str, place: str, known: str = "{date:…}, {page}, {next}, {number}") -> None:
    day = date(2000, 1, 1)
    try:
        text.format(date=day, page=1, next=2, number=1, since=day, until=day)
    except (KeyError, ValueError, IndexError, AttributeError) as error:
        raise ConfigError(f"{place}: {error} cannot be filled in; use {known}") from error


def _check_targets(settings: Settings, sources: tuple[Source, ...], path: Path) -> None:
    declared = {source.id for source in sources}
    for number, target in enumerate(settings.notify):
        for name in target.sources:
            if name not in declared:
                known = ", ".join(sorted(declared))
                raise ConfigError(f"{path}: notify[{number}].sources: {name!r} is not declared; known are {known}")


def _check_together(sources: tuple[Source, ...], files: list[Path]) -> None:
    ids: dict[str, Path] = {}
    hosts: dict[str, Path] = {}
    for source, path in zip(sources, files, strict=True):
        if source.id in ids:
            raise ConfigError(f"{path}: id: {source.id!r} is declared in {ids[source.id]} already; choose another id")
        ids[source.id] = path
        for host in source.hosts:
            if host in hosts:
                raise ConfigError(f"{path}: hosts: {host} belongs to {hosts[host]} already; a host has one source")
            hosts[host] = path
    for source, path in zip(sources, files, strict=True):
        if path.stem != source.id:
            raise ConfigError(f"{path}: id: {source.id!r} is not the file's name; rename it to {source.id}.toml")
