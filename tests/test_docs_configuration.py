"""docs/configuration.md held against the program: every key and variable is there, with its true default, and no other."""

from __future__ import annotations

import re
import tomllib
from dataclasses import MISSING, fields
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from scraper.config import CdxSettings, S3Settings, SecondSettings, Settings
from scraper.config.environment import REPLICA_SECRETS, SECRETS, variables
from scraper.config.tables import (
    BackfillTable,
    CdxTable,
    DiscoverTable,
    NetworkTable,
    NotifyTable,
    OpeningTable,
    PolitenessTable,
    PostedTable,
    S3Table,
    SecondTable,
    SettingsTable,
    SourceTable,
    TimestampsTable,
)
from scraper.model import Authority, Backfill, Discovery, Network, Opening, Politeness, Posted, Source, Target

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
NOTHING = "–"
SECTIONS: list[tuple[str, type[BaseModel], type]] = [
    ("## scraper.toml", SettingsTable, Settings),
    ("### [[timestamps]]", TimestampsTable, Authority),
    ("### [[notify]]", NotifyTable, Target),
    ("### [s3]", S3Table, S3Settings),
    ("### [replica_s3]", S3Table, S3Settings),
    ("### [cdx]", CdxTable, CdxSettings),
    ("### [second]", SecondTable, SecondSettings),
    ("### [network]", NetworkTable, Network),
    ("## sources/*.toml", SourceTable, Source),
    ("### [[discover]]", DiscoverTable, Discovery),
    ("### [[backfill]]", BackfillTable, Backfill),
    ("### [[posted]]", PostedTable, Posted),
    ("### [opening]", OpeningTable, Opening),
    ("### [politeness]", PolitenessTable, Politeness),
]
SECONDS = {"gap", "max_gap", "connect_timeout", "read_timeout", "deadline", "retry_window", "index_gap", "replay_gap"}
TABLES = {
    "s3",
    "cdx",
    "replica_s3",
    "network",
    "second",
    "timestamps",
    "notify",
    "discover",
    "backfill",
    "posted",
    "opening",
    "politeness",
}


def rows(heading: str) -> dict[str, str]:
    """The keys of the table under a heading, with the second cell of each row."""
    _, found, rest = PAGE.partition(f"\n{heading}\n")
    assert found, heading
    section = re.split(r"\n#{2,3} ", rest)[0]
    return dict(re.findall(r"^\| `([^`]+)` \| (.+?) \|", section, re.MULTILINE))


def written(key: str, default: Any) -> str:
    """A default as the page shows it."""
    if default is None:
        return NOTHING
    if key == "max_bytes":
        return f'`"{default // 2**20}MiB"`'
    if isinstance(default, timedelta) or key in SECONDS:
        seconds = default.total_seconds() if isinstance(default, timedelta) else default
        return f'`"{seconds / 60:g}m"`' if seconds % 60 == 0 else f'`"{seconds:g}s"`'
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    if isinstance(default, tuple):
        return "`{}`" if key in {"resolve", "form"} else "`[]`"
    return f"`{default}`" if isinstance(default, int | float) else f'`"{default}"`'


def default_of(value: type, key: str) -> Any:
    """The default of a field of a frozen value; None where it has none."""
    default = next(field.default for field in fields(value) if field.name == key)
    return None if default is MISSING else default


@pytest.mark.parametrize(("heading", "table", "value"), SECTIONS, ids=[heading for heading, _, _ in SECTIONS])
def test_every_key_is_documented_with_its_default(heading: str, table: type[BaseModel], value: type) -> None:
    """The page's table has exactly the keys the program takes, each with the default it really has."""
    shown = rows(heading)
    expected = {key: written(key, default_of(value, key)) for key in table.model_fields if key not in TABLES}
    assert shown == expected


def test_every_variable_is_documented() -> None:
    """The page lists every variable that overrides a key, beside that key, and every secret."""
    shown = rows("## The environment")
    overriding = {name: ".".join(path) for name, path in variables().items()}
    assert {name: text.split("`")[1] for name, text in shown.items() if name in overriding} == overriding
    assert set(shown) - set(overriding) == {*SECRETS, *REPLICA_SECRETS, "SCRAPER_PROXY_<ID>", "SCRAPER_NOTIFY_<NAME>"}


def test_shipped_settings_show_the_defaults() -> None:
    """config/scraper.toml says nothing but the defaults, and mentions every key."""
    text = (ROOT / "config" / "scraper.toml").read_text(encoding="utf-8")
    shipped = tomllib.loads(text)
    for table, value, data in (
        (SettingsTable, Settings(), {**shipped, "upkeep": timedelta(hours=1)}),
        (S3Table, S3Settings(), shipped["s3"]),
        (CdxTable, CdxSettings(), {**shipped["cdx"], "index_gap": 2.5, "replay_gap": 0.125}),
        (NetworkTable, Network(), shipped["network"]),
        (SecondTable, SecondSettings(), shipped["second"]),
        (TimestampsTable, Authority(url=""), {}),
        (NotifyTable, Target(name=""), {}),
    ):
        for key in table.model_fields:
            assert re.search(rf"^(?:# )?{key} = |^(?:# \[)?\[(?:network\.)?{key}\]", text, re.MULTILINE), key
            if key in data and key not in {"s3", "replica_s3", "cdx", "network", "second", "resolve"}:
                assert data[key] == getattr(value, key)
