"""The tables of the catalogue.

Hides column types: times are fixed-width ISO strings in UTC, so that they sort as text in every database, and all text
sorts by its bytes, whatever language a PostgreSQL was set up for; tuples and articles are JSON. `DERIVED` can be rebuilt from the store, row for row; `OPERATIONAL` can be lost.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Float, Index, Integer, MetaData, Table, Text, text

SCHEMA_VERSION = 4

_TEXT = Text().with_variant(Text(collation="C"), "postgresql")

_REDIRECTED = text("redirected_from IS NOT NULL")

metadata = MetaData()

captures = Table(
    "captures",
    metadata,
    Column("record", _TEXT, primary_key=True),
    Column("source", _TEXT, nullable=False),
    Column("key", _TEXT, nullable=False),
    Column("url", _TEXT, nullable=False),
    Column("method", _TEXT, nullable=False),
    Column("role", _TEXT, nullable=False),
    Column("reason", _TEXT, nullable=False),
    Column("kind", _TEXT, nullable=False),
    Column("channel", _TEXT, nullable=False),
    Column("vantage", _TEXT, nullable=False),
    Column("observed_at", _TEXT, nullable=False),
    Column("recorded_at", _TEXT, nullable=False),
    Column("verdict", _TEXT, nullable=False),
    Column("judge", _TEXT, nullable=False),
    Column("status", Integer),
    Column("failure", _TEXT),
    Column("detail", _TEXT),
    Column("sha256", _TEXT),
    Column("size", Integer, nullable=False),
    Column("etag", _TEXT),
    Column("last_modified", _TEXT),
    Column("confirms", _TEXT),
    Column("redirected_from", _TEXT),
    Column("payload_digest", _TEXT),
    Index("captures_by_locator", "source", "key", "observed_at"),
    Index("captures_by_role", "source", "role", "observed_at"),
    Index("captures_by_snapshot", "sha256"),
    # Only the few rows that came of a redirect.
    Index("captures_by_redirect", "redirected_from", sqlite_where=_REDIRECTED, postgresql_where=_REDIRECTED),
)

locators = Table(
    "locators",
    metadata,
    Column("source", _TEXT, primary_key=True),
    Column("key", _TEXT, primary_key=True),
    Column("url", _TEXT, nullable=False),
    Column("identity", _TEXT, nullable=False),
    Column("first_seen_at", _TEXT, nullable=False),
    Column("next_visit_at", _TEXT, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("gone", Integer, nullable=False),
    Column("first_good_at", _TEXT),
    Column("last_good_at", _TEXT),
    Column("last_attempt_at", _TEXT),
    Column("held", _TEXT),
    Column("reason", _TEXT, nullable=False),
    Column("published_at", _TEXT),
    Index("locators_due", "source", "next_visit_at"),
    Index("locators_by_identity", "source", "identity", "held"),
)

sightings = Table(
    "sightings",
    metadata,
    Column("source", _TEXT, primary_key=True),
    Column("key", _TEXT, primary_key=True),
    Column("origin", _TEXT, primary_key=True),
    Column("url", _TEXT, nullable=False),
    Column("title", _TEXT),
    Column("published", _TEXT),
    Column("section", _TEXT),
    Column("first_capture", _TEXT),
    Column("first_seen_at", _TEXT, nullable=False),
    Column("last_capture", _TEXT),
    Column("last_seen_at", _TEXT, nullable=False),
)

readings = Table(
    "readings",
    metadata,
    Column("source", _TEXT, primary_key=True),
    Column("key", _TEXT, primary_key=True),
    Column("sha256", _TEXT, primary_key=True),
    Column("record", _TEXT, nullable=False),
    Column("outcome", _TEXT, nullable=False),
    Column("detail", _TEXT),
    Column("layout", _TEXT),
    Column("dated", Integer, nullable=False),
    Index("readings_by_outcome", "source", "outcome"),
)

lists = Table(
    "lists",
    metadata,
    Column("source", _TEXT, primary_key=True),
    Column("key", _TEXT, primary_key=True),
    Column("sha256", _TEXT, primary_key=True),
    Column("origin", _TEXT, nullable=False),
    Column("shown", _TEXT, nullable=False),
    Column("earliest", _TEXT),
    Column("latest", _TEXT),
)

articles = Table(
    "articles",
    metadata,
    Column("source", _TEXT, primary_key=True),
    Column("key", _TEXT, primary_key=True),
    Column("sha256", _TEXT, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("article_key", _TEXT, nullable=False),
    Column("outlet", _TEXT, nullable=False),
    Column("language", _TEXT, nullable=False),
    Column("title", _TEXT, nullable=False),
    Column("published", _TEXT),
    Column("text_sha256", _TEXT, nullable=False),
    Column("compared", _TEXT, nullable=False),
    Column("original_key", _TEXT),
    Column("parser", _TEXT, nullable=False),
    Column("article", _TEXT, nullable=False),
    Index("articles_by_day", "source", "published"),
    Index("articles_by_text", "source", "text_sha256", "published", "key"),
    Index("articles_by_original", "original_key"),
)

host_clocks = Table(
    "host_clocks",
    metadata,
    Column("host_group", _TEXT, primary_key=True),
    Column("owner", _TEXT),
    Column("lease_until", Float, nullable=False),
    Column("next_allowed_at", Float, nullable=False),
    Column("stopped_until", Float, nullable=False),
    Column("stopped_why", _TEXT),
    Column("day", _TEXT, nullable=False),
    Column("requests", Integer, nullable=False),
    Column("wire_bytes", BigInteger, nullable=False),
    Column("gap", Float, nullable=False),
    Column("slowed", Float, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("openings", Integer, nullable=False),
    Column("open_until", Float, nullable=False),
    Column("waiting", _TEXT, nullable=False),
)

cursors = Table(
    "cursors",
    metadata,
    Column("name", _TEXT, primary_key=True),
    Column("position", _TEXT, nullable=False),
)

queue = Table(
    "queue",
    metadata,
    Column("source", _TEXT, primary_key=True),
    Column("key", _TEXT, primary_key=True),
    Column("cause", _TEXT, nullable=False),
    Column("queued_at", _TEXT, nullable=False),
)

notices = Table(
    "notices",
    metadata,
    Column("target", _TEXT, primary_key=True),
    Column("change", _TEXT, primary_key=True),
    Column("found_at", _TEXT, nullable=False),
    Column("title", _TEXT, nullable=False),
    Column("body", _TEXT, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_at", _TEXT, nullable=False),
    Column("sent_at", _TEXT),
    Index("notices_due", "target", "sent_at", "next_at"),
)

targets = Table(
    "targets",
    metadata,
    Column("target", _TEXT, primary_key=True),
    Column("begun_at", _TEXT, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("next_at", _TEXT, nullable=False),
    Column("failing", _TEXT),
)

schema = Table("schema", metadata, Column("version", Integer, primary_key=True))

shared_addresses = Table(
    "shared_addresses",
    MetaData(),
    Column("address", _TEXT, primary_key=True),
    Column("article", _TEXT, nullable=False),
    Index("shared_addresses_by_article", "article", "address"),
    prefixes=["TEMPORARY"],
)
"""Which addresses stand for one article under several names, while somebody asks: gone with the transaction that made it."""

DERIVED = (captures, locators, sightings, readings, lists, articles)
OPERATIONAL = (host_clocks, cursors, queue, notices, targets)
