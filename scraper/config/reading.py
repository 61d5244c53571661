"""From a file's bytes to a table that was found good, or to one line that says what to mend.

Hides TOML and pydantic's way of telling errors. Every error is a ConfigError of one line: place, key, what is wrong,
what to do.
"""

from __future__ import annotations

import tomllib
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from scraper.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydantic_core import ErrorDetails

SCHEMA = 1
_SHOWN = 60

Table = TypeVar("Table", bound=BaseModel)


def read_file(path: Path) -> bytes:
    """The bytes of a configuration file; ConfigError where it is missing or may not be read."""
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise ConfigError(f"{path}: missing; `scraper init DIR` writes a whole configuration to edit") from error
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}; check the path and its permissions") from error


def toml(raw: bytes, path: Path) -> dict[str, object]:
    """The keys of a TOML file of our schema, without `schema` itself; a malformed file is named with its line."""
    try:
        data: dict[str, object] = tomllib.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{path}: not UTF-8 (at line {line}); save the file as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: malformed TOML: {_flat(str(error))}; mend that line") from error
    if "schema" not in data:
        raise ConfigError(f"{path}: schema: missing; add `schema = {SCHEMA}` as the first line")
    schema = data.pop("schema")
    if schema != SCHEMA or isinstance(schema, bool):
        raise ConfigError(
            f"{path}: schema: {schema!r} is not known to this program, which reads {SCHEMA}; upgrade it, or start "
            "from a fresh `scraper init DIR`"
        )
    return data


def validated(table: type[Table], data: dict[str, object], place: str) -> Table:
    """The table those keys make; the first error, with the number of further ones, as one ConfigError."""
    try:
        return table.model_validate(data)
    except ValidationError as error:
        first, *others = error.errors(include_url=False)
        more = f" (and {len(others)} more)" if others else ""
        raise ConfigError(f"{place}: {dotted(first['loc'])}: {_reason(first, table)}{more}") from error


def dotted(location: Sequence[str | int]) -> str:
    """A key as it would be spoken of: `politeness.gap`, `discover[0].url`."""
    text = ""
    for part in location:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text.removeprefix(".")


def inner(annotation: object) -> type[BaseModel] | None:
    """The table an annotation holds, itself or as the items of a list; None for a scalar."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for each in get_args(annotation) if (found := inner(each)) is not None), None)


def _reason(error: ErrorDetails, table: type[BaseModel]) -> str:
    key = str(error["loc"][-1])
    match error["type"]:
        case "extra_forbidden":
            return _unknown(key, _keys_beside(error["loc"], table))
        case "missing":
            return f"missing; add `{key} = …` (docs/configuration.md tells what it means)"
        case "value_error":
            return str(error["ctx"]["error"])
        case "string_too_short" | "too_short" | "too_long":
            return f"{_flat(error['msg'])}; it has {_shown(error['input'])}"
        case _:
            message = _flat(error["msg"]).removeprefix("Input ")
            return f"{message}, not {_shown(error['input'])}"


def _unknown(key: str, known: list[str]) -> str:
    if key in {"access_key", "secret_key"}:
        return f"secrets come from the environment alone; take it out and set SCRAPER_S3_{key.upper()}"
    near = get_close_matches(key, known, n=1)
    hint = f"did you mean '{near[0]}'?" if near else f"known are {', '.join(known)}"
    return f"unknown key ({hint})"


def _keys_beside(location: Sequence[str | int], table: type[BaseModel]) -> list[str]:
    """The keys that could stand where an unknown one stands."""
    current = table
    for part in location[:-1]:
        if isinstance(part, str):
            current = inner(current.model_fields[part].annotation) or current
    return ["schema", *current.model_fields] if current is table else list(current.model_fields)


def _shown(value: object) -> str:
    text = _flat(repr(value))
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def _flat(text: str) -> str:
    return " ".join(text.split())
