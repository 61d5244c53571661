"""Opening the catalogue's database, and transactions that speak the program's errors.

Hides SQLAlchemy's engine, SQLite's pragmas and both databases' ways of failing.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import ClauseElement, Connection, Engine, Table, create_engine, event, func, insert, inspect, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import PoolProxiedConnection, QueuePool

from scraper.catalogue.tables import DERIVED, OPERATIONAL, SCHEMA_VERSION, metadata, schema
from scraper.errors import CatalogueError, ConfigError

_BUSY_MILLISECONDS = 30_000
_SWITCHES = 20
_SPOILT = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_MAKING_TABLES = 7_264_310
"""The advisory lock under which tables are made; any number that nobody else uses."""

_PASSWORD = re.compile(r":[^:/@]+(?=@)")

Values = Mapping[str, Any]
"""The parameters of a statement, or a row, by their names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spelled:
    """A statement in one database's own words. `places` are the parameters in the order of its question marks, if any."""

    text: str
    places: tuple[str, ...] | None

    def arguments(self, values: Values) -> Values | list[Any]:
        """The values as the driver takes them."""
        return values if self.places is None else [values[name] for name in self.places]


class Direct:
    """A transaction past SQLAlchemy, for the few statements that every page needs (`Database.direct`).

    Those are built once, and put into the database's words once. SQLAlchemy takes five times as long over each of them as
    the database itself. All parameters have names, and a row that is added is whole.
    """

    def __init__(
        self, driver: Any, spelled: Callable[[ClauseElement], _Spelled], new: Mapping[Table, ClauseElement]
    ) -> None:
        self._driver = driver
        self._spelled = spelled
        self._new = new

    def run(self, statement: ClauseElement, values: Values) -> Any:
        """Carry out one statement; gives the driver's cursor."""
        spelled = self._spelled(statement)
        return self._driver.execute(spelled.text, spelled.arguments(values))

    def first(self, query: ClauseElement, values: Values) -> dict[str, Any] | None:
        """The first row of a query, by the names of its columns; None where there is none."""
        cursor = self.run(query, values)
        row = cursor.fetchone()
        return (
            None if row is None else {column[0]: value for column, value in zip(cursor.description, row, strict=True)}
        )

    def add(self, table: Table, row: Values) -> bool:
        """Insert one row, unless there is one under the same key already; whether it was written."""
        return bool(self.run(self._new[table], row).rowcount)


class Database:
    """One catalogue database; every thread may use it. Made by `open_database`."""

    def __init__(self, engine: Engine, name: str) -> None:
        self._engine = engine
        self._sqlite = engine.dialect.name == "sqlite"
        self._driver_error: type[Exception] = engine.dialect.loaded_dbapi.Error
        self._keeps = self._sqlite and isinstance(engine.pool, QueuePool)
        self._kept: list[PoolProxiedConnection] = []
        self._spellings: dict[ClauseElement, _Spelled] = {}
        self.name = name
        self.upsert = postgresql.insert if engine.dialect.name == "postgresql" else sqlite.insert
        # Made once: putting a statement together takes longer than carrying it out.
        self._new = {table: self.upsert(table).on_conflict_do_nothing() for table in metadata.sorted_tables}

    def add(self, connection: Connection, table: Table, new: Sequence[Values]) -> None:
        """Insert rows, leaving alone what is there already under the same keys."""
        known = self._new.get(table)
        connection.execute(self.upsert(table).on_conflict_do_nothing() if known is None else known, new)

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that writes: committed as a whole or not at all. CatalogueError where the database fails."""
        with self._transaction("BEGIN IMMEDIATE") as connection:
            yield connection

    @contextmanager
    def direct(self) -> Iterator[Direct]:
        """As `write`, for what every page needs: in about half the time, transaction and all."""
        with self._named_failures():
            pooled = self._taken()
            with ExitStack() as unless_committed:
                # The pool rolls back what was not committed.
                unless_committed.callback(pooled.close)
                driver: Any = pooled.driver_connection
                if self._sqlite:
                    driver.execute("BEGIN IMMEDIATE")
                yield Direct(driver, self._spelled, self._new)
                driver.commit()
                unless_committed.pop_all()
            self._given_back(pooled)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that only reads."""
        with self._transaction("BEGIN") as connection:
            yield connection

    def clear(self) -> None:
        """Empty every derived table, and write the schema anew; operational tables of today's form keep their rows."""
        with self.write() as connection:
            metadata.drop_all(connection, tables=[*DERIVED, *_of_another_form(connection), schema])
            metadata.create_all(connection)
            connection.execute(insert(schema).values(version=SCHEMA_VERSION))

    def dump(self, table: Table) -> list[tuple[Any, ...]]:
        """All rows of a table, ordered: what a rebuild is compared by."""
        with self.read() as connection:
            return sorted((tuple(row) for row in connection.execute(select(table))), key=repr)

    def close(self) -> None:
        """Close every connection."""
        while self._kept:
            self._kept.pop().close()
        self._engine.dispose()

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[Connection]:
        """A transaction; `begin` is how SQLite begins it (a read that turns into a write would fail at once when busy)."""
        with self._named_failures(), self._engine.begin() as connection:
            driver = connection.connection.driver_connection
            if self._sqlite and driver is not None:
                # Past SQLAlchemy, whose event for it makes every statement dearer.
                driver.execute(begin)
            yield connection

    def _taken(self) -> PoolProxiedConnection:
        try:
            return self._kept.pop()
        except IndexError:
            return self._engine.raw_connection()

    def _given_back(self, pooled: PoolProxiedConnection) -> None:
        """Keep one connection to SQLite's file at hand, which has one writer at a time; others belong to the pool.

        Going through the pool takes as long as a statement, three times a page. To a server it must be: it looks whether
        the connection is still alive.
        """
        if self._keeps and not self._kept:
            self._kept.append(pooled)
        else:
            pooled.close()

    def _spelled(self, statement: ClauseElement) -> _Spelled:
        known = self._spellings.get(statement)
        if known is None:
            compiled: Any = statement.compile(dialect=self._engine.dialect)
            places = tuple(compiled.positiontup) if compiled.positional else None
            known = self._spellings[statement] = _Spelled(text=str(compiled), places=places)
        return known

    @contextmanager
    def _named_failures(self) -> Iterator[None]:
        """CatalogueError for whatever the database, its driver or SQLAlchemy fail with."""
        try:
            yield
        except (DBAPIError, self._driver_error) as error:
            cause = error.orig if isinstance(error, DBAPIError) else error
            remedy = "check that it is reachable, writable and has room"
            if getattr(cause, "sqlite_errorcode", None) in _SPOILT:
                remedy = "check that its path is right; a catalogue that is damaged: move it away, then run `scraper rebuild`"
            raise CatalogueError(f"catalogue {self.name}: {_first_line(cause)}; {remedy}") from error
        except SQLAlchemyError as error:
            raise CatalogueError(f"catalogue {self.name}: {_first_line(error)}") from error


