"""Bare httpx: read every page and drop it. The floor of whatever is built upon it."""

from __future__ import annotations

import httpx

from benchmarks.contenders.errand import errand


def main() -> None:
    """Fetch all pages, one after another."""
    base, paths, _ = errand()
    with httpx.Client() as client:
        for path in paths:
            client.get(f"{base}{path}").raise_for_status()


if __name__ == "__main__":
    main()
