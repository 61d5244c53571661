"""The catalogue's databases for tests: whoever takes `database` runs on SQLite in a file and on a real PostgreSQL.

A test module gets the fixtures with `pytest_plugins = ["tests.catalogue_databases"]`.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from scraper.catalogue.database import Database, open_database

pytest_plugins = ["tests.postgres_server"]


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a new catalogue of each kind, in a directory that is not there yet where it is a file."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path_factory.mktemp('catalogue')}/new/catalogue.sqlite3"
    url: str = request.getfixturevalue("postgres").new_database()
    return url


@pytest.fixture(scope="session")
def shared_database(database_url: str) -> Iterator[Database]:
    """One open catalogue of each kind for the whole run; whoever takes it clears it."""
    opened = open_database(database_url)
    yield opened
    opened.close()


@pytest.fixture
def database(shared_database: Database) -> Database:
    """A catalogue that knows nothing derived."""
    shared_database.clear()
    return shared_database
