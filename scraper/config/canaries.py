"""Frozen canaries: `canaries/<id>.toml` beside the sources, known pages and what must come of their archived bytes.

Hides TOML. They are no part of a source's declaration: records name that by its digest, and a canary changes nothing of how
a source is fetched.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, Field

from scraper.config import reading
from scraper.config.scalars import SourceId
from scraper.config.tables import STRICT
from scraper.errors import ConfigError
from scraper.model import Canary, FrozenArticle

DIRECTORY = "canaries"

Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Text = Annotated[str, Field(min_length=1)]

_HEAD = """# Pages of {source} whose reading is frozen: digests of what the parser must make of the archived bytes.
# Checked by `scraper check`, and before `scraper reparse` writes; made by `scraper canary add {source} URL`.
schema = 1
"""


class FrozenTable(BaseModel):
    """An article of a canary's page."""

    model_config = STRICT
    title_sha256: Digest
    text_sha256: Digest
    published: Text | None = None


class CanaryTable(BaseModel):
    """`[[canary]]`."""

    model_config = STRICT
    url: Text
    record: Text
    snapshot: Digest
    articles: list[FrozenTable]


class CanariesTable(BaseModel):
    """canaries/<id>.toml."""

    model_config = STRICT
    canary: list[CanaryTable] = []


def path_of(directory: Path, source: SourceId) -> Path:
    """The file of a source's canaries."""
    return directory / DIRECTORY / f"{source}.toml"


def canaries(directory: Path, source: str) -> tuple[Canary, ...]:
    """The canaries of a source, none where it has no file. ConfigError, in one line, where the file is no good."""
    path = path_of(directory, source)
    if not path.exists():
        return ()
    table = reading.validated(CanariesTable, reading.toml(reading.read_file(path), path), str(path))
    return tuple(
        Canary(
            url=each.url,
            record=each.record,
            snapshot=each.snapshot,
            articles=tuple(FrozenArticle(**one.model_dump()) for one in each.articles),
        )
        for each in table.canary
    )


def freeze(directory: Path, source: str, canary: Canary) -> Path:
    """Add a canary to its source's file, in place of an older one of the same address; returns the file.

    ConfigError where the directory cannot be written.
    """
    path = path_of(directory, source)
    kept = [each for each in canaries(directory, source) if each.url != canary.url]
    text = _HEAD.format(source=source) + "".join(_written(each) for each in (*kept, canary))
    try:
        path.parent.mkdir(exist_ok=True)
        # Beside it, and then in its place: on a full disk, or when killed, those that were frozen before are still there.
        new = path.with_suffix(".new")
        new.write_text(text, encoding="utf-8")
        new.replace(path)
    except OSError as error:
        raise ConfigError(
            f"{path}: cannot be written: {error.strerror}; `scraper init DIR` writes a configuration that can be edited"
        ) from error
    return path


def _written(canary: Canary) -> str:
    pairs = {"url": canary.url, "record": canary.record, "snapshot": canary.snapshot}
    lines = [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in pairs.items()]
    articles = ",\n".join(f"  {_inline(each)}" for each in canary.articles)
    return "\n[[canary]]\n" + "\n".join(lines) + f"\narticles = [\n{articles},\n]\n"


def _inline(article: FrozenArticle) -> str:
    pairs = {"title_sha256": article.title_sha256, "text_sha256": article.text_sha256, "published": article.published}
    return "{ " + ", ".join(f"{name} = {json.dumps(value)}" for name, value in pairs.items() if value) + " }"
