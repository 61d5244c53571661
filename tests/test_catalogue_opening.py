"""Opening the catalogue: new and known databases, other schema versions, and every way it can be unreachable."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import insert, select, text, update

from scraper.catalogue.database import Database, open_database
from scraper.catalogue.pace import SharedPace
from scraper.catalogue.tables import DERIVED, OPERATIONAL, SCHEMA_VERSION, captures, cursors, schema
from scraper.catalogue.writing import add_capture, keep_cursor
from scraper.errors import CatalogueError, ConfigError
from tests.policy_support import NOON, capture

if TYPE_CHECKING:
    from tests.postgres_server import PostgresServer

pytest_plugins = ["tests.catalogue_databases"]

LATER = SCHEMA_VERSION + 1


def other_version(database: Database) -> None:
    """Leave the database as a later program would."""
    with database.write() as connection:
        connection.execute(update(schema).values(version=LATER))


def test_a_catalogue_outlives_its_connections(database: Database, database_url: str) -> None:
    """What one program wrote another reads; opening it again changes nothing."""
    add_capture(database, capture(), "i")
    again = open_database(database_url)
    assert again.dump(captures) == database.dump(captures)
    assert len(again.dump(captures)) == 1
    again.close()


def test_another_schema_version_names_the_remedy(database: Database, database_url: str) -> None:
    """A catalogue of another version is not touched; `scraper rebuild` opens it all the same and writes it anew."""
    add_capture(database, capture(), "i")
    keep_cursor(database, "walk", "here")
    other_version(database)
    with pytest.raises(
        CatalogueError, match=rf"has schema version {LATER}, .* needs {SCHEMA_VERSION}: run `scraper rebuild`"
    ):
        open_database(database_url)
    rebuilt = open_database(database_url, check_schema=False)
    assert len(rebuilt.dump(captures)) == 1
    rebuilt.clear()
    assert all(rebuilt.dump(table) == [] for table in DERIVED)
    assert rebuilt.dump(cursors) == [("walk", "here")]
    assert rebuilt.dump(schema) == [(SCHEMA_VERSION,)]
    rebuilt.close()
    open_database(database_url).close()


def test_an_operational_table_of_another_form_is_made_anew(database: Database) -> None:
    """A rebuild leaves no table that this program cannot use: one with other columns is emptied, the others keep their rows."""
    keep_cursor(database, "walk", "here")
    with database.write() as connection:
        connection.execute(text("ALTER TABLE host_clocks DROP COLUMN waiting"))
    other_version(database)
    database.clear()
    assert SharedPace(database).acquire("group", "me", NOON, NOON) is None
    assert database.dump(cursors) == [("walk", "here")]


def test_derived_and_operational_tables_are_all_tables() -> None:
    """Every table can either be rebuilt from the store or be lost; nothing else lives here."""
    assert {table.name for table in (*DERIVED, *OPERATIONAL, schema)} == set(schema.metadata.tables)


def test_a_write_is_whole_or_not_at_all(database: Database) -> None:
    """What fails in the middle leaves no row behind, and says so in one line."""

    def twice() -> None:
        with database.write() as connection:
            connection.execute(insert(cursors).values(name="a", position="1"))
            connection.execute(insert(cursors).values(name="a", position="2"))

    with pytest.raises(CatalogueError, match=r"check that it is reachable, writable and has room") as caught:
        twice()
    assert "\n" not in str(caught.value)
    assert "a" not in [row[0] for row in database.dump(cursors)]


def test_many_programs_may_open_a_new_catalogue_at_once(tmp_path: Path, postgres: PostgresServer) -> None:
    """Daemon and command line start together on an empty disk: nobody fails, and the tables are made once."""
    for url in (
        *(f"sqlite:///{tmp_path}/{n}.sqlite3" for n in range(15)),
        *(postgres.new_database() for _ in range(2)),
    ):
        start, failures = threading.Barrier(6), list[str]()

        def program(url: str = url, start: threading.Barrier = start, failures: list[str] = failures) -> None:
            start.wait()
            try:
                open_database(url).close()
            except CatalogueError as error:
                failures.append(str(error))

        programs = [threading.Thread(target=program) for _ in range(6)]
        for each in programs:
            each.start()
        for each in programs:
            each.join()
        assert failures == []


def test_text_sorts_by_its_bytes_in_postgresql(postgres: PostgresServer) -> None:
    """Record keys are compared as text: an operator's language must not change what comes first."""
    database = open_database(postgres.new_database())
    query = (
        "SELECT DISTINCT c.collname FROM pg_attribute a JOIN pg_class t ON t.oid = a.attrelid "
        "JOIN pg_collation c ON c.oid = a.attcollation WHERE t.relname = ANY(:names) AND a.attnum > 0"
    )
    with database.read() as connection:
        found = connection.execute(text(query), {"names": [table.name for table in DERIVED]}).scalars().all()
    database.close()
    assert found == ["C"]


@pytest.mark.parametrize(
    "url",
    [
        "",
        "catalogue.sqlite3",
        "mysql://scraper:s3cret@localhost/catalogue",
        "sqlite+unknown:///catalogue.sqlite3",
        "postgresql+unknown://localhost/catalogue",
        "postgresql://scraper:s3cret@localhost:port/catalogue",
        "postgresql:/scraper:s3cret@localhost/catalogue",
    ],
)
def test_urls_that_cannot_be_meant(url: str) -> None:
    """A mistake in the configuration is told as one, in one line, and a password in it is not repeated."""
    with pytest.raises(ConfigError, match=r"^catalogue ") as caught:
        open_database(url)
    assert "\n" not in str(caught.value)
    assert "s3cret" not in str(caught.value)


def test_databases_that_do_not_answer(tmp_path: Path) -> None:
    """A server that is down, a directory that is a file, a file that is no database: each a CatalogueError of one line."""
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "page.html").write_bytes(b"<html>" + b"no database " * 200)
    for url, said in (
        ("postgresql://scraper:s3cret@127.0.0.1:1/catalogue", "127.0.0.1"),
        (f"postgresql://scraper@/catalogue?host={tmp_path}", "postgresql"),
        (f"sqlite:///{tmp_path}/file/catalogue.sqlite3", "choose a directory that can be written"),
        (f"sqlite:///{tmp_path}/page.html", "not a database"),
        (f"sqlite:///{tmp_path}", "unable to open database file"),
    ):
        with pytest.raises(CatalogueError) as caught:
            open_database(url)
        assert said in str(caught.value)
        assert "\n" not in str(caught.value)
        assert "s3cret" not in str(caught.value)
        assert caught.value.exit_code == 3


def test_a_database_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    """A table `schema` that is not ours is a CatalogueError; nothing is written over it."""
    with sqlite3.connect(tmp_path / "other.sqlite3") as other:
        other.execute("CREATE TABLE schema (name TEXT)")
    other.close()
    with pytest.raises(CatalogueError, match="version"):
        open_database(f"sqlite:///{tmp_path}/other.sqlite3")
    with sqlite3.connect(tmp_path / "other.sqlite3") as other:
        tables = [name for (name,) in other.execute("SELECT name FROM sqlite_master")]
    other.close()
    assert tables == ["schema"]


def test_a_table_that_vanishes_is_told(tmp_path: Path) -> None:
    """What somebody else does to the database while the program runs is an error of the catalogue, not a crash."""
    database = open_database(f"sqlite:///{tmp_path}/catalogue.sqlite3")
    with database.write() as connection:
        connection.execute(text("DROP TABLE captures"))
    with pytest.raises(CatalogueError, match="no such table"), database.read() as connection:
        connection.execute(select(captures))
    database.close()