def open_database(url: str, *, check_schema: bool = True) -> Database:
    """Open (and where new, create) the catalogue at a SQLAlchemy URL.

    Errors: ConfigError for a URL that cannot be meant; CatalogueError where the database does not answer or is of
    another schema version (remedy: `scraper rebuild`, which opens it with `check_schema` false).
    """
    parsed = _parse(url)
    database = Database(_engine(parsed), parsed.render_as_string(hide_password=True))
    try:
        _prepare(database, check_schema=check_schema)
    except CatalogueError:
        database.close()
        raise
    return database


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise ConfigError(
            f"catalogue = {_PASSWORD.sub(':***', url)!r} is not a database URL; write e.g. sqlite:///archive/catalogue.sqlite3"
        ) from error
    if parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() not in ("sqlite", "postgresql"):
        raise ConfigError(
            f"catalogue = {parsed.render_as_string(hide_password=True)!r}: only sqlite and postgresql are supported"
        )
    return parsed


def _engine(url: URL) -> Engine:
    try:
        if url.get_backend_name() == "postgresql":
            return create_engine(url, pool_pre_ping=True)
        engine = create_engine(url, connect_args={"timeout": _BUSY_MILLISECONDS / 1000})
    except (NoSuchModuleError, ImportError) as error:
        raise ConfigError(
            f"catalogue {url.drivername}: {error}; write sqlite:// or postgresql://, and for the latter: pip install 'scraper[postgresql]'"
        ) from error
    _make_directory(url)
    event.listen(engine, "connect", _sqlite_connect)
    return engine


def _make_directory(url: URL) -> None:
    if not url.database or url.database == ":memory:":
        return
    try:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CatalogueError(
            f"catalogue {url.database}: {error.strerror}; choose a directory that can be written"
        ) from error


def _sqlite_connect(connection: sqlite3.Connection, _record: object) -> None:
    # Transactions are begun by `Database`, not by the driver.
    connection.isolation_level = None
    _write_ahead(connection)
    connection.execute("PRAGMA synchronous=NORMAL")


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Switch to the write-ahead log, which the busy timeout does not wait for where several programs do it at once."""
    for _ in range(_SWITCHES):
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            # A transaction waits for whoever holds the file now.
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")
        else:
            return
    connection.execute("PRAGMA journal_mode=WAL")


def _prepare(database: Database, *, check_schema: bool) -> None:
    with database.write() as connection:
        if connection.dialect.name == "postgresql":
            # Two programs that open a new catalogue at once would both make the tables (SQLite locks by itself).
            connection.execute(select(func.pg_advisory_xact_lock(_MAKING_TABLES)))
        metadata.create_all(connection, tables=[schema])
        found = connection.execute(select(schema.c.version)).scalar()
        if found is None:
            metadata.create_all(connection)
            connection.execute(insert(schema).values(version=SCHEMA_VERSION))
        elif found != SCHEMA_VERSION and check_schema:
            raise CatalogueError(
                f"catalogue {database.name} has schema version {found}, this program needs {SCHEMA_VERSION}: run `scraper rebuild`",
            )


def _of_another_form(connection: Connection) -> list[Table]:
    """The operational tables that another version of this program made with other columns: they can be lost, not used."""
    seen = inspect(connection)
    there = [table for table in OPERATIONAL if seen.has_table(table.name)]
    return [
        table
        for table in there
        if {column["name"] for column in seen.get_columns(table.name)} != set(table.columns.keys())
    ]


def _first_line(error: BaseException | None) -> str:
    lines = str(error).splitlines() or [type(error).__name__]
    return lines[0]
