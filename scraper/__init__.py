"""A scheduled scraper and archiver of state media: what it holds, what it lacks, and what was changed."""

__version__ = "0.1.0"
