"""What the command line lays over a configuration: `--resolve HOST[:PORT]=ADDRESS[:PORT]` and `--proxy URL`.

Hides how such an argument is read. Changes nothing: it returns another configuration.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from scraper.config.scalars import proxy_url, resolve_entry
from scraper.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scraper.config.values import Config
    from scraper.model import Network


def with_overrides(config: Config, *, resolve: Sequence[str] = (), proxy: str | None = None) -> Config:
    """The configuration with these mappings first, and this proxy instead, for every source and for the defaults.

    An empty `proxy` means no proxy at all. Raises UsageError naming the argument that cannot be read.
    """
    mappings = dict(_mapping(text) for text in resolve)
    if proxy:
        _checked_proxy(proxy)

    def changed(network: Network) -> Network:
        table = mappings | {host: address for host, address in network.resolve if host not in mappings}
        return replace(network, resolve=tuple(table.items()), proxy=network.proxy if proxy is None else proxy or None)

    sources = tuple(replace(source, network=changed(source.network)) for source in config.sources)
    settings = replace(config.settings, network=changed(config.settings.network))
    return replace(config, settings=settings, sources=sources)


def _mapping(text: str) -> tuple[str, str]:
    host, equals, address = text.partition("=")
    if not equals:
        raise UsageError(f"--resolve {text!r}: no '='; write HOST[:PORT]=ADDRESS[:PORT]")
    try:
        return resolve_entry(host.strip().lower(), address.strip())
    except ValueError as error:
        raise UsageError(f"--resolve {text!r}: {error}") from error


def _checked_proxy(text: str) -> None:
    try:
        proxy_url(text)
    except ValueError as error:
        raise UsageError(f"--proxy: {error}") from error
