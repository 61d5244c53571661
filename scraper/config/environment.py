"""`SCRAPER_<KEY>` of the environment laid over scraper.toml, and the secrets, which come from nowhere else.

Hides how names of variables follow from keys: `SCRAPER_` and the key in capitals, its dots as underscores.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, get_args

from scraper.config.reading import dotted, inner, validated
from scraper.config.tables import SettingsTable
from scraper.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pydantic import BaseModel

PREFIX = "SCRAPER_"
PROXY_PREFIX = "SCRAPER_PROXY_"
NOTIFY_PREFIX = "SCRAPER_NOTIFY_"
SECRETS = ("SCRAPER_S3_ACCESS_KEY", "SCRAPER_S3_SECRET_KEY")
REPLICA_SECRETS = ("SCRAPER_REPLICA_S3_ACCESS_KEY", "SCRAPER_REPLICA_S3_SECRET_KEY")
_FALLBACKS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
_TRUTHS = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
_NEAR = 0.8


def variables() -> dict[str, tuple[str, ...]]:
    """Every variable that overrides a scalar of scraper.toml, with the path of its key."""
    return {PREFIX + "_".join(path).upper(): path for path, _ in _scalars(SettingsTable)}


def overlay(data: dict[str, object], environ: Mapping[str, str]) -> dict[str, object]:
    """scraper.toml's keys with the environment's over them; an empty variable counts as not set.

    Raises ConfigError for a value of the wrong type, and for a variable that looks like a misspelt one.
    """
    _refuse_misspelt(environ)
    merged = {key: dict(value) if isinstance(value, dict) else value for key, value in data.items()}
    for path, kind in _scalars(SettingsTable):
        name = PREFIX + "_".join(path).upper()
        if not environ.get(name):
            continue
        value = _typed(environ[name], kind)
        _check(path, value, name)
        target = merged
        for part in path[:-1]:
            inner_table = target.setdefault(part, {})
            assert isinstance(inner_table, dict)
            target = inner_table
        target[path[-1]] = value
    return merged


def secrets(environ: Mapping[str, str], ours: tuple[str, str] = SECRETS) -> tuple[str | None, str | None]:
    """The S3 access key and secret key, ours before Amazon's names; (None, None) where there are none."""
    for names in (ours, _FALLBACKS):
        values = tuple(environ.get(name) or None for name in names)
        if all(values):
            return values[0], values[1]
        if any(values):
            lacking = names[0] if values[0] is None else names[1]
            raise ConfigError(f"environment: {lacking}: missing beside its other half; set both or neither")
    return None, None


def proxy_of(source_id: str, environ: Mapping[str, str]) -> tuple[str, str | None]:
    """The variable that sets one source's proxy, and its value: the place for a proxy with a password."""
    name = PROXY_PREFIX + source_id.upper().replace("-", "_")
    return name, environ.get(name) or None


def addresses_of(target: str, environ: Mapping[str, str]) -> tuple[str, ...]:
    """The addresses of one who is told of changes: tokens and passwords are in them, so they are in no file."""
    return tuple(environ.get(NOTIFY_PREFIX + target.upper().replace("-", "_"), "").split())


def _scalars(table: type[BaseModel]) -> Iterator[tuple[tuple[str, ...], object]]:
    for name, field in table.model_fields.items():
        below = inner(field.annotation)
        if below is not None and get_args(field.annotation):
            continue  # a list of tables has no name for one of them
        if below is not None:
            yield from (((name, *path), kind) for path, kind in _scalars(below))
        elif not any(getattr(each, "__origin__", None) is dict for each in _flattened(field.annotation)):
            yield (name,), field.annotation


def _flattened(annotation: object) -> Iterator[object]:
    yield annotation
    for each in get_args(annotation):
        yield from _flattened(each)


def _typed(text: str, kind: object) -> object:
    """The text as the key's type; left as it is where it does not read as one, for the check to refuse."""
    kinds = set(_flattened(kind))
    if bool in kinds:
        return _TRUTHS.get(text.lower(), text)
    if int in kinds and text.isascii() and text.isdigit():
        return int(text)
    return text


def _check(path: tuple[str, ...], value: object, name: str) -> None:
    data: object = value
    for part in reversed(path):
        data = {part: data}
    assert isinstance(data, dict)
    try:
        validated(SettingsTable, data, "environment")
    except ConfigError as error:
        raise ConfigError(str(error).replace(f"environment: {dotted(path)}:", f"environment: {name}:", 1)) from error


def _refuse_misspelt(environ: Mapping[str, str]) -> None:
    """Only what is almost a name of ours: an orchestrator may well inject other SCRAPER_ variables."""
    known = [*variables(), *SECRETS, *REPLICA_SECRETS]
    for name in sorted(environ):
        if not name.startswith(PREFIX) or name in known or name.startswith((PROXY_PREFIX, NOTIFY_PREFIX)):
            continue
        near = get_close_matches(name.removeprefix(PREFIX), [each.removeprefix(PREFIX) for each in known], 1, _NEAR)
        if near:
            raise ConfigError(f"environment: {name}: unknown variable (did you mean {PREFIX}{near[0]}?)")
