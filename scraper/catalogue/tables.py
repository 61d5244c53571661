"""The tables of the catalogue.

Hides column types: times are fixed-width ISO strings in UTC, so that they sort as text in every database; tuples and
articles are JSON. `DERIVED` can be rebuilt from the store, row for row; `OPERATIONAL` can be lost.
"""

from __future__ import annotations

from sqlalchemy import Column, Float, Index, Integer, MetaData, Table, Text

SCHEMA_VERSION = 1

metadata = MetaData()

captures = Table(
    "captures",
    metadata,
    Column("record", Text, primary_key=True),
    Column("source", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("method", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("observed_at", Text, nullable=False),
    Column("recorded_at", Text, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("judge", Text, nullable=False),
    Column("status", Integer),
    Column("failure", Text),
    Column("detail", Text),
    Column("sha256", Text),
    Column("size", Integer, nullable=False),
    Column("etag", Text),
    Column("last_modified", Text),
    Column("confirms", Text),
    Column("redirected_from", Text),
    Index("captures_by_locator", "source", "key", "observed_at"),
    Index("captures_by_role", "source", "role", "observed_at"),
    Index("captures_by_snapshot", "sha256"),
)

locators = Table(
    "locators",
    metadata,
    Column("source", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("url", Text, nullable=False),
    Column("identity", Text, nullable=False),
    Column("first_seen_at", Text, nullable=False),
    Column("next_visit_at", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("gone", Integer, nullable=False),
    Column("first_good_at", Text),
    Column("last_good_at", Text),
    Column("last_attempt_at", Text),
    Column("held", Text),
    Column("reason", Text, nullable=False),
    Index("locators_due", "source", "next_visit_at"),
    Index("locators_by_identity", "source", "identity", "held"),
)

sightings = Table(
    "sightings",
    metadata,
    Column("source", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("origin", Text, primary_key=True),
    Column("url", Text, nullable=False),
    Column("title", Text),
    Column("published", Text),
    Column("section", Text),
    Column("first_capture", Text),
    Column("first_seen_at", Text, nullable=False),
    Column("last_capture", Text),
    Column("last_seen_at", Text, nullable=False),
)

readings = Table(
    "readings",
    metadata,
    Column("source", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("sha256", Text, primary_key=True),
    Column("record", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("detail", Text),
    Column("layout", Text),
    Column("dated", Integer, nullable=False),
    Index("readings_by_outcome", "source", "outcome"),
)

articles = Table(
    "articles",
    metadata,
    Column("source", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("sha256", Text, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("article_key", Text, nullable=False),
    Column("outlet", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("published", Text),
    Column("text_sha256", Text, nullable=False),
    Column("parser", Text, nullable=False),
    Column("article", Text, nullable=False),
    Index("articles_by_day", "source", "published"),
    Index("articles_by_text", "text_sha256"),
)

host_clocks = Table(
    "host_clocks",
    metadata,
    Column("host_group", Text, primary_key=True),
    Column("owner", Text),
    Column("lease_until", Float, nullable=False),
    Column("next_allowed_at", Float, nullable=False),
    Column("stopped_until", Float, nullable=False),
    Column("stopped_why", Text),
)

cursors = Table(
    "cursors",
    metadata,
    Column("name", Text, primary_key=True),
    Column("position", Text, nullable=False),
)

schema = Table("schema", metadata, Column("version", Integer, primary_key=True))

DERIVED = (captures, locators, sightings, readings, articles)
OPERATIONAL = (host_clocks, cursors)
