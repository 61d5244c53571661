"""Configuration: TOML files, the environment and the command line's overrides, checked before anything starts.

Hides TOML and pydantic. Everything after this room sees frozen values only; every error names file and key.
"""

from scraper.config.loading import init, joined, load, shipped
from scraper.config.overrides import with_overrides
from scraper.config.values import CdxSettings, Config, S3Settings, SecondSettings, Settings

__all__ = [
    "CdxSettings",
    "Config",
    "S3Settings",
    "SecondSettings",
    "Settings",
    "init",
    "joined",
    "load",
    "shipped",
    "with_overrides",
]
