"""A file that readers of it see whole or not at all."""

from __future__ import annotations

import os
import threading
from pathlib import Path

from scraper.errors import UsageError


def write(path: Path, text: str) -> None:
    """Put a text into a file, whole or not at all; UsageError where that cannot be."""
    beside = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}")
    try:
        beside.write_text(text, encoding="utf-8")
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise UsageError(
            f"cannot write {path}: {error.strerror}; name a file in a directory you may write to"
        ) from error
