import hashlib
import struct

import pymerkle
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coordination.merkle import EMPTY_ROOT, Frontier, leaf_hash
from tests.given import root_of

SIZES = [*range(18), 31, 32, 33, 63, 64, 65, 127, 128, 129, 255, 256, 257, 1000]


def row(number: int) -> tuple[int, int, str, int, str, bytes]:
    """Return what the leaf of one event binds."""
    return number + 1, 10 + number, f"区/{number % 3}", number, "a.b.1", b"x" * number


def spelled_out(
    seq: int, recorded_us: int, stream: str, version: int, name: str, stored: bytes
) -> bytes:
    """Write down the bytes under a leaf once more, by the description."""
    where, what = stream.encode(), name.encode()
    return (
        b"PZL1"
        + struct.pack(">Q", seq)
        + struct.pack(">q", recorded_us)
        + struct.pack(">H", len(where))
        + where
        + struct.pack(">Q", version)
        + struct.pack(">H", len(what))
        + what
        + hashlib.sha256(stored).digest()
    )


@pytest.mark.parametrize("size", SIZES)
def test_roots_are_those_of_another_implementation(size):
    """Roots and leaves are what pymerkle makes of the same entries."""
    oracle = pymerkle.InmemoryTree(algorithm="sha256")
    frontier = Frontier()
    for number in range(size):
        oracle.append_entry(spelled_out(*row(number)))
        leaf = leaf_hash(*row(number))
        assert oracle.get_leaf(number + 1) == leaf
        frontier.append(leaf)
    assert frontier.size == size
    assert frontier.root() == oracle.get_root()


def test_the_empty_tree_has_the_root_of_no_bytes():
    """RFC 6962: the hash of an empty list is the hash of an empty string."""
    assert Frontier().root() == EMPTY_ROOT == hashlib.sha256(b"").digest()


def test_inner_nodes_bear_their_own_prefix():
    """A leaf can never be passed off as an inner node."""
    left, right = b"l" * 32, b"r" * 32
    pair = Frontier()
    pair.append(left)
    pair.append(right)
    assert pair.root() == hashlib.sha256(b"\1" + left + right).digest()


@given(st.lists(st.binary(min_size=32, max_size=32), max_size=40), st.data())
@settings(deadline=None)
def test_a_frontier_continues_where_it_was_put_away(leaves, data):
    """Packed after any leaf and read back, it grows to the same root."""
    cut = data.draw(st.integers(0, len(leaves)))
    before = Frontier()
    for leaf in leaves[:cut]:
        before.append(leaf)
    after = Frontier.unpack(before.size, before.pack())
    for leaf in leaves[cut:]:
        after.append(leaf)
    assert after.root() == root_of(leaves)


CHANGED = [
    ("seq", 0, 2),
    ("time", 1, 11),
    ("stream", 2, "区/x"),
    ("version", 3, 1),
    ("name", 4, "a.b.2"),
    ("bytes", 5, b"y"),
]


@pytest.mark.parametrize(
    ("at", "value"), [pytest.param(a, v, id=name) for name, a, v in CHANGED]
)
def test_a_leaf_binds_each_of_its_six_things(at, value):
    """No field can change and leave the leaf as it was."""
    changed = list(row(0))
    changed[at] = value
    assert leaf_hash(*changed) != leaf_hash(*row(0))


def test_neighbouring_fields_cannot_be_shifted():
    """Length prefixes keep stream and name apart."""
    assert leaf_hash(1, 1, "ab", 1, "c", b"") != leaf_hash(1, 1, "a", 1, "bc", b"")
