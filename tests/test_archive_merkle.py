"""Merkle trees held against RFC 6962's own definition and against known answers."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.archive import merkle

KNOWN = {
    0: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    7: "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}
"""Roots of the first n of the leaves below, as the Certificate Transparency implementations test themselves with."""
LEAVES = [bytes.fromhex(text) for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657")] + [
    bytes(range(0x60, 0x70))
]


def defined(entries: Sequence[bytes]) -> bytes:
    """MTH(D[n]) as RFC 6962 §2.1 writes it."""
    if not entries:
        return hashlib.sha256().digest()
    if len(entries) == 1:
        return hashlib.sha256(b"\x00" + entries[0]).digest()
    split = 1
    while split * 2 < len(entries):
        split *= 2
    return hashlib.sha256(b"\x01" + defined(entries[:split]) + defined(entries[split:])).digest()


def root(entries: Sequence[bytes]) -> bytes:
    """The root that a tree makes of some entries."""
    tree = merkle.Tree()
    for entry in entries:
        tree.add(merkle.leaf(entry))
    assert tree.size == len(entries)
    return tree.root()


@pytest.mark.parametrize("size", KNOWN)
def test_roots_are_those_of_other_implementations(size: int) -> None:
    """Published roots come out."""
    assert root(LEAVES[:size]).hex() == KNOWN[size]


@given(st.lists(st.binary(max_size=4), max_size=70))
def test_the_root_is_the_one_defined(entries: list[bytes]) -> None:
    """For any number of leaves, the root grown leaf by leaf is the RFC's."""
    assert root(entries) == defined(entries)


@given(st.lists(st.binary(max_size=4), min_size=1, max_size=70), st.data())
def test_every_path_leads_to_the_root_and_no_other_leaf_does(entries: list[bytes], data: st.DataObject) -> None:
    """The path of each leaf leads to the root; from any other bytes it leads elsewhere."""
    index = data.draw(st.integers(0, len(entries) - 1))
    steps = merkle.path([merkle.leaf(entry) for entry in entries], index)
    assert len(steps) <= len(entries).bit_length()
    assert merkle.follow(merkle.leaf(entries[index]), steps) == root(entries)
    assert merkle.follow(merkle.leaf(entries[index] + b"x"), steps) != root(entries)


def test_a_node_cannot_be_passed_off_as_a_leaf() -> None:
    """Leaves and nodes are kept apart: two leaves do not make the same root as one leaf that holds their hashes."""
    two = [merkle.leaf(b"a"), merkle.leaf(b"b")]
    assert root([b"a", b"b"]) != root([two[0] + two[1]])


@pytest.mark.parametrize("index", [-1, 3])
def test_a_leaf_that_is_none_has_no_path(index: int) -> None:
    """An index outside the tree is an error, not a path."""
    with pytest.raises(IndexError):
        merkle.path([merkle.leaf(b"")] * 3, index)
