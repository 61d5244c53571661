"""Merkle trees as in RFC 6962 §2.1: one digest for many records, and the short path that leads from one of them to it.

Hides how the nodes of a tree are paired. Leaves and nodes are hashed with different first bytes, so that neither can be
passed off as the other. All of it is SHA-256, and can be done by hand with `sha256sum`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

Path = tuple[tuple[str, bytes], ...]
"""From a leaf to the root: `left` or `right`, where the other node stands, and its hash."""

EMPTY = hashlib.sha256(b"").digest()
"""The root of a tree without leaves."""

_LEAF = b"\0"
_NODE = b"\1"


class Tree:
    """The root of a growing list of leaves; holds one hash for each bit of their number, however many there are."""

    def __init__(self) -> None:
        self.size = 0
        self._whole: list[bytes] = []  # roots of full subtrees, the largest first

    def add(self, leaf: bytes) -> None:
        """Append the hash of one more leaf."""
        self._whole.append(leaf)
        self.size += 1
        size = self.size
        while size % 2 == 0:
            right = self._whole.pop()
            self._whole.append(node(self._whole.pop(), right))
            size //= 2

    def root(self) -> bytes:
        """The hash of the tree as it is now."""
        if not self._whole:
            return EMPTY
        above = self._whole[-1]
        for left in reversed(self._whole[:-1]):
            above = node(left, above)
        return above


def leaf(data: bytes) -> bytes:
    """The hash of a leaf that holds `data`."""
    return hashlib.sha256(_LEAF + data).digest()


def node(left: bytes, right: bytes) -> bytes:
    """The hash of the node over two others."""
    return hashlib.sha256(_NODE + left + right).digest()


def path(leaves: Sequence[bytes], index: int) -> Path:
    """The way from one of some leaves (their hashes) to the root, the lowest step first. IndexError where it is none of them."""
    if not 0 <= index < len(leaves):
        raise IndexError(index)
    if len(leaves) == 1:
        return ()
    split = 1 << (len(leaves) - 1).bit_length() - 1  # the largest power of two that leaves something to the right
    if index < split:
        return (*path(leaves[:split], index), ("right", _root(leaves[split:])))
    return (*path(leaves[split:], index - split), ("left", _root(leaves[:split])))


def follow(start: bytes, steps: Path) -> bytes:
    """The root that a path leads to from the hash of a leaf."""
    at = start
    for side, other in steps:
        at = node(other, at) if side == "left" else node(at, other)
    return at


def _root(leaves: Iterable[bytes]) -> bytes:
    tree = Tree()
    for one in leaves:
        tree.add(one)
    return tree.root()
