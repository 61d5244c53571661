"""Everything that came from the web, kept for ever: bodies under their digest, one record per attempt, no delete.

Hides where objects live and how they are laid out (docs/archive-format.md is the norm).
"""

from scraper.archive.archive import Archive, open_archive, redact
from scraper.archive.store import S3Options, Store, open_store

__all__ = ["Archive", "S3Options", "Store", "open_archive", "open_store", "redact"]
