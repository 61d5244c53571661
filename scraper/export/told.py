"""A change in words for people who are not looking at the archive: in a feed, or as a notification."""

from __future__ import annotations

from collections.abc import Iterator

from scraper.model import Change

_SHOWN = 600
"""Letters of the words that were changed: a message is no place for all of a text."""


def headline(change: Change) -> str:
    """One line: the outlet, what happened, and to what."""
    return f"{change.source}: {change.kind.value}: {change.title or change.url}"


def lines(change: Change) -> Iterator[str]:
    """What is to be known of it, a line each: where, when, how much, which words, by which captures, and its id."""
    yield change.url
    if change.other:
        yield f"other address: {change.other}"
    if change.detail:
        yield change.detail
    yield f"between {change.before_at:%Y-%m-%d %H:%M} and {change.after_at:%Y-%m-%d %H:%M} UTC"
    if change.operations:
        yield f"{change.words_removed} words removed, {change.words_added} added"
        marked = " ".join(_marked(change))
        yield marked if len(marked) <= _SHOWN else marked[:_SHOWN] + " …"
    if change.members:
        yield f"{len(change.members)} articles: scraper changes {change.source}"
    yield f"before: {change.before}"
    yield f"after: {change.after}"
    yield f"id: {change.id}"


def _marked(change: Change) -> Iterator[str]:
    for operation in change.operations:
        if operation.op != "equal":
            yield from (f"[-{operation.before}-]",) if operation.before else ()
            yield from (f"{{+{operation.after}+}}",) if operation.after else ()
