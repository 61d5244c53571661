"""The demo's configuration: an ordinary directory of TOML files that declares the three replica outlets.

Hides the templates in `config/`. What is written stays useful when the replica is gone: every other command works on
the archive with `--config`.
"""

from __future__ import annotations

import json
from pathlib import Path

_TEMPLATES = Path(__file__).parent / "config"


def write_config(directory: Path, address: str, *, archive: Path | None = None) -> tuple[Path, ...]:
    """Write scraper.toml and sources/*.toml into `directory`; returns the files written, over whatever was there.

    `address` is `Replica.address`, to which all hosts are resolved. Store and catalogue are put into `archive`, by
    default the directory `archive` beside `directory`, as absolute paths, so that commands work from anywhere.
    """
    place = (archive if archive is not None else directory.parent / "archive").absolute()
    filled = {
        '"ADDRESS"': json.dumps(address),
        '"STORE"': json.dumps((place / "store").as_uri()),
        '"CATALOGUE"': json.dumps(f"sqlite:///{place / 'catalogue.sqlite3'}", ensure_ascii=False),
    }
    written: list[Path] = []
    for template in (_TEMPLATES / "scraper.toml", *sorted((_TEMPLATES / "sources").glob("*.toml"))):
        text = template.read_text(encoding="utf-8")
        for blank, value in filled.items():
            text = text.replace(blank, value)
        target = directory / template.relative_to(_TEMPLATES)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        written.append(target)
    return tuple(written)
