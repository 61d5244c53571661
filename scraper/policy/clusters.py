"""Which addresses are of one article: by the outlet's own key, else by date, title and text.

Hides the rules (docs/sources.md, "Identity"). Addresses in, clusters out, of one source at a time; equal sets of addresses give equal
clusters, in whatever order they come.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from scraper.parse.identity import own, scheme
from scraper.parse.text import fold, text_sha256

_Printing = tuple[str, str, str | None, str]
"""Outlet, language, day and digest of a text."""
_Joint = str | _Printing
"""What links are tied to: a name, or a printing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """One text as one snapshot of one address holds it, first and last seen at these times.

    `day` is the day it is published on; `snapshot` is the digest of the page.
    """

    outlet: str
    language: str
    day: str | None
    title: str
    text_sha256: str
    snapshot: str
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """One address of a source, as far as telling articles needs it.

    `identity` is that of `parse.identity`. `part` names the article where this address showed several, at once or one after
    the other (`lineages`); it is empty for the only or first one. `texts` are those of the article, in order of time; none
    where nothing was read. `led_to` are the keys of the addresses at which a redirect from here ended on a good page.
    """

    key: str
    url: str
    identity: str
    first_seen_at: datetime
    part: str = ""
    texts: tuple[Text, ...] = ()
    led_to: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """What this address calls its article: the outlet's own key where it holds one, else itself."""
        return (self.identity if own(self.identity) else self.key) + (f"#{self.part}" if self.part else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """One article: all its addresses, the one seen first being first.

    `id` is the name of that address, so a later address never changes it; evidence of an earlier one does. Every name an
    address ever had goes on leading to its cluster.
    """

    id: str
    addresses: tuple[Address, ...]


def clusters(addresses: Iterable[Address]) -> tuple[Cluster, ...]:
    """The articles of some addresses of one source, by their ids.

    Addresses with one name of the outlet's are one article. So are those that showed the same text under the same date, in
    one language, of one outlet; and those that a redirect joins, unless they show different articles. Two names of one way
    of numbering are never one article: what would join them joins nothing of theirs.
    """
    units: dict[str, list[Address]] = defaultdict(list)
    for address in addresses:
        units[address.name].append(address)
    links = list(_links(units))
    found: list[set[str]] = []
    for names in _joined(units, links):
        if _consistent(names):
            found.append(names)
        else:
            plain = {name for name in names if not _numbered(name)}
            found.extend({name} for name in names - plain)
            found.extend(_joined(plain, links))
    return tuple(sorted((_cluster(each for name in names for each in units[name]) for names in found), key=_id))


def lineages(texts: Iterable[Text], alike: Callable[[Text, Text], bool]) -> tuple[tuple[Text, ...], ...]:
    """The texts of one address, given in order of time, article by article: an address may be given to another article.

    A text goes on from an article that showed it before, else from the last one whose newest text is `alike` (an edit);
    else it is of an article of its own.
    """
    found: list[list[Text]] = []
    for text in texts:
        same = (each for each in found if any(text.text_sha256 == one.text_sha256 for one in each))
        edited = (each for each in reversed(found) if alike(each[-1], text))
        line = next(same, None) or next(edited, None)
        if line is None:
            found.append([text])
        else:
            line.append(text)
    return tuple(tuple(each) for each in found)


def comparable(text: Text) -> bool:
    """Whether a text can tell its article from others: it has a date and a body (galleries have a title only)."""
    return text.day is not None and text.text_sha256 != text_sha256(text.title, ())


def _id(cluster: Cluster) -> str:
    return cluster.id


def _cluster(addresses: Iterable[Address]) -> Cluster:
    ordered = tuple(sorted(addresses, key=lambda item: (item.first_seen_at, item.key, item.part)))
    return Cluster(id=ordered[0].name, addresses=ordered)


def _numbered(name: str) -> bool:
    return own(name) and "#" not in name


def _consistent(names: Iterable[str]) -> bool:
    """Whether no way of numbering has given the article two numbers."""
    numbers = {(scheme(name), name.rpartition(":")[2]) for name in names if _numbered(name)}
    return len(numbers) == len({way for way, _ in numbers})


def _links(units: dict[str, list[Address]]) -> Iterator[tuple[str, _Joint]]:
    """What joins names: the printings that each of them showed, and the redirects between them."""
    everything = [address for addresses in units.values() for address in addresses]
    at: dict[str, list[Address]] = defaultdict(list)
    printings: dict[_Printing, list[tuple[str, Text]]] = defaultdict(list)
    for address in everything:
        at[address.key].append(address)
        for text in address.texts:
            printings[text.outlet, text.language, text.day, text.text_sha256].append((address.name, text))
    for printing, shown in printings.items():
        if len(shown) > 1 and comparable(shown[0][1]):
            yield from ((name, printing) for name, _ in shown)
    for address in everything:
        for target in (each for key in address.led_to for each in at.get(key, ())):
            if _agree(address, target):
                yield address.name, target.name


def _agree(one: Address, other: Address) -> bool:
    """Whether what two addresses show may be one article: the same title or text, or nothing was ever read at one of them."""
    if not one.texts or not other.texts:
        return True
    shown = {mark for text in one.texts for mark in (text.text_sha256, fold(text.title))}
    return any(mark in shown for text in other.texts for mark in (text.text_sha256, fold(text.title)))


def _joined(names: Iterable[str], links: Iterable[tuple[str, _Joint]]) -> list[set[str]]:
    """The names in sets: those that a chain of links joins, over none but these names, are in one."""
    parent: dict[_Joint, _Joint] = {name: name for name in names}

    def root(joint: _Joint) -> _Joint:
        while parent[joint] != joint:
            parent[joint] = joint = parent[parent[joint]]
        return joint

    for name, joint in links:
        if name in parent and (joint in parent or not isinstance(joint, str)):
            parent[root(parent.setdefault(joint, joint))] = root(name)
    found: dict[_Joint, set[str]] = defaultdict(set)
    for joint in parent:
        if isinstance(joint, str):
            found[root(joint)].add(joint)
    return list(found.values())
